"""The environment a login shell of the user really gets, against the machine-wide settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer.check.wanted import InForce
from rdna_installer.detect.dotfiles import Scan
from rdna_installer.model import Check, HostFacts, Status, User
from rdna_installer.record import record

READS_PROFILE = {"sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh", "lksh", "yash"}
READS_ITS_OWN = {"zsh", "fish"}  # facts: neither reads profile.d on Debian; some distributions make zsh do it
NO_LOGIN = {"nologin", "false", "true", "sync", ""}
LIMIT = 10.0  # seconds; start-up files may wait for something
BEGIN, END = b"rdna-installer-environment-begins", b"rdna-installer-environment-ends"
# env by its path: the user's functions, aliases and PATH do not matter then.
PRINT = f"/usr/bin/printf '\\n{BEGIN.decode()}'; /usr/bin/env -0; /usr/bin/printf '{END.decode()}\\n'"
BY_HAND = 'in its own start-up file: eval "$(rdna-installer env)"'


@record(frozen=True)
class Login:
    """What the login shell ended up with, or why that is not known."""

    variables: Mapping[str, str] | None
    problem: str | None = None


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
    login = read_login(user, _from_pam(scan), limit)
    for key, value in wanted.env.items():
        yield _check(key, value, login, scan, shell)


def _not_applicable(shell: str, facts: HostFacts) -> str | None:
    if not facts.live:
        return "not the running system"
    if shell in NO_LOGIN:
        return f"the account has no login shell ({shell or 'none'})"
    if shell not in READS_PROFILE | READS_ITS_OWN:
        return f"{shell} does not read /etc/profile.d: start programs with `rdna-installer run -- CMD`"
    return None


def _from_pam(scan: Scan) -> dict[str, str]:
    """A login gets the variables of /etc/environment from PAM before any shell starts."""
    found = (f.assignment for f in scan.found if str(f.path) == "/etc/environment")
    return {a.key: a.value for a in found if a.value is not None}


def read_login(user: User, extra: Mapping[str, str], limit: float) -> Login:
    """Start the user's shell as login shell, as that user, in a clean environment, and read what it exports."""
    from rdna_installer.machine.bounds import How, Limits
    from rdna_installer.machine.runner import of_user

    runner = of_user(user)
    env = {**extra, **runner.variables, "SHELL": user.shell}
    done = runner.run([user.shell, "-l", "-c", PRINT], env, Limits(limit))
    # The answer may be whole although the shell did not end.
    _, begun, rest = done.out.rpartition(BEGIN)
    block, ended, _ = rest.partition(END)
    if begun and ended and done.how is not How.FLOODED:
        return Login(_variables(block))
    if done.how is How.NOT_STARTED:
        return Login(None, f"{user.shell} could not be started: {done.why}")
    if done.how in (How.LATE, How.UNKILLABLE):
        return Login(None, f"{user.shell} was not done after {limit:g} s: a start-up file waits for something")
    said = done.how.value if done.code is None else done.code
    return Login(None, f"{user.shell} ended with {said} before it could answer: a start-up file leaves it")


def _variables(block: bytes) -> dict[str, str]:
    entries = (entry.decode("utf-8", "surrogateescape").partition("=") for entry in block.split(b"\0"))
    return {key: value for key, separator, value in entries if separator}


def _check(key: str, value: str, login: Login, scan: Scan, shell: str) -> Check:
    line, source = f"env:{key}", f"login shell ({shell})"
    if login.variables is None:
        return Check(line, Status.UNKNOWN, value, None, source, login.problem)
    running = login.variables.get(key)
    if running == value:
        return Check(line, Status.OK, value, running, source)
    culprit = _culprit(key, running, scan)
    if running is None and shell in READS_ITS_OWN and culprit is None:
        return Check(
            line, Status.NOT_APPLICABLE, value, None, source, f"{shell} does not read /etc/profile.d; {BY_HAND}"
        )
    if culprit:
        return Check(
            line, Status.MISMATCH, value, running, culprit, "it wins over ours: remove it there, then log in again"
        )
    if running is None:
        hint = "no start-up file handed it on: does ~/.profile or /etc/profile leave /etc/profile.d out?"
        return Check(line, Status.MISMATCH, value, None, source, hint)
    hint = f"something that {shell} runs at login sets it; no file searched holds it in plain words"
    return Check(line, Status.MISMATCH, value, running, source, hint)


def _culprit(key: str, running: str | None, scan: Scan) -> str | None:
    """file:line of who set the value: the last to set just this one, else the last to touch the variable."""
    touching = [f for f in scan.found if f.assignment.key == key]
    exact = [f for f in touching if f.assignment.value == running]
    last = (exact or touching)[-1:]
    return last[0].where if last else None
