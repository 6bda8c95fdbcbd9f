#!/usr/bin/env python3
"""Every limit on what a command may cost, measured today: tests/benchmarks/limits.py [--figures] [ROW...].

The package as it is installed (its knowledge parsed by the build hook's own function), on scratch roots made here:
the sample machine of the tests with as many torch venvs as a row says, and a captured machine with 8 GPUs. Instructions
are callgrind's, of the command and of all its children, .pyc files written; the yardstick is the same interpreter
importing click and yaml. Calls are strace's. --figures writes the table into docs/figures.md; exit 1 when a limit is
passed. Needs valgrind and strace; as root, the ansible row needs an ansible-playbook (--ansible PATH).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "tests/sample"
MODULES = Path("lib/modules/6.1.0-56-amd64")
MODULE = MODULES / "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"
PACKED, EIGHT = PROJECT / "tests/fixtures/shared.tar.xz", "captures/machines/k8s-mi210-xgmi-pcie"
FIGURES = PROJECT / "docs/figures.md"
BLOCK = re.compile(r"(<!-- limits -->\n).*?(<!-- /limits -->)", re.S)
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "HOME": "/nonexistent"}
# Valgrind 3.19 knows no pidfd: a pipe stands for it, which a thread ends with its process. And it is slow: so is the
# clock, or a look with another's rights would reach its limit.
NO_PIDFD = """
import os, signal, threading, time
now, held = time.monotonic, {}
time.monotonic = lambda: now() / 100
def wait(pid, end):
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return
    os.close(end)
def pidfd_open(pid, flags=0):
    fd, end = os.pipe()
    held[fd] = pid
    threading.Thread(target=wait, args=(pid, end), daemon=True).start()
    return fd
