package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// folderDisk is a faultDisk as the result directory sees it.
type folderDisk struct{ *faultDisk }

// Create removes what dead writers of the same path left, as the real one does.
func (d folderDisk) Create(path string) (atomicfile.File, error) {
	prefix := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".")
	d.mu.Lock()
	for name, f := range d.files {
		if strings.HasPrefix(name, prefix) && !f.alive && !d.dead {
			delete(d.files, name)
		}
	}
	d.mu.Unlock()
	for i := 0; ; i++ {
		f, err := d.faultDisk.Create(fmt.Sprintf("%s%016x.tmp", prefix, i))
		if err == nil {
			return f.(*faultFile), nil
		}
		if !strings.Contains(err.Error(), "exist") {
			return nil, err
		}
	}
}

func (d folderDisk) Rename(f atomicfile.File, to string) error {
	file := f.(*faultFile)
	if err := file.Close(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op("rename"); err != nil {
		return err
	}
	delete(d.files, file.path)
	file.path = to
	d.files[to] = file
	return nil
}

// counting is a task of a few documents with two requests each.
type counting struct {
	name string
	docs int
}

func (c counting) Spec() tasks.Spec {
	return tasks.Spec{Name: c.name, Title: c.name, Language: "en", Version: "0", Protocol: tasks.Plain, Metrics: []metrics.Metric{metrics.Accuracy("acc")}}
}

func (c counting) Docs(tasks.Source, int, tasks.Budget) ([]tasks.Doc, error) {
	docs := make([]tasks.Doc, c.docs)
	for i := range docs {
		docs[i] = tasks.Doc{ID: tasks.RowID(int64(i)), Input: fmt.Sprint(c.name, i), Target: "1", Targets: []string{"1"}}
	}
	return docs, nil
}

func (counting) Requests(d tasks.Doc, _ tasks.Budget) []tasks.Request {
	return []tasks.Request{
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: d.Input, MaxTokens: 4},
		{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: d.Input, Continuation: "1"},
	}
}

func (counting) Outputs(_ tasks.Doc, rs []tasks.Response) []string { return []string{rs[0].Text} }

// parity answers after the length of the prompt, in an order of its own.
type parity struct{ order *rand.Rand }

func (parity) Budget() tasks.Budget { return tasks.Unlimited{} }

func (parity) Identity() results.Model { return results.Model{Name: "parity"} }

func (p parity) Do(ctx context.Context, qs []tasks.Request, done func(int, tasks.Response) error) error {
	for _, i := range p.order.Perm(len(qs)) {
		n := int(qs[i].Prompt[len(qs[i].Prompt)-1])
		r := tasks.Response{Text: fmt.Sprint(n % 2), Finish: "eos", PromptTokens: n}
		if qs[i].Kind == tasks.LogLikelihood {
			r = tasks.Response{LogProb: -float64(n) / 7, Greedy: n%3 == 0, PromptTokens: n}
		}
		if err := done(i, r); err != nil {
			return err
		}
	}
	return ctx.Err()
}

type noRows struct{}

func (noRows) Rows(string, string) (string, []json.RawMessage, error) { return "", nil, nil }
func (noRows) Files() []results.DataFile                              { return nil }

type unseen struct{}

func (unseen) Begin(string, int, int) {}
func (unseen) Answered(int)           {}
func (unseen) End(results.Score)      {}

// wholeRun is what the run command does, on a disk that may fail: the answers to a store, the samples and the manifest
// to a directory.
func wholeRun(d *faultDisk, seed uint64) error {
	s, err := open("cache", model, d, d, delay{answers: 5})
	if err != nil {
		return err
	}
	return joinedRun(d, s, seed, counting{"first", 5}, counting{"second", 4})
}

// manifest is what run.json says on the disk, nil where it is not there.
func manifest(d *faultDisk) *results.Run {
	f := d.files[filepath.Join("out", results.RunFile)]
	if f == nil {
		return nil
	}
	var run results.Run
	if err := json.Unmarshal(f.data, &run); err != nil {
		panic("half a manifest: " + string(f.data))
	}
	return &run
}

