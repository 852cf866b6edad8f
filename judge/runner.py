# Runs one program, which standard input has, as the check_correctness of bigcode-evaluation-harness does, and writes the verdict as
# the one line behind the mark on the file descriptor of its third argument. The sandbox around it keeps the machine safe; what is taken away
# here is what the reference takes away, so that a program comes to the same end.
import builtins, contextlib, faulthandler, io, os, resource, shutil, signal, subprocess, sys

seconds, memory, out = float(sys.argv[1]), int(sys.argv[2]), os.dup(1)
program = sys.stdin.buffer.read().decode("utf-8", "replace")


def say(text):
    os.write(out, (text + "\n").encode("utf-8", "replace"))


class Late(Exception):
    pass


class Sink(io.StringIO):
    def read(self, *a):
        raise OSError

    readline = readlines = read

    def readable(self, *a):
        return False


def late(*_):
    raise Late("Timed out!")


for limit, value in (
    (resource.RLIMIT_AS, memory),
    (resource.RLIMIT_FSIZE, 1 << 24),
    (resource.RLIMIT_NOFILE, 256),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_CPU, int(seconds) + 5),
):
    resource.setrlimit(limit, (value, value))
null = os.open(os.devnull, os.O_RDWR)
for fd in (0, 1, 2):
    os.dup2(null, fd)
os.environ["OMP_NUM_THREADS"] = "1"
faulthandler.disable()
builtins.exit = builtins.quit = builtins.help = None
for name in (
    "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace unlink fchmod "
    "fchown chmod chown chroot lchflags lchmod lchown getcwd chdir"
).split():
    setattr(os, name, None)
shutil.rmtree = shutil.move = shutil.chown = None
subprocess.Popen = None
for name in "ipdb joblib resource psutil tkinter".split():
    sys.modules[name] = None

sink = Sink()
sys.stdin = sink
say("begun")
try:
    with contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            exec(program, {})
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    verdict = "passed"
except Late:
    verdict = "timed out"
except BaseException as e:
    try:
        text = str(e)
    except BaseException:
        text = type(e).__name__
    verdict = "failed: " + (type(e).__name__ + ": " + text if text else type(e).__name__)
say(" ".join(verdict.split())[:300])
os._exit(0)
