package metrics

import (
	"encoding/json"
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// llmjpCase is one line of goldens/metrics/llmjp.jsonl.gz, of any kind.
type llmjpCase struct {
	Kind, ID, Tag string

	Output, GoldRaw         string
	Pred, Gold              string
	PredTokens, GoldTokens  string
	LenSum, Indel, Score100 int
	Value                   float64
	Exact                   bool
	Input, NFKC             string
	Metric, Formatted       string
	N                       int
	Outputs, Golds, CaseIDs []string
	Task, Policy            string
}

func llmjpCases(t *testing.T) []llmjpCase {
	t.Helper()
	var cases []llmjpCase
	for _, line := range shared.Lines(t, "goldens/metrics/llmjp.jsonl.gz") {
		var c struct {
			llmjpCase
			GoldRaw    string   `json:"gold_raw"`
			PredTokens string   `json:"pred_tokens_sorted"`
			GoldTokens string   `json:"gold_tokens_sorted"`
			CaseIDs    []string `json:"case_ids"`
		}
		require.NoError(t, json.Unmarshal(line, &c))
		c.llmjpCase.GoldRaw, c.llmjpCase.CaseIDs = c.GoldRaw, c.CaseIDs
		c.llmjpCase.PredTokens, c.llmjpCase.GoldTokens = c.PredTokens, c.GoldTokens
		cases = append(cases, c.llmjpCase)
	}
	return cases
}

// prediction is what llm-jp-eval scores of a completion.
func prediction(completion string) string { return pytext.FirstLine(pytext.NFKC(completion)) }

func TestCharF1Cases(t *testing.T) {
	m, exact := CharF1(), ExactMatch()
	count := 0
	for _, c := range llmjpCases(t) {
		if c.Kind != "char_f1" {
			continue
		}
		count++
		pred, gold := prediction(c.Output), pytext.NFKC(c.GoldRaw)
		require.Equal(t, c.Pred, pred, c.ID)
		require.Equal(t, c.Gold, gold, c.ID)
		require.Equal(t, c.PredTokens, sortedTokens(pred), c.ID)
		require.Equal(t, c.GoldTokens, sortedTokens(gold), c.ID)
		require.Equal(t, c.Score100, TokenSortRatio(pred, gold), c.ID)
		require.Equal(t, c.Value, m.Corpus(m.Each(pred, []string{gold}), 1), c.ID)
		require.Equal(t, c.Exact, exact.Each(pred, []string{gold})[0] == 1, c.ID)
		a, b := []rune(c.PredTokens), []rune(c.GoldTokens)
		require.Equal(t, c.LenSum, len(a)+len(b), c.ID)
		require.Equal(t, c.Indel, len(a)+len(b)-2*longestCommonSubsequence(a, b), c.ID)
	}
	require.Positive(t, count)
	t.Logf("%d cases", count)
}

func TestNormalizeCases(t *testing.T) {
	count := 0
	for _, c := range llmjpCases(t) {
		if c.Kind == "normalize" {
			count++
			require.Equal(t, c.NFKC, pytext.NFKC(c.Input), c.ID)
			require.Equal(t, c.Pred, prediction(c.Input), c.ID)
		}
	}
	require.Positive(t, count)
	t.Logf("%d cases", count)
}

// llmjpMetric is the metric that a golden record names.
func llmjpMetric(t *testing.T, name string) Metric {
	m, ok := ByName(name)
	require.True(t, ok, name)
	return m
}

func TestLLMJPAggregates(t *testing.T) {
	cases := llmjpCases(t)
	byID := make(map[string]llmjpCase)
	for _, c := range cases {
		byID[c.ID] = c
	}
	count, unknown := 0, 0
	for _, c := range cases {
		if c.Kind != "aggregate" {
			continue
		}
		outputs, golds := c.Outputs, c.Golds
		complete := true
		for _, id := range c.CaseIDs {
			one, ok := byID[id]
			complete = complete && ok
			outputs, golds = append(outputs, one.Output), append(golds, one.GoldRaw)
		}
		if !complete { // it refers to records that this copy of the set does not have
			unknown++
			continue
		}
		count++
		checkAggregate(t, c, outputs, golds)
	}
	require.Positive(t, count)
	t.Logf("%d aggregates, %d refer to absent records", count, unknown)
}

func checkAggregate(t *testing.T, c llmjpCase, outputs, golds []string) {
	t.Helper()
	require.Len(t, outputs, c.N, c.ID)
	m := llmjpMetric(t, c.Metric)
	preds, targets := make([]string, c.N), make([][]string, c.N)
	for i := range outputs {
		preds[i], targets[i] = prediction(outputs[i]), []string{pytext.NFKC(golds[i])}
	}
	got, _ := score(m, preds, targets)
	require.Equal(t, c.Value, got, "%s %s", c.ID, c.Tag)
	require.Equal(t, c.Formatted, strconv.FormatFloat(got, 'f', 4, 64), "%s %s", c.ID, c.Tag)
}

// TestLLMJPTasks scores whole tasks under answer policies, from the benchmarks' own files.
func TestLLMJPTasks(t *testing.T) {
	shared.Path(t, "data")
	count := 0
	for _, c := range llmjpCases(t) {
		if c.Kind != "task_aggregate" {
			continue
		}
		questions, golds := taskRecords(t, c.Task)
		outputs := make([]string, len(golds))
		known := true
		for i := range golds {
			var ok bool
			outputs[i], ok = policyOutput(c.Policy, i, questions, golds)
			known = known && ok
		}
		if !known {
			t.Logf("policy %s is not defined here", c.Policy)
			continue
		}
		count++
		checkAggregate(t, c, outputs, golds)
	}
	require.Positive(t, count)
	t.Logf("%d aggregates", count)
}

// policyOutput builds the completion that a named policy gives for record i.
func policyOutput(policy string, i int, questions, golds []string) (string, bool) {
	gold := golds[i]
	switch policy {
	case "perfect":
		return gold, true
	case "empty":
		return "", true
	case "newline_then_gold":
		return "\n" + gold, true
	case "space_then_gold":
		return " " + gold, true
	case "gold_then_next_example":
		return gold + "\n\n### 入力：\n質問：", true
	case "gold_twice":
		return gold + gold, true
	case "gold_drop_last_codepoint":
		_, size := utf8.DecodeLastRuneInString(gold)
		return gold[:len(gold)-size], true
	case "gold_in_kagi":
		return "「" + gold + "」", true
	case "gold_desu":
		return gold + "です。", true
	case "constant_YES":
		return "YES", true
	case "question_text":
		return questions[i], true
	}
	return "", false
}

// taskRecords reads the question texts and the raw gold outputs of one llm-jp-eval task in file order.
func taskRecords(t *testing.T, task string) (questions, golds []string) {
	t.Helper()
	add := func(question, gold string) { questions, golds = append(questions, question), append(golds, gold) }
	switch task {
	case "jcommonsenseqa":
		for _, line := range shared.Lines(t, "data/jglue/jcommonsenseqa-v1.1/valid-v1.1.json") {
			var r struct {
				Question string
				Label    int
			}
			require.NoError(t, json.Unmarshal(line, &r))
			add(r.Question, strconv.Itoa(r.Label))
		}
	case "jemhopqa":
		var rs []struct{ Question, Answer string }
		require.NoError(t, json.Unmarshal(shared.Bytes(t, "data/jemhopqa/dev.json"), &rs))
		for _, r := range rs {
			add(r.Question, r.Answer)
		}
	case "niilc":
		var doc struct {
			Questions []struct {
				Text    string   `xml:"text"`
				Answers []string `xml:"answers>answer"`
			} `xml:"question"`
		}
		require.NoError(t, xml.Unmarshal(shared.Bytes(t, "data/niilc-qa/NIILC-ECQA2015_test.xml"), &doc))
		for _, q := range doc.Questions {
			var answers []string
			for _, a := range q.Answers {
				if a = pytext.Strip(a); a != "" {
					answers = append(answers, a)
				}
			}
			if gold := strings.Join(answers, ","); gold != "-" {
				add(pytext.Strip(q.Text), gold)
			}
		}
	case "jsquad":
		var doc struct {
			Data []struct {
				Paragraphs []struct {
					QAs []struct {
						Question string
						Answers  []struct{ Text string }
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal(shared.Bytes(t, "data/jglue/jsquad-v1.1/valid-v1.1.json"), &doc))
		for _, article := range doc.Data {
			for _, p := range article.Paragraphs {
				for _, qa := range p.QAs {
					add(qa.Question, qa.Answers[0].Text)
				}
			}
		}
	default:
		require.Fail(t, "unknown task", task)
	}
	return questions, golds
}

func TestRatioRounding(t *testing.T) {
	count := 0
	for _, line := range shared.Lines(t, "goldens/metrics/ratio_rounding.jsonl.gz") {
		var r struct {
			LenSum   int   `json:"lensum"`
			First    int   `json:"d0"`
			Score100 []int `json:"score100"`
		}
		require.NoError(t, json.Unmarshal(line, &r))
		// Distances have the parity of the length sum, so each list goes in steps of two.
		for i, want := range r.Score100 {
			require.Equal(t, want, indelPercent(r.LenSum, r.First+2*i), "length sum %d, entry %d", r.LenSum, i)
			count++
		}
	}
	require.Positive(t, count)
	t.Logf("%d cells", count)
}

func TestTokenSortRatio(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       int
	}{
		{"order is free", "青森ヒバ・秋田スギ", "秋田スギ、青森ヒバ", 100},
		{"nothing left on both sides", "「」", "", 100},
		{"nothing left on one side", "、", "あ", 0},
		{"case", "YES", "yes", 100},
		{"yes and no", "YES", "NO", 0},
		{"latin-1 is deleted, not blanked", "3×4", "34", 100},
		{"accented letters go", "café", "caf", 100},
		{"a decomposed accent parts words", "cafe\u0301s", "cafe s", 100},
		{"control separators part words", "a\x1cb", "b a", 100},
		{"dotted capital i", "\u0130", "i\u0307", 67},
		{"final sigma", "ΟΔΟΣ", "οδος", 100},
		{"a half goes to the even percent", "aaaaaaaa", "a", 22},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, TokenSortRatio(test.a, test.b))
			assert.Equal(t, test.want, TokenSortRatio(test.b, test.a))
		})
	}
}

