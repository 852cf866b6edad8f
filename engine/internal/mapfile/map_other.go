//go:build !unix

package mapfile

import (
	"io"
	"os"
)

// mapFile reads the first size bytes of f into memory. size is the file's own, so this allocates no more than exists.
func mapFile(f *os.File, size int) ([]byte, error) {
	content := make([]byte, size)
	_, err := io.ReadFull(f, content)
	return content, err
}

func unmapFile([]byte) error { return nil }

// forget does nothing: the content is not mapped.
func forget([]byte) {}
