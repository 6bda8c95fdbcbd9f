"""adopt: what guides and other tools have left here, explained by the judge, and taken away by an ordinary transaction.

Whole files that hold nothing else are removed; a harmful line in somebody's own start-up file becomes a comment, so
that the rest of the file still reads. Everything else is named with the command that does it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import PurePosixPath

from rdna_installer.amd.case import case_of
from rdna_installer.change.activation import Progress, named, plan_step, untrusted
from rdna_installer.change.chain import carried
from rdna_installer.detect.dotfiles import PATHS, matching
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.catalogue import KnownFile, known_files
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.machine.asuser import look
from rdna_installer.machine.folder import Folder, read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ADOPTED, Change, FileState, HostFacts, Layer, Request, Step, regular
from rdna_installer.plan.conflicts import is_ours
from rdna_installer.plan.foreign import Found, judge_all
from rdna_installer.plan.plan import layers_of, make_change
from rdna_installer.plan.summary import Summary, summarise
from rdna_installer.record import record, replace
from rdna_installer.workflow import foreign
from rdna_installer.workflow.applying import require_steps
from rdna_installer.workflow.committing import Applied, Part, commit_all, may_write
from rdna_installer.workflow.owners import Owner, system_owner, system_uid, user_owner
from rdna_installer.workflow.planning import decide

SYSTEM = ("/etc/modprobe.d", "/etc/profile.d", "/etc/environment.d")  # where a file may be about nothing else
SIMPLE = re.compile(rb"\s*(export\s+|setenv\s+|set\s+-\w+\s+)?\w+[= ]['\"]?[\w.,:/-]*['\"]?\s*(#.*)?")
SHELLS = (".sh", "rc", "profile", "login", "env", ".fish", ".bash_aliases")  # ":" leaves a command where one must be
USELESS = (Answer.HARMFUL, Answer.UNREAD, Answer.SUPERFLUOUS)
DPKG = "/var/lib/dpkg/status"  # has a line for each configuration file of a package


@record(frozen=True)
class Leftover:
    """A file: what is wrong in which line of it, what happens to it ("": nothing by us), or the command to type."""

    path: str
    lines: tuple[tuple[str, str], ...]
    done: str
    command: str | None = None


@record(frozen=True)
class Adoption:
    """What is left here, and the change that takes it away."""

    leftovers: tuple[Leftover, ...]
    parts: tuple[Part, ...]
    refusal: RdnaError | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes."""
        return tuple(change for part in self.parts for change in part.changes)

    @property
    def total(self) -> Summary:
        """What it comes to."""
        steps = [step for part in self.parts for step in part.steps]
        return summarise(0, self.changes, steps, Layer.KERNEL in layers_of(self.changes))


def plan_adoption(root: Sysroot) -> Adoption:
    """What is left here. Raises RdnaError of the state or the rules."""
    facts = detect(root, Ask())
    packaged = root.read_optional(DPKG) or ""
    leftovers: dict[PurePosixPath, Leftover] = {}
    changes: list[Change] = []
    for path, known in _known_here(root, facts):
        item = Leftover(str(path), ((str(path), known.says),), "")
        if known.command is not None:
            names = (shlex.quote(str(name)) for name in (path, path.with_suffix("")))
            typed = known.command.format(**dict(zip(("path", "original"), names, strict=True)), pattern=path)
            leftovers[path] = replace(item, command=typed)
        else:
            leftovers[path] = _taken(root, item, b"", packaged, changes)
    judged = sorted(_judged(root, facts) if facts.gpus else (), key=lambda spot: (str(spot[0]), spot[1]))
    for path, group in groupby(judged, key=lambda spot: spot[0]):
        spots = [(line, found) for _, line, found in group]
        if path not in leftovers and any(found.judged.harmful for _, found in spots):
            leftovers[path] = _in_file(root, path, spots, packaged, changes)
    parts = _parts(root, facts, changes)
    steps = [step for part in parts for step in part.steps]
    refusal = next((err for step in steps if (err := untrusted(step, root))), None)
    return Adoption(tuple(leftovers.values()), parts, refusal)


def _known_here(root: Sysroot, facts: HostFacts) -> list[tuple[PurePosixPath, KnownFile]]:
    sites = [str(site.site_packages) for site in facts.sites] or [""]
    known = known_files()
    places = [list(dict.fromkeys(each.path.format(site=s) for s in sites)) for each in known]

    def there() -> list[list[PurePosixPath]]:
        paths = ([p for place in row for p in matching(root, place)] for row in places)
        return [*([p for p in row if root.exists(p)] for row in paths), [*map(PurePosixPath, root.cut)]]

    found = look(there, list[list[PurePosixPath]])
    says = f"only the first {PATHS:,} places that fit were looked at"
    known = (*known, replace(known[0], says=says, command="ls -d {pattern}"))
    return [(path, each) for row, each in zip(found, known, strict=True) for path in row]


def _judged(root: Sysroot, facts: HostFacts) -> list[tuple[PurePosixPath, int, Found]]:
    here = decide(root, facts, Request())
    case = case_of(here.facts, here.book, ours=here.policy.settings)
    set_there = foreign.as_judged(root, here.facts, foreign.scan_files(root, here.facts))
    places = {item: (f.path, f.assignment.line) for item, f in set_there.items() if item.lasting}
    for item in here.items:
        file, _, line = item.source.rpartition(":")
        if file.startswith("/") and line.isdigit() and item.key == item.key.lower() and not is_ours(file):
            places[item] = (PurePosixPath(file), int(line))
    found = judge_all(places, case)
    return [(*places[f.item], f) for f in found if f.item in places and f.judged.answer in USELESS]


