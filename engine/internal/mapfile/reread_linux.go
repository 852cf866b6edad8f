package mapfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openUnbuffered opens a file for direct I/O, which some file systems refuse here and others at the first reading.
func openUnbuffered(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_DIRECT, 0)
}

// readBlocks reads at least want bytes, unless the file ends before. Every call asks for whole blocks: the one that meets the
// end of the file is the last.
func readBlocks(f *os.File, dst []byte, at int64, want int) (n int, err error) {
	for n < want {
		got, err := unix.Pread(int(f.Fd()), dst[n:], at+int64(n))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || got <= 0 {
			return n, err
		}
		n += got
	}
	return n, nil
}

func drop(f *os.File, at, n int64) {
	_ = unix.Fadvise(int(f.Fd()), at, n, unix.FADV_DONTNEED)
}

func scatter(f *os.File) {
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_RANDOM)
}
