"""Hosts of indexes that nobody here has seen: what each answers, and what becomes of a set that is there."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath

import pytest
from fixtures.wheelmaker import SplitSet, amd_split, generic, rocm_pieces

from rdna_installer.detect.gpus import given
from rdna_installer.environments.choose import Here
from rdna_installer.errors import RdnaError
from rdna_installer.machine.net import Net, Patience
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow import choosing, fetching
from rdna_installer.workflow.choosing import Asking

Answer = tuple[int, Mapping[str, str], bytes]
Host = Callable[[str, str, Mapping[str, str]], Answer]  # method, path, headers
SET = SplitSet("2.14.0", "0.29.0", None, "10.1.0", ("cp311",), ("gfx1010",), fill=100_000)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    rocm_pieces(folder, "10.1.0", SET.targets, fill=100_000)
    amd_split(folder, SET)
    generic(folder)
    return folder


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[Host]]]:
    """An address, and a list whose last item answers there."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    hosts: list[Host] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

        def do_GET(self) -> None:
            code, headers, body = hosts[-1](self.command, self.path, self.headers)
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple", hosts
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def plain(wheels: Path, link: str = "{name}", ranges: bool = True) -> Host:
    """Pages below /simple/NAME/, files beside them; parts, lengths and a day, as any web server."""

    def answer(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        _, _, project, name = path.partition("?")[0].split("/")
        name = name.replace("%2B", "+")
        folder = wheels / project
        if not folder.is_dir() or (name and not (folder / name).is_file()):
            return 404, {}, b"no"
        if not name:
            links = (link.format(name=p.name.replace("+", "%2B"), project=project) for p in sorted(folder.iterdir()))
            page = "".join(f'<a href="{each}">x</a>' for each in links).encode()
            return 200, {"Content-Type": "text/html", "Content-Length": str(len(page))}, page
        body = (folder / name).read_bytes()
        first, _, last = headers.get("Range", "").removeprefix("bytes=").partition("-")
        if not ranges or not (first or last):
            return 200, {"Content-Length": str(len(body))}, body
        start = int(first) if first else max(0, len(body) - int(last))
        part = body[start : int(last) + 1 if first and last else len(body)]
        said = f"bytes {start}-{start + len(part) - 1}/{len(body)}"
        return 206, {"Content-Range": said, "Content-Length": str(len(part))}, part

    return answer


def no_head(wheels: Path) -> Host:
    answer = plain(wheels)
    return lambda method, *rest: (405, {}, b"") if method == "HEAD" else answer(method, *rest)


def signed_for_get(wheels: Path) -> Host:
    answer = plain(wheels)
    return lambda method, *rest: (403, {}, b"") if method == "HEAD" else answer(method, *rest)


def always_packed(wheels: Path) -> Host:
    """Pages that lie packed in a store of objects come so, whatever was asked for."""
    answer = plain(wheels)

    def packed(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        if code != 200 or not path.endswith("/"):
            return code, said, body
        body = gzip.compress(body)
        return 200, {**said, "Content-Encoding": "gzip", "Content-Length": str(len(body))}, body

    return packed


def a_bomb(wheels: Path) -> Host:
    packed = gzip.compress(b" " * (32 << 20))
    return lambda *asked: (200, {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}, packed)


def moved(wheels: Path) -> Host:
    """Each page has moved, and its links are relative to where it is now."""
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/simple/"):
            return 301, {"Location": path.replace("/simple/", "/new/", 1)}, b""
        return answer(method, path.replace("/new/", "/simple/", 1), headers)

    return host


def without_the_slash(wheels: Path) -> Host:
    """NAME/ is sent to NAME, so that relative links need the folder's name."""
    answer = plain(wheels, "{project}/{name}")

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.endswith("/"):
            return 302, {"Location": path[:-1]}, b""
        return answer(method, path if path.count("/") == 3 else f"{path}/", headers)

    return host


def elsewhere(wheels: Path) -> Host:
    """Every file is sent to another address with a signature."""
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        if not path.endswith("/") and "?sig=" not in path:
            return 307, {"Location": f"{path}?sig=a%2Fb"}, b""
        return answer(method, path, headers)

    return host


def a_page_for_what_is_not_there(wheels: Path) -> Host:
    answer = plain(wheels)

    def host(method: str, path: str, headers: Mapping[str, str]) -> Answer:
        code, said, body = answer(method, path, headers)
        return (200, {"Content-Type": "text/html"}, b"<h1>Sorry</h1>") if code == 404 else (code, said, body)

    return host


WORKS = [
    plain, no_head, signed_for_get, always_packed, moved, without_the_slash, elsewhere, a_page_for_what_is_not_there,
    lambda wheels: plain(wheels, ranges=False), lambda wheels: plain(wheels, "/simple/{project}/{name}?x=1#egg=y"),
]  # fmt: skip


@pytest.mark.parametrize("kind", WORKS)
def test_a_set_comes_from_it(
    kind: Callable[[Path], Host], wheels: Path, served: tuple[str, list[Host]], tmp_path: Path
) -> None:
    url, hosts = served
    hosts.append(kind(wheels))
    lock = got(url, tmp_path)
    assert lock.torch == "2.14.0+rocm10.1.0"
    place = Sysroot(tmp_path / "root").path(fetching.folder_of(PurePosixPath("/w"), f"{url}/"))
    for file in lock.files:
        assert (place / file.filename).read_bytes() == (wheels / file.name / file.filename).read_bytes()


def got(url: str, tmp_path: Path) -> fetching.Lock:
    (tmp_path / "root").mkdir()
    root, net = Sysroot(tmp_path / "root"), Net(patience=Patience(5.0, 2.0, 20.0))
    plan = choosing.plan(root, net, Asking(given("gfx1010"), Here("cp311"), url))
    return fetching.fetch(root, PurePosixPath("/w"), plan, net, lambda *said: None)


REFUSED = [
    ("http://cdn.example/{name}", "net-plain"),  # from a host the user named to one that nobody did
    ("ftp://cdn.example/{name}", "no-set"),
    ("https://user:secret@cdn.example/{name}", "no-set"),
]


@pytest.mark.parametrize(("link", "reference"), REFUSED)
def test_what_is_not_gone_to(
    link: str, reference: str, wheels: Path, served: tuple[str, list[Host]], tmp_path: Path
) -> None:
    url, hosts = served
    hosts.append(plain(wheels, link))
    with pytest.raises(RdnaError) as caught:
        got(url, tmp_path)
    assert caught.value.reference == reference


def test_a_page_that_swells(wheels: Path, served: tuple[str, list[Host]], tmp_path: Path) -> None:
    url, hosts = served
    hosts.append(a_bomb(wheels))
    with pytest.raises(RdnaError) as caught:
        got(url, tmp_path)
    assert caught.value.reference == "net-too-much"
