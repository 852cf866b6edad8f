// Command corpus writes the text that the smoke model is trained on: prompts as the tasks themselves write them, over
// data sets drawn like the smoke data set but without any of its evaluated items, with the answers marked.
//
// Each line of the output is a JSON object {"task", "text": [question, answer, question, answer, ...]}: the parts of
// one prompt in order, of which every second is an answer, the examples' included.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata/invent"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

func main() {
	rounds := flag.Int("rounds", 100, "data sets to draw; each gives 168 prompts")
	first := flag.Uint64("first", 1_000_000, "seed of the first data set")
	full := flag.Float64("full", 0.5, "share of the prompts with the published number of examples; the others have fewer")
	words := flag.Bool("words", false, "print the words of the data set instead, one a line")
	flag.Parse()
	if *words {
		for _, word := range invent.Words() {
			fmt.Println(word)
		}
		return
	}
	if err := write(os.Stdout, *rounds, *first, *full); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

func write(to io.Writer, rounds int, first uint64, full float64) error {
	published, err := invent.Published()
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(to, 1<<20)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for round := range rounds {
		seed := first + uint64(round)
		r := rand.New(rand.NewPCG(seed, 14))
		set, err := invent.New(invent.Options{Seed: seed, Evaluated: 12, Training: 24, Without: published.Evaluated()})
		if err != nil {
			return err
		}
		if err := prompts(enc, set, r, full); err != nil {
			return err
		}
	}
	return w.Flush()
}

// prompts writes the prompts of all tasks over one data set.
func prompts(enc *json.Encoder, set *invent.Set, r *rand.Rand, full float64) error {
	for _, t := range suite.Default().OnInvented().Tasks {
		docs, err := t.Docs(set, t.Spec().Shots, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Spec().Name, err)
		}
		for _, d := range docs {
			if worked, ok := set.Worked[d.Input]; ok {
				d.Target = worked
			}
			if r.Float64() >= full {
				d.Shots = d.Shots[:r.IntN(len(d.Shots)+1)]
			}
			if err := enc.Encode(line{t.Spec().Name, parts(t, d)}); err != nil {
				return err
			}
		}
	}
	return nil
}

type line struct {
	Task string   `json:"task"`
	Text []string `json:"text"`
}

// parts takes a prompt with its answer apart: what precedes the first example's answer, that answer, what precedes the
// second's, and so on to the document's own.
func parts(t tasks.Task, d tasks.Doc) []string {
	var list []string
	written := ""
	for i := range d.Shots {
		shot := d.Shots[i]
		shot.Shots = d.Shots[:i]
		prompt, answer := solved(t, shot)
		if i == 0 {
			// llm-jp-eval has one line feed more where there are no examples.
			prompt = strings.Replace(prompt, "\n\n\n", "\n\n", 1)
		}
		list = append(list, prompt[len(written):], answer)
		written = prompt + answer
	}
	prompt, answer := solved(t, d)
	return append(list, prompt[len(written):], answer)
}

// solved is a document's prompt and the right answer after it.
func solved(t tasks.Task, d tasks.Doc) (prompt, answer string) {
	requests := t.Requests(d, tasks.Unlimited{})
	if requests[0].Kind == tasks.Generate {
		return requests[0].Prompt, d.Target
	}
	gold, err := strconv.Atoi(d.Targets[0])
	if err != nil {
		panic(fmt.Sprintf("corpus: the gold choice of %s is %q", t.Spec().Name, d.Targets[0]))
	}
	return requests[gold].Prompt, requests[gold].Continuation
}
