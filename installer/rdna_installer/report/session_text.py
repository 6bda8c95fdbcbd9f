"""``env`` in the words of a shell, of a systemd unit, of docker."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rdna_installer.plan import quoting

FORMATS: dict[str, Callable[[str, str], str]] = {
    "sh": lambda key, value: f"export {key}={quoting.sh_word(value)}",
    "systemd": lambda key, value: f"Environment={quoting.systemd_word(f'{key}={value}')}",
    "docker": lambda key, value: f"--env {quoting.sh_word(f'{key}={value}')}",
}


def render(variables: Iterable[tuple[str, str]], form: str) -> str:
    """One line a variable."""
    return "\n".join(FORMATS[form](key, value) for key, value in variables)
