// Package suite is the list of all tasks, profile by profile, and the choice among them.
//
// It promises the order of the published tables: whatever is asked for, and in whatever order, comes back in it.
package suite

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/nearest"
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

// Profiles returns the profiles of this build, the oldest first. Each is a literal: another one is one more.
func Profiles() []tasks.Profile {
	return []tasks.Profile{
		{
			Name:  "swallow-2023",
			About: "the tables of the Swallow model cards of Dec 2023 - Apr 2024: llm-jp-eval 1.1.1, JP harness 9b42d41 and EN harness 3ccea2b as in swallow-evaluation 570bf6a",
			Tasks: []tasks.Task{
				jcommonsenseqa.New(), jemhopqa.New(), niilc.New(), jsquad.New(), xlsum.New(), mgsm.New(), wmt20.EnJa(), wmt20.JaEn(),
				openbookqa.New(), triviaqa.New(), hellaswag.New(), squad2.New(), xwino.New(), gsm8k.New(),
			},
			SharedFraction: []tasks.Protocol{tasks.HarnessEN},
			Reference:      "swallow-2023",
		},
		later(edition{
			name:  "swallow-202407",
			about: "the tables of 2024 (Llama-3-Swallow): llm-jp-eval 1.3.0, JP harness 9b42d41 and lm-eval 0.4.2 as in swallow-evaluation v202407",
			jp:    tasks.HarnessJP, en: tasks.HarnessEN0407, llmjp: llmjp0407, squad2: "exact", reference: "swallow-2024",
		}),
		later(edition{
			name:  "swallow-202411",
			about: "the leaderboard since 2025: the prompts of swallow-202407 as swallow-evaluation v202411.p1 answers and scores them",
			jp:    tasks.HarnessJP0411, en: tasks.HarnessEN0411, llmjp: llmjp0411, squad2: "best_exact", math: true, reference: "leaderboard-1.0",
		}),
	}
}

// Default is the profile that serves where none is named: the first.
func Default() tasks.Profile { return Profiles()[0] }

// ErrUnknownProfile is returned, wrapped, where a name is no profile's.
var ErrUnknownProfile = errors.New("unknown profile")

// Find returns the profile of that name among ps. The error says which name was meant, or all there are.
func Find(ps []tasks.Profile, name string) (tasks.Profile, error) {
	var known []string
	for _, p := range ps {
		if p.Name == name {
			return p, nil
		}
		known = append(known, p.Name)
	}
	if near := nearest.Of(name, known); near != nil {
		return tasks.Profile{}, fmt.Errorf("%w %q, did you mean %s?", ErrUnknownProfile, name, strings.Join(near, " or "))
	}
	return tasks.Profile{}, fmt.Errorf("%w %q: this build has %s", ErrUnknownProfile, name, strings.Join(known, ", "))
}

func names(ts []tasks.Task) []string {
	all := make([]string, len(ts))
	for i, t := range ts {
		all[i] = t.Spec().Name
	}
	return all
}
