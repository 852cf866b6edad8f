package judge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/humaneval"
)

// sandbox is the real one.
func sandbox(t *testing.T, l Limits) *Sandbox {
	t.Helper()
	s, err := Find(t.Context(), l)
	if errors.Is(err, ErrNone) {
		t.Skipf("the sandbox is not tested here: %v", err)
	}
	require.NoError(t, err)
	return s
}

func judgeAll(t *testing.T, s *Sandbox, texts ...string) []string {
	t.Helper()
	programs := make([]eval.Program, len(texts))
	for i, text := range texts {
		programs[i] = eval.Program{Task: "t", Doc: tasks.RowID(int64(i)), Text: text}
	}
	verdicts, err := s.Judge(t.Context(), programs)
	require.NoError(t, err)
	return verdicts
}

// TestVerdicts are the reference's words for the ends that a program can come to.
func TestVerdicts(t *testing.T) {
	s := sandbox(t, DefaultLimits())
	for _, c := range []struct{ name, program, want string }{
		{"passes", "assert 1 + 1 == 2", "passed"},
		{"fails", "assert 1 + 1 == 3", "failed: AssertionError"},
		{"raises", "raise ValueError('a\\nb')", "failed: ValueError: a b"},
		{"does not parse", "def f(:\n", "failed: SyntaxError: "},
		{"is not UTF-8", "x = '\xff'", "passed"},
		{"exits", "import sys; sys.exit(0)", "failed: SystemExit: 0"},
		{"exits by the name that is taken away", "exit()", "failed: TypeError: 'NoneType' object is not callable"},
		{"kills itself", "import _signal, posix; posix.kill(posix.getpid(), 9)", "failed: the process ended without a verdict"},
		{"leaves", "import posix; posix._exit(0)", "failed: the process ended without a verdict"},
		{"prints and reads nothing", "print('passed')", "passed"},
		{"reads", "input()", "failed: "},
		{"has no text in its error", "class E(Exception):\n def __str__(self): raise E\nraise E", "failed: E"},
		{"uses the standard library", "import typing, math, random, copy, string, collections, re, hashlib", "passed"},
		{"writes what it may", "open('x', 'w').write('1')", "passed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Contains(t, judgeAll(t, s, c.program)[0], c.want)
		})
	}
	assert.Equal(t, []string{"passed", "failed: AssertionError", "passed"}, judgeAll(t, s, "x = 1", "assert 0", "x = 1"))
	about := s.About()
	assert.Contains(t, about.By, "bubblewrap ")
	assert.Regexp(t, `^3\.\d+\.\d+`, about.Python)
}

// TestNothingLeavesTheSandbox are programs that try to reach what is the host's. Each passes if it does.
func TestNothingLeavesTheSandbox(t *testing.T) {
	s := sandbox(t, DefaultLimits())
	home, err := os.MkdirTemp(t.TempDir(), "home")
	require.NoError(t, err)
	secret := filepath.Join(home, "secret")
	require.NoError(t, os.WriteFile(secret, []byte("x"), 0o644))
	t.Setenv("SWALLOW_EVAL_TEST_SECRET", "x")
	user, err := os.UserHomeDir()
	require.NoError(t, err)
	for name, program := range map[string]string{
		"a file of the host":        fmt.Sprintf("open(%q)", secret),
		"the host's home":           fmt.Sprintf("import os\nassert os.listdir(%q)", user),
		"the password file":         "open('/etc/passwd')",
		"the environment":           "import os\nassert 'SWALLOW_EVAL_TEST_SECRET' in os.environ",
		"the root":                  "open('/x', 'w')",
		"the system's files":        "open('/usr/x', 'w')",
		"devices":                   "open('/dev/x', 'w')",
		"shared memory":             "open('/dev/shm/x', 'w')",
		"the network":               "import socket\nsocket.create_connection(('192.0.2.1', 80), 1)",
		"the network of the host":   "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)",
		"a process":                 "import posix\nposix.fork()",
		"a process by another name": "import _posixsubprocess, os\nimport ctypes\nassert ctypes.CDLL(None).vfork() >= 0",
		"another namespace":         "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == 0",
		"processes of the host":     "import os\nassert len([p for p in os.listdir('/proc') if p.isdigit()]) > 2",
		"more memory by its limit":  "import sys\ndel sys.modules['resource']\nimport resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 40, 1 << 40))",
		"a large file":              "open('/tmp/x', 'wb').write(b'x' * (1 << 25))",
		"many files":                "for i in range(64): open(f'/tmp/{i}', 'wb').write(b'x' * (1 << 22))",
		"much memory":               "x = bytearray(3 << 30)",
	} {
		t.Run(name, func(t *testing.T) {
			verdict := judgeAll(t, s, program)[0]
			assert.True(t, strings.HasPrefix(verdict, "failed: "), verdict)
		})
	}
}

