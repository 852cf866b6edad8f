package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

var model = Identity{Weights: "sha256:aa", Tokenizer: "sha256:bb", DType: "f32", Numerics: "1", Window: 4096}

const stableDigest = "3be2d4e8ffebc376040ba9e997b306584821ff1aff58f2ce82ec370c5be53a89" // computed with another program too

func hexOf(d digest) string { return hex.EncodeToString(d[:]) }

func fill(t *testing.T, dir string, id Identity, from, to int) *Store {
	t.Helper()
	s, err := Open(dir, id)
	require.NoError(t, err)
	for i := from; i < to; i++ {
		require.NoError(t, s.Put(question(i), reply(i)))
	}
	return s
}

func modelDir(t *testing.T, dir string, id Identity) string {
	t.Helper()
	digest, err := id.Digest()
	require.NoError(t, err)
	return filepath.Join(dir, digest)
}

func TestPutAndGet(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "deep")
	s := fill(t, dir, model, 0, 200)
	for i := range 200 {
		r, ok := s.Get(question(i))
		require.True(t, ok)
		require.Equal(t, reply(i), r)
	}
	_, ok := s.Get(question(200))
	assert.False(t, ok)
	assert.Equal(t, Stats{Segments: 1, Answers: 200, Hits: 200, Misses: 1, Put: 200}, s.Stats())
	require.NoError(t, s.Close())

	s = fill(t, dir, model, 100, 250)
	assert.Equal(t, Stats{Segments: 2, Answers: 250, Put: 50}, s.Stats(), "what is known is not stored again")
	require.NoError(t, s.Close())

	s, err := Open(dir, model)
	require.NoError(t, err)
	for i := range 250 {
		r, ok := s.Get(question(i))
		require.True(t, ok)
		require.Equal(t, reply(i), r)
	}
	require.NoError(t, s.Close())
}

func TestNothingPutLeavesNothingBehind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	s, err := Open(dir, model)
	require.NoError(t, err)
	_, ok := s.Get(question(1))
	assert.False(t, ok)
	require.NoError(t, s.Flush())
	require.NoError(t, s.Close())
	_, err = os.Stat(dir)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// TestEveryAnswerComesBack puts answers with odd values in every field.
func TestEveryAnswerComesBack(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(7, 8))
	texts := []string{"", "\n", "\r\n", "\xff\xfe", "half \xe3\x81", "\u2028<&>\u2029", "日本\x00語", "\ufffd", strings.Repeat("x", 3<<20)}
	floats := []float64{0, math.Copysign(0, -1), -1e-320, math.MaxFloat64, -math.SmallestNonzeroFloat64, -0.1}
	want := map[int]tasks.Response{}
	s, err := Open(dir, model)
	require.NoError(t, err)
	for i := range 300 {
		r := tasks.Response{
			Text: texts[i%len(texts)], LogProb: floats[i%len(floats)], Greedy: i%2 == 0, PromptTokens: random.Int(),
			OutputTokens: i, Dropped: random.IntN(2), Lost: -random.IntN(2), Finish: []string{"", "eos", "lost"}[i%3],
		}
		if i > 100 {
			b := make([]byte, random.IntN(40))
			for k := range b {
				b[k] = byte(random.Uint32())
			}
			r.Text, r.LogProb = string(b), math.Float64frombits(random.Uint64()&^(1<<62))
		}
		want[i] = r
		require.NoError(t, s.Put(question(i), r))
	}
	require.NoError(t, s.Close())
	s, err = Open(dir, model)
	require.NoError(t, err)
	for i, w := range want {
		r, ok := s.Get(question(i))
		require.True(t, ok)
		require.Equal(t, w, r)
		require.Equal(t, math.Float64bits(w.LogProb), math.Float64bits(r.LogProb))
	}
	for _, bad := range []tasks.Response{{LogProb: math.NaN()}, {LogProb: math.Inf(-1)}, {Finish: "\xff"}} {
		require.Error(t, s.Put(question(999), bad))
	}
	_, ok := s.Get(question(999))
	assert.False(t, ok)
	require.NoError(t, s.Close())
}

