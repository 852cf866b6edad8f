// Package limits ends the process in one line where the limits of its shell (ulimit) are below what the Go runtime
// needs to speak at all. Without it, a runtime without descriptors or memory prints a page of goroutines.
//
// It has the module's only init function: packages that this program imports open a file while they are initialised, so
// main is too late. Packages are initialised in the order of their paths once what they import is: this one imports
// nothing that they do not, not even fmt, which would be enough to come too late. Where the address space does not hold what the runtime reserves first, the
// runtime gives up before any package's code, with its own words: docs/faults.md G9 says at which limits.
package limits

import "strconv"

const (
	// minFiles is standard input, output and error, the runtime's two of its poller, and what a run has open at once:
	// data, samples, answers, weights.
	minFiles = 16
	// runtimeSpace is the address space that the Go runtime reserves on a 64-bit machine before it holds anything: 585 MiB of
	// summaries of pages, 512 MiB of what it knows of each, a first arena of 64 MiB and its map of 32 MiB, and the program.
	// Where the 512 MiB do not fit it begins without, and uses their place all the same.
	runtimeSpace = 1280 << 20
	// minSpace leaves the program's own data, dictionaries and stacks a place beside that.
	minSpace = 1536 << 20
)

// Heap is how far the heap may grow before memory is collected eagerly, where the address space is limited to space
// bytes: what is left beside the runtime's own reservation. 0 is no limit.
func Heap(space uint64) int64 {
	if space < runtimeSpace {
		return 0
	}
	return int64(min(space-runtimeSpace, 1<<62))
}

// problem says in one line why a process with these limits cannot work, "" where it can. 0 is no limit.
func problem(files, space uint64) string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	switch {
	case files > 0 && files < minFiles:
		return "at most " + number(files) + " files may be open (ulimit -n): " + number(minFiles) + " are needed"
	case space > 0 && space < minSpace:
		return "the address space is limited to " + number(space>>10) + " KiB (ulimit -v): " + number(minSpace>>10) + " are needed, and what a model takes"
	}
	return ""
}