// joinedRun evaluates tasks into the directory as it is.
func joinedRun(d *faultDisk, s *Store, seed uint64, ts ...tasks.Task) error {
	out := folder.On(folderDisk{d}, "out", manifest(d))
	var names []string
	for _, t := range ts {
		names = append(names, t.Spec().Name)
	}
	run, err := eval.Run(context.Background(), eval.Cached(parity{order: rand.New(rand.NewPCG(seed, 0))}, s), eval.Options{
		Profile: tasks.Profile{Name: "test"}, Tasks: ts, Source: func() eval.Source { return noRows{} },
		Open:     func(task string) (eval.SampleFile, error) { return out.Samples(task) },
		Progress: unseen{}, Now: func() time.Time { return time.Unix(1e9, 0) },
	})
	return errors.Join(err, s.Close(), out.Finish(out.Join(run, names, []string{"first", "second", "third"})))
}

// outDisk is a new disk with the result directory, and what is to be found there at the end.
func outDisk(t *testing.T) (*faultDisk, map[string]string) {
	t.Helper()
	d := newFaultDisk()
	d.dirs["out"] = true
	done := d.afterKill()
	require.NoError(t, wholeRun(done, 1))
	want := visible(done, "")
	require.Len(t, want, 3)
	for _, kind := range []string{"create", "write", "sync", "rename", "syncdir", "remove"} {
		require.Contains(t, done.calls, kind)
	}
	return d, want
}

// visible are the files of the result directory, without those that a name beginning with a point hides.
func visible(d *faultDisk, hidden string) map[string]string {
	files := map[string]string{}
	for path, f := range d.files {
		name := filepath.Base(path)
		if filepath.Dir(path) == "out" && (hidden != "" || !strings.HasPrefix(name, ".")) {
			files[name] = string(f.data)
		}
	}
	return files
}

// checkVisible wants every file to be whole: final, of an interrupted task and so named, or a manifest that says that
// something is missing.
func checkVisible(t *testing.T, d *faultDisk, want map[string]string, when string) {
	t.Helper()
	for name, text := range visible(d, "") {
		if whole, ok := strings.CutSuffix(name, atomicfile.PartialSuffix); ok {
			require.True(t, strings.HasPrefix(want[whole], text), "%s: %s", when, name)
			continue
		}
		if name == results.RunFile && text != want[name] {
			var run results.Run
			require.NoError(t, json.Unmarshal([]byte(text), &run), when)
			require.Equal(t, "incomplete", run.Status, when)
			continue
		}
		require.Equal(t, want[name], text, "%s: %s", when, name)
	}
}

// finish runs again without faults: everything is there, to the byte, and nothing else.
func finish(t *testing.T, d *faultDisk, want map[string]string, when string) {
	t.Helper()
	require.NoError(t, wholeRun(d, 2), when)
	require.Equal(t, want, visible(d, "all"), when)
	after := d.afterPowerCut(dropAll, nil)
	require.Equal(t, want, visible(after, "all"), when+", power cut at the end")
}

func volume(t *testing.T, d *faultDisk) (ops, written int) {
	t.Helper()
	d = d.afterKill()
	d.budget = 1 << 30
	require.NoError(t, wholeRun(d, 1))
	return d.ops, 1<<30 - d.budget
}

