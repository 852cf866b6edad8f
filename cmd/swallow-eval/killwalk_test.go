package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
)

// victimWorld tells the test binary the address of the imitated hub.
const victimWorld = "SWALLOW_EVAL_TEST_WORLD"

// TestVictimOfTheWalk is the process that TestKilledWriters kills.
func TestVictimOfTheWalk(t *testing.T) {
	raw := os.Getenv(victimArgs)
	if raw == "" {
		t.Skip("runs as the subprocess of TestKilledWriters")
	}
	var args []string
	require.NoError(t, json.Unmarshal([]byte(raw), &args))
	c := console{in: os.Stdin, out: os.Stderr, err: os.Stderr}
	if address := os.Getenv(victimWorld); address != "" {
		w := newWorld(t) // the same files are published as by the walk, whose server answers
		w.server = &httptest.Server{URL: address}
		c.wire, c.manifest = w, w.publishAll(t)
	}
	root := newRoot(c)
	root.SetArgs(args)
	require.NoError(t, root.Execute())
}

// way is one way of a command to write, from an old content of its destination to a new one.
type way struct {
	name string
	// args writes the content of a generation, 0 the old and 1 the new, to a destination.
	args func(generation int, to string) []string
	// world says that the command asks the imitated hub.
	world bool
	// check, where not nil, holds the destination as a whole after a kill.
	check func(t *testing.T, to string)
}

// reads says that a command writes no file but what it remembers of answers and digests.
const reads = "reads"

// writers are all commands: reads, the test elsewhere that kills the command, or how it is made to write here.
func writers(f walkFixtures) map[string]any {
	run := func(g int) string { return filepath.Join(f.dir, fmt.Sprint("run", g)) }
	real := func(g int) string { return filepath.Join(f.dir, fmt.Sprint("real", g)) }
	model := func(g int) string { return filepath.Join(f.dir, fmt.Sprint("model", g)) }
	outputs := func(args func(g int) []string, formats ...string) func(g int, to string) []string {
		return func(g int, to string) []string {
			list := args(g)
			for _, format := range formats {
				list = append(list, "-o", format+"="+filepath.Join(to, format))
			}
			return list
		}
	}
	export := func(as, name string, more ...string) way {
		return way{name: "export " + as, args: func(g int, to string) []string {
			return append([]string{"export", run(g), "--as", as, "--force", "-o", filepath.Join(to, name)}, more...)
		}}
	}
	baseline := filepath.Join(f.dir, "baseline")
	return map[string]any{
		"run":           TestKilledRuns,
		"loglikelihood": TestKilledStreams,
		"generate":      TestKilledStreams,
		"report": []way{{name: "report", args: func(g int, to string) []string {
			return []string{"report", run(g), "-o", filepath.Join(to, "report.html")}
		}}},
		"export": []way{
			export("csv", "x.csv"), export("latex", "x.tex"), export("markdown", "x.md"), export("swallow", "x"),
			{name: "export lm-eval", args: func(g int, to string) []string {
				return []string{"export", real(g), "--as", "lm-eval", "--force", "-o", to, "--data-dir", filepath.Join(f.dir, "data")}
			}},
		},
		"baseline save": []way{{name: "baseline save", args: func(g int, to string) []string { return []string{"baseline", "save", run(g), to} },
			check: func(t *testing.T, to string) {
				if _, err := os.Stat(filepath.Join(to, results.RunFile)); err == nil {
					succeed(t, "baseline", "check", to)
				}
			}}},
		"baseline show":  []way{{name: "baseline show", args: outputs(func(g int) []string { return []string{"baseline", "show", fmt.Sprint(baseline, g)} }, "json")}},
		"baseline check": []way{{name: "baseline check", args: outputs(func(g int) []string { return []string{"baseline", "check", fmt.Sprint(baseline, g)} }, "json")}},
		"compare":        []way{{name: "compare", args: outputs(func(g int) []string { return []string{"compare", run(0), run(1 + g)} }, "table", "md", "json", "junit", "github", "csv")}},
		"drift": []way{
			{name: "drift --save", args: func(g int, to string) []string {
				return []string{"drift", "--model", model(g), "--input", filepath.Join(f.dir, "texts"), "--threads", "1", "--save", filepath.Join(to, "logits")}
			}},
			{name: "drift -o", args: outputs(func(g int) []string {
				return []string{"drift", "--model", model(g), "--input", filepath.Join(f.dir, "texts"), "--threads", "1", "--dtype", "bf16", "--against", "f32"}
			}, "csv")},
		},
		"fetch": []way{
			{name: "fetch --model", world: true, args: func(g int, to string) []string {
				return []string{"fetch", "--model", fmt.Sprint("org/tiny", g)} // the cache is the destination
			}},
			{name: "fetch --tasks", world: true, args: func(g int, to string) []string {
				return []string{"fetch", "--tasks", []string{"gsm8k", "gsm8k,niilc,openbookqa,xwino"}[g], "--data-dir", to, "--allow-unpinned-data"}
			}},
		},
		"judge": TestKilledJudging,
		"task new": []way{{name: "task new", args: func(g int, to string) []string {
			return []string{"task", "new", filepath.Join(to, fmt.Sprint("own", g))}
		},
			check: func(t *testing.T, to string) { // the questions come first: where there is a task file, it is whole
				for g := range 2 {
					name := filepath.Join(to, fmt.Sprint("own", g, ".yaml"))
					if _, err := os.Stat(name); err == nil {
						succeed(t, "task", "check", name)
					}
				}
			}}},
		"task import": []way{{name: "task import", args: func(g int, to string) []string {
			return []string{"task", "import", filepath.Join(f.dir, "theirs", fmt.Sprint("t", g, ".yaml")), "-o", filepath.Join(to, "mine.yaml")}
		}}},
		"task pin": "writes as task import does, over the file it read",
		"task":     reads, "task check": reads, "task schema": reads,
		"cache gc": "removes whole files, oldest first: eval/store: TestGCWhileOpen, TestSegmentsVanish",
		"bench":    reads, "cache": reads, "cache ls": reads, "cache verify": reads, "cache export": reads, "list": reads, "prompts": reads,
		"show": reads, "verify": reads, "tokenize": reads, "metric": reads, "version": reads, "baseline": reads, "score": reads,
		"serve": reads, "worker": reads, "completion": reads, "completion bash": reads, "completion zsh": reads, "completion fish": reads, "completion powershell": reads, "help": reads,
	}
}

