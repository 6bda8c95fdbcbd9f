"""From an index to a locked folder: what is chosen over the wire, and what every fault of an index leaves behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from fixtures.indexserver import Index, serving
from fixtures.wheelmaker import SplitSet, amd_split, generic, rocm_pieces, wheel

from rdna_installer.detect.gpus import given
from rdna_installer.environments.choose import Here
from rdna_installer.environments.lock import HashFrom, Lock
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.net import Net, Patience
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import replace
from rdna_installer.workflow import choosing, fetching, shelves
from rdna_installer.workflow.choosing import Asking
from rdna_installer.workflow.shelves import WebShelf

BASE = PurePosixPath("/var/lib/rdna-installer/wheels")
SET = SplitSet("2.14.0", "0.29.0", "2.11.0.2", "10.1.0", ("cp311",), ("gfx1010", "gfx1030"), fill=300_000)
DEVICE = "amd_torch_device_gfx1010-2.14.0+rocm10.1.0-cp311-cp311-linux_x86_64.whl"
SHORT = Patience(connect=5.0, silence=0.4, total=20.0)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    rocm_pieces(folder, "10.1.0", SET.targets, fill=300_000)
    amd_split(folder, SET)
    generic(folder)
    return folder


@pytest.fixture
def index(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(wheels) as served:
        yield served


class Bench:
    """One machine that fetches from one index."""

    def __init__(self, index: Index, tmp_path: Path) -> None:
        (tmp_path / "root/var/lib").mkdir(parents=True)
        self.index, self.root = index, Sysroot(tmp_path / "root")
        self.net = Net(patience=SHORT)
        self.said: list[tuple[str, int, int]] = []

    @property
    def folder(self) -> Path:
        return self.root.path(fetching.folder_of(BASE, self.index.url))

    def names(self) -> list[str]:
        return sorted(p.name for p in self.folder.iterdir() if p.name != ".lock") if self.folder.is_dir() else []

    def plan(self) -> choosing.Plan:
        return choosing.plan(self.root, self.net, Asking(given("gfx1010"), Here("cp311"), self.index.url))

    def fetch(self, plan: choosing.Plan | None = None) -> Lock:
        return fetching.fetch(self.root, BASE, plan or self.plan(), self.net, lambda *said: self.said.append(said))

    def refused(self, plan: choosing.Plan | None = None) -> RdnaError:
        with pytest.raises(RdnaError) as caught:
            self.fetch(plan)
        assert not [name for name in self.names() if name.startswith("lock-")]
        return caught.value

    def whole(self) -> None:
        """Every file as the index has it, nothing else but the lock."""
        for name in self.names():
            if not name.startswith("lock-"):
                (served,) = self.index.folder.glob(f"*/{name}")
                assert (self.folder / name).read_bytes() == served.read_bytes(), name
        assert not [name for name in self.names() if name.endswith(".part")]


@pytest.fixture
def bench(index: Index, tmp_path: Path) -> Bench:
    return Bench(index, tmp_path)


def test_a_set_is_fetched_and_locked(bench: Bench) -> None:
    plan = bench.plan()
    lock = bench.fetch(plan)
    bench.whole()
    assert {file.hash_from for file in lock.files} == {HashFrom.ARRIVAL}
    assert [file.filename for file in lock.files if file.sdist] == ["rocm-10.1.0.tar.gz"]
    assert len(lock.files) == len(plan.choice.files) == len(bench.names()) - 1 == 22
    assert plan.size == sum(file.size for file in lock.files) == bench.said[-1][1]
    assert [done for _, done, _ in bench.said] == sorted(done for _, done, _ in bench.said)
    assert fetching.read_lock(bench.root, fetching.folder_of(BASE, bench.index.url) / fetching.lock_name(plan)) == lock


def test_a_file_of_unknown_size_adds_no_bytes_to_what_is_announced(bench: Bench) -> None:
    plan = bench.plan()
    first, *known = plan.choice.files
    some = replace(plan, choice=replace(plan.choice, files=(replace(first, size=None), *known)))
    none = replace(plan, choice=replace(plan.choice, files=(replace(first, size=None),)))
    assert (some.size, none.size, none.unpacked) == (sum(file.size or 0 for file in known), 0, 0)


def test_before_consent_only_a_little_is_read(bench: Bench) -> None:
    """The wheels have 3 MB; for the plan nothing is fetched but pages, heads, and the ends of wheels."""
    bench.plan()
    whole = [
        path for how, path, part in bench.index.asked if how == "GET" and path.endswith((".whl", ".gz")) and not part
    ]
    assert whole == []
    assert not bench.folder.exists()


def test_a_wheel_with_a_long_list_of_files_is_looked_into(bench: Bench, tmp_path: Path) -> None:
    many = {f"big/{n:05}_{'x' * 60}.py": "" for n in range(3000)}
    path = wheel(tmp_path / "other", "big", "1.0", files={**many, "big/data": b"d" * 900_000}, requires=["torch"])
    with serving(tmp_path / "other") as served:
        here = WebShelf(bench.net, served.url)
        (file,) = here.files("big")
        assert here.metadata(file).requires == ("torch",)
        assert here.sized(file).size == path.stat().st_size
        assert 2 <= len(served.asked) <= 6
        assert served.count("HEAD") == 0


def test_metadata_beside_the_files_is_used(bench: Bench) -> None:
    bench.index.metadata = bench.index.hashes = bench.index.json = True
    plan = bench.plan()
    assert not [part for _, _, part in bench.index.asked if part]
    assert bench.index.count("HEAD") == 0
    assert {file.hash_from for file in bench.fetch(plan).files} == {HashFrom.INDEX}


def test_a_second_call_fetches_nothing(bench: Bench) -> None:
    first = bench.fetch()
    bench.index.asked.clear()
    assert bench.fetch() == first
    assert not [path for how, path, part in bench.index.asked if how == "GET" and path.endswith(".whl") and not part]


@pytest.mark.parametrize("hashes", [True, False])
def test_a_cut_is_gone_on_with(bench: Bench, hashes: bool) -> None:
    bench.index.hashes = hashes
    plan = bench.plan()
    bench.index.faults[DEVICE] = ("cut", 100_000)
    err = bench.refused(plan)
    assert (err.reference, err.context) == (
        "net-cut",
        f"{bench.index.url}{DEVICE.split('-', maxsplit=1)[0].replace('_', '-')}/{DEVICE.replace('+', '%2B')}",
    )
    (part,) = [name for name in bench.names() if name.endswith(".part")]
    assert (bench.folder / part).stat().st_size == 100_000
    bench.index.faults.clear()
    bench.index.asked.clear()
    bench.fetch(plan)
    bench.whole()
    assert [part for _, path, part in bench.index.asked if path.endswith(DEVICE)] == ["", "bytes=100000-"]


def test_without_anything_to_hold_it_against_a_part_is_begun_anew(bench: Bench) -> None:
    bench.index.etags = False
    plan = bench.plan()
    bench.index.faults[DEVICE] = ("cut", 100_000)
    bench.refused(plan)
    bench.index.faults.clear()
    bench.index.asked.clear()
    bench.fetch(plan)
    bench.whole()
    assert [part for _, path, part in bench.index.asked if path.endswith(DEVICE)] == ["", ""]


@pytest.mark.parametrize("came", [1, 100_000])
def test_with_a_digest_a_part_is_gone_on_with_on_trial(bench: Bench, came: int) -> None:
    bench.index.etags, bench.index.hashes = False, True
    plan = bench.plan()
    bench.index.faults[DEVICE] = ("cut", 100_000)
    bench.refused(plan)
    (part,) = [name for name in bench.names() if name.endswith(".part")]
    (bench.folder / part).write_bytes(b"x" * came)  # of another file: seen at the end, and begun once more
    bench.index.faults.clear()
    bench.index.asked.clear()
    bench.fetch(plan)
    bench.whole()
    asked = [part for how, path, part in bench.index.asked if path.endswith(DEVICE) and how == "GET"]
    assert asked == [f"bytes={came}-", ""]


def test_cut_twice_nothing_of_the_first_try_is_left(bench: Bench) -> None:
    bench.index.etags = False
    plan = bench.plan()
    for count in (100_000, 50_000):
        bench.index.faults[DEVICE] = ("cut", count)
        bench.refused(plan)
        (part,) = [name for name in bench.names() if name.endswith(".part")]
        assert (bench.folder / part).stat().st_size == count


def test_a_file_that_changed_in_between_is_begun_anew(bench: Bench, wheels: Path) -> None:
    plan = bench.plan()
    bench.index.faults[DEVICE] = ("cut", 100_000)
    bench.refused(plan)
    bench.index.faults.clear()
    path = wheels / "amd-torch-device-gfx1010" / DEVICE
    before = path.read_bytes()
    try:
        path.write_bytes(before[:50] + b"x" + before[51:])
        bench.fetch(plan)
        bench.whole()
    finally:
        path.write_bytes(before)


def test_a_changed_byte_is_refused(bench: Bench) -> None:
    bench.index.hashes = True
    plan = bench.plan()
    bench.index.faults[DEVICE] = ("flip", 1000)
    err = bench.refused(plan)
    assert (err.reference, err.exit_code) == ("file-changed", Exit.FAILED)
    assert DEVICE in err.message
    assert DEVICE not in bench.names()
    assert not [name for name in bench.names() if name.endswith(".part")]
    bench.index.faults.clear()
    bench.fetch(plan)
    bench.whole()


def test_what_was_recorded_on_arrival_holds(bench: Bench) -> None:
    """Nobody publishes a digest: a byte that changes later, here or there, is seen."""
    plan = bench.plan()
    bench.fetch(plan)
    (bench.folder / DEVICE).write_bytes(b"x" * (bench.folder / DEVICE).stat().st_size)
    bench.fetch(plan)
    bench.whole()
    (bench.folder / DEVICE).unlink()
    bench.index.faults[DEVICE] = ("flip", 1000)
    with pytest.raises(RdnaError) as caught:
        bench.fetch(plan)
    assert caught.value.reference == "file-changed"
    assert "an earlier download had" in caught.value.message


@pytest.mark.parametrize(
    ("fault", "reference"),
    [
        (("status", 403), "net-missing"),
        (("status", 404), "net-missing"),
        (("status", 503), "net-refused"),
        (("redirect", "http://blocked.example/x.whl"), "net-plain"),
        (("stop", 2), "net-slow"),
    ],
)
def test_one_file_that_does_not_come(bench: Bench, fault: tuple[str, float | str], reference: str) -> None:
    plan = bench.plan()
    bench.index.faults[DEVICE] = fault
    err = bench.refused(plan)
    assert err.reference == reference
    assert (err.context or "").startswith("http")
    bench.index.faults.clear()
    bench.fetch(plan)
    bench.whole()


@pytest.mark.parametrize("back", [DEVICE, "rocm_sdk_device_gfx1010-10.1.0-py3-none-linux_x86_64.whl"])
def test_a_piece_that_was_taken_back(bench: Bench, back: str) -> None:
    bench.index.yanked = (back,)
    with pytest.raises(RdnaError) as caught:
        bench.plan()
    assert caught.value.reference == "no-set"
    assert "taken back: wrong kernels" in caught.value.message


def test_an_index_that_knows_no_ranges_and_no_metadata(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has not even a small wheel's METADATA to be read; a small wheel is read whole."""
    bench.index.ranges = False
    bench.plan()
    monkeypatch.setattr(shelves, "LOOKS", 200_000)
    with pytest.raises(RdnaError) as caught:
        bench.plan()
    assert caught.value.reference == "net-no-ranges"
    bench.index.metadata = True
    bench.fetch()
    bench.whole()


