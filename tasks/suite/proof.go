package suite

import (
	"fmt"
	"iter"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Proof is a hash that somebody else's code gave for all requests of one kind of a task, and the setting under which
// ours must give the same. The hash of a setting without examples proves layout, order and records of the evaluated
// split; one with examples proves the draws too.
type Proof struct {
	Task  string
	Shots int
	Kind  tasks.Kind
	Form  tasks.ArgumentForm
	// Stop replaces the task's stop strings where the hash is older than they are.
	Stop []string
	// SHA256 is what tasks.ReferenceDigest must give.
	SHA256 string
	// Source says who recorded the hash.
	Source string
}

// recorded is the file of EleutherAI's own regression tests that holds a hash.
func recorded(name string) string {
	return "recorded by the harness's own tests, tests/testdata/" + name + " of EleutherAI/lm-evaluation-harness at 3ccea2b"
}

// executed marks hashes that the reference's code gave when it was run on the pinned files.
const executed = "given by the harness's code, EleutherAI/lm-evaluation-harness at 3ccea2b, run on the pinned files"

// Proofs returns the hashes that pinned files can be checked against. swallow-2023's other requests have no such hash:
// the fork's tests never covered its Japanese tasks, and llm-jp-eval has no such tests.
func Proofs() []Proof {
	return []Proof{
		{"openbookqa", 0, tasks.LogLikelihood, tasks.StopObject, nil,
			"78a49a0ca1a47373adb33463b1d092e6bc0d8f4b01bcb380ada48065037849d7", recorded("openbookqa-v0-loglikelihood")},
		{"openbookqa", 8, tasks.LogLikelihood, tasks.StopObject, nil,
			"131d321cf7952d1285a51a2b155c722678e019bd2e81c5bc166edb0486783f6e", executed},
		{"hellaswag", 0, tasks.LogLikelihood, tasks.StopObject, nil,
			"abb808c97d6529eda6c11067837a132c62d25cba0394d720f80cca6df9f7196e", recorded("hellaswag-v0-loglikelihood")},
		{"squad2", 0, tasks.LogLikelihood, tasks.StopObject, nil,
			"f5da6173402b274dc89130755c222c6ca6b2a3bacaaa4e4ab07be9322b7bad65", recorded("squad2-v1-loglikelihood")},
		{"squad2", 0, tasks.Generate, tasks.StopList, nil,
			"e17e3d85c1d5adaf2d6b4b752c4babc2e0b3a6e144e6de70cb3b2287e85109b8", recorded("squad2-v1-greedy_until")},
		{"gsm8k", 0, tasks.Generate, tasks.StopList, []string{"\n"},
			"e7292dbdd7fd8419ba954f2e0701e04c8d0e8842fe053dbf2fe47d926630e35e", recorded("gsm8k-v0-greedy_until")},
		{"gsm8k", 8, tasks.Generate, tasks.StopObject, nil,
			"c8a9dfede666ddbbd9f7100e0822b7cb1c48ebe49a50529ef027b57284333146", executed},
		{"wmt20-en-ja", 0, tasks.Generate, tasks.StopList, nil, "7fe61f5847a51e93e97c84b39f4420978727754e4b6cf636a27851c615857530", recorded("wmt20-en-ja-v0-greedy_until")},
		{"wmt20-ja-en", 0, tasks.Generate, tasks.StopList, nil, "1fd846f3c0104e794eb380dae7f648592092ab8bf59234c26d0a671bbbc28df1", recorded("wmt20-ja-en-v0-greedy_until")},
	}
}

// Check hashes the requests that src's records give under the proof's setting. got equals p.SHA256 where the proof
// holds.
func (p Proof) Check(t tasks.Task, src tasks.Source) (got string, err error) {
	if name := t.Spec().Name; name != p.Task {
		return "", fmt.Errorf("%s cannot prove %s", name, p.Task)
	}
	docs, err := t.Docs(src, p.Shots, tasks.Unlimited{})
	if err != nil {
		return "", err
	}
	return tasks.ReferenceDigest(p.requests(t, docs), p.Form), nil
}

// requests yields the requests of the proof's kind in evaluation order.
func (p Proof) requests(t tasks.Task, docs []tasks.Doc) iter.Seq[tasks.Request] {
	return func(yield func(tasks.Request) bool) {
		for _, d := range docs {
			for _, r := range t.Requests(d, tasks.Unlimited{}) {
				if r.Kind != p.Kind {
					continue
				}
				if p.Stop != nil {
					r.Stop = p.Stop
				}
				if !yield(r) {
					return
				}
			}
		}
	}
}
