"""A small machine below tmp_path, and one-line ways to plan for it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from rdna_installer.change.chain import changes_to
from rdna_installer.change.store import Store
from rdna_installer.change.transaction import commit
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, FileState, Generation, InitramfsTool, OnDrift, Step, StepKind
from rdna_installer.plan.plan import make_change

CONF = PurePosixPath("/etc/modprobe.d/rdna.conf")
SHELL = PurePosixPath("/etc/profile.d/rdna.sh")
STEP = Step(StepKind.INITRAMFS, InitramfsTool.DRACUT, ("6.1",), "rebuild")


def rollback_changes(store: Store, to: int, on_drift: OnDrift = OnDrift.REFUSE) -> tuple[Change, ...]:
    """What leads back to generation ``to``."""
    return changes_to(store, store.load(to).managed if store.exists else (), on_drift)


class Machine:
    def __init__(self, base: Path) -> None:
        base.chmod(0o755)
        for folder in ("etc/modprobe.d", "etc/profile.d", "var/lib"):
            (base / folder).mkdir(parents=True)
        self.base = base
        self.root = Sysroot(base)
        self.store = Store.open(self.root)

    def real(self, path: PurePosixPath | str) -> Path:
        return self.base / str(path).lstrip("/")

    @property
    def state(self) -> Path:
        return self.real(self.store.base)

    def plan(self, *resources: FileState) -> list[Change]:
        owned = self.store.own(resources)
        made = [make_change(read_actual(self.root, resource.path), resource) for resource in owned]
        return [change for change in made if change is not None]

    def apply(self, *resources: FileState, **more: object) -> Generation:
        return commit(self.store, self.plan(*resources), Generation("apply"), **more)  # type: ignore[arg-type]

    def tree(self) -> dict[str, bytes]:
        """Content of every file but our state's."""
        files = (p for p in self.base.rglob("*") if p.is_file() and not p.is_symlink() and self.state not in p.parents)
        return {str(p.relative_to(self.base)): p.read_bytes() for p in files}
