"""What apply would do: rendered resources against what is there now, as data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.errors import RdnaError
from rdna_installer.model import Change, ChangeKind, FileState, HostFacts, Layer, Managed, bulky
from rdna_installer.printable import Lines, printable
from rdna_installer.record import replace

LAYER_FOLDERS = {
    PurePosixPath("/etc/modprobe.d"): Layer.KERNEL,
    PurePosixPath("/etc/profile.d"): Layer.ENV,
    PurePosixPath("/etc/environment.d"): Layer.ENV,
    PurePosixPath("/etc/fish/conf.d"): Layer.ENV,
}
PLACED = (Layer.PYTHON, Layer.SERVICES)  # layers of which only what was named is chosen


def layer_of(path: PurePosixPath) -> Layer:
    """The layer a managed path belongs to; everything else outside of drop-in directories is a site's."""
    of_unit = path.parent.name.endswith((".service.d", ".container.d"))
    return LAYER_FOLDERS.get(path.parent, Layer.SERVICES if of_unit else Layer.PYTHON)


def layers_of(changes: Iterable[Change]) -> frozenset[Layer]:
    """The layers that change."""
    return frozenset(layer_of(change.path) for change in changes)


def wanted_resources(
    rendered: Mapping[int, tuple[FileState, ...]],
    next_generation: int,
    managed: Iterable[Managed],
    layers: frozenset[Layer],
    folders: tuple[PurePosixPath, ...],
) -> tuple[FileState, ...]:
    """The state the chosen layers and sites shall have.

    ``rendered`` maps a generation number to the resources whose headers name it: a file that differs from what
    we wrote in its number only is unchanged and keeps that number. A managed path of a chosen layer that is no
    longer rendered goes back to what it was before us; other layers, and sites outside ``folders``, are left alone,
    and so is a library that was put in place: no plan renders it, and only a rollback takes it out.
    """
    ours = {m.path: m for m in managed}
    earlier = {(number, r.path): r for number, resources in rendered.items() for r in resources}
    wanted: list[FileState] = []
    for resource in rendered[next_generation]:
        known = ours.get(resource.path)
        same = earlier.get((known.generation, resource.path)) if known else None
        wanted.append(same if known and same and known.after.digest == same.digest else resource)
    kept = {resource.path for resource in wanted}
    wanted += [
        to_restore(m.path, m.origin, m.after)
        for m in ours.values()
        if m.path not in kept and m.ours and not bulky(m.path) and _chosen(m.path, layers, folders)
    ]
    return tuple(wanted)


def _chosen(path: PurePosixPath, layers: frozenset[Layer], folders: tuple[PurePosixPath, ...]) -> bool:
    layer = layer_of(path)
    return layer in layers and (layer not in PLACED or any(folder in path.parents for folder in folders))


def find_changes(wanted: Iterable[FileState], actual: Mapping[PurePosixPath, FileState]) -> tuple[Change, ...]:
    """The smallest set of changes from ``actual`` to ``wanted``."""
    changes = (make_change(actual[resource.path], resource) for resource in wanted)
    return tuple(change for change in changes if change is not None)


def facts_digest(facts: HostFacts) -> str:
    """Digest of the facts a plan depends on: GPUs, ROCm, sites, kernels, modprobe options, command line,
    initramfs tool and kind of system. boot_id and running parameters are not among them: they move by themselves.
    """
    named = (
        [(g.gfx, g.pci, g.kfd_node, g.unique_id) for g in facts.gpus], facts.hidden_nodes,
        [(r.version, r.path) for r in facts.rocm],
        [(str(s.python), str(s.site_packages), s.python_version, s.owner, s.torch) for s in facts.sites],
        facts.running_kernel, [(k.release, k.amdgpu) for k in facts.kernels],
        [(o.module, o.key, o.value, o.source) for o in facts.modprobe if "rdna-installer" not in o.source],
        facts.cmdline, facts.initramfs.tool.value, facts.immutable, *facts.services,
    )  # fmt: skip
    return codec.digest(repr(named).encode("utf-8", "surrogateescape"))


def groups_lost(changes: Iterable[Change]) -> Iterator[str]:
    """What is said of files whose group is not one that their owner may give: they get the owner's own."""
    for change in changes:
        before, after = change.before, change.after
        if before.there and after.there and before.owner == after.owner and before.group != after.group:
            yield f"{change.path} cannot keep its group {before.group} (its owner is not in it): it gets {after.group}"


def is_foreign(change: Change, managed: Managed | None) -> bool:
    """Whether a change would touch what somebody else made, or edited since we wrote it."""
    return not change.before.same_as(managed.after if managed else FileState(change.path))


def make_change(before: FileState, after: FileState) -> Change | None:
    """The change from what is there to what shall be; None when it is so already.

    Raises RdnaError("not-a-file") where a directory, fifo or device is in the way.
    """
    if before.same_as(after):
        return None
    if before.special is not None:
        why = f"{before.special} is where a file of rdna-installer belongs"
        raise RdnaError("not-a-file", why, context=str(before.path), hint="move it away, then run it again")
    kind = ChangeKind.REMOVE if not after.there else ChangeKind.REPLACE if before.there else ChangeKind.CREATE
    return Change(after.path, kind, _diff(before, after), before, after)


def taken_back(found: FileState, wanted: FileState) -> Change:
    """For a path that somebody took back already: no file changes, and it is managed no longer."""
    return Change(wanted.path, ChangeKind.REMOVE, Lines(""), found, wanted)


def to_restore(path: PurePosixPath, wanted: FileState, found: FileState) -> FileState:
    """What makes a recorded state true again; ``found`` gives the owner of a removal.

    Raises ValueError for a file whose content was not read.
    """
    if not wanted.there:
        return FileState(path, owner=found.owner, group=found.group)
    if wanted.digest is not None and wanted.content is None and not bulky(path):
        raise ValueError(f"no content of {path}")
    return replace(wanted, path=path)


def _diff(before: FileState, after: FileState) -> Lines:
    old, new = _text_lines(before), _text_lines(after)
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


def _text_lines(actual: FileState) -> list[str] | None:
    """Text as lines, None for what is no text. Control characters of a file never reach a terminal."""
    if actual.link is not None:
        return [f"(a link to {_printable(actual.link)})\n"]
    if actual.digest is not None and actual.content is None:
        return None
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
