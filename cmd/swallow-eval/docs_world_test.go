package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

// mentioned are commands that a sentence names without the arguments that they want, each with the line that shows them, which
// is run. Of the name alone the help is asked. Every other command line of the documentation is run, here or by
// TestDocumentedCommandsRun.
var mentioned = map[string]string{
	"metric":  "metric char_f1",
	"compare": "compare A B --gate --margin 1pt",
	"drift":   "drift --model M --dtype bf16 --against f32",
	"serve":   "serve --model M",
}

// unanswered are command lines that must fail for one reason that no imitation can take away.
var unanswered = map[string]struct{ says, why string }{
	"fetch --tasks all":         {"nagisa", "nagisa's files are pinned by content, which is not ours to imitate"},
	"fetch --tasks wmt20-en-ja": {"nagisa", "nagisa's files are pinned by content, which is not ours to imitate"},
}

// TestDocumentedCommandsInAWorld runs the commands that want more than small files: a hub, a broker, servers, a folder to work
// in. The hub and every other address are an imitation, models are made up and called as the pages call them, benchmarks have a
// few records; what a page says besides is as it stands there, and every command line does what it should.
func TestDocumentedCommandsInAWorld(t *testing.T) {
	var all []example
	for _, page := range pages(t) {
		all = append(all, examples(t, page)...)
	}
	s := newStage(t)
	ran := map[string]bool{}
	for _, e := range all {
		for _, args := range choices(e.args) {
			line := strings.Join(args, " ")
			if line == "" || runnable(args) || ran[line] {
				continue
			}
			ran[line] = true
			if _, bare := mentioned[line]; bare {
				args = append(args, "--help")
			}
			t.Run(line, func(t *testing.T) {
				err := s.run(t, s.settle(t, args))
				if not, fails := unanswered[line]; fails {
					assert.ErrorContains(t, err, not.says, "%s:%d: %s", e.page, e.line, not.why)
					return
				}
				assert.NoError(t, err, "%s:%d", e.page, e.line)
			})
		}
	}
	for name, line := range mentioned {
		assert.True(t, ran[name], "no page mentions %s", name)
		assert.True(t, slices.ContainsFunc(all, func(e example) bool { return strings.Join(e.args, " ") == line }), "no page shows %s", line)
	}
	for line := range unanswered {
		assert.True(t, ran[line], "no page shows %s", line)
	}
	for _, name := range []string{"run --tasks", "run --model openai", "run --model 7b --cluster", "worker", "serve --model", "fetch", "drift --model", "bench --suite", "task import", "baseline save", "completion"} {
		assert.True(t, slices.ContainsFunc(all, func(e example) bool { return strings.HasPrefix(strings.Join(e.args, " "), name) }), name)
	}
}

// beside is a world with this machine's own servers in it.
type beside struct{ world *world }

func (b beside) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() == "127.0.0.1" {
		return http.DefaultTransport.RoundTrip(r)
	}
	return b.world.RoundTrip(r)
}

// stage is a folder with what the pages' commands name, in a world that has the models they name.
type stage struct {
	console console
	broker  string
	server  string            // its address
	tasks   map[string]string // what "all" and others stand for
}

func newStage(t *testing.T) *stage {
	t.Helper()
	reference, err := filepath.Abs("../../../shared")
	require.NoError(t, err)
	isolated(t)
	w := newWorld(t)
	s := &stage{console: console{wire: beside{w}, manifest: w.publishAll(t)}}
	if _, err := os.Stat(reference); err != nil { // JSQuAD's examples are records of the real training file
		japanese := "jcommonsenseqa,jemhopqa,niilc,xlsum,mgsm,wmt20-en-ja,wmt20-ja-en"
		s.tasks = map[string]string{"all": japanese + ",en-all", "ja-all": japanese, "jsquad": "niilc"}
	}
	t.Chdir(t.TempDir())
	makeModel(t, "M", 4096, 7)
	makeModel(t, "my-model", 4096, 8)
	for _, id := range []string{"7b", "13b", "70b"} {
		w.addModel(t, "tokyotech-llm/Swallow-"+id+"-hf", "M")
	}
	_, said, err := inWorld(t, s.console, "fetch", "--tasks", "all", "--allow-unpinned-data", "--data-dir", "data")
	require.ErrorContains(t, err, "nagisa", said)
	shape := enginetest.Tiny()
	shape.Vocab = tokenizertest.VocabSize
	require.NoError(t, enginetest.WriteAdapter("my-lora", shape, enginetest.Adapter{Rank: 4, Targets: []string{"q_proj", "down_proj", "lm_head"}}, 9))
	for name, text := range map[string]string{
		"lm_eval/tasks/sciq/sciq.yaml": "task: sciq\ndataset_path: sciq\ntraining_split: train\ntest_split: test\ndoc_to_text: \"{{question}} =>\"\ndoc_to_target: answer\n",
		"train.jsonl":                  `{"question":"1+1?","answer":"2"}` + "\n" + `{"question":"2+1?","answer":"3"}` + "\n" + `{"question":"2+2?","answer":"4"}` + "\n",
		"test.jsonl":                   `{"question":"3+2?","answer":"5"}` + "\n",
	} {
		write(t, ".", name, text)
	}
	run := []string{"run", "--tasks", "xwino", "--model", "M", "--data-dir", "data", "--allow-unpinned-data", "--limit", "3", "-o"}
	for _, line := range [][]string{
		append(slices.Clone(run), "RUN"),
		append(slices.Clone(run), "again"),
		{"compare", "RUN", "again", "-o", "json=evaluation.json"},
		s.settle(t, []string{"run", "$EVAL_RUN", "--no-cache", "-o", "before"}),
		{"baseline", "save", "before", "accepted/eval/baseline"},
	} {
		_, said, err := inWorld(t, s.console, line...)
		require.NoError(t, err, said)
	}
	s.startBroker(t)
	s.startServer(t)
	return s
}

