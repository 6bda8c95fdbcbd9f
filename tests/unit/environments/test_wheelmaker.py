"""The hand-made wheels are what pip takes for wheels, and make the torch that the layouts say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.indexserver import serving
from fixtures.wheelmaker import noise, stable

from rdna_installer.machine.process import clean_environment


def test_the_same_call_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        stable(tmp_path / name, pythons=("cp311",))
    one, other = (sorted((tmp_path / n).rglob("*.*")) for n in ("one", "other"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in other]
    assert len(one) > 50
    assert noise("a", 8) != noise("b", 8)


@pytest.mark.processes
def test_pip_installs_a_set_from_the_index(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", "70.1", reason="no setuptools >= 70.1: not tried with pip")
    python = f"cp3{sys.version_info[1]}"
    stable(tmp_path / "index", pythons=(python,), real_setuptools=True)
    env = {**clean_environment(), "ROCM_SDK_TARGET_FAMILY": "gfx1010", "PIP_CONFIG_FILE": os.devnull}

    def ran(*argv: str) -> str:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    ran(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    own = str(tmp_path / "venv/bin/python")
    with serving(tmp_path / "index", missing=404) as index:
        pip = (own, "-m", "pip", "install", "-q", "--no-cache-dir", "--isolated", "--index-url", index.url)
        ran(*pip, "torch[device-gfx1010]==2.14.0+rocm10.1.0", "torchvision[device-gfx1010]==0.29.0+rocm10.1.0")
    says = ran(
        own, "-c", "import torch, torchvision, rocm_sdk; print(torch.__version__, torch.version.hip, rocm_sdk.TARGET)"
    )
    assert says.split() == ["2.14.0+rocm10.1.0", "7.16.26385", "gfx1010"]
    (pack,) = (tmp_path / "venv").glob("lib/*/site-packages/torch/.kpack/*")
    assert pack.name == "torch_gfx1010.kpack"
