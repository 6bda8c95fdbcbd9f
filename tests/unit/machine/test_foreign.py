"""Children that do everything not to end, to get out, or to keep something of ours: real processes, bounded."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rdna_installer.machine import proctree
from rdna_installer.machine.bounds import Ended, How, Limits, Rights
from rdna_installer.machine.foreign import foreign
from rdna_installer.machine.process import clean_environment

pytestmark = pytest.mark.processes

ROOT = os.geteuid() == 0
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
UID = 61301 if ROOT else os.getuid()  # free: whatever runs with it is of these tests
RIGHTS = Rights(UID, UID if ROOT else os.getgid())
LIMITS = Limits(total=1.2, output=1 << 16, report=1 << 16)
# Nobody needs that long but on a busy machine, where even the start of a Python takes seconds.
PATIENT = Limits(total=30, output=1 << 16, report=1 << 16)
MARK = f"rdna-foreign-test-{os.getpid()}."  # another run beside this one is none of its business
ENV = clean_environment({"MARK": MARK})
KEEPERS = ["namespace", "subreaper"] if ROOT else ["subreaper"]
DAEMON = (
    "import os,time\nif os.fork()==0:\n os.setsid()\n"
    " if os.fork()==0:\n  {close}time.sleep(1e6)\n os._exit(0)\nos.wait()"
)
CHAIN = (
    "import os,time\nif os.fork()==0:\n while True:\n  if os.fork(): os._exit(0)\n  os.setsid(); time.sleep(.0005)\n"
    "time.sleep(.1)"
)
ENDINGS = {
    "honest": ("print('hello')", How.ENDED, 0),
    "a status": ("import sys; sys.exit(3)", How.ENDED, 3),
    "abort": ("import os; os.abort()", How.SIGNAL, -6),
    "kills itself": ("import os; os.kill(os.getpid(), 9)", How.SIGNAL, -9),
    "sleeps": ("import time; time.sleep(1e6)", How.LATE, None),
    "ignores all": ("import signal,time; [signal.signal(s, 1) for s in (1,2,15)]; time.sleep(1e6)", How.LATE, None),
    "stops itself": ("import os; os.kill(os.getpid(), 19)", How.LATE, None),
    "daemon with our pipes": (DAEMON.format(close=""), How.ENDED, 0),
    "daemon without": (DAEMON.format(close="os.closerange(0,99); "), How.ENDED, 0),
    "forks for ever": (CHAIN, How.ENDED, 0),
    "endless stdout": ("import os\nwhile True: os.write(1, b'x' * 65536)", How.FLOODED, None),
    "endless stderr": ("import os\nwhile True: os.write(2, b'x' * 65536)", How.FLOODED, None),
    "endless report": ("import os\nwhile True: os.write(3, b'x' * 65536)", How.FLOODED, None),
    "too much at once": ("import os\nos.write(1, b'x' * 65537); os.write(1, b'x' * 9)", How.FLOODED, None),
}


@pytest.fixture(params=KEEPERS)
def keeper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With a pid namespace, and without, as for everybody but root."""
    if request.param == "subreaper":
        monkeypatch.setattr("rdna_installer.machine.keeper.unshare", lambda flags: False)
    return str(request.param)


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    wait_for(lambda: alive() == [])  # what was killed may take the kernel a moment to end on a busy machine


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where a child with other rights may write; tmp_path is closed to it."""
    with tempfile.TemporaryDirectory(prefix="rdna-foreign-") as folder:
        os.chmod(folder, 0o777)
        yield Path(folder)


def alive() -> list[int]:
    """Processes of the tests' children, whoever their parent is by now."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            marked = f"MARK={MARK}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
            if marked and proctree.state(pid) not in ("Z", None):
                found.append(pid)
        except OSError:
            continue
    return found


