package judge

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// runner is the program that runs programs, within the sandbox.
//
//go:embed runner.py
var runner string

// Limits are what one program may take.
type Limits struct {
	// Seconds is when the program is interrupted, and a second later killed. It is the reference's 3.
	Seconds float64
	// Memory is its address space in bytes. The reference has no such limit.
	Memory int64
}

// DefaultLimits are the reference's time, and 2 GiB.
func DefaultLimits() Limits { return Limits{Seconds: 3, Memory: 2 << 30} }

// Sandbox runs Python programs in bubblewrap.
type Sandbox struct {
	limits  Limits
	bwrap   string // its path
	version string // and what it says of itself
	python  string // the version
	root    []string
	filter  []byte
	// noProc leaves /proc out: within a container, whose own is covered in part, a new one cannot be had.
	noProc bool
}

// ErrNone is returned, wrapped, where there is no sandbox.
var ErrNone = errors.New("no sandbox for the programs")

// Find looks for bubblewrap and Python and sees that a program can be run in them, and that it cannot reach what it must not.
func Find(ctx context.Context, limits Limits) (*Sandbox, error) {
	bwrap, err := exec.LookPath("bwrap")
	if err != nil {
		return nil, fmt.Errorf("%w: bubblewrap (bwrap) is not installed; %s", ErrNone, elsewhere)
	}
	s := &Sandbox{limits: limits, bwrap: bwrap, root: hostFiles()}
	if s.filter, err = noProcesses(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	out, err := exec.CommandContext(ctx, bwrap, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s --version: %w", ErrNone, bwrap, err)
	}
	s.version = strings.TrimSpace(string(out))
	// A failure names the version: that is how it is learnt.
	verdict, err := s.run(ctx, probe)
	if err != nil && strings.Contains(err.Error(), "mount proc") {
		s.noProc = true
		verdict, err = s.run(ctx, probe)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w%s", ErrNone, err, advice(err.Error()))
	}
	python, ok := strings.CutPrefix(verdict, "failed: SystemError: Python ")
	if !ok {
		return nil, fmt.Errorf("%w: a program that looks around in it ended with %q", ErrNone, verdict)
	}
	s.python = python
	return s, nil
}

// elsewhere is what can be done without a sandbox.
const elsewhere = "export RUN --as programs writes the programs for another machine, judge RUN --verdicts FILE reads what they came to"

// advice is what to do about bubblewrap's complaint.
func advice(complaint string) string {
	says := func(part string) bool { return strings.Contains(complaint, part) }
	switch {
	case says("uid map") || says("gid map"):
		return " (root without its capabilities, as in a container, may make no user namespace: run as another user); " + elsewhere
	case says("namespace"):
		return " (no user namespaces are to be had here: in a container they need its leave, on a machine kernel.unprivileged_userns_clone, user.max_user_namespaces or AppArmor may forbid them); " + elsewhere
	case says("execvp python3"):
		return " (there is no python3 in /usr/local/bin, /usr/bin or /bin, which is all that the sandbox sees); " + elsewhere
	}
	return "; " + elsewhere
}

// probe is a program that fails with Python's version where all is as it should be.
const probe = `import sys, socket, threading, _posixsubprocess
def refused(what, call):
    try:
        call()
    except (OSError, RuntimeError):
        return
    raise RuntimeError(what + " is possible")
refused("writing", lambda: open("/usr/probe", "w"))
refused("writing", lambda: open("/probe", "w"))
refused("the network", lambda: socket.create_connection(("192.0.2.1", 9), 1))
import posix
refused("a second process", posix.fork)
open("/tmp/probe", "w").close()
raise SystemError("Python " + sys.version.split()[0])
`

// hostFiles are arguments that show the sandbox what Python needs of the host, read-only, and nothing else of it.
func hostFiles() []string {
	args := []string{"--ro-bind", "/usr", "/usr"}
	for _, dir := range []string{"/bin", "/lib", "/lib64", "/sbin"} {
		if target, err := os.Readlink(dir); err == nil {
			args = append(args, "--symlink", target, dir)
		} else if info, err := os.Stat(dir); err == nil && info.IsDir() {
			args = append(args, "--ro-bind", dir, dir)
		}
	}
	for _, file := range []string{"/etc/ld.so.cache", "/etc/alternatives"} {
		args = append(args, "--ro-bind-try", file, file)
	}
	return args
}

// arguments are bubblewrap's, in front of the program to run. The filter of system calls is its fourth file.
func (s *Sandbox) arguments() []string {
	args := []string{
		"--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--hostname", "sandbox",
		"--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8", "--setenv", "HOME", "/tmp", "--setenv", "PYTHONHASHSEED", "0",
	}
	args = append(args, s.root...)
	proc := []string{"--proc", "/proc"}
	if s.noProc {
		proc = []string{"--dir", "/proc"}
	}
	args = append(append(args, proc...), "--dir", "/dev")
	for _, device := range []string{"/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"} {
		args = append(args, "--dev-bind", device, device)
	}
	return append(args, "--size", strconv.Itoa(64<<20), "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp", "--seccomp", "3",
		"python3", "-I", "-c", runner, strconv.FormatFloat(s.limits.Seconds, 'g', -1, 64), strconv.FormatInt(s.limits.Memory, 10))
}

// slack is how long the sandbox and Python may take to begin.
const slack = 30 * time.Second

// run runs one program. The error is the sandbox's; whatever the program does is a verdict.
func (s *Sandbox) run(outer context.Context, program string) (verdict string, err error) {
	ctx, cancel := context.WithCancel(outer)
	defer cancel() // bubblewrap's death is that of all it holds
	cmd := exec.CommandContext(ctx, s.bwrap, s.arguments()...)
	cmd.Env = []string{}
	cmd.Dir = string(filepath.Separator)
	cmd.Stdin = strings.NewReader(program)
	var said, complaint bytes.Buffer
	cmd.Stderr = &limitedWriter{&complaint, 4096}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	filter, err := s.filterFile()
	if err != nil {
		return "", err
	}
	defer filter.Close()
	cmd.ExtraFiles = []*os.File{filter}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return "", err
	}
	// The clock runs from the program's own beginning, as the reference's does.
	timer := time.AfterFunc(slack, cancel)
	begun := false
	buffer := make([]byte, 512)
	for said.Len() < 4096 {
		n, rerr := out.Read(buffer)
		said.Write(buffer[:n])
		if !begun && bytes.Contains(said.Bytes(), []byte("begun\n")) {
			begun = true
			timer.Reset(time.Duration((s.limits.Seconds + 1) * float64(time.Second)))
		}
		if rerr != nil {
			break
		}
	}
	late := !timer.Stop()
	cancel()
	werr := cmd.Wait()
	if err := outer.Err(); err != nil {
		return "", err
	}
	return s.verdict(said.String(), complaint.String(), late, werr)
}

