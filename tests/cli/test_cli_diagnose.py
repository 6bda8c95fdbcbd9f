"""diagnose on the command line: files, standard input, the kernel log, JSON, 80 columns, bad input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_sample import Cli

from rdna_installer.detect.host import Ask
from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import Finished
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import diagnosing

LOG = """loading
  0%|          | 0/20 [00:00<?, ?it/s]:0:rocdevice.cpp :2984: 1 us: Callback: Queue 0x7f aborting with error : \
HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION: The agent attempted to access memory beyond the largest legal address.
UserWarning: Attempting to use hipBLASLt on an unsupported architecture! Overriding blas backend to hipblas
Memory access fault by GPU node-1 (Agent handle: 0x5) on address 0x7f. Reason: Unknown.
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_text(LOG)
    return path


@pytest.fixture
def empty(tmp_path: Path) -> str:
    """A root without any GPU."""
    (tmp_path / "root/etc").mkdir(parents=True)
    return str(tmp_path / "root")


def test_json_has_the_keys_scripts_rely_on(cli: Cli, log: Path, empty: str) -> None:
    result = cli("diagnose", "--json", "--root", empty, "--gfx", "gfx1010", str(log))
    data = json.loads(result.out)
    assert (result.code, data["schema"]) == (0, 1)
    assert [(f["class"], f["line"], f["fatal"]) for f in data["findings"]] == [
        ("memory-aperture-violation", 2, True),
        ("memory-access-fault", 4, True),
        ("unsupported-arch-benign", 3, False),
    ]
    cause = data["findings"][0]
    assert {"class", "line", "excerpt", "gfx", "fatal", "advice", "rule"} <= set(cause)
    assert cause["gfx"] is None and cause["rule"] == "rdna1-not-rdna2"
    assert "gfx1030 code does not fit gfx1010" in " ".join(cause["advice"])


@pytest.mark.parametrize(("pieces", "said"), [(63, []), (64, [16]), (191, [16, 32])])
def test_how_far_it_is_is_never_more_than_was_read(
    monkeypatch: pytest.MonkeyPatch, empty: str, pieces: int, said: list[int]
) -> None:
    """In pieces of a quarter of a MiB."""
    told = list[str]()
    monkeypatch.setattr(diagnosing, "_chunks", lambda _: iter([b"epoch 1\n"] * pieces))
    job = diagnosing.Diagnosing(Sysroot(Path(empty)), Ask(search_sites=False))
    diagnosing.diagnose_log(job, "of.log", told.append)
    assert told == [*(f"{number} MiB read" for number in said), ""]


COPIED = ("  next:", "  check:", "  why:", "  source:")  # a line each, however long
TEXT = """\
run.log (3 lines): 2 failures, the cause first
  of: graphics (a compositor or a game) (line 1)
the log is from another machine: this is for that one (--here: for this one)

ring-timeout (line 1)
  > Nov 21 12:00:01 h kernel: amdgpu 0000:03:00.0: amdgpu: ring gfx_0.0.0
    timeout, signaled seq=1, emitted seq=2
  the graphics queue did not finish a program's work in time and is reset; ROCm
  does not use this queue
  - no ROCm is in this: it is graphics, so kernel, linux-firmware and Mesa (the
    Vulkan and OpenGL driver) decide. If it began with an update, boot the
    kernel from before it, or an LTS kernel: if it stays away the kernel is the
    cause
  - update Mesa and linux-firmware together with the kernel; take overclock and
    undervolt off; one program only: its own renderer (OpenGL instead of Vulkan,
    or the other way round)
  - to report it: the lines from "ring … timeout" on and
    /sys/class/drm/card*/device/devcoredump/data, at
    https://gitlab.freedesktop.org/drm/amd/-/issues (kernel) or mesa/mesa (one
    program only)
  next:   rdna-installer diagnose --kernel-log --since '1 hour ago'
  why:    rdna-installer explain lockup_timeout
  source: https://github.com/torvalds/linux/blob/master/drivers/gpu/drm/amd/amdgpu/amdgpu_job.c

Other messages, probably caused by the first

gpu-reset (line 2)
  > Nov 21 12:00:02 h kernel: amdgpu 0000:03:00.0: amdgpu: GPU reset begin!
  the driver reset the GPU: every program on it lost its work
  next:   rdna-installer advise
  check:  rdna-installer diagnose --kernel-log --since '1 hour ago'
  why:    rdna-installer explain gpu_recovery
  source: https://github.com/torvalds/linux/blob/master/drivers/gpu/drm/amd/amdgpu/amdgpu_device.c

Harmless
  - firmware-missing-benign (line 3): an optional file, or one for another chip:
    the card works without it
"""


