"""Whether somebody has logged in at the machine itself: who can, sees a picture. By logind, of the running system."""

from __future__ import annotations

from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import run

PEOPLE = ("user", "user-early", "user-light", "user-early-light")  # logind's classes of somebody logged in
SECONDS = 20.0


def somebody_is_at_the_seat() -> bool:
    """Whether a user (not the login screen, nobody over the network) has a session on seat0."""
    sessions = _ask("show-seat", "seat0", "--property=Sessions").get("Sessions", "").split()
    return any(_ask("show-session", s, "--property=Class").get("Class") in PEOPLE for s in sessions)


def _ask(*words: str) -> dict[str, str]:
    """``loginctl``'s properties; {} where there is no logind, no such seat or session."""
    try:
        done = run(["loginctl", *words], timeout=SECONDS)
    except RdnaError:
        return {}
    pairs = (line.partition("=") for line in done.text.splitlines())
    return {name: value for name, _, value in pairs} if done.code == 0 else {}
