//go:build !unix

package shorttest

import "testing"

// NeedsFaults skips a test of mapped files that are cut: files are not mapped here, or not cut while they are.
func NeedsFaults(t testing.TB) {
	t.Helper()
	t.Skip("mapped files are not cut on this system")
}
