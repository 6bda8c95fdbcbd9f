"""How text looks: colour only on a terminal, wrapping to its width, one form of error for every command."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import silence

HANG = 12  # a longer label would leave too narrow a column below it
COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "bold": "1", "dim": "2"}


class Style:
    """Colours for one stream; none when it is no terminal, with ``NO_COLOR`` set or ``--no-color``."""

    def __init__(self, stream: TextIO, *, allowed: bool = True) -> None:
        self.colour = (
            allowed and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()
        )
        # A serial console or a bare pseudo terminal says 0 columns.
        columns = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
        self.width = min(columns or 80, 100)

    def paint(self, text: str, colour: str) -> str:
        """``text`` in a colour, or as it is."""
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if self.colour else text

    def wrap(self, text: str, indent: int = 0, first: str = "") -> str:
        """A paragraph within the width; ``first`` starts it and the rest hangs below."""
        import textwrap  # not for --json

        return textwrap.fill(
            printable(text),
            self.width,
            initial_indent=" " * indent + first,
            subsequent_indent=" " * (indent + (len(first) if len(first) <= HANG else 2)),
            break_long_words=False,
            break_on_hyphens=False,
        )


def printable(text: str) -> str:
    """Text that cannot move the cursor: control characters (a file may be named so) shown as escapes."""
    return "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape", "surrogateescape").decode() for c in text
    )


def error_text(err: RdnaError, style: Style) -> str:
    """What happened, where, what to do; the stable reference at the end of the first line."""
    lines = [style.wrap(f"{err.message} [{err.reference}]", first="error: ")]
    lines[0] = lines[0].replace("error:", style.paint("error:", "red"), 1)
    if err.context:
        lines.append(style.wrap(err.context, 2, "where: "))
    if err.hint:
        lines += [
            style.wrap(line, 2, "do:    " if n == 0 else "       ") for n, line in enumerate(err.hint.splitlines())
        ]
    return "\n".join(lines)


def progress(text: str) -> None:
    """One line of progress on stderr; never on stdout, which carries the result only."""
    say(printable(text))


def say(text: str) -> None:
    """Text on stderr. That nobody can read it (a full disk, a terminal that went away) changes nothing else."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        silence(2)


def output_lost(err: OSError, note: str) -> RdnaError:
    """The error for a result that could not be written."""
    silence(1)
    reason = (err.strerror or str(err)).lower()
    return RdnaError("output-lost", f"the result could not be written ({reason}); {note}", exit_code=Exit.FAILED)
