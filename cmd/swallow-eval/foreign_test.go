package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/swallow-eval/swallow-eval/results"
)

// foreignCommand writes another program's stored outputs about sums: foreign KIND PATH KEY=VALUE..., with kinds lm-eval
// (a folder with results and samples), lm-eval-old (an array, two filters one after the other), lm-eval-other (a task that
// is none of ours), write-out, jp-harness and llm-jp, and keys n, wrong (how many of the first answers are wrong), order (reversed),
// equal (documents with the same content), value (what is recorded in place of the last value), shots, twice (the first
// record once more), miss (a member left out).
func foreignCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: foreign kind path key=value...")
	}
	f := map[string]string{"n": "40", "wrong": "0", "equal": "0", "shots": "5", "model": "org/model"}
	for _, a := range args[2:] {
		key, value, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%q is not key=value", a)
		}
		f[key] = value
	}
	ts.Check(writeForeign(args[0], ts.MkAbs(args[1]), f))
}

// sum is one made-up document and what was answered.
type sum struct {
	id       int
	question string
	answer   int
	said     string
	right    bool
}

func sums(f map[string]string) []sum {
	number := func(key string) int { v, _ := strconv.Atoi(f[key]); return v }
	var list []sum
	for i := range number("n") {
		s := sum{id: i, question: fmt.Sprintf("Ann has %d pens and buys one. How many?", i), answer: i + 1, right: i >= number("wrong")}
		if i < number("equal") {
			s.question, s.answer = "Ann has 0 pens and buys one. How many?", 1
		}
		s.said = strconv.Itoa(s.answer)
		if !s.right {
			s.said = "100000"
		}
		list = append(list, s)
	}
	return list
}