// TestWholeRunKilledWithinWrites kills a run, or cuts its power, after a number of bytes written, to the store as to the
// results: what is visible is whole, and running again leaves the files of an undisturbed run, bit by bit.
func TestWholeRunKilledWithinWrites(t *testing.T) {
	start, want := outDisk(t)
	_, written := volume(t, start)
	require.Greater(t, written, 5000)
	step := 29 // a prime, so that every part of every record is met; the variable makes it every byte, a minute's work
	if n, err := strconv.Atoi(os.Getenv("SWALLOW_EVAL_TEST_STEP")); err == nil {
		step = n
	}
	random := rand.New(rand.NewPCG(7, 8))
	for k := 0; k < written; k += step {
		d := start.afterKill()
		d.budget = k
		when := fmt.Sprintf("killed after %d bytes", k)
		require.ErrorIs(t, wholeRun(d, uint64(k)), errKilled, when)
		checkVisible(t, d, want, when)
		how := k % powerCuts
		after := d.afterPowerCut(how, random)
		checkVisible(t, after, want, fmt.Sprintf("power cut %d after %d bytes", how, k))
		finish(t, after, want, when)
		finish(t, d.afterKill(), want, when)
	}
}

// TestWholeRunKilledAtEveryOperation kills a run before each operation that changes the disk.
func TestWholeRunKilledAtEveryOperation(t *testing.T) {
	start, want := outDisk(t)
	ops, _ := volume(t, start)
	random := rand.New(rand.NewPCG(9, 10))
	for op := range ops {
		for how := range powerCuts {
			d := start.afterKill()
			d.dieAt = op + 1
			when := fmt.Sprintf("killed before operation %d", op)
			require.ErrorIs(t, wholeRun(d, uint64(op)), errKilled, when)
			checkVisible(t, d, want, when)
			finish(t, d.afterKill(), want, when)
			after := d.afterPowerCut(how, random)
			checkVisible(t, after, want, when+", power cut")
			finish(t, after, want, when+", power cut")
		}
	}
}

// TestWholeRunEveryOperationFails fails each operation with each error that a disk knows: the run ends with that error,
// nothing half-written is visible, and running again on a mended disk leaves the files of an undisturbed run.
func TestWholeRunEveryOperationFails(t *testing.T) {
	start, want := outDisk(t)
	ops, _ := volume(t, start)
	for op := range ops {
		for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS} {
			d := start.afterKill()
			d.failAt, d.failWith = op, cause
			when := fmt.Sprintf("operation %d fails: %v", op, cause)
			err := wholeRun(d, uint64(op))
			if d.calls[op] == "remove" && err == nil {
				continue // there was nothing to remove
			}
			require.ErrorIs(t, err, cause, when)
			checkVisible(t, d, want, when)
			for name := range visible(d, "all") {
				require.False(t, strings.HasPrefix(name, "."), "%s: %s is left behind", when, name)
			}
			finish(t, d.afterKill(), want, when)
		}
	}
}

// TestWholeRunOnAFullDisk lets the disk be full from each operation on.
func TestWholeRunOnAFullDisk(t *testing.T) {
	start, want := outDisk(t)
	ops, _ := volume(t, start)
	for op := range ops {
		d := start.afterKill()
		d.failAt, d.failWith, d.failOn = op, syscall.ENOSPC, true
		when := fmt.Sprintf("full from operation %d on", op)
		require.ErrorIs(t, wholeRun(d, uint64(op)), syscall.ENOSPC, when)
		checkVisible(t, d, want, when)
		finish(t, d.afterKill(), want, when)
	}
}

// TestWholeRunOverAnOlderOne kills a run that replaces the files of an earlier one: at every moment each file is the one or
// the other, here the same.
func TestWholeRunOverAnOlderOne(t *testing.T) {
	start, want := outDisk(t)
	require.NoError(t, wholeRun(start, 3))
	ops, _ := volume(t, start)
	random := rand.New(rand.NewPCG(11, 12))
	for op := range ops {
		d := start.afterKill()
		d.dieAt = op + 1
		when := fmt.Sprintf("killed before operation %d", op)
		require.ErrorIs(t, wholeRun(d, uint64(op)), errKilled, when)
		require.Equal(t, want, visible(d, ""), when)
		after := d.afterPowerCut(op%powerCuts, random)
		require.Equal(t, want, visible(after, ""), when)
		finish(t, after, want, when)
	}
}

