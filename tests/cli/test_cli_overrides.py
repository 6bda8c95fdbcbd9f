"""A foreign override in a start-up file is seen by ``plan``, with its file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_sample import Cli

pytestmark = pytest.mark.processes  # modinfo


@pytest.mark.parametrize(
    ("place", "line", "where"),
    [
        ("home/sam/.bashrc", "# mine\nexport HSA_OVERRIDE_GFX_VERSION=10.3.0\n", "~/.bashrc:2"),
        ("etc/environment", "HSA_OVERRIDE_GFX_VERSION=10.3.0\n", "/etc/environment:1"),
        (
            "etc/systemd/system/ollama.service.d/x.conf",
            '[Service]\nEnvironment="HSA_OVERRIDE_GFX_VERSION=10.3.0"\n',
            "/etc/systemd/system/ollama.service.d/x.conf:2",
        ),
    ],
)
def test_conflict(sample: Path, cli: Cli, place: str, line: str, where: str) -> None:
    assert cli("plan", "--root", str(sample)).code == 0
    path = sample / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(line)
    done = cli("plan", "--json", "--root", str(sample))
    assert done.code == 3
    (conflict,) = json.loads(done.out)["conflicts"]
    assert (conflict["key"], conflict["found"], conflict["source"]) == ("HSA_OVERRIDE_GFX_VERSION", "10.3.0", where)
    assert "Remove it there" in conflict["hint"] and "rdna-installer adopt" in done.err
    assert cli("apply", "--yes", "--root", str(sample)).code == 3
    assert path.read_text() == line


def test_kernel_options_alone_are_not_stopped(sample: Path, cli: Cli) -> None:
    """No variable changes what the kernel does; it is said."""
    (sample / "home/sam/.bashrc").write_text("export HSA_OVERRIDE_GFX_VERSION=10.3.0\n")
    asked = ("--set", "amdgpu.vm_update_mode=0", "--root", str(sample))
    assert cli("plan", *asked).code == 3
    done = cli("plan", "--json", "--layer", "kernel", *asked)
    assert done.code == 0 and not json.loads(done.out)["conflicts"]
    assert any("~/.bashrc:1 sets HSA_OVERRIDE_GFX_VERSION=10.3.0" in w for w in json.loads(done.out)["warnings"])
    assert cli("plan", "--layer", "kernel", "--layer", "python", *asked).code == 3


def test_an_empty_one_is_reported(sample: Path, cli: Cli) -> None:
    (sample / "home/sam/.profile").write_text("export HSA_OVERRIDE_GFX_VERSION=\n")
    done = cli("plan", "--json", "--root", str(sample))
    assert done.code == 0
    assert any("~/.profile:1 sets" in w and "no GPU" in w for w in json.loads(done.out)["warnings"])
