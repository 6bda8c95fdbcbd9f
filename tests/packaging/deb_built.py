"""What the tests of the package hand around."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from debian_machine import Machine


@dataclass(frozen=True)
class Built:
    """One release's packages: of this tree, and of the same tree with a lower version."""

    suite: str
    folder: Path

    @property
    def source(self) -> Path:
        """Everything that was built of this tree."""
        return self.folder / "new"

    @property
    def new(self) -> Path:
        (found,) = self.source.glob("*.deb")
        return found

    @property
    def old(self) -> Path:
        (found,) = (self.folder / "old").glob("*.deb")
        return found

    @property
    def lintian(self) -> str:
        return (self.folder / "lintian").read_text()


def quick_images(machine: Machine) -> None:
    """Boot images with amdgpu as their only module: made in seconds."""
    machine.path("/etc/initramfs-tools/conf.d/quick").write_text("MODULES=list\n")
    machine.path("/etc/initramfs-tools/modules").write_text("amdgpu\n")
