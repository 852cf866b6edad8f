package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// rescore runs score over a path and reads its report.
func rescore(t *testing.T, args ...string) (code int, r interop.Report, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(append([]string{"score", "--format", "json", "--from"}, args...), strings.NewReader(""), &out, &errs)
	if out.Len() > 0 {
		require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	}
	if code != 0 {
		assert.Equal(t, 1, strings.Count(errs.String(), "\n"), errs.String())
	}
	return code, r, errs.String()
}

// put writes a file of a test's folder and returns its path.
func put(t *testing.T, dir, name string, v any) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	var b []byte
	switch v := v.(type) {
	case string:
		b = []byte(v)
	default:
		var err error
		b, err = json.Marshal(v)
		require.NoError(t, err)
	}
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func only1(t *testing.T, r interop.Report) series.Series {
	t.Helper()
	require.Len(t, r.Tasks, 1)
	return r.Tasks[0]
}

// TestReplayFromTheCommandLine scores published outputs of real models again, to the last bit of every number.
func TestReplayFromTheCommandLine(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "goldens/replay"), "*.result.mgsm.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		var published struct {
			Results map[string]struct {
				Acc     float64 `json:"acc"`
				StdErr  float64 `json:"acc_stderr"`
				Details []struct {
					Extracted any  `json:"extracted_answer"`
					Acc       bool `json:"acc"`
				} `json:"details"`
			} `json:"results"`
		}
		require.NoError(t, json.Unmarshal(b, &published))
		code, r, _ := rescore(t, file)
		assert.Zero(t, code)
		s := only1(t, r)
		want := published.Results[s.Source]
		assert.Equal(t, [2]int{250, 250}, [2]int{s.N, s.Total})
		assert.Equal(t, want.Acc, s.Values[0].Value.Value)
		assert.Equal(t, want.StdErr, *s.Values[0].StdErr)
		assert.Equal(t, "identical", s.Values[0].Verdict)
		require.Len(t, s.Records, len(want.Details))
		for i, d := range want.Details {
			extracted := fmt.Sprint(d.Extracted)
			if f, ok := d.Extracted.(float64); ok {
				extracted = strconv.FormatFloat(f, 'f', -1, 64)
			}
			require.Equal(t, extracted, s.Records[i].Marks[0].Output)
			require.Equal(t, d.Acc, s.Records[i].Marks[0].Stat[0] == 1)
		}
	}
	code, r, errs := rescore(t, shared.Path(t, "goldens/replay/llama2-7b.result.json"))
	assert.Equal(t, exitIncomplete, code)
	assert.Contains(t, errs, "series without a number: 8 of 8")
	for _, s := range r.Tasks {
		assert.Contains(t, s.Hole, "no outputs")
	}
}

// llmjpGolden is a record of the reference's own aggregation.
type llmjpGolden struct {
	Kind      string   `json:"kind"`
	ID        string   `json:"id"`
	Metric    string   `json:"metric"`
	Value     float64  `json:"value"`
	Formatted string   `json:"formatted"`
	Outputs   []string `json:"outputs"`
	Golds     []string `json:"golds"`
	CaseIDs   []string `json:"case_ids"`
	Pred      string   `json:"pred"`
	Gold      string   `json:"gold"`
}

