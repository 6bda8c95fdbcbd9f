"""The caller's own environment: values of an earlier state that this session still exports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rdna_installer.check.wanted import Ask, InForce, judge
from rdna_installer.detect.dotfiles import Scan
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.model import Check, Status

LOG_OUT = "log out and in again"
SOURCE = "this session"
# Set by hand for one look at what happens; they change no result.
DIAGNOSTIC = ("MIOPEN_LOG", "MIOPEN_ENABLE_LOGGING", "MIOPEN_CUSTOM_CACHE", "MIOPEN_DISABLE_CACHE", "HSA_ENABLE_DEBUG")


def check_session(previous: Mapping[str, str], wanted: InForce, scan: Scan, ask: Ask) -> Iterator[Check]:
    """One line for each machine-wide variable, and one for each stray or stale one."""
    for key, value in wanted.env.items():
        yield _wanted(key, value, previous.get(key))
    if previous.get("RDNA_HOOK") == "0":
        hint = f"the hook is switched off in this session: `unset RDNA_HOOK`, or {LOG_OUT}"
        yield Check("session:RDNA_HOOK", Status.MISMATCH, "unset", "0", SOURCE, hint)
    in_files = {(f.assignment.key, f.assignment.value) for f in scan.found}
    for key in sorted(previous):
        # What a start-up file sets has its own line there.
        if key not in wanted.env and (key, previous[key]) not in in_files:
            yield from _stray(key, previous[key], wanted, ask)


def _wanted(key: str, value: str, running: str | None) -> Check:
    line = f"session:{key}"
    if running == value:
        return Check(line, Status.OK, value, running, SOURCE)
    if running is None:
        hint = f"this session began before the change (or sudo dropped the variable): {LOG_OUT}"
        return Check(line, Status.NOT_APPLICABLE, value, None, SOURCE, hint)
    return Check(line, Status.MISMATCH, value, running, SOURCE, f"exported before the change or by hand: {LOG_OUT}")


def _stray(key: str, value: str, wanted: InForce, ask: Ask) -> Iterator[Check]:
    ours = wanted.anywhere(key)
    if not ours and not (key.startswith(("HSA_", "MIOPEN_")) and not key.startswith(DIAGNOSTIC)):
        return
    verdict = judge(key, value, wanted, ask)
    if verdict.status is Status.OK and ours:
        return
    if verdict.status is Status.OK and not wanted.applied and not OVERRIDE_KEY.fullmatch(key):
        return
    aim = verdict.wanted or "unset"
    if verdict.status is Status.OK and not wanted.applied:
        yield Check(f"session:{key}", Status.OK, None, value, SOURCE, verdict.hint)
    elif verdict.status is Status.OK:
        hint = f"nothing applied here wants it: if it is of an earlier state, {LOG_OUT} (or `unset {key}`)"
        yield Check(f"session:{key}", Status.MISMATCH, aim, value, SOURCE, hint)
    else:
        hint = f"{verdict.hint}; `unset {key}`, or {LOG_OUT}"
        yield Check(f"session:{key}", verdict.status, aim, value, SOURCE, hint)
