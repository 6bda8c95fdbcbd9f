"""Pages of both kinds, as indexes write them and as nobody should."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from fixtures.wheelmaker import wheel

from rdna_installer.environments import index
from rdna_installer.environments.index import IndexFile, metadata_in, named, read_page, safe_name
from rdna_installer.errors import RdnaError

URL = "https://stable.repo.amd.com/rocm/whl-next/torch/"
WHEEL = "torch-2.14.0+rocm10.1.0-cp311-cp311-linux_x86_64.whl"
HASH = "AB" * 32


def html(*links: str, before: str = "") -> tuple[IndexFile, ...]:
    page = f"<!DOCTYPE html><html>{before}<body>{' '.join(links)}</body></html>"
    return read_page(page.encode(), "text/html; charset=utf-8", URL, "torch").files


def of_json(**more: object) -> tuple[IndexFile, ...]:
    item = {"filename": WHEEL, "url": WHEEL.replace("+", "%2B"), "hashes": {}, **more}
    body = json.dumps({"meta": {"api-version": "1.0"}, "name": "torch", "files": [item]}).encode()
    return read_page(body, index.JSON_TYPE, URL, "torch").files


def test_amds_page() -> None:
    """As TheRock's manage_structured.py writes it: no digest, the plus encoded."""
    (file,) = html(f'<a href="{WHEEL.replace("+", "%2B")}">{WHEEL}</a><br/>')
    assert (file.filename, file.name, file.version, file.sha256) == (WHEEL, "torch", "2.14.0+rocm10.1.0", None)
    assert file.url == URL + WHEEL.replace("+", "%2B")
    assert file.tags == {"cp311-cp311-linux_x86_64"}


def test_all_that_a_page_may_say() -> None:
    (file,) = html(
        f"<A CLASS=x\n HREF = '/files/{WHEEL}#sha256={HASH}' data-requires-python='&gt;=3.10,&lt;3.15' "
        'data-yanked="wrong &amp; old" data-dist-info-metadata="sha256=' + "cd" * 32 + '">torch</A>'
    )
    assert file.url == f"https://stable.repo.amd.com/files/{WHEEL}"
    assert (file.sha256, file.requires_python, file.yanked) == (HASH.lower(), ">=3.10,<3.15", "wrong & old")
    assert file.metadata == "cd" * 32
    (file,) = html(f'<a href="{WHEEL}" data-yanked data-core-metadata=true>t</a>')
    assert (file.yanked, file.metadata) == ("no reason given", "")
    (file,) = html(f'<a href="{WHEEL}">t</a>', before='<head><base href="/elsewhere/"></head>')
    assert file.url == f"https://stable.repo.amd.com/elsewhere/{WHEEL}"


def test_what_is_commented_out_is_not_there() -> None:
    assert html(f'<!-- <a href="{WHEEL}">t</a> -->') == ()
    assert len(html(f'<!-- x --><a href="{WHEEL}">t</a><!-- y -->')) == 1


def test_json_pages() -> None:
    (file,) = of_json(
        size=5,
        hashes={"sha256": HASH},
        yanked="old",
        **{"requires-python": ">=3.10", "upload-time": "2026-10-05T01:02:03Z"},
    )
    assert (file.size, file.sha256, file.yanked, file.uploaded) == (5, HASH.lower(), "old", "2026-10-05")
    for said, known in (
        (True, ""),
        (False, None),
        ({"sha256": "cd" * 32}, "cd" * 32),
        ({}, ""),
        (None, None),
        (5, None),
    ):
        (file,) = of_json(**{"core-metadata": said})
        assert file.metadata == known, said
    most = (1 << 48) - 1
    for size, known in ((0, 0), (most, most), (most + 1, None), (True, None), ("5", None), (5.0, None)):
        (file,) = of_json(size=size)
        assert file.size == known, size
    (file,) = of_json(yanked=False, size=-5, hashes=[], **{"requires-python": 7, "upload-time": 9})
    assert (file.yanked, file.size, file.sha256, file.requires_python, file.uploaded) == (None, None, None, None, None)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"files": 5}', b"\xff\xfe", b"[" * 100_000, b'{"files": [5, null, {}]}']
)
def test_what_is_no_page_of_json(body: bytes) -> None:
    try:
        assert read_page(body, index.JSON_TYPE, URL, "torch").files == ()
    except RdnaError as err:
        assert (err.reference, err.context) == ("bad-index", URL)