// TestLLMJPEvalGoldens puts the reference's completions into files of both layouts.
func TestLLMJPEvalGoldens(t *testing.T) {
	outputs := map[string][]map[string]string{}
	scores := map[string]string{"AVR": "0.1234"}
	values := map[string]float64{}
	cases := map[string]llmjpGolden{}
	for _, line := range shared.Lines(t, "goldens/metrics/llmjp.jsonl.gz") {
		var g llmjpGolden
		require.NoError(t, json.Unmarshal(line, &g))
		if g.Kind == "char_f1" {
			cases[g.ID] = g
		}
		if g.Kind != "aggregate" {
			continue
		}
		add := func(pred, gold string) {
			outputs[g.ID] = append(outputs[g.ID], map[string]string{"prompt": "P", "input": "I", "pred": pred, "gold": gold})
		}
		for i, o := range g.Outputs {
			add(pytext.FirstLine(pytext.NFKC(o)), pytext.NFKC(g.Golds[i]))
		}
		complete := true
		for _, id := range g.CaseIDs {
			c, ok := cases[id]
			complete = complete && ok
			add(c.Pred, c.Gold)
		}
		if !complete { // refers to a case that is not in this half of the goldens
			delete(outputs, g.ID)
			continue
		}
		scores[g.ID+"_"+g.Metric] = g.Formatted
		values[g.ID+" "+g.Metric] = g.Value
	}
	require.NotEmpty(t, values)
	dir := t.TempDir()
	one := put(t, dir, "one/result.json", map[string]any{"scores": scores, "outputs": outputs, "config": map[string]any{"target_dataset": "all"}})
	put(t, dir, "two/output_eval.json", outputs)
	put(t, dir, "two/score_eval.json", scores)
	for _, path := range []string{one, filepath.Join(dir, "two")} {
		code, r, errs := rescore(t, path)
		assert.Zero(t, code, errs)
		require.Len(t, r.Tasks, len(outputs))
		for _, s := range r.Tasks {
			assert.Equal(t, len(outputs[s.Source]), s.N)
			for _, v := range s.Values {
				assert.Equal(t, values[s.Source+" "+v.Metric], v.Value.Value, s.Source)
				assert.Equal(t, "identical to 4 decimals", v.Verdict, s.Source)
			}
		}
	}
}

// harnessGolden is a case of the English harness.
type harnessGolden struct {
	Family   string          `json:"family"`
	Input    json.RawMessage `json:"input"`
	Expected json.RawMessage `json:"expected"`
}

func harnessGoldens[In, Out any](t *testing.T, family string, each func(in In, want Out)) {
	t.Helper()
	n := 0
	for _, line := range shared.Lines(t, "goldens/metrics/harness_en.jsonl.gz") {
		var g harnessGolden
		require.NoError(t, json.Unmarshal(line, &g))
		if g.Family != family {
			continue
		}
		var in In
		var want Out
		require.NoError(t, json.Unmarshal(g.Input, &in))
		require.NoError(t, json.Unmarshal(g.Expected, &want))
		each(in, want)
		n++
	}
	require.NotZero(t, n, family)
}

func pythonBool(b bool) string { return map[bool]string{true: "True", false: "False"}[b] }

// TestWriteOutGSM8KGoldens puts the reference's completions into a write-out file with its score.json.
func TestWriteOutGSM8KGoldens(t *testing.T) {
	type in struct{ Completion, Answer string }
	type out struct {
		Acc  bool   `json:"acc"`
		Gold string `json:"extracted_gold"`
	}
	var docs []map[string]any
	right, sum := 0, 0
	harnessGoldens(t, "gsm8k_extract", func(q in, want out) {
		if want.Gold == metrics.Invalid {
			return
		}
		docs = append(docs, map[string]any{
			"doc_id": len(docs), "prompt_0": "Question: x\nAnswer:until", "logit_0": q.Completion, "truth": " " + q.Answer, "acc": pythonBool(want.Acc),
		})
		sum++
		if want.Acc {
			right++
		}
	})
	acc := float64(right) / float64(sum)
	dir := t.TempDir()
	put(t, dir, "gsm8k_write_out_info.json", docs)
	put(t, dir, "score.json", map[string]any{"results": map[string]any{"gsm8k": map[string]any{"acc": acc}}, "versions": map[string]int{"gsm8k": 0}, "config": map[string]any{}})
	code, r, errs := rescore(t, dir)
	assert.Zero(t, code, errs)
	s := only1(t, r)
	assert.Equal(t, [3]any{"gsm8k", sum, acc}, [3]any{s.Task, s.N, s.Values[0].Value.Value})
	assert.Equal(t, "identical", s.Values[0].Verdict)

	docs[0]["acc"] = pythonBool(docs[0]["acc"] != "True")
	docs[1]["truth"] = 3
	put(t, dir, "gsm8k_write_out_info.json", docs)
	code, r, errs = rescore(t, dir)
	assert.Equal(t, exitIncomplete, code)
	assert.Contains(t, errs, "records that score differently from what the file says: 1; records that cannot be scored: 1")
	s = only1(t, r)
	assert.Equal(t, [2]int{sum - 1, sum}, [2]int{s.N, s.Total})
	assert.Equal(t, series.VerdictPartial, s.Values[0].Verdict)
	assert.Equal(t, 0, s.Changed[0].Position)
	assert.Equal(t, 1, s.Unscored[0].Record)
}