func TestASecondAnswerIsAConflict(t *testing.T) {
	s := fill(t, t.TempDir(), model, 0, 3)
	require.NoError(t, s.Put(question(1), reply(1)))
	err := s.Put(question(1), reply(3))
	require.ErrorIs(t, err, ErrConflict)
	assert.ErrorContains(t, err, "00000001.seg, offset ")
	r, ok := s.Get(question(1))
	assert.True(t, ok)
	assert.Equal(t, reply(1), r)
	require.NoError(t, s.Put(question(3), reply(3)), "a conflict is not a failure of the disk")
	require.NoError(t, s.Close())
}

// TestModelsShareNothing changes each part of the identity, and copies one model's segments into another's directory.
func TestModelsShareNothing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, fill(t, dir, model, 0, 5).Close())
	whole, err := os.ReadFile(filepath.Join(modelDir(t, dir, model), segmentName(1)))
	require.NoError(t, err)
	header := appendHeader(nil, model)
	for i, change := range []func(*Identity){
		func(id *Identity) { id.Weights = "x" },
		func(id *Identity) { id.Tokenizer = "x" },
		func(id *Identity) { id.DType = "x" },
		func(id *Identity) { id.Numerics = "x" },
		func(id *Identity) { id.Window++ },
		func(id *Identity) { id.Weights, id.Tokenizer = id.Tokenizer, id.Weights },
	} {
		other := model
		change(&other)
		s, err := Open(dir, other)
		require.NoError(t, err)
		assert.Zero(t, s.Stats().Answers)
		require.NoError(t, s.Close())

		theirs := modelDir(t, dir, other)
		require.NoError(t, os.Mkdir(theirs, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(theirs, segmentName(3)), whole, 0o644))
		forged := append(appendHeader(nil, other), whole[len(header):]...)
		require.NoError(t, os.WriteFile(filepath.Join(theirs, segmentName(4)), forged, 0o644))
		s, err = Open(dir, other)
		require.NoError(t, err)
		st := s.Stats()
		assert.Zero(t, st.Answers, "change %d", i)
		assert.Equal(t, 1+5, st.Damaged)
		assert.Contains(t, s.Damages()[0].String(), "00000003.seg: offset 0: holds another model's answers")
		assert.Contains(t, s.Damages()[1].String(), "checksum does not match")
		require.NoError(t, s.Close())
	}
	for _, vague := range []Identity{{}, {Weights: "a", Tokenizer: "b", DType: "c", Window: 1}, {Weights: "a", Tokenizer: "b", DType: "c", Numerics: "d"}} {
		_, err := Open(dir, vague)
		assert.ErrorIs(t, err, errVague)
	}
}

// TestProcessesTogether has stores on one directory write overlapping answers at once, while others read.
func TestProcessesTogether(t *testing.T) {
	const processes, each = 8, 150
	dir := t.TempDir()
	var group sync.WaitGroup
	failures := make(chan error, processes)
	for p := range processes {
		group.Go(func() {
			failures <- func() error {
				for half := range 2 {
					s, err := Open(dir, model)
					if err != nil {
						return err
					}
					for i := range each {
						n := p*each/3 + i
						if r, ok := s.Get(question(n)); ok && r != reply(n) {
							return fmt.Errorf("wrong answer to %d", n)
						}
						if i%2 == half {
							if err := s.Put(question(n), reply(n)); err != nil {
								return err
							}
						}
					}
					if n := s.Stats().Damaged; n > 0 {
						return fmt.Errorf("damage: %v", s.Damages())
					}
					if err := s.Close(); err != nil {
						return err
					}
				}
				return nil
			}()
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	s, err := Open(dir, model)
	require.NoError(t, err)
	total := (processes-1)*each/3 + each
	for n := range total {
		r, ok := s.Get(question(n))
		require.True(t, ok, n)
		require.Equal(t, reply(n), r)
	}
	st := s.Stats()
	assert.Equal(t, total, st.Answers)
	assert.Zero(t, st.Torn+st.Damaged)
	assert.LessOrEqual(t, st.Segments, 2*processes)
	require.NoError(t, s.Close())
}

// TestGoroutinesShareAStore is for the race detector.
func TestGoroutinesShareAStore(t *testing.T) {
	s, err := Open(t.TempDir(), model)
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 100 {
				assert.NoError(t, s.Put(question(i), reply(i)))
				r, ok := s.Get(question(i))
				assert.True(t, ok)
				assert.Equal(t, reply(i), r)
				s.Stats()
				s.Damages()
			}
			assert.NoError(t, s.Flush())
		})
	}
	group.Wait()
	assert.Equal(t, 100, s.Stats().Put)
	require.NoError(t, s.Close())
}