func writeForeign(kind, path string, f map[string]string) error {
	var lines []any
	list := sums(f)
	if f["order"] == "reversed" {
		slices.Reverse(list)
	}
	value := func(s sum) any {
		if s.id == len(list)-1 && f["value"] != "" {
			return json.RawMessage(f["value"])
		}
		return map[bool]float64{true: 1}[s.right]
	}
	switch kind {
	case "lm-eval", "lm-eval-old", "lm-eval-other":
		for _, filter := range []string{"strict-match", "flexible-extract"} {
			for _, s := range list {
				filtered := s.said
				if filter == "strict-match" && s.id%10 == 9 {
					filtered = "[invalid]"
				}
				line := map[string]any{
					"doc_id": s.id, "doc": map[string]any{"question": s.question, "answer": fmt.Sprintf("So.\n#### %d", s.answer)}, "target": fmt.Sprintf("So.\n#### %d", s.answer),
					"arguments": map[string]any{"gen_args_0": map[string]any{"arg_0": f["shots"] + " shots. Question: " + s.question, "arg_1": map[string]any{"until": []string{"Question:"}}}},
					"resps":     [][]string{{"It is #### " + s.said}}, "filtered_resps": []string{filtered}, "filter": filter, "metrics": []string{"exact_match"},
					"doc_hash": "h", "prompt_hash": "p", "target_hash": "t", "exact_match": map[bool]float64{true: 1}[s.right && filtered == s.said],
				}
				if kind == "lm-eval-old" {
					line["arguments"] = []any{[]any{f["shots"] + " shots. Question: " + s.question, map[string]any{"until": []string{"Question:"}}}}
					for _, key := range []string{"filter", "metrics", "doc_hash", "prompt_hash", "target_hash"} {
						delete(line, key)
					}
				}
				if kind == "lm-eval-other" {
					line["acc"], line["metrics"], line["filter"] = value(s), []string{"acc"}, "none"
					if f["more"] != "" {
						line["acc_norm"], line["tokens"], line["metrics"] = 1-s.id%2, []int{s.id, 2}, []string{"acc", "acc_norm", "tokens"}
					}
					delete(line, "exact_match")
				}
				delete(line, f["miss"])
				lines = append(lines, line)
			}
			if kind == "lm-eval-other" {
				break
			}
		}
		if f["twice"] != "" {
			lines = append(lines, lines[0])
		}
		switch kind {
		case "lm-eval-old":
			return writeJSONFile(filepath.Join(path, "pretrained__x_gsm8k.jsonl"), lines)
		case "lm-eval-other":
			return writeJSONLines(filepath.Join(path, "samples_arc_easy_2024-05-01T10-00-00.1.jsonl"), lines)
		}
		shots, _ := strconv.Atoi(f["shots"])
		evaluated, _ := strconv.Atoi(cmp.Or(f["evaluated"], f["n"]))
		err := writeJSONFile(filepath.Join(path, "results_2024-05-01T10-00-00.1.json"), map[string]any{
			"n-samples": map[string]any{"gsm8k": map[string]any{"original": 1319, "effective": evaluated}},
			"results":   map[string]any{"gsm8k": map[string]any{"alias": "gsm8k", "exact_match_stderr,strict-match": "N/A"}, "a_group": map[string]any{"acc,none": 0.5}}, "versions": map[string]any{"gsm8k": 3.0},
			"n-shot": map[string]any{"gsm8k": shots}, "model_name": f["model"], "config": map[string]any{},
		})
		if err != nil {
			return err
		}
		return writeJSONLines(filepath.Join(path, "samples_gsm8k_2024-05-01T10-00-00.1.jsonl"), lines)
	case "write-out":
		for _, s := range list {
			lines = append(lines, map[string]any{
				"doc_id": s.id, "prompt_0": f["shots"] + " shots. Question: " + s.question + "until", "logit_0": " So.\n#### " + s.said,
				"truth": fmt.Sprintf(" So.\n#### %d", s.answer), "acc": map[bool]string{true: "True", false: "False"}[s.right],
			})
		}
		return writeJSONFile(filepath.Join(path, "gsm8k_write_out_info.json"), lines)
	case "jp-harness":
		for _, s := range list {
			said, _ := strconv.Atoi(s.said)
			lines = append(lines, map[string]any{
				"question": s.question, "context": f["shots"] + " shots. 問題：" + s.question, "completion": "答えは" + s.said + "です。", "extracted_answer": said,
				"answer": s.answer, "acc": s.right,
			})
		}
		return writeJSONFile(filepath.Join(path, "score_math.json"), map[string]any{
			"results": map[string]any{"mgsm-1.0-0.0": map[string]any{"acc": json.RawMessage("-1.0"), "details": lines}}, "versions": map[string]any{"mgsm-1.0-0.0": 1.0},
			"config": map[string]any{"model_args": "pretrained=" + f["model"], "num_fewshot": 4},
		})
	case "llm-jp":
		for _, s := range list {
			lines = append(lines, map[string]any{"input": "質問：" + s.question, "pred": s.said, "gold": strconv.Itoa(s.answer)})
		}
		return writeJSONFile(filepath.Join(path, "result.json"), map[string]any{
			"scores": map[string]any{"niilc_char_f1": "N/A"}, "outputs": map[string]any{"niilc": lines}, "config": map[string]any{"target_dataset": "niilc"},
		})
	}
	return fmt.Errorf("unknown kind %q", kind)
}

func writeJSONFile(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeBytes(path, b)
}

func writeJSONLines(path string, lines []any) error {
	var all []byte
	for _, line := range lines {
		b, err := json.Marshal(line)
		if err != nil {
			return err
		}
		all = append(append(all, b...), '\n')
	}
	return writeBytes(path, all)
}

func writeBytes(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// asWriteOut turns our samples into the file that the EN harness would have written of the same answers:
// aswriteout SAMPLES FILE.
func asWriteOut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: aswriteout samples file")
	}
	var records []any
	err := results.ReadSamples(args[0], strings.NewReader(ts.ReadFile(args[0])), func(s results.Sample) error {
		record := map[string]any{"doc_id": s.Position, "truth": 0}
		for i, x := range s.Exchanges {
			prompt := x.Prompt + x.Continuation
			var answer any
			if x.Text != nil {
				prompt, answer = prompt+"until", *x.Text
			} else {
				answer = []any{*x.Log, *x.Greedy}
			}
			record[fmt.Sprintf("prompt_%d", i)], record[fmt.Sprintf("logit_%d", i)] = prompt, answer
		}
		records = append(records, record)
		return nil
	})
	ts.Check(err)
	ts.Check(writeJSONFile(ts.MkAbs(args[1]), records))
}