// repr prints a string as Python does, well enough for the goldens' texts.
func repr(s string) string {
	s = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, `'`, `\'`, "\u00a0", `\xa0`, "\u3000", `\u3000`).Replace(s)
	return "'" + s + "'"
}

type squadItem struct {
	ID         string   `json:"id"`
	Prediction string   `json:"prediction_text"`
	Answers    []string `json:"answers"`
	Log        float64  `json:"logprob_unanswerable"`
}

// TestSQuADGoldens puts the reference's groups into write-out files and into samples of lm-eval 0.4, whose order is not
// that of evaluation.
func TestSQuADGoldens(t *testing.T) {
	type in struct {
		Items []squadItem `json:"items"`
	}
	harnessGoldens(t, "squad2_group", func(q in, want map[string]any) {
		dir := t.TempDir()
		var docs []map[string]any
		var lines []string
		for i, item := range q.Items {
			doc, line := squadRecords(i, item)
			docs = append(docs, doc)
			b, err := json.Marshal(line)
			require.NoError(t, err)
			lines = append([]string{string(b)}, lines...)
		}
		put(t, dir, "squad2_write_out_info.json", docs)
		put(t, dir, "samples_squadv2_2024-05-01T10-00-00.000001.jsonl", strings.Join(lines, "\n"))
		code, r, errs := rescore(t, dir)
		require.Zero(t, code, errs)
		require.Len(t, r.Tasks, 2)
		for _, s := range r.Tasks {
			require.Equal(t, "squad2", s.Task)
			require.Equal(t, len(q.Items), s.N)
			require.Len(t, s.Values, 8)
			for _, v := range s.Values {
				w, ok := want[v.Metric].(float64)
				require.True(t, ok, v.Metric)
				require.InDelta(t, w, v.Value.Value, 1e-9, "%s %s", s.Format, v.Metric)
			}
		}
	})
}

// squadRecords is one question as both harnesses write it.
func squadRecords(i int, item squadItem) (writeOut, sample map[string]any) {
	texts := make([]string, len(item.Answers))
	starts := make([]int, len(item.Answers))
	for k, a := range item.Answers {
		texts[k] = repr(a)
	}
	probability := math.Exp(item.Log)
	answers := map[string]any{"text": nonNil(item.Answers), "answer_start": starts}
	text := fmt.Sprintf("({'id': %s, 'prediction_text': %s, 'no_answer_probability': %s}, {'id': %[1]s, 'answers': {'text': [%[4]s], 'answer_start': %[5]s}})",
		repr(item.ID), repr(item.Prediction), series.Number(probability), strings.Join(texts, ", "), strings.ReplaceAll(fmt.Sprint(starts), " ", ", "))
	pair := []any{
		map[string]any{"id": item.ID, "prediction_text": item.Prediction, "no_answer_probability": probability},
		map[string]any{"id": item.ID, "answers": answers},
	}
	flagged := []string{series.Number(item.Log), "False"}
	writeOut = map[string]any{"doc_id": i, "prompt_0": "puntil", "logit_0": item.Prediction, "truth": " x", "prompt_1": "p unanswerable", "logit_1": []any{item.Log, false}}
	sample = map[string]any{
		"doc_id": i, "doc": map[string]any{"id": item.ID, "title": "T", "context": "C", "question": "Q", "answers": answers}, "target": "x",
		"resps": []any{[]any{item.Prediction}, []any{flagged}}, "filtered_resps": []any{item.Prediction, flagged}, "filter": "none", "metrics": []string{"exact", "f1"},
	}
	for _, name := range []string{"exact", "f1", "HasAns_exact", "best_f1"} {
		writeOut[name], sample[name] = text, pair
	}
	return writeOut, sample
}

