//go:build unix

package hub

import (
	"io/fs"
	"os"
	"syscall"
)

// ownership reads the owner of a file; ok is false where there is none.
func ownership(info fs.FileInfo) (o owner, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return owner{}, false
	}
	return owner{uid: int(st.Uid), self: os.Geteuid(), mode: info.Mode()}, true
}
