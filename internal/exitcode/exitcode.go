// Package exitcode defines what the process's exit codes mean, once for the commands, the comparison, the manual and
// the tests. Every code but OK comes with one line on standard error that names the cause.
package exitcode

// The codes. An interruption by a signal is Interrupted plus the signal's number.
const (
	OK          = 0
	Gate        = 1
	Failure     = 2
	Incomplete  = 3
	NotShown    = 4
	Interrupted = 128
)

// Meaning is a code, or several of a kind, in words.
type Meaning struct {
	Codes string
	Text  string
}

// Meanings lists all codes in the order of their numbers.
func Meanings() []Meaning {
	return []Meaning{
		{"0", "done"},
		{"1", "a gate failed"},
		{"2", "usage or failure to run"},
		{"3", "evidence that is incomplete, disagrees or cannot be compared"},
		{"4", "safety not shown (a strict gate without the documents to show it)"},
		{"129, 130, 143", "interrupted by SIGHUP, SIGINT, SIGTERM after a clean flush: the same command goes on"},
	}
}
