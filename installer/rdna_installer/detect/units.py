"""Services and containers as systemd and podman merge their files: which line decides over each variable.

A unit's file is the first of its name in the order of the directories, its drop-ins are merged by file name over all of
them (the more particular directory hides the other), the last assignment wins, every EnvironmentFile beats every
Environment=, and UnsetEnvironment= comes last: systemd.unit(5), systemd.exec(5), podman-systemd.unit(5).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import PurePosixPath

from rdna_installer.detect.assignments import SHELLS, in_rows, in_shell, sourced, worth
from rdna_installer.detect.dotfiles import Assignment, dialects, matching, places
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ServiceUnit, User
from rdna_installer.record import record, replace

# What dialects.tsv says of units.
UNIT, ENVIRONMENT, LINE, OTHERS, ESCAPE, PART, WORD, WELL, NAME, NOT_TORCH = (
    re.compile(pattern) for _, pattern in dialects()["units"]
)
# By the end of a unit's name, or by the dialect of places.tsv.
SECTIONS = {"service": "Service", "container": "Container", "nspawn": "Exec"}
SECTIONS |= dict.fromkeys(("manager", "userconf"), "Manager")
GOES_ON = "\v"  # where a line of the file ends, and systemd's goes on
CONTAINED = frozenset({"podman", "docker", "nerdctl", "distrobox", "toolbox", "conmon"})

Files = dict[str, PurePosixPath]  # by name
Lines = dict[str, tuple[PurePosixPath, Assignment]]  # by variable
Line = tuple[str, str, list[Assignment]]
# File, line, the unit, the program or image it starts, whether no Python of ours sees it, whether it has drop-ins only.
Decided = tuple[PurePosixPath, Assignment, str, str, bool, bool]


def service_of(name: str) -> str:
    """What systemd calls a unit or quadlet."""
    return name.replace(".container", ".service")


def template_of(name: str) -> str:
    """The template that a unit would be an instance of."""
    return re.sub(r"@.+(?=\.)", "@", name)


def instances(name: str) -> str:
    """A unit, or all instances of a template: a pattern of systemctl's."""
    return name.replace("@.", "@*.")


def in_unit(text: str, dialect: str = "unit") -> list[Assignment]:
    """Assignments in ``Environment=`` and ``DefaultEnvironment=`` lines of one file (an empty one takes those before it
    away; the latter also other files': then "" is unset first), and of what it starts."""
    of = dialect if dialect in SECTIONS else "service container"
    lines = [line for line in _lines(text, {SECTIONS[each] for each in of.split()}) if line[0] not in ("File", "Unset")]
    begin = max((at for at, (kind, value, _) in enumerate(lines) if not kind and not value), default=-1)
    wiped = [Assignment(0, "", None)] if begin >= 0 and SECTIONS.get(dialect) == "Manager" else []
    return [*wiped, *(a for at, (kind, _, found) in enumerate(lines) if kind or at >= begin for a in found if worth(a))]


def _words(text: str) -> Iterator[str]:
    """The words of a line; nothing from an unknown escape or an open quote on, as with systemd."""

    return (word for _, word in _placed(text))


def _placed(text: str) -> Iterator[tuple[int, str]]:
    """The words with the line that each begins in, counted from 0."""

    def letter(escape: re.Match[str]) -> str:
        return " " if escape[0] == r"\s" else escape[0].encode().decode("unicode_escape")

    told = WELL.match(text)
    for word in WORD.finditer(told[0] if told else ""):
        whole = PART.sub(lambda m: ESCAPE.sub(letter, m[m.lastindex or 0]), word[1])
        yield text.count(GOES_ON, 0, word.start(1)), whole.replace(GOES_ON, "")


def _lines(text: str, sections: set[str], name: str = "", home: str = "%h") -> Iterator[Line]:
    """(what, value, its assignments) of each line about the environment in one of these sections of a unit.

    What: "" for Environment=, "File", "Unset", or the name of what starts the program.
    """
    # As config_parse() of systemd has it: a comment is left out wherever it stands, and never goes on itself.
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace(GOES_ON, " ")
    whole = re.sub(r"(?m)^[ \t]*[#;].*\n", GOES_ON, text).replace("\\\n", f" {GOES_ON}")
    before, section = 1, ""
    for raw in whole.split("\n"):
        line = raw.strip()
        section = line[1:-1] if line[:1] + line[-1:] == "[]" else section
        match = LINE.fullmatch(line) if section in sections else None
        if match and (match[1] == "Default") == (section == "Manager"):
            number = before + raw.count(GOES_ON, 0, len(raw) - len(raw.lstrip()) + match.start(4))
            value = _filled(match[4], name, home)
            pairs = ((number + at, ENVIRONMENT.fullmatch(word)) for at, word in _placed(value))
            found = [Assignment(at, m[1], m[2]) for at, m in pairs if m]
            if match[3]:
                code = value.replace(GOES_ON, "\\\n")
                found = [replace(a, line=number + a.line - 1) for a in in_shell(code, launched=True)]
            what = match[3] or match[2] or ("Unset" if match[1] == "Unset" else "")
            yield what, value.replace(GOES_ON, ""), found
        before += 1 + raw.count(GOES_ON)


