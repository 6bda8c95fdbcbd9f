"""``cache clear``: what it shows, what it asks, what goes and what stays."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from cli_sample import Cli

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.workflow.caches import find_places, is_networked

PLACES = {
    "miopen-kernels": "home/sam/.cache/miopen/3.2.0/x.ukdb",
    "miopen-database": "home/sam/.config/miopen/gfx1030.ufdb.txt",
    "triton": "home/sam/.triton/cache/abc/kernel.hsaco",
    "inductor": "tmp/torchinductor_sam/ab/cab.py",
}


@pytest.fixture
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A root with one user, an RX 5600 XT (or none: parameter "plain") and every cache."""
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(f"sam:x:{os.getuid()}:{os.getgid()}:Sam:/home/sam:/bin/bash\n")
    if getattr(request, "param", "gfx1010") == "gfx1010":
        node = root / "sys/class/kfd/kfd/topology/nodes/1"
        node.mkdir(parents=True)
        (node / "properties").write_text("simd_count 72\ngfx_target_version 100100\nvendor_id 4098\ndevice_id 29471\n")
    for place in PLACES.values():
        path = root / place
        path.parent.mkdir(parents=True)
        path.write_bytes(b"k" * 3000)
    (root / "home/sam/.triton/override").mkdir()
    return root


def left(root: Path) -> set[str]:
    return {name for name, place in PLACES.items() if (root / place).exists()}


def test_shown_and_removed(machine: Path, cli: Cli) -> None:
    done = cli("cache", "clear", "--yes", "--root", str(machine))
    assert done.code == 0
    assert done.out == (
        "Caches of sam\n"
        "  clear  MIOpen's compiled kernels: 3 KiB in 1 file\n"
        "         /home/sam/.cache/miopen\n"
        "  clear  MIOpen's choice of solvers: 3 KiB in 1 file\n"
        "         /home/sam/.config/miopen\n"
        "  clear  Inductor's compiled code: 3 KiB in 1 file\n"
        "         /tmp/torchinductor_sam\n"
        "  leave  Triton's compiled kernels: 3 KiB in 1 file: Triton notices changed\n"
        "         settings itself; --all clears it too\n"
        "         /home/sam/.triton/cache\n"
        "  Solvers that were switched off and are on again stay hidden until MIOpen's\n"
        "  choice is cleared.\n"
    )
    assert "9 KiB in 3 files removed" in done.err
    assert left(machine) == {"triton"}, "its key holds the switches that change its code"
    assert (machine / "home/sam/.triton/override").is_dir()
    again = cli("cache", "clear", "--yes", "--root", str(machine))
    assert (again.code, again.out.count("not there")) == (0, 3)


def test_an_empty_cache_is_nothing_to_remove(machine: Path, cli: Cli) -> None:
    """done: 0 KiB in 0 files removed; the next run compiles again"""
    for name in PLACES.values():
        (machine / name).unlink()
    done = cli("cache", "clear", "--yes", "--json", "--root", str(machine))
    found = json.loads(done.out)
    assert (done.code, found["outcome"]) == (0, "nothing-to-do") and "removed" not in done.err
    assert {cache["why"] for cache in found["caches"]} == {"it is empty"}


def test_without_a_terminal_it_wants_yes(machine: Path, cli: Cli) -> None:
    done = cli("cache", "clear", "--root", str(machine))
    assert done.code == 5
    assert "--yes" in done.err
    assert left(machine) == set(PLACES)


def test_dry_run_and_json(machine: Path, cli: Cli) -> None:
    done = cli("cache", "clear", "-n", "--json", "--root", str(machine))
    data = json.loads(done.out)
    assert (done.code, data["schema"], data["user"]) == (0, 1, "sam")
    chosen = {c["id"] for c in data["caches"] if c["clear"] and c["bytes"] >= 3000 and c["files"] == 1}
    assert chosen == set(PLACES) - {"triton"}
    assert left(machine) == set(PLACES)


@pytest.mark.parametrize("machine", ["plain"], indirect=True)
def test_triton_is_left_where_it_does_not_matter(machine: Path, cli: Cli) -> None:
    done = cli("cache", "clear", "--yes", "--root", str(machine))
    assert done.out.count("--all clears it too") == 2
    assert left(machine) == {"triton", "inductor"}
    assert cli("cache", "clear", "--yes", "--all", "--root", str(machine)).code == 0
    assert left(machine) == set()


