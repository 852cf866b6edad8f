package graph

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// forget tells the system that a part of a mapped file is not needed for now, so that stored weights do not take memory
// beside packed ones. Whoever reads it again gets it from the file again.
func forget(mapped []byte) error {
	whole := wholePages(mapped)
	if whole == nil {
		return nil
	}
	return unix.Madvise(whole, unix.MADV_DONTNEED)
}

// expect tells the system that a part of a mapped file is wanted soon. It is a wish: a system that does not grant it reads
// when it must.
func expect(mapped []byte) {
	if whole := wholePages(mapped); whole != nil {
		_ = unix.Madvise(whole, unix.MADV_WILLNEED)
	}
}

// scatter tells the system that a part of a mapped file is read a row here and a row there: what lies around a row is not
// brought along, which may be megabytes. It is a wish, too.
func scatter(mapped []byte) {
	if whole := wholePages(mapped); whole != nil {
		_ = unix.Madvise(whole, unix.MADV_RANDOM)
	}
}

// wholePages are the pages that lie in a part of a mapped file as a whole: the others belong to neighbours, too.
func wholePages(mapped []byte) []byte {
	page := uintptr(os.Getpagesize())
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(mapped)))
	from, to := (begin+page-1)/page*page-begin, (begin+uintptr(len(mapped)))/page*page-begin
	if int64(to) <= int64(from) {
		return nil
	}
	return mapped[from:to]
}
