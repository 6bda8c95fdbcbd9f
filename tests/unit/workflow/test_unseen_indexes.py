"""A second round of what nobody here has seen: pages, sets and hosts, each with what has to come of it.

Written from PEP 503, 592, 600, 658, 691, 700, 708, 714, 792, RFC 9110 and HTML, and committed before it was run once.
"""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from fixtures.indexserver import metadata_of
from fixtures.wheelmaker import SplitSet, amd_split, generic, rocm_pieces, wheel
from test_unseen_hosts import Answer, Host, plain, served, wheels  # noqa: F401 - fixtures

from rdna_installer.detect.gpus import given
from rdna_installer.environments.choose import Asking, Choice, Found, Here, choose
from rdna_installer.environments.index import read_page
from rdna_installer.errors import RdnaError
from rdna_installer.machine.net import Net, Patience
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import choosing, fetching
from rdna_installer.workflow.shelves import FolderShelf

AT = "https://index.example/simple/torch/"
W = "torch-2.14.0+rocm10.1.0-cp311-cp311-linux_x86_64.whl"
E = W.replace("+", "%2B")
TAG = "cp311-cp311-linux_x86_64"
S = "ab" * 32
HTML, JSON = "text/html", "application/vnd.pypi.simple.v1+json"
FILE = {"filename": W, "url": E, "hashes": {}}


def page(**more: object) -> str:
    return json.dumps({"meta": {"api-version": "1.4"}, "name": "torch", "files": [FILE], **more})


def of(**more: object) -> str:
    return page(files=[{**FILE, **more}])


# name: the page, its kind, the field that is looked at, and what it has to be ("": no file at all).
PAGES: dict[str, tuple[str, str, str, object]] = {
    "yanked-without-a-value": (f'<a href="{E}" data-yanked>x</a>', HTML, "yanked", "no reason given"),
    "plus-as-an-entity": (f'<a href="{W.replace("+", "&#43;")}">x</a>', HTML, "filename", W),
    "encoded-twice": (f'<a href="{W.replace("+", "%252B")}">x</a>', HTML, "", None),
    "digest-in-capitals": (f'<a href="{E}#sha256={S.upper()}">x</a>', HTML, "sha256", S),
    "unquoted-with-a-digest": (f"<a href={E}#sha256={S}>x</a>", HTML, "sha256", S),
    "metadata-in-capitals": (f'<a href="{E}" data-core-metadata="sha256={S.upper()}">x</a>', HTML, "metadata", S),
    "an-attribute-twice": (f'<a href="{E}" href="b.whl">x</a>', HTML, "filename", W),
    "base-after-the-links": (f'<a href="{E}">x</a><base href="/a/">', HTML, "url", f"https://index.example/a/{E}"),
    "quarantined": (f'<meta name="pypi:project-status" content="quarantined"><a href="{E}">x</a>', HTML, "", None),
    "archived": (f'<meta name="pypi:project-status" content="archived"><a href="{E}">x</a>', HTML, "filename", W),
    "tracks-another": (f'<meta name="pypi:tracks" content="https://x/"><a href="{E}">x</a>', HTML, "filename", W),
    "latin-letters": (f'<a href="{E}" data-yanked="caf\udce9">x</a>', HTML, "filename", W),
    "json-with-a-mark": ("\ufeff" + page(), JSON, "filename", W),
    "json-latest": (page(), "application/vnd.pypi.simple.latest+json", "filename", W),
    "json-quarantined": (page(**{"project-status": {"status": "quarantined", "reason": "bad"}}), JSON, "", None),
    "json-archived": (page(**{"project-status": {"status": "archived"}}), JSON, "filename", W),
    "json-size-a-fraction": (of(size=7.0), JSON, "size", None),
    "json-metadata-without-digests": (of(**{"core-metadata": {}}), JSON, "metadata", ""),
    "json-upload-time-a-number": (of(**{"upload-time": 17}), JSON, "uploaded", None),
    "json-hashes-null": (of(hashes=None), JSON, "sha256", None),
}


