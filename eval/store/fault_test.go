package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// questions is the number of requests that the fault tests put.
const questions = 12

func question(i int) tasks.Request {
	if i%2 == 0 {
		return tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: fmt.Sprint("q", i), Stop: []string{"\n"}, MaxTokens: 9}
	}
	return tasks.Request{Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN, Prompt: fmt.Sprint("q", i), Continuation: "c"}
}

func reply(i int) tasks.Response {
	if i%2 == 0 {
		return tasks.Response{Text: strings.Repeat("答\n", i%4) + fmt.Sprint(i), PromptTokens: i, OutputTokens: 1, Finish: "stop"}
	}
	return tasks.Response{LogProb: -1 / float64(i), Greedy: i%3 == 0, PromptTokens: i, OutputTokens: 1}
}

// history is what a run was promised.
type history struct{ put, acked, synced [questions]bool }

// work puts every answer that is missing, as a resumed run does, and notes the promises. It ends at the first error.
func (h *history) work(d *faultDisk) error {
	s, err := open("cache", model, d, d, delay{answers: 5})
	if err != nil {
		return err
	}
	var own [questions]bool
	settle := func() {
		for i := range own {
			h.synced[i] = h.synced[i] || own[i] && s.unsynced == 0
		}
	}
	for i := range questions {
		if _, ok := s.Get(question(i)); ok {
			continue
		}
		h.put[i] = true
		if err := s.Put(question(i), reply(i)); err != nil {
			return errors.Join(err, s.Close())
		}
		h.acked[i], own[i] = true, true
		settle()
		if i%8 == 3 {
			if err := s.Flush(); err != nil {
				return errors.Join(err, s.Close())
			}
			settle()
		}
	}
	if err := s.Close(); err != nil {
		return err
	}
	settle()
	// Closing makes durable what earlier processes left unsynced, unless a sync failed: the kernel may then forget
	// bytes that it still shows, and no later sync tells.
	if !d.lostSome() {
		h.synced = h.acked
	}
	return nil
}

// check opens the disk and holds it against the promises: whatever is served is what was put, what had to survive is
// there, and nothing else is.
func (h *history) check(t *testing.T, d *faultDisk, survives [questions]bool, when string) Stats {
	t.Helper()
	s, err := open("cache", model, d, d, delay{answers: 5})
	require.NoError(t, err, when)
	served := 0
	for i := range questions {
		r, ok := s.Get(question(i))
		if ok {
			served++
			require.True(t, h.put[i], "%s: an answer that was never put", when)
			require.Equal(t, reply(i), r, when)
		}
		require.False(t, survives[i] && !ok, "%s: answer %d is lost", when, i)
	}
	require.Equal(t, served, s.Stats().Answers, "%s: something else is there", when)
	for _, damage := range s.Damages() {
		require.NotNil(t, d.files[damage.Segment], when)
		require.Less(t, damage.Offset, int64(len(d.files[damage.Segment].data)), when)
	}
	require.NoError(t, s.Close())
	return s.Stats()
}

// complete resumes without faults and wants everything there.
func (h *history) complete(t *testing.T, d *faultDisk, when string) {
	t.Helper()
	require.NoError(t, h.work(d), when)
	require.True(t, d.lostSome() || h.synced == h.acked, when)
	all := [questions]bool{}
	for i := range all {
		all[i] = true
	}
	h.check(t, d.afterKill(), all, when+", resumed")
	h.check(t, d.afterPowerCut(dropAll, nil), h.synced, when+", resumed, power cut")
}

// operations is the number of changing operations, and bytes, of an undisturbed run.
func operations(t *testing.T) (ops, written int) {
	d := newFaultDisk()
	h := &history{}
	require.NoError(t, h.work(d))
	for _, f := range d.files {
		written += len(f.data)
	}
	for _, kind := range []string{"mkdir", "create", "write", "sync", "syncdir"} {
		require.Contains(t, d.calls, kind)
	}
	return d.ops, written
}

// TestKillAtEveryByte kills the process after each number of bytes written.
func TestKillAtEveryByte(t *testing.T) {
	_, written := operations(t)
	require.Greater(t, written, 1500)
	for k := range written {
		d := newFaultDisk()
		d.budget = k
		h := &history{}
		when := fmt.Sprintf("killed after %d bytes", k)
		require.ErrorIs(t, h.work(d), errKilled, when)
		d = d.afterKill()
		h.check(t, d, h.acked, when)
		h.complete(t, d, when)
	}
}

// TestPowerCutAtEveryByte cuts the power after each number of bytes, in every way.
func TestPowerCutAtEveryByte(t *testing.T) {
	_, written := operations(t)
	random := rand.New(rand.NewPCG(1, 2))
	for k := 0; k <= written; k++ {
		for how := range powerCuts {
			d := newFaultDisk()
			d.budget = k
			h := &history{}
			when := fmt.Sprintf("power cut %d after %d bytes", how, k)
			if err := h.work(d); err != nil {
				require.ErrorIs(t, err, errKilled, when)
			}
			d = d.afterPowerCut(how, random)
			h.check(t, d, h.synced, when)
			h.complete(t, d, when)
		}
	}
}

