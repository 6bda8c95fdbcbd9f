"""The name of a kernel module's parameter: split and spelled in one place. Pure.

amdgpu's own are written bare ("noretry"), those of other modules with theirs ("ttm.pages_limit"). To the kernel a dash
and an underscore in a name are the same.
"""

from __future__ import annotations

DEFAULT_MODULE = "amdgpu"


def split(key: str) -> tuple[str, str]:
    """("amdgpu", "noretry") of "noretry" and of "amdgpu.noretry", ("ttm", "pages_limit") of "ttm.pages_limit"."""
    module, _, name = key.strip().replace("-", "_").rpartition(".")
    return module or DEFAULT_MODULE, name


def spell(module: str, name: str) -> str:
    """The name as catalogue and settings have it."""
    return name if module in (DEFAULT_MODULE, "") else f"{module}.{name}"


def canonical(key: str) -> str:
    """Any spelling as catalogue and settings have it: "amdgpu.noretry" is "noretry"."""
    return spell(*split(key))