// TestSegmentsVanish removes and cuts segments under an open store.
func TestSegmentsVanish(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, fill(t, dir, model, 0, 10).Close())
	require.NoError(t, fill(t, dir, model, 10, 20).Close())
	s, err := Open(dir, model)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(modelDir(t, dir, model), segmentName(1))))
	require.NoError(t, os.Truncate(filepath.Join(modelDir(t, dir, model), segmentName(2)), 300))
	lost := 0
	for i := range 20 {
		r, ok := s.Get(question(i))
		if !ok {
			lost++
			require.NoError(t, s.Put(question(i), reply(i)))
			r, ok = s.Get(question(i))
			require.True(t, ok)
		}
		require.Equal(t, reply(i), r)
	}
	assert.Greater(t, lost, 15)
	assert.Equal(t, lost, s.Stats().Damaged)
	require.NoError(t, s.Close())
}

// TestMoreSegmentsThanHandles reads from more files than are held open.
func TestMoreSegmentsThanHandles(t *testing.T) {
	dir := t.TempDir()
	const n = openSegments + 20
	for i := range n {
		s, err := open(dir, model, disk{}, fastDisk{}, delay{answers: batch})
		require.NoError(t, err)
		require.NoError(t, s.Put(question(i), reply(i)))
		require.NoError(t, s.Close())
	}
	s, err := Open(dir, model)
	require.NoError(t, err)
	for range 2 {
		for i := range n {
			r, ok := s.Get(question(i))
			require.True(t, ok)
			require.Equal(t, reply(i), r)
		}
	}
	assert.Len(t, s.opened, openSegments)
	require.NoError(t, s.Close())
}

// fastDisk saves tests with many segments the syncs of directories.
type fastDisk struct{ disk }

func (fastDisk) SyncDir(string) error { return nil }

// TestTakenNames wants a process to pass over every name that is taken, whatever took it.
func TestTakenNames(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, model)
	require.NoError(t, err)
	sub := modelDir(t, dir, model)
	require.NoError(t, os.MkdirAll(filepath.Join(sub, segmentName(1)), 0o755))
	require.NoError(t, os.Symlink("/nowhere/at/all", filepath.Join(sub, segmentName(2))))
	require.NoError(t, os.WriteFile(filepath.Join(sub, segmentName(3)), nil, 0o644))
	require.NoError(t, s.Put(question(1), reply(1)))
	require.NoError(t, s.Close())
	info, err := os.Lstat(filepath.Join(sub, segmentName(4)))
	require.NoError(t, err)
	assert.Positive(t, info.Size())
	for _, name := range []string{"x.seg", "1.seg", "000000001.seg", "-0000001.seg", "+0000001.seg", "00000001.SEG", "00000001"} {
		assert.Equal(t, -1, segmentNumber(name), name)
	}
	assert.Equal(t, 123456789, segmentNumber(segmentName(123456789)))
}

// TestLingeringAnswersAreSynced waits, by a clock that is not the machine's, for the sync that no further Put causes.
func TestLingeringAnswersAreSynced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFaultDisk()
		s, err := open("cache", model, d, d, delay{answers: batch, time: time.Second})
		require.NoError(t, err)
		require.NoError(t, s.Put(question(1), reply(1)))
		assert.NotContains(t, d.seen(), "sync")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Contains(t, d.seen(), "sync")
		require.NoError(t, s.Put(question(2), reply(2)))
		d.failNext(syscall.EIO)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.ErrorIs(t, s.Put(question(3), reply(3)), syscall.EIO, "a failure in the background is told by the next call")
		require.ErrorIs(t, s.Close(), syscall.EIO)

		s, err = open("cache", model, d, d, delay{answers: batch, time: time.Second})
		require.NoError(t, err)
		require.NoError(t, s.Put(question(4), reply(4)))
		require.NoError(t, s.Close(), "no timer is left behind")
	})
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := Open(file, model)
	assert.ErrorContains(t, err, file+" is a file, not a directory")
	below := filepath.Join(file, "below")
	_, err = Open(below, model)
	assert.ErrorContains(t, err, below)
	long := filepath.Join(dir, strings.Repeat("x", 300))
	_, err = Open(long, model)
	assert.ErrorContains(t, err, "file name too long")
	assert.True(t, errors.Is(err, syscall.ENAMETOOLONG))
}