@pytest.mark.parametrize("case", PAGES)
def test_pages(case: str) -> None:
    text, kind, field, wanted = PAGES[case]
    found = read_page(text.encode("utf-8", "surrogateescape"), kind, AT, "torch")
    if field:
        (file,) = found.files
        assert getattr(file, field) == wanted
    else:
        assert found.files == ()
        assert found.refused


# Sets: each makes a folder of wheels, and says what has to be chosen, or lacked.
Set = Callable[[Path], Callable[[Found], object]]
GFX = "gfx1010"


def chosen(torch: str, *more: str, without: str = "") -> Callable[[Found], object]:
    def look(found: Found) -> None:
        assert found.choice is not None, found.skipped
        assert found.choice.torch == torch, found.skipped
        names = [file.filename for file in found.choice.files]
        assert [name for name in more if name not in names] == []
        assert not without or not [name for name in names if name.startswith(f"{without}-")]

    return look


def lacks(torch: str, text: str, then: str | None) -> Callable[[Found], object]:
    def look(found: Found) -> None:
        said = {item.torch: "; ".join(item.lacks) for item in found.skipped}
        assert text in said.get(torch, "it was not passed over"), said
        assert (found.choice and found.choice.torch) == then

    return look


def split(folder: Path, torch: str = "2.14.0", vision: str = "0.29.0", rocm: str = "10.1.0", **more: object) -> None:
    if not (folder / f"rocm/rocm-{rocm}.tar.gz").exists():
        rocm_pieces(folder, rocm, (GFX,))
    amd_split(folder, SplitSet(torch, vision, None, rocm, ("cp311",), (GFX,), **more))  # type: ignore[arg-type]


def rename(folder: Path, project: str, change: Callable[[str], str]) -> None:
    for path in [*(folder / project).iterdir()]:
        path.rename(path.with_name(change(path.name)))


def a_post_release_half_uploaded(folder: Path) -> Callable[[Found], object]:
    split(folder)
    split(folder, "2.14.0.post1", skip=(f"amd-torch-device-{GFX}", "torchvision", f"amd-torchvision-device-{GFX}"))
    return lacks("2.14.0.post1+rocm10.1.0", f"amd-torch-device-{GFX}", "2.14.0+rocm10.1.0")


def a_device_for_another_python(folder: Path) -> Callable[[Found], object]:
    split(folder)
    rename(folder, f"amd-torch-device-{GFX}", lambda name: name.replace("cp311", "cp312"))
    return lacks("2.14.0+rocm10.1.0", f"amd-torch-device-{GFX} for Python 3.11", None)


def rocm_in_capitals(folder: Path) -> Callable[[Found], object]:
    split(folder)
    rename(folder, "torch", lambda name: name.replace("+rocm", "+ROCm"))
    return chosen("2.14.0+rocm10.1.0")


def three_rocms_of_one_torch(folder: Path) -> Callable[[Found], object]:
    for rocm in ("7.14.0", "7.14.1", "10.0.0"):
        split(folder, "2.12.0", "0.27.0", rocm)
    return chosen("2.12.0+rocm10.0.0", "rocm-10.0.0.tar.gz")


def three_rocms_and_the_newest_is_half(folder: Path) -> Callable[[Found], object]:
    three_rocms_of_one_torch(folder)
    shutil.rmtree(folder / f"rocm-sdk-device-{GFX}")
    rocm_pieces(folder, "7.14.1", (GFX,))
    return lacks("2.12.0+rocm10.0.0", f"rocm-sdk-device-{GFX}", "2.12.0+rocm7.14.1")


def builds_are_numbers(folder: Path) -> Callable[[Found], object]:
    split(folder)
    name = f"amd_torch_device_{GFX}-2.14.0+rocm10.1.0-%scp311-cp311-linux_x86_64.whl"
    for build in ("9-", "10-"):
        shutil.copy(
            folder / f"amd-torch-device-{GFX}" / (name % ""), folder / f"amd-torch-device-{GFX}" / (name % build)
        )
    return chosen("2.14.0+rocm10.1.0", name % "10-")