@pytest.mark.parametrize(
    "href",
    [
        "../../../etc/torch-1-py3-none-any.whl%00.whl",
        "..%2F..%2Ftorch-1-py3-none-any.whl",
        "..%5Ctorch-1-py3-none-any.whl",
        "file:///etc/torch-1-py3-none-any.whl",
        "javascript:torch-1-py3-none-any.whl",
        "ftp://x/torch-1-py3-none-any.whl",
        "https://user:secret@x/torch-1-py3-none-any.whl",
        "//[::1/torch-1-py3-none-any.whl",
        "evil-1-py3-none-any.whl",
        "torch-1-py3-none.whl",
        "torch-x-py3-none-any.whl",
        ".torch-1-py3-none-any.whl",
        "-torch-1-py3-none-any.whl",
        "torch-1-py3-none-any%1b[2J.whl",
        f"torch-1+{'a' * 240}-py3-none-any.whl",
        "torch.tar.gz",
    ],
)
def test_hostile_names_are_refused(href: str) -> None:
    page = f'<a href="{href}">x</a><a href="{WHEEL}">t</a><a href="readme.html">r</a>'
    found = read_page(page.encode(), "text/html", URL, "torch")
    assert [file.filename for file in found.files] == [WHEEL]
    assert len(found.refused) == 1
    assert all(text.isprintable() for text in found.refused)


def test_a_page_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "FILES_LIMIT", 3)
    with pytest.raises(RdnaError) as caught:
        html(*[f'<a href="{WHEEL}">t</a>'] * 4)
    assert caught.value.reference == "bad-index"
    assert len(html(f'<a {"x" * 9000} href="{WHEEL}">t</a>')) == 0


@pytest.mark.parametrize(
    ("name", "safe"),
    [(WHEEL, True), ("", True), ("a/b.whl", False), ("a\n.whl", False), ("a" * 240, False), ("ü.whl", True)],
)
def test_names_that_a_file_may_have(name: str, safe: bool) -> None:
    assert safe_name(name) is safe


def test_source_packages() -> None:
    (file,) = read_page(b'<a href="rocm-10.1.0.tar.gz">r</a>', "text/html", URL, "rocm").files
    assert (file.name, file.version, file.sdist, file.tags) == ("rocm", "10.1.0", True, frozenset())


def held(content: bytes, filename: str = WHEEL) -> object:
    file = named(filename, "https://x/")
    assert file is not None
    return metadata_in(io.BytesIO(content), file)


def test_metadata_of_a_wheel(tmp_path: Path) -> None:
    made = wheel(
        tmp_path,
        "torch",
        "2.14.0+rocm10.1.0",
        "cp311-cp311-linux_x86_64",
        requires=["sympy>=1"],
        extras=["device-gfx1010"],
    )
    found = held(made.read_bytes())
    assert found == index.Metadata(("sympy>=1",), frozenset({"device-gfx1010"}))


def test_a_wheel_that_is_another(tmp_path: Path) -> None:
    for name, version in (("torch", "2.13.0"), ("evil", "2.14.0+rocm10.1.0")):
        made = wheel(tmp_path, name, version, "cp311-cp311-linux_x86_64")
        with pytest.raises(RdnaError) as caught:
            held(made.read_bytes())
        assert caught.value.reference in ("wheel-lies", "wheel-damaged")


def test_what_is_no_wheel(tmp_path: Path) -> None:
    made = wheel(tmp_path, "torch", "2.14.0+rocm10.1.0", "cp311-cp311-linux_x86_64").read_bytes()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("torch-2.14.0+rocm10.1.0.dist-info/METADATA", b"Name: torch\n" + b" " * (50 << 20))
    for content in (b"", b"PK", made[:-30], made[100:], bomb.getvalue()):
        with pytest.raises(RdnaError) as caught:
            held(content)
        assert caught.value.reference in ("wheel-lies", "wheel-damaged")
