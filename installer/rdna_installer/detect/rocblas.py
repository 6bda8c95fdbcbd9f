"""For which targets a rocBLAS holds kernels: read off its file names, as rocBLAS itself does."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rdna_installer.machine.sysroot import Inside, Sysroot

NAME = r"gfx(?:[0-9]+(?:-[0-9]+)?-generic|[0-9][0-9a-f]{2,4})"
ANY = rf"[_-]({NAME})(?![0-9A-Za-z])"
LAZY = rf"TensileLibrary_lazy_({NAME})\.(?:dat|yaml)"


def targets_in(root: Sysroot, libraries: Iterable[Inside]) -> tuple[str, ...]:
    """Targets with kernels in the given ``rocblas/library`` folders; () where no name says so.

    With lazy loading rocBLAS opens TensileLibrary_lazy_<target>.dat and stops where it is missing, although
    fallback code objects of that target may lie beside it (gfx1010 in ROCm 5.5-6.1: Tensile#1757).
    """
    names = [name for library in libraries for name in _files(root, library)]
    lazy = {found[1] for name in names if (found := re.fullmatch(LAZY, name))}
    return in_order(lazy or {found[1] for name in names for found in re.finditer(ANY, name)})


def _files(root: Sysroot, library: Inside) -> list[str]:
    """The names in a library's folder; newer ones have a folder for each target in it."""
    names = root.names(library)
    folders = [name for name in names if re.fullmatch(NAME, name)]
    return [*names, *(name for folder in folders for name in root.names(f"{library}/{folder}"))]


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Target names sorted as people count: gfx90a before gfx1010."""
    return tuple(sorted(set(names), key=lambda name: (len(name), name)))
