package metrics

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSQuADCases(t *testing.T) {
	type input struct {
		Text      string `json:"prediction_text"`
		Answers   []string
		NoAnswer  float64 `json:"no_answer_probability"`
		Threshold float64 `json:"no_answer_threshold"`
	}
	type output struct {
		Prediction  string   `json:"norm_prediction"`
		NormAnswers []string `json:"norm_answers"`
		HasAns      bool     `json:"has_ans"`
		ExactRaw    float64  `json:"exact_raw"`
		F1Raw       float64  `json:"f1_raw"`
		Probability float64  `json:"prob_float32"`
		Exact, F1   float64
	}
	harnessCases(t, "squad2_case", func(n int, in input, want output) {
		p := SQuADPrediction{in.Text, in.NoAnswer}
		require.Equal(t, want.Prediction, squadNormalize(in.Text), "case %d", n)
		for i, a := range in.Answers {
			require.Equal(t, want.NormAnswers[i], squadNormalize(a), "case %d", n)
		}
		require.Equal(t, SQuADScore{want.ExactRaw, want.F1Raw}, ScoreSQuAD(p, in.Answers, math.Inf(1)), "case %d", n)
		require.Equal(t, SQuADScore{want.Exact, want.F1}, ScoreSQuAD(p, in.Answers, in.Threshold), "case %d", n)
		stat := squadBestStat(p, in.Answers, func(s SQuADScore) float64 { return s.F1 })
		require.Equal(t, want.Probability, stat[squadProbability], "case %d", n)
		require.Equal(t, want.HasAns, stat[squadAnswerable] == 1, "case %d", n)
		require.Equal(t, want.F1Raw, stat[squadRaw], "case %d", n)
	})
}

func TestSQuADGroups(t *testing.T) {
	type item struct {
		Text    string `json:"prediction_text"`
		Answers []string
		LogProb float64 `json:"logprob_unanswerable"`
	}
	harnessCases(t, "squad2_group", func(n int, in struct{ Items []item }, want map[string]*float64) {
		for _, m := range SQuAD2() {
			var stats []Stat
			for _, i := range in.Items {
				targets, output := i.Answers, i.Text
				if len(targets) == 0 {
					targets = []string{""}
				}
				if m.CorpusOf != nil {
					output = SQuADPrediction{i.Text, math.Exp(i.LogProb)}.Output()
				}
				stats = append(stats, m.Each(output, targets))
			}
			require.NotNil(t, want[m.Name], m.Name)
			require.Equal(t, *want[m.Name], m.Score(stats), "case %d %s", n, m.Name)
			if m.CorpusOf != nil {
				_, threshold := BestSQuADThreshold(stats)
				require.InDelta(t, *want[m.Name+"_thresh"], threshold, 1e-12, "case %d %s", n, m.Name)
			}
		}
		for _, threshold := range []float64{0.5, 0.05} {
			var exact, f1 float64
			for _, i := range in.Items {
				s := ScoreSQuAD(SQuADPrediction{i.Text, math.Exp(i.LogProb)}, i.Answers, threshold)
				exact += s.Exact
				f1 += s.F1
			}
			total := float64(len(in.Items))
			require.InDelta(t, *want[fmt.Sprintf("exact@thr=%v", threshold)], 100*exact/total, 1e-9, "case %d", n)
			require.InDelta(t, *want[fmt.Sprintf("f1@thr=%v", threshold)], 100*f1/total, 1e-9, "case %d", n)
		}
	})
}

func TestSQuADOutputRoundTrip(t *testing.T) {
	for _, p := range []SQuADPrediction{{}, {"<a> & \"b\"\n", 0.25}, {"日本", 1e-30}} {
		got, err := ParseSQuADPrediction(p.Output())
		require.NoError(t, err)
		assert.Equal(t, p, got)
	}
	best := SQuAD2()[6]
	for _, bad := range []string{"", "Paris", `{"text":"x"}`} {
		assert.True(t, math.IsNaN(best.Score([]Stat{best.Each(bad, []string{"x"})})), "%q", bad)
	}
}

func TestTriviaQA(t *testing.T) {
	type input struct {
		Continuation string
		Aliases      []string
	}
	type output struct {
		EM           float64
		Continuation string   `json:"norm_continuation"`
		Aliases      []string `json:"norm_aliases"`
	}
	m := TriviaQA()
	harnessCases(t, "triviaqa_match", func(n int, in input, want output) {
		require.Equal(t, want.EM, m.Each(in.Continuation, in.Aliases)[0], "case %d", n)
		for i, alias := range in.Aliases {
			require.Equal(t, want.Aliases[i], triviaText(alias), "case %d", n)
		}
	})
}
