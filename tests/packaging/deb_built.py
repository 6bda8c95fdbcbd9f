"""What the tests of the package hand around."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Built:
    """One release's packages: of this tree, and of the same tree with a lower version."""

    suite: str
    folder: Path
    older: Path
    lintian: str

    @property
    def deb(self) -> Path:
        (found,) = self.folder.glob("*.deb")
        return found
