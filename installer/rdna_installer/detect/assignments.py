"""Find environment assignments in shell start-up files and the like, without running them.

A reader for questions ("where is this variable set?"), not a shell: conditions count as true, values keep their
``$``. Whatever the file holds, it ends quickly and raises nothing.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import dropwhile, takewhile

from rdna_installer.detect.dotfiles import Assignment
from rdna_installer.record import record

WORTH = re.compile(
    r"(HSA|HIP|ROCR|ROCBLAS|MIOPEN|AMD|AMDGCN|RDNA|PYTORCH|TORCH|TORCHINDUCTOR)_\w+"
    r"|GPU_(DEVICE_ORDINAL|MAX_HW_QUEUES)|CUDA_VISIBLE_DEVICES|TRITON_(HOME|CACHE_DIR)"
)
# A line of docker-compose.yml: "- KEY=VALUE" or "KEY: VALUE"; ${KEY:-VALUE} is VALUE where nobody sets KEY.
COMPOSE = re.compile(r"""\s*(?:-\s*)?(["']?)([A-Z_][A-Z0-9_]*)(?:\1\s*:\s+(.*)|=(.*?)\1)\s*(?:#.*)?""")
ITEM = r"-[ \t]*(?:path:[ \t]*)?([^\s#]+)"
ENV_FILE = re.compile(
    r"^[ \t]*env_file:[ \t]*([^\s#]*)((?:\n[ \t]*-[ \t]*(?:path:[ \t]*)?[^\s#]+){0,99})", re.MULTILINE
)
FALLBACK = re.compile(r"\$\{\w+:?-([^{}]*)\}")
CRON = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*)")
JOB = re.compile(r"\s*(?:@\w+|(?:[\d*][^\s=]*\s+){4}[^\s=]+)\s")
# What sshd gives to every session, and what a desktop entry starts its program with.
SETENV = re.compile(r"\s*setenv[\s=]", re.IGNORECASE)
EXEC = re.compile(r"Exec=(?:/usr/bin/)?env ")
HYPRLAND = re.compile(r"\s*envd?\s*=\s*(\w+)\s*,(.*)")
UNIVERSAL = re.compile(r"SETUVAR (?:-\S+ )*--export (?:-\S+ )*(\w+):(.*)")
# kernel.json, VS Code and dev containers; containers.conf, CDI, images' configurations.
BLOCK = re.compile(
    r"""["']?\b(?:env|Env|terminal\.integrated\.env\.linux|containerEnv|remoteEnv)["']?\s*[:=]\s*"""
    r"""(?:\{[^{}]{0,9000}\}|\[[^\[\]]{0,9000}\])"""
)
ENTRY = re.compile(r"""["']([A-Z][A-Z0-9_]*(?:=[^"'\n]*)?)["'](?:\s*:\s*"([^"\n]*)")?""")
ASSIGN = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
# A quote may span lines (an alias, an awk program), but an unclosed one must not swallow the file.
QUOTED = 4000
PIECES = re.compile(
    rf"""(?P<gap>[ \t\r\f\v]+|\\\n)
    |(?P<end>[\n;&|()<>])
    |(?P<single>'[^']{{0,{QUOTED}}}')
    |(?P<double>"(?:[^"\\]|\\.){{0,{QUOTED}}}")
    |(?P<escape>\\.)
    |(?P<raw>\$\{{[^{{}}\n]{{0,{QUOTED}}}\}}|\$\([^()\n]{{0,{QUOTED}}}\)|`[^`\n]{{0,{QUOTED}}}`)
    |(?P<text>[^\s;&|()<>'"\\`$]+|.)""",
    re.VERBOSE | re.DOTALL,
)
NAVI = re.compile(r"""\*"Navi 1"\*\)(.{0,9000}?);;""", re.DOTALL)
HEREDOC = re.compile(r"(?<!<)<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")
QUICK = re.compile(
    r"HSA_|HIP_|ROCR_|ROCBLAS_|MIOPEN_|AMD_|AMDGCN_|RDNA_|TORCH|GPU_|CUDA_VISIBLE|TRITON_|LD_LIBRARY_PATH"
)
OPENERS = frozenset(
    ["if", "then", "else", "elif", "while", "until", "do", "{", "!", "time", "and", "or", "not", "begin", "command"]
)
EXPORTERS = {"export", "declare", "typeset", "readonly"}


