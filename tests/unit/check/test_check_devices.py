"""What worked before new kernel options, remembered and compared by PCI address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from check_samples import NAVI10, facts, generation, put

from rdna_installer.check import device
from rdna_installer.check.device import check_devices, has_screen, working_devices
from rdna_installer.machine.process import Finished
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Status

PCI = "0000:03:00.0"
ALL = (f"driver {PCI}", f"kfd {PCI}", f"render {PCI}", f"screen {PCI} DP-1")


def card(root: Path, number: int, pci: str, driver: str | None, **connectors: str) -> None:
    device = root / f"sys/devices/pci/{pci}"
    device.mkdir(parents=True, exist_ok=True)
    drm = root / "sys/class/drm"
    drm.mkdir(parents=True, exist_ok=True)
    put(root, f"/sys/class/drm/card{number}/dev", "226:0\n")
    (drm / f"card{number}/device").symlink_to(f"../../../devices/pci/{pci}")
    if driver:
        put(root, f"/sys/bus/pci/drivers/{driver}/{pci}", "")
    for name, enabled in connectors.items():
        put(root, f"/sys/class/drm/card{number}-{name.replace('_', '-')}/enabled", f"{enabled}\n")


def test_what_works_is_named_by_its_address(tmp_path: Path) -> None:
    card(tmp_path, 1, PCI, "amdgpu", DP_1="enabled", HDMI_A_1="disabled")
    assert working_devices(facts(), Sysroot(tmp_path)) == ALL


def test_card_numbers_may_change(tmp_path: Path) -> None:
    card(tmp_path, 7, PCI, "amdgpu", DP_1="enabled")
    made = generation(devices=ALL)
    assert [c.status for c in check_devices(made, facts(), Sysroot(tmp_path))] == [Status.OK]


@pytest.mark.parametrize(
    ("connector", "driver", "gpu", "gone"),
    [
        ("disabled", "amdgpu", NAVI10, ["screen"]),
        ("enabled", None, NAVI10, ["driver", "screen"]),
        ("enabled", "amdgpu", replace(NAVI10, kfd_node=None), ["kfd"]),
        ("enabled", "amdgpu", replace(NAVI10, render_minor=None), ["render"]),
    ],
)
def test_what_is_gone_is_named(
    tmp_path: Path, connector: str, driver: str | None, gpu: object, gone: list[str]
) -> None:
    card(tmp_path, 0, PCI, driver, DP_1=connector)
    found = list(check_devices(generation(devices=ALL), facts(gpus=(gpu,)), Sysroot(tmp_path)))
    assert [c.id.partition(":")[2].split()[0] for c in found] == gone
    assert {c.status for c in found} == {Status.FAILED}


def test_another_drivers_screen_is_a_screen_but_not_ours_to_keep(tmp_path: Path) -> None:
    card(tmp_path, 0, "0000:00:02.0", "i915", eDP_1="enabled")
    devices = working_devices(facts(gpus=()), Sysroot(tmp_path))
    assert devices == ("other-screen - eDP-1",) or devices == ("other-screen 0000:00:02.0 eDP-1",)
    assert has_screen(devices)
    assert list(check_devices(generation(devices=devices), facts(), Sysroot(tmp_path / "sys"))) == []


@pytest.mark.parametrize(
    ("sessions", "classes", "there"),
    [
        ("2", {"2": "user"}, True),
        ("c1 2", {"c1": "greeter", "2": "user"}, True),
        ("c1", {"c1": "greeter"}, False),
        ("", {}, False),
        ("3", {}, False),
    ],
)
def test_only_a_user_at_the_seat_counts(
    monkeypatch: pytest.MonkeyPatch, sessions: str, classes: dict[str, str], there: bool
) -> None:
    def loginctl(argv: list[str], **_: object) -> Finished:
        if argv[1] == "show-seat":
            return Finished(0, f"Sessions={sessions}\n".encode(), b"")
        known = classes.get(argv[2])
        return Finished(0, f"Class={known}\n".encode(), b"") if known else Finished(1, b"", b"No session")

    monkeypatch.setattr(device, "run", loginctl)
    assert device.somebody_is_at_the_seat() is there


def test_without_logind_nobody_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "run", lambda argv, **_: Finished(1, b"", b"Failed to connect to bus"))
    assert not device.somebody_is_at_the_seat()
