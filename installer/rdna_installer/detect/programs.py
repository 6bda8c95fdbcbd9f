"""Programs that ship kernels of their own (ollama, llama.cpp), found below a root by what they are, and the kernels."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from rdna_installer.detect.dotfiles import matching
from rdna_installer.detect.rocm import targets_in
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record


@record(frozen=True)
class Program:
    """One of them. ``gfx_targets``: () where its kernels cannot be read."""

    name: str
    path: PurePosixPath
    gfx_targets: tuple[str, ...]


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
                    found[prefix / program] = Program(name, prefix / program, _targets(root, places))
    return tuple(found.values())


def _targets(root: Sysroot, places: list[PurePosixPath]) -> tuple[str, ...]:
    library = next((place for place in places if place.suffix == ".so" and root.exists(place)), None)
    if library is None:
        return targets_in(root, places)
    from rdna_installer.detect.codeobjects import targets_of

    return targets_of(root, library) or ()
