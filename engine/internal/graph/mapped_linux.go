package graph

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// forget tells the system that a part of a mapped file is not needed for now, so that stored weights do not take memory
// beside packed ones. Whoever reads it again gets it from the file again.
func forget(mapped []byte) error {
	page := uintptr(os.Getpagesize())
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(mapped)))
	// Only whole pages: the others belong to neighbours, too.
	from, to := (begin+page-1)/page*page-begin, (begin+uintptr(len(mapped)))/page*page-begin
	if int64(to) <= int64(from) {
		return nil
	}
	return unix.Madvise(mapped[from:to], unix.MADV_DONTNEED)
}