// TestChoiceGoldens puts the reference's log-likelihoods into both harnesses' files, infinities included.
func TestChoiceGoldens(t *testing.T) {
	type in struct {
		Logs    []json.RawMessage `json:"loglikelihoods"`
		Choices []string          `json:"choices"`
		Gold    int               `json:"gold"`
	}
	type out struct {
		Acc     float64 `json:"acc"`
		AccNorm float64 `json:"acc_norm"`
	}
	var docs, lines []string
	var acc, accNorm, sum float64
	harnessGoldens(t, "mc_acc", func(q in, want out) {
		if len(q.Choices) > 4 || slices.Contains(q.Choices, "") {
			return // no question of OpenBookQA is like that
		}
		var logits strings.Builder
		answers := [][]string{}
		for i, raw := range q.Logs {
			text := strings.Trim(string(raw), `"`)
			answers = append(answers, []string{text, "False"})
			python := map[string]string{"-inf": "-Infinity", "inf": "Infinity", "nan": "NaN"}[text]
			if python == "" {
				python = text
			}
			fmt.Fprintf(&logits, `"prompt_%d":"p","logit_%[1]d":%s,`, i, python)
		}
		docs = append(docs, fmt.Sprintf(`{"doc_id":%d,%s"truth":%d,"acc":"%.1f","acc_norm":"%.1f"}`, len(docs), logits.String(), q.Gold, want.Acc, want.AccNorm))
		var resps [][][]string
		for _, a := range answers {
			resps = append(resps, [][]string{a})
		}
		b, err := json.Marshal(map[string]any{
			"doc_id": len(lines), "doc": map[string]any{
				"id": "q", "question_stem": "s", "choices": map[string]any{"text": q.Choices, "label": []string{"A", "B", "C", "D"}}, "answerKey": "ABCD"[q.Gold : q.Gold+1],
			}, "target": q.Gold, "resps": resps, "filtered_resps": answers, "filter": "none", "acc": want.Acc, "acc_norm": want.AccNorm,
		})
		require.NoError(t, err)
		lines = append(lines, string(b))
		acc, accNorm, sum = acc+want.Acc, accNorm+want.AccNorm, sum+1
	})
	require.NotEmpty(t, docs)
	dir := t.TempDir()
	put(t, dir, "openbookqa_write_out_info.json", "["+strings.Join(docs, ",")+"]")
	code, r, errs := rescore(t, dir)
	assert.Zero(t, code, errs)
	s := only1(t, r)
	assert.Equal(t, acc/sum, s.Values[0].Value.Value)
	assert.Contains(t, s.Values[1].Hole, "--data-dir gives them")

	dir = t.TempDir()
	put(t, dir, "samples_openbookqa_2024-05-01T10-00-00.000001.jsonl", strings.Join(lines, "\n"))
	put(t, dir, "results_2024-05-01T10-00-00.000001.json", map[string]any{"results": map[string]any{"openbookqa": map[string]any{
		"alias": "openbookqa", "acc,none": acc / sum, "acc_norm,none": accNorm / sum, "acc_stderr,none": "N/A",
	}}})
	code, r, errs = rescore(t, dir)
	assert.Zero(t, code, errs)
	s = only1(t, r)
	assert.Equal(t, [2]float64{acc / sum, accNorm / sum}, [2]float64{s.Values[0].Value.Value, s.Values[1].Value.Value})
	assert.Equal(t, [2]string{"identical", "identical"}, [2]string{s.Values[0].Verdict, s.Values[1].Verdict})
}

// TestLMEvalProfileGoldens scores raw answers of lm-eval 0.4 as the profile does.
func TestLMEvalProfileGoldens(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	line := func(doc map[string]any, text string) {
		for _, filter := range []string{"strict-match", "flexible-extract"} {
			b, err := json.Marshal(map[string]any{
				"doc_id": len(lines) / 2, "doc": doc, "target": doc["answer"], "resps": [][]string{{text}}, "filtered_resps": []string{"[invalid]"}, "filter": filter,
				"metrics": []string{"exact_match"}, "exact_match": 0,
			})
			require.NoError(t, err)
			lines = append(lines, string(b))
		}
	}
	right, sum := 0.0, 0.0
	harnessGoldens(t, "gsm8k_extract", func(q struct{ Completion, Answer string }, want struct {
		Acc  bool   `json:"acc"`
		Gold string `json:"extracted_gold"`
	}) {
		if want.Gold == metrics.Invalid || strings.ContainsAny(q.Completion, ":") || strings.Contains(q.Completion, "Question") {
			return
		}
		line(map[string]any{"question": "q", "answer": q.Answer}, q.Completion)
		sum++
		if want.Acc {
			right++
		}
	})
	path := put(t, dir, "renamed.jsonl", strings.Join(lines, "\n"))
	code, r, errs := rescore(t, path)
	assert.Zero(t, code, errs)
	require.Len(t, r.Tasks, 3)
	assert.Equal(t, []string{"strict-match", "flexible-extract", "as swallow-2023"}, []string{r.Tasks[0].Filter, r.Tasks[1].Filter, r.Tasks[2].Filter})
	assert.Equal(t, right/sum, r.Tasks[2].Values[0].Value.Value)
	assert.Equal(t, series.VerdictOther, r.Tasks[2].Values[0].Verdict)
	assert.Equal(t, int(sum), r.Tasks[2].N)

	lines = nil
	var em []float64
	harnessGoldens(t, "triviaqa_match", func(q struct {
		Continuation string
		Aliases      []string
	}, want struct{ EM float64 }) {
		if len(q.Aliases) == 0 || strings.ContainsAny(q.Continuation, ".,\n") {
			return
		}
		line(map[string]any{"question": "q", "question_id": "i", "answer": map[string]any{"value": "v", "aliases": q.Aliases}}, q.Continuation)
		em = append(em, want.EM)
	})
	code, r, errs = rescore(t, put(t, dir, "samples_triviaqa.jsonl", strings.Join(lines, "\n")))
	assert.Zero(t, code, errs)
	s := r.Tasks[len(r.Tasks)-1]
	require.Len(t, s.Records, len(em))
	for i, want := range em {
		assert.Equal(t, want, s.Records[i].Marks[0].Stat[0], s.Records[i].Marks[0].Output)
	}
}