@record(frozen=True)
class _Word:
    line: int
    text: str
    literal: bool  # nothing in it was quoted: it may be a keyword


def in_shell(text: str) -> list[Assignment]:
    """Assignments in sh, bash, zsh, csh or fish code."""
    if not QUICK.search(text):
        return []
    return [a for command in _commands(_without_heredocs(text)) for a in _in_command(command) if worth(a)]


def in_branch(text: str) -> list[Assignment]:
    """What A1111's webui.sh and its relatives export for RX 5000 cards, by the name that lspci gives these."""
    branch = NAVI.search(text)
    return in_shell("\n" * text.count("\n", 0, branch.start(1)) + branch[1]) if branch else []


def in_environment(text: str) -> list[Assignment]:
    """Assignments in /etc/environment, environment.d and ~/.pam_environment."""
    found = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip().removeprefix("export ").strip()
        pam = re.match(r"(\w+)\s+(?:.*\s)?(?:OVERRIDE|DEFAULT)=(\S*)", line)
        match = pam or ASSIGN.match(line)
        if match:
            found.append(Assignment(number, match[1], _unquoted(match[2])))
    return [a for a in found if worth(a)]


def in_compose(text: str) -> list[Assignment]:
    """Variables of the containers of a docker-compose.yml."""
    found = []
    for number, raw in enumerate(text.split("\n"), 1):
        if match := COMPOSE.fullmatch(raw):
            value = _unquoted((match[3] or match[4] or "").partition(" #")[0])
            fallback = FALLBACK.fullmatch(value)
            found.append(Assignment(number, match[2], fallback[1] if fallback else value))
    return [a for a in found if worth(a)]


def env_files(text: str) -> list[str]:
    """The files that a docker-compose.yml hands to its containers."""
    names = [name for found in ENV_FILE.finditer(text) for name in (found[1], *re.findall(ITEM, found[2]))]
    return [name.strip("\"'") for name in names if name and not set("$*{:") & set(name)]


def in_conda_state(text: str) -> list[Assignment]:
    """What ``conda env config vars set`` has written: one line of JSON."""
    try:
        held = json.loads(text)["env_vars"].items()
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return []
    return [a for key, value in held if isinstance(value, str) and worth(a := Assignment(1, key, value))]


def in_crontab(text: str) -> list[Assignment]:
    """Assignments in a crontab: lines of their own, and what a job's command begins with."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if job := JOB.match(line):
            found += [Assignment(number, m[1], m[2]) for w in words_of(line[job.end() :]) if (m := ASSIGN.fullmatch(w))]
        elif own := CRON.fullmatch(line):
            found.append(Assignment(number, own[1], _unquoted(own[2])))
    return [a for a in found if worth(a)]


def in_lines(pattern: re.Pattern[str], text: str) -> list[Assignment]:
    """The assignments among the words that follow what ``pattern`` (SETENV, EXEC) finds at the beginning of a line."""
    lines = ((n, pattern.match(line)) for n, line in enumerate(text.split("\n"), 1))
    words = ((n, word) for n, m in lines if m for word in words_of(m.string[m.end() :]))
    return [a for n, word in words if (m := ASSIGN.fullmatch(word)) and worth(a := Assignment(n, m[1], m[2]))]


def in_hyprland(text: str) -> list[Assignment]:
    """``env = KEY,VALUE`` lines of Hyprland's configuration."""
    pairs = enumerate(map(HYPRLAND.fullmatch, text.split("\n")), 1)
    return [a for n, m in pairs if m and worth(a := Assignment(n, m[1], m[2].strip()))]


