package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoModels makes a cache with three segments of one model and one of another, written a day apart, the last now.
func twoModels(t *testing.T) (dir string, now time.Time, paths []string) {
	t.Helper()
	dir, now = t.TempDir(), time.Unix(2_000_000_000, 0)
	other := model
	other.Weights = "sha256:other"
	for i := range 3 {
		require.NoError(t, fill(t, dir, model, 10*i, 10*i+10).Close())
		paths = append(paths, filepath.Join(modelDir(t, dir, model), segmentName(i+1)))
	}
	require.NoError(t, fill(t, dir, other, 0, 4).Close())
	paths = append(paths, filepath.Join(modelDir(t, dir, other), segmentName(1)))
	for i, p := range paths {
		at := now.Add(-time.Duration(len(paths)-1-i) * 24 * time.Hour)
		require.NoError(t, os.Chtimes(p, at, at))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "README"), []byte("not ours"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "notes"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(modelDir(t, dir, model), "00000009.bak"), []byte("not ours"), 0o644))
	return dir, now, paths
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

func TestList(t *testing.T) {
	dir, now, paths := twoModels(t)
	entries, err := List(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	if entries[0].Identity != model {
		entries[0], entries[1] = entries[1], entries[0]
	}
	assert.Equal(t, model, entries[0].Identity)
	assert.Equal(t, filepath.Base(filepath.Dir(paths[0])), entries[0].Digest)
	assert.Equal(t, 3, entries[0].Segments)
	assert.Equal(t, size(t, paths[0])+size(t, paths[1])+size(t, paths[2]), entries[0].Bytes)
	assert.True(t, entries[0].Changed.Equal(now.Add(-24*time.Hour)))
	assert.Equal(t, "sha256:other", entries[1].Identity.Weights)
	entries, err = List(filepath.Join(dir, "nowhere"))
	require.NoError(t, err)
	assert.Empty(t, entries)
	_, err = List(filepath.Join(dir, "README"))
	assert.ErrorContains(t, err, "is a file, not a directory")
}

func TestVerify(t *testing.T) {
	dir, _, paths := twoModels(t)
	reports, err := Verify(dir)
	require.NoError(t, err)
	require.Len(t, reports, 2)
	for _, r := range reports {
		assert.Equal(t, r.Records, r.Answers)
		assert.Empty(t, r.Damages)
	}

	// One flipped bit, one torn tail, a conflict, an equal answer twice, a record whose answer is no answer.
	b, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	b[len(b)-30] ^= 4
	require.NoError(t, os.WriteFile(paths[0], b, 0o644))
	require.NoError(t, os.Truncate(paths[1], size(t, paths[1])-1))
	start := seed(filepath.Base(filepath.Dir(paths[2])))
	extra := appendHeader(nil, model)
	extra, err = appendAnswer(extra, start, question(0), reply(1))
	require.NoError(t, err)
	extra, err = appendAnswer(extra, start, question(1), reply(1))
	require.NoError(t, err)
	at := int64(len(extra))
	odd := append([]byte("00000000 "), strings.Repeat("ab", 32)+" {\"text\":1}"...)
	putChecksum(odd, start)
	extra = append(append(extra, odd...), '\n')
	path := filepath.Join(filepath.Dir(paths[0]), segmentName(7))
	require.NoError(t, os.WriteFile(path, extra, 0o644))

	reports, err = Verify(dir)
	require.NoError(t, err)
	if reports[0].Identity != model {
		reports[0], reports[1] = reports[1], reports[0]
	}
	r := reports[0]
	assert.Equal(t, 9+9+10+2, r.Records)
	assert.Equal(t, 28, r.Answers)
	assert.Equal(t, 1, r.Conflicts)
	assert.Equal(t, 1, r.Torn)
	require.Len(t, r.Damages, 2)
	assert.Equal(t, paths[0], r.Damages[0].Segment)
	assert.Contains(t, r.Damages[0].Reason, "checksum")
	assert.Equal(t, path, r.Damages[1].Segment)
	assert.Equal(t, at, r.Damages[1].Offset)
	assert.Empty(t, reports[1].Damages)

	s, err := Open(dir, model)
	require.NoError(t, err)
	got, ok := s.Get(question(0))
	assert.True(t, ok)
	assert.Equal(t, reply(0), got, "of several answers the first counts, always")
	require.NoError(t, s.Close())
}

func TestGC(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name    string
		keep    func(now time.Time, paths []string) Keep
		removed []int // in order
	}{
		{"everything", func(now time.Time, _ []string) Keep { return Keep{Now: now} }, nil},
		{"two days", func(now time.Time, _ []string) Keep { return Keep{Age: 2*day + time.Hour, Now: now} }, []int{0}},
		{"an hour", func(now time.Time, _ []string) Keep { return Keep{Age: time.Hour, Now: now} }, []int{0, 1, 2}},
		{"nothing but what may be in use", func(now time.Time, _ []string) Keep { return Keep{Age: 1, Bytes: 1, Now: now} }, []int{0, 1, 2}},
		{"half an hour ago", func(now time.Time, _ []string) Keep { return Keep{Age: 1, Now: now.Add(30 * time.Minute)} }, []int{0, 1, 2}},
		{"an hour and a bit", func(now time.Time, _ []string) Keep { return Keep{Age: 1, Now: now.Add(61 * time.Minute)} }, []int{0, 1, 2, 3}},
		{"a clock that went back", func(now time.Time, _ []string) Keep { return Keep{Age: 1, Bytes: 1, Now: now.Add(-10 * day)} }, nil},
		{"bytes of two", func(now time.Time, p []string) Keep {
			return Keep{Bytes: size(t, p[3]) + size(t, p[2]), Now: now}
		}, []int{0, 1}},
		{"a byte less", func(now time.Time, p []string) Keep {
			return Keep{Bytes: size(t, p[3]) + size(t, p[2]) - 1, Now: now}
		}, []int{0, 1, 2}},
	} {
		dir, now, paths := twoModels(t)
		removed, err := GC(dir, c.keep(now, paths))
		require.NoError(t, err, c.name)
		var want []string
		for _, i := range c.removed {
			want = append(want, paths[i])
		}
		assert.Equal(t, want, removed, c.name)
		for i, p := range paths {
			_, err := os.Stat(p)
			assert.Equal(t, bytes.Contains([]byte(strings.Join(removed, "\n")), []byte(p)), err != nil, "%s: %d", c.name, i)
		}
		for _, theirs := range []string{"README", "notes"} {
			_, err := os.Stat(filepath.Join(dir, theirs))
			assert.NoError(t, err)
		}
		_, err = os.Stat(filepath.Join(filepath.Dir(paths[0]), "00000009.bak"))
		assert.NoError(t, err)
	}
}