os.pidfd_open, signal.pidfd_send_signal = pidfd_open, lambda fd, number, *rest: os.kill(held[fd], number)
"""
PROFILE = ("--profile", "layered")  # every layer: 24 files with one torch


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    measured: str
    limit: str
    kept: bool


class Bench:
    """The package, its roots and what was counted once already."""

    def __init__(self, folder: Path, ansible: str | None, slack: float) -> None:
        self.folder, self.ansible = folder, ansible
        self.slack = 1 + slack / 100  # counts of instructions differ by a hundredth from folder to folder
        package = folder / "package" / "rdna_installer"
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / "installer/rdna_installer", package, ignore=ignore)
        shutil.copytree(PROJECT / "templates", package / "templates")
        sys.path.insert(0, str(package.parent))
        from rdna_installer.knowledge.shipped import parse_all

        for name, content in parse_all(package / "knowledge/data").items():
            (package / "knowledge/data" / name).write_bytes(content)
        start = f"import sys; sys.path.insert(0, {str(package.parent)!r}); from rdna_installer.cli.app import main; "
        self.program = [sys.executable, "-I", "-c", start + "raise SystemExit(main())"]
        self.watched = [*self.program[:3], NO_PIDFD + self.program[3]]

    def root(self, venvs: int, *, applied: bool = False) -> Path:
        """The sample machine with so many torch venvs."""
        place = self.folder / f"venvs-{venvs}{'-applied' * applied}"
        if not place.exists():
            shutil.copytree(SAMPLE / "machine", place, symlinks=True)
            (place / "etc/passwd").write_text(f"sam:x:{os.getuid()}:{os.getgid()}:Sam:/home/sam:/bin/bash\n")
            for folder in ("var/lib", "etc/environment.d", MODULE.parent):
                (place / folder).mkdir(parents=True)
            (place / MODULES / "modules.dep").write_text(f"{MODULE.relative_to(MODULES)}:\n")
            make = [sys.executable, "-I", str(SAMPLE / "sample_module.py")]
            (place / MODULE).write_bytes(subprocess.run(make, capture_output=True, check=True).stdout)
            first = place / "home/sam/venv"
            for number in range(1, venvs):
                shutil.copytree(first, first.with_name(f"venv{number}"), symlinks=True)
            if applied:
                self.run("apply", "--yes", *PROFILE, "--root", str(place))
        return place

    @cached_property
    def eight(self) -> Path:
        """A captured machine with 8 GPUs, on which nothing is to be done."""
        with tarfile.open(PACKED) as archive:
            members = [one for one in archive.getmembers() if one.name.startswith(EIGHT)]
            archive.extractall(self.folder, members)
        return self.folder / EIGHT

    def run(self, *words: str) -> str:
        """A command that has to end well: what it printed."""
        done = subprocess.run([*self.program, *words], env=ENVIRONMENT, check=False, capture_output=True, text=True)
        assert done.returncode in (0, 1, 10), (words, done)
        return done.stdout

    @cached_property
    def yardstick(self) -> float:
        return self.instructions([sys.executable, "-I", "-c", "import click, yaml"])

    def instructions(self, argv: list[str]) -> float:
        """Of the process and its children, once it has been started before (.pyc)."""
        subprocess.run(argv, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        # A forked child counts from its birth on, not from its parent's.
        born = "--zero-before=PyOS_AfterFork_Child"
        valgrind = ["valgrind", "--tool=callgrind", "--trace-children=yes", born, "--callgrind-out-file=/dev/null"]
        with tempfile.TemporaryDirectory() as logs:
            log = f"--log-file={logs}/%p"
            done = subprocess.run([*valgrind, log, *argv], env=ENVIRONMENT, capture_output=True, check=False)
            assert done.returncode in (0, 1, 4, 10), (argv, done)
            texts = [path.read_text() for path in Path(logs).iterdir()]
        return float(sum(int(found) for text in texts for found in re.findall(r"Collected : (\d+)", text)))

    def cost(self, *words: str) -> float:
        return self.instructions([*self.watched, *words])

    def calls(self, root: Path, which: str = "all") -> int:
        """System calls of one apply on a fresh copy of ``root``."""
        copied = Path(shutil.copytree(root, root.with_name(root.name + "-calls"), symlinks=True))
        log = self.folder / "strace"
        apply = [*self.program, "apply", "--yes", *PROFILE, "--root", str(copied)]
        self.run("plan", "--root", str(copied))  # .pyc
        strace = ["strace", "-f", "-qq", "-e", f"trace={which}", "-e", "signal=none", "-o", str(log)]
        subprocess.run([*strace, *apply], env=ENVIRONMENT, check=True, capture_output=True)
        shutil.rmtree(copied)
        return sum("resumed>" not in line for line in log.read_text(errors="replace").splitlines())


def files_of(bench: Bench, venvs: int) -> int:
    """So many files does apply write there."""
    found = re.search(r"(\d+) files", bench.run("plan", *PROFILE, "--root", str(bench.root(venvs))))
    assert found
    return int(found[1])


def of_yardstick(name: str, limit: float, words: Callable[[Bench], list[str]]) -> Callable[[Bench], Row]:
    def measure(bench: Bench) -> Row:
        found = bench.cost(*words(bench))
        ratio = found / bench.yardstick
        return Row(name, f"{found / 1e6:.0f} M, {ratio:.2f} ×", f"≤ {limit} ×", ratio <= limit * bench.slack)

    return measure


def venvs(bench: Bench) -> Row:
    """A further venv at a hundred costs no more than twice a further one at ten."""
    cost = {n: bench.cost("plan", *PROFILE, "--root", str(bench.root(n))) for n in (5, 10, 50, 100)}
    at_ten, at_hundred = (cost[10] - cost[5]) / 5, (cost[100] - cost[50]) / 50
    measured = (
        f"{cost[100] / 1e6:.0f} M; a further one {at_ten / 1e6:.1f} M at ten, {at_hundred / 1e6:.1f} M at a hundred"
    )
    return Row("`plan`, 100 torch venvs", measured, "a further one ≤ 2 × that at ten", at_hundred <= 2 * at_ten)


def syncs(bench: Bench) -> Row:
    one, seven = (bench.calls(bench.root(n), "fsync,fdatasync,sync,syncfs,msync") for n in (1, 7))
    each = (seven - one) / (files_of(bench, 7) - files_of(bench, 1))
    return Row("`apply`: syncs for each further file", f"{each:.2f}", "≤ 1.2", each <= 1.2)


def system_calls(bench: Bench) -> Row:
    files, found = files_of(bench, 10), bench.calls(bench.root(10))
    return Row(f"`apply`: system calls, {files} files", f"{found:,}", "≤ 20,000", found <= 20_000 and files >= 203)


def hook(bench: Bench) -> Row:
    """Of Debian 12's own Python 3.11, where it is: one built elsewhere may take a third more for the same."""
    sys.path[:0] = [str(PROJECT / "tests/benchmarks")]
    import hook_speed

    own = Path("/usr/bin/python3.11")
    python, version = (
        (str(own), "3.11") if own.exists() else (sys.executable, f"{sys.version_info[0]}.{sys.version_info[1]}")
    )
    with tempfile.TemporaryDirectory() as folder:
        bare, hooked = (hook_speed.venv(python, version, Path(folder) / name) for name in ("bare", "hooked"))
        hooked.install(hook_speed.TABLE)
        more = (hook_speed.instructions(hooked) - hook_speed.instructions(bare)) / 1e6
    name = f"the start-up hook, {python if own.exists() else f'Python {version}'}, beyond a comment-only .pth"
    return Row(name, f"+{more:.2f} M", "≤ +1.05 M on 3.11", more <= 1.05 or version != "3.11")


