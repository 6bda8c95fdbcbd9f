"""The one place that quotes: a value in, the text that each file format reads back as exactly that value out.

Every function refuses (RdnaError "bad-value") what its format cannot hold; nothing is dropped or replaced in values.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rdna_installer.errors import RdnaError
from rdna_installer.parameter import split

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*", re.ASCII)
PARAMETER = re.compile(r"(?:[A-Za-z0-9_]+\.)?[A-Za-z0-9_]+", re.ASCII)


def variable_name(key: str) -> str:
    """``key`` itself when it is a name we set in an environment. Raises RdnaError("bad-key")."""
    if not VARIABLE.fullmatch(key):
        raise RdnaError("bad-key", f"{key!r} is no name of an environment variable", hint="use A-Z, 0-9 and _")
    return key


def module_parameter(key: str) -> tuple[str, str]:
    """("amdgpu", "noretry") of "noretry", ("ttm", "pages_limit") of "ttm.pages_limit". Raises RdnaError("bad-key")."""
    if not PARAMETER.fullmatch(key):
        raise RdnaError("bad-key", f"{key!r} is no name of a module parameter", hint="use NAME or MODULE.NAME")
    return split(key)


def sh_word(value: str) -> str:
    """One word of a POSIX shell: ``'…'``, which no shell looks into."""
    return sh_path(_plain(value))


def fish_word(value: str) -> str:
    """One word of fish, whose ``'…'`` knows two escapes."""
    return "'" + re.sub(r"(['\\])", r"\\\1", _plain(value)) + "'"


def fish_line(key: str, value: str) -> str:
    """What sets a variable in fish, unless an exported one has a value."""
    return f'set -qx {key}; and test -n "${key}"; or set -gx {key} {fish_word(value)}'


def sh_path(text: str) -> str:
    """Any text a path or link can be, newlines and undecodable bytes too, as one word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def sh_quoted(text: str) -> str:
    """Words of ours as what reads as them between the double quotes of a POSIX shell."""
    return re.sub(r'([\\$`"])', r"\\\1", text)


def compose_word(value: str) -> str:
    """One string of a compose file: of YAML, whose ``'…'`` knows one escape, and ``$`` would be a variable."""
    return "'" + _plain(value).replace("'", "''").replace("$", "$$") + "'"


def modprobe_value(value: str) -> str:
    r"""The part after ``key=`` of an options line.

    libkmod drops one backslash before any character; the kernel (lib/cmdline.c) takes ``"…"`` off and has no way to
    write a quote inside.
    """
    if not _plain(value).isascii() or '"' in value:
        raise _bad(value, "a module option holds printable ASCII without double quotes")
    escaped = value.replace("\\", "\\\\")
    return f'"{escaped}"' if " " in value else escaped


def environment_d_value(value: str, key: str) -> str:
    """The part after ``KEY=`` in environment.d: ``value``, unless ``key`` already has a (non-empty) value.

    systemd takes the quotes and backslashes off first and expands afterwards, ``$$`` being a dollar sign; it counts
    braces to find the end of the default and has no escape for them.
    """
    if "{" in _plain(value) or "}" in value:
        raise _bad(value, "environment.d has no way to write a brace in a default")
    escaped = re.sub(r'(["\\])', r"\\\1", value).replace("$", "$$")
    return f'"${{{key}:-{escaped}}}"'


def systemd_word(value: str) -> str:
    """One quoted word of a unit file (systemd.syntax(7)); ``%`` would be a specifier."""
    return '"' + re.sub(r'(["\\])', r"\\\1", _plain(value)).replace("%", "%%") + '"'


def python_literal(value: object) -> str:
    """A literal of a str, int, or tuple of them, in ASCII."""
    if isinstance(value, str):
        _plain(value)
    return ascii(value)


def comment(text: str) -> str:
    r"""Text for a ``#`` comment of any of our files, on one line, in printable ASCII.

    Without backslashes: at the end of a line they would join the next one to the comment (modprobe.d, environment.d).
    """
    return "".join(c if " " <= c <= "~" and c != "\\" else "?" for c in text)


def _plain(value: str) -> str:
    if not value:
        raise _bad(value, "an empty value breaks what reads it; leave the setting out instead")
    if not value.isprintable():
        raise _bad(value, "it contains a newline, a control character or bytes that are no text")
    return value


def _bad(value: str, why: str) -> RdnaError:
    return RdnaError("bad-value", f"cannot write the value {value!r}: {why}")


# One variable for a shell, a systemd unit, docker.
SESSION_FORMATS: dict[str, Callable[[str, str], str]] = {
    "sh": lambda key, value: f"export {key}={sh_word(value)}",
    "systemd": lambda key, value: f"Environment={systemd_word(f'{key}={value}')}",
    "docker": lambda key, value: f"--env {sh_word(f'{key}={value}')}",
}
