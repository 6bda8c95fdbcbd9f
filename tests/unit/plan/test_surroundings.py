"""WSL, immutable systems and containers: said wherever a decision is shown, and where kernel options belong."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from policy_samples import gpu, host, torch

from rdna_installer.detect.host import find_container, find_immutable, is_wsl
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import load_book
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, Layer, Request, Setting
from rdna_installer.plan.advise import advise
from rdna_installer.plan.gpuset import require_gpu
from rdna_installer.plan.surroundings import refuse_kernel_layer, surroundings

FACTS = host((gpu("gfx1101"),), torch("2.9.1+rocm6.4", "6.4", ("gfx1101",)))
OPTION = (Setting(Layer.KERNEL, None, "cwsr_enable", "0", "rule"),)


def on(**more: object) -> HostFacts:
    return dataclasses.replace(FACTS, **more)  # type: ignore[arg-type]


KINDS = {
    "wsl": (on(wsl=True), "HSA_ENABLE_DXG_DETECTION=1", "wsl"),
    "steamos": (on(immutable="steamos"), "outside /home does not survive", "steamos"),
    "rpm-ostree": (on(immutable="rpm-ostree"), "rpm-ostree kargs", "rpm-ostree"),
    "container": (on(container="docker"), "--device /dev/kfd", "container"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_and_kernel_options_are_refused(kind: str) -> None:
    facts, words, refused = KINDS[kind]
    assert [(k, words in text) for k, text in surroundings(facts)] == [(kind, True)]
    assert words in " ".join(advise(facts, load_book(), Request())[0].system)
    error = refuse_kernel_layer(facts, OPTION)
    assert error is not None
    assert error.reference == f"kernel-layer-{refused}"
    assert refuse_kernel_layer(facts, ()) is None, "the Python settings act here"


def test_a_plain_machine_is_nothing_special() -> None:
    assert list(surroundings(FACTS)) == []
    assert refuse_kernel_layer(FACTS, OPTION) is None


def test_the_host_is_told_what_the_host_must_do() -> None:
    error = refuse_kernel_layer(KINDS["container"][0], OPTION)
    assert error is not None
    assert (error.hint or "").startswith("on the host: put this on the kernel command line: amdgpu.cwsr_enable=0")


def test_without_a_gpu_under_windows() -> None:
    with pytest.raises(RdnaError, match="this is WSL"):
        require_gpu(dataclasses.replace(on(wsl=True), gpus=()))


@pytest.mark.parametrize(
    ("files", "wsl", "container", "immutable"),
    [
        ({"proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n"}, True, None, None),
        ({"dev/dxg": ""}, True, None, None),
        ({".dockerenv": ""}, False, "docker", None),
        ({"run/.containerenv": ""}, False, "podman", None),
        ({"run/systemd/container": "lxc\n"}, False, "lxc", None),
        ({"run/systemd/container": "wsl\n", "dev/dxg": ""}, True, None, None),
        ({"etc/os-release": "ID=steamos\nVERSION_ID=3.7\n"}, False, None, "steamos"),
        ({"etc/os-release": "ID=debian\n", "proc/sys/kernel/osrelease": "6.12.48+deb13-amd64\n"}, False, None, None),
    ],
)
def test_marks(tmp_path: Path, files: dict[str, str], wsl: bool, container: str | None, immutable: str | None) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    root = Sysroot(str(tmp_path))
    assert (is_wsl(root), find_container(root), find_immutable(root)) == (wsl, container, immutable)
