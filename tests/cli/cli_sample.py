"""Types and places of the command line's tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "tests" / "sample"
SAM = 12345  # the user of a venv that is not the system's
RELEASE = "6.1.0-56-amd64"
MODULE = "kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"


@dataclass
class Result:
    """What one command printed, and how it ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]
