"""What is longer than the screen goes through a pager; never a question, a document, or what another program reads."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from rdna_installer.cli.app import COMMANDS, app
from rdna_installer.cli.helping import words

pytestmark = pytest.mark.processes
INSTALLER = Path(__file__).resolve().parents[2] / "installer"
RUN = "import sys; from rdna_installer.cli.app import main; sys.exit(main())"


def on_terminal(*argv: str, rows: int = 24, stdout: int | None = None, **env: str) -> tuple[int, str]:
    """The program on a terminal of that height; its exit code and all that was seen."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": str(INSTALLER), "TERM": "xterm", "HOME": "/nonexistent", **env}
    out = slave if stdout is None else stdout
    command = [sys.executable, "-c", RUN, *argv]
    child = subprocess.Popen(command, stdin=slave, stdout=out, stderr=slave, env=whole, start_new_session=True)
    os.close(slave)
    seen = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        seen += piece
        if seen.rstrip().endswith(b"[y/N/d]:"):
            os.write(master, b"n\n")
            seen += b"\n"
    os.close(master)
    return child.wait(), seen.decode()


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """One that numbers what it is given, and says that it ran."""
    script = tmp_path / "my pager"
    script.write_text('#!/bin/sh\necho "PAGED $1"\nexec cat\n')
    script.chmod(0o755)
    return script


def test_only_what_is_longer_than_the_screen(sample: Path, pager: Path) -> None:
    argv = ("plan", "--profile", "layered", "--root", str(sample))
    code, seen = on_terminal(*argv, PAGER=f"'{pager}' -x")
    assert code == 0 and seen.startswith("PAGED -x\r\n") and "rdna-installer apply" in seen
    for rows in (100, 0):
        assert "PAGED" not in on_terminal(*argv, rows=rows, PAGER=str(pager).replace(" ", "\\ "))[1]


def test_the_last_line_that_fits_and_the_first_that_does_not(sample: Path, pager: Path) -> None:
    argv = ("detect", "--root", str(sample))
    lines = on_terminal(*argv, rows=0)[1].count("\n")
    paged = [
        rows for rows in range(lines - 1, lines + 3) if "PAGED" in on_terminal(*argv, rows=rows, PAGER=f"'{pager}'")[1]
    ]
    assert paged == [lines - 1, lines], "the prompt needs a line too"


@pytest.mark.parametrize(
    ("more", "env"),
    [
        (("--no-pager",), {}), (("--json",), {}), ((), {"TERM": "dumb"}), ((), {"PAGER": ""}), ((), {"PAGER": "cat"}),
        ((), {"PAGER": "/no/such/program"}), ((), {"PAGER": "'"}),
    ],
)  # fmt: skip
def test_never(sample: Path, pager: Path, more: tuple[str, ...], env: dict[str, str]) -> None:
    argv = ("plan", "--profile", "layered", "--root", str(sample), *more)
    code, seen = on_terminal(*argv, **{"PAGER": f"'{pager}'", **env})
    assert code == 0 and "PAGED" not in seen and "noretry" in seen


def test_never_what_another_program_reads(sample: Path, pager: Path, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        code, seen = on_terminal("plan", "--root", str(sample), stdout=out.fileno(), PAGER=f"'{pager}'")
    assert code == 0 and "PAGED" not in seen + (tmp_path / "out").read_text()


def test_never_a_question(sample: Path, pager: Path) -> None:
    argv = ("apply", "--profile", "layered", "--trial", "off", "--root", str(sample))
    code, seen = on_terminal(*argv, PAGER=f"'{pager}'")
    assert code == 5 and "PAGED" not in seen and "[declined]" in seen
    code, seen = on_terminal(*argv, "--dry-run", PAGER=f"'{pager}'")
    assert code == 0 and "PAGED" in seen


def test_a_reader_who_leaves_early_is_no_error(sample: Path, tmp_path: Path) -> None:
    script = tmp_path / "early"
    script.write_text("#!/bin/sh\nexec true\n")
    script.chmod(0o755)
    code, seen = on_terminal("plan", "--diff", "--profile", "layered", "--root", str(sample), PAGER=str(script))
    assert (code, seen) == (0, "")


def test_less_is_the_default_and_quits_what_fits(sample: Path, tmp_path: Path) -> None:
    (tmp_path / "less").write_text('#!/bin/sh\necho "LESS=$LESS SECURE=$LESSSECURE"\nexec cat\n')
    (tmp_path / "less").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    seen = on_terminal("plan", "--diff", "--root", str(sample), PATH=path)[1]
    assert seen.startswith(f"LESS=FRX SECURE={'1' if os.geteuid() == 0 else ''}\r\n"), seen[:200]


def test_every_command_knows_the_option() -> None:
    assert "no_pager" in words()["rare"]
    for name in ("plan", "doctor", "verify", "advise", "explain", "status", "history", "diagnose", "apply"):
        assert name in COMMANDS
        command = app.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None and any("--no-pager" in p.opts for p in command.params), name
