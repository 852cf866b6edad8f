// Package depcheck holds the test of the direction of imports. It parses the files itself: a test that asks the go
// command is cached by it and can pass on a tree that breaks the rule.
package depcheck

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/swallow-eval/swallow-eval"

// rule says what the packages below a folder may import of the module. The first rule that matches a package counts.
type rule struct {
	from  string   // folder, with everything below it
	allow []string // folders, with everything below them
	why   string
}

// rules are the arrows of the architecture, the most special first.
var rules = []rule{
	{"cmd", []string{""}, "the command knows everything"},
	{"catalog", []string{"tasks", "datasets", "models/locate", "models/smokemodel", "results", "internal"}, "what there is by name is listed for people and programs"},
	{"prompts", []string{"tasks", "models/wrapper", "engine/tokenizer", "internal"}, "what tasks ask is shown, as text and as the tokens of an encoder"},
	{"tasks/suite", []string{"tasks", "metrics"}, "the suite lists the tasks"},
	{"tasks/file", []string{"tasks", "fewshot", "metrics", "internal/jinja", "internal/pyregex"}, "a task file is templates and expressions over records"},
	{"tasks", []string{"tasks", "fewshot", "metrics"}, "a task reaches neither files nor model"},
	{"eval/source", []string{"eval", "datasets", "results"}, "the loop's records come from data sets"},
	{"eval/texts", []string{"eval", "results", "metrics"}, "texts are scored as the loop scores outputs"},
	{"eval/store", []string{"tasks", "internal/terminal", "internal/textsafe"}, "what a store holds is shown where it is known"},
	{"eval", []string{"tasks", "results", "metrics", "internal/guard", "internal/jsonwords"}, "the loop knows no model's inside"},
	{"models/smokemodel/corpus", []string{"tasks", "datasets"}, "the smoke model's training text is made of tasks over invented data"},
	{"models/wrapper", []string{"tasks", "metrics", "eval", "engine/tokenizer", "internal/guard"}, "the wrappers' rules hold for whatever answers"},
	{"models/chat", []string{"tasks", "engine/gguf", "engine/tokenizer", "internal/jinja"}, "a template is found among a model's files and shows it a task's prompts"},
	{"models/locate", []string{"models/smokemodel", "engine/gguf", "internal/hub", "internal/nearest"}, "a name becomes a model's files here"},
	{"models/local", []string{"models/embedded", "models/locate", "engine", "internal/hub", "internal/textsafe"}, "a model is brought to this machine in the parts that are needed"},
	{"models/planned", []string{"models/wrapper", "tasks", "results", "eval", "engine", "internal/terminal", "internal/textsafe"}, "a plan is counted by the loop, and shown"},
	{"models", []string{"models/chat", "models/wrapper", "tasks", "metrics", "results", "eval", "engine", "internal/guard"}, "an adapter joins one kind of model to the loop"},
	{"bulk", []string{"models", "engine/tokenizer", "internal/jsonwords"}, "lines are answered by a model in tokens, wherever they come from and go to"},
	{"cluster/embedded", []string{"cluster", "models/wrapper", "results", "internal/atomicfile"}, "a coordinator may have its broker in its own process"},
	{"cluster", []string{"models/wrapper", "tasks", "results", "eval", "internal/atomicfile", "internal/guard"}, "a cluster knows requests and any model, and no engine"},
	{"judge", []string{"eval", "results", "tasks"}, "a judge knows programs and verdicts, and no model"},
	{"serve", []string{"models/wrapper", "tasks", "results", "engine", "internal/guard", "internal/jsonwords"}, "a server speaks tokens with an engine and knows no benchmark"},
	{"interop/series", []string{"tasks", "metrics", "results", "eval", "internal"}, "what the formats share knows none of them"},
	{"interop/jpharness", []string{"interop/series", "tasks", "metrics", "results", "eval", "internal"}, "a format knows no other"},
	{"interop/llmjp", []string{"interop/series", "tasks", "metrics", "results", "eval", "internal"}, "a format knows no other"},
	{"interop/writeout", []string{"interop/series", "tasks", "metrics", "results", "eval", "internal"}, "a format knows no other"},
	{"interop/swallow", []string{"interop/series", "tasks", "metrics", "results", "eval", "internal"}, "a format knows no other"},
	{"interop/lmeval", []string{"interop/series", "interop/jpharness", "tasks", "metrics", "results", "eval", "internal"}, "lm-eval's result files are of the harness's form"},
	{"interop/lmevaltask", []string{"tasks/file"}, "lm-eval's YAML becomes a task file"},
	{"interop/runs", []string{"interop", "compare", "owntasks", "tasks", "metrics", "results", "internal/jsonwords"}, "runs of every kind are made ready to be compared"},
	{"interop", []string{"interop", "tasks", "metrics", "results", "eval", "internal"}, "foreign files become results, without an engine"},
	{"compare/baseline", []string{"compare", "results", "metrics", "internal"}, "a baseline is a run that compare reads"},
	{"compare", []string{"results", "metrics", "internal"}, "comparing works without an engine"},
	{"report/tokens", []string{"report", "models/wrapper", "engine/tokenizer", "tasks", "results"}, "a page's tokens are those of a model's encoder"},
	{"report/dense", nil, "bytes are packed whatever they say"},
	{"report", []string{"report/dense", "compare", "results", "metrics", "internal"}, "a page shows what is stored, and asks its caller for tokens"},
	{"results/published", []string{"internal/nearest"}, "what was printed is data, and a misspelt row is told the nearest"},
	{"results/notes", []string{"results", "metrics", "internal/textsafe"}, "a note says what a stored number must not be read without"},
	{"results/folder", []string{"results", "internal/atomicfile"}, "a folder keeps what results are"},
	{"results/tables", []string{"results", "tasks", "internal/textsafe"}, "tables show what results keep, in the columns of a profile"},
	{"results", []string{"metrics", "internal"}, "results work without an engine"},
	{"metrics", []string{"metrics", "fewshot"}, "a metric knows texts and random streams"},
	{"owntasks/fetch", []string{"owntasks", "tasks/file", "internal/hub"}, "data of task files come over the network"},
	{"owntasks", []string{"eval", "tasks", "datasets", "results", "internal/atomicfile", "internal/textsafe"}, "task files become tasks of a run, with their data"},
	{"verify", []string{"owntasks", "tasks", "datasets", "results", "metrics/nagisa", "internal/terminal"}, "prompts and data are set beside what is recorded of the reference's"},
	{"progress", []string{"eval", "results", "internal"}, "what runs and downloads tell of themselves is shown"},
	{"drift", []string{"models/embedded", "engine", "compare", "results", "internal"}, "logits of a model are set beside others"},
	{"engine/internal/num", nil, "numbers know nothing"},
	{"engine/internal/kernel/blocks", []string{"engine/internal/num"}, "blocks are arrays of numbers too"},
	{"engine/internal/kernel", []string{"engine/internal/kernel/blocks", "engine/internal/num"}, "kernels know arrays of numbers"},
	{"engine/gguf", []string{"engine/gguf", "engine/safetensors", "engine/internal/kernel/blocks", "engine/internal/num", "engine/internal/mapfile"}, "a format of files knows no model"},
	{"engine/internal/arch", []string{"engine/gguf", "engine/safetensors", "engine/internal/num", "engine/internal/strictjson"}, "an architecture is described, not computed"},
	{"engine/internal/graph", []string{"engine/internal/arch", "engine/internal/kernel", "engine/internal/memfault", "engine/internal/num", "engine/internal/strictjson"}, "the graph knows neither files nor requests"},
	{"engine/internal/schedule", []string{"engine/internal/graph"}, "a schedule knows tokens and batches"},
	{"engine/internal/checkpoint", []string{"engine/gguf", "engine/safetensors", "engine/internal/arch", "engine/internal/graph", "engine/internal/kernel", "engine/internal/lora"}, "files become tensors"},
	{"engine/internal/lora", []string{"engine/safetensors", "engine/internal/arch", "engine/internal/graph", "engine/internal/kernel", "engine/internal/mapfile", "engine/internal/strictjson"}, "an adapter is a way to see tensors"},
	{"engine", []string{"engine"}, "the engine can be read without knowing what a benchmark is"},
	{"datasets/fetch", []string{"datasets", "metrics/nagisa", "internal"}, "what is missing comes over the network"},
	{"datasets", []string{"datasets", "internal/atomicfile", "internal/filesum"}, "data sets know nothing of ours but how files are told apart and written"},
	{"fewshot", nil, "random streams know nothing of ours"},
	{"internal/jinja", []string{"metrics/pytext"}, "templates work on Python's strings"},
	{"internal", []string{"internal"}, "leaves"},
}

