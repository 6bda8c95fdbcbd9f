"""What somebody else has set, in start-up files, this session and kernel options: is it in our way, does it harm?

And the environment a login shell of the user really gets, against the machine-wide settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer.check.wanted import Ask, InForce, MayStay, judge, told
from rdna_installer.detect.dotfiles import FoundAssignment, Scan
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.model import Check, Generation, HostFacts, Layer, Status, User
from rdna_installer.parameter import same_value, spell, split
from rdna_installer.plan.conflicts import IN_LIBRARIES, PREFIXES, kernel_options

LOG_OUT = "log out and in again"
SOURCE = "this session"
OF_OURS = ("HSA_", "MIOPEN_")  # what an earlier generation may have left in a session
# Set by hand for one look at what happens; they change no result.
DIAGNOSTIC = ("MIOPEN_LOG", "MIOPEN_ENABLE_LOGGING", "MIOPEN_CUSTOM_CACHE", "MIOPEN_DISABLE_CACHE", "HSA_ENABLE_DEBUG")
READS_PROFILE = {"sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "lksh", "yash"}
READS_ITS_OWN = {"zsh", "fish"}  # facts: neither reads profile.d on Debian; some distributions make zsh do it
NO_LOGIN = {"nologin", "false", "true", "sync", ""}
LIMIT = 10.0  # seconds; start-up files may wait for something
BEGIN, END = b"rdna-installer-environment-begins", b"rdna-installer-environment-ends"
# env by its path: the user's functions, aliases and PATH do not matter then.
PRINT = f"/usr/bin/printf '\\n{BEGIN.decode()}'; /usr/bin/env -0; /usr/bin/printf '{END.decode()}\\n'"
BY_HAND = 'in its own start-up file: eval "$(rdna-installer env)"'


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
        hint = "it cannot be read: what it sets is not known; run this with sudo, or as that user"
        yield Check(f"user-env:{path}", Status.UNKNOWN, source=path, hint=hint)


def _check(found: FoundAssignment, wanted: InForce, ask: Ask) -> Check | None:
    key, value = found.assignment.key, found.assignment.value
    if value is not None:
        verdict = judge(key, value, wanted, ask, found.site)
    elif key in wanted.env:
        verdict = MayStay(Status.MISMATCH, wanted.env[key], "remove that line: it takes the setting away")
    else:
        return None
    running = f"{key}={value}" if value is not None else f"unset {key}"
    aim = f"{key}={verdict.wanted}" if verdict.wanted is not None else None
    hint = f"{verdict.hint or ''}{found.note}".strip() or None
    return Check(f"user-env:{found.where}", verdict.status, aim, running, found.where, hint)


def check_session(previous: Mapping[str, str], wanted: InForce, scan: Scan, ask: Ask) -> Iterator[Check]:
    """The caller's environment: a line for each machine-wide variable, and for each stray or stale one."""
    for key, value in wanted.env.items():
        yield _wanted(key, value, previous.get(key))
    if previous.get("RDNA_HOOK") == "0":
        hint = "the start-up file is switched off in this session; switch it on: unset RDNA_HOOK"
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
    return Check(line, Status.MISMATCH, value, running, SOURCE, f"{LOG_OUT}: it is older than the change")


def _stray(key: str, value: str, wanted: InForce, ask: Ask) -> Iterator[Check]:
    """What ``plan`` says of it, and where something is applied, what may be left of an earlier state."""
    ours = wanted.anywhere(key)
    if not ours and not key.startswith(PREFIXES):
        return
    verdict = judge(key, value, wanted, ask)
    line, aim = f"session:{key}", verdict.wanted or "unset"
    if verdict.status is not Status.OK:
        yield Check(line, verdict.status, aim, value, SOURCE, f"{verdict.hint}; {LOG_OUT}, or: unset {key}")
    elif wanted.applied and not ours and key.startswith(OF_OURS) and not key.startswith(DIAGNOSTIC):
        hint = f"it is not of the last change. If it is of an earlier one, {LOG_OUT}, or: unset {key}"
        yield Check(line, Status.MISMATCH, aim, value, SOURCE, hint)
    elif not ours and (verdict.hint or re.fullmatch(OVERRIDE_KEY, key)):
        yield Check(line, Status.OK, None, value, SOURCE, verdict.hint)