def decided(root: Sysroot, folders: Sequence[PurePosixPath], about: Sequence[str], home: str) -> Iterator[Decided]:
    """What decides over the environment of every unit in these directories, the first of which is the strongest.

    ``home``: what %h is.
    """
    units, dropins, instances, there = _index(root, folders)
    names = {**units, **dict.fromkeys(dropins), **instances}
    told = {template_of(name) for name in instances}  # with what they are started as
    for name in (name for name in names if name not in told and not _of_others(name, units)):
        whole = _files(name, units, dropins)
        if not whole or (whole[0].parent.suffix != ".d" and _masked(root, whole[0])):
            continue
        texts = _texts(root, whole)
        if not about or any(OTHERS.search(text) or any(word in text for word in about) for _, text in texts):
            found = _merged(root, name, texts, home)
            contained = name.endswith(".container") or any(NOT_TORCH.search(text) for _, text in texts)
            for path, last in found.values.values():
                if worth(last):
                    yield path, last, name, found.runs, contained, not _is_there(name, there)


def _index(
    root: Sysroot, folders: Sequence[PurePosixPath]
) -> tuple[dict[str, PurePosixPath], dict[str, Files], dict[str, None], list[str]]:
    """The units, their drop-ins, the instances that are there by a link only, and all names that make one."""
    units: dict[str, PurePosixPath] = {}
    dropins: dict[str, Files] = {}
    instances: dict[str, None] = {}
    there = [f"{name}." for name in root.names("/etc/init.d")]  # of these systemd makes units
    for folder in (inner for outer in folders for inner in (outer, *_quadlets_below(root, outer))):
        for name in root.names(folder):
            there += [] if name.endswith((".d", ".wants", ".requires", ".socket", ".timer")) else [name]
            if UNIT.fullmatch(name):
                units.setdefault(name, folder / name)
            elif name.endswith((".service.d", ".container.d")) or name in ("service.d", "container.d"):
                conf = {file: folder / name / file for file in root.names(folder / name) if file.endswith(".conf")}
                dropins[name[:-2]] = conf | dropins.get(name[:-2], {})
            elif name.endswith(".wants"):  # there by their links only
                instances |= {link: None for link in root.names(folder / name) if "@" in link and UNIT.fullmatch(link)}
    made = {n for n, path in units.items() if "generator" in path.parts and f"{n[:-7]}container" in units}
    return {n: path for n, path in units.items() if n not in made}, dropins, instances, there


def _of_others(name: str, units: Iterable[str]) -> bool:
    """Whether a name is only what those of several units begin with, of which one is here: it is told with that."""
    stem = name.rpartition(".")[0]
    return stem.endswith("-") and name not in units and any(each.startswith(stem) for each in units)


def _is_there(name: str, names: Sequence[str]) -> bool:
    """Whether a unit's file is, that of its template, one that a drop-in of a prefix is for, or what makes one."""
    stem = name.rpartition(".")[0]
    starts = stem if stem[-1:] in ("", "-", "@") else f"{stem}."
    return any(each.startswith((starts, f"{re.sub('@.+', '@', stem)}.")) for each in names) or not stem


def _quadlets_below(root: Sysroot, folder: PurePosixPath) -> list[PurePosixPath]:
    """podman looks into subdirectories, systemd does not."""
    inner = root.names(folder) if "containers" in folder.parts else []
    others = {"users", *(name for name in inner if name.isdecimal() and name != str(os.geteuid()))}  # for those only
    return [folder / name for name in inner if not name.endswith((".d", ".container")) and name not in others]