def test_the_whole_text(cli: Cli, tmp_path: Path, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    amdgpu = "h kernel: amdgpu 0000:03:00.0: amdgpu: "
    Path("run.log").write_text(
        f"Nov 21 12:00:01 {amdgpu}ring gfx_0.0.0 timeout, signaled seq=1, emitted seq=2\n"
        f"Nov 21 12:00:02 {amdgpu}GPU reset begin!\n"
        f"Nov 21 12:00:03 {amdgpu}RAS: optional ras ta ucode is not available\n"
    )
    assert cli("diagnose", "--root", empty, "run.log").out == TEXT


def test_text_fits_a_terminal(cli: Cli, log: Path, empty: str) -> None:
    result = cli("diagnose", "--root", empty, str(log))
    assert result.code == 0
    lines = result.out.replace(str(log), "run.log").splitlines()
    assert all(len(line) <= 80 for line in lines if not line.startswith(COPIED))
    assert result.out.index("memory-aperture-violation") < result.out.index("memory-access-fault")
    assert "probably caused by the first" in result.out
    assert "Harmless" in result.out


def test_nothing_found_is_an_answer(cli: Cli, tmp_path: Path, empty: str) -> None:
    (tmp_path / "x.log").write_text("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB.\n")
    result = cli("diagnose", "--root", empty, str(tmp_path / "x.log"))
    assert result.code == 0
    assert result.out.startswith("no known error")
    result = cli("diagnose", "--json", "--root", empty, str(tmp_path / "x.log"))
    assert json.loads(result.out)["findings"] == []


def test_what_is_not_ours_is_named(cli: Cli, tmp_path: Path, empty: str) -> None:
    (tmp_path / "x.log").write_text("OSError: [Errno 28] No space left on device\n")
    assert (
        "not AMD's or this program's: a disk is full" in cli("diagnose", "--root", empty, str(tmp_path / "x.log")).out
    )


def test_nothing_recognised_says_what_to_collect(cli: Cli, tmp_path: Path, empty: str) -> None:
    (tmp_path / "x.log").write_text("ollama[812]: gpu_type=gfx1032\n")
    out = cli("diagnose", "--root", empty, str(tmp_path / "x.log")).out
    assert "of: ollama (line 1); gfx1032 (line 1)" in out
    assert "diagnose --unit ollama.service" in out and "where to ask: https://github.com/ollama" in out


GFX = "rocBLAS error: Cannot read /x/TensileLibrary.dat: No such file or directory for GPU arch : gfx1201\n"


def test_a_log_of_another_machine_and_here(cli: Cli, tmp_path: Path, empty: str) -> None:
    """Advice is for the log's machine; --here takes this one."""
    (tmp_path / "x.log").write_text("python: torch/nn/modules/linear.py\n" + GFX)
    path, root = str(tmp_path / "x.log"), ("--root", empty, "--gfx", "gfx1032")
    there = json.loads(cli("diagnose", "--json", *root, path).out)
    assert there["elsewhere"] is True
    assert there["findings"][0]["next"].startswith("pip install --upgrade --index-url https://download.pytorch.org/")
    assert "gfx1201" in " ".join(there["findings"][0]["advice"])
    here = json.loads(cli("diagnose", "--json", *root, "--here", path).out)
    assert here["elsewhere"] is False
    assert "gfx1201" not in " ".join(here["findings"][0]["advice"])


def test_the_new_keys(cli: Cli, tmp_path: Path, empty: str) -> None:
    (tmp_path / "x.log").write_text("ollama[812]: ROCm error: invalid device function\nollama[812]: gpu_type=gfx1032\n")
    found = json.loads(cli("diagnose", "--json", "--root", empty, str(tmp_path / "x.log")).out)
    first = found["findings"][0]
    assert isinstance(first["advice"], list)
    assert (first["program"], first["platform"], first["gfx"]) == ("ollama", None, "gfx1032")
    assert first["next"].startswith("sudo systemctl edit ollama")
    assert first["check"].startswith("ollama ps") and first["source"].startswith("https://")
    assert "HSA_OVERRIDE_GFX_VERSION=10.3.0" in " ".join(first["advice"])
    assert [(a["kind"], a["id"]) for a in found["about"]] == [("program", "ollama"), ("gfx", "gfx")]


def test_standard_input(cli: Cli, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(LOG.encode())))
    assert cli("diagnose", "--root", empty, "-").out.startswith("standard input (4 lines): 2 failures")


