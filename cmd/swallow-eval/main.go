package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/exitcode"
	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/internal/limits"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// The commands' words for internal/exitcode.
const (
	exitOK         = exitcode.OK
	exitGate       = exitcode.Gate
	exitFailure    = exitcode.Failure
	exitIncomplete = exitcode.Incomplete
)

func main() {
	if most := limits.Heap(limits.AddressSpace()); most > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(most)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// console is where a command reads and writes, and what it takes for the world.
type console struct {
	in       io.Reader
	out, err io.Writer
	wire     http.RoundTripper // nil is the network
	manifest []datasets.Split  // nil is the program's own
	profiles []tasks.Profile   // nil are the program's own
}

// profile finds a profile by its name.
func (c console) profile(name string) (tasks.Profile, error) { return suite.Find(c.known(), name) }

// known are the profiles there are, the default first.
func (c console) known() []tasks.Profile {
	if c.profiles != nil {
		return c.profiles
	}
	return suite.Profiles()
}

// splits is the manifest of benchmark files.
func (c console) splits() []datasets.Split {
	if c.manifest != nil {
		return c.manifest
	}
	return datasets.Manifest()
}

// say tells people something beside the results.
func (c console) say(format string, args ...any) {
	fmt.Fprintln(c.err, textsafe.Terminal(fmt.Sprintf(format, args...)))
}

// notes tells people what belongs beside every number of a model.
func (c console) notes(list []string) error {
	for _, note := range list {
		if _, err := fmt.Fprintln(c.err, textsafe.Terminal(note)); err != nil {
			return err
		}
	}
	return nil
}

// codedError is an error with an exit code of its own.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

// exit is the error of an exit code with its cause, nil for none.
func exit(code int, cause string) error {
	if code == exitOK {
		return nil
	}
	return &codedError{code, errors.New(cause)}
}

// signalError is the cause of a context that a signal ended.
type signalError struct{ sig syscall.Signal }

func (e *signalError) Error() string { return "stopped by " + e.sig.String() }

// run executes one command line and returns the process's exit code.
func run(args []string, in io.Reader, out, errw io.Writer) int {
	ctx, stop := withSignals(context.Background())
	defer stop()
	root := newRoot(console{in: in, out: out, err: errw})
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	return exitCode(ctx, execute(ctx, root, errw), errw)
}

// execute runs a command. A panic is an error, like everything that goes wrong; its trace, which whoever reports it is
// asked for, comes before the line that names it.
func execute(ctx context.Context, root *cobra.Command, errw io.Writer) error {
	err := guard.Call(func() error { return root.ExecuteContext(ctx) })
	var panicked *guard.Error
	if errors.As(err, &panicked) {
		fmt.Fprintf(errw, "%s\n", textsafe.TerminalLines(string(panicked.Stack)))
	}
	return err
}

// exitCode turns a command's outcome into a code and its last line.
func exitCode(ctx context.Context, err error, errw io.Writer) int {
	if err == nil {
		return exitOK
	}
	code := exitFailure
	var coded *codedError
	var sig *signalError
	switch {
	case errors.As(context.Cause(ctx), &sig) && (errors.Is(err, context.Canceled) || errors.Is(err, sig)):
		code = exitcode.Interrupted + int(sig.sig)
		err = sig
	case errors.As(err, &coded):
		code = coded.code
	case errors.Is(err, syscall.EPIPE):
		return exitFailure // the reader went away; there is nobody to tell
	}
	fmt.Fprintln(errw, "swallow-eval: "+terminal.OneLine(err))
	return code
}

// withSignals returns a context that the first SIGINT, SIGTERM or SIGHUP (the terminal went away) ends; the second one
// kills the process as usual. Whoever started the program with SIGHUP ignored, as nohup does, keeps it so.
func withSignals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(ch, syscall.SIGHUP)
	}
	go func() {
		select {
		case s := <-ch:
			signal.Stop(ch)
			sig, ok := s.(syscall.Signal)
			if !ok {
				sig = syscall.SIGINT
			}
			cancel(&signalError{sig})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(ch); cancel(nil) }
}
