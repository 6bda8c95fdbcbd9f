"""Pages and wheels that nobody here has seen: written from the specifications, each with what has to come out of it.

PEP 503, 592, 629, 658, 691, 700, 714, HTML's own rules for attributes and <base>, PEP 425, 427, 440, 600, 643 and 703.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from fixtures.wheelmaker import SplitSet, amd_split, cuda_torch, generic, rocm_pieces, stable, wheel
from shelves import FolderOf, wish

from rdna_installer.environments.choose import Here, choose
from rdna_installer.environments.index import IndexFile, metadata_in, named, read_page
from rdna_installer.errors import RdnaError
from rdna_installer.record import replace

AT = "https://index.example/simple/torch/"
W = "torch-2.14.0+rocm10.1.0-cp311-cp311-linux_x86_64.whl"
E = W.replace("+", "%2B")
S, M, L = "ab" * 32, "cd" * 16, "ef" * 64
SIMPLE = "application/vnd.pypi.simple.v1"

# name: what stands in <body>, the field that is looked at, and what it has to be (None: no file at all).
HTML: dict[str, tuple[str, str, object]] = {
    "relative": (f'<a href="{E}">x</a>', "url", AT + E),
    "up-and-down": (f'<a href="../../packages/ab/{E}">x</a>', "url", f"https://index.example/packages/ab/{E}"),
    "rooted": (f'<a href="/files/{E}">x</a>', "url", f"https://index.example/files/{E}"),
    "another-host": (f'<a href="https://cdn.example/a/{E}">x</a>', "url", f"https://cdn.example/a/{E}"),
    "without-a-scheme": (f'<a href="//cdn.example/{E}">x</a>', "url", f"https://cdn.example/{E}"),
    "small-percent": (f'<a href="{W.replace("+", "%2b")}">x</a>', "filename", W),
    "plain-plus": (f'<a href="{W}">x</a>', "filename", W),
    "with-a-query": (f'<a href="{E}?sig=a&amp;b=c">x</a>', "url", f"{AT}{E}?sig=a&b=c"),
    "blanks-around": (f'<a href=" {E}\n">x</a>', "filename", W),
    "newline-in-tag": (f'<a\nclass="y"\nhref="{E}"\n>x</a>', "filename", W),
    "unquoted": (f"<a href={E} data-requires-python=&gt;=3.9>x</a>", "requires_python", ">=3.9"),
    "single-quotes": (f"<A HREF='{E}' DATA-REQUIRES-PYTHON='&#62;=3.9'>x</A>", "requires_python", ">=3.9"),
    "raw-greater": (f'<a data-requires-python=">=3.9" href="{E}">x</a>', "requires_python", ">=3.9"),
    "raw-less": (f'<a href="{E}" data-requires-python=">=3.9,<3.15">x</a>', "requires_python", ">=3.9,<3.15"),
    "raw-less-before": (f'<a data-requires-python="<3.15" href="{E}">x</a>', "filename", W),
    "yanked-empty": (f'<a href="{E}" data-yanked="">x</a>', "yanked", "no reason given"),
    "yanked-why": (f'<a href="{E}" data-yanked="bad &lt;kernels&gt;">x</a>', "yanked", "bad <kernels>"),
    "md5-only": (f'<a href="{E}#md5={M}">x</a>', "sha256", None),
    "sha512-only": (f'<a href="{E}#sha512={L}">x</a>', "sha256", None),
    "two-digests": (f'<a href="{E}#md5={M}&amp;sha256={S}">x</a>', "sha256", S),
    "egg-and-digest": (f'<a href="{E}#sha256={S}&egg=torch">x</a>', "sha256", S),
    "short-digest": (f'<a href="{E}#sha256=abcd">x</a>', "sha256", None),
    "base-elsewhere": (f'<base href="https://cdn.example/w/"><a href="{E}">x</a>', "url", f"https://cdn.example/w/{E}"),
    "base-relative": (f'<base href="../f/"><a href="{E}">x</a>', "url", f"https://index.example/simple/f/{E}"),
    "first-base-counts": (f'<base href="/a/"><base href="/b/"><a href="{E}">x</a>', "url", f"https://index.example/a/{E}"),
    "base-without-href": (f'<base target="_top"><base href="/b/"><a href="{E}">x</a>', "url", f"https://index.example/b/{E}"),
    "metadata-new-name": (f'<a href="{E}" data-core-metadata="sha256={S}">x</a>', "metadata", S),
    "metadata-old-name": (f'<a href="{E}" data-dist-info-metadata="true">x</a>', "metadata", ""),
    "metadata-both": (
        f'<a href="{E}" data-dist-info-metadata="true" data-core-metadata="sha256={S}">x</a>', "metadata", S),
    "metadata-false": (f'<a href="{E}" data-core-metadata="false">x</a>', "metadata", None),
    "metadata-other-digest": (f'<a href="{E}" data-core-metadata="sha512={L}">x</a>', "metadata", ""),
    "not-a-wheel": ('<a href="torch-2.14.0.tar.bz2">x</a><a href="../">up</a><a href="a.whl.metadata">m</a>', "", None),
    "windows-sdist": ('<a href="torch-2.14.0.zip">x</a>', "sdist", True),
    "capital-project": (f'<a href="{E.replace("torch", "Torch")}">x</a>', "name", "torch"),
    "commented-out": (f'<!-- <a href="{E}">x</a> -->', "", None),
    "no-quirk-of-abbr": (f'<abbr href="{E}">x</abbr>', "", None),
    "old-version-said": (f'<meta name="pypi:repository-version" content="1.3"><a href="{E}">x</a>', "filename", W),
    "too-new-a-version": ('<meta name="pypi:repository-version" content="2.0"><a href="x">x</a>', "error", "bad-index"),
    "http-link": (f'<a href="http://index.example/{E}">x</a>', "url", f"http://index.example/{E}"),
}  # fmt: skip


@pytest.mark.parametrize("case", HTML)
def test_pages_of_html(case: str) -> None:
    body, field, wanted = HTML[case]
    page = f"<!DOCTYPE html><html><body>{body}</body></html>".encode()
    assert look(page, "text/html; charset=UTF-8", field, wanted)


def look(page: bytes, kind: str, field: str, wanted: object) -> bool:
    try:
        files = read_page(page, kind, AT, "torch").files
    except RdnaError as err:
        return (field, wanted) == ("error", err.reference)
    if not field:
        return files == ()
    (file,) = files
    assert getattr(file, field) == wanted
    return True


# name: what is said of the file beside its name and address, the field, and what it has to be.
JSON: dict[str, tuple[dict[str, object], str, object]] = {
    "bare": ({}, "url", AT + E),
    "rooted": ({"url": f"/f/{E}"}, "url", f"https://index.example/f/{E}"),
    "opaque-address": ({"url": "https://cdn.example/blob/5?id=7"}, "filename", W),
    "sizes": ({"size": 7}, "size", 7),
    "size-null": ({"size": None}, "size", None),
    "digest": ({"hashes": {"md5": M, "sha256": S.upper()}}, "sha256", S),
    "md5-only": ({"hashes": {"md5": M}}, "sha256", None),
    "yanked-true": ({"yanked": True}, "yanked", "no reason given"),
    "yanked-why": ({"yanked": "old"}, "yanked", "old"),
    "yanked-false": ({"yanked": False}, "yanked", None),
    "yanked-null": ({"yanked": None}, "yanked", None),
    "yanked-empty": ({"yanked": ""}, "yanked", None),
    "python-null": ({"requires-python": None}, "requires_python", None),
    "core-metadata": ({"core-metadata": {"sha256": S}}, "metadata", S),
    "old-metadata": ({"dist-info-metadata": True}, "metadata", ""),
    "metadata-false": ({"core-metadata": False, "dist-info-metadata": True}, "metadata", None),
    "uploaded": ({"upload-time": "2026-10-05T01:02:03.123456Z"}, "uploaded", "2026-10-05"),
    "more-keys": ({"gpg-sig": False, "provenance": "https://x/", "x": [1]}, "filename", W),
}


@pytest.mark.parametrize("case", JSON)
def test_pages_of_json(case: str) -> None:
    more, field, wanted = JSON[case]
    item = {"filename": W, "url": E, "hashes": {}, **more}
    page = {"meta": {"api-version": "1.4"}, "name": "torch", "versions": ["2.14.0"], "files": [item]}
    assert look(json.dumps(page).encode(), f"{SIMPLE}+json", field, wanted)


def test_kinds_of_pages() -> None:
    page = json.dumps({"meta": {"api-version": "2.0"}, "name": "torch", "files": []}).encode()
    assert look(page, f"{SIMPLE}+json", "error", "bad-index")
    page = json.dumps({"meta": {"api-version": "1.0"}, "files": [{"filename": W, "url": E, "hashes": {}}]}).encode()
    assert look(page, f"{SIMPLE}+json; charset=utf-8", "filename", W)
    assert look(page, "application/json", "filename", W)
    assert look(f'<a href="{E}">x</a>'.encode(), f"{SIMPLE}+html", "filename", W)


CP = "cp311-cp311"
# name: the tag of torch's only wheel, and whether it runs on CPython 3.11 with glibc 2.36.
TAGS = {
    f"{CP}-linux_x86_64": True,
    f"{CP}-manylinux_2_28_x86_64": True,
    f"{CP}-manylinux_2_34_x86_64": True,
    f"{CP}-manylinux_2_39_x86_64": False,
    f"{CP}-manylinux_2_27_x86_64.manylinux_2_39_x86_64": True,
    f"{CP}-manylinux2014_x86_64.manylinux_2_17_x86_64": True,
    f"{CP}-manylinux_2_28_aarch64": False,
    f"{CP}-musllinux_1_2_x86_64": False,
    f"{CP}-win_amd64": False,
    "cp39-abi3-manylinux_2_28_x86_64": True,
    "cp312-abi3-manylinux_2_28_x86_64": False,
    "cp311-cp311t-linux_x86_64": False,
    "cp312-cp312-linux_x86_64": False,
    "cp311-none-linux_x86_64": True,
    "py3-none-any": True,
    "py2.py3-none-linux_x86_64": True,
    "1-cp311-cp311-linux_x86_64": True,
}


def bundled(folder: Path, version: str, tag: str, **more: object) -> None:
    wheel(folder, "torch", version, tag, requires=["filelock"], **more)  # type: ignore[arg-type]


def found(folder: Path, **more: object) -> tuple[str | None, str]:
    """The torch that is chosen, or what the first that was not lacks."""
    here = wish("gfx1100", **more)
    here = here if "here" in more else replace(here, here=Here("cp311", (2, 36)))
    made = choose(FolderOf(folder), here)
    return made.choice and made.choice.torch, "; ".join(made.skipped[0].lacks) if made.skipped else ""


@pytest.mark.parametrize("tag", TAGS)
def test_what_runs_here(tmp_path: Path, tag: str) -> None:
    generic(tmp_path)
    bundled(tmp_path, "2.13.0+rocm7.2", tag)
    torch, lacks = found(tmp_path)
    assert (torch is not None) is TAGS[tag]
    if "2_39" in tag and torch is None:
        assert "glibc" in lacks


# torches beside each other -> the one to take.
VERSIONS = [
    (("2.13.0+rocm7.2", "2.13.0+rocm7.2.1"), "2.13.0+rocm7.2.1"),
    (("2.13.0+rocm7.2.0.lw.git7e1940d4", "2.12.0+rocm7.2"), "2.13.0+rocm7.2.0.lw.git7e1940d4"),
    (("2.13.0+rocm7.2.git1234567", "2.12.0+rocm7.2"), "2.13.0+rocm7.2.git1234567"),
    (("2.13.0+rocm7.2", "2.13.0.post1+rocm7.2"), "2.13.0.post1+rocm7.2"),
    (("2.13.0+rocm7.2", "2.14.0rc1+rocm7.2"), "2.13.0+rocm7.2"),
    (("2.13.0+rocm7.2", "2.14.0.dev20261120+rocm7.2"), "2.13.0+rocm7.2"),
    (("2.13.0+rocm7.2", "2.13.0+rocm7.2.1rc1"), "2.13.0+rocm7.2"),
    (("2.13.0+rocm7.2", "2.14.0+cpu", "2.14.0", "2.14.0+gitabc", "2.14.0+cu130", "2.14.0+xpu"), "2.13.0+rocm7.2"),
]


@pytest.mark.parametrize(("torches", "wanted"), VERSIONS)
def test_which_is_the_newest(tmp_path: Path, torches: tuple[str, ...], wanted: str) -> None:
    generic(tmp_path)
    for version in torches:
        bundled(tmp_path, version, f"{CP}-linux_x86_64")
    assert found(tmp_path)[0] == wanted


def test_the_later_build_of_one_version_is_taken(tmp_path: Path) -> None:
    """PEP 427: the build number decides between wheels that are alike; none is less than one."""
    generic(tmp_path)
    for build in ("1-", "2-", ""):
        bundled(tmp_path, "2.13.0+rocm7.2", f"{build}{CP}-linux_x86_64")
    made = choose(FolderOf(tmp_path), wish("gfx1100")).choice
    assert made is not None
    assert made.files[0].filename == "torch-2.13.0+rocm7.2-2-cp311-cp311-linux_x86_64.whl"


def test_of_one_version_the_wheel_that_is_most_for_this_machine_is_taken(tmp_path: Path) -> None:
    """As pip: one of this Python before one of any, then of the newest glibc that is here, however they are named."""
    tags = (f"{CP}-linux_x86_64", f"{CP}-manylinux_2_17_x86_64", f"{CP}-manylinux_2_28_x86_64", "py3-none-any")
    generic(tmp_path)
    for tag in tags:
        bundled(tmp_path, "2.13.0+rocm7.2", tag)
    taken = list[str]()
    for _ in tags:
        made = choose(FolderOf(tmp_path), wish("gfx1100")).choice
        assert made is not None
        taken.append(made.files[0].filename.removeprefix("torch-2.13.0+rocm7.2-").removesuffix(".whl"))
        (tmp_path / "torch" / made.files[0].filename).unlink()
    assert taken == [tags[2], tags[1], tags[0], tags[3]]


@pytest.mark.parametrize("triton", ["triton-rocm", "pytorch-triton-rocm", "pytorch_triton_rocm", "triton"])
def test_names_of_triton(tmp_path: Path, triton: str) -> None:
    generic(tmp_path)
    wheel(tmp_path, "torch", "2.13.0+rocm7.2", f"{CP}-linux_x86_64", requires=[f"{triton}==3.5.1+rocm7.2.gitabc"])
    assert found(tmp_path) == (None, f"{triton.replace('_', '-')} ==3.5.1+rocm7.2.gitabc")
    wheel(tmp_path, triton, "3.5.1+rocm7.2.gitabc", f"{CP}-linux_x86_64")
    assert found(tmp_path)[0] == "2.13.0+rocm7.2"


def test_names_are_normalised_everywhere(tmp_path: Path) -> None:
    """PEP 503: letters, dots and underscores of a name do not matter, in what is asked for, in extras and in wheels."""
    generic(tmp_path)
    needs = ["Type.Ing_Extensions>=4", "FILELOCK", "Jinja2[I18N] (>=3)"]
    wheel(tmp_path, "torch", "2.13.0+rocm7.2", f"{CP}-linux_x86_64", requires=needs)
    assert found(tmp_path)[1].startswith("type-ing-extensions")
    wheel(tmp_path, "type-ing-extensions", "4.15.0")
    assert found(tmp_path)[0] == "2.13.0+rocm7.2"


def test_a_candidate_is_taken_where_there_is_no_other(tmp_path: Path) -> None:
    """PEP 440: pre-releases count where nothing else fits."""
    generic(tmp_path)
    wheel(tmp_path, "torch", "2.13.0+rocm7.2", f"{CP}-linux_x86_64", requires=["newcomer>=0.1a0", "rarity"])
    wheel(tmp_path, "newcomer", "0.1b2")
    wheel(tmp_path, "rarity", "0.0.1rc1")
    assert found(tmp_path)[0] == "2.13.0+rocm7.2"


def test_a_source_package_is_not_torch(tmp_path: Path) -> None:
    generic(tmp_path)
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/torch-2.13.0+rocm7.2.tar.gz").write_bytes(b"")
    torch, lacks = found(tmp_path)
    assert torch is None
    assert "torch" in lacks


def test_a_cuda_torch_is_not_one_for_the_processor(tmp_path: Path) -> None:
    """What PyPI has for Linux: no local part, and all of NVIDIA's packages there to be had."""
    generic(tmp_path)
    cuda_torch(tmp_path, "2.14.0")
    wheel(tmp_path, "nvidia-cublas-cu12", "12.8.4.1", "py3-none-manylinux_2_27_x86_64")
    torch, lacks = found(tmp_path, cpu=True)
    assert torch is None
    assert "NVIDIA" in lacks


