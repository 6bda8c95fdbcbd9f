"""One path's change with its unified diff. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.errors import RdnaError
from rdna_installer.model import Change, ChangeKind, FileState
from rdna_installer.printable import Lines, printable
from rdna_installer.record import replace


def make_change(before: FileState, after: FileState) -> Change | None:
    """The change from what is there to what shall be; None when it is so already.

    Raises RdnaError("not-a-file") where a directory, fifo or device is in the way.
    """
    if before.same_as(after):
        return None
    if before.special is not None:
        raise RdnaError(
            "not-a-file",
            f"{before.special} is where a file of ours belongs",
            context=str(before.path),
            hint="move it away, then run it again",
        )
    kind = ChangeKind.REMOVE if not after.there else ChangeKind.REPLACE if before.there else ChangeKind.CREATE
    return Change(after.path, kind, _diff(before, after), before, after)


def to_restore(path: PurePosixPath, wanted: FileState, found: FileState) -> FileState:
    """What makes a recorded state true again; ``found`` gives the owner of a removal.

    Raises ValueError for a file whose content was not read.
    """
    if not wanted.there:
        return FileState(path, owner=found.owner, group=found.group)
    if wanted.digest is not None and wanted.content is None:
        raise ValueError(f"no content of {path}")
    return replace(wanted, path=path)


def _diff(before: FileState, after: FileState) -> Lines:
    old, new = _lines(before), _lines(after)
    if old is None or new is None:
        return Lines(_look(before, after) + f"Binary file {printable(str(before.path))} differs\n")
    name = printable(str(before.path))
    if not before.there:
        size = f"1,{len(new)}" if len(new) > 1 else "1"
        return Lines("".join([f"--- /dev/null\n+++ b{name}\n@@ -0,0 +{size} @@\n+", "+".join(new)]) if new else "")
    # Slow to load, and most commands show no diff.
    import difflib

    names = f"a{name}", f"b{name}" if after.there else "/dev/null"
    return Lines(_look(before, after) + "".join(difflib.unified_diff(old, new, *names)))


def _look(before: FileState, after: FileState) -> str:
    if not (before.there and after.there):
        return ""
    lines = []
    if before.mode != after.mode and before.link is None and after.link is None:
        lines.append(f"old mode {before.mode:04o}\nnew mode {after.mode:04o}\n")
    if (before.owner, before.group) != (after.owner, after.group):
        lines.append(f"old owner {before.owner}:{before.group}\nnew owner {after.owner}:{after.group}\n")
    return "".join(lines)


def _lines(actual: FileState) -> list[str] | None:
    """Text as lines, None for what is no text. Control characters of a file never reach a terminal."""
    if actual.link is not None:
        return [f"(a link to {_printable(actual.link)})\n"]
    content = actual.content or b""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    plain = text.replace("\n", "").replace("\t", "").isprintable()
    lines = [f"{line}\n" for line in (text.split("\n") if plain else map(_printable, text.split("\n")))]
    last = lines.pop()
    return lines if last == "\n" else [*lines, f"{last}\\ No newline at end of file\n"]


def _printable(text: str) -> str:
    return "\t".join(map(printable, text.split("\t")))