def test_a_link_in_its_place_is_left(machine: Path, cli: Cli) -> None:
    cache = machine / "home/sam/.cache/miopen"
    cache.rename(machine / "elsewhere")
    cache.symlink_to("/elsewhere")
    done = cli("cache", "clear", "--yes", "--root", str(machine))
    assert "it is a link to another place" in done.out
    assert (machine / "elsewhere/3.2.0/x.ukdb").exists()


@pytest.mark.parametrize(
    ("value", "cleared"),
    [("/home/sam", False), ("/home/sam/photos", False), ("relative/cache", False), ("/home/sam/my-miopen", True)],
)
def test_a_directory_named_by_a_variable(value: str, cleared: bool) -> None:
    sam = User(1000, 1000, "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
    place = next(find_places(sam, {"MIOPEN_CUSTOM_CACHE_DIR": value}))
    assert (place.variable, place.problem is None) == ("MIOPEN_CUSTOM_CACHE_DIR", cleared)


def test_directories_that_a_start_up_file_names(machine: Path, cli: Cli) -> None:
    """Under sudo and below --root the caller's session does not hold what ~/.bashrc sets."""
    (machine / "home/sam/.bashrc").write_text(
        "export MIOPEN_USER_DB_PATH=$HOME/miopen-db\nexport MIOPEN_CUSTOM_CACHE_DIR=$ELSEWHERE/miopen\n"
    )
    moved = machine / "home/sam/miopen-db/gfx1010.ufdb.txt"
    moved.parent.mkdir()
    moved.write_text("x")
    done = cli("cache", "clear", "--yes", "--root", str(machine))
    assert not moved.exists()
    assert "the variable does not name one place" in " ".join(done.out.split())
    assert {"miopen-database", "miopen-kernels"} <= left(machine), "what is not used any more is not touched"


@pytest.fixture
def public_root(machine: Path) -> Iterator[Path]:
    """The machine where other users can reach it: pytest's own folders are closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="rdna-test-", dir="/tmp"))
    folder.chmod(0o755)
    shutil.copytree(machine, folder / "root")
    yield folder / "root"
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work as somebody else")
def test_under_sudo_with_the_users_rights(public_root: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not the user's own stays, although root could remove it."""
    uid = 23456
    (public_root / "etc/passwd").write_text(f"sam:x:{uid}:{uid}:Sam:/home/sam:/bin/bash\n")
    monkeypatch.setenv("SUDO_UID", str(uid))
    for path in (public_root / "home/sam", public_root / "tmp/torchinductor_sam"):
        for entry in (path, *path.rglob("*")):
            os.chown(entry, uid, uid)
    (public_root / "tmp").chmod(0o1777)
    os.chown(public_root / "home/sam/.config/miopen", 0, 0)
    done = cli("cache", "clear", "--yes", "--root", str(public_root))
    assert done.code == 0, done.err
    assert "it belongs to user 0" in done.out
    assert left(public_root) == {"miopen-database", "triton"}


@pytest.mark.parametrize(
    ("kind", "home"), [("nfs4", "/tmp"), ("ceph", "/tmp"), ("ext4", "/home/sam"), ("btrfs", "/home/sam")]
)
def test_with_a_home_on_a_network_miopen_writes_below_the_temporary_directory(
    kind: str, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mount that holds the home decides, not one above or beside it."""
    mounted = f"1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / /home rw - {kind} b rw\n3 1 0:3 / /srv rw - nfs c rw\n"
    root = Sysroot(Path("/"))
    monkeypatch.setattr(Sysroot, "read_optional", lambda self, path, **kw: mounted)
    sam = User(1000, 1000, "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
    places = list(find_places(sam, {}, is_networked(root, sam.home)))
    assert [str(place.path) for place in places[:2]] == [f"{home}/.cache/miopen", f"{home}/.config/miopen"]
    named = next(find_places(sam, {"MIOPEN_CUSTOM_CACHE_DIR": "~/miopen-cache"}, True))
    assert (str(named.path), named.problem) == ("/home/sam/miopen-cache", None)


@pytest.mark.processes
def test_a_plan_says_that_a_database_hides_what_is_on_again(sample: Path, cli: Cli) -> None:
    at = ("--root", str(sample), "--layer", "python", "--set")
    assert cli("apply", "--yes", *at, "MIOPEN_DEBUG_CONV_WINOGRAD=0").code == 0
    again = " ".join(cli("plan", *at, "MIOPEN_DEBUG_CONV_WINOGRAD=0").out.split())
    assert "on again" not in again
    back = " ".join(cli("plan", *at, "MIOPEN_LOG_LEVEL=4").out.split())
    assert "MIOPEN_DEBUG_CONV_WINOGRAD: on again, but MIOpen's database still hides" in back
