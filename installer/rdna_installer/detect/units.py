"""Services and containers as systemd and podman merge their files: which line decides over each variable.

A unit's file is the first of its name in the order of the directories, its drop-ins are merged by file name over all of
them (the more particular directory hides the other), the last assignment wins, every EnvironmentFile beats every
Environment=, and UnsetEnvironment= comes last: systemd.unit(5), systemd.exec(5), podman-systemd.unit(5).
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.assignments import ASSIGN, SHELLS, in_environment, in_launcher, words_of, worth
from rdna_installer.detect.dotfiles import Assignment, matching
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import replace

UNIT = re.compile(r"(.+)\.(service|container)")
LINE = re.compile(r"(?:(Default|Unset)?Environment(File)?|(ExecStart|PodmanArgs|Image))\s*=\s*(.*)", re.DOTALL)
SECTIONS = {"service": "Service", "container": "Container"}
OTHERS = re.compile(r"^\s*(?:EnvironmentFile|ExecStart=[^\n]*(?:\.sh\b|/(?:home|opt|srv|usr/local)/))", re.MULTILINE)
# Programs that bring kernels of their own.
NOT_TORCH = re.compile(
    r"^ExecStart=\S*/(?:ollama|llama|kobold|lm-?studio|podman|docker|whisper|blender)[\w.-]*(?:\s|$)", re.MULTILINE
)

Files = dict[str, PurePosixPath]  # by name
# File, line, the unit, the program or image it starts, whether no Python of ours sees it, whether it has drop-ins only.
Decided = tuple[PurePosixPath, Assignment, str, str, bool, bool]
MADE = ("/run/systemd/generator", "/run/systemd/generator.late", "/etc/init.d")  # of these systemd makes units


def in_unit(text: str) -> list[Assignment]:
    """Assignments in ``Environment=`` and ``DefaultEnvironment=`` lines of one file, and of what it starts."""
    lines = _lines(text, {"Manager", "Exec", *SECTIONS.values()})
    return [a for kind, _, found in lines if kind not in ("File", "Unset") for a in found if worth(a)]


def _lines(text: str, sections: Container[str]) -> Iterator[tuple[str, str, list[Assignment]]]:
    """(what, value, its assignments) of each line about the environment in one of these sections.

    What: "" for Environment=, "File", "Unset", or the name of what starts the program.
    """
    # A line goes on, also after comments; NUL keeps count of the lines.
    whole = re.sub(r"\\\n(?:[ \t]*[#;].*\n)*", lambda m: " " + "\0" * m[0].count("\n"), text)
    number, section = 1, ""
    for raw in whole.split("\n"):
        line = raw.replace("\x00", "").strip()
        section = line[1:-1] if line[:1] + line[-1:] == "[]" else section
        if section in sections and (match := LINE.fullmatch(line)):
            pairs = (ASSIGN.fullmatch(w) for w in words_of(match[4]))
            found = [Assignment(number, m[1], m[2].replace("%%", "%")) for m in pairs if m]
            started = [replace(a, line=number) for a in in_launcher(match[4])] if match[3] else found
            yield match[3] or match[2] or ("Unset" if match[1] == "Unset" else ""), match[4], started
        number += 1 + raw.count("\x00")


def decided(root: Sysroot, folders: Sequence[PurePosixPath], about: Sequence[str], home: str) -> Iterator[Decided]:
    """What decides over the environment of every unit in these directories, the first of which is the strongest.

    ``home``: what %h is.
    """
    units: dict[str, PurePosixPath] = {}
    dropins: dict[str, Files] = {}
    instances: dict[str, None] = {}
    there = [f"{name}." for place in MADE for name in root.names(place)]
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
    for name in {**units, **dict.fromkeys(dropins), **instances}:
        whole = _files(name, units, dropins)
        if not whole or root.readlink(whole[0]) == "/dev/null":
            continue
        texts = [(path, root.read_optional(path) or "") for path in whole]
        if not about or any(OTHERS.search(text) or any(word in text for word in about) for _, text in texts):
            yield from _merged(root, name, texts, home, not _is_there(name, there))


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


def _files(name: str, units: Mapping[str, PurePosixPath], dropins: Mapping[str, Files]) -> Sequence[PurePosixPath]:
    """The file of a unit and its drop-ins in the order they are read."""
    stem, _, suffix = name.rpartition(".")
    template = re.sub("@.+", "@", stem)
    general = [f"{stem[: at + 1]}.{suffix}" for at, letter in enumerate(stem) if letter == "-"]
    merged: Files = {}
    for owner in (*general, f"{template}.{suffix}", name):
        merged.update(dropins.get(owner, {}))
    main = units.get(name) or units.get(f"{template}.{suffix}")
    return [*([main] if main else []), *(merged[file] for file in sorted(merged))]


def _filled(value: str, name: str, home: str) -> str:
    """With the home, the configuration's directory and the parts of the unit's name: systemd.unit(5), "Specifiers"."""
    stem = name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    known = {"h": home, "i": instance, "I": instance, "p": prefix, "P": prefix, "N": stem, "n": name}
    known["E"] = "/etc" if home == "%h" else f"{home}/.config"
    return re.sub("%([A-Za-z])", lambda m: known.get(m[1]) or m[0], value)


def _script(root: Sysroot, command: str) -> dict[str, tuple[PurePosixPath, Assignment]]:
    """What a script exports that a unit starts, by itself or with a shell."""
    paths = [PurePosixPath(word) for word in words_of(command.lstrip("-@:+!"))[:2] if word.startswith("/")]
    texts = ((path, root.read_optional(path) or "") for path in paths if path.name not in SHELLS)
    return {a.key: (path, a) for path, text in texts if text[:2] == "#!" for a in in_launcher(text)}


def _merged(
    root: Sysroot, name: str, texts: Sequence[tuple[PurePosixPath, str]], home: str, absent: bool
) -> Iterator[Decided]:
    own: dict[str, tuple[PurePosixPath, Assignment]] = {}
    files: list[PurePosixPath] = []
    unset: set[str] = set()
    runs = ""
    started: dict[str, tuple[PurePosixPath, Assignment]] = {}
    for path, text in texts:
        for kind, value, found in _lines(text, {SECTIONS[name.rpartition(".")[2]]}):
            if kind == "File":
                files = [*files, path.parent / _filled(value.lstrip("-"), name, home)] if value else []
            elif kind == "Unset":
                unset |= set(words_of(value))
            elif kind:
                first = next(iter(words_of(value.lstrip("-@:+!|"))), "")
                runs = runs if kind == "PodmanArgs" else _filled(first, name, home)
                started = {**(started if value else {}), **{a.key: (path, a) for a in found}, **_script(root, value)}
            else:
                own = {**own, **{a.key: (path, a) for a in found}} if value else {}
    for path in (path for file in files if "%" not in str(file) for path in matching(root, str(file))):
        own |= {a.key: (path, a) for a in in_environment(root.read_optional(path) or "")}
    contained = name.endswith(".container") or any(NOT_TORCH.search(text) for _, text in texts)
    kept = {k: (p, a) for k, (p, a) in own.items() if not {k, f"{k}={a.value}"} & unset}
    for path, last in (kept | started).values():
        if worth(last):
            yield path, last, name, runs, contained, absent