@pytest.mark.parametrize(
    ("argv", "code", "reference"),
    [
        ((), 2, "which-log"),
        (("--kernel-log", "x.log"), 2, "which-log"),
        (("/no/such/file",), 2, "cannot-read-log"),
        (("/",), 2, "cannot-read-log"),
        (("--since", "today", "x.log"), 2, "which-log"),
        (("--unit", "x", "--kernel-log"), 2, "which-log"),
        (("x.log", "--", "true"), 2, "which-log"),
        (("--", "/no/such/program"), 3, "tool-missing"),
    ],
)
def test_bad_input(cli: Cli, argv: tuple[str, ...], code: int, reference: str) -> None:
    result = cli("diagnose", *argv)
    assert (result.code, result.out) == (code, "")
    assert f"[{reference}]" in result.err.replace("\n       ", " ")


def test_the_kernel_log_of_another_root_is_refused(cli: Cli, empty: str) -> None:
    result = cli("diagnose", "--kernel-log", "--root", empty)
    assert result.code == 2 and "no-kernel-log" in result.err


class Tools:
    """journalctl and dmesg as the test wants them."""

    def __init__(self, **answers: tuple[int, str] | None) -> None:
        self.answers = answers

    def run(self, argv: tuple[str, ...], *, timeout: float, on_line: object) -> Finished:
        answer = self.answers[argv[0]]
        if answer is None:
            raise RdnaError("tool-missing", f"cannot start {argv[0]}: No such file or directory")
        code, text = answer
        for line in text.splitlines():
            on_line(line)  # type: ignore[operator]
        return Finished(code, text.encode(), b"")


RESET = "Nov 21 12:00:00 h kernel: x\nNov 21 12:00:01 h kernel: amdgpu 0000:0b:00.0: amdgpu: GPU reset begin!\n"
NONE = "Hint: You are currently not seeing messages from other users.\n-- No entries --\n"


@pytest.mark.parametrize(
    ("tools", "source"),
    [
        (Tools(journalctl=(0, RESET)), "journalctl -k -b"),
        (Tools(journalctl=None, dmesg=(0, RESET)), "dmesg"),
        (Tools(journalctl=(1, "No journal files were found.\n"), dmesg=(0, RESET)), "dmesg"),
        (Tools(journalctl=(0, NONE), dmesg=(0, RESET)), "dmesg"),
    ],
)
def test_the_kernel_log(cli: Cli, tools: Tools, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosing, "run", tools.run)
    data = json.loads(cli("diagnose", "--kernel-log", "--json").out)
    assert data["source"] == source
    assert [(f["class"], f["line"]) for f in data["findings"]] == [("gpu-reset", 2)]