func (s *stage) startBroker(t *testing.T) {
	t.Helper()
	b, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	require.NoError(t, err)
	b.Start()
	require.True(t, b.ReadyForConnections(20*time.Second))
	t.Cleanup(func() { b.Shutdown(); b.WaitForShutdown() })
	s.broker = b.ClientURL()
}

// startServer serves the model that the pages call swallow-70b.
func (s *stage) startServer(t *testing.T) {
	t.Helper()
	said, stop := s.start(t, "serving swallow-70b at ", "serve", "--model", "M", "--listen", "127.0.0.1:0", "--served-model-name", "swallow-70b", "--threads", "1")
	t.Cleanup(func() { assert.NoError(t, stop()) })
	_, s.server, _ = strings.Cut(said, "serving swallow-70b at ")
	s.server = strings.TrimSpace(s.server)
}

// start runs a command that does not end until it says what it should.
func (s *stage) start(t *testing.T, says string, args ...string) (line string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	late := time.AfterFunc(time.Minute, cancel)
	defer late.Stop()
	r, w := io.Pipe()
	c := s.console
	c.in, c.out, c.err = strings.NewReader(""), w, w
	root := newRoot(c)
	root.SetArgs(args)
	ended := make(chan error, 1)
	go func() {
		err := root.ExecuteContext(ctx)
		ended <- err
		_ = w.CloseWithError(err)
	}()
	stop = func() error { cancel(); return <-ended }
	all := ""
	for scan := bufio.NewScanner(r); scan.Scan(); {
		if all += scan.Text() + "\n"; strings.Contains(scan.Text(), says) {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return scan.Text(), stop
		}
	}
	require.Failf(t, "it ended", "%v: %s%v", args, all, stop())
	return "", stop
}

// run runs one command line to its end or, of one that waits for others, until it is ready for them.
func (s *stage) run(t *testing.T, args []string) error {
	t.Helper()
	switch {
	case slices.Contains(args, "--help"):
	case args[0] == "serve":
		_, stop := s.start(t, " at http", args...)
		return stop()
	case args[0] == "worker":
		_, stop := s.start(t, "ready for batches", args...)
		assert.ErrorIs(t, stop(), context.Canceled)
		return nil
	case slices.Contains(args, "--cluster"):
		broker, says := s.broker, "ready for batches"
		if own, ok := strings.CutPrefix(args[slices.Index(args, "--cluster")+1], "embedded:"); ok {
			broker, says = "nats://"+own, "no broker answers at"
		}
		_, stop := s.start(t, says, "worker", "--model", "M", "--threads", "1", "--cluster", broker)
		defer func() { assert.ErrorIs(t, stop(), context.Canceled) }()
	}
	var out, errs bytes.Buffer
	c := s.console
	c.in, c.out, c.err = strings.NewReader(""), &out, &errs
	root := newRoot(c)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&errs)
	err := root.ExecuteContext(t.Context())
	if err != nil {
		t.Logf("%q\n%s%s", args, out.String(), errs.String())
	}
	return err
}

var (
	gpuServer = regexp.MustCompile(`http://(gpu\d|127\.0\.0\.1):8000`)
	itsBroker = regexp.MustCompile(`^(tls|nats)://head:4222$`)
)

// settle puts the imitations in the places of what a page names, and bounds what a run takes.
func (s *stage) settle(t *testing.T, args []string) []string {
	t.Helper()
	values := map[string]string{
		"ADDRESS": s.broker, "D": "data", "./data": "data", "FORMAT": "csv", "PATH": "PATH", "T": "2", "127.0.0.1:8080": "127.0.0.1:0", "$EVAL_MARGIN": "1pt",
	}
	maps.Copy(values, s.tasks)
	out := []string{}
	for i, a := range args {
		switch {
		case a == "$EVAL_RUN": // docs/ci.md sets it
			out = append(out, "--model", "smoke")
			continue
		case i > 0 && args[i-1] == "--dtype" && a == "D":
			a = "f32"
		case i > 0 && args[i-1] == "--tasks" && a == "T":
			a = "gsm8k"
		case values[a] != "" && !strings.HasPrefix(a, "-"):
			a = values[a]
		}
		if a == "embedded:0.0.0.0:4222" {
			a = "embedded:" + freePort(t)
		}
		a = itsBroker.ReplaceAllLiteralString(a, s.broker)
		out = append(out, gpuServer.ReplaceAllLiteralString(a, s.server))
	}
	has := func(flag string) bool { return slices.Contains(out, flag) }
	switch out[0] {
	case "cache": // README.ja.md names list, verify, export and gc in one; gc wants to be told what may stay
		out = append(out, "--max-mib", "1")
	case "run":
		if !has("--limit") {
			out = append(out, "--limit", "1")
		}
		if !has("--ja-segmenter") {
			out = append(out, "--ja-segmenter", "char")
		}
		if !has("--allow-unpinned-data") && slices.Contains(out, "--tasks") && !strings.Contains(strings.Join(out, " "), ".yaml") {
			out = append(out, "--allow-unpinned-data")
		}
	case "serve":
		if !has("--listen") && !has("--help") && len(out) > 1 {
			out = append(out, "--listen", "127.0.0.1:0")
		}
	}
	return out
}
