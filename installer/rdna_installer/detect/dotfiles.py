"""The start-up files of the user and of the system that set variables of ours, each read with the right rights."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, partial
from itertools import count
from pathlib import PurePosixPath

from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite, User
from rdna_installer.record import record, replace
from rdna_installer.resources import table

Names = Callable[[str], Sequence[str]]
Place = tuple[str, str, str]  # how a file is read, whom it reaches, where it lies: a row of places.tsv
FILES = 100  # that values are looked for in
# Compiled where they are used: most runs need none of them.
ALLEXPORT = r"(?ms)^[ \t]*set -(?:\w*a|\w*o allexport)\b(.*?)(?:\bset \+|\Z)"
OURS = r"(?m)^[ \t]*(?:export[ \t]+)?(\w+)="  # a name in a file of ours
HOME = r"(?:^|(?<=\|))(?:~|\$HOME|\$\{(?:HOME|workspaceFolder)\})(?=/)"
# What a compose file's values may come from.
LINKED = {".env", *(f"{name}.override.{end}" for name in ("compose", "docker-compose") for end in ("yml", "yaml"))}
MOST, LONG = 40, 4096  # lines of one variable that are shown of one person; characters of a value
PATHS = 50_000  # that one pattern may lead to: links to themselves make many of few
CLOSED = ("",)
# pam_env(8): what it reads by which option, and what it does unasked.
PAM_ENV = {("pamconf", ".pam_environment"): ("user_readenv", "0"), ("pam", "environment"): ("readenv", "1")}
TOP = PurePosixPath("/")
USERS = "~"  # what stands before the names of users' units


@cache
def places() -> Mapping[str, Sequence[Place]]:
    """The start-up files of a home, the system, an environment, and beside one."""
    found: dict[str, list[Place]] = {}
    for whose, how, reach, patterns in table(__file__, "places.tsv"):
        found.setdefault(whose, []).append((how, reach, patterns))
    return found


@cache
def dialects() -> Mapping[str, Sequence[tuple[str, str]]]:
    """What dialects.tsv tells of each: what stands where, as a pattern."""
    found: dict[str, list[tuple[str, str]]] = {}
    for names, way, pattern in table(__file__, "dialects.tsv"):
        for name in names.split("|"):
            found.setdefault(name, []).append((way, pattern))
    return found


@cache
def kinds() -> Mapping[str, Sequence[str]]:
    """The dialects of a kind, as dialects.tsv lists them."""
    return {name: words.split(" ") for name, words in dialects()["kinds"]}


@record(frozen=True)
class Assignment:
    """``key`` set to ``value`` (None: unset) in a line, counted from 1. ``only``: for one program (an alias's, say)."""

    line: int
    key: str
    value: str | None
    only: bool = False


@record(frozen=True)
class FoundAssignment:
    """One assignment and where: ``shown`` is the path as people write it (``~/.bashrc``).

    ``contained``: no Python that was found sees it (a container, another program). ``site``: the only Python it is for.
    ``unit``: the only service or container, ``runs``: the program or image in it. ``reach``: whom the file reaches, as
    places.tsv has it. ``note``: what is to be said of the place.
    """

    path: PurePosixPath
    shown: str
    assignment: Assignment
    contained: bool = False
    site: str | None = None
    unit: str = ""
    reach: str = ""
    since: float = 0.0  # when the file was last changed
    runs: str = ""
    note: str = ""

    @property
    def where(self) -> str:
        """``~/.bashrc:12``."""
        return f"{self.shown}:{self.assignment.line}"


@record(frozen=True)
class Scan:
    """All assignments found, and the files that exist and could not be read."""

    found: tuple[FoundAssignment, ...] = ()
    unreadable: tuple[str, ...] = ()


def scan(
    root: Sysroot,
    user: User,
    ours: Iterable[PurePosixPath],
    about: Sequence[str] = (),
    users: Iterable[tuple[User, Sequence[PythonSite]]] | None = None,
) -> Scan:
    """Look through the system's files, then those of ``users`` (``user``, who asks, where none is named) as each.

    With each go the environments that are read as that user. ``ours`` are left out. ``about``: only files with one of
    these words (the parser is not even loaded for others).
    """
    from rdna_installer.machine.asuser import look

    if os.geteuid() == 0:  # before, for with dropped rights our own installation may be closed
        places(), dialects()
    skip = frozenset(ours)
    people = [(user, ())] if users is None else list(users)
    everybody = _Reader(root, None, "the system's own files", skip, about, tuple(owner.name for owner, _ in people), [])
    tildes = ["~" if owner.uid == user.uid else f"~{owner.name}" for owner, _ in people]
    readers = [
        _Reader(root, owner.home, tilde, skip, about, (owner.name,), [], shell=owner.shell.rpartition("/")[2])
        for tilde, (owner, _) in zip(tildes, people, strict=True)
    ]
    # What a unit names, and what lies in /opt, may be somebody's.
    system = _loaded(everybody, lambda: look(partial(_of_the_system, everybody, readers), Scan))
    given, scans = _exported(system.found), [system]
    for reader, (owner, sites) in zip(readers, people, strict=True):
        scans.append(_loaded(reader, partial(_as_user, replace(reader, exported=given), owner, sites)))
    return _joined(scans)


def _loaded(reader: _Reader, asked: Callable[[], Scan], *, again: bool = True) -> Scan:
    """The answer of a child, which is asked again where it could not load what few looks need: with dropped rights our
    own installation may be closed, and YAML costs as much as all else."""
    try:
        return asked()
    except (OSError, RdnaError) as err:
        if not again or (isinstance(err, RdnaError) and err.reference != "child-failed"):
            return Scan((), (reader.tilde,))
        from rdna_installer.detect import assignments, compose, sshd, units  # noqa: F401

        return _loaded(reader, asked, again=False)


def _of_the_system(reader: _Reader, readers: Sequence[_Reader]) -> Scan:
    """The system's files, and those of its files that are about one person."""
    closed = () if os.geteuid() == 0 else ("sudoers", "jobs")  # what only root reads is no news to others
    system, person = ([row for row in places()[whose] if row[0] not in closed] for whose in ("system", "person"))
    about = [
        each.read([(how, reach, patterns.replace("NAME", each.people[0])) for how, reach, patterns in person], TOP)
        for each in readers
    ]
    return _joined([reader.read(system, TOP), *about], reader)


def _joined(scans: Sequence[Scan], reader: _Reader | None = None) -> Scan:
    """Each line once, with what was learned of it last; of one person's ``reader`` no flood that hides others."""
    every = (_for_containers(f) for s in scans for f in s.found if len(f.assignment.value or "") < LONG)
    found = {(f.path, f.assignment): f for f in every}
    seen = defaultdict[str, Iterator[int]](count)
    few = tuple(f for f in found.values() if reader is None or next(seen[f.assignment.key]) < MOST)
    more = [f"of a variable only the first {MOST} lines"] if len(few) < len(found) else []
    said = [f"{reader.tilde} ({what})" for what in (*more, *cut(reader.root))] if reader else []
    return Scan(few, (*(p for s in scans for p in s.unreadable), *said))


def _as_user(reader: _Reader, user: User, sites: Sequence[PythonSite]) -> Scan:
    def look() -> Scan:
        scans = [reader.read(places()["home"], user.home)]
        for site in (site for site in sites if reader.root.is_dir(site.prefix)):  # who cannot enter it does not run it
            python = str(site.python)
            scans += [reader.read(places()["environment"], site.prefix, python)]
            scans += [reader.read(places()["beside"], site.prefix.parent, python)]
        return _joined(scans, reader)

    if os.geteuid() == user.uid:
        return look()
    from rdna_installer.machine.asuser import as_user

    return as_user(user, look, Scan)


@record(frozen=True)
class _Reader:
    """One person's look (``home`` None: at the system's files). ``tilde``: how that home is written."""

    root: Sysroot
    home: PurePosixPath | None
    tilde: str
    skip: frozenset[PurePosixPath]
    about: Sequence[str]
    people: tuple[str, ...]
    passed: list[tuple[str, PurePosixPath]]  # what was read, and whom it reaches: values may come from there
    exported: frozenset[str] = frozenset()  # names that sessions get from others' files
    shell: str = ""  # the name of this person's login shell

    def read(self, rows: Iterable[Place], base: PurePosixPath, site: str | None = None, *, follow: int = 2) -> Scan:
        found: list[FoundAssignment] = []
        unreadable: list[str] = []
        listed, known, kernels = cache(partial(inside, self.root)), set(self.exported), set[str]()
        for how, reach, patterns in rows:
            lines: list[FoundAssignment] = []
            if how == "units":
                found += self._units(self._matching(patterns, base, listed), reach)
                continue
            paths = self._paths(how, patterns, base, listed)
            if how == "kernelspec":  # of one name the first is taken
                paths = [path for path in paths if path.parent.name not in kernels]
                kernels |= {path.parent.name for path in paths}
            if not paths:
                continue
            for path in paths:
                try:
                    new = self._lines(how, reach, path, site, follow, known)
                except PermissionError:
                    unreadable.append(self._shown(path))
                except OSError:
                    continue  # absent, a directory, a device: nothing a shell would read either
                else:  # what only stands in for a value that is there does nothing
                    lines += [f for f in new if not (f.assignment.key in known and _stands_in(f.assignment))]
                    known |= _exported(new)
            found += _in_force(how, patterns, lines, found)
        return Scan(tuple(found), tuple(unreadable))

    def _paths(self, how: str, patterns: str, base: PurePosixPath, listed: Names) -> list[PurePosixPath]:
        """Those that are read. Of several directories that are merged the first hides names of the others.

        Of "a|b" the first that is there; of "a;b" one after the other.
        """
        if ";" in patterns:
            return [path for each in patterns.split(";") for path in self._paths(how, each, base, listed)]
        if patterns[:8] == "ZDOTDIR/":
            places = self._zdotdirs(patterns[8:], base, listed)
            if not places:
                return []
            return self._paths(how, ";".join(where + patterns[8:] for where in places) + ";", base, listed)
        found = next(filter(None, (self._matching(each, base, listed) for each in patterns.split("|"))), [])
        if " " in patterns:
            found = [path for _, path in sorted({path.name: path for path in reversed(found)}.items())]
        picky = "*" in patterns and how in kinds()["picky"]
        return [path for path in found if path not in self.skip and (not picky or re.fullmatch(r"[\w-]+", path.name))]

    def _zdotdirs(self, name: str, base: PurePosixPath, listed: Names) -> Sequence[str]:
        """Where zsh looks for this file of a person's: what it reads before that says it, or something unknown."""
        before = " ".join(each for each in kinds()["zdotdir"] if each != name)
        texts = [self.root.read_optional(path) or "" for path in self._matching(before, base, listed)]
        (_, says), (_, none) = dialects()["zdotdir"]
        config = dict(dialects()["grammar"])["config"]
        if name != ".zshenv" and any(re.search(none, text) for text in texts):
            return []
        told = [m[1] for text in texts if "ZDOTDIR" in text for m in re.finditer(says, text)]
        folder = re.sub(HOME, str(base), re.sub(config, "~/.config/", f"{told[-1] if told else ''}/"))
        return [folder] if folder[0] == "/" != folder and "$" not in folder else ["", ".config/zsh/"]

    def _matching(self, patterns: str, base: PurePosixPath, listed: Names) -> list[PurePosixPath]:
        found: list[PurePosixPath] = []
        here = str(base)
        for pattern in patterns.split(" "):
            whole = pattern.startswith("/") or "./" in pattern
            path, below = (os.path.normpath(os.path.join(here, pattern)), "") if whole else (pattern, here.rstrip("/"))
            found += matching(self.root, path, listed, below)
        return found

    def _lines(
        self, how: str, reach: str, path: PurePosixPath, site: str | None, follow: int, known: Iterable[str]
    ) -> list[FoundAssignment]:
        """What a file sets, after what the files do that it names."""
        if how == "wrapper" and self.root.read_bytes(path, limit=2) != b"#!":
            return []
        if (how, path.name) in PAM_ENV and not self._read_by_pam(*PAM_ENV[how, path.name]):
            return []
        if how in kinds()["run"] and not ((status := self.root.status(path)) and status.st_mode & 0o111):
            return []
        text, found = self.root.read_text(path), list[FoundAssignment]()
        text = self._as_run(how, path, text)
        self.passed.append((reach, path))
        inner, given = self._read_in(how, reach, path, text, site, follow)
        found += inner
        linked = how == "compose" and (
            re.search("extends|include|env_file", text) or LINKED & {*self.root.names(path.parent)}
        )
        about = ("rocmOverrideGfx", *self.about)
        told = linked or how == "sshd" or not self.about or any(word in text for word in about)
        job = re.search(r"(?m)^# atrun uid=(\d{1,9})\b", text) if how == "atjob" else None
        if not told or (job and user_of(self.root, int(job[1])).name not in (*self.people, job[1])):
            return found  # another's job; of one that nobody knows the name is the number
        contained = site is None and reach in kinds()["contained"]
        lines = self._own(how, reach, path, text, {*known, *given})
        if how in kinds()["scripts"] and found:
            found, lines = _after(text, found, lines)
        since = self._since(path) if lines else 0.0
        return found + [
            FoundAssignment(at, self._shown(at), a, contained or a.only, site, "", reach, since) for at, a in lines
        ]

    def _as_run(self, how: str, path: PurePosixPath, text: str) -> str:
        """A file's text as far as it is taken here."""
        if how == "envdir":  # a file a variable, of which the first line counts; an empty one takes it away
            return f"{path.name}={text.partition(chr(10))[0]}" if text else ""
        if path.suffix == ".pth":  # site(3)
            text = re.sub(r"(?m)^(?!import[ \t]).*", "", text)
        asks = how in (*kinds()["code"], *kinds()["scripts"]) and any(word in text for word in kinds()["asked"])
        return self._answered(how, path, text) if asks else text

    def _read_in(
        self, how: str, reach: str, path: PurePosixPath, text: str, site: str | None, follow: int
    ) -> tuple[Sequence[FoundAssignment], frozenset[str]]:
        """What the files do that a file reads in, and the names of its own that they export."""
        if not (follow and (more := self._named(how, reach, path, text))):
            return (), frozenset()
        if how not in kinds()["scripts"]:
            return self.read(more, path.parent, site, follow=follow - 1).found, frozenset()
        within, begun = replace(self, exported=self.exported | _named_only(text)), len(self.passed)
        found = within.read(more, path.parent, site, follow=follow - 1).found
        if found:
            from rdna_installer.detect.assignments import reached

            if (live := reached(text)) != text:
                found = within.read(self._named(how, reach, path, live), path.parent, site, follow=follow - 1).found
        read = (
            self.root.read_optional(p)
            for _, p in self.passed[begun:]
            if not self.about or any(w in text for w in self.about)
        )
        return found, _named_only("\n".join(filter(None, read)))

    def _answered(self, how: str, path: PurePosixPath, text: str) -> str:
        """Code without the branches that this machine, this person or this shell does not take."""
        from rdna_installer.detect.assignments import QUICK, settled
        from rdna_installer.detect.host import is_wsl

        code = how in kinds()["code"]
        if code and not QUICK.search(text):
            return text
        host = "".join(re.findall(r"\A[\w.-]+", self.root.read_optional("/etc/hostname") or ""))
        user = self.people[0] if self.home and self.people else ""
        own = next((row[0] for row in dialects()["shells"] if re.fullmatch(row[1], path.name)), "")
        own = self.shell if path.name == ".profile" else own  # dash and others read that
        others = dialects().get(own, ())  # what only another shell has a value for
        answers = [*(() if is_wsl(self.root) else dialects()["bare"]), *others, *dialects()["answers"]]
        facts = {"host": host, "user": user, "'host'": host and f"'{host}'", "root": "", "mortal": ""}
        if user and how not in kinds()["launched"]:  # those may be started by sudo
            facts |= {"root": "true", "mortal": "false"} if user == "root" else {"root": "false", "mortal": "true"}
        return settled(text, dialects()["code"] if code else answers, facts)

    def _read_by_pam(self, option: str, unasked: str) -> bool:
        """Whether a service has pam_env read a file: as its option says, or where that is not given as pam_env does;
        where no service is known to use pam_env: yes."""
        texts = [self.root.read_optional(path) or "" for path in matching(self.root, "/etc/pam.d/*")]
        used = re.findall(r"(?m)^[^#\n]*\bpam_env\.so\b(.*)", "\n".join(texts))
        told = [re.findall(rf"(?<!\w){option}=(\d)", words)[-1:] or [unasked] for words in used]
        return not told or any(value != "0" for (value,) in told)

    def _own(
        self, how: str, reach: str, path: PurePosixPath, text: str, known: Iterable[str]
    ) -> list[tuple[PurePosixPath, Assignment]]:
        """What a file sets itself; compose and sshd decide over several, and sshd over what a user may set."""
        if how == "compose":
            from rdna_installer.detect import compose

            return list(compose.decided(self.root, path))
        if how in ("sshd", "sshenv", "keys"):
            from rdna_installer.detect import sshd

            if how == "sshd":
                return list(sshd.decided(self.root, path, self.people))
            return [(path, a) for a in sshd.permitted(self.root, read_as(how, text))]
        before = self._given(how, reach) if how in kinds()["named"] and "$" in text else {}
        lines = read_as(how, text, known, before)
        if not (how in kinds()["filled"] and any("$" in (a.value or "") for a in lines)):
            return [(path, a) for a in lines]
        from rdna_installer.detect.assignments import filled

        values = self._given("given", reach)
        taken = {*known, *(n for each in self.skip for n in re.findall(OURS, self.root.read_optional(each) or ""))}
        whole = [a.value and filled(a.value, values, but=a.key, free=a.key not in taken) for a in lines]
        return [(path, replace(a, value=value)) for a, value in zip(lines, whole, strict=True)]

    def _given(self, how: str, reach: str) -> dict[str, str]:
        """The names of their own, as this dialect has them, that files gave values which are read for the same."""
        from rdna_installer.detect.assignments import lets

        values: dict[str, str] = {}
        for each in [each for to, each in self.passed if to == reach][-FILES:]:
            values = lets(dialects()[how], self.root.read_optional(each) or "", values)
        return values

    def _named(self, how: str, reach: str, path: PurePosixPath, text: str) -> list[Place]:
        """The files that a file names."""
        more = [(how, reach, f"/etc/conf.d/{path.name}")] if text.startswith("#!/sbin/openrc-run") else []
        if how in kinds()["scripts"] and (". " in text or "source" in text):
            from rdna_installer.detect.assignments import sourced

            exported = {name for part in re.finditer(ALLEXPORT, text) for name in sourced(part[1])}
            more += [("allexport" if name in exported else how, reach, name) for name in sourced(text)]
        reads = "command" if ". " in text or "source" in text else ""
        if rows := [row for row in dialects().get(how, ()) if row[0] not in kinds()["ways"] or row[0] == reads]:
            from rdna_installer.detect.assignments import blanked, sourced

            text = blanked(dialects()[how], text)
            endings = {way: parts.split(" ") for way, parts in dialects()["endings"]}
            for way, named in ((way, m[1]) for way, pattern in rows for m in re.finditer(pattern, text, re.M)):
                read, begin, end = endings.get(way, ("launcher" if way == reads else way, "", ""))
                name = named.replace(".", "/") if ".lua" in end else named or ".env"
                names = sourced(named) if way == reads else ["|".join(begin + name + each for each in end.split("|"))]
                more += [(read, "container" if way == "environment" else reach, name) for name in names]
        home = str(self.home or "/nobody")  # VS Code's own folder is below the workspace's
        return [(way, to, re.sub(HOME, lambda m: ".." if "wo" in m[0] else home, name)) for way, to, name in more]

    def _units(self, folders: Sequence[PurePosixPath], whose: str) -> Iterator[FoundAssignment]:
        """What decides in each service and container."""
        if not any(map(self.root.is_dir, folders)):
            return
        from rdna_installer.detect.units import decided

        mark = "" if whose == "system" else USERS
        for path, last, unit, runs, closed, absent in decided(self.root, folders, self.about, str(self.home or "%h")):
            if path not in self.skip:
                note, since = f" (there is no {unit} here)" if absent else "", self._since(path)
                yield FoundAssignment(path, self._shown(path), last, closed, None, mark + unit, "", since, runs, note)

    def _since(self, path: PurePosixPath) -> float:
        status = self.root.status(path)
        return status.st_mtime if status else 0.0

    def _shown(self, path: PurePosixPath) -> str:
        mine = self.home is not None and path.is_relative_to(self.home)
        return f"{self.tilde}/{path.relative_to(self.home or '/')}" if mine else str(path)


def _in_force(
    how: str, patterns: str, lines: list[FoundAssignment], before: Iterable[FoundAssignment]
) -> Iterable[FoundAssignment]:
    """What is left of the files of a row, read one after the other, beside what is known ``before``."""
    if how == "universal":  # fish's global ones hide them
        hides = {f.assignment.key for f in before if f.path.suffix == ".fish" and not f.assignment.only}
        lines = [line for line in lines if line.assignment.key not in hides]
    if how in kinds()["merged"] and {*"*;"} & {*patterns}:  # what a later file unsets is gone
        gone = {line.assignment.key: at for at, line in enumerate(lines) if line.assignment.value is None}
        wiped = gone.pop("", -1)  # everything
        lines = [each for at, each in enumerate(lines) if at > wiped and at >= gone.get(each.assignment.key, 0)]
    last = {(line.assignment.key, line.assignment.only and line.where): line for line in lines}
    return last.values() if {*" ;"} & {*patterns} else lines


def _for_containers(found: FoundAssignment) -> FoundAssignment:
    """Apptainer takes the prefix off and gives the rest to its containers."""
    own = re.fullmatch(r"(?:APPTAINER|SINGULARITY)ENV_(\w+)", found.assignment.key)
    inner = replace(found.assignment, key=own[1] if own else "", only=True)
    return replace(found, assignment=inner, contained=True) if own else found


def _stands_in(found: Assignment) -> bool:
    return (found.value or "").startswith((f"${{{found.key}:-", f"${{{found.key}-"))


def _named_only(text: str) -> frozenset[str]:
    """What shell code exports that has its value from elsewhere."""
    return frozenset(" ".join(re.findall(r"(?m)^[ \t]*export[ \t]+([\w \t]+)$", text)).split())


def _exported(found: Iterable[FoundAssignment]) -> frozenset[str]:
    """The names that sessions get: a shell exports them on, whatever it assigns to them."""
    sessions = (f for f in found if f.reach in ("login", "session") and not f.contained)
    return frozenset(f.assignment.key for f in sessions if f.assignment.value is not None)


def _after(
    text: str, read: list[FoundAssignment], own: list[tuple[PurePosixPath, Assignment]]
) -> tuple[list[FoundAssignment], list[tuple[PurePosixPath, Assignment]]]:
    """What of the files that a script reads in, and of its own lines before and after that, is left at its end."""
    from rdna_installer.detect.assignments import SOURCED

    at = [text.count("\n", 0, m.start(1)) + 1 for m in SOURCED.finditer(text)]
    first, last = (at[0], at[-1]) if at else (0, len(text))
    gone = {a.key for _, a in own if a.line > last and not a.only}
    some = [f for f in read if f.reach == "container" or f.assignment.only]  # not for the script itself
    left = [f for f in read if f in some or f.assignment.key not in gone]
    again = {f.assignment.key for f in left if f not in some}
    return left, [(path, a) for path, a in own if a.line >= first or a.only or a.key not in again]


def dialect(path: str) -> str:
    """How a file of this name is read, wherever it lies; shell code where nobody can tell."""
    known = (
        how
        for rows in places().values()
        for how, _, patterns in rows
        if any(PurePosixPath(path).match(pattern.lstrip("/")) for pattern in re.split("[ |;]", patterns))
    )
    unit = path.endswith((".service", ".container")) or "/systemd/" in path
    plain = "environment" in path or path.endswith(".env")
    return next(known, "unit" if unit else "environment" if plain else "shell")


def read_as(
    kind: str, text: str, known: Iterable[str] = (), before: Mapping[str, str] | None = None
) -> Sequence[Assignment]:
    """What holds at the end of a file: what it unsets later is not set. ``known``: names that are exported before;
    ``before``: what other files gave to names of their own."""
    from rdna_installer.detect import assignments, units

    rows, found = dialects().get(kind, ()), list[Assignment]()
    text = assignments.blanked(rows, text, before)
    if kind in kinds()["tables"]:
        found += assignments.in_lists(text, kind)
    if kind in ("compose", "yaml"):
        from rdna_installer.detect.compose import in_compose

        found += in_compose(text)
    elif kind == "unit" or kind in units.SECTIONS:
        found += units.in_unit(text, kind)
    elif kind in kinds()["scripts"] or not (rows or kind in kinds()["tables"]):
        found += assignments.in_shell(
            "set -a;" * (kind == "allexport") + text, launched=kind in kinds()["launched"], known=known
        )
    found += assignments.in_rows((row for row in rows if row[0] in kinds()["ways"]), text)
    if kind in kinds()["merged"]:  # of one line what takes all away is first
        found.sort(key=lambda a: (a.line, a.key != ""))
    gone = {a.key: place for place, a in enumerate(found) if a.value is None}
    return [a for place, a in enumerate(found) if place >= gone.get(a.key, 0)]


def cut(root: Sysroot) -> list[str]:
    """What is to be said where patterns led to too many places since this was asked last."""
    said = [f"of a kind of file only the first {PATHS:,} places"] if root.cut else []
    root.cut.clear()
    return said


def matching(root: Sysroot, pattern: str, listed: Names | None = None, base: str = "") -> list[PurePosixPath]:
    """Paths below ``base`` that fit and may be there; ``*`` is for no dotfile. ``listed``: ``inside``, remembered.
    Where they are more than ``PATHS`` the others are left out, and ``root.cut`` has the pattern."""
    names, found = listed or partial(inside, root), [base]
    for part in filter(None, pattern.split("/")):
        if not found:
            break
        if part == "**":  # none or one
            found += [f"{f}/{n}" for f in found for n in names(f or "/") if n[:1] not in ("", ".")]
        elif part[0] == "@":  # what is a program's main one by its name, of programs that are in no other row
            fits = _fitting(f"*{part[1:]}")
            found = [f"{f}/{n}" for f in found for n in names(f or "/") if fits(n) and _main(f, n)]
        elif "*" in part:
            fits = _fitting(part)
            found = [f"{f}/{n}" for f in found for n in names(f or "/") if n[:1] not in ("", ".") and fits(n)]
        else:
            found = [f"{f}/{part}" for f in found if part in (there := names(f or "/")) or there == CLOSED]
        if len(found) > PATHS:
            root.cut.add(pattern)
            del found[PATHS:]
    return [PurePosixPath(path) for path in found]


def _main(folder: str, name: str) -> bool:
    program = folder.rpartition("/")[2]
    return name.partition(".")[0].lower() in ("config", "settings", "apps", program.lower()) and program not in _known()


@cache
def _known() -> frozenset[str]:
    """The programs in ~/.config that rows are about."""
    rows = (patterns for _, _, patterns in places()["home"])
    return frozenset(name for patterns in rows for name in re.findall(r"(?:^|[ |])\.config/([\w-]+)/", patterns))


def inside(root: Sysroot, folder: str) -> Sequence[str]:
    """The names in a directory, ``CLOSED`` where they are not told: it may be entered, and a file in it be opened."""
    return root.names(folder) or (CLOSED if root.is_dir(folder) else ())


@cache
def _fitting(pattern: str) -> Callable[[str], bool]:
    """fnmatch, which compiles each pattern: asked only where the ends fit, and not of one star and nothing else."""
    head, _, tail = pattern.partition("*")
    begin, end = head.partition("[")[0].partition("?")[0], tail.rpartition("*")[2].rpartition("]")[2].rpartition("?")[2]
    least, whole = len(begin) + len(end), (begin, end) == (head, tail)

    def fits(name: str) -> bool:
        ends = len(name) >= least and name.startswith(begin) and name.endswith(end)
        return ends and (whole or fnmatchcase(name, pattern))

    return fits
