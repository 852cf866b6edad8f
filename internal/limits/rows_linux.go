package limits

import "syscall"

// rlimitNproc is RLIMIT_NPROC, which package syscall does not name. Linux numbers it 6 on all processors but MIPS and
// SPARC.
const rlimitNproc = 6

// rowCount is what the assembly counts down from.
const rowCount = 4

var rows = [rowCount]row{
	{syscall.RLIMIT_NOFILE, minFiles, 0, 0, "swallow-eval: at most ", " files may be open (ulimit -n): 16 are needed\n"},
	{syscall.RLIMIT_AS, minSpace, 10, 0, "swallow-eval: the address space is limited to ", " KiB (ulimit -v): 1572864 are needed, and what a model takes\n"},
	{syscall.RLIMIT_DATA, minData, 10, 0, "swallow-eval: the process's data is limited to ", " KiB (ulimit -d): 262144 are needed, and what a model takes\n"},
	{rlimitNproc, minThreads, 0, 1, "swallow-eval: at most ", " processes and threads of this user may run (ulimit -u): 16 are needed\n"},
}
