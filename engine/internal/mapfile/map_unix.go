//go:build unix

package mapfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps the first size bytes of f, readable and shared with the page cache.
func mapFile(f *os.File, size int) ([]byte, error) {
	return unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
}

func unmapFile(content []byte) error { return unix.Munmap(content) }

// forget gives back the memory of pages that can be read again. It is a wish.
func forget(content []byte) { _ = unix.Madvise(content, unix.MADV_DONTNEED) }