// verdict reads what a run left.
func (s *Sandbox) verdict(said, complaint string, late bool, werr error) (string, error) {
	_, after, begun := strings.Cut(said, "begun\n")
	line, _, whole := strings.Cut(after, "\n")
	switch {
	case whole && (line == tasks.Passed || line == tasks.TimedOut || strings.HasPrefix(line, "failed: ")):
		return line, nil
	case begun && late:
		return tasks.TimedOut, nil
	case begun:
		return "failed: the process ended without a verdict", nil
	case late:
		return "", fmt.Errorf("%s: Python did not begin within %s", s.version, slack)
	}
	text, _, _ := strings.Cut(strings.TrimSpace(complaint), "\n")
	if text == "" && werr != nil {
		text = werr.Error()
	}
	return "", fmt.Errorf("%s: %s", s.version, text)
}

// filterFile is the filter as a file to read.
func (s *Sandbox) filterFile() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = w.Write(s.filter) // a few hundred bytes, which a pipe holds
	return r, errors.Join(err, w.Close())
}

// limitedWriter keeps the beginning.
type limitedWriter struct {
	w    io.Writer
	left int
}

func (l *limitedWriter) Write(b []byte) (int, error) {
	kept := b[:min(len(b), l.left)]
	l.left -= len(kept)
	if _, err := l.w.Write(kept); err != nil {
		return 0, err
	}
	return len(b), nil
}