// TestEveryOperationFails fails each operation with each error: the run ends with that error, and neither the death
// of the process nor the loss of power takes what was promised.
func TestEveryOperationFails(t *testing.T) {
	ops, _ := operations(t)
	random := rand.New(rand.NewPCG(3, 4))
	for op := range ops {
		for _, cause := range []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EDQUOT} {
			d := newFaultDisk()
			d.failAt, d.failWith = op, cause
			h := &history{}
			when := fmt.Sprintf("operation %d fails: %v", op, cause)
			err := h.work(d)
			require.ErrorIs(t, err, cause, when)
			require.ErrorContains(t, err, "answer store: ", when)
			h.check(t, d.afterKill(), h.acked, when)
			for how := range powerCuts {
				after := d.afterPowerCut(how, random)
				again := *h
				again.check(t, after, h.synced, when)
				again.complete(t, after, when)
			}
		}
	}
}

// TestFaultsUponFaults strings kills, errors and power cuts together, each upon what the last one left.
func TestFaultsUponFaults(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for round := range 2000 {
		d := newFaultDisk()
		h := &history{}
		for step := range 1 + random.IntN(6) {
			when := fmt.Sprintf("round %d step %d", round, step)
			d.budget = random.IntN(2000)
			if random.IntN(2) == 0 {
				d.budget, d.failAt, d.failWith = -1, d.ops+random.IntN(12), syscall.EIO
			}
			if err := h.work(d); err != nil {
				require.True(t, errors.Is(err, errKilled) || errors.Is(err, syscall.EIO), when)
			}
			if random.IntN(2) == 0 {
				d = d.afterKill()
				h.check(t, d, h.acked, when)
				continue
			}
			d = d.afterPowerCut(random.IntN(powerCuts), random)
			h.check(t, d, h.synced, when)
			h.acked = h.synced
		}
		h.complete(t, d, fmt.Sprintf("round %d", round))
	}
}

// fullDisk is a full disk with one segment, and that segment.
func fullDisk(t *testing.T) (*faultDisk, *history, *faultFile) {
	t.Helper()
	d := newFaultDisk()
	h := &history{}
	require.NoError(t, h.work(d))
	require.Len(t, d.files, 1)
	for _, f := range d.files {
		return d, h, f
	}
	return nil, nil, nil
}

// TestEveryFlippedBit flips each bit of a segment: it is noticed, at most two answers are lost to it unless it lies in
// the header, and no wrong answer is served.
func TestEveryFlippedBit(t *testing.T) {
	d, h, f := fullDisk(t)
	headerLength := bytes.IndexByte(f.data, '\n') + 1
	for bit := range 8 * len(f.data) {
		f.data[bit/8] ^= 1 << (bit % 8)
		when := fmt.Sprintf("bit %d", bit)
		st := h.check(t, d, [questions]bool{}, when)
		require.Positive(t, st.Torn+st.Damaged, when)
		if bit/8 >= headerLength {
			require.GreaterOrEqual(t, st.Answers, questions-2, when)
		} else {
			require.Zero(t, st.Answers, when)
		}
		f.data[bit/8] ^= 1 << (bit % 8)
	}
}

// TestBitsFlippedAfterOpening lets the disk rot under an open store.
func TestBitsFlippedAfterOpening(t *testing.T) {
	d, h, f := fullDisk(t)
	for bit := 0; bit < 8*len(f.data); bit += 5 {
		s, err := open("cache", model, d, d, delay{answers: 5})
		require.NoError(t, err)
		f.data[bit/8] ^= 1 << (bit % 8)
		lost := 0
		for i := range questions {
			r, ok := s.Get(question(i))
			if !ok {
				lost++
				require.NoError(t, s.Put(question(i), reply(i)), "a lost answer is stored again")
				r, ok = s.Get(question(i))
				require.True(t, ok)
			}
			require.Equal(t, reply(i), r)
		}
		require.LessOrEqual(t, lost, 1)
		require.Equal(t, lost, s.Stats().Damaged)
		require.Equal(t, questions, s.Stats().Answers)
		require.NoError(t, s.Close())
		f.data[bit/8] ^= 1 << (bit % 8)
		for path := range d.files {
			if path != f.path {
				delete(d.files, path)
			}
		}
	}
	h.check(t, d, h.synced, "at the end")
}

// TestFailureSticks wants a store that failed once to fail on, and to answer on.
func TestFailureSticks(t *testing.T) {
	d := newFaultDisk()
	s, err := open("cache", model, d, d, delay{answers: 100})
	require.NoError(t, err)
	require.NoError(t, s.Put(question(0), reply(0)))
	d.failAt, d.failWith = d.ops, syscall.EIO
	require.ErrorIs(t, s.Flush(), syscall.EIO)
	require.ErrorIs(t, s.Flush(), syscall.EIO)
	require.ErrorIs(t, s.Put(question(1), reply(1)), syscall.EIO)
	_, ok := s.Get(question(0))
	assert.True(t, ok)
	require.ErrorIs(t, s.Close(), syscall.EIO)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Put(question(1), reply(1)), ErrClosed)
	require.ErrorIs(t, s.Flush(), ErrClosed)
	_, ok = s.Get(question(0))
	assert.False(t, ok)
}

