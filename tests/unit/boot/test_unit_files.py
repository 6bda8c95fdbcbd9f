"""The directives of our units: what must not be there, because it would undo what the unit is for."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[3] / "templates/systemd"
ALL = sorted(path.name for path in UNITS.glob("*.service"))
BOOT = "rdna-installer-boot.service"

# systemd.exec(5): each of these, except where off, gives the service a mount namespace of its own. What rescue and
# trial mount must be seen by the whole machine, and what the boot check takes off must be gone for all of it.
NAMESPACE = (
    *("PrivateTmp", "PrivateDevices", "PrivateNetwork", "PrivateMounts", "PrivateIPC", "PrivateUsers", "PrivatePIDs"),
    *("ProtectSystem", "ProtectHome", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs"),
    *("ProtectControlGroups", "ProtectProc", "ProcSubset", "ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths"),
    *("ExecPaths", "NoExecPaths", "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem", "RootDirectory"),
    *("RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories", "MountAPIVFS", "MountFlags"),
    *("DynamicUser", "NetworkNamespacePath", "IPCNamespacePath", "LogNamespace", "LoadCredential", "SetCredential"),
    *("ImportCredential", "BindLogSockets"),
)
# What changes the image that the boot check has built; tests/system/test_units_started.py shows how.
BLINDS_THE_BUILDER = (
    *("ProtectKernelModules", "PrivateDevices", "DevicePolicy", "DeviceAllow", "ProtectClock", "ProtectHome"),
    *("PrivateNetwork", "RestrictSUIDSGID", "ProtectSystem"),
)
EXPECTED = ("NoNewPrivileges", "CapabilityBoundingSet", "SystemCallFilter", "RestrictAddressFamilies", "IPAddressDeny")


class Repeated(dict[str, object]):
    """A section whose settings may come several times, as systemd has it."""

    def __setitem__(self, key: str, value: object) -> None:
        old = self.get(key)
        super().__setitem__(key, old + value if isinstance(old, list) and isinstance(value, list) else value)


def service(name: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(strict=False, dict_type=Repeated)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNITS / name)
    return dict(parser["Service"])


def test_all_are_known() -> None:
    assert [name.removeprefix("rdna-installer-") for name in ALL] == ["boot.service", "rescue.service", "trial.service"]


@pytest.mark.parametrize("name", ALL)
def test_no_unit_has_a_mount_namespace(name: str) -> None:
    assert set(service(name)) & set(NAMESPACE) == set()


def test_the_boot_check_hides_nothing_from_who_builds_the_image() -> None:
    assert set(service(BOOT)) & set(BLINDS_THE_BUILDER) == set()


@pytest.mark.parametrize("name", ALL)
def test_every_unit_is_shut_in(name: str) -> None:
    assert set(EXPECTED) <= set(service(name))


def test_the_boot_check_may_take_a_child_into_namespaces() -> None:
    """For children with another's rights: their processes, and no others, end with them."""
    assert set(service(BOOT)["RestrictNamespaces"].split()) == {"pid", "ipc", "mnt"}