// destinations are flags by which a command is told where to write.
func destinations(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if strings.HasPrefix(f.Name, "output") || strings.HasPrefix(f.Name, "save") || f.Shorthand == "o" {
			names = append(names, f.Name)
		}
	})
	return names
}

// TestEveryWritingCommandIsKilled: each command of the tree is in the walk, and each of its flags that name a destination is used there.
func TestEveryWritingCommandIsKilled(t *testing.T) {
	all := writers(walkFixtures{})
	seen := map[string]bool{}
	var visit func(cmd *cobra.Command, path string)
	visit = func(cmd *cobra.Command, path string) {
		if path != "" {
			seen[path] = true
			entry, ok := all[path]
			assert.True(t, ok, "%s is not among the commands that are killed: how does it write, or does it only read?", path)
			ways, isWays := entry.([]way)
			for _, name := range destinations(cmd) {
				_, killed := entry.(func(*testing.T))
				used := slices.ContainsFunc(ways, func(w way) bool {
					return slices.ContainsFunc(w.args(0, "to"), func(a string) bool { return a == "--"+name || a == "-"+cmd.Flags().Lookup(name).Shorthand })
				})
				assert.True(t, killed || isWays && used, "%s --%s writes, and is not killed", path, name)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub, strings.TrimPrefix(path+" "+sub.Name(), " "))
		}
	}
	visit(quietRoot(), "")
	for path := range all {
		assert.True(t, seen[path], "%s is no command", path)
	}
}

// walkFixtures is a folder with what the commands read: run0, run1 and run2, made-up runs; real0 and real1, real ones with the
// same model's name and time; baseline0 and baseline1; model0 and model1; data; texts.
type walkFixtures struct{ dir string }

func newWalkFixtures(t *testing.T) walkFixtures {
	t.Helper()
	f := walkFixtures{t.TempDir()}
	in := func(name string, g int) string { return filepath.Join(f.dir, fmt.Sprint(name, g)) }
	for g := range 3 {
		require.NoError(t, writeFakeRun(in("run", g), map[string]string{"model": fmt.Sprint("org/made-up", g/2), "digest": fmt.Sprint("sha256:", g), "dtype": "f32",
			"n": "40", "lost": fmt.Sprint(3 * g), "shots": "4", "tasks": "mgsm", "profile": "swallow-2023", "text": strings.Repeat("x", 10*g)}))
	}
	makeData(t, filepath.Join(f.dir, "data"))
	require.NoError(t, os.Mkdir(filepath.Join(f.dir, "theirs"), 0o755))
	for g := range 2 {
		write(t, filepath.Join(f.dir, "theirs"), fmt.Sprint("t", g, ".yaml"), fmt.Sprintf("task: t%d\ndataset_path: x\noutput_type: generate_until\ntest_split: test\n"+
			"doc_to_text: \"{{q}}\"\ndoc_to_target: \"{{a}}\"\nmetric_list:\n  - metric: exact_match\n", g))
	}
	write(t, f.dir, "texts", "\"Once upon a time\"\n\"もう一つ\"\n")
	for g := range 2 {
		makeModel(t, in("model", g), 256, int64(7+g))
		succeed(t, "baseline", "save", in("run", g), in("baseline", g))
		succeed(t, "run", "--tasks", "xwino,jcommonsenseqa", "--model", in("model", g), "--data-dir", filepath.Join(f.dir, "data"), "--allow-unpinned-data",
			"--limit", "3", "--num-fewshot", "1", "--threads", "1", "--no-cache", "-o", in("real", g))
		r, err := results.ReadRun(in("real", g))
		require.NoError(t, err)
		r.Model.Name, r.Started, r.Finished = "tiny", time.Unix(1e9, 0).UTC(), time.Unix(1e9, 0).UTC()
		require.NoError(t, folder.WriteRun(in("real", g), r))
	}
	return f
}

