"""diagnose, wired: a log from a file, standard input or the kernel, with this machine's facts for the advice."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from rdna_installer.amd.conditions import known_faults
from rdna_installer.detect.host import Ask, detect
from rdna_installer.diagnose.diagnose import diagnose
from rdna_installer.diagnose.finding import Diagnosis, Scanned
from rdna_installer.diagnose.scan import CHUNK, Scanner, scan
from rdna_installer.diagnose.situation import Machine
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.signatures import Signatures, load_signatures
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Request
from rdna_installer.workflow.foreign import load_rules
from rdna_installer.workflow.planning import decide

STDIN = "-"
KERNEL_LOGS = (("journalctl", "-k", "-b", "--no-pager", "-o", "short"), ("dmesg",))
FAULTS = frozenset(
    {"gcvm-l2-page-fault", "gpu-lost", "gpu-reset", "hang-timeout", "hw-exception", "memory-access-fault"}
    | {"ring-timeout", "vm-context1-page-fault"}
)
PATIENCE = 120.0  # seconds for a journal of a long uptime


def diagnose_log(root: Sysroot, ask: Ask, log: str) -> Diagnosis:
    """Diagnose a file, or standard input for ``-``. Raises RdnaError("cannot-read-log")."""
    book = load_rules(root)
    seen = scan(_chunks(log), _signatures(book))
    return diagnose(seen, "standard input" if log == STDIN else log, functools.partial(_machine, root, ask, book))


def diagnose_kernel(root: Sysroot, ask: Ask) -> Diagnosis:
    """Diagnose the kernel log of this boot. Raises RdnaError("no-kernel-log")."""
    if not root.live:
        raise RdnaError(
            "no-kernel-log",
            "--kernel-log reads the log of the running system, not of another root",
            hint="save that system's log (journalctl -k -b > kernel.log) and diagnose the file",
            exit_code=Exit.USAGE,
        )
    book = load_rules(root)
    signatures = _signatures(book)
    problems = []
    for command in KERNEL_LOGS:
        seen, problem = _kernel_log(command, signatures)
        if seen is not None:
            return diagnose(seen, " ".join(command[:3]), functools.partial(_machine, root, ask, book))
        problems.append(f"{command[0]}: {problem}")
    raise RdnaError(
        "no-kernel-log",
        "the kernel log cannot be read",
        context="; ".join(problems),
        hint="sudo rdna-installer diagnose --kernel-log, or be a member of the group systemd-journal or adm",
    )


def kernel_faults(root: Sysroot) -> frozenset[str] | None:
    """The kinds of GPU fault in the kernel log of this boot; None where it cannot be read."""
    try:
        found = diagnose_kernel(root, Ask(search_sites=False)).findings
    except RdnaError:
        return None
    return frozenset(finding.name for finding in found if finding.name in FAULTS)


def _signatures(book: Book) -> Signatures:
    return load_signatures(book.targets.targets)


def _kernel_log(command: tuple[str, ...], signatures: Signatures) -> tuple[Scanned | None, str]:
    """What one of the two tools shows, or why it shows nothing."""
    scanner = Scanner(signatures)
    batch: list[str] = []

    def take(line: str) -> None:
        batch.append(line)
        if len(batch) >= CHUNK // 100:
            scanner.feed("\n".join([*batch, ""]).encode("utf-8", "replace"))
            batch.clear()

    try:
        done = run(command, timeout=PATIENCE, on_line=take)
    except RdnaError as err:
        return None, err.message
    last = batch[-1] if batch else ""
    scanner.feed("\n".join([*batch, ""]).encode("utf-8", "replace"))
    seen = scanner.finish()
    if done.code != 0:
        return None, last or f"ended with {done.code}"
    # Without the right to see it journalctl says so, shows "-- No entries --" and ends with 0.
    if seen.lines <= 2 and b"No entries" in done.out:
        return None, "it shows no entries to this user"
    return seen, ""


def _chunks(log: str) -> Iterator[bytes]:
    """The bytes of a log as they come."""
    try:
        if log == STDIN:
            yield from iter(lambda: sys.stdin.buffer.read(CHUNK), b"")
        else:
            with Path(log).open("rb") as file:
                yield from iter(lambda: file.read(CHUNK), b"")
    except OSError as err:
        raise RdnaError(
            "cannot-read-log",
            f"this log cannot be read: {err.strerror}",
            context="standard input" if log == STDIN else log,
            exit_code=Exit.USAGE,
        ) from err


def _machine(root: Sysroot, ask: Ask, book: Book) -> Machine:
    facts = detect(root, ask)
    override = os.environ.get(OVERRIDE) if root.live else None
    if not facts.gpus:
        return Machine(facts, None, override, book.targets)
    decided = decide(root, facts, Request(), book)
    kernel = (text for rule in known_faults(facts, book) for text in rule.said)
    return Machine(decided.facts, decided.policy, override, book.targets, (*kernel, *decided.others.lines))
