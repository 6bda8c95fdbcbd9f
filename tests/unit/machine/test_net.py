"""The way to the network: what is refused, how long it waits, and what it says when it breaks off."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fixtures.indexserver import Index, serving

from rdna_installer.errors import RdnaError
from rdna_installer.machine.net import Net, Patience

SHORT = Patience(connect=5.0, silence=0.4, total=1.5)
BODY = bytes(range(256)) * 400


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "torch-1-py3-none-any.whl").write_bytes(BODY)
    with serving(tmp_path) as served:
        yield served


def wheel(index: Index) -> str:
    return f"{index.url}torch/torch-1-py3-none-any.whl"


def refused(work: object, *args: object) -> RdnaError:
    with pytest.raises(RdnaError) as caught:
        work(*args)  # type: ignore[operator]
    return caught.value


def loaded(net: Net, url: str, start: int = 0, validator: str = "") -> tuple[int, bytes]:
    with net.stream(url, start, validator) as (head, chunks):
        return head.start, b"".join(chunks)


def test_pages_heads_and_parts(index: Index) -> None:
    net = Net()
    page = net.page(f"{index.url}torch/", 10_000)
    assert page is not None
    assert b"torch-1-py3-none-any.whl" in page.body
    assert page.kind == "text/html"
    head = net.head(wheel(index))
    assert (head.size, head.validator[:1]) == (len(BODY), '"')
    assert net.part(wheel(index), 5, 3)[1] == BODY[5:8]
    head, end = net.part(wheel(index), None, 7)
    assert (head.size, end) == (len(BODY), BODY[-7:])
    assert net.page(f"{index.url}unknown/", 10_000) is None


@pytest.mark.parametrize(
    ("code", "reference"), [(403, "net-missing"), (404, "net-missing"), (500, "net-refused"), (429, "net-refused")]
)
def test_every_refusal_names_the_host(index: Index, code: int, reference: str) -> None:
    index.faults["torch-1-py3-none-any.whl"] = ("status", code)
    err = refused(Net().head, wheel(index))
    assert err.reference == reference
    assert err.message.startswith("127.0.0.1: ")
    assert str(code) in err.message
    assert err.context == wheel(index)


def test_it_goes_on_where_it_was(index: Index) -> None:
    net = Net()
    validator = net.head(wheel(index)).validator
    assert loaded(net, wheel(index), 1000, validator) == (1000, BODY[1000:])
    assert loaded(net, wheel(index), 1000, '"another"') == (0, BODY)
    index.ranges = False
    assert loaded(net, wheel(index), 1000, validator) == (0, BODY)


def test_a_cut_is_no_end(index: Index) -> None:
    index.faults["torch-1-py3-none-any.whl"] = ("cut", 5000)
    assert refused(loaded, Net(), wheel(index)).reference == "net-cut"


def test_silence_and_a_trickle_end(index: Index) -> None:
    index.faults["torch-1-py3-none-any.whl"] = ("stop", 5)
    assert refused(loaded, Net(patience=SHORT), wheel(index)).reference == "net-slow"
    index.faults["torch-1-py3-none-any.whl"] = ("slow", 0.1)
    started = time.monotonic()
    assert refused(loaded, Net(patience=SHORT), wheel(index)).reference == "net-slow"
    assert time.monotonic() - started < 30


@contextmanager
def raw(answer: bytes, every: float = 0) -> Iterator[str]:
    """A host that sends these bytes to whoever connects, one at a time if ``every``."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            client, _ = server.accept()
            with client:
                try:
                    client.recv(4096)
                    for byte in [answer] if not every else [bytes([b]) for b in answer]:
                        client.sendall(byte)
                        ended.wait(every)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        ended.set()
        thread.join(10)


def test_headers_that_trickle_end() -> None:
    with raw(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000, every=0.02) as url:
        assert refused(Net(patience=SHORT).head, url).reference == "net-slow"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + b"y" * 99,
        b"HTTP/1.1 200 OK\r\n" + b"a" * 70000,
    ],
)
def test_what_is_no_http_is_an_error_or_a_page(answer: bytes) -> None:
    with raw(answer) as url:
        try:
            Net(patience=SHORT).page(url, 1000)
        except RdnaError as err:
            assert err.reference.startswith("net-")


def test_too_long_a_page(index: Index) -> None:
    assert refused(Net().page, wheel(index), 1000).reference == "net-too-much"


@pytest.mark.parametrize(
    ("url", "reference"),
    [
        ("http://example.org/", "net-plain"),
        ("file:///etc/passwd", "net-address"),
        ("ftp://example.org/", "net-address"),
        ("https://user:secret@example.org/", "net-address"),
        ("https://example.org:port/", "net-address"),
        ("https://exa mple.org/", "net-address"),
        ("https://example.org/\r\nX: y", "net-address"),
        ("https://[::1/", "net-address"),
        ("https://ex\u00e4mple.org/", "net-address"),
    ],
)
def test_addresses_that_are_not_asked(index: Index, url: str, reference: str) -> None:
    err = refused(Net().head, url)
    assert err.reference == reference
    assert "secret" not in f"{err.message} {err.context}"
    if url.isascii() and "\r" not in url:
        index.faults["torch-1-py3-none-any.whl"] = ("redirect", url.replace(" ", "%20"))
        if "exa mple" not in url:
            assert refused(Net().head, wheel(index)).reference.startswith("net-")


def test_redirects(index: Index) -> None:
    index.faults["/old"] = ("redirect", wheel(index))
    assert Net().head(f"{index.url}old").size == len(BODY)
    assert index.count("HEAD", "torch-1-py3-none-any.whl") == 1
    index.faults["/loop"] = ("redirect", f"{index.url}loop")
    assert refused(Net().head, f"{index.url}loop").reference == "net-redirects"
    index.faults["/away"] = ("redirect", "http://example.org/x")
    err = refused(Net().head, f"{index.url}away")
    assert (err.reference, err.message[:12]) == ("net-plain", "example.org:")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert refused(Net().head, f"http://127.0.0.1:{port}/").reference == "net-unreachable"
    assert refused(Net().head, "https://no-such-host.invalid/").reference in (
        "net-unknown-host",
        "net-failed",
        "net-slow",
    )


def test_a_proxy_is_asked(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", index.url)
    monkeypatch.setenv("no_proxy", "")
    net = Net(frozenset({"mirror.invalid"}))
    assert net.head("http://mirror.invalid/torch/torch-1-py3-none-any.whl").size == len(BODY)


@pytest.mark.processes
def test_certificates_are_verified(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    argv += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)]
    try:
        subprocess.run(argv, check=True, capture_output=True, timeout=60)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("no openssl program: TLS not tried")
    for name in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with serving(index.folder, context=context) as secure:
        url = secure.url.replace("http://127.0.0.1", "https://localhost")
        assert refused(Net().head, f"{url}torch/torch-1-py3-none-any.whl").reference == "net-certificate"
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
        assert Net().head(f"{url}torch/torch-1-py3-none-any.whl").size == len(BODY)
        other = url.replace("localhost", "127.0.0.1")
        assert refused(Net().head, f"{other}torch/torch-1-py3-none-any.whl").reference == "net-certificate"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing"))
    assert refused(Net().head, url).reference == "net-certificates"
