"""Why apply will not do a plan: each reason one RdnaError with what would work instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rdna_installer.change.store import ENVIRONMENTS, NAME, SYSTEM
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.model import Change, Conflict, Policy, Rejected, Verdict
from rdna_installer.printable import Lines, printable


def conflicts(items: Sequence[Conflict]) -> RdnaError | None:
    """Somebody else's setting wins or competes."""
    if not items:
        return None
    places = ", ".join(f"{c.source} ({c.key}={c.found})" for c in items)
    hint = Lines("\n".join(dict.fromkeys(_way(c) for c in items)))
    return RdnaError("conflict", "another setting on this machine would undo this one", context=places, hint=hint)


def _way(item: Conflict) -> str:
    """``adopt`` takes away what does harm in a file; all else is the owner's to decide."""
    if item.hint.startswith("Remove it there") and ":" in item.source:
        return "take it away (it asks first, and rollback brings it back): rdna-installer adopt"
    return printable(item.hint)


def foreign_files(items: Sequence[Change], *, unrecorded: bool = False) -> RdnaError | None:
    """Files in our place that somebody else made or edited since. ``unrecorded``: of ours, with no history of them."""
    if not items:
        return None
    hint = "--keep leaves these files as they are; --overwrite replaces them and saves them in the history"
    message = "a file that would be written was made, changed or removed by another program or person"
    if unrecorded:
        message = "a file of ours is in the way, and its history is not found (was XDG_STATE_HOME set for it?)"
    return RdnaError("drift", message, context=", ".join(str(c.path) for c in items), hint=hint)


def no_room(needed: int, free: int, place: object) -> RdnaError | None:
    """Bytes that do not fit."""
    if needed <= free:
        return None
    message = f"{needed >> 20} MiB are needed, and {free >> 20} MiB are free"
    return RdnaError("no-room", message, context=str(place), hint="free some space, then run it again")


def unusable(policy: Policy) -> RdnaError | None:
    """Nothing here can work: the ranked route instead of "nothing to do". What is asked for by name is done anyway."""
    if policy.verdict is not Verdict.UNUSABLE or policy.asked:
        return None
    site = next((s for s in policy.sites if s.verdict is Verdict.UNUSABLE), None)
    names = ", ".join(f"{g.name or 'AMD GPU'} ({g.gfx})" for g in policy.gpus)
    first = _first(site.route, site.site or "") if site else ""
    hint = Lines(f"{first}all ways, with cost and risk:\nrdna-installer advise")
    message = f"{names}: {site.why if site else 'no software on this machine can use this GPU yet'}"
    return RdnaError("unusable", message, context=site.site if site else None, hint=hint, exit_code=Exit.REFUSED)


def _first(route: Sequence[str], site: str) -> str:
    """The best way, its command alone on a line; cost, risk and evidence are advise's. In an environment of ours
    nothing is exchanged: there is another beside it."""
    if not route:
        return ""
    says, with_command, command = printable(route[0]).partition(" (")[0].partition(": pip ")
    ours = f"/{NAME}/{ENVIRONMENTS}/" in site
    typed = (_setup(command, root=site.startswith(f"{SYSTEM}/")) if ours else f"pip {command}") if command else ""
    return f"{says}{with_command and ':'}\n" + (f"{typed}\n" if typed else "")


def _setup(pip: str, *, root: bool) -> str:
    """The command of ours for what a command of pip's would install."""
    torch = r"\btorch(?:\[[^]]*\])?==([^\s']+)"
    found = {"index": re.search(r"--index-url (\S+)", pip), "torch": re.search(torch, pip)}
    asked = "".join(f" --{option} {match[1]}" for option, match in found.items() if match)
    return f"{'sudo ' * root}rdna-installer setup{asked}"


def require_boot_files(missing: Sequence[str]) -> None:
    """Raises RdnaError("no-boot-units"): nothing would count the boots of a trial and take bad options back."""
    if missing:
        hint = "install the program with its install.sh or as a Debian package, which bring them; or --trial off"
        message = "trial boots need the program installed, with its boot units; it runs from a folder"
        raise RdnaError("no-boot-units", message, context=", ".join(missing), hint=hint)


def unproved(items: Sequence[Rejected]) -> RdnaError | None:
    """Kernel options that an installed kernel would not take."""
    if not items:
        return None
    hint = "leave it out: " + " ".join(f"--unset {r.key}" for r in items)
    hint = "install kmod. On Debian and Ubuntu: sudo apt-get install kmod" if "kmod" in items[0].reason else hint
    context = ", ".join(r.rule for r in items if r.rule)
    return RdnaError("unproved-option", "; ".join(r.reason for r in items), context=context, hint=hint)
