//go:build linux || darwin

package filesum

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// identity is the device and inode of a file and its time of change.
func identity(info fs.FileInfo) (id string, ctime time.Time, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", time.Time{}, false
	}
	changed := changeTime(st)
	return fmt.Sprintf("%d:%d", st.Dev, st.Ino), time.Unix(changed.Unix()), true
}

// private folders are written by this user alone.
func private(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && int(st.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
