"""Small roots of our own, built file by file."""

from __future__ import annotations

from pathlib import Path

from rdna_installer.machine.sysroot import Sysroot


class Tree:
    """A root in the making."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.root = Sysroot(top)

    def file(self, inside: str, content: str | bytes = "") -> Path:
        path = self.top / inside.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def link(self, inside: str, target: str) -> None:
        path = self.top / inside.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def node(self, number: int, **values: int) -> None:
        text = "".join(f"{key} {value}\n" for key, value in values.items())
        self.file(f"/sys/class/kfd/kfd/topology/nodes/{number}/properties", text)

    def gpu_node(self, number: int, target: int, device: int, **values: int) -> None:
        known = {"cpu_cores_count": 0, "simd_count": 64, "gfx_target_version": target, "vendor_id": 4098}
        self.node(number, **{**known, "device_id": device, **values})

    def card(self, number: int, pci_id: str, slot: str = "", revision: str = "", **uevent: str) -> None:
        place = f"/sys/class/drm/card{number}/device"
        lines = {"PCI_CLASS": "30000", "PCI_ID": pci_id, **({"PCI_SLOT_NAME": slot} if slot else {}), **uevent}
        self.file(f"{place}/uevent", "".join(f"{key}={value}\n" for key, value in lines.items()))
        if revision:
            self.file(f"{place}/revision", f"0x{revision}\n")

    def python(self, prefix: str, version: str = "3.11") -> str:
        """An interpreter with its library; returns site-packages."""
        self.file(f"{prefix}/bin/python{version}", "#!").chmod(0o755)
        self.link(f"{prefix}/bin/python3", f"python{version}")
        self.link(f"{prefix}/bin/python", "python3")
        site = f"{prefix}/lib/python{version}/site-packages"
        (self.top / site.lstrip("/")).mkdir(parents=True)
        return site

    def venv(self, prefix: str, version: str = "3.11", config: str = "home = /usr/bin\n") -> str:
        """A venv on /usr/bin/python; returns site-packages."""
        self.file(f"{prefix}/pyvenv.cfg", config)
        self.link(f"{prefix}/bin/python", f"/usr/bin/python{version}")
        self.link(f"{prefix}/bin/python3", "python")
        site = f"{prefix}/lib/python{version}/site-packages"
        (self.top / site.lstrip("/")).mkdir(parents=True)
        return site

    def debian_python(self, version: str = "3.11") -> None:
        self.file(f"/usr/bin/python{version}", "#!").chmod(0o755)
        self.link("/usr/bin/python3", f"python{version}")
        self.file(f"/usr/lib/python{version}/os.py")
        (self.top / "usr/lib/python3/dist-packages").mkdir(parents=True)
        (self.top / f"usr/local/lib/python{version}/dist-packages").mkdir(parents=True)

    def torch(self, site: str, version: str = "2.5.1+rocm6.2", more: str = "") -> None:
        self.file(f"{site}/torch/__init__.py")
        self.file(f"{site}/torch/version.py", f"from typing import Optional\n__version__ = {version!r}\n{more}")