def in_fish_variables(text: str) -> list[Assignment]:
    """fish's exported universal variables."""
    pairs = enumerate(map(UNIVERSAL.fullmatch, text.split("\n")), 1)
    plain = ((n, m[1], re.sub(r"\\x([0-9a-f]{2})", lambda x: chr(int(x[1], 16)), m[2])) for n, m in pairs if m)
    return [a for n, key, value in plain if worth(a := Assignment(n, key, value))]


def in_lists(text: str) -> list[Assignment]:
    """The environment in JSON or TOML: a table named like one, or a list of KEY=VALUE that is."""
    plain = re.sub(r"^\s*(?://|#).*$", lambda line: " " * len(line[0]), text, flags=re.MULTILINE)
    found = []
    for block in BLOCK.finditer(plain):
        for m in ENTRY.finditer(block[0]):
            key, equals, value = (m[1], ":", m[2]) if m[2] is not None else m[1].partition("=")
            line = plain.count("\n", 0, block.start() + m.start()) + 1
            found += [Assignment(line, key, value)] if equals else []
    return [a for a in found if worth(a)]


def words_of(text: str) -> list[str]:
    """A line's words with their quotes taken off."""
    return [word.text for command in _commands(text.replace(";", "\\;")) for word in command]


def worth(found: Assignment) -> bool:
    """Whether a variable is one of ours to judge."""
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
    command: list[_Word] = []
    parts: list[tuple[int, str, str]] = []
    for line, kind, piece in [*_pieces(text), (0, "end", "\n")]:
        if kind not in ("gap", "end"):
            parts.append((line, kind, piece))
            continue
        if parts:
            command.append(_word(parts))
            parts = []
        if kind == "end" and command:
            yield command
            command = []


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, kind, text) of every piece; comments are left out."""
    line, position, inside = 1, 0, False
    while match := PIECES.match(text, position):
        kind, piece, position = str(match.lastgroup), match[0], match.end()
        if kind == "text" and piece[0] == "#" and not inside:
            newline = text.find("\n", position)
            position = len(text) if newline < 0 else newline
            continue
        inside = kind not in ("gap", "end")
        yield line, kind, piece
        line += piece.count("\n")


def _word(parts: Sequence[tuple[int, str, str]]) -> _Word:
    text = "".join(_value(kind, piece) for _, kind, piece in parts)
    return _Word(parts[0][0], text, all(kind == "text" for _, kind, _ in parts))


def _value(kind: str, piece: str) -> str:
    if kind == "single":
        return piece[1:-1]
    if kind == "double":
        return re.sub(r'\\(["\\$`\n])', lambda m: "" if m[1] == "\n" else m[1], piece[1:-1])
    if kind == "escape":
        return "" if piece == "\\\n" else piece[1:]
    return "" if piece in ("'", '"') else piece


def _in_command(words: Sequence[_Word]) -> list[Assignment]:
    rest = list(dropwhile(lambda w: w.literal and w.text in OPENERS, words))
    plain = []
    for word in rest:
        if (match := ASSIGN.fullmatch(word.text)) is None:
            break
        plain.append(Assignment(word.line, match[1], match[2]))
    if len(plain) == len(rest):
        return plain
    # `A=b program` sets A for that program only.
    return _by_name(rest[len(plain)].text, rest[len(plain) + 1 :])


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
    flags = [w.text for w in takewhile(lambda w: w.text.startswith("-"), arguments)]
    names = arguments[len(flags) :]
    if not names:
        return []
    letters = "".join(f[1:] for f in flags if not f.startswith("--"))
    first, value = names[0], " ".join(w.text for w in names[1:])
    if "e" in letters or "--erase" in flags:
        return [Assignment(first.line, first.text, None)]
    if "x" in letters or "--export" in flags:
        return [Assignment(first.line, first.text, value)]
    return []