// content reads a destination: regular files by their path below it, those that links lead to included. Of a fetched model what the hub's
// client keeps for itself is left out, and so is what every writer has beside its file until that is complete.
func content(dir string) map[string]string {
	files := map[string]string{}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // what vanishes meanwhile is not there
		if err != nil {
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") && path != dir {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := os.Stat(path); err != nil || info.IsDir() || strings.HasSuffix(path, ".incomplete") {
			return nil
		}
		if b, err := os.ReadFile(path); err == nil {
			rel, _ := filepath.Rel(dir, path)
			files[rel] = string(b)
		}
		return nil
	})
	return files
}

// state is what can be seen of a folder without reading it.
func state(dir string) string {
	var b strings.Builder
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil {
			fmt.Fprintln(&b, path, info.Mode(), info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}

// TestKilledWriters is D15: every command that writes files is killed with SIGKILL at each change of its destination that can be seen, over
// an older content. Whatever is there under its own name then, and at every moment before, is a file of the old content or of the
// new one, whole; and the same command again ends with what an undisturbed one writes, and nothing else.
func TestKilledWriters(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	isolated(t)
	t.Setenv("HF_HUB_OFFLINE", "1")
	f := newWalkFixtures(t)
	w := newWorld(t)
	for g := range 2 {
		w.addModel(t, fmt.Sprint("org/tiny", g), filepath.Join(f.dir, fmt.Sprint("model", g)))
	}
	w.publishAll(t)
	for _, entry := range writers(f) {
		ways, _ := entry.([]way)
		for _, way := range ways {
			t.Run(way.name, func(t *testing.T) { killedAtEveryChange(t, w, way) })
		}
	}
}

func killedAtEveryChange(t *testing.T, w *world, way way) {
	start := func(generation int, to string) *exec.Cmd {
		raw, err := json.Marshal(way.args(generation, to))
		require.NoError(t, err)
		cmd := exec.Command(os.Args[0], "-test.run=^TestVictimOfTheWalk$")
		cmd.Env = append(os.Environ(), victimArgs+"="+string(raw), "HF_HUB_CACHE="+filepath.Join(to, "hub"))
		if way.world {
			cmd.Env = append(cmd.Env, victimWorld+"="+w.server.URL, "HF_HUB_OFFLINE=")
		}
		return cmd
	}
	calm := func(generation int, to string) map[string]string {
		out, err := start(generation, to).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return content(to)
	}
	dir := t.TempDir()
	old, whole := filepath.Join(dir, "old"), filepath.Join(dir, "whole")
	require.NoError(t, os.Mkdir(old, 0o755))
	before := calm(0, old)
	copied := func(to string) string {
		require.NoError(t, os.CopyFS(to, os.DirFS(old)))
		return to
	}
	after := calm(1, copied(whole))
	require.NotEqual(t, before, after)
	legal := func(to string) {
		for name, text := range content(to) {
			old, wasThere := before[name]
			will, willBe := after[name]
			require.True(t, wasThere && text == old || willBe && text == will, "%s is neither the old nor the new file", name)
		}
		for name, old := range before {
			if after[name] == old {
				require.FileExists(t, filepath.Join(to, name))
			}
		}
	}
	for n := 1; ; n++ {
		require.Less(t, n, 60, "it changes and changes")
		to := copied(filepath.Join(dir, fmt.Sprint(n)))
		killed := killAtChange(t, start(1, to), to, n, legal)
		legal(to)
		if way.check != nil {
			way.check(t, to)
		}
		if !killed {
			require.Equal(t, after, content(to))
			require.Greater(t, n, 1, "it was never killed")
			return
		}
		require.Equal(t, after, calm(1, to), "the same command again")
		leftovers, err := filepath.Glob(filepath.Join(to, ".*"))
		require.NoError(t, err)
		for _, l := range leftovers {
			assert.NotRegexp(t, `\.tmp$`, l, "the next writer sweeps up")
		}
		if n >= 12 {
			n += n / 2 // of a long series of files not every one
		}
	}
}

// killAtChange kills a process at the n-th change of a folder, looking at each that it sees, and says whether it came to that.
func killAtChange(t *testing.T, cmd *exec.Cmd, dir string, n int, look func(dir string)) bool {
	t.Helper()
	last := state(dir)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for changes := 0; ; {
		select {
		case err := <-ended:
			require.NoError(t, err, said.String())
			return false
		case <-time.After(200 * time.Microsecond):
		}
		now := state(dir)
		if now == last {
			continue
		}
		last = now
		if changes++; changes == n {
			if err := cmd.Process.Kill(); !errors.Is(err, os.ErrProcessDone) { // it may have ended since
				require.NoError(t, err)
			}
			return <-ended != nil
		}
		look(dir)
	}
}