// differently is a task that has other documents under the name of another.
type differently struct{ counting }

func (t differently) Docs(s tasks.Source, n int, b tasks.Budget) ([]tasks.Doc, error) {
	docs, err := t.counting.Docs(s, n, b)
	for i := range docs {
		docs[i].Input += " again"
	}
	return docs, err
}

// vouched wants every file that the manifest names to have the digest that it names, in the directory as it is.
func vouched(t *testing.T, d *faultDisk, when string) {
	t.Helper()
	run := manifest(d)
	if run == nil {
		return
	}
	for _, s := range run.Scores {
		if s.SamplesFile == "" {
			continue
		}
		f := d.files[filepath.Join("out", s.SamplesFile)]
		require.NotNil(t, f, "%s: %s is not there", when, s.SamplesFile)
		require.Equal(t, s.SamplesDigest, fmt.Sprintf("sha256:%x", sha256.Sum256(f.data)), "%s: %s", when, s.SamplesFile)
	}
}

// TestManifestVouchesForWhatIsThere kills a run that replaces a task's samples by others and adds a task, before every
// operation, with and without a loss of power: the manifest describes the files beside it at every moment, a task that was in
// it and not replaced stays in it, and running again ends as a run that nothing disturbed.
func TestManifestVouchesForWhatIsThere(t *testing.T) {
	again := func(d *faultDisk, seed uint64) error {
		s, err := open("cache", model, d, d, delay{answers: 5})
		if err != nil {
			return err
		}
		return joinedRun(d, s, seed, differently{counting{"second", 6}}, counting{"third", 3})
	}
	start, _ := outDisk(t)
	require.NoError(t, wholeRun(start, 3))
	calm := start.afterKill()
	calm.ops = 0
	require.NoError(t, again(calm, 1))
	vouched(t, calm, "undisturbed")
	want := visible(calm, "all")
	require.Len(t, want, 4)
	run := manifest(calm)
	require.Equal(t, "complete", run.Status)
	require.Equal(t, []string{"first", "second", "third"}, []string{run.Scores[0].Task, run.Scores[1].Task, run.Scores[2].Task})
	require.Equal(t, 6, run.Scores[1].N, "the score of the later run")
	withdrawn := 0
	random := rand.New(rand.NewPCG(13, 14))
	for op := range calm.ops {
		how := op % powerCuts
		d := start.afterKill()
		d.ops, d.dieAt = 0, op+1
		when := fmt.Sprintf("killed before operation %d, power cut %d", op, how)
		require.ErrorIs(t, again(d, uint64(op)), errKilled, when)
		for _, after := range []*faultDisk{d.afterKill(), d.afterPowerCut(how, random)} {
			vouched(t, after, when)
			kept := manifest(after)
			require.Equal(t, "first", kept.Scores[0].Task, when)
			if len(kept.Scores) == 1 {
				withdrawn++
				require.Equal(t, "incomplete", kept.Status, when)
				require.Equal(t, []string{"second"}, kept.Unfinished, when)
			}
			require.NoError(t, again(after, 2), when)
			require.Equal(t, want, visible(after, "all"), when)
		}
	}
	require.Positive(t, withdrawn)
}

// TestWholeRunMeetsFlippedBits flips bits of the store between two runs: the files of the second are those of the first.
func TestWholeRunMeetsFlippedBits(t *testing.T) {
	start, want := outDisk(t)
	require.NoError(t, wholeRun(start, 3))
	for path, f := range start.files {
		if filepath.Dir(path) == "out" {
			continue
		}
		for bit := 0; bit < 8*len(f.data); bit += 11 {
			d := start.afterKill()
			d.files[path].data[bit/8] ^= 1 << (bit % 8)
			finish(t, d, want, fmt.Sprintf("bit %d", bit))
		}
		require.True(t, bytes.HasPrefix(f.data, appendHeader(nil, model)))
	}
}