// TestWriteOutWithData scores what the file alone does not carry.
func TestWriteOutWithData(t *testing.T) {
	data := shared.Path(t, "data")
	dataset, err := datasets.Open(data, true)
	require.NoError(t, err)
	s := &series.Scorer{Tasks: suite.Default().Tasks}
	for _, name := range []string{"hellaswag", "triviaqa", "squad2", "xwinograd_en"} {
		task, ok := s.Task(name, tasks.HarnessEN)
		require.True(t, ok)
		docs, err := task.Docs(dataset, 0, tasks.Unlimited{})
		require.NoError(t, err)
		dir := t.TempDir()
		var records []map[string]any
		for i, d := range docs[:30] {
			record := map[string]any{"doc_id": i, "truth": nil}
			for k, q := range task.Requests(d, tasks.Unlimited{}) {
				prompt := "An example.\n\n" + q.Prompt + q.Continuation
				if q.Kind == tasks.Generate {
					prompt += "until"
					record[fmt.Sprintf("logit_%d", k)] = strings.TrimPrefix(d.Target, " ")
				} else {
					// The gold choice of every third document is the likeliest.
					gold := fmt.Sprint(k) == d.Targets[0] && i%3 == 0
					record[fmt.Sprintf("logit_%d", k)] = map[bool]float64{true: -0.001, false: -10 - float64(k)}[gold]
				}
				record[fmt.Sprintf("prompt_%d", k)] = prompt
			}
			records = append(records, record)
		}
		path := put(t, dir, name+"_write_out_info.json", records)
		code, r, errs := rescore(t, path, "--data-dir", data, "--allow-unpinned-data")
		assert.Zero(t, code, errs)
		one := only1(t, r)
		assert.Equal(t, 30, one.N, name)
		assert.Len(t, one.Values, len(task.Spec().Metrics))
		assert.GreaterOrEqual(t, one.Values[0].Value.Value/one.Values[0].Max, 1.0/3, name)

		records[7]["prompt_0"] = "about something else until"
		records[8]["doc_id"] = 1 << 30
		code, r, _ = rescore(t, put(t, dir, name+"_write_out_info.json", records), "--data-dir", data, "--allow-unpinned-data")
		assert.Equal(t, exitIncomplete, code)
		assert.Equal(t, 28, only1(t, r).N)
		assert.Contains(t, only1(t, r).Unscored[0].Reason, "prompt_0 does not ask about the document")
		assert.Contains(t, only1(t, r).Unscored[1].Reason, "documents")
	}
}

