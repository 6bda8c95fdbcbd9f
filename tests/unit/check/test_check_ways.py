"""Which ways in to the machine get the settings, and what is said of the others (reach.md, section 1)."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.check.ways import check_ways
from rdna_installer.detect.dotfiles import Assignment, FoundAssignment, Scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, Managed, Status, User, regular

THERE = ("usr/sbin/cron", "usr/sbin/sshd", "usr/bin/sudo", "bin/zsh", "usr/bin/fish", "usr/lib/systemd/systemd")
OURS = ("/etc/profile.d/rdna-installer.sh", "/etc/environment.d/60-rdna-installer.conf")
FISH = "/etc/fish/conf.d/rdna-installer.fish"
WANTED = {"HSA_XNACK": "0"}


def reached(tmp_path: Path, shell: str, *files: str, ours: tuple[str, ...] = OURS, value: str = "0") -> set[str]:
    for name in THERE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    managed = (Managed(p, regular(p, b"x"), FileState(p), 1) for p in map(PurePosixPath, ours))
    reach = {"crontab": "cron"}
    found = (
        FoundAssignment(PurePosixPath(f), f, Assignment(1, "HSA_XNACK", value), reach=reach.get(f, "")) for f in files
    )
    user = User(1000, 1000, "sam", PurePosixPath("/home/sam"), shell, frozenset())
    checks = [
        *check_ways(WANTED, Generation("apply", managed=tuple(managed)), Scan(tuple(found)), Sysroot(tmp_path), user)
    ]
    assert all(c.hint and c.verdict for c in checks if c.status is not Status.OK)
    return {c.id.removeprefix("way:") for c in checks if c.status is Status.OK}


SERVICES, CRON, SSH = "services of your own (systemctl --user)", "cron", "ssh HOST COMMAND"
CASES = [
    (("/bin/bash",), {SERVICES}),
    (("/bin/bash", "/etc/environment"), {SERVICES, CRON, SSH}),
    (("/bin/bash", "~/.bashrc"), {SERVICES, SSH}),
    (("/bin/bash", "crontab"), {SERVICES, CRON}),
    (("/bin/zsh", "~/.zprofile"), {SERVICES, "login with zsh"}),
    (("/bin/zsh", "~/.zshenv"), {SERVICES, "login with zsh", SSH}),
    (("/bin/zsh", "~/.bashrc"), {SERVICES}),
    (("/bin/dash", "~/.profile"), {SERVICES}),
]


@pytest.mark.parametrize(("case", "wanted"), CASES)
def test_who_is_reached(tmp_path: Path, case: tuple[str, ...], wanted: set[str]) -> None:
    assert reached(tmp_path, *case) == wanted


def test_another_value_does_not_count(tmp_path: Path) -> None:
    assert reached(tmp_path, "/bin/bash", "/etc/environment", value="1") == {SERVICES}


def test_fish_has_a_file_of_its_own(tmp_path: Path) -> None:
    assert reached(tmp_path, "/usr/bin/fish") == {SERVICES}
    assert reached(tmp_path, "/usr/bin/fish", ours=(*OURS, FISH)) == {SERVICES, "fish", SSH}
