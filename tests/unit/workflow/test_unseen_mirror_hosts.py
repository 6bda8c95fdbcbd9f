"""Hosts as mirrors behave, beside those of test_unseen_hosts; each has to give the whole set. Written before a run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from test_unseen_hosts import Answer, Host, got, plain, served, wheels  # noqa: F401 - fixtures

from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import fetching


def without_lengths(wheels: Path) -> Host:  # noqa: F811
    """What is made while it is sent (devpi before a file has come): no length anywhere, and no parts."""
    answer = plain(wheels, ranges=False)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        return code, {name: value for name, value in said.items() if name != "Content-Length"}, body

    return host


def promised(code: int) -> Callable[[Path], Host]:
    """A proxy that copies data-core-metadata from upstream, and has no such file."""

    def kind(wheels: Path) -> Host:  # noqa: F811
        answer = plain(wheels, '{name}" data-core-metadata="sha256=' + "ab" * 32 + '" rel="internal')

        def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
            return (code, {}, b"no") if path.endswith(".metadata") else answer(method, path, headers)

        return host

    return kind


def of_unknown_size(wheels: Path) -> Host:  # noqa: F811
    """Parts of a whole whose size the host does not say (RFC 9110: bytes 0-9/*)."""
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        if "Content-Range" in said:
            said = {**said, "Content-Range": said["Content-Range"].partition("/")[0] + "/*"}
        return code, said, body

    return host


def three_moves(wheels: Path) -> Host:  # noqa: F811
    """A file by way of an old name, a new one and a store; each address relative to the one before."""
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        parts = path.partition("?")[0].split("/")
        if len(parts) < 4 or not parts[3]:
            return answer(method, path, headers)
        for mark, code, location in (
            ("", 301, "{0}?a=1"),
            ("a=1", 302, "./{0}?b=2"),
            ("b=2", 307, "/simple/{1}/{0}?c=3"),
        ):
            if path.partition("?")[2] == mark:
                return code, {"Location": location.format(parts[3], parts[2])}, b""
        return answer(method, path, headers)

    return host


def by_its_old_name(wheels: Path) -> Host:  # noqa: F811
    """Each project has its page below the name it was registered with, and is sent there."""
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        _, _, project, *rest = path.split("/")
        if project == project.lower() and rest == [""]:
            return 301, {"Location": f"/simple/{project.title()}/"}, b""
        return answer(method, "/".join(["", "simple", project.lower(), *rest]), headers)

    return host


def another_tag_each_time(wheels: Path) -> Host:  # noqa: F811
    """Two machines behind one name: tags and days that differ, and a first answer that breaks off."""
    answer, count = plain(wheels), itertools.count()

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        return code, {**said, "ETag": f'W/"{next(count)}"', "Last-Modified": "Mon, 05 Oct 2026 01:02:03 GMT"}, body

    return host


def marked_and_of_an_old_charset(wheels: Path) -> Host:  # noqa: F811
    """A byte order mark, and a charset that is not the one it has."""
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        if code == 200 and path.endswith("/"):
            body = b"\xef\xbb\xbf<!doctype html><title>\xc3\xa4</title>" + body
            said = {"content-type": "TEXT/HTML; Charset=ISO-8859-1", "content-length": str(len(body))}
        return code, said, body

    return host


def as_plain_json(wheels: Path) -> Host:  # noqa: F811
    """PEP 691 as application/json, by a server that asks for nothing and counts no versions."""
    import json

    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        if code == 200 and path.endswith("/"):
            folder = wheels / path.split("/")[2]
            files = [
                {"filename": p.name, "url": p.name, "hashes": {}, "size": p.stat().st_size} for p in folder.iterdir()
            ]
            body = json.dumps({"name": folder.name, "files": files}).encode()
            said = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))}
        return code, said, body

    return host


KINDS = [
    without_lengths, promised(404), promised(403), promised(400), promised(500), of_unknown_size, three_moves,
    by_its_old_name, another_tag_each_time, marked_and_of_an_old_charset, as_plain_json,
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_comes_from_a_mirror(
    kind: Callable[[Path], Host],
    wheels: Path,  # noqa: F811
    served: tuple[str, list[Host]],  # noqa: F811
    tmp_path: Path,
) -> None:
    url, hosts = served
    hosts.append(kind(wheels))
    try:
        lock = got(url, tmp_path)
    except RdnaError as err:
        pytest.fail(f"{err.reference}: {err.message} ({err.context})")
    assert lock.torch == "2.14.0+rocm10.1.0"
    place = Sysroot(tmp_path / "root").path(fetching.folder_of(PurePosixPath("/w"), f"{url}/"))
    for file in lock.files:
        assert (place / file.filename).read_bytes() == (wheels / file.name / file.filename).read_bytes()