// leaves are packages below internal that import nothing of ours but each other, so that every floor may import them.
var leaves = []string{"internal/commonprefix", "internal/identity", "internal/jsonscan", "internal/memory", "internal/nearest", "internal/parquet", "internal/pause", "internal/python"}

// testOnly are packages for tests, which may import each other and, like every test, whatever they need to see.
var testOnly = []string{"internal/shared", "internal/parquet/parquettest", "tasks/internal/golden", "engine/enginetest", "engine/internal/shorttest", "engine/gguf/gguftest", "engine/tokenizer/tokenizertest"}

func TestImportsPointOneWay(t *testing.T) {
	root := moduleRoot(t)
	checked := 0
	eachFile(t, root, func(file, rel string) {
		if !strings.HasSuffix(rel, ".go") {
			return
		}
		for _, imported := range importsOf(t, file) {
			checked++
			assert.NoError(t, check(rel, imported))
		}
	})
	assert.Greater(t, checked, 50, "the walk found the module's imports")
}

// eachFile calls visit with every file of the module and its path below root, with slashes. Hidden folders are no part of it.
func eachFile(t *testing.T, root string, visit func(file, rel string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && file != root {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		visit(file, filepath.ToSlash(rel))
		return nil
	}))
}

// check returns an error if the file (a path within the module) may not import that package.
func check(file, imported string) error {
	if imported == "C" {
		return fmt.Errorf("%s uses cgo", file)
	}
	target, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		return nil
	}
	if strings.HasSuffix(file, "_test.go") || slices.Contains(testOnly, path.Dir(file)) {
		return nil
	}
	if slices.Contains(testOnly, target) {
		return fmt.Errorf("%s imports %s, which is for tests", file, target)
	}
	if slices.ContainsFunc(leaves, func(leaf string) bool { return below(file, leaf) }) {
		if slices.Contains(leaves, target) {
			return nil
		}
		return fmt.Errorf("%s imports %s: a leaf imports nothing of ours but leaves", file, target)
	}
	for _, r := range rules {
		if !below(file, r.from) {
			continue
		}
		if slices.Contains(leaves, target) {
			return nil
		}
		for _, a := range r.allow {
			if below(target, a) {
				return nil
			}
		}
		return fmt.Errorf("%s imports %s: %s (%s may import %v)", file, target, r.why, r.from, r.allow)
	}
	return fmt.Errorf("%s lies in no folder of the architecture", file)
}