// TestTime: programs that do not end are interrupted, those that do not heed that are killed, and neither holds up the others.
func TestTime(t *testing.T) {
	s := sandbox(t, Limits{Seconds: 0.5, Memory: 1 << 30})
	begin := time.Now()
	verdicts := judgeAll(t, s,
		"while True: pass",
		"while True:\n try:\n  while True: pass\n except BaseException: pass",
		"import signal\nsignal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass",
		"import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()",
		"import posix\nwhile True:\n try: posix.fork()\n except OSError: pass",
		"import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,)).start()",
		"'x' * 10",
	)
	assert.Equal(t, []string{tasks.TimedOut, tasks.TimedOut, tasks.TimedOut, "passed", tasks.TimedOut}, verdicts[:5])
	assert.NotEqual(t, "passed", verdicts[5], "threads without end")
	assert.Equal(t, "passed", verdicts[6])
	assert.Less(t, time.Since(begin), slack, "nothing waited for the end")

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	begin = time.Now()
	_, err := sandbox(t, Limits{Seconds: 60, Memory: 1 << 30}).Judge(ctx, []eval.Program{{Text: "while True: pass"}})
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, time.Since(begin), 20*time.Second)
}

// TestCanonicalSolutionsPass runs the benchmarks' own solutions: every test of them passes.
func TestCanonicalSolutionsPass(t *testing.T) {
	s := sandbox(t, DefaultLimits())
	dir, err := datasets.Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	if testing.Short() {
		t.Skip("328 programs")
	}
	for _, task := range []humaneval.Task{humaneval.New(), humaneval.NewJA()} {
		docs, err := task.Docs(dir, 0, tasks.Unlimited{})
		require.NoError(t, err)
		var texts []string
		for _, d := range docs {
			texts = append(texts, task.Programs(d, []tasks.Response{{Text: d.Target}})[0])
		}
		for i, v := range judgeAll(t, s, texts...) {
			if docs[i].Fault != "" { // JHumanEval/64
				assert.Contains(t, v, "failed: SyntaxError", "%s %d", task.Spec().Name, i)
				continue
			}
			assert.Equal(t, tasks.Passed, v, "%s %d", task.Spec().Name, i)
		}
	}
}

// TestWithoutASandbox: a machine that has none says so in a line.
func TestWithoutASandbox(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Find(t.Context(), DefaultLimits())
	require.ErrorIs(t, err, ErrNone)
	require.EqualError(t, err, "no sandbox for the programs: bubblewrap (bwrap) is not installed; "+elsewhere)
	for script, want := range map[string]string{
		"echo no user namespaces >&2; exit 1":                                                                                 "bwrap --version: exit status 1",
		`[ "$1" = --version ] && echo bubblewrap 9 && exit; echo no namespaces >&2; exit 1`:                                   "bubblewrap 9: no namespaces",
		`[ "$1" = --version ] && echo bubblewrap 9 && exit; echo begun; echo passed`:                                          `ended with "passed"`,
		`[ "$1" = --version ] && echo bubblewrap 9 && exit; echo begun; echo "failed: RuntimeError: the network is possible"`: "the network is possible",
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "bwrap"), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
		t.Setenv("PATH", dir)
		_, err := Find(t.Context(), DefaultLimits())
		require.ErrorIs(t, err, ErrNone, script)
		require.ErrorContains(t, err, want)
	}
}

// wrapped puts a bubblewrap of ours in front of the path, which does what the lines of shell say.
func wrapped(t *testing.T, lines string) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bwrap"), []byte("#!/bin/sh\ncase \"$1\" in --version) echo bubblewrap 0.8.0; exit;; esac\n"+lines), 0o755))
	t.Setenv("PATH", dir+":/usr/bin:/bin")
}

// TestWhereNamespacesAreRefused: bubblewrap's complaints, as it made them as root without capabilities, in a namespace that forbids others, and
// without Python, end in one line that says what to do.
func TestWhereNamespacesAreRefused(t *testing.T) {
	for complaint, want := range map[string]string{
		"bwrap: setting up uid map: Operation not permitted":                                                           "run as another user",
		"bwrap: Creating new namespace failed: Operation not permitted":                                                "no user namespaces are to be had here",
		"bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)":     "user.max_user_namespaces",
		"bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged users": "no user namespaces are to be had here",
		"bwrap: execvp python3: No such file or directory":                                                             "there is no python3",
		"bwrap: something else": "something else",
	} {
		wrapped(t, "echo '"+complaint+"' >&2; exit 1\n")
		_, err := Find(t.Context(), DefaultLimits())
		require.ErrorIs(t, err, ErrNone)
		for _, part := range []string{complaint, want, "export RUN --as programs", "judge RUN --verdicts FILE"} {
			assert.Contains(t, err.Error(), part)
		}
		assert.NotContains(t, err.Error(), "\n")
	}
}

// TestWithoutProc: where a container's /proc is covered in part no other can be mounted, and the sandbox does without.
func TestWithoutProc(t *testing.T) {
	sandbox(t, DefaultLimits()) // where there is one
	real, err := exec.LookPath("bwrap")
	require.NoError(t, err)
	wrapped(t, "for a; do case \"$a\" in --proc) echo \"bwrap: Can't mount proc on /newroot/proc: Operation not permitted\" >&2; exit 1;; esac; done\nexec "+real+" \"$@\"\n")
	s, err := Find(t.Context(), DefaultLimits())
	require.NoError(t, err)
	assert.True(t, s.noProc)
	assert.Equal(t, []string{"passed", "failed: AssertionError", "failed: "}, []string{
		judgeAll(t, s, "import threading, random, hashlib")[0], judgeAll(t, s, "assert False")[0], judgeAll(t, s, "open('/proc/1/cmdline')")[0][:8],
	})
}
