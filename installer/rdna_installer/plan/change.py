"""One path's change with its unified diff. Pure."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from rdna_installer.errors import RdnaError
from rdna_installer.model import Absent, Actual, Change, ChangeKind, File, Resource
from rdna_installer.printable import Lines, printable


def make_change(before: Actual, after: Resource) -> Change | None:
    """The change from what is there to what shall be; None when it is so already.

    Raises RdnaError("not-a-file") where a directory, fifo or device is in the way.
    """
    wanted = as_actual(after)
    if before.same_as(wanted):
        return None
    if before.special is not None:
        raise RdnaError(
            "not-a-file",
            f"{before.special} is where a file of ours belongs",
            context=str(before.path),
            hint="move it away, then run it again",
        )
    kind = ChangeKind.REMOVE if not wanted.there else ChangeKind.REPLACE if before.there else ChangeKind.CREATE
    return Change(after.path, kind, _diff(before, wanted), before, after)


def as_actual(resource: Resource) -> Actual:
    """What will be at the path of a resource."""
    if isinstance(resource, Absent):
        return Actual(resource.path)
    if resource.link is not None:
        return Actual(resource.path, None, 0o777, resource.owner, resource.group, None, resource.link)
    digest = "sha256:" + hashlib.sha256(resource.content).hexdigest()
    return Actual(
        resource.path, resource.content, resource.mode, resource.owner, resource.group, digest, None, resource.xattrs
    )


def as_resource(path: PurePosixPath, wanted: Actual, found: Actual) -> Resource:
    """The resource that makes a recorded state true again; ``found`` gives the owner of a removal.

    Raises ValueError for a file whose content was not read.
    """
    if wanted.link is not None:
        return File(path, b"", 0o777, wanted.owner, wanted.group, (), wanted.link)
    if wanted.digest is None:
        return Absent(path, found.owner, found.group)
    if wanted.content is None:
        raise ValueError(f"no content of {path}")
    return File(path, wanted.content, wanted.mode, wanted.owner, wanted.group, wanted.xattrs)


def _diff(before: Actual, after: Actual) -> Lines:
    old, new = _lines(before), _lines(after)
    if old is None or new is None:
        return Lines(_look(before, after) + f"Binary file {printable(str(before.path))} differs\n")
    # Slow to load, and most commands show no diff.
    import difflib

    name = printable(str(before.path))
    names = f"a{name}" if before.there else "/dev/null", f"b{name}" if after.there else "/dev/null"
    return Lines(_look(before, after) + "".join(difflib.unified_diff(old, new, *names)))


def _look(before: Actual, after: Actual) -> str:
    if not (before.there and after.there):
        return ""
    lines = []
    if before.mode != after.mode and before.link is None and after.link is None:
        lines.append(f"old mode {before.mode:04o}\nnew mode {after.mode:04o}\n")
    if (before.owner, before.group) != (after.owner, after.group):
        lines.append(f"old owner {before.owner}:{before.group}\nnew owner {after.owner}:{after.group}\n")
    return "".join(lines)


def _lines(actual: Actual) -> list[str] | None:
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
    lines = [_printable(line) + "\n" for line in text.split("\n")]
    last = lines.pop()
    return lines if last == "\n" else [*lines, f"{last}\\ No newline at end of file\n"]


def _printable(text: str) -> str:
    return "\t".join(map(printable, text.split("\t")))
