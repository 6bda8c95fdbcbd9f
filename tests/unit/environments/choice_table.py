"""What is to be chosen, written down by hand: five indexes, thirty targets, Python 3.10 to 3.14. Nothing is computed.

A row: targets, then the torch for cp310, cp311, cp312, cp313, cp314; "-": no complete set; '"': as the column before.
"""

from __future__ import annotations

SERVED = (
    "gfx908 gfx90a gfx942 gfx950 gfx1010 gfx1011 gfx1012 gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036 "
    "gfx1100 gfx1101 gfx1102 gfx1103 gfx1150 gfx1151 gfx1152 gfx1153 gfx1200 gfx1201"
)
NIGHTLY = f"gfx900 gfx906 gfx90c {SERVED}"

# stable: 2.14.0 has no cp310 and, half uploaded, no gfx1031; ROCm 10.1.0 has no gfx1012; ROCm 10.0.0 has no cp314.
# rocm714: nothing for cp310; the newest gfx1100 was taken back.
# nightly: the newest night has no RDNA 1; a later build for the older ROCm 7.15 is beside it.
# pytorch72 and pytorch100: pytorch.org's lists of targets. The newer 2.13.0+rocm7.2 has torch's kernels for
# gfx1103, and its rocBLAS has none, so that the first product of matrices aborts: none for it.
TABLE = """
stable    | gfx908 gfx90a gfx942 gfx950 gfx1010 gfx1011       | 2.13.0+rocm10.1.0 | 2.14.0+rocm10.1.0 | " | " | "
stable    | gfx1030 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036   | 2.13.0+rocm10.1.0 | 2.14.0+rocm10.1.0 | " | " | "
stable    | gfx1100 gfx1101 gfx1102 gfx1103 gfx1200 gfx1201   | 2.13.0+rocm10.1.0 | 2.14.0+rocm10.1.0 | " | " | "
stable    | gfx1150 gfx1151 gfx1152 gfx1153                   | 2.13.0+rocm10.1.0 | 2.14.0+rocm10.1.0 | " | " | "
stable    | gfx1031                                           | 2.13.0+rocm10.1.0 | " | " | " | "
stable    | gfx1012                                           | 2.13.0+rocm10.0.0 | " | " | " | -
stable    | gfx803 gfx900 gfx906 gfx90c gfx1013 gfx1250       | - | - | - | - | -
rocm714   | gfx908 gfx90a gfx942 gfx950 gfx1010 gfx1011 gfx1012 | - | 2.12.0+rocm7.14.1 | " | " | "
rocm714   | gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036 | - | 2.12.0+rocm7.14.1 | " | " | "
rocm714   | gfx1101 gfx1102 gfx1103 gfx1200 gfx1201           | - | 2.12.0+rocm7.14.1 | " | " | "
rocm714   | gfx1150 gfx1151 gfx1152 gfx1153                   | - | 2.12.0+rocm7.14.1 | " | " | "
rocm714   | gfx1100                                           | - | 2.12.0+rocm7.14.0 | " | " | "
rocm714   | gfx803 gfx900 gfx906 gfx90c gfx1013 gfx1250       | - | - | - | - | -
nightly   | gfx900 gfx906 gfx90c gfx908 gfx90a gfx942 gfx950  | 2.14.0+rocm10.2.0a20261120 | " | " | " | "
nightly   | gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036 | 2.14.0+rocm10.2.0a20261120 | " | " | " | "
nightly   | gfx1100 gfx1101 gfx1102 gfx1103 gfx1200 gfx1201   | 2.14.0+rocm10.2.0a20261120 | " | " | " | "
nightly   | gfx1150 gfx1151 gfx1152 gfx1153                   | 2.14.0+rocm10.2.0a20261120 | " | " | " | "
nightly   | gfx1010 gfx1011 gfx1012                           | 2.14.0+rocm10.2.0a20261119 | " | " | " | "
nightly   | gfx803 gfx1013 gfx1250                            | - | - | - | - | -
pytorch72 | gfx908 gfx90a gfx942 gfx950 gfx1030 gfx1100 gfx1101 gfx1102 | 2.13.0+rocm7.2 | " | " | " | "
pytorch72 | gfx1150 gfx1151 gfx1200 gfx1201                   | 2.13.0+rocm7.2 | " | " | " | "
pytorch72 | gfx1103 gfx900 gfx906 gfx90c gfx803 gfx1250       | - | - | - | - | -
pytorch72 | gfx1010 gfx1011 gfx1012 gfx1013                   | - | - | - | - | -
pytorch72 | gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036   | - | - | - | - | -
pytorch72 | gfx1152 gfx1153                                   | - | - | - | - | -
pytorch100 | gfx908 gfx90a gfx942 gfx950 gfx1030              | 2.15.0.dev20261120+rocm10.0 | " | " | " | "
pytorch100 | gfx1100 gfx1101 gfx1102 gfx1103                  | 2.15.0.dev20261120+rocm10.0 | " | " | " | "
pytorch100 | gfx1150 gfx1151 gfx1200 gfx1201                  | 2.15.0.dev20261120+rocm10.0 | " | " | " | "
pytorch100 | gfx900 gfx906 gfx90c gfx803 gfx1250 gfx1152 gfx1153 | - | - | - | - | -
pytorch100 | gfx1010 gfx1011 gfx1012 gfx1013                  | - | - | - | - | -
pytorch100 | gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036  | - | - | - | - | -
"""
PYTHONS = ("cp310", "cp311", "cp312", "cp313", "cp314")


def cells() -> dict[tuple[str, str], tuple[str | None, ...]]:
    """(index, target) -> the torch for each of PYTHONS."""
    found: dict[tuple[str, str], tuple[str | None, ...]] = {}
    for line in TABLE.strip().splitlines():
        index, targets, *row = (part.strip() for part in line.split("|"))
        for place, cell in enumerate(row):
            row[place] = row[place - 1] if cell == '"' else cell
        for gfx in targets.split():
            assert (index, gfx) not in found
            found[index, gfx] = tuple(None if cell == "-" else cell for cell in row)
    return found
