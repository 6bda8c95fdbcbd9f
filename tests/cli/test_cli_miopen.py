"""Another libMIOpen in a torch: put in place, known to every command, taken out again, refused where it does not fit.

The libraries are real ones (``fixtures/roclibs.py``); below another root they are read and not loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from cli_sample import SAM, Cli
from user_machines import SITE, VENV, Card, Wheel, build

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import swapping

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
import roclibs

pytestmark = [pytest.mark.processes, roclibs.needs_cc]
RX5700XT = Card(100100, 0x731F, 0x5E1B2C3D4E5F6071)
PLACE = f"{SITE}/torch/lib/libMIOpen.so.1"
ARGV = ("--python", f"/{VENV}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = build(tmp_path / "root", (RX5700XT,), Wheel("2.5.1+rocm6.2", (), more="hip = '6.2'\n"), "6.1.0", None)
    library = roclibs.torch_folder(root / SITE / "torch/lib")
    digest = hashlib.sha256(library.read_bytes()).hexdigest()
    record = f"torch/lib/libMIOpen.so.1,sha256={digest},{library.stat().st_size}\n"
    (root / SITE / "torch-2.5.1+rocm6.2.dist-info/RECORD").write_text(record)
    clang = root / roclibs.CLANG[1:]
    clang.parent.mkdir(parents=True)
    clang.touch()
    return root


def _built(root: Path, **how: object) -> str:
    """A library somebody built; its path below the root."""
    number = how.pop("number", 6)
    folder = root / "home/sam/build"
    roclibs.miopen(folder, roclibs.hip(folder / "hip", number), **({"mark": "patched"} | how))  # type: ignore[arg-type]
    return "/home/sam/build/libMIOpen.so.1"


def _apply(cli: Cli, root: Path, file: str, *more: str):
    return cli("apply", "--root", str(root), "--miopen", file, *ARGV, "--yes", *more)


def test_put_in_place_known_and_taken_out_again(cli: Cli, root: Path) -> None:
    stock = (root / PLACE).read_bytes()
    record = (root / SITE / "torch-2.5.1+rocm6.2.dist-info/RECORD").read_bytes()
    file = _built(root)
    done = _apply(cli, root, file)
    assert done.code == 0, done.err
    assert (root / PLACE).read_bytes() == (root / file[1:]).read_bytes() != stock
    assert (root / SITE / "torch-2.5.1+rocm6.2.dist-info/RECORD").read_bytes() == record
    seen = json.loads(cli("verify", "--root", str(root), *ARGV, "--json").out)
    by_id = {check["id"]: check for check in seen["checks"]}
    assert by_id[f"file:/{PLACE}"]["status"] == "ok"
    ours = by_id[f"library:libMIOpen.so.1:/{VENV}/bin/python"]
    assert (ours["status"], "rollback" in ours["hint"]) == ("ok", True)
    assert "libMIOpen.so.1" in cli("status", "--root", str(root), "--json").out
    log = root / "home/sam/log"
    log.write_text(
        "MIOpen(HIP): Error [Compile] 'hiprtcCompileProgram(prog.get(), c_options)' x: HIPRTC_ERROR_COMPILATION (6)\n"
    )
    assert "put another libMIOpen.so.1 there" in " ".join(cli("diagnose", "--root", str(root), str(log)).out.split())
    assert not (root / "var/lib/rdna-installer/libraries").exists()
    assert cli("recover", "--root", str(root), "--check").code == 0
    again = _apply(cli, root, file)
    assert (again.code, "nothing" in (again.out + again.err).lower()) == (0, True)
    back = cli("rollback", "--root", str(root), "--yes")
    assert (back.code, (root / PLACE).read_bytes()) == (0, stock), back.err


def test_uninstall_puts_the_original_back_and_leaves_nothing(cli: Cli, root: Path) -> None:
    stock = (root / PLACE).read_bytes()
    assert _apply(cli, root, _built(root)).code == 0
    gone = cli("uninstall", "--purge", "--root", str(root), "--yes")
    assert (gone.code, (root / PLACE).read_bytes()) == (0, stock), gone.err
    assert not (root / "var/lib/rdna-installer").exists()


def test_an_ordinary_apply_leaves_it_alone_and_it_leaves_settings_alone(cli: Cli, root: Path) -> None:
    settings = ("apply", "--root", str(root), "--profile", "rocm52-spoof", "--layer", "python", *ARGV, "--yes")
    cli(*settings)
    before = {p: p.read_bytes() for p in (root / SITE).glob("rdna_hook*")}
    file = _built(root)
    assert _apply(cli, root, file).code == 0
    assert {p: p.read_bytes() for p in before} == before
    cli(*settings, "--set", "MIOPEN_LOG_LEVEL=5")
    assert (root / PLACE).read_bytes() == (root / file[1:]).read_bytes()


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"number": 7}, "it wants libamdhip64.so.7, and this torch runs on libamdhip64.so.6"),
        ({"functions": roclibs.FUNCTIONS[:1]}, "libtorch_hip.so wants miopenConvolutionForward@MIOPEN_HIP_1"),
        ({"version": "MIOPEN_HIP_2"}, "miopenCreate@MIOPEN_HIP_1"),
        ({"soname": "libMIOpen.so.2"}, "it calls itself libMIOpen.so.2, and this torch asks for libMIOpen.so.1"),
        ({"compiler": "/usr/bin/clang++-99"}, "no code for gfx1010"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(cli: Cli, root: Path, how: dict[str, object], says: str) -> None:
    stock = (root / PLACE).read_bytes()
    done = _apply(cli, root, _built(root, **how))
    assert (done.code, says in " ".join(done.err.split())) == (3, True), done.err
    assert (root / PLACE).read_bytes() == stock
    assert not (root / "var/lib/rdna-installer").exists()


@pytest.mark.parametrize("file", ["/etc/passwd", "/home/sam/none.so", "/home/sam", "/dev/zero"])
def test_what_is_no_library_is_one_error(cli: Cli, root: Path, file: str) -> None:
    done = _apply(cli, root, file)
    assert (done.code, done.err.count("error")) == (3, 1), done.err
    assert "Traceback" not in done.err


def test_a_full_disk_is_said_before_anything_is_copied(cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, stock = _built(root), (root / PLACE).read_bytes()
    monkeypatch.setattr(Sysroot, "free_bytes", lambda *_: 4096)
    full = _apply(cli, root, file)
    assert (full.code, "[no-room]" in full.err) == (3, True), full.err
    assert (root / PLACE).read_bytes() == stock


def test_which_torch_has_to_be_said(cli: Cli, root: Path) -> None:
    done = cli("apply", "--root", str(root), "--miopen", _built(root), "--yes")
    assert (done.code, "--python" in done.err) == (2, True)


def test_a_distributions_torch_is_refused_with_the_reason(cli: Cli, tmp_path: Path) -> None:
    wheel = Wheel("2.9.1", ("gfx1010",), more="hip = '6.4'\n", distribution=True)
    root = build(tmp_path / "root", (RX5700XT,), wheel, "6.1.0", None)
    roclibs.torch_folder(root / "usr/lib/python3.11/site-packages/torch/lib")
    done = cli("apply", "--root", str(root), "--miopen", _built(root), "--python", "/usr/bin/python3", "--yes")
    assert (done.code, "the distribution's" in done.err) == (3, True), done.err


def test_an_upgraded_torch_is_drift_and_never_overwritten_silently(cli: Cli, root: Path) -> None:
    file = _built(root)
    assert _apply(cli, root, file).code == 0
    (root / PLACE).unlink()
    roclibs.miopen(root / SITE / "torch/lib", root / SITE / "torch/lib/libamdhip64.so.6", mark="upgraded")
    upgraded = (root / PLACE).read_bytes()
    assert "libMIOpen.so.1" in cli("status", "--root", str(root)).out
    seen = cli("verify", "--root", str(root), *ARGV)
    assert (seen.code, "rollback --keep" in " ".join(seen.out.split())) == (4, True), seen.out
    assert (_apply(cli, root, file).code, (root / PLACE).read_bytes()) == (3, upgraded)
    assert (cli("rollback", "--root", str(root), "--yes").code, (root / PLACE).read_bytes()) == (3, upgraded)
    kept = cli("rollback", "--root", str(root), "--yes", "--keep")
    assert (kept.code, (root / PLACE).read_bytes()) == (0, upgraded), kept.err
    assert (_apply(cli, root, file).code, (root / PLACE).read_bytes()) == (3, upgraded)
    assert _apply(cli, root, file, "--overwrite").code == 0
    assert (root / PLACE).read_bytes() == (root / file[1:]).read_bytes()
    # What a way back leads to is the library that goes with this torch, not with the one before it.
    assert (cli("rollback", "--root", str(root), "--yes").code, (root / PLACE).read_bytes()) == (0, upgraded)


def test_a_variable_that_only_this_build_reads_may_be_set_with_it(cli: Cli, root: Path) -> None:
    argv = ("plan", "--root", str(root), *ARGV, "--layer", "python", "--set", "MIOPEN_FORCE_RDNA1=1", "--json")
    assert "MIOPEN_FORCE_RDNA1" not in [s["key"] for s in json.loads(cli(*argv).out).get("settings", [])]
    assert _apply(cli, root, _built(root, variables=(*roclibs.VARIABLES, "MIOPEN_FORCE_RDNA1"))).code == 0
    assert "MIOPEN_FORCE_RDNA1" in [s["key"] for s in json.loads(cli(*argv).out)["settings"]]


def test_a_library_of_hundreds_of_megabytes_is_never_held_in_memory(cli: Cli, root: Path) -> None:
    for path in (root / PLACE, root / _built(root)[1:]):
        with path.open("r+b") as stream:
            stream.truncate(96 << 20)
    cli("status", "--root", str(root))
    tracemalloc.start()
    try:
        assert _apply(cli, root, "/home/sam/build/libMIOpen.so.1").code == 0
        assert cli("rollback", "--root", str(root), "--yes").code == 0
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 48 << 20
    state = root / "var/lib/rdna-installer/generations"
    inodes = {path.stat().st_ino for path in state.glob("*/blobs/*") if path.stat().st_size == 96 << 20}
    assert len(inodes) == 2  # one copy of each, whatever number of changes has it


def _edit(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"junk")


EDITS = {"chmod": lambda path: path.chmod(0o600), "edit": _edit, "remove": Path.unlink}


@pytest.mark.parametrize("how", sorted(EDITS))
def test_the_printed_undo_of_a_way_back_over_an_edit_brings_it_again(cli: Cli, root: Path, how: str) -> None:
    place, run = root / PLACE, ("--root", str(root), "--yes")
    stock, mode = place.read_bytes(), place.stat().st_mode
    file = _built(root)
    assert _apply(cli, root, file).code == 0
    EDITS[how](place)
    assert cli("rollback", *run, "--overwrite").code == 0
    assert (place.read_bytes(), place.stat().st_mode) == (stock, mode)
    back = cli("rollback", "--to", "1", *run)
    assert (back.code, place.read_bytes()) == (0, (root / file[1:]).read_bytes()), back.err
    assert "1 file" in cli("status", "--root", str(root)).out
    assert cli("uninstall", "--purge", *run).code == 0
    assert (place.read_bytes(), place.stat().st_mode) == (stock, mode)


def test_an_edit_overwritten_between_two_of_ours_is_never_taken_for_the_original(cli: Cli, root: Path) -> None:
    place, run = root / PLACE, ("--root", str(root), "--yes")
    stock = place.read_bytes()
    assert _apply(cli, root, _built(root)).code == 0
    first = place.read_bytes()
    assert _apply(cli, root, _built(root, mark="second")).code == 0
    second = place.read_bytes()
    _edit(place)
    assert (cli("rollback", *run, "--overwrite").code, place.read_bytes()) == (0, first)
    assert (cli("rollback", "--to", "2", *run).code, place.read_bytes()) == (0, second)
    assert (cli("uninstall", "--purge", *run).code, place.read_bytes()) == (0, stock)


def test_writing_into_the_file_in_place_never_reaches_the_history(cli: Cli, root: Path) -> None:
    """`cp` over it, as the recipes of others have it, and pip's and uv's caches whose files are links of it."""
    place, run = root / PLACE, ("--root", str(root), "--yes")
    stock, cached = place.read_bytes(), root / "cached"
    cached.hardlink_to(place)
    file = _built(root)
    ours = (root / file[1:]).read_bytes()
    assert _apply(cli, root, file).code == 0
    cached.write_bytes(b"spoilt")
    for command, there, comes in (((), ours, stock), (("--to", "1"), stock, ours), (("--to", "2"), ours, stock)):
        assert (place.stat().st_nlink, place.read_bytes()) == (1, there)
        place.write_bytes(b"by hand")
        place.chmod(0o604)
        assert "damaged" not in cli("recover", "--root", str(root), "--check").out
        if there == stock:  # ours no more: an edit of it would be what there is to go back to
            place.write_bytes(stock)
            place.chmod(0o755)
        done = cli("rollback", *command, *run, "--overwrite")
        assert (done.code, place.read_bytes()) == (0, comes), done.err
    assert cli("uninstall", "--purge", *run).code == 0


def test_what_comes_back_is_the_original_with_its_times(cli: Cli, root: Path) -> None:
    place = root / PLACE
    place.chmod(0o751)
    os.utime(place, ns=(1_700_000_000_123_456_789, 1_600_000_000_987_654_321))
    before = place.stat()
    assert _apply(cli, root, _built(root)).code == 0
    assert cli("rollback", "--root", str(root), "--yes").code == 0
    after = place.stat()
    for name in ("st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns"):
        assert getattr(after, name) == getattr(before, name), name


def test_nothing_is_put_on_top_of_a_damaged_history(cli: Cli, root: Path) -> None:
    place, run = root / PLACE, ("--root", str(root), "--yes")
    original = hashlib.sha256(place.read_bytes()).hexdigest()
    assert _apply(cli, root, _built(root)).code == 0
    before = place.read_bytes()
    (held,) = (root / "var/lib/rdna-installer/generations").glob(f"*/blobs/{original}")
    held.write_bytes(b"spoilt")
    for command in (("apply", "--miopen", _built(root, mark="second"), *ARGV), ("rollback",), ("uninstall", "--purge")):
        done = cli(*command, *run)
        assert (done.code, "[state-corrupted]" in done.err, str(original) in done.err) == (3, True, True), done.err
        assert place.read_bytes() == before
        assert not (root / "var/lib/rdna-installer/libraries").exists()
    assert cli("recover", "--root", str(root), "--check").code == 4


def test_room_is_asked_for_both_copies_and_the_one_in_place(
    cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _built(root)
    needed = 2 * (root / file[1:]).stat().st_size + (root / PLACE).stat().st_size + swapping.SPARE
    monkeypatch.setattr(Sysroot, "free_bytes", lambda *_: needed - 1)
    assert "[no-room]" in _apply(cli, root, file).err
    monkeypatch.setattr(Sysroot, "free_bytes", lambda *_: needed)
    assert _apply(cli, root, file).code == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: writing with another user's rights was not tested")
def test_roots_way_back_and_forth_over_an_upgrade_of_a_users_torch(cli: Cli, root: Path) -> None:
    """A step back that finds his files right makes no generation of his: that is no change by himself."""
    folder = Path(tempfile.mkdtemp(prefix="rdna-test-"))  # pytest's own folders are closed to others
    try:
        folder.chmod(0o755)
        root = root.rename(folder / "root")
        (root / "etc/passwd").write_text(f"root:x:0:0::/root:/bin/sh\nsam:x:{SAM}:{SAM}:Sam:/home/sam:/bin/bash\n")
        (root / "var/lib").mkdir(parents=True, exist_ok=True)
        place, run = root / PLACE, ("--root", str(root), "--yes")
        file = _built(root)
        for path in (root / "home/sam", *(root / "home/sam").rglob("*")):
            os.chown(path, SAM, SAM, follow_symlinks=False)
        assert _apply(cli, root, file).code == 0
        place.unlink()
        roclibs.miopen(root / SITE / "torch/lib", root / SITE / "torch/lib/libamdhip64.so.6", mark="upgraded")
        os.chown(place, SAM, SAM)
        upgraded = place.read_bytes()
        assert _apply(cli, root, _built(root, mark="second"), "--overwrite").code == 0
        ours = place.read_bytes()
        back = cli("rollback", *run)
        assert (back.code, place.read_bytes()) == (0, upgraded)
        assert "becomes the library that its torch came with" in " ".join(back.err.split())
        assert (cli("rollback", *run).code, place.read_bytes()) == (0, upgraded)
        again = cli("rollback", "--to", "2", *run)
        assert (again.code, place.read_bytes(), "himself" in again.out + again.err) == (0, ours, False), again.err
        assert (place.stat().st_uid, place.stat().st_nlink) == (SAM, 1)
        assert (cli("uninstall", "--purge", *run).code, place.read_bytes()) == (0, upgraded)
    finally:
        shutil.rmtree(folder)
