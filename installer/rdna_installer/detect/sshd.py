"""What sshd gives to sessions: of all that it reads the first word counts, and the first of each Match block.

servconf.c of OpenSSH: a keyword that has a value already is passed over, ``Include`` is read where it stands, a
``Match`` of an included file ends with that file, and what a fitting block has takes the place of what all have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from rdna_installer.detect.dotfiles import Assignment, matching
from rdna_installer.detect.users import all_users
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import replace

FOLDER = PurePosixPath("/etc/ssh")  # what is included lies there, where the path says nothing else
MAIN = FOLDER / "sshd_config"
DEEP = 4
Line = tuple[PurePosixPath, int, str, str, str]  # file, line, its Match block, keyword, arguments


def permitted(root: Sysroot, found: Iterable[Assignment]) -> Iterator[Assignment]:
    """What of ~/.ssh/environment or authorized_keys may be set for anybody: all, nothing, or by the names' patterns."""
    said = (to.partition(" ")[0].strip('"') for *_, word, to in _first(root, MAIN) if word == "permituserenvironment")
    patterns = [["*"] if rest == "yes" else rest.split(",") for rest in said if rest != "no"]
    return (a for a in found if any(_fits([a.key], each) for each in patterns))


def decided(root: Sysroot, path: PurePosixPath, people: Sequence[str]) -> Iterator[tuple[PurePosixPath, Assignment]]:
    """The variables of the SetEnv lines that count; not those of a block that is for other users."""
    from rdna_installer.detect.assignments import in_rows

    known = [user for user in all_users(root) if user.name in people]
    for at, number, block, word, rest in _first(root, path):
        asked = {
            kind.lower(): patterns.split(",")
            for kind, patterns in re.findall(r"\b(User|Group)[\s=]+(\S+)", block, re.I)
        }
        users, groups = asked.get("user"), asked.get("group")
        fits = not users or any(_fits([who], users) for who in people)
        fits = fits and (not groups or any(_fits(user.groups, groups) for user in known))
        if word == "setenv" and fits:
            yield from ((at, replace(a, line=number)) for a in in_rows((("words", r"(.+)"),), rest))


def _fits(names: Iterable[str], patterns: Sequence[str]) -> bool:
    """match_list of OpenSSH: one of them fits, and none of those with ``!`` before them."""
    said = {each[:1] for each in patterns for name in names if fnmatchcase(name, each.removeprefix("!"))}
    return bool(said) and "!" not in said


def _first(root: Sysroot, path: PurePosixPath) -> Iterator[Line]:
    """Of each keyword in each block the first line."""
    first: dict[tuple[str, ...], Line] = {}
    for line in _lines(root, path, "", DEEP, set()):
        first.setdefault(line[2:4], line)
    return iter(first.values())


def _lines(
    root: Sysroot, path: PurePosixPath, block: str, deep: int, read: set[tuple[PurePosixPath, str]]
) -> Iterator[Line]:
    """What a file says in a block; of one that was ``read`` in that block already nothing more would count."""
    if (path, block) in read:
        return
    read.add((path, block))
    for number, line in enumerate((root.read_optional(path) or "").split("\n"), 1):
        word, _, rest = re.sub(r"[ \t=]+", " ", line.strip(), count=1).partition(" ")
        if word.lower() == "match":
            block = f"{path}:{number} {rest}"
        elif word.lower() == "include" and deep:
            for name in rest.split():
                for inner in sorted(matching(root, str(FOLDER / name.strip('"')))):
                    yield from _lines(root, inner, block, deep - 1, read)
        elif word[:1] not in ("", "#"):
            yield path, number, block, word.lower(), rest
