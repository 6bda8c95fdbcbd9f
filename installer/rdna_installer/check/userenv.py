"""The user's own variables in start-up files: malformed, in conflict with ours, or harmless."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.check.wanted import Ask, InForce, Judgement, judge
from rdna_installer.detect.dotfiles import FoundAssignment, Scan
from rdna_installer.model import Check, Status


def check_userenv(scan: Scan, wanted: InForce, ask: Ask) -> Iterator[Check]:
    """One line for each assignment found; unsetting is reported only where we want a value."""
    seen: set[str] = set()
    for found in scan.found:
        check = _check(found, wanted, ask)
        if check is not None:
            line = check.id if check.id not in seen else f"{check.id}:{found.assignment.key}"
            if line not in seen:
                seen.add(line)
                yield Check(line, check.status, check.wanted, check.running, check.source, check.hint)
    for path in scan.unreadable:
        hint = "it cannot be read: what it sets is not known. Run it with sudo, or as that user"
        yield Check(f"user-env:{path}", Status.UNKNOWN, source=path, hint=hint)


def _check(found: FoundAssignment, wanted: InForce, ask: Ask) -> Check | None:
    key, value = found.assignment.key, found.assignment.value
    if value is not None:
        verdict = judge(key, value, wanted, ask, found.site)
    elif key in wanted.env:
        verdict = Judgement(Status.MISMATCH, wanted.env[key], "it takes ours away: remove that line")
    else:
        return None
    running = f"{key}={value}" if value is not None else f"unset {key}"
    aim = f"{key}={verdict.wanted}" if verdict.wanted is not None else None
    return Check(f"user-env:{found.where}", verdict.status, aim, running, found.where, verdict.hint)