def _in_file(
    root: Sysroot, path: PurePosixPath, spots: Sequence[tuple[int, Found]], packaged: str, changes: list[Change]
) -> Leftover:
    """The lines of a file: it goes where it holds nothing else, a home's keeps them as comments, else by hand."""
    shown = tuple((f.item.source, f"{f.item.key}={f.item.value}: {f.judged.said}") for _, f in spots)
    numbers = sorted({line for line, found in spots if found.judged.harmful})
    prefix = ": # " if path.name.endswith(SHELLS) else "# "
    sudo = "sudo " if str(path).startswith(("/etc", "/usr")) else ""
    edit = "; ".join(f"{n}s/^/{prefix}/" for n in numbers)
    typed = shlex.quote(str(path))
    item = Leftover(str(path), shown, "", f"{sudo}sed -i '{edit}' {typed}")
    before = _read(root, path)
    if before is None or before.content is None:
        return item
    rows = dict(enumerate(before.content.split(b"\n"), 1))
    if not all(_simple(rows, number) for number in numbers) and path.parent.name != "modprobe.d":
        return replace(item, command=f"{sudo}nano +{numbers[0]} {typed}")
    judged = {line for line, _ in spots}
    alone = all(n in judged or not row.strip() or row.lstrip().startswith(b"#") for n, row in rows.items())
    if str(path.parent) in SYSTEM and alone:
        return _taken(root, item, b"", packaged, changes)
    if str(path).startswith("/etc"):  # the rest of it is not ours to keep
        return item
    new = b"\n".join(prefix.encode() + row if n in numbers else row for n, row in rows.items())
    return _taken(root, item, new, packaged, changes)


def _simple(rows: Mapping[int, bytes], number: int) -> bool:
    """Whether a line sets one plain value and is no part of a longer one."""
    continued = rows.get(number - 1, b"").endswith(b"\\")
    return not continued and SIMPLE.fullmatch(rows.get(number, b"")) is not None


def _taken(root: Sysroot, item: Leftover, new: bytes, packaged: str, changes: list[Change]) -> Leftover:
    """Notes the change to ``new`` (empty: the file goes), or says why it is not ours to make."""
    path = PurePosixPath(item.path)
    typed = shlex.quote(item.path)
    by_hand = replace(item, command=item.command or f"sudo rm {typed}")
    before = _read(root, path)
    if f"\n {path} " in packaged:
        return replace(by_hand, command=item.command or f"dpkg -S {typed}")
    if before is None and not may_write(root, system_owner(root)):
        return replace(by_hand, command="sudo rdna-installer adopt")
    if before is None or before.content is None:  # a link, no file at all, or where root does not write
        return by_hand
    after = FileState(path, owner=before.owner, group=before.group)
    if new:
        after = regular(path, new, before.mode, before.owner, before.group, before.xattrs)
    change = make_change(before, after)
    changes += [change] if change else []
    return replace(item, done="the line becomes a comment" if new else "the file is removed", command=None)


def _owner(root: Sysroot, uid: int) -> Owner | None:
    """Whose transaction a file is; None where this process may not change it."""
    owner = system_owner(root) if uid == system_uid(root) else user_owner(root, user_of(root, uid))
    return owner if may_write(root, owner) and owner.problem is None else None


def _read(root: Sysroot, path: PurePosixPath) -> FileState | None:
    """What is there, with its owner's rights; None where that is somebody else, or it cannot be read or replaced."""
    try:
        found = root.status(path, follow=False)
        owner = None if found is None else _owner(root, found.st_uid)
        return None if owner is None else owner.do(partial(_replaceable, root, path), FileState)
    except (OSError, RdnaError):
        return None


def _replaceable(root: Sysroot, path: PurePosixPath) -> FileState:
    with Folder.open(root, path.parent, writing=True) as folder:  # root's own file in a home is not root's to replace
        folder.require_writable()  # nor is a hard link in it to another's
        return read_actual(root, path)


def _parts(root: Sysroot, facts: HostFacts, changes: Iterable[Change]) -> tuple[Part, ...]:
    """Users first; where root acts the system last, with or without a file."""
    of: dict[int, list[Change]] = {}
    for change in changes:
        of.setdefault(change.before.owner, []).append(change)
    system = system_owner(root)
    mine = tuple(of.pop(system_uid(root), ()))
    users = [_part(user_owner(root, user_of(root, uid)), tuple(items), facts) for uid, items in sorted(of.items())]
    if not may_write(root, system) or not (users or mine):
        return tuple(users)
    step = plan_step(facts)[0] if Layer.KERNEL in layers_of(mine) else None
    last = _part(system, mine, facts, (named(step, root),) if step else ())
    known = {p.owner.user.uid: "" for p in users if p.owner.user}
    wish = replace(last.wish, users=tuple(sorted({**dict(last.wish.users), **known}.items())))
    return (*users, replace(last, wish=wish))


def _part(owner: Owner, changes: tuple[Change, ...], facts: HostFacts, steps: tuple[Step, ...] = ()) -> Part:
    now = carried(owner.current(), ADOPTED, facts.boot_id)
    return Part(owner, changes, replace(now, confirmed_boot=None, before=None, stands_for=""), steps)


def take_away(root: Sysroot, planned: Adoption, progress: Progress) -> Applied:
    """Carry it out; says what was done. Raises RdnaError."""
    for part in planned.parts:
        require_steps(part.steps, root)
    return commit_all(planned.parts, root, progress, links=False)