func below(name, dir string) bool {
	return dir == "" || name == dir || strings.HasPrefix(name, dir+"/")
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	var list []string
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		require.NoError(t, err)
		list = append(list, p)
	}
	return list
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		require.NotEqual(t, filepath.Dir(dir), dir, "no go.mod above the test")
		dir = filepath.Dir(dir)
	}
}

// TestRulesBite shows that the check fails where it should.
func TestRulesBite(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		ok             bool
	}{
		{"cmd/swallow-eval/run.go", module + "/engine", true},
		{"engine/model.go", module + "/tasks", false},
		{"engine/model.go", module + "/engine/internal/kernel", true},
		{"engine/internal/graph/pass.go", module + "/engine/internal/schedule", false},
		{"engine/internal/graph/pass.go", module + "/engine/safetensors", false},
		{"engine/internal/arch/llama.go", module + "/engine/internal/graph", false},
		{"engine/internal/schedule/walk.go", module + "/engine/internal/kernel", false},
		{"engine/internal/schedule/walk.go", module + "/engine/internal/graph", true},
		{"engine/internal/kernel/kernel.go", module + "/engine/internal/graph", false},
		{"tasks/mgsm/mgsm.go", module + "/datasets", false},
		{"tasks/mgsm/mgsm.go", module + "/fewshot", true},
		{"metrics/bleu.go", module + "/tasks", false},
		{"eval/eval.go", module + "/engine", false},
		{"eval/eval.go", module + "/models/embedded", false},
		{"eval/eval.go", module + "/internal/guard", true},
		{"eval/eval.go", module + "/internal/hub", false},
		{"models/wrapper/plan.go", module + "/engine/tokenizer", true},
		{"models/wrapper/plan.go", module + "/engine", false},
		{"models/embedded/do.go", module + "/models/wrapper", true},
		{"models/embedded/do.go", module + "/models/smokemodel", false},
		{"compare/compare.go", module + "/engine", false},
		{"report/report.go", module + "/compare", true},
		{"report/tokens.go", module + "/models/embedded", false},
		{"compare/compare.go", module + "/report", false},
		{"interop/series/tally.go", module + "/interop/lmeval", false},
		{"interop/writeout/read.go", module + "/interop/lmeval", false},
		{"interop/lmeval/read.go", module + "/interop/jpharness", true},
		{"interop/detect.go", module + "/interop/swallow", true},
		{"interop/run.go", module + "/compare", false},
		{"interop/run.go", module + "/models/embedded", false},
		{"results/run.go", module + "/interop", false},
		{"tasks/gsm8k/foreign.go", module + "/interop/series", false},
		{"datasets/read.go", module + "/internal/textsafe", false},
		{"datasets/read.go", module + "/internal/python", true},
		{"engine/load.go", module + "/internal/python", true},
		{"tasks/mgsm/mgsm.go", module + "/internal/python", true},
		{"datasets/datasets.go", module + "/internal/parquet", true},
		{"internal/parquet/columns.go", module + "/internal/jsonscan", true},
		{"internal/parquet/columns.go", module + "/datasets", false},
		{"internal/python/dumps.go", module + "/internal/textsafe", false},
		{"stray/x.go", module + "/internal/python", false},
		{"results/run.go", module + "/internal/shared", false},
		{"results/run_test.go", module + "/internal/shared", true},
		{"tasks/mgsm/mgsm_test.go", module + "/datasets", true},
		{"tasks/internal/golden/golden.go", module + "/internal/shared", true},
		{"engine/load.go", "C", false},
		{"engine/load.go", "os", true},
		{"stray/x.go", module + "/engine", false},
	} {
		err := check(c.file, c.imported)
		assert.Equal(t, c.ok, err == nil, "%s -> %s: %v", c.file, c.imported, err)
	}
}