func TestGCThatCannotRemove(t *testing.T) {
	dir, now, _ := twoModels(t)
	d := newFaultDisk()
	d.failAt, d.failWith = 1, os.ErrPermission
	removed, err := gc(dir, Keep{Age: time.Hour, Now: now}, d)
	require.ErrorIs(t, err, os.ErrPermission)
	assert.Len(t, removed, 1)
}

// TestGCWhileOpen removes segments under a store that reads and writes.
func TestGCWhileOpen(t *testing.T) {
	dir, now, paths := twoModels(t)
	s := fill(t, dir, model, 100, 110)
	require.NoError(t, os.Chtimes(filepath.Join(filepath.Dir(paths[0]), segmentName(4)), now, now))
	_, ok := s.Get(question(0))
	require.True(t, ok)
	removed, err := GC(dir, Keep{Age: time.Hour, Now: now})
	require.NoError(t, err)
	assert.Len(t, removed, 3)
	for _, i := range []int{0, 15, 105} {
		if r, ok := s.Get(question(i)); ok {
			assert.Equal(t, reply(i), r)
		}
	}
	require.NoError(t, s.Put(question(15), reply(15)))
	require.NoError(t, s.Close())
	s, err = Open(dir, model)
	require.NoError(t, err)
	assert.Equal(t, 11, s.Stats().Answers)
	require.NoError(t, s.Close())
}

func TestExport(t *testing.T) {
	dir, _, paths := twoModels(t)
	require.NoError(t, os.Truncate(paths[1], 20))
	// A second record of a request is not exported.
	b, err := os.ReadFile(paths[2])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(paths[2]), segmentName(8)), b, 0o644))
	var out bytes.Buffer
	require.NoError(t, Export(dir, &out))
	models, answers := map[string]Identity{}, map[string]int{}
	for line := range strings.Lines(out.String()) {
		var x struct {
			Model, Request string
			Identity       *Identity
			Answer         json.RawMessage
		}
		require.NoError(t, json.Unmarshal([]byte(line), &x))
		if x.Identity != nil {
			models[x.Model] = *x.Identity
			continue
		}
		assert.Contains(t, models, x.Model)
		answers[x.Model+x.Request]++
		_, err := decodeAnswer(x.Answer)
		assert.NoError(t, err)
	}
	assert.Len(t, models, 2)
	assert.Len(t, answers, 24)
	assert.Contains(t, out.String(), `"request":"`+hexOf(requestDigest(question(25)))+`","answer":{"logprob":-0.04,`)
	for _, n := range answers {
		assert.Equal(t, 1, n)
	}
	full := errors.New("no space left on device")
	assert.ErrorIs(t, Export(dir, refusing{full}), full)
}

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }
