"""The sample machine as a scratch root, and the command line called in this process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_sample import DEMO, MODULE, RELEASE, SAM, Cli, Result
from trial_sample import Acted, put_boot_files

from rdna_installer.cli.app import main


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "HSA_OVERRIDE_GFX_VERSION"):
        monkeypatch.delenv(name, raising=False)

    def call(*argv: str) -> Result:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """the sample amdgpu.ko: an ELF file with the parameters of a real one, for the real modinfo."""
    path = tmp_path_factory.mktemp("module") / "amdgpu.ko"
    path.write_bytes(
        subprocess.run([sys.executable, "-I", DEMO / "sample_module.py"], capture_output=True, check=True).stdout
    )
    return path


@pytest.fixture
def sample(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A scratch root with an RX 5600 XT, a Debian kernel and a TheRock torch in a venv."""
    root = tmp_path / "sample"
    shutil.copytree(DEMO / "machine", root, symlinks=True)
    for folder in ("var/lib", "etc/environment.d", "etc/modprobe.d"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc/passwd").write_text(f"sam:x:{os.getuid()}:{os.getgid()}:Sam:/home/sam:/bin/bash\n")
    modules = root / "lib/modules" / RELEASE
    (modules / MODULE).parent.mkdir(parents=True)
    (modules / "modules.dep").write_text(f"{MODULE}:\n")
    shutil.copy(request.getfixturevalue("module"), modules / MODULE)
    return root


@pytest.fixture
def machine(sample: Path) -> Path:
    """The sample machine with systemd and our boot files."""
    put_boot_files(sample)
    return sample


@pytest.fixture
def boot(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Acted:
    """Boots of that machine."""
    return Acted(machine, monkeypatch)


@pytest.fixture
def shared(sample: Path) -> Iterator[Path]:
    """The sample, with a venv that belongs to somebody else than the system, who can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="rdna-test-"))  # pytest's own folders are closed to others
    folder.chmod(0o755)
    sample = sample.rename(folder / "sample")
    (sample / "etc/passwd").write_text(f"root:x:0:0::/root:/bin/sh\nsam:x:{SAM}:{SAM}:Sam:/home/sam:/bin/bash\n")
    for path in (sample / "home/sam", *(sample / "home/sam").rglob("*")):
        os.chown(path, SAM, SAM, follow_symlinks=False)
    yield sample
    shutil.rmtree(folder)
