package suite

import (
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/bbh"
	"github.com/swallow-eval/swallow-eval/tasks/gsm8k"
	"github.com/swallow-eval/swallow-eval/tasks/hellaswag"
	"github.com/swallow-eval/swallow-eval/tasks/humaneval"
	"github.com/swallow-eval/swallow-eval/tasks/internal/llmjp"
	"github.com/swallow-eval/swallow-eval/tasks/jcommonsenseqa"
	"github.com/swallow-eval/swallow-eval/tasks/jemhopqa"
	"github.com/swallow-eval/swallow-eval/tasks/jmmlu"
	"github.com/swallow-eval/swallow-eval/tasks/jsquad"
	"github.com/swallow-eval/swallow-eval/tasks/math"
	"github.com/swallow-eval/swallow-eval/tasks/mgsm"
	"github.com/swallow-eval/swallow-eval/tasks/mmlu"
	"github.com/swallow-eval/swallow-eval/tasks/niilc"
	"github.com/swallow-eval/swallow-eval/tasks/openbookqa"
	"github.com/swallow-eval/swallow-eval/tasks/squad2"
	"github.com/swallow-eval/swallow-eval/tasks/triviaqa"
	"github.com/swallow-eval/swallow-eval/tasks/wmt20"
	"github.com/swallow-eval/swallow-eval/tasks/xlsum"
	"github.com/swallow-eval/swallow-eval/tasks/xwino"
)

// edition is all by which the two later profiles differ: who answers, how llm-jp-eval reads an answer, and which of SQuAD2's numbers is
// the column. Their prompts are the same.
type edition struct {
	name, about string
	jp, en      tasks.Protocol
	llmjp       func() []tasks.Task
	squad2      string
	math        bool   // whether there is a column MATH
	reference   string // the table of published numbers
}

// laterTexts names the later profile under which the requests of both are on record.
const laterTexts = "swallow-202411"

// later is one of the two later profiles.
func later(e edition) tasks.Profile {
	p := tasks.Profile{
		Name: e.name, About: e.about, Reference: e.reference,
	}
	if e.name != laterTexts {
		p.SharesTexts = laterTexts
	}
	english := func(t tasks.Task, metric string) tasks.Task {
		return tasks.Under(t, tasks.Terms{Protocol: e.en, Metric: metric})
	}
	qa := e.llmjp()
	p.Tasks = append(p.Tasks, qa[:4]...)
	p.Tasks = append(p.Tasks,
		xlsum.Under(e.jp), mgsm.Under(e.jp),
		tasks.Under(wmt20.EnJa(), tasks.Terms{Protocol: e.jp}), tasks.Under(wmt20.JaEn(), tasks.Terms{Protocol: e.jp}),
		qa[4], humaneval.NewJA(),
		english(openbookqa.New04(), ""), english(triviaqa.New04(), ""), english(hellaswag.New04(), ""), english(squad2.New04(), e.squad2),
		english(xwino.New04(), ""), english(mmlu.New(), ""), english(gsm8k.New04(), ""),
	)
	if e.math {
		p.Tasks = append(p.Tasks, english(math.New(), ""))
	}
	p.Tasks = append(p.Tasks, english(bbh.New(), ""), humaneval.New())
	return p
}

// llmjp0411 are llm-jp-eval's tasks in the order of the columns, JMMLU last.
func llmjp0411() []tasks.Task {
	return []tasks.Task{jcommonsenseqa.New13(), jemhopqa.New13(), niilc.New13(), jsquad.New13(), jmmlu.New()}
}

// llmjp0407 are the same as v202407 reads their answers.
func llmjp0407() []tasks.Task {
	all := llmjp0411()
	for i, t := range all[:4] {
		all[i] = llmjp.Unstripped(t)
	}
	all[4] = jmmlu.Unstripped()
	return all
}