def test_a_family_of_device_packages(tmp_path: Path) -> None:
    """AMD's indexes by family (up to 7.13): rocm-sdk-libraries-<family>, no package for a target: refused by name."""
    generic(tmp_path)
    rocm_pieces(tmp_path, "7.13.0", ())
    needs = ["rocm[libraries]==7.13.0", "triton==3.6.0"]
    wheel(tmp_path, "torch", "2.11.0+rocm7.13.0", f"{CP}-linux_x86_64", requires=needs)
    wheel(tmp_path, "triton", "3.6.0", f"{CP}-linux_x86_64")
    torch, lacks = found(tmp_path)
    assert torch is None
    assert "rocm-sdk-device-gfx1100" in lacks


def test_a_set_without_triton(tmp_path: Path) -> None:
    stable(tmp_path, pythons=("cp311",), fill=8)
    for path in (tmp_path / "triton").iterdir():
        path.unlink()
    torch, lacks = found(tmp_path)
    assert torch is None
    assert lacks.startswith("triton")


def test_extras_with_underscores(tmp_path: Path) -> None:
    """PEP 685: torch[device_gfx1100] is torch[device-gfx1100]."""
    generic(tmp_path)
    rocm_pieces(tmp_path, "10.1.0", ("gfx1100",))
    amd_split(tmp_path, SplitSet("2.14.0", "0.29.0", None, "10.1.0", ("cp311",), ("gfx1100",), skip=("torch",)))
    needs = [
        "rocm[libraries]~=10.1.0",
        "triton",
        'amd-torch-device-gfx1100==2.14.0+rocm10.1.0; extra == "device_gfx1100"',
    ]
    wheel(tmp_path, "torch", "2.14.0+rocm10.1.0", f"{CP}-linux_x86_64", requires=needs, extras=["device_gfx1100"])
    made = choose(FolderOf(tmp_path), wish("gfx1100")).choice
    assert made is not None
    assert "amd-torch-device-gfx1100" in [file.name for file in made.files]


