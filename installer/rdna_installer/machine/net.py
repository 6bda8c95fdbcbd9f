"""The only way to the network: HTTPS, bounded in bytes and time, redirects to HTTPS only; every error names the host.

Proxies come from the environment (``https_proxy``, ``no_proxy``), certificates from the system, or from what
``SSL_CERT_FILE``, ``PIP_CERT`` or ``REQUESTS_CA_BUNDLE`` names. Plain HTTP: this machine, and hosts the user named.
"""

from __future__ import annotations

import errno
import http.client
import io
import os
import socket
import ssl
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rdna_installer import __version__
from rdna_installer.errors import RdnaError
from rdna_installer.record import record

LOCAL = ("localhost", "127.0.0.1", "::1")
CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE")  # SSL_CERT_FILE is OpenSSL's own
REDIRECTS = 5
CHUNK = 1 << 17
UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED)
BROKEN: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((socket.gaierror,), "net-unknown-host", "no such host is known here, or there is no network"),
    ((TimeoutError,), "net-slow", "it does not answer in time"),
    ((http.client.IncompleteRead, ConnectionResetError), "net-cut", "the connection broke off"),
)
GONE = (http.client.HTTPException, ConnectionError, TimeoutError, OSError, EOFError, ValueError)


@record(frozen=True)
class Patience:
    """Seconds: until a connection, without a byte, and in all for one request."""

    connect: float = 20.0
    silence: float = 60.0
    total: float = 4 * 3600.0


LOOK = Patience(total=120.0)


@record(frozen=True)
class Answer:
    """A page. ``kind``: its content type; ``url``: where it came from in the end."""

    url: str
    kind: str
    body: bytes


@record(frozen=True)
class Head:
    """What is said of a file: ``validator`` is a strong ETag, or the day of its last change; "" where neither is told.
    ``start``: the first byte that the answer has."""

    size: int | None
    validator: str
    start: int = 0


