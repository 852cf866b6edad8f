// Package limits ends the process in one line where the limits of its shell (ulimit) are below what the Go runtime
// needs to speak at all. Without it, a runtime without descriptors, threads or memory prints a page of goroutines, or
// dies of a signal.
//
// On Linux (amd64, arm64) the question is asked by the first instructions of the process, before the runtime reserves
// anything (entry_linux_*.s), on every other system and in a program that the C linker has put together by this package's
// init function. That is the module's only one: packages that this program imports open a file while they are
// initialised, so main is too late. Packages are initialised in the order of their paths once what they import is: this
// one imports nothing that they do not, not even fmt, which would be enough to come too late.
package limits

import "strconv"

const (
	// minFiles is standard input, output and error, the runtime's two of its poller, and what a run has open at once:
	// data, samples, answers, weights.
	minFiles = 16
	// minThreads is one for each processor in use, the runtime's own, and those that wait for files. A user's other
	// processes count as well, which cannot be told: what is left may still be too little.
	minThreads = 16
	// runtimeSpace is the address space that the Go runtime reserves on a 64-bit machine before it holds anything: 585 MiB of
	// summaries of pages, 512 MiB of what it knows of each, a first arena of 64 MiB and its map of 32 MiB, and the program.
	// Where the 512 MiB do not fit it begins without, and uses their place all the same.
	runtimeSpace = 1280 << 20
	// minSpace leaves the program's own data, dictionaries and stacks a place beside that.
	minSpace = 1536 << 20
	// minData is the runtime's first arena and its map, of which every byte counts as written to, the program's own data,
	// dictionaries, and the stacks of a few threads.
	minData = 256 << 20
)

// row is one limit and the line about it. The assembly of entry_linux_*.s walks over these rows: they are data of the
// linker, for which every field has to be a constant.
type row struct {
	resource uint64 // as getrlimit(2) of the system numbers it
	need     uint64 // the least limit that is enough, as getrlimit counts it
	shift    uint64 // of the number that the line names: 10 is KiB
	users    uint64 // 1: root has no such limit
	before   string // the line before the number
	after    string // and behind it
}

// applies is whether a limit is too low.
func (r *row) applies(limit uint64, root bool) bool {
	return limit < r.need && (r.users == 0 || !root)
}

// line is what is said of it.
func (r *row) line(limit uint64) string {
	return r.before + strconv.FormatUint(limit>>r.shift, 10) + r.after
}

// Heap is how far the heap may grow before memory is collected eagerly, where the address space is limited to space
// bytes: what is left beside the runtime's own reservation. 0 is no limit.
func Heap(space uint64) int64 {
	if space < runtimeSpace {
		return 0
	}
	return int64(min(space-runtimeSpace, 1<<62))
}
