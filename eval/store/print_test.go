package store

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPrintEntries: times are of one zone wherever the store is looked at, and names are made harmless.
func TestPrintEntries(t *testing.T) {
	id := model
	id.Weights = "w\x1b"
	changed := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 9*3600))
	var out bytes.Buffer
	require.NoError(t, PrintEntries(&out, []Entry{{Digest: strings.Repeat("0123456789ab", 5), Identity: id, Segments: 7, Bytes: 3 << 20, Changed: changed}}))
	rest := out.String()
	for _, cell := range []string{"written (UTC)", " 0123456789ab ", " f32 ", " 1 ", " 7 ", " 3.0 MiB ", "2026-01-01 18:04:05"} {
		_, after, found := strings.Cut(rest, cell)
		require.True(t, found, "%q in %q", cell, rest)
		rest = after
	}
	assert.NotContains(t, out.String(), "\x1b")
}

// TestPrintReports counts what is wrong over all models, and names every damage.
func TestPrintReports(t *testing.T) {
	long := strings.Repeat("0123456789ab", 5)
	reports := []Report{
		{Entry: Entry{Digest: long}, Records: 5, Answers: 4, Conflicts: 1, Torn: 2, Damages: []Damage{{"a\x1b", 3, "checksum"}, {"b", 4, "length"}}},
		{Entry: Entry{Digest: long}, Torn: 1},
	}
	var out bytes.Buffer
	bad, err := PrintReports(&out, reports)
	require.NoError(t, err)
	assert.Equal(t, 3, bad, "a torn segment lost nothing")
	lines := strings.Split(out.String(), "\n")
	require.Len(t, lines, 5)
	assert.Equal(t, "0123456789ab: 4 answers in 5 records, 2 torn segments, 1 conflicts, 2 damages", lines[0])
	assert.True(t, strings.HasPrefix(lines[1], "  a") && strings.HasSuffix(lines[1], ": offset 3: checksum"), lines[1])
	assert.Equal(t, "  b: offset 4: length", lines[2])
	assert.Equal(t, "0123456789ab: 0 answers in 0 records, 1 torn segments, 0 conflicts, 0 damages", lines[3])
	assert.NotContains(t, out.String(), "\x1b")
	for room := range out.Len() {
		_, err := PrintReports(&full{room}, reports)
		require.ErrorIs(t, err, assert.AnError, room)
	}
}

// TestPrintUse warns of an answer that is not believed before it counts.
func TestPrintUse(t *testing.T) {
	dir, _, paths := twoModels(t)
	b, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	b[len(b)-30] ^= 4
	require.NoError(t, os.WriteFile(paths[0], b, 0o600))
	s, err := Open(dir, model)
	require.NoError(t, err)
	defer func() { assert.NoError(t, s.Close()) }()
	var out bytes.Buffer
	require.NoError(t, s.PrintUse(&out, 3, 29))
	lines := strings.Split(out.String(), "\n")
	require.Len(t, lines, 3)
	assert.True(t, strings.HasPrefix(lines[0], "answer store: not believed, asked again: "+paths[0]+": offset "), lines[0])
	assert.Equal(t, "answers: 3 asked, 29 remembered", lines[1])
	for room := range out.Len() {
		require.ErrorIs(t, s.PrintUse(&full{room}, 3, 29), assert.AnError, room)
	}
}

// full fails once so many bytes were written.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, assert.AnError
	}
	return len(b), nil
}
