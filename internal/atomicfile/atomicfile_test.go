package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteReplacesWholly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	for _, text := range []string{"first, longer", "second"} {
		require.NoError(t, Write(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, text, string(b))
	}
	assert.Equal(t, []string{"a.json"}, names(t, dir))
}

func TestFailedWriteLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	broken := errors.New("disk on fire")
	err := Write(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half a fi"); err != nil {
			return err
		}
		return broken
	})
	require.ErrorIs(t, err, broken)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(b))
	assert.Equal(t, []string{"a.json"}, names(t, dir))
}

func TestStream(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.jsonl")
	s, err := NewStream(path)
	require.NoError(t, err)
	_, err = io.WriteString(s, "one\n")
	require.NoError(t, err)
	require.NoError(t, s.Keep())
	assert.Equal(t, []string{"s.jsonl" + PartialSuffix}, names(t, dir))

	s, err = NewStream(path)
	require.NoError(t, err)
	_, err = io.WriteString(s, "one\ntwo\n")
	require.NoError(t, err)
	require.NoError(t, s.Commit())
	assert.Equal(t, []string{"s.jsonl"}, names(t, dir), "a complete file replaces the partial one")

	s, err = NewStream(path)
	require.NoError(t, err)
	require.NoError(t, s.Keep())
	assert.Equal(t, []string{"s.jsonl"}, names(t, dir), "nothing written, nothing kept")

	s, err = NewStream(path)
	require.NoError(t, err)
	_, err = io.WriteString(s, "unwanted")
	require.NoError(t, err)
	require.NoError(t, s.Discard())
	assert.Equal(t, []string{"s.jsonl"}, names(t, dir))
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Probe(filepath.Join(dir, "new", "deep")))
	assert.Empty(t, names(t, filepath.Join(dir, "new", "deep")))
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	assert.ErrorContains(t, Probe(file), "is a file")
	assert.Error(t, Probe(filepath.Join(file, "below")))
}

// TestErrorsAreToldOnce wants one cause in an error, not what cleaning up met on top of it.
func TestErrorsAreToldOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "full"), 0o755))
	err := Write(path, func(w io.Writer) error { return nil })
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "\n")
	assert.Equal(t, []string{"taken"}, names(t, dir))
	_, err = NewStream(filepath.Join(dir, "missing", "a"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = NewStream(filepath.Join(dir, strings.Repeat("x", 250)))
	if runtime.GOOS != "windows" {
		require.ErrorIs(t, err, syscall.ENAMETOOLONG)
	}

	broken := errors.New("no space")
	s, err := NewStreamOn(failing{OS{}, broken}, filepath.Join(dir, "s"))
	require.NoError(t, err)
	_, err = s.Write(make([]byte, bufferSize+1))
	require.ErrorIs(t, err, broken)
	require.NoError(t, s.Keep(), "the writer knows already")
	assert.Equal(t, []string{"taken"}, names(t, dir))
}

// failing is a disk on which nothing can be written.
type failing struct {
	Disk
	err error
}

type failingFile struct {
	File
	err error
}

func (d failing) Create(path string) (File, error) {
	f, err := d.Disk.Create(path)
	return failingFile{f, d.err}, err
}

func (f failingFile) Write([]byte) (int, error) { return 0, f.err }

// watched is the real disk with a list of what was done on it.
type watched struct {
	OS
	calls *[]string
	// fails is the call that fails.
	fails string
}

type watchedFile struct {
	File
	on watched
}

func (w watched) note(call string) error {
	*w.calls = append(*w.calls, call)
	if call == w.fails {
		return errors.New(call + " failed")
	}
	return nil
}

func (w watched) Create(path string) (File, error) {
	f, err := w.OS.Create(path)
	return watchedFile{f, w}, errors.Join(err, w.note("create"))
}

func (w watched) Rename(f File, to string) error {
	if err := w.note("rename"); err != nil {
		return errors.Join(err, f.Close())
	}
	return w.OS.Rename(f.(watchedFile).File, to)
}

func (w watched) SyncDir(dir string) error { return errors.Join(w.note("syncdir"), w.OS.SyncDir(dir)) }

func (f watchedFile) Write(b []byte) (int, error) {
	if err := f.on.note("write"); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f watchedFile) Sync() error { return errors.Join(f.on.note("sync"), f.File.Sync()) }

// TestOrderOfStoring wants the content on the disk before the name, and the name before success: the loss of power may
// otherwise leave the name of a file without its content, in place of the old one.
func TestOrderOfStoring(t *testing.T) {
	want := []string{"create", "write", "sync", "rename", "syncdir"}
	for i, fails := range append(want, "") {
		for how, store := range map[string]func(d Disk, path string) error{
			"Write": func(d Disk, path string) error {
				return WriteOn(d, path, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err })
			},
			"Commit": func(d Disk, path string) error {
				s, err := NewStreamOn(d, path)
				if err != nil {
					return err
				}
				if _, err := io.WriteString(s, "new"); err != nil {
					return err
				}
				return s.Commit()
			},
		} {
			dir := t.TempDir()
			path := filepath.Join(dir, "a")
			require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
			var calls []string
			err := store(watched{calls: &calls, fails: fails}, path)
			b, readErr := os.ReadFile(path)
			require.NoError(t, readErr)
			if fails == "" {
				require.NoError(t, err, how)
				assert.Equal(t, want, calls, how)
				assert.Equal(t, "new", string(b))
				continue
			}
			require.ErrorContains(t, err, fails+" failed", how)
			assert.Equal(t, want[:i+1], calls, "%s: nothing is done after %s failed", how, fails)
			if fails != "syncdir" {
				assert.Equal(t, "old", string(b), how)
			}
			if fails != "create" { // whose file no caller has
				assert.Equal(t, []string{"a"}, names(t, dir), how)
			}
		}
	}
}

