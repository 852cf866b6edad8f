package results

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// swallowHole stands for a number that there is not (scripts/aggregate_result.py).
const swallowHole = -1.0

// swallowColumn is a column of the Swallow project's table.
type swallowColumn struct {
	name string
	// task and metric name our number; an empty metric is the task's published one. A column without a task is none of ours.
	task, metric string
	// rounded marks what llm-jp-eval hands on as a text of four decimals.
	rounded bool
	// mean lists the columns whose mean the column is.
	mean []string
}

// swallowColumns are the columns in their order: scripts/column-path-key.csv of swallow-llm/swallow-evaluation at 57c4ecd.
func swallowColumns() []swallowColumn {
	return []swallowColumn{
		{name: "XLSUM_ja_1shot", task: "xlsum"},
		{name: "MATH (mgsm_ja)", task: "mgsm"},
		{name: "wmt20_en_ja_bleu", task: "wmt20-en-ja"},
		{name: "wmt20_ja_en_bleu", task: "wmt20-ja-en"},
		{name: "MC", mean: []string{"jcommonsenseqa"}},
		{name: "NLI", mean: []string{"jamp (NLI)", "janli (NLI)", "jnli", "jsem", "jsick (NLI)"}},
		{name: "QA", mean: []string{"jemhopqa", "niilc"}},
		{name: "RC", mean: []string{"jsquad"}},
		{name: "jamp (NLI)"},
		{name: "janli (NLI)"},
		{name: "jcommonsenseqa", task: "jcommonsenseqa", rounded: true},
		{name: "jemhopqa", task: "jemhopqa", rounded: true},
		{name: "jnli"},
		{name: "jsem"},
		{name: "jsick (NLI)"},
		{name: "jsquad", task: "jsquad", rounded: true},
		{name: "jsts_pearson"},
		{name: "jsts_spearman"},
		{name: "niilc", task: "niilc", rounded: true},
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
		{name: "gsm8k", task: "gsm8k"},
		{name: "squad2", task: "squad2"},
		{name: "triviaqa", task: "triviaqa"},
		{name: "hellaswag", task: "hellaswag"},
		{name: "openbookqa", task: "openbookqa"},
		{name: "xwinograd_en", task: "xwino"},
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
		{name: "squad2_best_exact", task: "squad2", metric: "best_exact"},
	}
}

// WriteSwallow writes aggregated_result.json as scripts/aggregate_result.py of swallow-llm/swallow-evaluation at 57c4ecd
// does: every column in the order of its table, on the scale 0 to 1, -1.0 where there is no number, and once more all
// of them in one string. model is the name written into it.
//
// The numbers stay those of the run's profile: a column has the value of the same benchmark, not of the later protocol
// that the table's own numbers belong to.
func WriteSwallow(w io.Writer, model string, r Run) error {
	values := swallowValues(r)
	result, texts, names := python.Object{}, []string{}, []string{}
	for i, c := range swallowColumns() {
		result = append(result, python.Member{Name: c.name, Value: values[i]})
		texts = append(texts, python.Float(values[i]))
		names = append(names, c.name)
	}
	_, err := w.Write(python.Append(nil, python.Object{
		{Name: "model", Value: model}, {Name: "result", Value: result},
		{Name: "overall", Value: strings.Join(texts, ",")}, {Name: "tasks", Value: names},
	}, 2))
	return err
}

func swallowValues(r Run) []float64 {
	columns := swallowColumns()
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
			v := values[slices.IndexFunc(columns, func(c swallowColumn) bool { return c.name == name })]
			if v == swallowHole {
				sum = swallowHole * float64(len(c.mean))
				break
			}
			sum += v
		}
		values[i] = sum / float64(len(c.mean))
	}
	return values
}

// value is the run's number for a column that is no mean.
func (c swallowColumn) value(r Run) float64 {
	if c.task == "" {
		return swallowHole
	}
	for _, s := range r.Scores {
		if s.Task != c.task || s.Hole != "" {
			continue
		}
		for i, v := range s.Values {
			if v.Metric != c.metric && (c.metric != "" || i > 0) {
				continue
			}
			if c.rounded {
				v.Value, _ = strconv.ParseFloat(fmt.Sprintf("%.4f", v.Value), 64) // what was formatted can be parsed
			}
			return v.Value / v.Max
		}
	}
	return swallowHole
}

// SwallowHoles names the columns that the run has no number for although they are of the profile's tasks.
func SwallowHoles(r Run) []string {
	var holes []string
	for _, c := range swallowColumns() {
		if c.task != "" && c.value(r) == swallowHole {
			holes = append(holes, c.name)
		}
	}
	return holes
}
