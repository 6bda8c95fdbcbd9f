"""Programs that ship kernels of their own (ollama, llama.cpp), found below a root by what they are, and the kernels."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

from rdna_installer.detect.dotfiles import matching
from rdna_installer.detect.rocm import targets_in
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record
from rdna_installer.resources import table

# What containers/storage writes of a layer and of an image, in this order.
PARENT = r'"id":\s*"([\w-]+)",\s*(?:"names":\s*\[[^\]]*\],\s*)?"parent":\s*"([\w-]+)"'
IMAGE = r'"names":\s*\[([^\]]*)\][^{}]*?"layer":\s*"([\w-]+)"'


@record(frozen=True)
class Program:
    """One of them. ``gfx_targets``: () where its kernels cannot be read; ``images``: the names of those it is in."""

    name: str
    path: PurePosixPath
    gfx_targets: tuple[str, ...]
    images: tuple[str, ...] = ()


def find_programs(root: Sysroot, home: PurePosixPath) -> tuple[Program, ...]:
    """Those in the places they are installed to, each once. It opens what belongs to ``home``'s owner. One without a
    name is a pattern of which not all places were looked at.
    """
    found = {}
    for name, program, kernels, prefixes in table(__file__, "programs.tsv"):
        patterns = prefixes.replace("~", str(home)).split()
        for prefix in (path for pattern in patterns for path in matching(root, pattern)):
            if root.exists(prefix / program):
                places = [path for p in kernels.split() for path in matching(root, os.path.join(prefix, p))]
                images = _images(root, prefix) if "image" in name else ()
                found[prefix / program] = Program(name, prefix / program, _targets(root, places), images)
    return (*found.values(), *(Program("", PurePosixPath(pattern), ()) for pattern in root.cut))


def _images(root: Sysroot, layer: PurePosixPath) -> tuple[str, ...]:
    """The names of the images that a layer (STORE/overlay/ID/diff, STORE/vfs/dir/ID) is part of: containers/storage."""
    store = next(above for above in layer.parents if above.name == "storage")
    lists = (f"{store}/{layer.relative_to(store).parts[0]}-{kind}s/{kind}s.json" for kind in ("layer", "image"))
    layers, images = (root.read_optional(path) or "" for path in lists)
    parents, found = dict(re.findall(PARENT, layers)), list[str]()
    for names, top in re.findall(IMAGE, images):
        chain = [top]
        while (above := parents.get(chain[-1])) and above not in chain:
            chain.append(above)
        found += re.findall(r'"([^"]+)"', names) if {*chain} & {*layer.parts} else []
    return tuple(found)


def _targets(root: Sysroot, places: list[PurePosixPath]) -> tuple[str, ...]:
    library = next((place for place in places if place.suffix == ".so" and root.exists(place)), None)
    if library is None:
        return targets_in(root, places)
    from rdna_installer.detect.codeobjects import targets_of

    return targets_of(root, library) or ()
