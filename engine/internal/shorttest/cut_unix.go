//go:build unix

package shorttest

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
)

// NeedsFaults skips a test of mapped files that are cut where such a fault does not say which address was missing, by which it is told from
// other panics: some emulators report none.
func NeedsFaults(t testing.TB) {
	t.Helper()
	if !faultsHaveAddresses(t) {
		t.Skip("this machine does not say at which address memory is missing")
	}
}

func faultsHaveAddresses(t testing.TB) (yes bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(path, make([]byte, os.Getpagesize()), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { check(t, f.Close()) }()
	mapped, err := syscall.Mmap(int(f.Fd()), 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { check(t, syscall.Munmap(mapped)) }()
	check(t, os.Truncate(path, 0))
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		_, yes = recover().(interface {
			runtime.Error
			Addr() uintptr
		})
	}()
	t.Logf("a byte of a file without any: %d", mapped[0])
	return false
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