def test_an_index_that_counts_parts_from_the_beginning_only(bench: Bench) -> None:
    bench.index.suffixes = False
    bench.fetch()
    bench.whole()


def test_space_is_asked_for_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = bench.plan()
    monkeypatch.setattr(Sysroot, "free_bytes", lambda *_: 64 << 20)
    bench.index.asked.clear()
    err = bench.refused(plan)
    assert (err.reference, bench.names()) == ("disk-full", [])
    assert bench.index.asked == []


def test_the_disk_fills_on_the_way(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, real, left = bench.plan(), durable._write_all, [500_000]

    def full(fd: int, content: bytes) -> None:
        left[0] -= len(content)
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(fd, content)

    monkeypatch.setattr(durable, "_write_all", full)
    err = bench.refused(plan)
    assert (err.reference, err.exit_code) == ("disk-full", Exit.FAILED)
    assert "goes on" in err.message
    monkeypatch.setattr(durable, "_write_all", real)
    bench.fetch(plan)
    bench.whole()


def test_a_wheel_that_is_another_is_not_kept(bench: Bench, wheels: Path, tmp_path: Path) -> None:
    plan = bench.plan()
    path = wheels / "amd-torch-device-gfx1010" / DEVICE
    before = path.read_bytes()
    other = wheel(tmp_path, "other", "1.0").read_bytes()
    try:
        path.write_bytes(other + b"\0" * (len(before) - len(other)))
        assert bench.refused(plan).reference in ("wheel-lies", "wheel-damaged")
    finally:
        path.write_bytes(before)
    assert not [name for name in bench.names() if DEVICE in name]


def test_a_folder_of_wheels(bench: Bench, tmp_path: Path) -> None:
    flat = bench.root.root / "srv/wheels"
    flat.mkdir(parents=True)
    for path in bench.index.folder.glob("*/*"):
        (flat / path.name).write_bytes(path.read_bytes())
    asking = Asking(given("gfx1010"), Here("cp311"), wheels=PurePosixPath("/srv/wheels"))
    plan = choosing.plan(bench.root, bench.net, asking)
    lock = fetching.fetch(bench.root, BASE, plan, bench.net, lambda *_: None)
    assert {file.url for file in lock.files} == {None}
    assert bench.index.asked == []
    asking = Asking(given("gfx1010"), Here("cp311"), wheels=PurePosixPath("/srv/nothing"))
    with pytest.raises(RdnaError) as caught:
        choosing.plan(bench.root, bench.net, asking)
    assert caught.value.reference == "no-wheels"


KILLED = """
import sys
sys.path[:0] = {path!r}
from pathlib import Path
from unit.workflow.test_fetching import Bench, Index
bench = Bench.__new__(Bench)
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.net import Net
bench.index, bench.root, bench.net, bench.said = Index(Path("/"), url={url!r}), Sysroot({root!r}), Net(), []
bench.fetch()
"""


@pytest.mark.processes
def test_killed_at_any_moment_it_goes_on(bench: Bench) -> None:
    """Killed again and again, with a server that is slow; at the end nothing but whole files and the lock."""
    bench.index.faults["torch-2.14.0+rocm10.1.0-cp311-cp311-linux_x86_64.whl"] = ("slow", 0.002)
    tests = str(Path(__file__).resolve().parents[2])
    code = KILLED.format(
        path=[tests, str(Path(tests).parent / "installer")], url=bench.index.url, root=str(bench.root.root)
    )
    cut = 0
    for turn in range(8):
        child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while not bench.names() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05 * (turn + 1))
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=60)
        left = [name for name in bench.names() if name.endswith(".part")]
        assert len(left) <= 1
        cut += bool(left)
        for name in bench.names():
            if not name.endswith(".part") and not name.startswith("lock-"):
                (served,) = bench.index.folder.glob(f"*/{name}")
                assert (bench.folder / name).read_bytes() == served.read_bytes()
    assert cut >= 3
    bench.index.faults.clear()
    bench.fetch()
    bench.whole()


def test_two_at_once(bench: Bench) -> None:
    from rdna_installer.machine.folder import Folder, exclusive

    plan = bench.plan()
    place = fetching.folder_of(BASE, bench.index.url)
    durable.make_folders(bench.root, place, 0o755)
    with Folder.open(bench.root, place) as folder, exclusive(folder, ".lock"):
        assert bench.refused(plan).reference == "busy"


@pytest.mark.parametrize(
    ("named", "plainly"),
    [("http://mirror.lan:8080/simple", {"mirror.lan"}), ("https://[::1/simple", set()), ("amd", set()), (None, set())],
)
def test_only_the_host_that_was_named_is_asked_without_tls(named: str | None, plainly: set[str]) -> None:
    """Beside those of this machine; what is no address is said where it is asked."""
    assert choosing.network(Asking(given("gfx1010"), Here("cp311"), named)).named == Net().named | plainly
