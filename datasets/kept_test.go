//go:build linux || darwin

package datasets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keeper is a data folder with one split that is worth keeping, and the folder it is kept in.
type keeper struct {
	t          *testing.T
	root, keep string
	content    string
	rows       int
}

func newKeeper(t *testing.T) keeper {
	var b strings.Builder
	n := 2000
	for i := range n {
		fmt.Fprintf(&b, `{"a":%d,"text":"%s"}`+"\n", i, strings.Repeat("x", 30))
	}
	root := folder(t, map[string]string{"toy/test.jsonl": b.String()})
	return keeper{t, root, filepath.Join(t.TempDir(), "rows"), b.String(), n}
}

func (k keeper) split() Split {
	s := toy()
	s.Layouts[0].Rows, s.Layouts[0].Files[0].Pins[0].SHA256, s.Layouts[0].Files[0].MaxSize = k.rows, digest(k.content), mebi
	return s
}

// read opens the folder as a later process would, and reads the split.
func (k keeper) read(allowUnpinned bool, split Split) (text string, used []Use, err error) {
	k.t.Helper()
	d, err := OpenAs([]Split{split}, k.root, allowUnpinned)
	require.NoError(k.t, err)
	d.Keep(k.keep)
	d.now = func() time.Time { return time.Now().Add(time.Minute) }
	p, err := d.load("toy", "test")
	return join(p.rows), p.used, err
}

// place is the file of rows, "" where there is none.
func (k keeper) place() string {
	entries, _ := os.ReadDir(k.keep)
	if len(entries) == 0 {
		return ""
	}
	return filepath.Join(k.keep, entries[0].Name())
}

// plant alters a kept row and gives the file a right checksum, so that what is read shows where it came from.
func (k keeper) plant() {
	content, err := os.ReadFile(k.place())
	require.NoError(k.t, err)
	content = bytes.Replace(content, []byte(`{"a":0,`), []byte(`{"a":9,`), 1)
	binary.LittleEndian.PutUint32(content[len(content)-4:], crc32.Checksum(content[:len(content)-4], castagnoli))
	require.NoError(k.t, os.WriteFile(k.place(), content, 0o600))
}

// TestKeptRows: unchanged files are not read again, and what is said of them is the same.
func TestKeptRows(t *testing.T) {
	k := newKeeper(t)
	text, used, err := k.read(false, k.split())
	require.NoError(t, err)
	require.Equal(t, k.content, text+"\n")
	require.NotEmpty(t, k.place())
	again, usedAgain, err := k.read(false, k.split())
	require.NoError(t, err)
	assert.Equal(t, text, again)
	assert.Equal(t, used, usedAgain)
	k.plant()
	planted, _, err := k.read(false, k.split())
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(planted, `{"a":9,`), "the rows were kept")
}

// TestKeptRowsOfChangedFiles: a file with its old size and time of modification is read again all the same.
func TestKeptRowsOfChangedFiles(t *testing.T) {
	k := newKeeper(t)
	_, _, err := k.read(true, k.split())
	require.NoError(t, err)
	path := filepath.Join(k.root, "toy/test.jsonl")
	info, err := os.Stat(path)
	require.NoError(t, err)
	changed := strings.Replace(k.content, `{"a":0,`, `{"a":7,`, 1)
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	require.NoError(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	text, used, err := k.read(true, k.split())
	require.NoError(t, err)
	assert.Equal(t, changed, text+"\n")
	assert.Equal(t, digest(changed), used[0].SHA256)
	_, _, err = k.read(false, k.split())
	assert.ErrorIs(t, err, ErrMismatch, "what was permitted once is not permitted for good")
	other := k.split()
	other.Layouts[0].Rows++
	_, _, err = k.read(false, other)
	assert.ErrorIs(t, err, ErrMismatch)
}

// TestDamagedKeptRows: a file of rows that is not whole is not believed.
func TestDamagedKeptRows(t *testing.T) {
	k := newKeeper(t)
	text, _, err := k.read(false, k.split())
	require.NoError(t, err)
	whole, err := os.ReadFile(k.place())
	require.NoError(t, err)
	for at := 0; at < len(whole); at += 1 + len(whole)/61 {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 4
		require.NoError(t, os.WriteFile(k.place(), damaged, 0o600))
		again, _, err := k.read(false, k.split())
		require.NoError(t, err)
		require.Equal(t, text, again, "byte %d", at)
		require.NoError(t, os.WriteFile(k.place(), whole[:at], 0o600))
		again, _, err = k.read(false, k.split())
		require.NoError(t, err)
		require.Equal(t, text, again, "cut at %d", at)
	}
}

// TestRowsThatAreNotKept: of a file that has just changed, and in a folder that others may write to, nothing is remembered or
// believed.
func TestRowsThatAreNotKept(t *testing.T) {
	k := newKeeper(t)
	d, err := OpenAs([]Split{k.split()}, k.root, false)
	require.NoError(t, err)
	d.Keep(k.keep)
	_, _, err = d.Rows("toy", "test")
	require.NoError(t, err)
	assert.Empty(t, k.place(), "the file is younger than two seconds")

	_, _, err = k.read(false, k.split())
	require.NoError(t, err)
	k.plant()
	require.NoError(t, os.Chmod(k.keep, 0o770))
	text, _, err := k.read(false, k.split())
	require.NoError(t, err)
	assert.Equal(t, k.content, text+"\n")
	require.NoError(t, os.Remove(k.place()))
	_, _, err = k.read(false, k.split())
	require.NoError(t, err)
	assert.Empty(t, k.place())
}