@pytest.mark.parametrize(("extras", "devel"), [("libraries", False), ("libraries,devel", True), ("device-all", False)])
def test_extras_of_the_source_package(tmp_path: Path, extras: str, devel: bool) -> None:
    """What ``rocm`` asks for stands in its setup.py only: the compilers of ``devel`` where torch wants them."""
    generic(tmp_path)
    rocm_pieces(tmp_path, "10.1.0", ("gfx1030", "gfx1100"))
    amd_split(tmp_path, SplitSet("2.14.0", "0.29.0", None, "10.1.0", ("cp311",), ("gfx1100",), skip=("torch",)))
    needs = [f"rocm[{extras}]~=10.1.0", "triton", 'amd-torch-device-gfx1100; extra == "device-gfx1100"']
    wheel(tmp_path, "torch", "2.14.0+rocm10.1.0", f"{CP}-linux_x86_64", requires=needs, extras=["device-gfx1100"])
    made = choose(FolderOf(tmp_path), wish("gfx1100")).choice
    assert made is not None
    wanted = {"rocm-sdk-core", "rocm-sdk-libraries", "rocm-sdk-device-gfx1100", *(["rocm-sdk-devel"] if devel else [])}
    assert {file.name for file in made.files if file.name.startswith("rocm-sdk")} == wanted


