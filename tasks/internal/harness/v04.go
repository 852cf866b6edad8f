package harness

import (
	"github.com/swallow-eval/swallow-eval/fewshot"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Source04 is where a task's definition lies in lm-eval 0.4.2, which the later profiles use.
func Source04(path string) string {
	return "EleutherAI/lm-evaluation-harness lm_eval/tasks/" + path + " @ 4600d6b (v0.4.2), as in swallow-llm/swallow-evaluation lm-evaluation-harness-en/ @ 635f5a8 (v202411.p1)"
}

// Version04 names lm-eval 0.4.2 in the signatures of metrics.
const Version04 = "lm-eval-0.4.2"

// Sampler is how a harness orders a task's documents and draws their examples.
type Sampler string

// The samplers. A task object of lm-eval 0.4.2 has a generator of its own, Random(1234), which draws a sample for one
// document after another in file order and nothing else, so that the split of the documents need not be shuffled. Of what was
// drawn the examples are those that do not equal the document, as many as asked for: there is none in their place.
// Sources: lm_eval/api/samplers.py and task.py of EleutherAI/lm-evaluation-harness at 4600d6b.
const (
	// Shuffled is the harness of 2023: one stream, seeded with 42, shuffles the documents and draws their examples.
	Shuffled Sampler = ""
	// PerTask draws as many as asked for.
	PerTask Sampler = "per-task"
	// PerTaskSpare draws one more. The harness does so where the examples come from the split of the documents, and its
	// test of that, fewshot_split == test_split, also holds where a task's file names neither.
	PerTaskSpare Sampler = "per-task, one to spare"
)

// fewshotSeed seeds the generators of lm-eval 0.4.2.
const fewshotSeed = 1234

// fileOrder returns chosen documents of those in file order, each with examples of pool.
func (s *Set) fileOrder(pool *Set, shots int, sampler Sampler, equal func(a, b tasks.Doc) bool, choose tasks.Choice) (docs []tasks.Doc, total int, err error) {
	draws := shots
	if sampler == PerTaskSpare && shots > 0 {
		draws++
	}
	ascending := func() []int { return tasks.Upto(len(s.rows)) }
	return s.arrange(shots, fewshot.New(fewshotSeed), ascending, func(r *fewshot.Random, d *tasks.Doc) error {
		if d != nil {
			d.Shots = nil
		}
		if draws == 0 {
			return nil
		}
		rows, err := r.Sample(len(pool.rows), draws)
		if err != nil {
			return pool.tooFew(draws)
		}
		if d == nil {
			return nil
		}
		drawn, err := pool.pick(rows)
		if err != nil {
			return err
		}
		for _, shot := range drawn {
			if len(d.Shots) < shots && (equal == nil || !equal(*d, shot)) {
				d.Shots = append(d.Shots, shot)
			}
		}
		return nil
	}, choose)
}
