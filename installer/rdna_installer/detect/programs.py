"""Programs that ship kernels of their own (ollama, llama.cpp), found below a root by what they are, and the kernels."""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import Any

from rdna_installer.detect.dotfiles import matching
from rdna_installer.detect.rocm import targets_in
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record


@record(frozen=True)
class Program:
    """One of them. ``gfx_targets``: () where its kernels cannot be read; ``images``: the names of those it is in."""

    name: str
    path: PurePosixPath
    gfx_targets: tuple[str, ...]
    images: tuple[str, ...] = ()


def find_programs(root: Sysroot, home: PurePosixPath) -> tuple[Program, ...]:
    """Those in the places they are installed to, each once. It opens what belongs to ``home``'s owner."""
    found = {}
    for line in Path(__file__).with_name("programs.tsv").read_text("ascii").splitlines():
        if not line.startswith("#"):
            name, program, kernels, prefixes = line.split("\t")
            patterns = prefixes.replace("~", str(home)).split()
            for prefix in (path for pattern in patterns for path in matching(root, pattern)):
                if root.exists(prefix / program):
                    places = [path for p in kernels.split() for path in matching(root, os.path.join(prefix, p))]
                    images = _images(root, prefix) if "image" in name else ()
                    found[prefix / program] = Program(name, prefix / program, _targets(root, places), images)
    return tuple(found.values())


def _images(root: Sysroot, layer: PurePosixPath) -> tuple[str, ...]:
    """The names of the images that a layer (STORE/overlay/ID/diff, STORE/vfs/dir/ID) is part of: containers/storage."""
    store = next(above for above in layer.parents if above.name == "storage")
    driver = layer.relative_to(store).parts[0]
    parents = {str(row.get("id")): row.get("parent") for row in _rows(root, f"{store}/{driver}-layers/layers.json")}
    found: list[str] = []
    for image in _rows(root, f"{store}/{driver}-images/images.json"):
        above, parts = image.get("layer"), set[object]()
        while isinstance(above, str) and above not in parts:
            parts.add(above)
            above = parents.get(above)
        names = image.get("names") if parts & set(layer.parts) else None
        found += map(str, names) if isinstance(names, list) else []
    return tuple(found)


def _rows(root: Sysroot, path: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(root.read_optional(path) or "[]")
    except ValueError:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _targets(root: Sysroot, places: list[PurePosixPath]) -> tuple[str, ...]:
    library = next((place for place in places if place.suffix == ".so" and root.exists(place)), None)
    if library is None:
        return targets_in(root, places)
    from rdna_installer.detect.codeobjects import targets_of

    return targets_of(root, library) or ()
