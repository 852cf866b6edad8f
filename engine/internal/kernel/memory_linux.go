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
