// Package swallow reads and writes the Swallow project's aggregated_result.json: a number a column, and nothing of how it
// came about.
package swallow

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// noNumber stands for a number that there is not (scripts/aggregate_result.py).
const noNumber = -1.0

// column is a column of the Swallow project's table.
type column struct {
	name string
	// mean lists the columns whose mean the column is.
	mean []string
	// ours says which of our numbers the column is: that of a task's metric. nil where it is none of ours.
	ours *ours
}

type ours struct {
	task string
	tasks.SwallowColumn
}

// table are the columns in their order: scripts/column-path-key.csv of swallow-llm/swallow-evaluation at 57c4ecd.
func table() []column {
	return []column{
		{name: "XLSUM_ja_1shot"},
		{name: "MATH (mgsm_ja)"},
		{name: "wmt20_en_ja_bleu"},
		{name: "wmt20_ja_en_bleu"},
		{name: "MC", mean: []string{"jcommonsenseqa"}},
		{name: "NLI", mean: []string{"jamp (NLI)", "janli (NLI)", "jnli", "jsem", "jsick (NLI)"}},
		{name: "QA", mean: []string{"jemhopqa", "niilc"}},
		{name: "RC", mean: []string{"jsquad"}},
		{name: "jamp (NLI)"},
		{name: "janli (NLI)"},
		{name: "jcommonsenseqa"},
		{name: "jemhopqa"},
		{name: "jnli"},
		{name: "jsem"},
		{name: "jsick (NLI)"},
		{name: "jsquad"},
		{name: "jsts_pearson"},
		{name: "jsts_spearman"},
		{name: "niilc"},
		{name: "jmmlu"},
		{name: "jmmlu_social_sciences"},
		{name: "jmmlu_humanities"},
		{name: "jmmlu_stem"},
		{name: "jmmlu_other"},
		{name: "jhumaneval@1"},
		{name: "jhumaneval@10"},
		{name: "jhumaneval_answer@10"},
		{name: "MT-Bench (ALL)"},
		{name: "writing"},
		{name: "roleplay"},
		{name: "reasoning"},
		{name: "math"},
		{name: "coding"},
		{name: "extraction"},
		{name: "stem"},
		{name: "humanities"},
		{name: "gsm8k"},
		{name: "squad2"},
		{name: "triviaqa"},
		{name: "hellaswag"},
		{name: "openbookqa"},
		{name: "xwinograd_en"},
		{name: "bbh_cot"},
		{name: "mmlu"},
		{name: "mmlu_social_sciences"},
		{name: "mmlu_humanities"},
		{name: "mmlu_stem"},
		{name: "mmlu_other"},
		{name: "humaneval@1"},
		{name: "humaneval@10"},
		{name: "humaneval_answer@10"},
		{name: "jhumaneval-unstripped@1"},
		{name: "jhumaneval-unstripped@10"},
		{name: "jhumaneval-unstripped_answer@10"},
		{name: "humaneval-unstripped@1"},
		{name: "humaneval-unstripped@10"},
		{name: "humaneval-unstripped_answer@10"},
		{name: "MT-Bench (ALL)_ja_char_ratio"},
		{name: "writing_ja_char_ratio"},
		{name: "roleplay_ja_char_ratio"},
		{name: "reasoning_ja_char_ratio"},
		{name: "math_ja_char_ratio"},
		{name: "coding_ja_char_ratio"},
		{name: "extraction_ja_char_ratio"},
		{name: "stem_ja_char_ratio"},
		{name: "humanities_ja_char_ratio"},
		{name: "mbpp_ja@1"},
		{name: "mbpp_ja@10"},
		{name: "mbpp_ja_answer@10"},
		{name: "mbpp@1"},
		{name: "mbpp@10"},
		{name: "mbpp_answer@10"},
		{name: "mt_bench_1st_turn"},
		{name: "mt_bench_2st_turn"},
		{name: "math_500"},
		{name: "gpqa_main_meta_llama3_cot_zeroshot"},
		{name: "squad2_best_exact"},
	}
}