// TestCharF1Stat checks that the double of every percentage and the rounding of a mean survive the sum.
func TestCharF1Stat(t *testing.T) {
	m := CharF1()
	for s := 0; s <= 100; s++ {
		stat := charF1Stat(s)
		require.Equal(t, float64(s)/100, m.Corpus(stat, 1), "percentage %d", s)
		require.Less(t, math.Abs(stat[1]), 1e5, "small enough for a sum of 2^36 documents to be exact")
	}
	// statistics.mean([0.1, 0.2, 0.3]) is 0.2 in Python, where the plain float mean is 0.20000000000000004.
	sum := m.Sum([]Stat{charF1Stat(10), charF1Stat(20), charF1Stat(30)})
	assert.Equal(t, 0.2, m.Corpus(sum, 3))
	assert.InDelta(t, 0.1/math.Sqrt(3), m.StdErr([]Stat{charF1Stat(10), charF1Stat(20), charF1Stat(30)}), 1e-15)
}

func FuzzCharF1(f *testing.F) {
	for _, s := range [][2]string{{"東京", "京都"}, {"", "「」"}, {"a b", "B A"}, {"ΑΣ", "ας"}, {"\u0130x", "i"}} {
		f.Add(s[0], s[1])
	}
	m := CharF1()
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 4000 {
			return
		}
		v := m.Corpus(m.Each(a, []string{b}), 1)
		if v < 0 || v > 1 {
			t.Fatalf("%q, %q: %v", a, b, v)
		}
		if w := m.Corpus(m.Each(b, []string{a}), 1); w != v {
			t.Fatalf("%q, %q: %v one way, %v the other", a, b, v, w)
		}
		if w := m.Corpus(m.Each(a, []string{a}), 1); w != 1 {
			t.Fatalf("%q with itself: %v", a, w)
		}
	})
}

func BenchmarkTokenSortRatio(b *testing.B) {
	x, y := strings.Repeat("東京 大阪 京都 ", 20), strings.Repeat("大阪 名古屋 東京 ", 20)
	for b.Loop() {
		TokenSortRatio(x, y)
	}
}
