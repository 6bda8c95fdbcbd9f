"""Find environment assignments in shell start-up files and the like, without running them.

A reader for questions ("where is this variable set?"), not a shell: conditions count as true, values keep their
``$``. Whatever the file holds, it ends quickly and raises nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORTH = re.compile(
    r"(HSA|HIP|ROCR|MIOPEN|AMD|RDNA)_\w+|PYTORCH_(\w+_)?ALLOC_CONF|PYTORCH_NO_(HIP|CUDA)_MEMORY_CACHING|TORCH_BLAS\w*"
)
ASSIGN = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
# A quote may span lines (an alias, an awk program), but an unclosed one must not swallow the file.
QUOTED = 4000
PIECES = re.compile(
    rf"""(?P<gap>[ \t\r\f\v]+|\\\n)
    |(?P<end>[\n;&|()<>])
    |(?P<single>'[^']{{0,{QUOTED}}}')
    |(?P<double>"(?:[^"\\]|\\.){{0,{QUOTED}}}")
    |(?P<escape>\\.)
    |(?P<raw>\$\{{[^}}\n]{{0,{QUOTED}}}\}}|\$\([^()\n]{{0,{QUOTED}}}\)|`[^`\n]{{0,{QUOTED}}}`)
    |(?P<text>[^\s;&|()<>'"\\`$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
HEREDOC = re.compile(r"(?<!<)<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")
QUICK = re.compile(r"HSA_|HIP_|ROCR_|MIOPEN_|AMD_|RDNA_|PYTORCH_|TORCH_|LD_LIBRARY_PATH")
OPENERS = {
    "if",
    "then",
    "else",
    "elif",
    "while",
    "until",
    "do",
    "{",
    "!",
    "time",
    "and",
    "or",
    "not",
    "begin",
    "command",
}
EXPORTERS = {"export", "declare", "typeset", "readonly"}


@dataclass(frozen=True)
class Assignment:
    """``key`` set to ``value`` (None: unset) in a line, counted from 1."""

    line: int
    key: str
    value: str | None


@dataclass(frozen=True)
class _Word:
    line: int
    text: str
    literal: bool  # nothing in it was quoted: it may be a keyword


def in_shell(text: str) -> list[Assignment]:
    """Assignments in sh, bash, zsh, csh or fish code."""
    if not QUICK.search(text):
        return []
    return [a for command in _commands(_without_heredocs(text)) for a in _in_command(command) if _worth(a)]


def in_environment(text: str) -> list[Assignment]:
    """Assignments in /etc/environment, environment.d and ~/.pam_environment."""
    found = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip().removeprefix("export ").strip()
        pam = re.match(r"(\w+)\s+(?:.*\s)?(?:OVERRIDE|DEFAULT)=(\S*)", line)
        match = pam or ASSIGN.match(line)
        if match:
            found.append(Assignment(number, match[1], _unquoted(match[2])))
    return [a for a in found if _worth(a)]


def in_unit(text: str) -> list[Assignment]:
    """Assignments in ``Environment=`` lines of a systemd unit or drop-in."""
    found = []
    for number, raw in enumerate(text.split("\n"), 1):
        name, _, value = raw.strip().partition("=")
        if name.strip() != "Environment":
            continue
        for command in _commands(value.replace(";", "\\;")):
            found += [Assignment(number, m[1], m[2]) for w in command if (m := ASSIGN.fullmatch(w.text))]
    return [a for a in found if _worth(a)]


def _worth(found: Assignment) -> bool:
    if found.key == "LD_LIBRARY_PATH":
        return "rocm" in (found.value or "").lower()
    return WORTH.fullmatch(found.key) is not None


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _without_heredocs(text: str) -> str:
    """Bodies of here-documents blanked (they are text for another file); one that never ends is left as it is."""
    lines = text.split("\n")
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        places.setdefault(line.strip(), []).append(number)
    number = 0
    while number < len(lines):
        end = max((_heredoc_end(m[2], number, places) for m in HEREDOC.finditer(lines[number])), default=number)
        for body in range(number + 1, end + 1):
            lines[body] = ""
        number = end + 1
    return "\n".join(lines)


def _heredoc_end(word: str, start: int, places: dict[str, list[int]]) -> int:
    ends = places.get(word, [])
    index = bisect_right(ends, start)
    return ends[index] if index < len(ends) else start


def _commands(text: str) -> Iterator[list[_Word]]:
    """Simple commands, each a list of words with their quotes taken off."""
    line, command = 1, list[_Word]()
    parts: list[str] = []
    literal = True
    start = 1
    position = 0
    while position < len(text):
        match = PIECES.match(text, position)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        kind, piece = match.lastgroup, match[0]
        position = match.end()
        if kind == "text" and piece[0] == "#" and not parts:
            newline = text.find("\n", position)
            position = len(text) if newline < 0 else newline
            continue
        if kind in ("gap", "end"):
            if parts:
                command.append(_Word(start, "".join(parts), literal))
            parts, literal = [], True
            if kind == "end" and command:
                yield command
                command = []
        else:
            start = start if parts else line
            parts.append(_value(kind, piece))
            literal = literal and kind == "text"
        line += piece.count("\n")
    if parts:
        command.append(_Word(start, "".join(parts), literal))
    if command:
        yield command


def _value(kind: str | None, piece: str) -> str:
    if kind == "single":
        return piece[1:-1]
    if kind == "double":
        return re.sub(r'\\(["\\$`\n])', lambda m: "" if m[1] == "\n" else m[1], piece[1:-1])
    if kind == "escape":
        return "" if piece == "\\\n" else piece[1:]
    return "" if piece in ("'", '"') else piece


def _in_command(words: Sequence[_Word]) -> list[Assignment]:
    rest = list(words)
    while rest and rest[0].literal and rest[0].text in OPENERS:
        rest.pop(0)
    plain = []
    while rest and (match := ASSIGN.fullmatch(rest[0].text)):
        plain.append(Assignment(rest.pop(0).line, match[1], match[2]))
    if not rest:
        return plain
    # `A=b program` sets A for that program only.
    return _by_name(rest[0].text, rest[1:])


def _by_name(name: str, arguments: Sequence[_Word]) -> list[Assignment]:
    if name == "set":
        return _fish_set(arguments)
    if name == "setenv" and arguments:
        return [Assignment(arguments[0].line, arguments[0].text, " ".join(w.text for w in arguments[1:]))]
    if name in ("unset", "unsetenv"):
        return [Assignment(w.line, w.text, None) for w in arguments if not w.text.startswith("-")]
    if name in EXPORTERS:
        return [Assignment(w.line, m[1], m[2]) for w in arguments if (m := ASSIGN.fullmatch(w.text))]
    return []


def _fish_set(arguments: Sequence[_Word]) -> list[Assignment]:
    flags = [w.text for w in arguments if w.text.startswith("-")]
    names = [w for w in arguments if not w.text.startswith("-")]
    if not names:
        return []
    letters = "".join(f[1:] for f in flags if not f.startswith("--"))
    first, value = names[0], " ".join(w.text for w in names[1:])
    if "e" in letters or "--erase" in flags:
        return [Assignment(first.line, first.text, None)]
    if "x" in letters or "--export" in flags:
        return [Assignment(first.line, first.text, value)]
    return []