def _files(
    name: str, units: Mapping[str, PurePosixPath], dropins: Mapping[str, Files], *general_ones: str
) -> Sequence[PurePosixPath]:
    """The file of a unit and its drop-ins in the order they are read. ``general_ones``: weaker ones that count, too."""
    stem, _, suffix = name.rpartition(".")
    template = template_of(name)
    general = [f"{stem[: at + 1]}.{suffix}" for at, letter in enumerate(stem) if letter == "-"]
    merged: Files = {}
    for owner in (*general_ones, *general, template, name):
        merged.update(dropins.get(owner, {}))
    main = units.get(name) or units.get(template)
    return [*([main] if main else []), *(merged[file] for file in sorted(merged))]


def _texts(root: Sysroot, paths: Sequence[PurePosixPath]) -> list[tuple[PurePosixPath, str]]:
    return [(path, root.read_optional(path) or "") for path in paths]


def _filled(value: str, name: str, home: str) -> str:
    """With the home, the configuration's directory, parts of the unit's name, and % for %%: systemd.unit(5)."""
    stem = name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    known = {"h": home, "i": instance, "I": instance, "p": prefix, "P": prefix, "N": stem, "n": name}
    known |= {"E": "/etc" if home in ("%h", "/root") else f"{home}/.config", "%": "%"}
    return re.sub("%([A-Za-z%])", lambda m: known.get(m[1]) or m[0], value)


def _script(root: Sysroot, command: str, home: str) -> Lines:
    """What a script exports that a unit starts, by itself or with a shell, and what code reads in that stands there."""
    read = [PurePosixPath(re.sub("^~", home, name)) for name in sourced(command)]
    paths = [PurePosixPath(word) for word in islice(_words(command.lstrip("-@:+!")), 2) if word.startswith("/")]
    texts = _texts(root, [path for path in (*paths, *read) if path.name not in SHELLS and path.is_absolute()])
    return {a.key: (p, a) for p, text in texts if text[:2] == "#!" or p in read for a in in_shell(text, launched=True)}


@record(frozen=True)
class _Merged:
    """What all files of a unit come to: the deciding lines by variable, what is taken away, and what is started."""

    values: Lines
    taken: Lines
    runs: str


def _merged(root: Sysroot, name: str, texts: Sequence[tuple[PurePosixPath, str]], home: str) -> _Merged:
    own, unset, wiped, started = Lines(), Lines(), Lines(), Lines()
    files: list[PurePosixPath] = []
    runs = ""
    for path, text in texts:
        for kind, value, found in _lines(text, {SECTIONS[name.rpartition(".")[2]]}, name, home):
            if kind == "File":
                file = value.lstrip("-")  # systemd takes no other than absolute ones, podman does
                taken = file[:1] == "/" or name.endswith(".container")
                files = [*files, *([path.parent / file] if taken else [])] if value else []
            elif kind == "Unset":
                words = {word: (path, Assignment(0, word.partition("=")[0], None)) for word in _words(value)}
                unset = {**unset, **words} if value else {}
            elif kind:
                runs = runs if kind in ("PodmanArgs", "Exec") else next(_words(value.lstrip("-@:+!|")), "")
                script = _script(root, value, home)
                started = {**(started if value else {}), **{a.key: (path, a) for a in found}, **script}
            elif value:
                own = {**own, **{a.key: (path, a) for a in found}}
            else:  # an empty one takes those before it away
                own, wiped = {}, wiped | {key: (path, Assignment(0, key, None)) for key in own}
    for path in (path for file in files for path in matching(root, str(file))):
        own |= {a.key: (path, a) for a in in_rows(dialects()["environment"], root.read_optional(path) or "")}
    kept = {k: (p, a) for k, (p, a) in own.items() if not {k, f"{k}={a.value}"} & {*unset}}
    return _Merged(kept | started, wiped | unset, runs)


def folders_of(user: User | None) -> tuple[PurePosixPath, ...]:
    """Where units of the system, or of a user's manager, are looked for; the first is the strongest."""
    rows = (patterns for how, _, patterns in places()["home" if user else "system"] if how == "units")
    paths = (path.replace("*", str(user.uid)) if user else path for row in rows for path in row.split())
    return tuple((user.home if user else PurePosixPath("/")) / path for path in paths)


def named(root: Sysroot, names: Sequence[str], user: User) -> tuple[ServiceUnit, ...]:
    """The units that were asked for, for who is not root his own before the system's.

    Raises RdnaError: "no-such-service" (exit 2), "service-of-a-user" (root acts for the system only), and for what a
    drop-in would not reach, "container-service", "service-masked", "quadlet-too-old".
    """
    return tuple({unit.folder: unit for unit in (_named(root, name, user) for name in names)}.values())


