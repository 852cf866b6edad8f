// Package filesum computes the SHA-256 of large files and remembers it, so that 26 GB of weights are not read at every
// start only to be named.
//
// What is remembered is believed while the file's absolute path, device, inode, size, time of modification and time of
// change are those of then. Nobody but an administrator can give a changed file its old time of change. A file that
// changed within two seconds before it was hashed is not remembered, because a clock's tick may hide another change; and
// nothing is believed in a folder that another user owns or may write. Where the system tells no inode and no time of
// change, nothing is remembered.
package filesum

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
)

// Memory is a folder of remembered digests. It may be used by several goroutines and processes at once.
type Memory struct {
	// Dir is created when something is to be remembered.
	Dir string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// settled is how long a file must have been left alone.
const settled = 2 * time.Second

// Sum returns the SHA-256 of content, which is that of the file at path, in the state info. Failing to remember costs time
// later and nothing else, so it is no error.
func (m Memory) Sum(path string, info fs.FileInfo, content []byte) [sha256.Size]byte {
	state, changed, ok := m.state(path, info)
	if !ok {
		return sha256.Sum256(content)
	}
	place := m.place(path)
	if sum, ok := m.recall(place, state); ok {
		return sum
	}
	now := time.Now
	if m.Now != nil {
		now = m.Now
	}
	begin := now()
	sum := sha256.Sum256(content)
	if begin.Sub(changed) > settled {
		_ = m.remember(place, state, sum) // see above
	}
	return sum
}

// State is a text that stands for a file in a state: size and time of modification and, where the system tells them, device,
// inode and time of change, without which known is false.
func State(info fs.FileInfo) (state string, known bool) {
	state = fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
	if id, ctime, ok := identity(info); ok {
		return fmt.Sprintf("%s %s %d", state, id, ctime.UnixNano()), true
	}
	return state, false
}

// Settled says whether the file in the state info had been left alone for so long at a time that its state stands for its
// content: a clock's tick may hide a change that came right after another.
func Settled(info fs.FileInfo, at time.Time) bool {
	_, changed, ok := identity(info)
	if info.ModTime().After(changed) {
		changed = info.ModTime()
	}
	return ok && at.Sub(changed) > settled
}

// Private says whether a folder is there that nobody but this user may write to.
func Private(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && private(info)
}

// state is the text that stands for a file in a state, and when it last changed.
func (m Memory) state(path string, info fs.FileInfo) (state string, changed time.Time, ok bool) {
	absolute, err := filepath.Abs(path)
	if err != nil || m.Dir == "" || strings.ContainsAny(absolute, "\n\r") {
		return "", time.Time{}, false
	}
	text, ok := State(info)
	if !ok {
		return "", time.Time{}, false
	}
	_, changed, _ = identity(info)
	if info.ModTime().After(changed) {
		changed = info.ModTime()
	}
	return absolute + "\n" + text, changed, true
}

func (m Memory) place(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		absolute = path // state has refused such a path before
	}
	name := sha256.Sum256([]byte(absolute))
	return filepath.Join(m.Dir, hex.EncodeToString(name[:16]))
}

// recall reads a remembered digest.
func (m Memory) recall(place, state string) (sum [sha256.Size]byte, ok bool) {
	if !Private(m.Dir) {
		return sum, false
	}
	f, err := os.Open(place)
	if err != nil {
		return sum, false
	}
	text, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if errors.Join(err, f.Close()) != nil {
		return sum, false
	}
	digest, ok := strings.CutPrefix(string(text), state+"\nsha256:")
	raw, err := hex.DecodeString(strings.TrimSuffix(digest, "\n"))
	if !ok || err != nil || len(raw) != len(sum) {
		return sum, false
	}
	return [sha256.Size]byte(raw), true
}

func (m Memory) remember(place, state string, sum [sha256.Size]byte) error {
	if err := os.MkdirAll(m.Dir, 0o700); err != nil {
		return err
	}
	if !Private(m.Dir) {
		return syscall.EPERM
	}
	return atomicfile.Write(place, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\nsha256:%s\n", state, hex.EncodeToString(sum[:]))
		return err
	})
}