@pytest.mark.parametrize(
    ("argv", "wanted"),
    [
        (("--kernel-log", "--since", "-10min"), ("journalctl", "_TRANSPORT=kernel", "--since", "-10min")),
        (("--unit", "ollama"), ("journalctl", "-u", "ollama", "-b")),
        (("--unit", "ollama", "--since", "today"), ("journalctl", "-u", "ollama", "--since", "today")),
    ],
)
def test_a_time_and_a_unit(
    cli: Cli, argv: tuple[str, ...], wanted: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def run(command: tuple[str, ...], *, timeout: float, on_line: object) -> Finished:
        asked.append(command)
        return Tools(journalctl=(0, RESET)).run(command, timeout=timeout, on_line=on_line)

    monkeypatch.setattr(diagnosing, "run", run)
    assert json.loads(cli("diagnose", *argv, "--json").out)["source"] == " ".join(wanted)
    assert asked[0][: len(wanted)] == wanted


def live(*argv: str, root: str = "/") -> subprocess.CompletedProcess[str]:
    """The whole program, as its output is a file descriptor's business."""
    code = "import sys; from rdna_installer.cli.app import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, "diagnose", "--root", root, "--", *argv],
        env={**os.environ, "PYTHONPATH": str(Path(diagnosing.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.processes
def test_a_command_is_watched() -> None:
    """Its output goes where it would have gone, its end is explained on stderr, its code is ours."""
    done = live("sh", "-c", "echo out; echo 'hipErrorNoBinaryForGpu: Unable to find code object' >&2; exit 7")
    assert (done.returncode, done.stdout) == (7, "out\n")
    assert done.stderr.startswith("hipErrorNoBinaryForGpu")
    assert "no-binary-for-gpu" in done.stderr


@pytest.mark.processes
def test_a_command_that_succeeds_is_left_alone() -> None:
    done = live("sh", "-c", "echo hipErrorNoBinaryForGpu; exec sleep 0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "hipErrorNoBinaryForGpu\n", "")


@pytest.mark.processes
def test_a_command_that_dies_of_a_signal() -> None:
    done = live("sh", "-c", "kill -SEGV $$")
    assert done.returncode == 139


@pytest.mark.processes
def test_what_a_command_leaves_behind_is_not_waited_for() -> None:
    done = live("sh", "-c", "sleep 60 & echo gone; exit 3")
    assert (done.returncode, done.stdout) == (3, "gone\n")


def test_an_unreadable_kernel_log_says_why_and_what_to_do(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    denied = (1, "dmesg: read kernel buffer failed: Operation not permitted\n")
    monkeypatch.setattr(diagnosing, "run", Tools(journalctl=(0, NONE), dmesg=denied).run)
    result = cli("diagnose", "--kernel-log")
    assert (result.code, result.out) == (3, "")
    for text in ("no-kernel-log", "Operation not permitted", "sudo rdna-installer diagnose --kernel-log"):
        assert text in " ".join(result.err.split())


WATCHED = """
import sys
from rdna_installer.cli.app import main
main(["diagnose", "--json", "--root", *sys.argv[1:]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")), file=sys.stderr)
"""


@pytest.mark.processes
def test_a_large_log_needs_little_memory(tmp_path: Path, empty: str) -> None:
    """64 MB in one line without an end: what grows with a log would show."""
    path = tmp_path / "large.log"
    with path.open("wb") as file:
        for _ in range(64):
            file.write(b"step 1/2 loss 0.1 it/s\r" * (1_000_000 // 23))
        file.write(LOG.encode())
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, empty, str(path)],
        env={**os.environ, "PYTHONPATH": str(Path(diagnosing.__file__).parents[2])},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["findings"][0]["class"] == "memory-aperture-violation"
    assert int(done.stderr.split()[1]) < 40 * 1024  # KiB; a gigabyte needs no more