def a_folded_requirement(folder: Path) -> Callable[[Found], object]:
    split(folder, skip=("triton",))
    wheel(folder, "triton", "3.8.0+git4cff872c.rocm10.1.0", TAG, requires=["filelock\n  >=3"])
    return chosen("2.14.0+rocm10.1.0")


def a_requirement_with_a_star(folder: Path) -> Callable[[Found], object]:
    split(folder, skip=("triton",))
    needs = ["rocm[libraries]==10.1.*", "filelock!=3.0.*"]
    wheel(folder, "triton", "3.8.0+git4cff872c.rocm10.1.0", TAG, requires=needs)
    return chosen("2.14.0+rocm10.1.0")


def another_triton(folder: Path) -> Callable[[Found], object]:
    split(folder, skip=("triton",))
    wheel(folder, "triton", "3.8.0+git00000000.rocm10.1.0", TAG)
    return lacks("2.14.0+rocm10.1.0", "triton ==3.8.0+git4cff872c.rocm10.1.0; the newest here is 3.8.0+git0", None)


def musl_beside_glibc(folder: Path) -> Callable[[Found], object]:
    split(folder)
    of_glibc = next((folder / "torch").iterdir())
    shutil.copy(of_glibc, of_glibc.with_name(of_glibc.name.replace("linux_x86_64", "musllinux_1_2_x86_64")))
    return chosen("2.14.0+rocm10.1.0", of_glibc.name)


def pinned_patches(folder: Path) -> Callable[[Found], object]:
    """pytorch.org has every patch of vision and audio beside each other, each pinned to its torch."""
    for torch, vision, audio in (("2.9.0", "0.24.0", "2.9.0"), ("2.9.1", "0.24.1", "2.9.1")):
        wheel(folder, "torch", f"{torch}+cpu", "cp311-cp311-manylinux_2_28_x86_64", requires=["filelock"])
        for name, version in (("torchvision", vision), ("torchaudio", audio)):
            wheel(folder, name, f"{version}+cpu", "cp311-cp311-manylinux_2_28_x86_64", requires=[f"torch=={torch}"])
    names = [f"{n}+cpu-cp311-cp311-manylinux_2_28_x86_64.whl" for n in ("torchvision-0.24.1", "torchaudio-2.9.1")]
    return chosen("2.9.1+cpu", *names)


def an_older_patch(folder: Path) -> Callable[[Found], object]:
    """As above, and the newest torch was taken away: what was made for it does not come along."""
    pinned_patches(folder)
    next((folder / "torch").glob("*2.9.1*")).unlink()
    names = [f"{n}+cpu-cp311-cp311-manylinux_2_28_x86_64.whl" for n in ("torchvision-0.24.0", "torchaudio-2.9.0")]
    return chosen("2.9.0+cpu", *names)


def vision_for_another_python(folder: Path) -> Callable[[Found], object]:
    split(folder)
    rename(folder, "torchvision", lambda name: name.replace("cp311", "cp310"))
    return chosen("2.14.0+rocm10.1.0", without="torchvision")


def rocm_as_a_zip(folder: Path) -> Callable[[Found], object]:
    split(folder)
    rename(folder, "rocm", lambda name: name.replace(".tar.gz", ".zip"))
    return chosen("2.14.0+rocm10.1.0", "rocm-10.1.0.zip")


def rocm_as_a_wheel_too(folder: Path) -> Callable[[Found], object]:
    split(folder)
    wheel(folder, "rocm", "10.1.0")
    return chosen("2.14.0+rocm10.1.0", "rocm-10.1.0-py3-none-any.whl")


SETS: list[Set] = [
    a_post_release_half_uploaded, a_device_for_another_python, rocm_in_capitals, three_rocms_of_one_torch,
    three_rocms_and_the_newest_is_half, builds_are_numbers, a_folded_requirement, a_requirement_with_a_star,
    another_triton, musl_beside_glibc, pinned_patches, an_older_patch, vision_for_another_python, rocm_as_a_zip,
    rocm_as_a_wheel_too,
]  # fmt: skip


