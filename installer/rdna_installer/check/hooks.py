"""The hook in each chosen interpreter: asked of that interpreter itself, with and without its isolated mode."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.check.wanted import InForce
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, PythonSite, Status, User

# -I implies -E and -s; -S skips site-packages and with them every hook, by design of Python.
MODES: tuple[tuple[str, ...], ...] = ((), ("-I",))


def check_hooks(wanted: InForce, facts: HostFacts, root: Sysroot, user: User) -> Iterator[Check]:
    """One line for each chosen interpreter, and one that says where no hook can act."""
    sites = {str(site.python): site for site in facts.sites}
    for python, variables in wanted.sites.items():
        site = sites.get(python)
        if not facts.live:
            yield _line(python, Status.NOT_APPLICABLE, variables, hint="not the running system")
        elif site is None:
            yield _gone(python, variables, root)
        else:
            answer = _ask(site, variables, user)
            yield answer
            if answer.status is Status.OK:
                yield from _strategy(site, variables, user)
    if wanted.sites and facts.live:
        hint = "python -S and programs that embed Python without site-packages never run the hook"
        yield Check("hook:no-site", Status.NOT_APPLICABLE, hint=hint)


def _line(
    python: str, status: Status, variables: dict[str, str], running: str | None = None, hint: str | None = None
) -> Check:
    return Check(f"hook:{python}", status, _text(variables), running, python if running else None, hint)


def _text(variables: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in sorted(variables.items()))


def _gone(python: str, variables: dict[str, str], root: Sysroot) -> Check:
    if look(lambda: root.exists(python), bool):
        hint = f"it was not looked at: `rdna-installer verify --python {python}`"
        return _line(python, Status.UNKNOWN, variables, hint=hint)
    hint = (
        "this Python is gone (venv removed, or its base upgraded): make it anew and apply, or `rdna-installer rollback`"
    )
    return _line(python, Status.FAILED, variables, "gone", hint)


def _ask(site: PythonSite, variables: dict[str, str], user: User) -> Check:
    from rdna_installer.check.hook import run_hook

    python = str(site.python)
    for flags in MODES:
        result = run_hook(site, user, flags=flags)
        running = _text({key: value for key, value in result.seen.items() if value is not None})
        if not result.ok:
            return _line(python, result.status, variables, running or None, f"{' '.join([*flags, result.detail])}")
        different = [key for key, value in variables.items() if result.seen.get(key) != value]
        if different:
            hint = f"the hook installed there is not this generation's ({', '.join(different)}): `rdna-installer apply`"
            return _line(python, Status.MISMATCH, variables, running, hint)
    return _line(python, Status.OK, variables, running)


def _strategy(site: PythonSite, variables: dict[str, str], user: User) -> Iterator[Check]:
    """Importing torch costs seconds: only where a strategy is set."""
    from rdna_installer.check.strategy import VARIABLE, check_strategy

    if VARIABLE in variables:
        yield check_strategy(site, variables[VARIABLE], user)
