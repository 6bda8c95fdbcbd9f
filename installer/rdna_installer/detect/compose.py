"""The environment that compose projects, CDI files and the like give to containers, by the structure of their YAML."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

import yaml

from rdna_installer.detect.assignments import NAMED, filled, in_rows, in_shell, worth
from rdna_installer.detect.dotfiles import LINKED, Assignment, dialects
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import replace

Set = tuple[PurePosixPath, Assignment]
Sets = dict[str, Set]

# The first that is there is the project's: compose's documentation ("compose file").
MAIN = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
STARTS = {"entrypoint", "command", "args"}
DEEP, LISTS, SERVICES = 4, 20, 100  # files that extend each other, files in one list, services of one project
FILES = 100  # of one project
LONGEST = 1 << 16  # characters: the reader takes a second for as many of the worst


def in_compose(text: str) -> list[Assignment]:
    """Variables of the containers of a docker-compose.yml, or of a CDI file."""
    names = {"environment", "env", "Environment_Variables", *(["data"] if "kind: ConfigMap" in text else [])}
    found = [a for node in _named(text, names) for a in _entries(node) if a.value is not None]
    found += [a for node in _named(text, STARTS) for a in _started(node)]
    given = (replace(a, value=filled(a.value or "", {}, but="")) for a in found if worth(a))
    return sorted(given, key=lambda a: a.line)


def decided(
    root: Sysroot, path: PurePosixPath, seen: set[PurePosixPath] | None = None, active: str | None = None
) -> Iterator[Set]:
    """What decides in each service of the project that a file is the main one of, or of one that is named with -f.

    Not in one whose profiles nothing asks for: ``active`` are those of the project that includes this one. What needs
    such a service does not start it either (compose's documentation, "Using profiles").
    """
    there = root.names(path.parent)
    main = next((name for name in MAIN if name in there), "")
    override = next((path.with_name(name) for name in sorted(LINKED & {*there} - {".env"})), None)
    dotenv = root.read_optional(path.with_name(".env")) or ""
    known = {a.key: (path.with_name(".env"), a) for a in in_rows(dialects()["envfile"], dotenv, every=True)}
    values = {name: a.value or "" for name, (_, a) in known.items()}
    files = [path, *([override] if override and path.name == main else [])]
    if path.name == main and "COMPOSE_FILE" in values:
        files = [path.parent / name for name in values["COMPOSE_FILE"].split(":")]
    elif (path.name in MAIN and path.name != main) or (path == override and main):
        return  # not read, or with the main one
    active = values.get("COMPOSE_PROFILES", "") if active is None else active
    included = [n.value for file in files for n in _scalars(_at(_document(root, file), "include"), "path")]
    seen = seen if seen is not None else set(files)
    for file in (path.parent / name for name in included[:LISTS]):
        if file not in seen and len(seen) < FILES:
            seen.add(file)
            yield from decided(root, file, seen, active)
    services = {file: node for file in files if (node := _at(_document(root, file), "services"))}
    names = dict.fromkeys(str(k.value) for node in services.values() for k, _ in _pairs(node))
    for name in [*names][:SERVICES]:
        profiles = {each.value for node in services.values() for each in _scalars(_at(node, name, "profiles"), "")}
        filed, own = Sets(), Sets()
        for file, node in services.items() if not profiles or {*profiles, "*"} & {*active.split(",")} else ():
            more, mine = _service(root, file, name)
            given = _at(node, name, "environment")
            filed, own = filed | more, mine if given and given.tag in ("!reset", "!override") else own | mine
        yield from (done for each in (filed | own).values() if (done := _done(each, known)) and worth(done[1]))
    if not services:  # as before version 2
        yield from ((path, a) for a in in_compose(root.read_optional(path) or ""))


def _service(root: Sysroot, file: PurePosixPath, name: str, deep: int = 0) -> tuple[Sets, Sets]:
    """What a file's env_file and environment give to a service, each after what it extends."""
    node, filed, own = _at(_document(root, file), "services", name), Sets(), Sets()
    base = _at(node, "extends")
    other, service = ([*_scalars(_at(base, key), "")][:1] for key in ("file", "service"))
    service = service or ([base] if isinstance(base, yaml.ScalarNode) else [])
    if service and deep < DEEP:
        filed, own = _service(root, file.parent / other[0].value if other else file, service[0].value, deep + 1)
    for each in [*_scalars(_at(node, "env_file"), "path")][:LISTS]:
        path = file.parent / each.value
        filed |= {a.key: (path, a) for a in in_rows(dialects()["envfile"], root.read_optional(path) or "")}
    own |= {a.key: (file, a) for key in STARTS for a in _started(_at(node, key))}
    given = _at(node, "environment")
    return filed, own | {a.key: (file, a) for a in (_entries(given) if given else ())}


def _started(node: yaml.Node | None) -> Iterator[Assignment]:
    """What a command, or the words of one, gives to what it starts."""
    text = node.value if isinstance(node, yaml.ScalarNode) else shlex.join(each.value for each in _scalars(node, ""))
    line = node.start_mark.line if node else 0
    return (replace(a, line=line + a.line) for a in in_shell(text.replace("$$", "$"), launched=True))


def _done(each: Set, known: Sets) -> Set | None:
    """With the names filled in that .env knows; one that is only passed on is set there, or in the caller's shell."""
    path, found = each
    named = NAMED.fullmatch(found.value or "")
    if found.value is None or (named and found.key in named.groups() and found.key in known):
        return known.get(found.key)
    values = {name: a.value or "" for name, (_, a) in known.items()}
    return path, replace(found, value=filled(found.value, values, but=""))


def _at(node: yaml.Node | None, *names: str) -> yaml.Node | None:
    for name in names:
        node = next((found for each in _merged(node) for found in _named_in(each, {name})), None)
    return node


def _merged(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """A mapping, and after it those that are merged into it, each once."""
    waiting, seen = [node], set[int]()
    for each in waiting:
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            more = _named_in(each, {"<<"})
            waiting += [n for value in more for n in (value.value if isinstance(value, yaml.SequenceNode) else [value])]


def _scalars(node: yaml.Node | None, name: str) -> Iterator[yaml.ScalarNode]:
    """One, or a list of them, each of which may stand under a name."""
    items: list[yaml.Node | None] = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        inner: list[yaml.Node | None] = [*_named_in(item, {name})]
        yield from (each for each in inner or [item] if isinstance(each, yaml.ScalarNode) and each.value)


def _named_in(node: yaml.Node | None, names: set[str]) -> Iterator[yaml.Node]:
    return (value for key, value in _pairs(node) if isinstance(key, yaml.ScalarNode) and key.value in names)


def _pairs(node: yaml.Node | None) -> Sequence[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else ()


def _document(root: Sysroot, path: PurePosixPath) -> yaml.Node | None:
    return next(iter(_documents(root.read_optional(path) or "")), None)


@lru_cache(maxsize=8)
def _documents(text: str) -> list[yaml.Node]:
    """Nothing where the text is no YAML or very long."""
    try:
        return list(yaml.compose_all(text, Loader=yaml.SafeLoader)) if len(text) < LONGEST else []
    except (yaml.YAMLError, RecursionError, ValueError):
        return []


def _named(text: str, names: set[str]) -> Iterator[yaml.Node]:
    """What stands under keys of these names, anywhere."""
    waiting = [*_documents(text)]
    seen = set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen and isinstance(node, yaml.CollectionNode):
            seen.add(id(node))
            yield from _named_in(node, names)
            pairs = isinstance(node, yaml.MappingNode)
            waiting += [value for _, value in node.value] if pairs else node.value


def _entries(node: yaml.Node, deep: int = 0, seen: set[int] | None = None) -> Iterator[Assignment]:
    """A list of KEY=VALUE, of names (passed on) or of {name, value}, or a mapping, first what is merged into it: once,
    however many aliases lead there."""
    seen = set() if seen is None else seen
    new = isinstance(node, yaml.CollectionNode) and deep < DEEP and id(node) not in seen
    items = node.value if new else ()
    seen |= {id(node)} if new else set()
    for item in sorted(items, key=lambda item: isinstance(item, tuple) and isinstance(item[1], yaml.ScalarNode)):
        key, value = item if isinstance(item, tuple) else (item, None)
        if isinstance(key, yaml.ScalarNode) and (value is None or isinstance(value, yaml.ScalarNode)):
            name, equals, text = (key.value, "=", value.value) if value else key.value.partition("=")
            null = not equals or (value is not None and (value.tag.endswith(":null") or value.tag == "!reset"))
            yield Assignment(key.start_mark.line + 1, name, None if null else text)
        elif isinstance(name := _at(key, "name"), yaml.ScalarNode):
            for given in _scalars(_at(key, "value"), ""):
                yield Assignment(name.start_mark.line + 1, name.value, given.value)
        elif value is not None:
            for inner in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                yield from _entries(inner, deep + 1, seen)