@pytest.mark.parametrize("kind", SETS)
def test_sets(kind: Set, tmp_path: Path) -> None:
    tree, folder = tmp_path / "tree", tmp_path / "root/set"
    generic(tree)
    look = kind(tree)
    folder.mkdir(parents=True)
    for path in tree.glob("*/*"):
        path.rename(folder / path.name)
    shelf = FolderShelf(Sysroot(tmp_path / "root"), PurePosixPath("/set"))
    look(choose(shelf, Asking(given(GFX), Here("cp311", (2, 36)), cpu="patch" in kind.__name__)))


# Hosts: how each answers, and "" where the whole set has to come, else the error.
def sent(code: int, wanted: Callable[[str], bool], to: Callable[[str], str]) -> Callable[[Path], Host]:
    """What is ``wanted`` has moved below /new/."""

    def host(folder: Path) -> Host:
        answer = plain(folder)

        def one(method: str, path: str, headers: Mapping[str, str]) -> Answer:
            if path.startswith("/simple/") and wanted(path):
                return code, {"Location": to(path.replace("/simple/", "/new/", 1)), "Content-Length": "0"}, b""
            return answer(method, path.replace("/new/", "/simple/", 1), headers)

        return one

    return host


def in_a_circle(folder: Path) -> Host:
    return lambda method, path, headers: (302, {"Location": path, "Content-Length": "0"}, b"")


def altered(change: Callable[[str, str, Answer], Answer], **how: bool) -> Callable[[Path], Host]:
    """A plain host whose good answers are changed."""

    def host(folder: Path) -> Host:
        answer = plain(folder, **how)

        def one(method: str, path: str, headers: Mapping[str, str]) -> Answer:
            code, said, body = answer(method, path, headers)
            return change(method, path, (code, dict(said), body)) if code in (200, 206) else (code, said, body)

        return one

    return host


def chunked(method: str, path: str, answer: Answer) -> Answer:
    """Nobody says how long it is: it ends where the connection does."""
    code, said, body = answer
    return code, {k: v for k, v in said.items() if k != "Content-Length" or path.endswith("/")}, body


def no_whole(method: str, path: str, answer: Answer) -> Answer:
    """RFC 9110: the whole length of a part may be unknown."""
    code, said, body = answer
    return code, {k: f"{v.partition('/')[0]}/*" if k == "Content-Range" else v for k, v in said.items()}, body


COUNTED = itertools.count()


def another_tag(method: str, path: str, answer: Answer) -> Answer:
    return answer[0], {**answer[1], "ETag": f'"{next(COUNTED)}"'}, answer[2]


def weak_tag(method: str, path: str, answer: Answer) -> Answer:
    more = {"ETag": 'W/"same"', "Last-Modified": "Mon, 05 Oct 2026 01:02:03 GMT"}
    return answer[0], {**answer[1], **more}, answer[2]


def packed_by_name(method: str, path: str, answer: Answer) -> Answer:
    """Apache's AddEncoding x-gzip .gz: the file is what it is."""
    return answer[0], {**answer[1], **({"Content-Encoding": "x-gzip"} if path.endswith(".gz") else {})}, answer[2]


def packed_in_capitals(method: str, path: str, answer: Answer) -> Answer:
    code, said, body = answer
    if not path.endswith("/"):
        return answer
    return code, {**said, "Content-Encoding": "GZIP", "Content-Length": str(len(packed := gzip.compress(body)))}, packed


def packed_strangely(method: str, path: str, answer: Answer) -> Answer:
    return answer[0], {**answer[1], **({"Content-Encoding": "br"} if path.endswith("/") else {})}, answer[2]


