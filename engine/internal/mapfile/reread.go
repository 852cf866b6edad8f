package mapfile

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Unbuffered prepares reads that go past the system's page cache, or says why this file has none.
func (f *File) Unbuffered() error {
	if f.handle == nil {
		return errors.New("there is no file")
	}
	if f.unbuffered != nil {
		return nil
	}
	handle, err := openUnbuffered(f.path)
	if err != nil {
		return Bare(f.Name, err)
	}
	info, err := handle.Stat()
	if err == nil && !os.SameFile(info, f.info) {
		err = errors.New("replaced while in use") // what is mapped goes on to exist
	}
	if err != nil {
		return Both(fmt.Errorf("%s: %w", f.Name, err), handle.Close())
	}
	f.unbuffered = handle
	return nil
}

// ReadAt fills dst from byte at on, as far as the file goes, and returns how much that is. unbuffered is for after Unbuffered, and
// wants both dst, which may reach beyond the end of the file, and the place to lie on whole blocks of the disk: 4096 bytes are
// enough for all that are common. It may be called from several goroutines.
func (f *File) ReadAt(dst []byte, at int64, unbuffered bool) (n int, err error) {
	want := int(min(int64(len(dst)), max(0, f.info.Size()-at)))
	switch {
	case want == 0:
		return 0, nil
	case unbuffered:
		n, err = readBlocks(f.unbuffered, dst, at, want)
	default:
		n, err = f.handle.ReadAt(dst[:want], at)
	}
	if n >= want {
		return want, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		if err = f.Verify(); err != nil {
			return n, err // it has become shorter
		}
		err = io.ErrUnexpectedEOF
	}
	return n, Bare(f.Name, err)
}

// Drop tells the system that it need not keep n bytes from byte at on in its page cache, as far as these are whole pages that
// nobody has mapped. It is a wish.
func (f *File) Drop(at, n int64) {
	if f.handle != nil {
		drop(f.handle, at, n)
	}
}

// Stream is for whoever reads a file that memory has no room for part by part, again and again: from now on reads bring along
// nothing that they are not asked for, and what has been brought is dropped, the mapping's pages included. It is a wish.
func (f *File) Stream() {
	if f.handle != nil {
		forget(f.Content)
		scatter(f.handle)
		drop(f.handle, 0, f.info.Size())
	}
}
