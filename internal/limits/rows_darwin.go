package limits

import "syscall"

// Threads and data are not here: macOS counts neither as Linux does, and its least limits are above what is needed.
var rows = [...]row{
	{syscall.RLIMIT_NOFILE, minFiles, 0, 0, "swallow-eval: at most ", " files may be open (ulimit -n): 16 are needed\n"},
	{syscall.RLIMIT_AS, minSpace, 10, 0, "swallow-eval: the address space is limited to ", " KiB (ulimit -v): 1572864 are needed, and what a model takes\n"},
}