def _named(root: Sysroot, name: str, user: User) -> ServiceUnit:
    acts = os.geteuid() == user.uid != 0
    looks = partial(find_unit, root, name, user)
    own = look(looks, ServiceUnit | None, user if root.live else None) if NAME.fullmatch(name) else None
    unit = own if acts and own else find_unit(root, name, None) if NAME.fullmatch(name) else None
    if unit is None and own is not None and not acts:
        message, hint = f"{own.name} is a service of {user.name}'s own", f"run it as {user.name}, without sudo"
        raise RdnaError("service-of-a-user", message, context=str(own.source), hint=hint)
    if unit is None:
        hint = "the names: systemctl list-unit-files --type=service (and --user)"
        message = f"--service {name}: there is no such service or quadlet here"
        raise RdnaError("no-such-service", message, hint=hint, exit_code=Exit.USAGE)
    if unit.runs == "/dev/null":
        raise RdnaError("service-masked", f"{unit.name} is masked: it never starts", context=str(unit.source))
    if unit.name.endswith(".service") and PurePosixPath(unit.runs).name in CONTAINED:
        message = f"{unit.name} starts a container: what a drop-in sets there does not get into it"
        hint = "put the variables into its command: rdna-installer env --for podman"
        raise RdnaError("container-service", message, context=str(unit.source), hint=hint)
    if unit.name.endswith(".container") and root.live and (said := _podman()).startswith("podman version 4."):
        message = f"{unit.name}: {said} reads no drop-ins of quadlets, 5.0 and later do"
        hint = "put the variables into its own file: rdna-installer env --for quadlet"
        raise RdnaError("quadlet-too-old", message, context=str(unit.source), hint=hint)
    return unit


def _podman() -> str:
    try:
        return run(["podman", "--version"]).text.strip()
    except RdnaError:  # it is not here: what comes is a newer one
        return ""


def find_unit(root: Sysroot, name: str, user: User | None) -> ServiceUnit | None:
    """The unit of this name in the system, or of a user's manager: "ollama", "ollama.service", "web.container"."""
    units, dropins, *_ = _index(root, folders_of(user))
    known = [name] if UNIT.fullmatch(name) else [f"{name}.service", f"{name}.container"]
    found = next((unit for unit in known if template_of(unit) in units or unit in units), None)
    if found is None:
        return None
    link = PurePosixPath(root.readlink(units.get(found, "/")) or "").name
    if link in units and link != template_of(found):
        found = link  # an alias
    source, *_ = whole = _files(found, units, dropins)
    status, masked = root.status(source), _masked(root, source)
    if not masked and (status is None or not stat.S_ISREG(status.st_mode)):
        return None
    base = "containers/systemd" if found.endswith(".container") else "systemd/" + ("user" if user else "system")
    folder = (user.home / ".config" if user else PurePosixPath("/etc")) / base / f"{found}.d"
    home = str(user.home) if user else "/root"
    runs = _merged(root, found, _texts(root, whole), home).runs
    runs = "/dev/null" if masked else runs
    return ServiceUnit(found, folder, runs, source, *((user.uid, user.gid) if user else (0, 0)))


def _masked(root: Sysroot, source: PurePosixPath) -> bool:
    """By a link to nothing, or by an empty file: systemd takes both so."""
    status = root.status(source)
    empty = status is not None and stat.S_ISREG(status.st_mode) and status.st_size == 0
    return empty or root.readlink(source) == "/dev/null"


def in_force(
    root: Sysroot, name: str, ours: tuple[PurePosixPath, str] | None, user: User | None
) -> dict[str, tuple[str, str | None]]:
    """What decides over each variable of a unit: (file:line, value), value None where it is taken away. ``ours``: a
    drop-in as it is going to be; it comes among the others by its name, and hides a more general one of it.
    """
    units, dropins, *_ = _index(root, folders_of(user))
    if ours:
        owner, file = ours[0].parent.name[:-2], ours[0].name
        dropins = {**dropins, owner: {**dropins.get(owner, {}), file: ours[0]}}
    kind = name.rpartition(".")[2]
    paths = _files(name, units, {f".{kind}": dropins.get(kind, {}), **dropins}, f".{kind}")
    texts = [(path, ours[1] if ours and path == ours[0] else text) for path, text in _texts(root, paths)]
    found = _merged(root, name, texts, str(user.home) if user else "/root")
    taken = {a.key: (str(path), None) for path, a in found.taken.values()}
    return {**taken, **{key: (f"{path}:{a.line}", a.value) for key, (path, a) in found.values.items()}}
