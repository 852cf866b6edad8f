// Package memory knows how much memory this process may still take: what the machine has to give, the limits of every
// control group (cgroup v1 and v2) that it is in and of those above them, the shell's limits (ulimit), and the Go
// runtime's own (GOMEMLIMIT). Where a system tells none of that, as macOS and Windows do not in these files, it says so.
package memory

import (
	"io/fs"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Bound is one limit on memory.
type Bound struct {
	Limit int64 // bytes in all
	// Room is the bytes that are not taken yet, negative where more is taken than may be. Memory that the system can take back
	// without swapping counts as free.
	Room int64
	Who  string // who sets the limit, as a reader knows it: "memory.max of /a/b", "GOMEMLIMIT"
}

// Bounds are all limits on this process, in no particular order; none where the system tells none.
func Bounds() []Bound { return bounds(os.DirFS("/"), debug.SetMemoryLimit(-1)) }

// Least is the bound with the least room, false where there is none.
func Least(list []Bound) (Bound, bool) {
	var least Bound
	for i, b := range list {
		if i == 0 || b.Room < least.Room {
			least = b
		}
	}
	return least, len(list) > 0
}

// Within is the bound with the least room among all that the system tells and a limit in bytes that was asked for, 0 for none, of which
// so many bytes are taken; false where there is neither.
func Within(limit, taken int64) (Bound, bool) { return Least(within(Bounds(), limit, taken)) }

// within adds a limit that was asked for to others.
func within(list []Bound, limit, taken int64) []Bound {
	if limit <= 0 {
		return list
	}
	return append(list, Bound{Limit: limit, Room: limit - taken, Who: "the limit that was asked for"})
}

// Taken is how much memory this process has to itself, 0 where the system does not tell.
func Taken() int64 { return field(os.DirFS("/"), "proc/self/status", "RssAnon:") }

// bounds reads them from files below the root; heap is the limit of the Go runtime.
func bounds(root fs.FS, heap int64) []Bound {
	list := groups(root)
	if total := field(root, "proc/meminfo", "MemTotal:"); total > 0 {
		list = append(list, Bound{Limit: total, Room: field(root, "proc/meminfo", "MemAvailable:"), Who: "the machine's free memory"})
	}
	for _, r := range []struct{ limit, taken, who string }{
		{"Max address space", "VmSize:", "the address space (ulimit -v)"},
		{"Max data size", "VmData:", "the process's data (ulimit -d)"},
	} {
		if limit, ok := ulimit(root, r.limit); ok {
			list = append(list, Bound{limit, limit - field(root, "proc/self/status", r.taken), r.who})
		}
	}
	if heap > 0 && heap < math.MaxInt64 {
		list = append(list, Bound{heap, heap - field(root, "proc/self/status", "RssAnon:"), "GOMEMLIMIT"})
	}
	return list
}

// ulimit is the soft limit of a resource by its name in proc_pid_limits(5), false where it has none.
func ulimit(root fs.FS, name string) (int64, bool) {
	content, err := fs.ReadFile(root, "proc/self/limits")
	if err != nil {
		return 0, false
	}
	for line := range strings.SplitSeq(string(content), "\n") {
		if values, ok := strings.CutPrefix(line, name); ok {
			soft, _, _ := strings.Cut(strings.TrimSpace(values), " ")
			return number(soft) // or "unlimited"
		}
	}
	return 0, false
}

// field is the number of bytes that a line of one of /proc's files gives in kB, 0 where it does not.
func field(root fs.FS, file, key string) int64 {
	content, err := fs.ReadFile(root, file)
	if err != nil {
		return 0 // another system
	}
	for line := range strings.SplitSeq(string(content), "\n") {
		if value, ok := strings.CutPrefix(line, key); ok {
			n, ok := number(strings.TrimSuffix(value, "kB"))
			if !ok || n > math.MaxInt64>>10 {
				return 0
			}
			return n << 10
		}
	}
	return 0
}

// number reads a count that a file of the system consists of.
func number(s string) (int64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return 0, false
	}
	return int64(min(n, math.MaxInt64)), true
}