def python(code: str, limits: Limits = PATIENT, **more: object) -> Ended:
    return foreign([PYTHON, "-I", "-B", "-c", code], RIGHTS, limits, env=ENV, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", ENDINGS)
def test_how_it_ends(case: str, keeper: str) -> None:
    code, how, status = ENDINGS[case]
    limits = LIMITS if how is How.LATE else PATIENT
    begun = time.monotonic()
    done = python(code, limits)
    assert (done.how, done.code) == (how, status), done
    assert time.monotonic() - begun < limits.total + limits.grace
    assert max(map(len, (done.out, done.err, done.report))) <= 1 << 16
    while alive() and time.monotonic() - begun < limits.total + limits.grace:
        time.sleep(0.01)  # killed is not gone yet, where the processor is busy with others
    assert alive() == []


def test_what_it_says_is_kept_to_the_last_byte(keeper: str) -> None:
    done = python(
        "import os,sys\nprint('a'); print('b', file=sys.stderr); os.write(3, b'c'); os._exit(sys.stdout.flush() or 0)"
    )
    assert (done.out, done.err, done.report, done.well) == (b"a\n", b"b\n", b"c", True)


def test_what_a_program_finds(keeper: str) -> None:
    """Nothing of ours: no descriptor, no variable, no terminal, no ignored signal, no way to more rights."""
    leak = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(leak, True)
    os.environ["SECRET"] = "1"
    code = """
import json, os, resource
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
found = {
    "fds": [fd for fd in range(256) if os.path.exists("/proc/self/fd/%d" % fd)],
    "session": os.getsid(0) == os.getpid() == os.getpgrp(),
    "nnp": status["NoNewPrivs"].strip(),
    "blocked": int(status["SigBlk"], 16),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "umask": os.umask(0),
    "cwd": os.getcwd(),
    "ids": [os.getresuid(), os.getresgid(), os.getgroups()],
    "env": dict(os.environ),
}
os.write(3, json.dumps(found).encode())
"""
    found = json.loads(python(code).report)
    del os.environ["SECRET"]
    os.close(leak)
    assert {"SECRET"} & set(found["env"]) == set() and found["env"]["PATH"] == ENV["PATH"]
    assert (found["fds"], found["session"], found["nnp"], found["blocked"]) == ([0, 1, 2, 3], True, "1", 0)
    assert (found["core"], found["umask"], found["cwd"]) == ([0, 0], 0o077, "/")
    if ROOT:
        assert found["ids"] == [[UID] * 3, [UID] * 3, []]


def test_a_terminal_is_out_of_reach(keeper: str) -> None:
    code = "import os\ntry: os.open('/dev/tty', 2); print('open')\nexcept OSError as err: print(err.errno)"
    assert python(code).out == b"6\n"


@pytest.mark.skipif(not ROOT, reason="not root: its parents have the same rights")
def test_its_parents_are_out_of_reach(keeper: str) -> None:
    code = "import os\nfor pid in (os.getppid(), -1):\n try: os.kill(pid, 9)\n except OSError as err: print(err.errno)"
    done = python(code)
    assert done.how is How.ENDED and done.out.startswith(b"1\n"), done


@pytest.mark.skipif(not ROOT, reason="not root: rights were not changed")
def test_groups_are_those_that_are_given() -> None:
    done = foreign(os.getgroups, Rights(UID, UID, (UID, 44)), LIMITS, env={})
    assert sorted(json.loads(done.report)) == [44, UID]


@pytest.mark.parametrize(
    ("argv", "number", "why"),
    [(["/no/such"], 2, "No such file"), (["/etc/passwd"], 13, "Permission denied"), (["/"], 13, "Permission denied")],
)
def test_what_cannot_be_started(argv: list[str], number: int, why: str) -> None:
    done = foreign(argv, RIGHTS, LIMITS, env=ENV)
    assert (done.how, done.code) == (How.NOT_STARTED, number) and why in done.why


def test_a_function_answers_in_json() -> None:
    done = foreign(lambda: {"pid": os.getpid(), "euid": os.geteuid()}, RIGHTS, LIMITS, env={})
    assert done.well and json.loads(done.report)["euid"] == UID


def test_a_function_that_answers_without_end() -> None:
    done = foreign(lambda: "x" * (1 << 22), RIGHTS, LIMITS, env={})
    assert done.how is How.FLOODED and not done.well


def test_silence_and_a_report_as_it_comes() -> None:
    said: list[bytes] = []
    limits = Limits(total=60, silence=3)
    code = "import os,time\nfor n in range(4): os.write(3, b'%d' % n); time.sleep(.3)\ntime.sleep(60)"
    done = python(code, limits, on_report=said.append)
    assert (done.how, b"".join(said), len(said) > 1) == (How.SILENT, b"0123", True)


def test_memory(keeper: str) -> None:
    limits = Limits(total=120, memory=150 << 20)
    code = "import os,time\nos.fork(); os.fork()\nx = [b'x' * (1 << 20) for _ in range(60)]; time.sleep(600)"
    done = python(code, limits)
    assert done.how is How.MEMORY


def test_a_report_that_cannot_be_taken_ends_the_child() -> None:
    def full(new: bytes) -> None:
        raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        python("import os,time\nos.write(3, b'x'); time.sleep(60)", on_report=full)
    assert alive() == []


# Interrupts: in a process of their own, which tells when it waits.


def forked(work: Callable[[], object]) -> int:
    """A child that exits with 0 after ``work``, 9 after a KeyboardInterrupt, 8 after anything else."""
    pid = os.fork()
    if pid == 0:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # ignored under nohup, which we would respect
            signal.signal(number, signal.SIG_DFL)
        code = 8
        try:
            work()
            code = 0
        except KeyboardInterrupt:
            code = 9
        finally:
            os._exit(code)
    return pid


def reaped(pid: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return None


def wait_for(true: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("proc", [True, False], ids=["", "without /proc"])
def test_no_descriptor_above_a_lowered_limit(keeper: str, proc: bool) -> None:
    """Whoever started us opened it before lowering the limit: no limit says how far there is something to close."""

    def ours() -> None:
        fd = fcntl.fcntl(os.open("/proc/self/status", os.O_RDONLY), fcntl.F_DUPFD, 900)  # a program inherits this one
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        listdir, os.listdir = os.listdir, os.listdir if proc else nowhere
        done = python(f"import os; os.write(1, b'%d' % os.path.exists('/proc/self/fd/{fd}'))")
        os.listdir = listdir
        assert (done.out, done.well) == (b"0", True), done

    assert reaped(forked(ours), 60) == 0


def nowhere(place: str) -> list[str]:
    raise FileNotFoundError(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("code", ["import os,time; time.sleep(60)", "import os; os.kill(os.getpid(), 19)"])
def test_a_signal_to_us_ends_it_at_once(number: int, code: str) -> None:
    pid = forked(lambda: python(code, Limits(total=60)))
    wait_for(alive)
    time.sleep(0.1)
    os.kill(pid, number)
    assert reaped(pid, 30) == 9
    assert alive() == []


def test_a_noted_signal_breaks_the_wait_too() -> None:
    """A transaction notes signals only: that must not make it wait for a stopped child."""
    from rdna_installer.machine.interrupts import Interrupts

    def work() -> None:
        with Interrupts():
            python("import os; os.kill(os.getpid(), 19)", Limits(total=60))

    pid = forked(work)
    wait_for(alive)
    time.sleep(0.1)
    os.kill(pid, signal.SIGTERM)
    assert reaped(pid, 30) == 9


@pytest.mark.parametrize("tidy", [True, False])
def test_a_function_is_told_first_and_may_undo(tidy: bool, open_folder: Path) -> None:
    """What answers within the grace counts; what does not is ended, and we are interrupted."""
    from rdna_installer.machine.interrupts import Interrupts

    begun = open_folder / "begun"

    def work() -> str:
        with Interrupts() as interrupts:
            begun.touch()
            for _ in range(3000):
                time.sleep(0.02)
                if tidy and interrupts.noted:
                    return "undone"
        return "done"

    def ours() -> None:
        with Interrupts() as interrupts:
            done = foreign(work, RIGHTS, Limits(total=60, grace=10 if tidy else 0.5), env={})
            assert done.report == b'"undone"' and interrupts.noted

    pid = forked(ours)
    wait_for(begun.exists)
    os.kill(pid, signal.SIGINT)
    assert reaped(pid, 30) == (0 if tidy else 9)


def test_a_lock_of_ours_is_free_after_we_are_killed(open_folder: Path, keeper: str) -> None:
    """Also while the child is stopped: it never had the lock's descriptor."""
    lock = open_folder / "lock"
    begun = open_folder / "begun"

    def stopped() -> None:
        begun.touch()
        os.kill(os.getpid(), signal.SIGSTOP)

    def work() -> None:
        fd = os.open(lock, os.O_RDWR | os.O_CREAT)
        fcntl.flock(fd, fcntl.LOCK_EX)
        foreign(stopped, RIGHTS, Limits(total=60), env={})

    pid = forked(work)
    wait_for(begun.exists)
    time.sleep(0.1)
    family = proctree.below(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    fd = os.open(lock, os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(fd)
    wait_for(lambda: all(proctree.state(left) in ("Z", None) for left in family))


def test_a_killed_keeper_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root a child may kill it: its own loss."""
    monkeypatch.setattr("rdna_installer.machine.keeper.unshare", lambda flags: False)
    code = "import os,time\nos.kill(os.getppid(), 9); time.sleep(60)"
    done = foreign([PYTHON, "-I", "-c", code], Rights(os.getuid(), os.getgid()), PATIENT, env=ENV)
    assert (done.how, done.code) == (How.SIGNAL, None)


@pytest.mark.skipif(not ROOT, reason="not root: the keeper has no process of its own below it")
def test_the_end_of_the_namespaces_first_process_is_seen_at_once() -> None:
    """Killed, it says nothing of how the child ended; its silence must not be waited for."""

    before = {*proctree.below(os.getpid())}  # an earlier test's that is still ending, say

    def made() -> list[int]:
        return [pid for pid in proctree.below(os.getpid()) if pid not in before and _is_grandchild(pid)]

    def kill() -> None:
        wait_for(made)
        for pid in made():
            os.kill(pid, signal.SIGKILL)

    threading.Thread(target=kill).start()
    ended = python("import time; time.sleep(1e6)", Limits(total=120))
    assert ended.how is How.SIGNAL and ended.code is None and ended.seconds < 60, ended


def _is_grandchild(pid: int) -> bool:
    """Of this process: what the keeper has made."""
    return _parent(_parent(pid)) == os.getpid()


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_our_own_size_is_not_the_childs() -> None:
    """A function runs in a copy of this process, which is larger than what the function may use."""
    limits = Limits(total=60, memory=4 << 20)
    assert proctree.resident(os.getpid()) > 4 << 20
    done = foreign(lambda: time.sleep(0.4), Rights(os.getuid(), os.getgid()), limits, env={})
    assert done.how is How.ENDED


def test_nor_that_of_a_copy_that_becomes_a_program_while_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measured as a copy and then taken for a program, it had all of ours: ended for nothing, where ours is large."""
    program: set[int] = set()

    def resident(pid: int) -> int:
        if pid in program or pid == os.getpid():
            return (1 << 30) if pid == os.getpid() else 1 << 20
        program.add(pid)
        return 1 << 30

    def same_program(pid: int) -> bool:
        return pid not in program

    monkeypatch.setattr(proctree, "resident", resident)
    monkeypatch.setattr(proctree, "same_program", same_program)
    assert python("import time; time.sleep(0.4)", Limits(total=60, memory=200 << 20)).how is How.ENDED


def test_only_descendants_are_signalled() -> None:
    """A number that somebody else's process has by now."""
    other = forked(lambda: time.sleep(5))
    proctree._signal(other, {1}, signal.SIGKILL)
    assert proctree.state(other) in ("S", "R")
    os.kill(other, 9)
    os.waitpid(other, 0)


def test_who_forks_on_between_two_looks_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first look the one that is listed has ended, and its child is in no list yet: a real run met it once."""
    looks = iter([[10], [10, 11], [10, 11], [10, 11]])
    states, killed = {10: "Z", 11: "R"}, list[int]()

    def signalled(pid: int, _family: set[int], number: int) -> None:
        killed.append(pid)
        states[pid] = "Z" if number == signal.SIGKILL else states[pid]

    monkeypatch.setattr(proctree, "below", lambda _: next(looks))
    monkeypatch.setattr(proctree, "state", states.get)
    monkeypatch.setattr(proctree, "_stop", lambda *_: None)
    monkeypatch.setattr(proctree, "_signal", signalled)
    assert proctree.end_below(9, 5.0) == [] and {*killed} == {11}
