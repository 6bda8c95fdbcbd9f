"""The printer: the only way of any text to a terminal, a pipe or JSON, and how it looks there.

What is not ours is escaped before it becomes part of a line (``shown``), and whatever comes out is lines of printable
characters: with colours allowed also the few escapes of ``COLOURS``, and nothing else.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from rdna_installer.errors import Exit, Problem, RdnaError
from rdna_installer.machine.process import own_command, silence
from rdna_installer.printable import TYPED, Lines, parted, printable, printable_lines, shown

OURS = r"rdna-installer [a-z]+( --[a-z][a-z-]*( [^ -]\S*)?)*"  # compiled where there is one
HANG = 12  # a longer label would leave too narrow a column below it
COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "bold": "1", "dim": "2"}
PAINT = rf"(\x1b\[(?:0|{'|'.join(COLOURS.values())})m)"  # compiled for a terminal only


class Style:
    """Colours for one stream; none when it is no terminal, with ``NO_COLOR`` set or ``--no-color``."""

    def __init__(self, stream: TextIO, *, allowed: bool = True) -> None:
        self.colour = (
            allowed and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()
        )
        # A serial console or a bare pseudo terminal says 0 columns.
        columns, self.rows = os.get_terminal_size(stream.fileno()) if stream.isatty() else (0, 0)
        self.width = min(columns or 80, 80)

    def paint(self, text: str, colour: str) -> str:
        """``text`` in a colour, or as it is."""
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if self.colour else text

    def wrap(self, text: str, indent: int = 0, first: str = "") -> str:
        """A paragraph within the width; ``first`` starts it and the rest hangs below."""
        whole = printable(text)
        if "rdna-installer" in whole:  # no command is broken
            whole = re.sub(OURS, lambda found: found[0].replace(" ", "\xa0"), whole)
        lines, gap = [" " * indent + first], ""  # as textwrap does it, at a tenth of its cost
        for word in whole.split(" "):
            if word and gap and len(lines[-1] + gap + word) > self.width:
                lines.append(" " * (indent + (len(first) if len(first) <= HANG else 2)) + word)
            else:
                lines[-1] += (gap if word else "") + word
            gap = " " if word else gap + " "
        return "\n".join(lines).replace("\xa0", " ") if whole.strip(" ") else ""

    def block(self, title: str, lines: Iterable[str], colour: str = "bold") -> str:
        """Lines below their title; "" where there are none."""
        body = list(lines)
        return "\n".join([self.paint(title, colour), *body]) if body else ""

    def only_ours(self, text: str) -> str:
        """Lines of printable characters, and our colours where there are any; our command as it is typed here."""
        if (own := own_command()) != "rdna-installer":
            text = re.sub(
                r"(?m)^((?:(?:  do:)? +|.*Undo: )(?:sudo )?)rdna-installer ", lambda found: f"{found[1]}{own} ", text
            )
        if not self.colour:
            return printable_lines(text)
        parts = re.split(PAINT, text)
        return "".join(part if n % 2 else printable_lines(part) for n, part in enumerate(parts))


def show(render: Callable[..., str], *values: Any, colour: bool = True, err: bool = False, paged: bool = False) -> None:
    """What ``render`` makes of records, on stdout (``err``: on stderr). It sees them with every string printable.

    ``paged``: with the user's pager, where it is longer than the screen. Raises OSError where it cannot be written on
    stdout; on stderr it is a word beside what somebody else's program does.
    """
    stream = sys.stderr if err else sys.stdout
    style = Style(stream, allowed=colour)
    text = style.only_ours(render(*map(shown, values), style))
    paged = paged and style.rows > 0 and sys.stdout.isatty()
    if not (paged and text.count("\n") + 2 > style.rows and _paged(text)):
        (_say if err else _write)(text)


def _paged(text: str) -> bool:
    """Whether a pager has shown it: ``PAGER``, less where it is not set; none where it is empty, or cat."""
    import shlex

    from rdna_installer.machine.watch import page

    try:
        argv = shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:  # a quote that does not end
        return False
    if argv == ["cat"] or os.environ.get("TERM") == "dumb" or not sys.stdin.isatty():
        return False
    safe = {} if os.geteuid() else {"LESSSECURE": "1"}  # no shell of root's from within
    return page(argv, {"LESS": "FRX", **os.environ, **safe}, f"{text}\n".encode(errors="backslashreplace"))


def show_json(text: str, *, err: bool = False, end: str = "\n") -> None:
    """A document of ``asjson.dump``, or a part of it. Raises OSError as ``show`` does."""
    (_say if err else _write)(text, end)


def show_lines(text: str) -> None:
    """Lines of ours for another program, or a short answer, on stdout. Raises OSError where it cannot be written."""
    _write(printable_lines(text))


def _write(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def explain(problem: Problem, *, changes: bool = False) -> None:
    """The problem on stderr: what, where, what to do; the stable reference at the end of the first line.
    ``changes``: of a command that changes the machine, so that it is said how it stands now."""
    style = Style(sys.stderr)
    lines = [style.wrap(f"{problem.message} [{problem.reference}]", first="error: ")]
    lines[0] = lines[0].replace("error:", style.paint("error:", "red"), 1)
    if problem.context:
        lines.append(style.wrap(problem.context, 2, "where: "))
    if problem.consequence and problem.consequence not in problem.message and changes:
        lines.append(style.wrap(problem.consequence, 2, "now:   "))
    if problem.hint:
        for n, line in enumerate(problem.hint.split("\n") if isinstance(problem.hint, Lines) else parted(problem.hint)):
            first = "do:    " if n == 0 else "       "
            lines.append(f"  {first}{line}" if line.startswith(TYPED) else style.wrap(line, 2, first))
    _say(style.only_ours("\n".join(lines)))


def progress(text: str) -> None:
    """A line of progress on stderr (what is to be read within the width, its command alone on a line); never on stdout,
    which carries the result only. One that begins with a carriage return is for a terminal, and replaced by the next.
    """
    if text.startswith("\r"):
        passing(text[1:])
        return
    line = printable(text)
    if said := re.match("(?:note|next|left|finished|undone): ", line):
        words, *command = parted(line[said.end() :])
        _say("\n".join([Style(sys.stderr).wrap(words, first=said[0]), *(f"  {each}" for each in command)]))
    else:
        _say(line.ljust(62) if sys.stderr.isatty() else line)


def passing(text: str) -> None:
    """A line on the terminal that the next one replaces; nothing where stderr is none (a log would fill with them)."""
    if sys.stderr.isatty():
        _say(f"\r  {printable(text)[:60]:<60}\r", end="")


def _say(text: str, end: str = "\n") -> None:
    """Text on stderr. That nobody can read it (a full disk, a terminal that went away) changes nothing else."""
    try:
        sys.stderr.write(text + end)
        sys.stderr.flush()
    except OSError:
        silence(2)


def agreed(total: str, question: str, files: Callable[[], None] | None = None) -> bool:
    """Whether somebody at the terminal says yes; Enter alone is no, d shows ``files`` and asks again.

    Raises click.Abort at its end or Ctrl-C.
    """
    import click

    choices = "[y/N]" if files is None else "y = yes, N = no, d = show the files [y/N/d]"
    while True:
        _say((style := Style(sys.stderr)).only_ours(style.wrap(total)))
        said = click.prompt(f"{question}? {choices}", default="n", show_default=False, err=True).strip().lower()
        if said in ("y", "yes"):
            return True
        if said == "d" and files is not None:
            files()
        elif said in ("n", "no"):
            return False


def output_lost(err: OSError, note: str, hint: str | None = None) -> RdnaError:
    """The error for a result that could not be written."""
    silence(1)
    reason = (err.strerror or str(err)).lower()
    message = f"the result could not be written ({reason}); {note}"
    return RdnaError("output-lost", message, hint=hint, exit_code=Exit.FAILED, consequence=note)
