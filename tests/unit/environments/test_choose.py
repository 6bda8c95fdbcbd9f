"""The choice held against a table that was written by hand, and what is said where something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from choice_table import NIGHTLY, PYTHONS, SERVED, cells
from fixtures.wheelmaker import (
    SplitSet,
    amd_split,
    cpu_torch,
    cuda_torch,
    generic,
    pytorch_bundled,
    pytorch_libraries,
    rocm_pieces,
    stable,
    wheel,
)  # fmt: skip
from shelves import FolderOf, wish

from rdna_installer.environments.choose import Found, Here, choose, rocm_of, survey
from rdna_installer.environments.index import IndexFile
from rdna_installer.environments.lock import HashFrom, Layout, Lock, LockedFile, expected
from rdna_installer.record import replace

SIZE = 8
TARGETS, EARLY = tuple(SERVED.split()), tuple(NIGHTLY.split())
YANKED = tuple(f"amd_torch_device_gfx1100-2.12.0+rocm7.14.1-{p}-{p}-linux_x86_64.whl" for p in PYTHONS)


def split(folder: Path, torch: str, rocm: str, pythons: tuple[str, ...], targets: tuple[str, ...], *skip: str) -> None:
    vision = {"2.14.0": "0.29.0", "2.13.0": "0.28.0", "2.12.0": "0.27.0"}[torch]
    amd_split(folder, SplitSet(torch, vision, "2.11.0", rocm, pythons, targets, skip=skip, fill=SIZE))


@pytest.fixture(scope="session")
def indexes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FolderOf]:
    top = tmp_path_factory.mktemp("indexes")
    for name in ("stable", "rocm714", "nightly", "pytorch72", "pytorch100"):
        generic(top / name)
    one = top / "stable"
    rocm_pieces(one, "10.1.0", tuple(gfx for gfx in TARGETS if gfx != "gfx1012"), fill=SIZE)
    rocm_pieces(one, "10.0.0", TARGETS, fill=SIZE)
    split(one, "2.14.0", "10.1.0", PYTHONS[1:], TARGETS, "amd-torch-device-gfx1031")
    split(one, "2.13.0", "10.1.0", PYTHONS, TARGETS)
    split(one, "2.13.0", "10.0.0", PYTHONS[:4], TARGETS)
    one = top / "rocm714"
    for rocm in ("7.14.0", "7.14.1"):
        rocm_pieces(one, rocm, TARGETS, fill=SIZE)
        split(one, "2.12.0", rocm, PYTHONS[1:], TARGETS)
    one = top / "nightly"
    for rocm in ("7.15.0a20261125", "10.2.0a20261119", "10.2.0a20261120"):
        rocm_pieces(one, rocm, EARLY, fill=SIZE)
        gone = [f"amd-torch-device-{gfx}" for gfx in EARLY if gfx.startswith("gfx101") and rocm.endswith("20")]
        split(one, "2.14.0", rocm, PYTHONS, EARLY, *gone)
    for version in ("2.12.0+rocm7.2", "2.13.0+rocm7.2"):
        pytorch_bundled(top / "pytorch72", version, PYTHONS)
    rocm_pieces(top / "pytorch100", "10.0.0", TARGETS, fill=SIZE)
    pytorch_libraries(top / "pytorch100", "2.15.0.dev20261120+rocm10.0", PYTHONS)
    return {name: FolderOf(top / name, YANKED) for name in ("stable", "rocm714", "nightly", "pytorch72", "pytorch100")}


def chosen(shelf: FolderOf, name: str, gfx: str, python: str) -> Found:
    early = name in ("nightly", "pytorch100")
    return choose(shelf, wish(gfx, python, early=early))


def test_the_table_is_whole() -> None:
    names = {index for index, _ in cells()}
    assert len(cells()) == len(names) * 30 == 150


@pytest.mark.parametrize(("name", "gfx"), sorted(cells()), ids=lambda value: value)
def test_the_choice_is_the_tables(indexes: dict[str, FolderOf], name: str, gfx: str) -> None:
    found = {python: chosen(indexes[name], name, gfx, python).choice for python in PYTHONS}
    assert tuple(choice.torch if choice else None for choice in found.values()) == cells()[name, gfx]
    for python, choice in found.items():
        if choice is None:
            continue
        # What is chosen is what can be locked, and nothing in it is for another Python.
        files = tuple(
            LockedFile(f.filename, f.name, f.version, "0" * 64, 1, None, HashFrom.ARRIVAL, f.sdist)
            for f in choice.files
        )
        lock = Lock(choice.torch, choice.rocm, gfx, python, name, "2026-11-27", files, choice.layout)
        assert expected(lock, gfx) == ()
        assert not [f.filename for f in choice.files if "-cp3" in f.filename and python not in f.filename]
        rocms = {rocm_of(f.version) for f in choice.files if rocm_of(f.version)}
        assert rocms == {choice.rocm}


def test_what_was_passed_over_is_said(indexes: dict[str, FolderOf]) -> None:
    (passed,) = chosen(indexes["stable"], "stable", "gfx1031", "cp311").skipped
    assert (passed.torch, passed.lacks) == ("2.14.0+rocm10.1.0", ("amd-torch-device-gfx1031",))
    found = chosen(indexes["stable"], "stable", "gfx1012", "cp310").skipped
    assert [item.lacks for item in found] == [("torch for Python 3.10",), ("rocm-sdk-device-gfx1012",)]
    (passed,) = chosen(indexes["rocm714"], "rocm714", "gfx1100", "cp311").skipped
    assert passed.lacks == ("amd-torch-device-gfx1100 (taken back: bad)",)
    found = chosen(indexes["pytorch72"], "pytorch72", "gfx1031", "cp311").skipped
    assert found[0].lacks[0].startswith("kernels for gfx1031 (it has gfx1030 gfx1100")


def test_pythons_are_named_where_none_fits(indexes: dict[str, FolderOf]) -> None:
    found = chosen(indexes["rocm714"], "rocm714", "gfx1010", "cp310")
    assert (found.choice, found.pythons) == (None, ("cp311", "cp312", "cp313", "cp314"))


def test_every_set_of_an_index(indexes: dict[str, FolderOf]) -> None:
    found = survey(indexes["stable"], wish("gfx1031", "cp311"))
    assert [(item.torch, bool(item.lacks)) for item in found] == [
        ("2.14.0+rocm10.1.0", True), ("2.13.0+rocm10.1.0", False), ("2.13.0+rocm10.0.0", False)
    ]  # fmt: skip


def names(found: Found) -> list[str]:
    assert found.choice is not None
    return [file.name for file in found.choice.files]


def test_parents_of_device_packages_come_along(indexes: dict[str, FolderOf]) -> None:
    for gfx, parent in (("gfx1103", "gfx110x"), ("gfx1151", "gfx115x"), ("gfx1200", "gfx12-0")):
        assert f"amd-torch-device-{parent}" in names(chosen(indexes["stable"], "stable", gfx, "cp311"))
    assert [n for n in names(chosen(indexes["stable"], "stable", "gfx1010", "cp311")) if "device" in n] == [
        "amd-torch-device-gfx1010", "amd-torchvision-device-gfx1010", "rocm-sdk-device-gfx1010"
    ]  # fmt: skip


def test_of_all_devices_only_this_one_comes(indexes: dict[str, FolderOf]) -> None:
    found = chosen(indexes["pytorch100"], "pytorch100", "gfx1100", "cp311")
    assert found.choice is not None
    assert found.choice.layout is Layout.LIBRARIES
    assert [name for name in names(found) if "device" in name] == ["rocm-sdk-device-gfx1100"]


def audio(folder: Path, versions: tuple[str, ...], rocm: str = "10.1.0") -> Found:
    rocm_pieces(folder, rocm, ("gfx1010",), fill=SIZE)
    generic(folder)
    amd_split(folder, SplitSet("2.13.0", "0.28.0", None, rocm, ("cp311",), ("gfx1010",), fill=SIZE))
    for version in versions:
        wheel(folder, "torchaudio", f"{version}+rocm{rocm}", "cp311-cp311-linux_x86_64", requires=["torch"])
    return choose(FolderOf(folder), wish("gfx1010"))


def test_one_torchaudio_of_several_only_by_amds_list(tmp_path: Path) -> None:
    several = ("2.11.0", "2.11.0.2")
    found = audio(tmp_path / "a", several, "10.0.0")
    assert found.choice is not None
    assert [file.version for file in found.choice.files if file.name == "torchaudio"] == ["2.11.0.2+rocm10.0.0"]
    found = audio(tmp_path / "b", several)
    assert "torchaudio" not in names(found)
    assert found.choice is not None
    assert "several for this ROCm (2.11.0+rocm10.1.0, 2.11.0.2+rocm10.1.0)" in found.choice.left_out[0]
    assert "torchaudio" in names(audio(tmp_path / "c", several[:1]))
    found = audio(tmp_path / "d", ("2.10.0",))
    assert found.choice is not None
    assert found.choice.left_out == ("torchaudio: no 2.11 for ROCm 10.1.0 and Python 3.11",)


def test_a_torchaudio_that_wants_another_torch_is_left_out(tmp_path: Path) -> None:
    audio(tmp_path, ())
    wheel(tmp_path, "torchaudio", "2.11.0+rocm10.1.0", "cp311-cp311-linux_x86_64", requires=["torch==2.12.0"])
    found = choose(FolderOf(tmp_path), wish("gfx1010"))
    assert found.choice is not None
    assert found.choice.left_out[0].startswith("torchaudio: torch ")
    assert "torchaudio" not in names(found)


def test_the_sort_of_pip_is_not_ours(tmp_path: Path) -> None:
    """2.12.0 for ROCm 10.1.0 and for 7.14.0 (TheRock#7183): as text, seven is more than ten."""
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    found = choose(FolderOf(tmp_path), wish("gfx1010", torch="2.12.0"))
    assert found.choice is not None
    assert found.choice.torch == "2.12.0+rocm10.1.0"
    exact = choose(FolderOf(tmp_path), wish("gfx1010", torch="2.12.0+rocm7.14.0")).choice
    assert exact is not None
    assert exact.rocm == "7.14.0"


def test_a_cuda_torch_is_never_chosen(tmp_path: Path) -> None:
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    cuda_torch(tmp_path, "2.15.0")
    cuda_torch(tmp_path, "2.15.0+cu130")
    assert (found := choose(FolderOf(tmp_path), wish("gfx1010")).choice)
    assert found.torch == "2.14.0+rocm10.1.0"
    assert choose(FolderOf(tmp_path), wish("gfx1010", cpu=True)).choice is None


def test_a_torch_for_the_processor_only_where_asked(tmp_path: Path) -> None:
    generic(tmp_path)
    cpu_torch(tmp_path, "2.14.0+cpu")
    assert choose(FolderOf(tmp_path), wish("gfx1013")).choice is None
    found = choose(FolderOf(tmp_path), wish("gfx1013", cpu=True)).choice
    assert found is not None
    assert (found.torch, found.layout, found.rocm) == ("2.14.0+cpu", Layout.CPU, None)


def test_early_builds_only_where_asked(indexes: dict[str, FolderOf]) -> None:
    found = choose(indexes["nightly"], wish("gfx1030"))
    assert (found.choice, found.skipped, found.pythons) == (None, (), ())


@pytest.mark.parametrize("name", ["torch", "rocm-sdk-core", "sympy", "mpmath", "setuptools", "triton", "rocm"])
def test_whatever_is_missing_the_set_is_not_whole(tmp_path: Path, name: str) -> None:
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    for path in (tmp_path / name).iterdir():
        path.unlink()
    found = choose(FolderOf(tmp_path), wish("gfx1010"))
    assert found.choice is None
    assert all(item.lacks[0].startswith(name) for item in found.skipped)


def test_constraints_of_all_are_kept_together(tmp_path: Path) -> None:
    """sympy wants mpmath < 1.4; the newest is not taken, whoever is read first."""
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    wheel(tmp_path, "mpmath", "1.5.0")
    wheel(tmp_path, "filelock", "4.0.0rc1")
    wheel(tmp_path, "fsspec", "2027.1.0", requires=["filelock<3.29.1", "jinja2[i18n]"])
    wheel(tmp_path, "filelock", "3.20.0")
    found = choose(FolderOf(tmp_path), wish("gfx1010")).choice
    assert found is not None
    versions = {file.name: file.version for file in found.files}
    assert (versions["mpmath"], versions["filelock"], versions["fsspec"]) == ("1.3.0", "3.20.0", "2027.1.0")


def test_what_a_page_says_of_python_counts(tmp_path: Path) -> None:
    stable(tmp_path, pythons=("cp311",), fill=SIZE)

    class Said(FolderOf):
        def _files(self, project: str) -> tuple[IndexFile, ...]:
            newest = "2.14.0+rocm10.1.0"
            return tuple(
                replace(f, requires_python=">=3.12" if f.version == newest else ">=3.9")
                for f in super()._files(project)
            )

    found = choose(Said(tmp_path), wish("gfx1010"))
    assert found.choice is not None
    assert (found.choice.torch, found.skipped[0].lacks) == ("2.13.0+rocm10.0.0", ("torch for Python 3.11",))


def test_a_package_that_needs_a_newer_python_is_not_taken(tmp_path: Path) -> None:
    """AMD's pages say nothing of Python; the METADATA does."""
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    wheel(tmp_path, "networkx", "4.0", requires_python=">=3.12")
    wheel(tmp_path, "networkx", "5.0", requires_python="3.12 or so")
    found = choose(FolderOf(tmp_path), wish("gfx1010")).choice
    assert found is not None
    assert {f.name: f.version for f in found.files}["networkx"] == "3.6"


@pytest.mark.parametrize(
    ("asked", "torch"), [("2.12", "2.12.0+rocm10.1.0"), ("2.1", None), ("2.13.0", "2.13.0+rocm10.0.0")]
)
def test_a_torch_that_was_asked_for(tmp_path: Path, asked: str, torch: str | None) -> None:
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    found = choose(FolderOf(tmp_path), wish("gfx1010", torch=asked)).choice
    assert (found.torch if found else None) == torch


def test_an_index_without_the_target_is_asked_little(tmp_path: Path) -> None:
    """Sixty nights for other cards: what torch is like is read of one of them."""
    for night in range(20261101, 20261130):
        pytorch_libraries(tmp_path, f"2.15.0.dev{night}+rocm10.0")
    shelf = FolderOf(tmp_path)
    found = choose(shelf, wish("gfx1010", early=True))
    assert (found.choice, len(found.skipped), len(shelf.read)) == (None, 29, 1)


@pytest.mark.parametrize(("who", "whom"), [("filelock", "fsspec"), ("fsspec", "filelock")])
def test_a_constraint_that_comes_late(tmp_path: Path, who: str, whom: str) -> None:
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    wheel(tmp_path, whom, "3000.1")
    wheel(tmp_path, who, "3000.2", requires=[f"{whom}<3000"])
    found = choose(FolderOf(tmp_path), wish("gfx1010")).choice
    assert found is not None
    assert {f.name: f.version for f in found.files}[whom] in ("3.29.1", "2026.9.0")


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("filelock @ https://evil.example/filelock-9-py3-none-any.whl", "asks for something from another place"),
        ("filelock (", "asks for something that cannot be read"),
        ("nvidia-cublas-cu12", "is built for NVIDIA cards"),
    ],
)
def test_what_a_set_may_not_ask_for(tmp_path: Path, need: str, said: str) -> None:
    stable(tmp_path, pythons=("cp311",), fill=SIZE)
    wheel(tmp_path, "sympy", "9.0", requires=[need])
    wheel(tmp_path, "nvidia-cublas-cu12", "1.0")
    found = choose(FolderOf(tmp_path), wish("gfx1010"))
    assert found.choice is None
    assert said in found.skipped[0].lacks[0]


def test_an_older_glibc_takes_no_newer_wheel(tmp_path: Path) -> None:
    generic(tmp_path)
    pytorch_bundled(tmp_path, "2.13.0+rocm7.2")
    old = replace(wish("gfx1100"), here=Here("cp311", (2, 27)))
    assert choose(FolderOf(tmp_path), old).choice is None
    assert choose(FolderOf(tmp_path), replace(old, here=Here("cp311", (2, 28)))).choice is not None