def held(filename: str, inside: str, metadata: bytes) -> IndexFile | tuple[str, ...]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("other-9.dist-info/METADATA/x", b"")
        archive.writestr(f"{inside}/METADATA", metadata)
    file = named(filename, "https://x/")
    assert file is not None
    return metadata_in(buffer, file).requires


@pytest.mark.parametrize(
    ("filename", "inside"),
    [
        ("jaraco_text-4.0-py3-none-any.whl", "jaraco.text-4.0.dist-info"),
        ("Jaraco.Text-4.0-py3-none-any.whl", "jaraco_text-4.0.dist-info"),
        ("jaraco_text-4.0-1-py3-none-any.whl", "jaraco_text-4.0.dist-info"),
    ],
)
def test_how_a_wheel_names_its_folder(filename: str, inside: str) -> None:
    text = b"Metadata-Version: 2.4\r\nName: Jaraco.Text\r\nVersion: 4.0\r\nRequires-Dist: a\r\n\r\nlong text\r\n"
    assert held(filename, inside, text) == ("a",)


def test_the_torch_of_2022_for_rdna_1(tmp_path: Path) -> None:
    """It has no code for this target and runs gfx1030's; NumPy 2 came later, and there is no wheel for Python 3.11."""
    generic(tmp_path)
    for python in ("cp39", "cp310"):
        wheel(tmp_path, "torch", "1.13.1+rocm5.2", f"{python}-{python}-linux_x86_64", requires=["typing-extensions"])
        wheel(tmp_path, "torchvision", "0.14.1+rocm5.2", f"{python}-{python}-linux_x86_64", requires=["numpy"])
    wheel(tmp_path, "numpy", "1.26.4")
    shelf = FolderOf(tmp_path)
    made = choose(shelf, wish("gfx1010", "cp310")).choice
    assert made is not None
    assert (made.torch, made.target) == ("1.13.1+rocm5.2", "gfx1030")
    assert {file.name: file.version for file in made.files}["numpy"] == "1.26.4"
    none = choose(shelf, wish("gfx1010", "cp311"))
    assert (none.choice, none.pythons) == (None, ("cp39", "cp310"))
    assert choose(shelf, wish("gfx1031", "cp310")).choice is None
    whole = choose(shelf, wish("gfx1030", "cp310")).choice
    assert whole is not None and {file.name: file.version for file in whole.files}["numpy"] == "2.4.0"