// TestDamageIsNamed cuts, damages and replaces segments and wants to be told where.
func TestDamageIsNamed(t *testing.T) {
	_, _, f := fullDisk(t)
	whole := bytes.Clone(f.data)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	second := int64(len(lines[0]) + len(lines[1]))
	newer := bytes.Replace(appendHeader(nil, model), []byte(`"version":1`), []byte(`"version":2`), 1)
	newer = newer[:len(newer)-1]
	putChecksum(newer, 0)
	for _, c := range []struct {
		name          string
		data          []byte
		answers, torn int
		damage        []string
	}{
		{"torn", whole[:len(whole)-3], questions - 1, 1, nil},
		{"empty", nil, 0, 1, nil},
		{"half a header", whole[:20], 0, 1, nil},
		{"garbage", []byte("garbage\n"), 0, 0, []string{"offset 0: no header"}},
		{"zeros behind", append(bytes.Clone(whole), make([]byte, 5000)...), questions, 1, nil},
		{"text between", bytes.Join([][]byte{lines[0], lines[1], []byte("hello\n"), lines[2]}, nil), 2, 0, []string{fmt.Sprintf("offset %d: not a record", second)}},
		{"newer", append(append(newer, '\n'), lines[1]...), 0, 0, []string{"newer swallow-eval"}},
	} {
		d := newFaultDisk()
		path := filepath.Join("cache", filepath.Base(filepath.Dir(f.path)), segmentName(4))
		d.files[path] = &faultFile{disk: d, path: path, data: c.data}
		s, err := open("cache", model, d, d, delay{answers: 5})
		require.NoError(t, err, c.name)
		assert.Equal(t, Stats{Segments: 1, Answers: c.answers, Torn: c.torn, Damaged: len(c.damage)}, s.Stats(), c.name)
		for i, want := range c.damage {
			assert.Contains(t, s.Damages()[i].String(), want, c.name)
			assert.Contains(t, s.Damages()[i].String(), "00000004.seg", c.name)
		}
		require.NoError(t, s.Close())
	}
}

// TestRecordsExchanged exchanges two records of equal length under an open store: both are whole, and neither is served
// for the other's request.
func TestRecordsExchanged(t *testing.T) {
	d := newFaultDisk()
	s, err := open("cache", model, d, d, delay{answers: 5})
	require.NoError(t, err)
	a, b := tasks.Response{Text: "yes"}, tasks.Response{Text: "nay"}
	require.NoError(t, s.Put(question(1), a))
	require.NoError(t, s.Put(question(2), b))
	for _, f := range d.files {
		lines := bytes.SplitAfter(bytes.Clone(f.data), []byte("\n"))
		require.Len(t, lines[1], len(lines[2]))
		f.data = bytes.Join([][]byte{lines[0], lines[2], lines[1]}, nil)
	}
	for i, r := range map[int]tasks.Response{1: a, 2: b} {
		_, ok := s.Get(question(i))
		assert.False(t, ok)
		require.NoError(t, s.Put(question(i), r))
	}
	require.Len(t, s.Damages(), 2)
	assert.Equal(t, "another request's record", s.Damages()[0].Reason)
	require.NoError(t, s.Close())
	s, err = open("cache", model, d, d, delay{answers: 5})
	require.NoError(t, err)
	for i, r := range map[int]tasks.Response{1: a, 2: b} {
		got, ok := s.Get(question(i))
		assert.True(t, ok)
		assert.Equal(t, r, got)
	}
	require.NoError(t, s.Close())
}

// TestPowerTakesFewerThan64 pins what docs/store.md promises: the 64th answer that was put makes all of them durable, and
// no earlier one does.
func TestPowerTakesFewerThan64(t *testing.T) {
	d := newFaultDisk()
	s, err := open("cache", model, d, d, delay{answers: promised().answers})
	require.NoError(t, err)
	syncs := func() int { return strings.Count(strings.Join(d.seen(), " ")+" ", "sync ") }
	for round := range 2 {
		for i := range 63 {
			require.NoError(t, s.Put(question(100*round+i), reply(i+1)))
			require.Equal(t, round, syncs(), "answer %d", i+1)
		}
		require.NoError(t, s.Put(question(100*round+63), reply(64)))
		require.Equal(t, round+1, syncs(), "the 64th")
	}
	assert.Equal(t, time.Second, promised().time)
	after, err := open("cache", model, d.afterPowerCut(dropAll, nil), d, promised())
	require.NoError(t, err)
	assert.Equal(t, 128, after.Stats().Answers)
}
