"""The systemd that runs: asked about services, and told to read its files again; the system's, or that of a user."""

from __future__ import annotations

import os

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import EXPIRED, Finished, run
from rdna_installer.machine.sysroot import Sysroot

ASK_SECONDS = 10.0
RELOAD_SECONDS = 120.0  # it takes less than one; systemctl itself gives up after 90


def runs(root: Sysroot, manager: int | None) -> bool:
    """Whether the system's services' manager, or a user's, runs: of another root none does."""
    return root.live and root.is_dir("/run/systemd/system" if manager is None else f"/run/user/{manager}/systemd")


def systemctl(manager: int | None, *words: str, seconds: float = RELOAD_SECONDS) -> Finished:
    """Ask the system's services' manager, or a user's: our own, as root anyone's. Raises RdnaError("tool-missing")."""
    env = {} if manager is None else {"XDG_RUNTIME_DIR": f"/run/user/{manager}"}
    whose = () if manager is None else ("--user", *_at(manager))
    return run(["systemctl", *whose, "--no-ask-password", *words], env=env, timeout=seconds)


def _at(manager: int) -> tuple[str, ...]:
    if os.geteuid() == manager:
        return ()
    import pwd  # where root asks

    try:
        return (f"--machine={pwd.getpwuid(manager).pw_name}@.host",)
    except KeyError:
        return (f"--machine={manager}@.host",)


def control(manager: int | None, *words: str) -> str:
    """What a manager says; "" where there is none that answers."""
    try:
        return systemctl(manager, *words, seconds=ASK_SECONDS).text
    except (OSError, RdnaError):
        return ""


def pairs(text: str) -> dict[str, str]:
    """Its KEY=VALUE lines."""
    return {key: value for key, equals, value in (line.partition("=") for line in text.split("\n")) if equals}


def commander(manager: int | None) -> str:
    """The command by which people tell it something."""
    return "sudo systemctl" if manager is None else "systemctl --user"


def reread(root: Sysroot, manager: int | None) -> None:
    """daemon-reload, where there is a systemd: one that starts later reads its files itself.
    Raises RdnaError("reload-failed", "tool-missing")."""
    if not runs(root, manager):
        return
    done = systemctl(manager, "daemon-reload")
    if done.code != 0:
        said = done.err.decode("utf-8", "replace").strip()
        why = f"it gave no answer in {RELOAD_SECONDS:.0f} s" if done.code == EXPIRED else said
        message = f"systemd did not read its files again: {why}"
        raise RdnaError("reload-failed", message, context="systemctl daemon-reload", exit_code=Exit.FAILED)