def cut(method: str, path: str, answer: Answer) -> Answer:
    if not path.endswith("/torch/"):
        return answer
    return answer[0], answer[1], answer[2][: len(answer[2]) // 2]


def empty_head(method: str, path: str, answer: Answer) -> Answer:
    code, said, _ = answer
    return (code, {**said, "Content-Length": "0"}, b"") if method == "HEAD" else answer


def busy(folder: Path) -> Host:
    return lambda *asked: (429, {"Retry-After": "60", "Content-Length": "0"}, b"")


def with_metadata(digest: str, there: bool) -> Callable[[Path], Host]:
    """PEP 658 by its new name: the digest is said, or a wrong one, and the file may be gone."""

    def host(folder: Path) -> Host:
        attribute = f'{{name}}" data-core-metadata="{digest}'
        answer = plain(folder, attribute)

        def one(method: str, path: str, headers: Mapping[str, str]) -> Answer:
            if not path.endswith(".metadata"):
                return answer(method, path, headers)
            if not there:
                return 404, {"Content-Length": "0"}, b""
            _, _, project, name = path.split("/")
            body = metadata_of(folder / project / name.replace("%2B", "+").removesuffix(".metadata"))
            return 200, {"Content-Length": str(len(body))}, body

        return one

    return host


def json_alone(folder: Path) -> Host:
    answer = plain(folder)

    def one(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        project = path.split("/")[2]
        if not path.endswith("/") or not (folder / project).is_dir():
            return answer(method, path, headers)
        if "application/vnd.pypi.simple.v1+json" not in headers.get("Accept", ""):
            return 406, {"Content-Length": "0"}, b""
        items = [
            {"filename": p.name, "url": f"../{project}/{p.name}", "hashes": {}} for p in (folder / project).iterdir()
        ]
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": project, "files": items}).encode()
        return 200, {"Content-Type": f"{JSON}; charset=UTF-8", "Content-Length": str(len(body))}, body

    return one


PAGE, WHEEL = (lambda path: path.endswith("/")), (lambda path: not path.endswith("/"))
HOSTS: dict[str, tuple[Callable[[Path], Host], str]] = {
    "308-pages": (sent(308, PAGE, str), ""),
    "303-files": (sent(303, WHEEL, str), ""),
    "307-files": (sent(307, WHEEL, str), ""),
    "301-up-and-down": (sent(301, PAGE, lambda path: f"../..{path}"), ""),
    "in-a-circle": (in_a_circle, "net-redirects"),
    "without-lengths": (altered(chunked), ""),
    "without-lengths-and-ranges": (altered(chunked, ranges=False), ""),
    "parts-of-an-unknown-whole": (altered(no_whole), ""),
    "another-tag-each-time": (altered(another_tag), ""),
    "weak-tags": (altered(weak_tag), ""),
    "gz-by-its-name": (altered(packed_by_name), ""),
    "gzip-in-capitals": (altered(packed_in_capitals), ""),
    "brotli-unasked": (altered(packed_strangely), "net-encoding"),
    "a-page-cut-off": (altered(cut), "net-cut"),
    "an-empty-head": (altered(empty_head), ""),
    "too-many-requests": (busy, "net-refused"),
    "metadata-as-said": (with_metadata("true", there=True), ""),
    "metadata-gone": (with_metadata("true", there=False), ""),
    "metadata-of-another": (with_metadata(f"sha256={S}", there=True), "bad-index"),
    "json-alone": (json_alone, ""),
}


@pytest.mark.parametrize("case", HOSTS)
def test_hosts(case: str, wheels: Path, served: tuple[str, list[Host]], tmp_path: Path) -> None:  # noqa: F811
    url, hosts = served
    kind, error = HOSTS[case]
    hosts.append(kind(wheels))
    (tmp_path / "root").mkdir()
    root, net = Sysroot(tmp_path / "root"), Net(patience=Patience(5.0, 2.0, 20.0))
    try:
        plan = choosing.plan(root, net, Asking(given(GFX), Here("cp311"), url))
        lock = fetching.fetch(root, PurePosixPath("/w"), plan, net, lambda *said: None)
    except RdnaError as err:
        assert err.reference == error
        return
    assert error == ""
    place = root.path(fetching.folder_of(PurePosixPath("/w"), f"{url}/"))
    for file in lock.files:
        assert (place / file.filename).read_bytes() == (wheels / file.name / file.filename).read_bytes()


# download.pytorch.org/whl/rocm5.2 as pytorch/test-infra's s3_management/manage.py writes its pages: addresses from the
# root, what lies in whl/ itself is on the page of each folder, macOS wheels among it; for files of 2022 no digest.
def of_2022(folder: Path) -> Host:
    answer = plain(folder, "/whl/rocm5.2/{name}")
    names = {path.name: path.parent.name for path in folder.glob("*/*")}

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/whl/"):
            name = path.rpartition("/")[2]
            return answer(method, f"/simple/{names[name.replace('%2B', '+')]}/{name}", headers)
        return answer(method, path, headers)

    return host


def wheels_of_2022(folder: Path) -> None:
    for python in ("cp37", "cp38", "cp39", "cp310"):
        tag = f"{python}-{python}{'m' if python == 'cp37' else ''}-linux_x86_64"
        for torch, vision, audio in (("1.13.0", "0.14.0", "0.13.0"), ("1.13.1", "0.14.1", "0.13.1")):
            more = {"requires_python": ">=3.7.0", "extras": ["opt-einsum"]}
            needs = ["typing-extensions", "opt-einsum (>=3.3) ; extra == 'opt-einsum'"]
            wheel(folder, "torch", f"{torch}+rocm5.2", tag, requires=needs, **more)  # type: ignore[arg-type]
            needs = ["typing-extensions", "numpy", "requests", f"torch (=={torch})", "pillow (!=8.3.*,>=5.3.0)"]
            wheel(folder, "torchvision", f"{vision}+rocm5.2", tag, requires=[*needs, "scipy ; extra == 'scipy'"])
            wheel(folder, "torchaudio", f"{audio}+rocm5.2", tag, requires=[f"torch (=={torch})"])
    for torch in ("1.13.1", "2.5.1"):
        wheel(folder, "torch", torch, "cp310-none-macosx_11_0_arm64", requires=["filelock"])
    for version in ("1.24.1", "1.26.3", "2.1.2"):
        wheel(folder, "numpy", version, "cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64")
    for name, version in (("requests", "2.28.1"), ("urllib3", "1.26.13"), ("idna", "3.4"), ("certifi", "2022.12.7")):
        wheel(folder, name, version, requires=["urllib3<1.27", "idna", "certifi"] if name == "requests" else [])
    wheel(folder, "typing-extensions", "4.9.0", requires_python=">=3.8")
    wheel(folder, "pillow", "10.2.0", "cp310-cp310-manylinux_2_28_x86_64", requires_python=">=3.8")


@pytest.mark.parametrize("gfx", ["gfx1010", "gfx1012"])
def test_the_index_of_2022(gfx: str, served: tuple[str, list[Host]], tmp_path: Path) -> None:  # noqa: F811
    url, hosts = served
    wheels_of_2022(tmp_path / "set")
    hosts.append(of_2022(tmp_path / "set"))
    (tmp_path / "root").mkdir()
    root, net = Sysroot(tmp_path / "root"), Net(patience=Patience(5.0, 2.0, 20.0))
    plan = choosing.plan(root, net, Asking(given(gfx), Here("cp310"), url, torch="1.13.1"))
    lock = fetching.fetch(root, PurePosixPath("/w"), plan, net, lambda *said: None)
    made: Choice = plan.choice
    versions = {file.name: file.version for file in lock.files}
    assert (made.torch, made.rocm, made.target, made.layout.value) == ("1.13.1+rocm5.2", "5.2", "gfx1030", "bundled")
    assert (versions["torchvision"], versions["torchaudio"]) == ("0.14.1+rocm5.2", "0.13.1+rocm5.2")
    assert (versions["numpy"], made.left_out) == ("1.26.3", ())
    with pytest.raises(RdnaError) as caught:
        choosing.plan(root, net, Asking(given(gfx), Here("cp313"), url, torch="1.13.1"))
    said = f"{caught.value.message} {caught.value.hint}"
    assert (caught.value.reference, int(caught.value.exit_code)) == ("no-set", 3)
    assert "it has no torch for Python 3.13, but for 3.7, 3.8, 3.9, 3.10" in said and "--python PATH" in said