def cpu(argv: list[str]) -> float:
    """Seconds of CPU time of the process and those it waited for: the least of three runs, after one to warm up.

    One that ends in an error has not done the work: CalledProcessError.
    """
    found = []
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(argv, env=ENVIRONMENT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found[1:])


def ansible(bench: Bench) -> Row:
    """``ansible-playbook --check --diff`` of the very files, one copy task each, onto a root that has them not."""
    name = "CPU of `ansible-playbook --check --diff` of the same files"
    if bench.ansible is None:
        return Row(name, "not measured (--ansible PATH)", "≥ 20 ×", True)
    applied, bare = bench.root(1, applied=True), bench.root(1)
    written = [p for p in applied.rglob("*") if "rdna" in str(p.relative_to(applied)) and p.is_file()]
    tasks = [
        {"ansible.builtin.copy": {"src": str(path), "dest": str(bare / path.relative_to(applied)), "mode": "0644"}}
        for path in written
        if "var/lib" not in str(path)
    ]
    play = bench.folder / "play.yaml"
    play.write_text(json.dumps([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]))
    own = "ansible_python_interpreter={{ ansible_playbook_python }}"  # not what it would find, a shim of pyenv's say
    home = f"HOME={bench.folder}"  # it makes a folder of its own there
    theirs = cpu(["env", home, bench.ansible, "--check", "--diff", "-i", "localhost,", "-e", own, str(play)])
    ours = [cpu([*bench.program, *words]) for words in (
        ["plan", "--diff", *PROFILE, "--root", str(bare)], ["verify", "--root", str(applied)])]  # fmt: skip
    measured = (
        f"{theirs:.2f} s, {len(tasks)} files: plan {theirs / ours[0]:.0f} ×, verify {theirs / ours[1]:.0f} × less"
    )
    return Row(name, measured, "≥ 20 ×", theirs >= 20 * max(ours))


def table(rows: list[Row], yardstick: float) -> str:
    """For docs/figures.md."""
    lines = [f"| | today (yardstick: {yardstick / 1e6:.0f} M) | limit | kept |", "|---|---|---|---|"]
    lines += [f"| {row.name} | {row.measured} | {row.limit} | {'yes' if row.kept else '**no**'} |" for row in rows]
    return "\n".join(lines) + "\n"


ROWS: dict[str, Callable[[Bench], Row]] = {
    "plan": of_yardstick(
        "`plan --layer python`, one torch venv", 1.9, lambda b: ["plan", "--layer", "python", "--root", str(b.root(1))]
    ),
    "layered": lambda bench: replace(
        of_yardstick(
            "`plan --profile layered`, all layers, with modinfo's process",
            9,
            lambda b: ["plan", *PROFILE, "--root", str(b.root(1))],
        )(bench),
        limit="none is set",
    ),
    "nothing": of_yardstick("`plan`, nothing to do (8 GPUs)", 1.5, lambda b: ["plan", "--root", str(b.eight)]),
    "venvs": venvs,
    "verify": of_yardstick("`verify`, applied", 1.5, lambda b: ["verify", "--root", str(b.root(1, applied=True))]),
    "status": of_yardstick("`status`, applied", 1.4, lambda b: ["status", "--root", str(b.root(1, applied=True))]),
    "syncs": syncs,
    "calls": system_calls,
    "hook": hook,
    "ansible": ansible,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {' '.join(ROWS)}; else all")
    parser.add_argument("--figures", action="store_true", help="write the table into docs/figures.md")
    parser.add_argument("--ansible", metavar="PATH", help="an ansible-playbook to compare with")
    parser.add_argument("--slack", type=float, default=0.0, help="so much more is let through, in per cent")
    arguments = parser.parse_args()
    if missing := [tool for tool in ("valgrind", "strace") if not shutil.which(tool)]:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory(prefix="rdna-limits-") as folder:
        bench = Bench(Path(folder), arguments.ansible, arguments.slack)
        print(f"yardstick: {bench.yardstick / 1e6:.0f} M instructions", flush=True)
        rows = []
        for name in arguments.rows or ROWS:
            rows.append(ROWS[name](bench))
            row = rows[-1]
            print(f"{'ok  ' if row.kept else 'OVER'} {row.name}: {row.measured} (limit {row.limit})", flush=True)
    if arguments.figures:
        text = FIGURES.read_text()
        assert BLOCK.search(text)
        made = table(rows, bench.yardstick)
        FIGURES.write_text(BLOCK.sub(lambda found: found[1] + made + found[2], text))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