// TestLMEvalRows scores one document of every task of lm-eval 0.4 that corresponds to one of ours.
func TestLMEvalRows(t *testing.T) {
	text := func(s string) (resps, filtered string) { return fmt.Sprintf(`[[%q]]`, s), fmt.Sprintf(`[%q]`, s) }
	logs := func(values ...string) (resps, filtered string) {
		var a, b []string
		for _, v := range values {
			a, b = append(a, `[["`+v+`","False"]]`), append(b, `["`+v+`","False"]`)
		}
		return "[" + strings.Join(a, ",") + "]", "[" + strings.Join(b, ",") + "]"
	}
	type answer struct{ resps, filtered string }
	one := func(resps, filtered string) answer { return answer{resps, filtered} }
	mgsm := `{"question":"問題：いくつ？","answer":null,"answer_number":18,"equation_solution":null}`
	for _, c := range []struct {
		name, doc, target string
		answer
		metrics, task string
		want          map[string]float64
	}{
		{"hellaswag", `{"ind":4,"activity_label":"A","ctx_a":"x","ctx_b":"y","ctx":"x y","endings":["a","b [step] bb","c","d"],"label":"1","query":"A: x Y","choices":["a","b bb","c","d"],"gold":1}`, "1",
			one(logs("-2.0", "-3.0", "-9.0", "-inf")), `"acc":0.0,"acc_norm":1.0`, "hellaswag", map[string]float64{"acc": 0, "acc_norm": 1}},
		{"xwinograd_en", `{"sentence":"It is _ here.","option1":"a","option2":"b","answer":"2"}`, "is here.",
			one(logs("-2.0", "-1.0")), `"acc":1.0`, "xwino", map[string]float64{"acc": 1}},
		{"mgsm_direct_ja", mgsm, "18", one(text("答えは18。")), `"exact_match":0.0`, "mgsm", map[string]float64{"exact_match": 0, "acc": 1}},
		{"mgsm_native_cot_ja", mgsm, "18", one(text("18.")), `"exact_match":1.0`, "mgsm", map[string]float64{"exact_match": 1, "acc": 1}},
		{"ja_leaderboard_mgsm", mgsm, "x", one(text("答えは18。")), `"acc":true`, "mgsm", map[string]float64{"acc": 1}},
		{"triviaqa", `{"question":"q","question_id":"i","answer":{"value":"St. Louis","aliases":["St. Louis","Saint Louis"]}}`, "['St. Louis', 'Saint Louis']",
			one(text("St. Louis")), `"exact_match":1.0`, "triviaqa", map[string]float64{"exact_match": 1, "em": 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var names []string
			var recorded map[string]any
			require.NoError(t, json.Unmarshal([]byte("{"+c.metrics+"}"), &recorded))
			for name := range recorded {
				names = append(names, strconv.Quote(name))
			}
			line := fmt.Sprintf(`{"doc_id":0,"doc":%s,"target":%q,"resps":%s,"filtered_resps":%s,"filter":"none","metrics":[%s],%s}`,
				c.doc, c.target, c.resps, c.filtered, strings.Join(names, ","), c.metrics)
			path := put(t, t.TempDir(), "samples_"+c.name+"_2025-01-01T00-00-00.0.jsonl", line)
			code, r, errs := rescore(t, path)
			assert.Zero(t, code, errs)
			got := map[string]float64{}
			for _, s := range r.Tasks {
				assert.Equal(t, c.task, s.Task)
				for _, v := range s.Values {
					got[v.Metric] = v.Value.Value
				}
			}
			assert.Equal(t, c.want, got)

			// A record whose verdict was edited is found.
			for old, edited := range map[string]string{`1.0`: `0.0`, `0.0`: `1.0`, `true`: `false`} {
				if strings.HasSuffix(c.metrics, old) {
					line = strings.TrimSuffix(line, old+"}") + edited + "}"
					break
				}
			}
			code, r, _ = rescore(t, put(t, t.TempDir(), "samples_"+c.name+".jsonl", line))
			assert.Equal(t, exitIncomplete, code)
			assert.Len(t, r.Tasks[0].Changed, 1)
		})
	}
}

func TestScoreSources(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "real/deep/one.json", map[string]any{"scores": map[string]string{"niilc_char_f1": "1.0000"}, "outputs": map[string]any{"niilc": []map[string]string{{"pred": "a", "gold": "a"}}}})
	put(t, dir, "real/.hidden/two.json", "not JSON")
	put(t, dir, "real/.three.json", "not JSON")
	require.NoError(t, os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "link")))
	code, r, errs := rescore(t, filepath.Join(dir, "link"))
	assert.Zero(t, code, errs)
	assert.Equal(t, filepath.Join(dir, "link", "deep", "one.json"), only1(t, r).File)
	code, _, errs = rescore(t, os.DevNull)
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, errs, "neither a directory nor a regular file")
}
