package shorttest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
)

// NeedsFaults skips a test of mapped files that are cut where that is not seen as a fault: where files are not mapped, or not cut while they
// are, and where an emulator does not say which address was missing, by which a fault is told from other panics.
func NeedsFaults(t testing.TB) {
	t.Helper()
	if !faultsAreSeen(t) {
		t.Skip("this machine does not say at which address memory of a cut file is missing")
	}
}

func faultsAreSeen(t testing.TB) (yes bool) {
	t.Helper()
	dir, name := t.TempDir(), "cut"
	if err := os.WriteFile(filepath.Join(dir, name), make([]byte, os.Getpagesize()), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := mapfile.Open(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := os.Truncate(filepath.Join(dir, name), 0); err != nil {
		return false
	}
	defer func() { yes = recover() == nil && yes }() // what is not seen as a fault passes
	gone := errors.New("gone")
	err = mapfile.Guarded(func() error { return gone }, func() error {
		t.Logf("a byte of a file without any: %d", f.Content[0])
		return nil
	})
	return errors.Is(err, gone)
}
