"""Machines of public threads as they were captured: what plan, advise and verify say, as one text, beside the expert.

Words that the text must have, and words that it may not, from ``captures/situations/*/expert.md``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_sample import Cli

pytestmark = pytest.mark.processes  # modinfo
DECIDED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "780m-arch-xanmod-cwsr": (
        ("cwsr_enable=0", "6.19.10", "deprecated for ttm.pages_limit, which alone is enough", "device-gfx1103"),
        ("whl/rocm7",),
    ),
    "7900xt-6600-per-node": (
        ("HSA_OVERRIDE_GFX_VERSION_2=10.3.0", "HSA_OVERRIDE_GFX_VERSION_1=11.0.0, which is superfluous"), (),
    ),
    "bc250-fedora": (
        ("device-gfx1010", "Vulkan", "6.15.0 to 6.15.6 and 6.17.8 to 6.17.10", "IOMMU is broken", "unusable"), (),
    ),
    "bc250-therock-gfx1010": (
        ("HSA_OVERRIDE_GFX_VERSION=10.1.0", "AMDGCN_USE_BUFFER_OPS=0", "before 6.12", "experimental"), (),
    ),
    "debian860m-llamacpp-1150spoof": (("device-gfx1152", "11.5.0", "A stopgap", "never 11.0.0"), ()),
    "mi50-ubuntu-unsloth": (
        ("works", "/etc/modprobe.d/amdgpu.conf:1 sets ppfeaturemask=0xffffffff", "unlocks overdrive", "taints"),
        ("HSA_OVERRIDE_GFX_VERSION=",),
    ),
    "mint840m-adddgpu-rocm10": (
        ("rocminfo", "no setting helps", "TheRock#7952", "rdna-installer probe"), ("PyTorch works",),
    ),
    "r9070xt-rocm64-cachyos": (
        ("config.fish:2", "Remove it there", "ROCm of 2026 refuses", "native"), ("whl/rocm7.2", "hipBLASLt"),
    ),
    "rx5600xt-ubuntu2604-therock": (("every kernel launch fails", "TheRock/issues/7472", "6.12", "rocm10.1.0"), ()),
    "rx5700-manjaro-distro": (
        ("works", "~u/.bashrc", "10.1.0, which is superfluous", "crashes or hangs", "needs no setting"), ("Conflicts",),
    ),
    "rx5700xt-scriberr-compose": (
        ("docker-compose.rocm.yml:4 sets HSA_OVERRIDE_GFX_VERSION=10.3.0", "RDNA 1 is not RDNA 2", "rocm10.1.0",
         "6.12"),
        (),
    ),
    "rx580-debian-rocm10-port": (("gfx803_rocm", "Schaka/rocm-gfx803", "Vulkan", "unusable"), ("ROCm 5.4",)),
    "rx6800xt-bazzite42": (("rpm-ostree kargs", "native", "distrobox", "needs no setting"), ("Conflicts",)),
    "rx9060xt-rocm714-lora": (
        ("hipBLASLt of ROCm 7.2 to 10.0", "rocm10.1.0", "PYTORCH_NO_HIP_MEMORY_CACHING=1", "ROCm 7.0 and before"), (),
    ),
    "steamdeck-comfyui": (
        ("another family", "take HSA_OVERRIDE_GFX_VERSION=11.0.0 out", "SteamOS is immutable", "device-gfx1033",
         "inference only", "check results"), (),
    ),
    "strixhalo-halogen-cmdline": (
        ("retry faults ON", "take noretry=0 out", "gttsize", "leaves the system 0", "takes away the NPU",
         "vm_update_mode=0, which is superfluous"), (),
    ),
    "strixhalo-r9700-egpu-bashrc": (
        ("take HSA_OVERRIDE_GFX_VERSION=12.0.1 out of ~u/.bashrc:3", "gfx1151", "native", "--gpu"), ("hipBLASLt",),
    ),
    "v620x2-proxmox-unit": (
        ("llamacpp-chat.service:7 sets HSA_OVERRIDE_GFX_VERSION=10.3.0, which is superfluous", "gfx1036", "hide it",
         "needs no setting"), (),
    ),
    "wsl2-7800xt": (("this is WSL", "librocdxg", "HSA_ENABLE_DXG_DETECTION=1", "before ROCm 7.13"), ("no AMD GPU",)),
}  # fmt: skip


@pytest.fixture
def situations(captures: Path) -> Path:
    return captures / "situations"


def test_every_captured_one_is_decided(situations: Path) -> None:
    assert {path.name for path in situations.iterdir() if path.is_dir()} == set(DECIDED)


@pytest.mark.parametrize("name", DECIDED)
def test_the_text_decides_as_the_expert(
    name: str, situations: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUDO_UID", raising=False)
    root = tmp_path / "root"
    shutil.copytree(situations / name / "root", root, symlinks=True)
    for place in root.parents:  # who owns the program is who looks
        if str(place).startswith("/tmp/"):
            place.chmod(0o755)
    found = [cli(command, "--root", str(root)) for command in ("plan", "advise", "verify")]
    text = " ".join(" ".join(done.out + done.err for done in found).split())
    must, never = DECIDED[name]
    assert [words for words in must if words not in text] == []
    assert [words for words in never if words in text] == []
