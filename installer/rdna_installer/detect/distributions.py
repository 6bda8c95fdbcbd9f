"""The distributions installed in one site-packages, by the names of their ``.dist-info`` folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record

RECORD_LIMIT = 8 << 20  # bytes; that of a torch with ROCm inside has 2 MB


@record(frozen=True)
class Distribution:
    """One ``name-version.dist-info``. ``name`` is lower case with underscores, as "amd_torch_device_gfx1010"."""

    name: str
    version: str
    info: PurePosixPath

    def is_version(self, version: str) -> bool:
        """Whether both spell the same version (PEP 440: letter case and the separators of a local version)."""
        return _normal(self.version) == _normal(version)


@record(frozen=True)
class Recorded:
    """One line of a RECORD: the file below site-packages, its digest as it is written there, and its size."""

    path: str
    digest: str
    size: int | None


def distributions(site: PurePosixPath, names: Iterable[str]) -> tuple[Distribution, ...]:
    """Those among the names of a folder."""
    found = []
    for name in names:
        project, dash, version = name.removesuffix(".dist-info").partition("-")
        if name.endswith(".dist-info") and dash and version.isprintable():
            found.append(Distribution(re.sub(r"[-_.]+", "_", project).lower(), version, site / name))
    return tuple(found)


def read_record(root: Sysroot, distribution: Distribution) -> bytes:
    """The RECORD of a distribution; b"" where there is none that can be read."""
    try:
        return root.read_bytes(distribution.info / "RECORD", limit=RECORD_LIMIT)
    except OSError:
        return b""


def recorded(record_file: bytes, suffix: str) -> Iterator[Recorded]:
    """The lines about files whose path ends with ``suffix``: found by search, a RECORD may have 20 000 lines."""
    pattern = rb'^"?([^,"\n]*' + re.escape(suffix.encode()) + rb')"?,([^,\n]*),([0-9]{0,15})\r?$'
    for found in re.finditer(pattern, record_file, re.MULTILINE):
        path, digest, size = (part.decode("utf-8", "replace") for part in found.groups())
        yield Recorded(path, digest, int(size) if size else None)


def _normal(version: str) -> str:
    return re.sub(r"[-_]", ".", version.lower().strip())
