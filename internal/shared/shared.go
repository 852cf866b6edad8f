// Package shared finds the reference material that golden tests compare against. Where it is absent, a test gets the
// part of it that the checkout keeps in testdata, or is skipped where that has none. It is imported by tests only.
package shared

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Env names the environment variable that overrides the folder's place beside the checkout.
const Env = "SWALLOW_EVAL_SHARED"

// Dir returns the folder of reference material: $SWALLOW_EVAL_SHARED, or ../shared from the module's root. The test
// is skipped where there is none.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv(Env)
	if dir == "" {
		dir = filepath.Join(moduleRoot(t), "..", "shared")
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Skipf("no reference material: neither $%s nor ../shared is a folder", Env)
	}
	return dir
}

// moduleRoot walks up from the test's own folder to the one that holds go.mod.
func moduleRoot(t testing.TB) string {
	dir, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		require.NotEqual(t, parent, dir, "no go.mod above the test's folder")
		dir = parent
	}
}

// Path returns the path of one file or folder of the reference material; the test is skipped where it is absent.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Dir(t), filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no reference material %s: %v", name, err)
	}
	return path
}

// Kept is the folder, below the module's root, of the part that the checkout keeps: files by the same names, those that
// end in .gz uncompressed and without that ending. What it keeps of a file are rows of it, unchanged.
const Kept = "internal/shared/testdata"

// find returns the path of a file: of the whole one where there is one, otherwise of the part that is kept.
func find(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv(Env)
	if dir == "" {
		dir = filepath.Join(moduleRoot(t), "..", "shared")
	}
	if whole := filepath.Join(dir, filepath.FromSlash(name)); exists(whole) {
		return whole
	}
	kept := filepath.Join(moduleRoot(t), filepath.FromSlash(Kept), filepath.FromSlash(strings.TrimSuffix(name, ".gz")))
	if exists(kept) {
		return kept
	}
	return Path(t, name)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Bytes returns one file's content, uncompressed when its name ends in .gz, or the part of it that is kept.
func Bytes(t testing.TB, name string) []byte {
	t.Helper()
	path := find(t, name)
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		r, err = gzip.NewReader(f)
		require.NoError(t, err)
	}
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return b
}

// Lines returns the non-empty lines of one file, uncompressed when its name ends in .gz, or those that are kept.
func Lines(t testing.TB, name string) [][]byte {
	t.Helper()
	var lines [][]byte
	sc := bufio.NewScanner(bytes.NewReader(Bytes(t, name)))
	sc.Buffer(nil, 1<<30)
	for sc.Scan() {
		if len(sc.Bytes()) > 0 {
			lines = append(lines, bytes.Clone(sc.Bytes()))
		}
	}
	require.NoError(t, sc.Err())
	return lines
}
