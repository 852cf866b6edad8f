// Package suite is the list of all tasks, profile by profile, and the choice among them.
//
// It promises the order of the published tables: whatever is asked for, and in whatever order, comes back in it.
package suite

import (
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/gsm8k"
	"github.com/swallow-eval/swallow-eval/tasks/hellaswag"
	"github.com/swallow-eval/swallow-eval/tasks/jcommonsenseqa"
	"github.com/swallow-eval/swallow-eval/tasks/jemhopqa"
	"github.com/swallow-eval/swallow-eval/tasks/jsquad"
	"github.com/swallow-eval/swallow-eval/tasks/mgsm"
	"github.com/swallow-eval/swallow-eval/tasks/niilc"
	"github.com/swallow-eval/swallow-eval/tasks/openbookqa"
	"github.com/swallow-eval/swallow-eval/tasks/squad2"
	"github.com/swallow-eval/swallow-eval/tasks/triviaqa"
	"github.com/swallow-eval/swallow-eval/tasks/wmt20"
	"github.com/swallow-eval/swallow-eval/tasks/xlsum"
	"github.com/swallow-eval/swallow-eval/tasks/xwino"
)

// Options are what some tasks' metrics need from outside. A task without what it needs has a hole in place of metrics;
// its requests do not change.
type Options struct {
	// Pieces is the model's tokenize, which XL-Sum's ROUGE counts.
	Pieces func(text string) []string
	// Segment puts the words of a Japanese text between spaces, for BLEU into Japanese, and Segmenter names it.
	Segment   func(text string) string
	Segmenter string
	// Invented tells that the data set is not the benchmarks' own, so that JSQuAD cannot find the reference's examples
	// in it and takes the first of the training split.
	Invented bool
}

// Swallow2023 is the protocol of the two tables on the Swallow model cards of December 2023 to April 2024.
func Swallow2023(o Options) tasks.Profile {
	squad := jsquad.New()
	if o.Invented {
		squad = jsquad.NewForInvented()
	}
	ja := []tasks.Task{
		jcommonsenseqa.New(),
		jemhopqa.New(),
		niilc.New(),
		squad,
		xlsum.New(o.Pieces),
		mgsm.New(),
		wmt20.EnJa(o.Segment, o.Segmenter),
		wmt20.JaEn(),
	}
	en := []tasks.Task{
		openbookqa.New(),
		triviaqa.New(),
		hellaswag.New(),
		squad2.New(),
		xwino.New(),
		gsm8k.New(),
	}
	all := append(append([]tasks.Task{}, ja...), en...)
	return tasks.Profile{
		Name:  "swallow-2023",
		About: "the tables of the Swallow model cards of Dec 2023 - Apr 2024: llm-jp-eval 1.1.1, JP harness 9b42d41 and EN harness 3ccea2b as in swallow-evaluation 570bf6a",
		Tasks: all,
		Groups: map[string][]string{
			"ja-all": names(ja),
			"en-all": names(en),
			"all":    names(all),
		},
	}
}

func names(ts []tasks.Task) []string {
	all := make([]string, len(ts))
	for i, t := range ts {
		all[i] = t.Spec().Name
	}
	return all
}
