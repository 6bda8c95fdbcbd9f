"""The machines of ten common users as small scratch roots: KFD nodes, a torch with its kernel names, a kernel."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

MODULE = "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"
VENV = "home/sam/venv"
SITE = f"{VENV}/lib/python3.11/site-packages"


@dataclass(frozen=True)
class Card:
    """A GPU as the KFD describes it. ``target`` is gfx_target_version, ``device`` its PCI id."""

    target: int
    device: int
    unique_id: int = 0
    integrated: bool = False


@dataclass(frozen=True)
class Wheel:
    """An installed torch. ``kernels`` are the names of its rocBLAS files, or TheRock's package of that target."""

    version: str
    kernels: tuple[str, ...]
    therock: bool = False
    more: str = ""  # further lines of version.py
    distribution: bool = False  # the system's own, with the rocBLAS of /opt/rocm

    @property
    def python(self) -> str:
        """What --python names."""
        return "/usr/bin/python3" if self.distribution else f"/{VENV}"


def build(root: Path, cards: tuple[Card, ...], wheel: Wheel | None, release: str, module: Path | None) -> Path:
    """The root. ``wheel`` None: no torch. ``module``: an amdgpu.ko for modinfo, where the kernel layer is asked."""
    for folder in ("var/lib", "etc/environment.d", "etc/modprobe.d", "etc/profile.d"):
        (root / folder).mkdir(parents=True)
    (root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    (root / "etc/passwd").write_text(f"sam:x:{os.getuid()}:{os.getgid()}:Sam:/home/sam:/bin/bash\n")
    (root / "etc/group").write_text("render:x:105:sam\nvideo:x:44:sam\n")
    (root / "proc").mkdir()
    (root / "proc/meminfo").write_text("MemTotal:       32768000 kB\n")
    _nodes(root, cards)
    if wheel is not None:
        _torch(root, wheel)
    _kernel(root, release, module)
    return root


def _nodes(root: Path, cards: tuple[Card, ...]) -> None:
    nodes = root / "sys/class/kfd/kfd/topology/nodes"
    texts = ["cpu_cores_count 16\nsimd_count 0\ngfx_target_version 0\nvendor_id 0\ndevice_id 0\n"]
    for number, card in enumerate(cards, 1):
        texts.append(
            f"cpu_cores_count {16 if card.integrated else 0}\nsimd_count 64\ngfx_target_version {card.target}\n"
            f"vendor_id 4098\ndevice_id {card.device}\nlocation_id {(number + 2) << 8}\ndomain 0\n"
            f"unique_id {card.unique_id}\ndrm_render_minor {127 + number}\n"
        )
    for number, text in enumerate(texts):
        (nodes / str(number)).mkdir(parents=True)
        (nodes / str(number) / "properties").write_text(text)


def _distribution(root: Path, wheel: Wheel) -> None:
    """As Arch and Debian lay it out: torch beside the system's Python, kernels in the system's ROCm."""
    site = root / "usr/lib/python3.11/site-packages"
    (site / "torch").mkdir(parents=True)
    (site / "torch/version.py").write_text(f"__version__ = {wheel.version!r}\n{wheel.more}")
    (root / "usr/bin").mkdir()
    (root / "usr/bin/python3.11").write_text("nothing here could run\n")
    (root / "usr/bin/python3").symlink_to("python3.11")
    library = root / "opt/rocm/lib/rocblas/library"
    library.mkdir(parents=True)
    for gfx in wheel.kernels:
        (library / f"TensileLibrary_lazy_{gfx}.dat").touch()
    (root / "opt/rocm/.info").mkdir()
    (root / "opt/rocm/.info/version").write_text("6.4.1\n")


def _torch(root: Path, wheel: Wheel) -> None:
    if wheel.distribution:
        _distribution(root, wheel)
        return
    site = root / SITE
    (site / "torch").mkdir(parents=True)
    (root / VENV / "bin").mkdir()
    (root / VENV / "bin/python").write_text("nothing here could run\n")
    (root / VENV / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.2\n")
    (site / "torch/version.py").write_text(f"__version__ = {wheel.version!r}\n{wheel.more}")
    (site / f"torch-{wheel.version}.dist-info").mkdir()
    for gfx in wheel.kernels:
        if wheel.therock:
            (site / f"amd_torch_device_{gfx}-{wheel.version}.dist-info").mkdir()
            (site / "torch/.kpack").mkdir(exist_ok=True)
            (site / f"torch/.kpack/torch_{gfx}.kpack").write_text("stands for an archive\n")
            continue
        library = site / "torch/lib/rocblas/library"
        library.mkdir(parents=True, exist_ok=True)
        (library / f"TensileLibrary_lazy_{gfx}.dat").touch()


def _kernel(root: Path, release: str, module: Path | None) -> None:
    folder = root / "lib/modules" / release
    (folder / MODULE).parent.mkdir(parents=True)
    (folder / "modules.dep").write_text(f"{MODULE}:\n")
    if module is not None:
        shutil.copy(module, folder / MODULE)
