"""``explain PATH``: each line of somebody's file with the judge's answer, and of ours with its rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_sample import Cli
from situations import STOCK64
from user_machines import Card, build

pytestmark = pytest.mark.processes  # modinfo


@pytest.fixture
def machine(tmp_path: Path, module: Path) -> Path:
    return build(tmp_path / "root", (Card(100100, 0x731F),), STOCK64, "6.1.0-56-amd64", module)


@pytest.mark.parametrize(
    ("path", "text", "answers"),
    [
        ("/etc/modprobe.d/x.conf", "# a\noptions amdgpu noretry=0 gtt_size=8192\n",
         {"/etc/modprobe.d/x.conf:2": ("noretry=0 is harmful here", "gtt_size=8192 is not read")}),
        ("/home/sam/.bashrc", "export HSA_OVERRIDE_GFX_VERSION=10.3.0\n",
         {"/home/sam/.bashrc:1": ("HSA_OVERRIDE_GFX_VERSION=10.3.0 is harmful here",)}),
        ("/home/sam/compose.yml", "services:\n  a:\n    environment:\n      HSA_XNACK: 0\n",
         {"/home/sam/compose.yml:4": ("HSA_XNACK=0 is superfluous",)}),
        ("/etc/default/grub", 'X="a amdgpu.ppfeaturemask=0xffffffff amd_iommu=off"\n# amdgpu.noretry=0\n',
         {"/etc/default/grub:1": ("ppfeaturemask=0xffffffff is superfluous", "amd_iommu=off is superfluous")}),
        ("/etc/hosts", "127.0.0.1 localhost\n", {"nothing": ("no line of it",)}),
    ],
)  # fmt: skip
def test_each_line_of_somebodys_file(
    machine: Path, cli: Cli, path: str, text: str, answers: dict[str, tuple[str, ...]]
) -> None:
    (machine / path[1:]).parent.mkdir(parents=True, exist_ok=True)
    (machine / path[1:]).write_text(text)
    found = json.loads(cli("explain", path, "--json", "--root", str(machine)).out)
    assert (found["kind"], found["key"]) == ("file", path)
    said = [(fact["label"], fact["text"]) for fact in found["facts"]]
    for place, words in answers.items():
        assert [w for w in words if not any(label == place and w in text for label, text in said)] == [], said
    assert cli("explain", path, "--root", str(machine)).out.startswith(f"{path} (file)")


def test_a_file_of_ours_says_so(machine: Path, cli: Cli) -> None:
    done = cli("apply", "--yes", "--profile", "layered", "--layer", "kernel", "--no-initramfs", "--root", str(machine))
    assert done.code == 0, done.err
    text = cli("explain", "/etc/modprobe.d/rdna-installer.conf", "--root", str(machine)).out
    assert "written by rdna-installer" in text
    assert "vm_fragment_size=9 (set by layered" in " ".join(text.split())


def test_a_file_that_is_not_there(machine: Path, cli: Cli) -> None:
    done = cli("explain", "/etc/modprobe.d/none.conf", "--root", str(machine))
    assert (done.code, "cannot be read" in done.err) == (2, True)
