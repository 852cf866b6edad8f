package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"swallow-eval": main})
}

// TestScripts runs the scripts of testdata/script. Each finds in its folder $WORK: model, a complete small model with
// random weights, a vocabulary that knows little and 128 positions; wide, the same with 4096 positions; bf16.gguf and
// q8_0.gguf, made of that; altered, with other weights; and data,
// invented records of seven data sets in their benchmarks' own files.
func TestScripts(t *testing.T) {
	fixtures := t.TempDir()
	makeModel(t, filepath.Join(fixtures, "model"), 128, 7)
	makeModel(t, filepath.Join(fixtures, "wide"), 4096, 7)
	makeModel(t, filepath.Join(fixtures, "altered"), 4096, 8)
	makeGGUF(t, filepath.Join(fixtures, "wide"), fixtures)
	makeData(t, filepath.Join(fixtures, "data"))
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			// No test opens a connection beyond this machine.
			env.Setenv("HF_HUB_OFFLINE", "1")
			env.Setenv("HF_HUB_CACHE", filepath.Join(env.WorkDir, "hf"))
			env.Setenv("SWALLOW_EVAL_NAGISA", filepath.Join(env.WorkDir, "nagisa"))
			env.Setenv("SWALLOW_EVAL_DIGESTS", filepath.Join(env.WorkDir, "digests"))
			env.Setenv("SWALLOW_EVAL_ROWS", filepath.Join(env.WorkDir, "rows"))
			env.Setenv("SWALLOW_EVAL_ANSWERS", filepath.Join(env.WorkDir, "answers"))
			env.Setenv("SWALLOW_EVAL_DATA", filepath.Join(env.WorkDir, "fetched"))
			return os.CopyFS(env.WorkDir, os.DirFS(fixtures))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"oneline": oneLineError, "waitfor": waitFor, "aswriteout": asWriteOut, "step": writeStep, "abovechance": aboveChance},
	})
}

// oneLineError asserts that standard error is exactly one line, with the program's name before it.
func oneLineError(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile("stderr")
	if neg || len(args) != 0 {
		ts.Fatalf("usage: oneline")
	}
	if strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "swallow-eval: ") {
		ts.Fatalf("not one line of error: %q", text)
	}
}

// waitFor waits until a file matches the pattern.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor pattern")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if found, err := filepath.Glob(ts.MkAbs(args[0])); err == nil && len(found) > 0 {
			return
		}
	}
	ts.Fatalf("nothing matches %s", args[0])
}

func makeModel(t *testing.T, dir string, window int, seed int64) {
	t.Helper()
	check(t, os.MkdirAll(dir, 0o755))
	check(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	shape := enginetest.Tiny()
	shape.MaxPositions = window
	shape.Vocab = tokenizertest.VocabSize
	check(t, enginetest.Write(dir, shape, seed))
}

// makeGGUF converts a model.
func makeGGUF(t *testing.T, dir, to string) {
	t.Helper()
	for _, kind := range []gguf.Type{gguf.BF16, gguf.Q8_0} {
		f, err := gguftest.FromDirectory(dir, kind)
		check(t, err)
		write(t, to, strings.ToLower(kind.String())+".gguf", string(f.Bytes()))
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), 0o644))
}

// makeData writes sums and colours, in every schema.
func makeData(t *testing.T, dir string) {
	t.Helper()
	write(t, dir, "jglue/jcommonsenseqa-v1.1/train-v1.1.json", records(t, 6, 0, jcqa))
	write(t, dir, "jglue/jcommonsenseqa-v1.1/valid-v1.1.json", records(t, 5, 100, jcqa))
	write(t, dir, "gsm8k/train.jsonl", records(t, 90, 0, gsm8k))
	write(t, dir, "gsm8k/test.jsonl", records(t, 7, 200, gsm8k))
	write(t, dir, "many/gsm8k/train.jsonl", records(t, 90, 0, gsm8k))
	write(t, dir, "many/gsm8k/test.jsonl", records(t, 5000, 200, gsm8k))
	write(t, dir, "many/jglue/jcommonsenseqa-v1.1/train-v1.1.json", records(t, 6, 0, jcqa))
	write(t, dir, "many/jglue/jcommonsenseqa-v1.1/valid-v1.1.json", records(t, 5, 100, jcqa))
	write(t, dir, "xwinograd/en.jsonl", records(t, 90, 0, xwino))
	var tsv strings.Builder
	var exemplars []any
	for i := range 8 {
		fmt.Fprintf(&tsv, "リンゴが%d個あります。%d個もらうと何個ですか？\t%d\n", i, i+1, 2*i+1)
		exemplars = append(exemplars, map[string]any{
			"question": fmt.Sprintf("問題：ペンが%d本あります。1本もらうと何本ですか？", i), "answer": fmt.Sprintf("ステップごとの答え：%d+1=%d。答えは%dです。", i, i+1, i+1),
			"answer_number": i + 1, "equation_solution": "",
		})
	}
	write(t, dir, "mgsm/mgsm_ja.tsv", tsv.String())
	b, err := json.Marshal(exemplars)
	check(t, err)
	write(t, dir, "mgsm/mgsm_ja_exemplars.json", string(b))
}

func records(t *testing.T, n, from int, record func(i int) map[string]any) string {
	t.Helper()
	var b strings.Builder
	for i := range n {
		line, err := json.Marshal(record(from + i))
		check(t, err)
		b.Write(append(line, '\n'))
	}
	return b.String()
}

func jcqa(i int) map[string]any {
	return map[string]any{
		"q_id": i, "question": fmt.Sprintf("%d番の空の色は？", i), "choice0": "赤", "choice1": "青", "choice2": "白", "choice3": "黒", "choice4": "緑", "label": i % 5,
	}
}

func gsm8k(i int) map[string]any {
	return map[string]any{
		"question": fmt.Sprintf("Ann has %d pens and buys one more. How many?", i), "answer": fmt.Sprintf("She has %d+1=<<%d+1=%d>>%d.\n#### %d", i, i, i+1, i+1, i+1),
	}
}

func xwino(i int) map[string]any {
	return map[string]any{
		"sentence": fmt.Sprintf("Box %d is bigger than bag %d because _ is big.", i, i), "option1": fmt.Sprintf("box %d", i), "option2": fmt.Sprintf("bag %d", i), "answer": fmt.Sprint(1 + i%2),
	}
}
