"""systemd.exec(5): an empty UnsetEnvironment= resets the list of what is taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from rdna_installer.detect.units import in_force
from rdna_installer.machine.sysroot import Sysroot


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ("UnsetEnvironment=HSA_X", None),
        ("UnsetEnvironment=HSA_X\nUnsetEnvironment=", "1"),
        ("UnsetEnvironment=HSA_X\nUnsetEnvironment=\nUnsetEnvironment=HSA_X", None),
        ("UnsetEnvironment=HSA_Y", "1"),
    ],
)
def test_an_empty_one_takes_those_before_it_back(tmp_path: Path, lines: str, value: str | None) -> None:
    folder = tmp_path / "etc/systemd/system"
    (folder / "a.service.d").mkdir(parents=True)
    (folder / "a.service").write_text(f"[Service]\nExecStart=/bin/true\nEnvironment=HSA_X=1\n{lines}\n")
    assert in_force(Sysroot(tmp_path), "a.service", None, None)["HSA_X"][1] == value