class Net:
    """One user's way out. ``named``: hosts they named, which may be asked by plain HTTP."""

    def __init__(self, named: frozenset[str] = frozenset(), patience: Patience | None = None) -> None:
        self.named = named | set(LOCAL)
        self.look, self.load = patience or LOOK, patience or Patience()
        self._context: ssl.SSLContext | None = None

    def page(self, url: str, limit: int, accept: str = "*/*") -> Answer | None:
        """A whole answer; None where the host says that there is no such thing (404, 410, and 403, which AMD's says).
        Raises RdnaError("net-…")."""
        try:
            with self._open(url, self.look, {"Accept": accept}) as answer:
                return Answer(answer.url, answer.headers.get("Content-Type", ""), _whole(answer, limit, url))
        except RdnaError as err:
            if err.reference == "net-missing":
                return None
            raise

    def head(self, url: str) -> Head:
        """Size and state of a file. Raises RdnaError("net-…")."""
        try:
            with self._open(url, self.look, method="HEAD") as answer:
                return _head(answer)
        except RdnaError as err:
            if err.reference not in ("net-missing", "net-refused"):  # signed addresses know nothing but GET
                raise
        with self._open(url, self.look) as answer:
            return _head(answer)

    def part(self, url: str, start: int | None, count: int) -> tuple[Head, bytes]:
        """Bytes of a file, the last ones where ``start`` is None, with what is said of it.
        Raises RdnaError("net-no-ranges", "net-…")."""
        wanted = f"-{count}" if start is None else f"{start}-{start + count - 1}"
        with self._open(url, self.look, {"Range": f"bytes={wanted}"}) as answer:
            if answer.status != 206:
                raise _error("net-no-ranges", url, "it does not give parts of files")
            return _head(answer), _whole(answer, count, url)

    @contextmanager
    def stream(self, url: str, start: int, validator: str) -> Iterator[tuple[Head, Iterator[bytes]]]:
        """A file from byte ``start`` on, if it is still that of ``validator`` ("": whatever it is now); else from its
        beginning (``Head.start``). Raises RdnaError("net-…"), also from the iterator ("net-cut": it broke off)."""
        wanted = {"Range": f"bytes={start}-"} if start else {}
        wanted |= {"If-Range": validator} if start and validator else {}
        with self._open(url, self.load, wanted) as answer:
            head = _head(answer)
            yield head, _chunks(answer, url, None if head.size is None else head.size - head.start)

    @contextmanager
    def _open(
        self, url: str, patience: Patience, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Iterator[Any]:
        self.allow(url)
        told = {"User-Agent": f"rdna-installer/{__version__}", "Accept-Encoding": "identity", **(headers or {})}
        request = urllib.request.Request(url, headers=told, method=method)  # noqa: S310 - allowed above
        try:
            answer = self._opener(patience).open(request, timeout=patience.connect)
        except urllib.error.HTTPError as err:
            raise _status(err) from err
        except urllib.error.URLError as err:
            raise _broken(err.reason, url) from err
        except GONE as err:
            raise _broken(err, url) from err
        with answer:
            yield answer

    def _opener(self, patience: Patience) -> urllib.request.OpenerDirector:
        limits = {"deadline": time.monotonic() + patience.total, "silence": patience.silence}
        return urllib.request.build_opener(_Redirects(self), _Connecting(self._certificates(), limits))

    def _certificates(self) -> ssl.SSLContext:
        if self._context is None:
            named = next((os.environ[key] for key in CERTIFICATES if os.environ.get(key)), None)
            try:
                folder = named is not None and os.path.isdir(named)
                self._context = ssl.create_default_context(
                    cafile=None if folder else named, capath=named if folder else None
                )
            except (OSError, ssl.SSLError) as err:
                hint = f"name a file of certificates in {' or '.join(CERTIFICATES)}, or none"
                raise RdnaError(
                    "net-certificates", f"no certificates can be read: {err}", context=named, hint=hint
                ) from err
        return self._context

    def allow(self, url: str) -> None:
        """Raises RdnaError("net-address") for an address that is not asked."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            parts, host = urlsplit(""), ""
        if not (url.isascii() and url.isprintable()) or " " in url:
            raise _error("net-address", "", "an address has letters that none may have")
        if "@" in parts.netloc:
            raise _error("net-address", f"https://{host}", "an address with a password in it is not used")
        if not host or parts.scheme not in ("https", "http"):
            raise _error("net-address", url[:200], "this is no address of https")
        if parts.scheme == "http" and host not in self.named:
            raise _error("net-plain", url, "it asks for plain http, where anybody on the way can change what comes")


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = REDIRECTS

    def __init__(self, net: Net) -> None:
        self.net = net

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Only where ``allow`` lets us; what was asked for goes along (Range, method)."""
        self.net.allow(newurl)
        again = super().redirect_request(req, fp, 307 if code == 308 else code, msg, headers, newurl)
        if again is not None:
            again.method = req.get_method()
        return again

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """The next answer; one that is not followed is closed."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except BaseException:
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Timed(io.RawIOBase):
    """What comes from a socket: each wait and the whole are bounded, the lines of a header too."""

    def __init__(self, sock: Any, deadline: float, silence: float) -> None:
        self.sock, self.raw, self.deadline, self.silence = sock, sock.makefile("rb", buffering=0), deadline, silence

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """As a socket's, within the limits. Raises TimeoutError."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took too long in all")
        self.sock.settimeout(min(left, self.silence))
        count: int | None = self.raw.readinto(buffer)
        return count

    def close(self) -> None:
        """Also the socket's file."""
        self.raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *rest: Any, deadline: float, silence: float, **more: Any) -> None:
        super().__init__(sock, *rest, **more)
        self.fp.close()
        self.fp = io.BufferedReader(_Timed(sock, deadline, silence), CHUNK)