// IsColumn says whether a name is that of a column of the table.
func IsColumn(name string) bool {
	return slices.ContainsFunc(table(), func(c column) bool { return c.name == name })
}

// columns is the table with what is ours. A task of the run that the table has no column for gets one of its own name
// behind it: a number is not dropped for want of a place.
func columns(ts []tasks.Task, r results.Run) []column {
	all := table()
	known := map[string]bool{}
	for _, t := range ts {
		spec := t.Spec()
		for _, c := range spec.Known().Swallow {
			if i := slices.IndexFunc(all, func(have column) bool { return have.name == c.Name }); i >= 0 {
				all[i].ours = &ours{spec.Name, c}
				known[spec.Name] = true
			}
		}
	}
	for _, s := range r.Scores {
		if !known[s.Task] {
			name := s.Task
			for slices.ContainsFunc(all, func(have column) bool { return have.name == name }) {
				name += "*" // the table's column of that name is of another benchmark, and one name twice would hide a number
			}
			all = append(all, column{name: name, ours: &ours{s.Task, tasks.SwallowColumn{Name: name}}})
		}
	}
	return all
}

// Write writes aggregated_result.json as scripts/aggregate_result.py of swallow-llm/swallow-evaluation at 57c4ecd
// does: every column in the order of its table, on the scale 0 to 1, -1.0 where there is no number, and once more all
// of them in one string. model is the name written into it.
//
// The numbers stay those of the run's profile: a column has the value of the same benchmark, not of the later protocol
// that the table's own numbers belong to. ts are the tasks that know their columns.
func Write(w io.Writer, model string, r results.Run, ts []tasks.Task) error {
	all := columns(ts, r)
	values := valuesOf(all, r)
	result, texts, names := python.Object{}, []string{}, []string{}
	for i, c := range all {
		result = append(result, python.Member{Name: c.name, Value: values[i]})
		texts = append(texts, python.Float(values[i]))
		names = append(names, c.name)
	}
	document := python.Append(nil, python.Object{
		{Name: "model", Value: model}, {Name: "result", Value: result},
		{Name: "overall", Value: strings.Join(texts, ",")}, {Name: "tasks", Value: names},
	}, 2)
	_, err := w.Write(textsafe.JSON(nil, document)) // a task that the table does not know brings its own name
	return err
}

func valuesOf(columns []column, r results.Run) []float64 {
	values := make([]float64, len(columns))
	for i, c := range columns {
		values[i] = c.value(r)
	}
	for i, c := range columns {
		if c.mean == nil {
			continue
		}
		sum := 0.0
		for _, name := range c.mean {
			v := values[slices.IndexFunc(columns, func(c column) bool { return c.name == name })]
			if v == noNumber {
				sum = noNumber * float64(len(c.mean))
				break
			}
			sum += v
		}
		values[i] = sum / float64(len(c.mean))
	}
	return values
}

// value is the run's number for a column that is no mean.
func (c column) value(r results.Run) float64 {
	if c.ours == nil {
		return noNumber
	}
	for _, s := range r.Scores {
		if s.Task != c.ours.task || s.Hole != "" {
			continue
		}
		for i, v := range s.Values {
			if v.Metric != c.ours.Metric && (c.ours.Metric != "" || i > 0) {
				continue
			}
			if c.ours.Rounded {
				v.Value, _ = strconv.ParseFloat(fmt.Sprintf("%.4f", v.Value), 64) // what was formatted can be parsed
			}
			return v.Value / v.Max
		}
	}
	return noNumber
}

// Holes names the columns that the run has no number for although they are of the profile's tasks.
func Holes(r results.Run, ts []tasks.Task) []string {
	var holes []string
	for _, c := range columns(ts, r) {
		if c.ours != nil && c.value(r) == noNumber {
			holes = append(holes, c.name)
		}
	}
	return holes
}