def check_others(facts: HostFacts, generation: Generation | None, ask: Ask) -> Iterator[Check]:
    """One line for each kernel option. What we want as well has its own line (``kernel:…``)."""
    settings = generation.settings if generation else ()
    ours = {split(s.key): s.value for s in settings if s.layer is Layer.KERNEL}
    for item in kernel_options(facts):
        wanted = ours.get(split(item.key))
        if wanted is not None and same_value(wanted, item.value):
            continue
        judged = ask(spell(*split(item.key)), item.value)
        hint = f"remove it: {judged.said}" if judged.harmful else told(judged)
        line, running = f"others:{item.source}:{item.key}", f"{item.key}={item.value}"
        yield Check(line, Status.MISMATCH if judged.harmful else Status.OK, None, running, item.source, hint)


def check_unread(wanted: InForce, ask: Ask) -> Iterator[Check]:
    """One line for each variable of ours that no library here reads: another version came, or it was asked for."""
    for site, variables in wanted.sites.items():
        for key, value in variables.items():
            judged = ask(key, value) if key.startswith(IN_LIBRARIES) else None
            if judged is not None and judged.answer.value == "unread":
                yield Check(f"unread:{site}:{key}", Status.OK, None, f"{key}={value}", site, told(judged))


def check_environment(
    wanted: InForce, scan: Scan, facts: HostFacts, user: User, *, limit: float = LIMIT
) -> Iterator[Check]:
    """One line for each machine-wide variable. Starts the shell only when there is one to look for."""
    shell = PurePosixPath(user.shell).name
    reason = _not_applicable(shell, facts)
    if not wanted.env:
        return
    if reason:
        for key, value in wanted.env.items():
            yield Check(f"env:{key}", Status.NOT_APPLICABLE, value, hint=reason)
        return
    # A login gets the variables of /etc/environment from PAM before any shell starts.
    found = (f.assignment for f in scan.found if str(f.path) == "/etc/environment")
    login = read_login(user, {a.key: a.value for a in found if a.value is not None}, limit)
    for key, value in wanted.env.items():
        yield _login_check(key, value, login, scan, shell)


def _not_applicable(shell: str, facts: HostFacts) -> str | None:
    if not facts.live:
        return "not the running system"
    if shell in NO_LOGIN:
        return f"the account has no login shell ({shell or 'none'})"
    if shell not in READS_PROFILE | READS_ITS_OWN:
        return f"{shell} does not read /etc/profile.d; start programs with: rdna-installer run -- COMMAND"
    return None


def read_login(user: User, extra: Mapping[str, str], limit: float) -> Mapping[str, str] | str:
    """Start the user's shell as login shell, as that user, in a clean environment, and read what it exports; or why
    that is not known."""
    from rdna_installer.machine.bounds import How, Limits
    from rdna_installer.machine.runner import of_user

    runner = of_user(user)
    env = {**extra, **runner.variables, "SHELL": user.shell}
    done = runner.run([user.shell, "-l", "-c", PRINT], env, Limits(limit))
    # The answer may be whole although the shell did not end.
    _, begun, rest = done.out.rpartition(BEGIN)
    block, ended, _ = rest.partition(END)
    if begun and ended and done.how is not How.FLOODED:
        entries = (entry.decode("utf-8", "surrogateescape").partition("=") for entry in block.split(b"\0"))
        return {key: value for key, separator, value in entries if separator}
    if done.how is How.NOT_STARTED:
        return f"look why {user.shell} does not start: {done.why}"
    if done.how in (How.LATE, How.UNKILLABLE):
        return f"look what the start-up files of {user.shell} wait for: it was not done after {limit:g} s"
    said = done.how.value if done.code is None else done.code
    return f"look which start-up file ends {user.shell}: it ended with {said} before it could answer"


def _login_check(key: str, value: str, login: Mapping[str, str] | str, scan: Scan, shell: str) -> Check:
    line, source = f"env:{key}", f"login shell ({shell})"
    if isinstance(login, str):
        return Check(line, Status.UNKNOWN, value, None, source, login)
    running = login.get(key)
    if running == value:
        return Check(line, Status.OK, value, running, source)
    touching = [f for f in scan.found if f.assignment.key == key]
    exact = [f for f in touching if f.assignment.value == running]
    status = Status.MISMATCH
    hint = f"look into what {shell} runs at login: a program there sets it, no file searched contains it"
    if exact or touching:  # the last to set just this value, else the last to touch the variable
        source = (exact or touching)[-1].where
        hint = "remove it there, then log in again: it overrides this setting"
    elif running is None and shell in READS_ITS_OWN:
        status, hint = Status.NOT_APPLICABLE, f"{shell} does not read /etc/profile.d; {BY_HAND}"
    elif running is None:
        hint = "check ~/.profile and /etc/profile: this login does not read /etc/profile.d"
    return Check(line, status, value, running, source, hint)