class _Connecting(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Both ways with our limits; by https the host's certificate is verified."""

    def __init__(self, context: ssl.SSLContext, limits: dict[str, float]) -> None:
        super().__init__(context=context)
        self.answer = partial(_Response, **limits)

    def do_open(self, http_class: Any, req: Any, **more: Any) -> Any:
        """As urllib's, by a connection whose answers are timed."""

        def timed(host: str, **how: Any) -> Any:
            made = http_class(host, **how)
            made.response_class = self.answer
            return made

        return super().do_open(timed, req, **more)


def _whole(answer: Any, limit: int, url: str) -> bytes:
    body, chunks = b"", _chunks(answer, url, None)
    packed = answer.headers.get("Content-Encoding", "identity").lower()  # never asked for; some have nothing else
    if packed in ("gzip", "x-gzip"):
        unpacking = zlib.decompressobj(31)
        chunks = (unpacking.decompress(chunk, limit + 1) for chunk in chunks)
    elif packed not in ("identity", ""):
        raise _error("net-encoding", url, f"it packs its answer in a way that was not asked for ({packed[:20]!r})")
    try:
        for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise _error("net-too-much", url, f"it answered with more than {limit} bytes")
    except zlib.error as err:
        raise _broken(err, url) from err
    return body


def _chunks(answer: Any, url: str, expected: int | None) -> Iterator[bytes]:
    """The bytes as they come. Raises RdnaError("net-cut") where fewer come than were announced."""
    came = 0
    while True:
        try:
            chunk = answer.read1(CHUNK)
        except GONE as err:
            raise _broken(err, url) from err
        if not chunk:
            break
        came += len(chunk)
        yield chunk
    if (answer.length or 0) > 0 or expected not in (None, came):
        raise _error("net-cut", url, "the connection broke off in the middle of a file")


def _head(answer: Any) -> Head:
    headers = answer.headers
    etag = headers.get("ETag", "")
    validator = "" if etag.startswith("W/") else etag or headers.get("Last-Modified", "")
    length = headers.get("Content-Length", "")
    size = (int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else 0) or None
    if answer.status == 206:
        first, _, whole = headers.get("Content-Range", "").removeprefix("bytes ").partition("/")
        start = first.partition("-")[0]
        if not (start.isdecimal() and whole.isdecimal() and len(start + whole) < 32):
            raise _error("net-no-ranges", answer.url, "its answer does not say which part of the file it is")
        return Head(int(whole), validator, int(start))
    return Head(size, validator)


def _error(reference: str, url: str, what: str, hint: str | None = None) -> RdnaError:
    host = _host(url)
    hint = hint or "name another index with --index URL, or a folder with --wheels DIR"
    return RdnaError(reference, f"{host}: {what}" if host else what, context=url or None, hint=hint)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _status(err: urllib.error.HTTPError) -> RdnaError:
    url, code = err.url or "", err.code
    err.close()
    if code in (403, 404, 410):
        return _error("net-missing", url, f"it does not have this, or does not give it (answer {code})")
    if 300 <= code < 400:
        return _error("net-redirects", url, f"it sends from one address to the next (answer {code})")
    if code == 407:
        return _error("net-proxy", url, "the proxy wants a password", "set https_proxy with it")
    hint = "wait a little, then run it again" if code >= 500 or code == 429 else None
    return _error("net-refused", url, f"it refuses (answer {code})", hint)


def _broken(err: Any, url: str) -> RdnaError:
    again = "look at the network (proxy: https_proxy), then run it again; what has come is kept"
    if isinstance(err, ssl.SSLCertVerificationError):
        why = "its certificate cannot be verified"
        hint = "look at this machine's clock; behind a proxy that opens TLS: SSL_CERT_FILE=its certificate"
        return _error("net-certificate", url, f"{why} ({err.verify_message})", hint)
    if isinstance(err, OSError) and err.errno in UNREACHABLE:
        return _error("net-unreachable", url, f"it cannot be reached ({(err.strerror or '').lower()})", again)
    for kinds, reference, what in BROKEN:
        if isinstance(err, kinds):
            return _error(reference, url, what, again)
    return _error("net-failed", url, f"the connection failed ({err})"[:200], again)
