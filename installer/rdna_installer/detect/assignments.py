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
from rdna_installer.record import record, replace

WORTH = re.compile(
    r"(HSA|HIP|ROCR|ROCBLAS|MIOPEN|AMD|AMDGCN|RDNA|PYTORCH|TORCH|TORCHINDUCTOR)_\w+"
    r"|GPU_(DEVICE_ORDINAL|MAX_HW_QUEUES)|CUDA_VISIBLE_DEVICES|TRITON_(HOME|CACHE_DIR)"
)
DEFAULTED = re.compile(r"\$\{(\w+):?=([^{}]*)\}")  # in a shell
SOURCED = re.compile(
    r"""(?:^|[;&|{]|\bthen\b)[ \t]*(?:\.|source)[ \t]+["']?((?:~|\$HOME|\$\{HOME\})?/[^\s;&|"'$*]+)""", re.MULTILINE
)
CRON = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*(.*)")
JOB = re.compile(r"\s*(?:@\w+|(?:[\d*][^\s=]*\s+){4}[^\s=]+)\s")
# What sshd gives to every session, what a desktop entry starts its program with, and supervisord's programs have.
SETENV = re.compile(r"\s*setenv[\s=]", re.IGNORECASE)
EXEC = re.compile(r"^Exec=(.*)", re.MULTILINE)
HIDDEN = re.compile(r"^Hidden=true", re.MULTILINE)
SUPERVISOR = re.compile(r"\s*environment\s*=")
# One name and its value in a line: Hyprland, fish's exported universal variables, nushell and xonsh, Python.
HYPRLAND = re.compile(r"^[ \t]*envd?[ \t]*=[ \t]*(\w+)[ \t]*,(.*)", re.MULTILINE)
UNIVERSAL = re.compile(r"^SETUVAR (?:-\S+ )*--export (?:-\S+ )*(\w+):(.*)", re.MULTILINE)
DOLLAR = re.compile(r"^[ \t]*\$(?:env\.)?(\w+)[ \t]*=[ \t]*(.*)", re.MULTILINE)
PYTHON = re.compile(
    r"""^[ \t]*os\.(?:environ\[|environ\.setdefault\(|putenv\()["'](\w+)["'](?:\]\s*=|,)\s*(["'][^"'\n]*["'])""",
    re.MULTILINE,
)
# kernel.json, VS Code and dev containers; containers.conf, CDI, images' configurations.
BLOCK = re.compile(
    r"""["']?\b(?:env|Env|terminal\.integrated\.env\.linux|containerEnv|remoteEnv|EnvironmentVariables)["']?\s*[:=]\s*"""
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
# What opens and what closes a part that may not be run at all.
DEPTH = {
    **dict.fromkeys(("if", "case", "for", "while", "until", "select", "{", "begin", "switch", "function"), 1),
    **dict.fromkeys(("fi", "esac", "done", "}", "end"), -1),
}
EXPORTERS = {"export", "declare", "typeset", "readonly"}
ALL_EXPORTED = re.compile(r"^\s*set\s+(?:-\w*a|-o\s+allexport)", re.MULTILINE)
WITH_WORD = {"-u", "--unset", "-C", "-g", "-n"}  # options of these with a word of their own
STARTERS = {"env", "exec", "sudo", "nohup", "setsid", "nice", "time", "-e", "--env"}
SHELLS = {"sh", "bash", "dash", "zsh"}


@record(frozen=True)
class _Word:
    line: int
    text: str
    literal: bool  # nothing in it was quoted: it may be a keyword


def in_shell(text: str, *, launched: bool = False) -> list[Assignment]:
    """Assignments in sh, bash, zsh, csh or fish code that reach other programs: exported ones, the last of each name.

    ``launched``: also those for a program that the code starts (``K=V python``, ``env K=V``, ``docker run -e K=V``).
    """
    if not QUICK.search(text):
        return []
    exported = None if ALL_EXPORTED.search(text) else set[str]()
    found: list[tuple[int, bool, Assignment]] = []
    depth = 0
    for command in _commands(_without_heredocs(text)):
        depth = max(0, depth + sum(DEPTH.get(w.text, 0) for w in takewhile(_is_keyword, command)))
        words = list(dropwhile(_is_keyword, command))
        plain = [Assignment(w.line, m[1], m[2]) for w in words if (m := ASSIGN.fullmatch(w.text))]
        alone = len(plain) == len(words)
        if exported is not None and words and words[0].text == "export":
            exported |= {w.text for w in words[1:] if ASSIGN.fullmatch(w.text) is None}
        named = plain if alone else in_command(words) if launched else []
        named = named or ([] if alone else _by_name(words[0].text, words[1:]))
        found += [(depth, alone, a) for a in named if worth(a)]
    kept = [(d, a) for d, bare, a in found if not bare or exported is None or a.key in exported]
    last = {a.key: place for place, (d, a) in enumerate(kept) if d == 0}
    return [a for place, (_, a) in enumerate(kept) if place >= last.get(a.key, 0)]


def in_launcher(text: str) -> list[Assignment]:
    """Assignments in a script that starts a program."""
    return in_shell(text, launched=True)


def sourced(text: str) -> list[str]:
    """The files that shell code reads in, absolute or below ``~/``."""
    return [re.sub(r"^\$(HOME|\{HOME\})", "~", m[1]) for m in SOURCED.finditer(text)]


def in_branch(text: str) -> list[Assignment]:
    """What A1111's webui.sh and its relatives export for RX 5000 cards, by the name that lspci gives these."""
    branch = NAVI.search(text)
    return in_shell("\n" * text.count("\n", 0, branch.start(1)) + branch[1]) if branch else []


def in_environment(text: str, *, export: bool = False) -> list[Assignment]:
    """Assignments in environment.d, an EnvironmentFile and ~/.pam_environment.

    ``export``: the word may stand before them, as PAM has it in /etc/environment and compose in an env_file; systemd
    and sshd leave such lines out.
    """
    found = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip().removeprefix("export " if export else "").strip()
        pam = re.match(r"(\w+)\s+(?:.*\s)?(?:OVERRIDE|DEFAULT)=(\S*)", line)
        match = pam or ASSIGN.match(line)
        if match:
            found[match[1]] = Assignment(number, match[1], _unquoted(match[2]))
    return [a for a in found.values() if worth(a)]


def in_conda_state(text: str) -> list[Assignment]:
    """What ``conda env config vars set`` has written: one line of JSON."""
    try:
        held = json.loads(text)["env_vars"].items()
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return []
    return [a for key, value in held if isinstance(value, str) and worth(a := Assignment(1, key, value))]


def in_crontab(text: str, *, users: bool = True) -> list[Assignment]:
    """Assignments in a crontab: lines of their own, and what a job's command begins with, after its user's name."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if job := JOB.match(line):
            command = re.sub(r"^\S+\s", "", line[job.end() :]) if users else line[job.end() :]
            found += [replace(a, line=number) for a in in_launcher(command)]
        elif own := CRON.fullmatch(line):
            found.append(Assignment(number, own[1], _unquoted(own[2])))
    return [a for a in found if worth(a)]


def in_lines(pattern: re.Pattern[str], text: str) -> list[Assignment]:
    """The assignments among the words that follow what ``pattern`` (SETENV, SUPERVISOR) finds in a line."""
    lines = ((n, pattern.match(line)) for n, line in enumerate(text.split("\n"), 1))
    words = ((n, word) for n, m in lines if m for word in words_of(m.string[m.end() :].replace(",", " ")))
    return [a for n, word in words if (m := ASSIGN.fullmatch(word)) and worth(a := Assignment(n, m[1], m[2]))]


def in_entry(text: str) -> list[Assignment]:
    """What a desktop entry that is not hidden starts its program with."""
    found = ((text.count("\n", 0, m.start()) + 1, m[1]) for m in EXEC.finditer(text) if not HIDDEN.search(text))
    return [replace(a, line=line) for line, command in found for a in in_launcher(command)]


def in_pairs(pattern: re.Pattern[str], text: str) -> list[Assignment]:
    """One name and its value in each line that ``pattern`` finds; fish writes letters as ``\\x2e``."""
    plain = ((m, re.sub(r"\\x([0-9a-f]{2})", lambda x: chr(int(x[1], 16)), m[2])) for m in pattern.finditer(text))
    found = [Assignment(text.count("\n", 0, m.start()) + 1, m[1], _unquoted(value)) for m, value in plain]
    return [a for a in found if worth(a)]


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
        ends = [places.get(m[2], []) for m in HEREDOC.finditer(lines[number])]
        end = max((e[at] for e in ends if (at := bisect_right(e, number)) < len(e)), default=number)
        for body in range(number + 1, end + 1):
            lines[body] = ""
        number = end + 1
    return "\n".join(lines)


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


def _is_keyword(word: _Word) -> bool:
    return word.literal and (word.text in OPENERS or word.text in DEPTH)


def in_command(words: Sequence[_Word]) -> list[Assignment]:
    """What a program gets from the command that starts it."""
    found: list[Assignment] = []
    taking, before = True, ""
    for word in words:
        text = word.text.removeprefix("--env=")
        name = text.rpartition("/")[2]
        if before == "-c":
            found += [replace(a, line=word.line + a.line - 1) for a in in_launcher(word.text)]
        elif (taking or text != word.text) and (match := ASSIGN.fullmatch(text)):
            found.append(Assignment(word.line, match[1], match[2]))
        else:
            taking = name in STARTERS or (taking and (text[:1] == "-" or before in WITH_WORD))
        before = text if before.rpartition("/")[2] in SHELLS else name
    return found


def _by_name(name: str, arguments: Sequence[_Word]) -> list[Assignment]:
    if name == "set":
        return _fish_set(arguments)
    if name == "setenv" and arguments:
        return [Assignment(arguments[0].line, arguments[0].text, " ".join(w.text for w in arguments[1:]))]
    if name in ("unset", "unsetenv"):
        return [Assignment(w.line, w.text, None) for w in arguments if not w.text.startswith("-")]
    flags = "".join(w.text for w in arguments if w.text[:1] in "-+")
    if name in EXPORTERS and ("+x" in flags or (name == "export" and "n" in flags)):
        return [Assignment(w.line, w.text.partition("=")[0], None) for w in arguments]
    exports = name == "export" or (name in EXPORTERS and "x" in flags)
    pattern = DEFAULTED if name == ":" else ASSIGN
    words = arguments if exports or name == ":" else ()
    return [Assignment(w.line, m[1], m[2]) for w in words if (m := pattern.fullmatch(w.text))]


def _fish_set(arguments: Sequence[_Word]) -> list[Assignment]:
    flags = [w.text for w in takewhile(lambda w: w.text.startswith("-"), arguments)]
    names = arguments[len(flags) :]
    letters = "".join(f[1:] for f in flags if not f.startswith("--"))
    erases = "e" in letters or "--erase" in flags
    if not names or "l" in letters or "--local" in flags or not (erases or "x" in letters or "--export" in flags):
        return []
    value = None if erases else " ".join(w.text for w in names[1:])
    return [Assignment(names[0].line, names[0].text, value)]