// TestAnotherFileUnderTheName is the race between making a temporary file and claiming it, and between finding an abandoned
// one and removing it: a file that is no longer under its name is not ours.
func TestAnotherFileUnderTheName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	assert.True(t, isNamed(f))
	require.NoError(t, os.Rename(path, path+".taken"))
	assert.False(t, isNamed(f), "gone")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	assert.False(t, isNamed(f), "another file's")
	require.NoError(t, os.Remove(path))
	if err := os.Symlink("a.taken", path); err == nil {
		assert.False(t, isNamed(f), "a link to it")
	}
}

// victimPath tells the test binary that it is the process to be killed, and what it writes.
const victimPath = "SWALLOW_EVAL_TEST_ATOMICFILE"

// TestVictim is the process that TestKilledWritersAreSweptUp kills.
func TestVictim(t *testing.T) {
	path := os.Getenv(victimPath)
	if path == "" {
		t.Skip("runs as the subprocess of TestKilledWritersAreSweptUp")
	}
	s, err := NewStream(path)
	require.NoError(t, err)
	_, err = s.Write(make([]byte, 2*bufferSize))
	require.NoError(t, err)
	fmt.Println("writing")
	select {}
}

// TestKilledWritersAreSweptUp kills a process that writes a file: the next writer of the file, and no other, removes
// what it left, but never what a living process writes.
func TestKilledWritersAreSweptUp(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("old files only are swept up there")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.jsonl")
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), victimPath+"="+path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "writing" {
	}
	require.Len(t, names(t, dir), 1)
	text := func(path, text string) {
		require.NoError(t, Write(path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }))
	}
	text(path, "mine")
	require.Len(t, names(t, dir), 2, "a living writer's file stays")

	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	text(filepath.Join(dir, "a.json"), "other")
	require.Len(t, names(t, dir), 3, "another file's writer removes nothing")
	for _, odd := range []string{".a.jsonl.x.tmp", ".a.jsonl.0123456789abcdef.tmp.txt", ".a.jsonl.0123456789abcdef", "a.jsonl.0123456789abcdef.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, odd), nil, 0o644))
	}
	require.NoError(t, os.Symlink("a.json", filepath.Join(dir, ".a.jsonl.0123456789abcdef.tmp")))
	text(path, "mine again")
	assert.Equal(t, []string{".a.jsonl.0123456789abcdef", ".a.jsonl.0123456789abcdef.tmp", ".a.jsonl.0123456789abcdef.tmp.txt", ".a.jsonl.x.tmp", "a.json", "a.jsonl",
		"a.jsonl.0123456789abcdef.tmp"}, names(t, dir), "only what we name so is removed")
}

// TestWritersOfOneFile lets many write one file at once: each write succeeds, and the file is always one of theirs.
func TestWritersOfOneFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	var group sync.WaitGroup
	for w := range 8 {
		text := strings.Repeat(fmt.Sprint(w), 5000)
		group.Go(func() {
			for range 10 {
				err := Write(path, func(out io.Writer) error { _, err := io.WriteString(out, text); return err })
				assert.NoError(t, err)
				b, err := os.ReadFile(path)
				assert.NoError(t, err)
				assert.Len(t, b, 5000)
				assert.Equal(t, strings.Repeat(string(b[:1]), 5000), string(b))
			}
		})
	}
	group.Wait()
	assert.Equal(t, []string{"a"}, names(t, dir))
}
