package kernel

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// allocate maps anonymous memory, large blocks on the boundary of a huge page.
func allocate(n int) (*Memory, error) {
	to := line
	if n >= hugePage {
		to = hugePage
	}
	// The last huge page is mapped whole, else it could not be one.
	mapped, err := unix.Mmap(-1, 0, (n+to-1)/to*to+to, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, fmt.Errorf("%d bytes of memory: %w", n, err)
	}
	m := &Memory{bytes: aligned(mapped, n, to), mapped: mapped}
	if to == hugePage {
		whole := aligned(mapped, (n+to-1)/to*to, to)
		// A system without huge pages answers EINVAL, which costs speed and nothing else.
		if err := unix.Madvise(whole, unix.MADV_HUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
			return nil, errors.Join(fmt.Errorf("huge pages: %w", err), unix.Munmap(mapped))
		}
	}
	return m, nil
}

func unmap(mapped []byte) error { return unix.Munmap(mapped) }

// AllocateFile returns n bytes that lie in a file of the folder, which has no name: the system moves them there and back as
// memory allows, and the file is gone with the process, however that ends. The place on the disk is reserved, so that a full
// disk is this function's error and no fault later.
func AllocateFile(dir string, n int) (m *Memory, err error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("temporary file in %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, unix.Close(fd)) }() // the mapping keeps the file
	if err := unix.Fallocate(fd, 0, 0, int64(n)); err != nil {
		return nil, fmt.Errorf("temporary file of %d bytes in %s: %w", n, dir, err)
	}
	mapped, err := unix.Mmap(fd, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("temporary file of %d bytes in %s: %w", n, dir, err)
	}
	return &Memory{bytes: mapped, mapped: mapped}, nil
}

// DiskRoom is how many bytes AllocateFile may be asked for in a folder: half of what is free there, none where files are
// kept in memory or cannot be without a name.
func DiskRoom(dir string) int64 {
	const tmpfs, ramfs = 0x01021994, 0x858458f6
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil || s.Type == tmpfs || int64(s.Type) == ramfs {
		return 0
	}
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil || unix.Close(fd) != nil {
		return 0
	}
	return int64(s.Bavail) * s.Bsize / 2
}
