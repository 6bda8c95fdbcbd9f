"""One module parameter: what is wanted, what sysfs says, and which option of the files wins."""

from __future__ import annotations

from rdna_installer.amd.values import same_value
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, ModprobeOption, Setting
from rdna_installer.parameter import split
from rdna_installer.record import record


@record(frozen=True)
class Parameter:
    """A wanted parameter. ``running`` None: not loaded, absent or (``readable`` False) not to be read by us.

    ``loaded``: the module is there and shows what it has. One whose load hangs or was killed may be a bare directory.
    """

    setting: Setting
    module: str
    key: str
    loaded: bool
    running: str | None
    readable: bool
    writable: bool  # at run time, so that the running value says nothing about the boot
    option: ModprobeOption | None  # the one that wins: files in load order, then the command line

    @property
    def in_force(self) -> bool:
        """Whether the running value is the wanted one."""
        return self.running is not None and same_value(self.setting.value, self.running)


def read_parameter(setting: Setting, facts: HostFacts, root: Sysroot) -> Parameter:
    """Look the parameter up in /sys/module; keys are bare for amdgpu and qualified otherwise."""
    module, key = split(setting.key)
    path = f"/sys/module/{module}/parameters/{key}"
    status = root.status(path)
    running, readable = _value(path, root)
    options = [o for o in facts.modprobe if (o.module.replace("-", "_"), o.key) == (module, key)]
    return Parameter(
        setting,
        module,
        key,
        loaded=_is_loaded(f"/sys/module/{module}", root),
        running=running,
        readable=readable,
        writable=status is not None and bool(status.st_mode & 0o222),
        option=options[-1] if options else None,
    )


def _is_loaded(folder: str, root: Sysroot) -> bool:
    live = (root.read_optional(f"{folder}/initstate") or "").strip() == "live"
    return live or root.is_dir(f"{folder}/parameters")


def _value(path: str, root: Sysroot) -> tuple[str | None, bool]:
    try:
        return root.read_text(path).strip(), True
    except (FileNotFoundError, NotADirectoryError):
        return None, True
    except OSError:
        return None, False
