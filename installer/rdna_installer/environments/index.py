"""Pages of an index (PEP 503, 691, 658, 700) and METADATA as records. What is hostile or unreadable is refused by name.

Pages are read by a scanner of our own: every step goes forward, so the worst page costs what its length costs.
"""

from __future__ import annotations

import html
import json
import re
from typing import IO, Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from rdna_installer.errors import RdnaError
from rdna_installer.printable import printable
from rdna_installer.record import record, replace

PAGE_LIMIT = 24 << 20  # bytes; the longest page seen (torch, nightly) has less than two MiB
FILES_LIMIT = 50_000
TAG_LIMIT = 8192  # letters of one <a …>
METADATA_LIMIT = 1 << 20
NAME_LIMIT = 255  # bytes of a file name (Linux)
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.2"
TAG = re.compile(r"<(?:!--|(a|base|meta)(?=[\s/>]))", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,40})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?|>""")
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
METADATA_KEYS = ("core-metadata", "dist-info-metadata")


@record(frozen=True)
class IndexFile:
    """One file of an index or a folder. ``url``: an address, or the absolute path of a file. ``yanked``: the reason.
    ``metadata``: the digest of its METADATA beside it, "" where that is there without one, None where it is not."""

    filename: str
    name: str
    version: str
    url: str
    tags: frozenset[str]
    sdist: bool = False
    sha256: str | None = None
    size: int | None = None
    requires_python: str | None = None
    yanked: str | None = None
    metadata: str | None = None
    uploaded: str | None = None


@record(frozen=True)
class Page:
    """The files of one project, and the names that were refused (none of them is an error of the index as a whole)."""

    files: tuple[IndexFile, ...]
    refused: tuple[str, ...] = ()


@record(frozen=True)
class Metadata:
    """What a wheel says of itself, as far as a choice needs it."""

    requires: tuple[str, ...]
    extras: frozenset[str]
    requires_python: str | None = None


def read_page(content: bytes, kind: str, url: str, project: str) -> Page:
    """A project's page; ``kind`` its content type, ``url`` where it came from. Raises RdnaError("bad-index")."""
    text = content.decode("utf-8-sig", "replace")
    data = _of_json(text, url) if "json" in kind else _of_html(text, url)
    meta, status = (found if isinstance(found := data.get(key), dict) else {} for key in ("meta", "project-status"))
    version = meta.get("api-version")
    if isinstance(version, str) and re.match(r"[2-9]|1\d", version.strip()):  # PEP 629: it may mean anything
        raise _bad(url, f"the page is of version {printable(version[:20])}, and version 1 is known here")
    if status.get("status") == "quarantined":  # PEP 792: taken for unsafe
        return Page((), (f"{project}: the index has put it into quarantine",))
    files, refused = [], []
    for count, item in enumerate(item for item in data["files"] if isinstance(item, dict)):
        if count >= FILES_LIMIT:
            raise _bad(url, f"the page lists more than {FILES_LIMIT} files")
        found = _file(item, url, project)
        if isinstance(found, IndexFile):
            files.append(found)
        elif found:
            refused.append(found)
    return Page(tuple(files), tuple(refused))


def _bad(url: str, message: str) -> RdnaError:
    hint = "look at the page in a browser; name another index: --index URL"
    return RdnaError("bad-index", message, context=url, hint=hint)


def _of_json(text: str, url: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise _bad(url, "the answer is no JSON") from err
    if not isinstance(data, dict) or not isinstance(data.get("files"), list):
        raise _bad(url, "the answer is JSON, but no page of an index (PEP 691)")
    return data


def _of_html(text: str, url: str) -> dict[str, Any]:
    """As PEP 691 would have it. <base> holds for what is before it, too."""
    at, base, said = 0, "", dict[str | None, str | None]()
    files: list[dict[str, Any]] = []
    while (match := TAG.search(text, at)) and len(files) <= FILES_LIMIT:
        kind = (match[1] or "").lower()
        if not kind:
            at = text.find("-->", match.end()) % (len(text) + 1)  # to the end, where it is not closed
            continue
        attributes, at = _attributes(text, match.end())
        address = attributes.get("href", "").strip()
        if kind == "meta":
            said.setdefault(attributes.get("name"), attributes.get("content"))
        elif kind == "base":
            base = base or address
        elif address:
            files.append(_link(attributes, address))
    for file in files:
        file["url"] = _joined(_joined(url, base) or url, file["url"]) or file["url"]
    status = {"status": said.get("pypi:project-status")}
    return {"meta": {"api-version": said.get("pypi:repository-version")}, "project-status": status, "files": files}


def _attributes(text: str, start: int) -> tuple[dict[str, str], int]:
    """Those of a tag, and where it ends."""
    found: dict[str, str] = {}
    end = start + TAG_LIMIT
    for match in ATTRIBUTE.finditer(text, start, end):
        if match[0] == ">":
            end = match.end()
            break
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), html.unescape(value))
    return found, end


def _link(attributes: dict[str, str], address: str) -> dict[str, Any]:
    address, _, fragment = address.partition("#")
    digest = next((part[7:] for part in fragment.split("&") if part.startswith("sha256=")), None)
    said: dict[str, Any] = {key[5:]: value for key, value in attributes.items() if key.startswith("data-")}
    yanked = {"yanked": said["yanked"] or True} if "yanked" in said else {}
    return {**said, **yanked, "filename": None, "url": address, "hashes": {"sha256": digest}}


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _file(link: dict[str, Any], page: str, project: str) -> IndexFile | str:
    """The record; "" for what is no file that pip would take, else what was refused."""
    address = link.get("url")
    if not isinstance(address, str):
        return ""
    url = _joined(page, address.partition("#")[0])
    if not url:
        return printable(address[:80])
    parts = urlsplit(url)
    said = link.get("filename")  # what counts where it is told: the address may be any (PEP 691)
    filename = said if isinstance(said, str) else unquote(parts.path.rpartition("/")[2])
    if not filename.endswith((".whl", ".tar.gz", ".zip")):
        return ""
    if not safe_name(filename) or parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return printable(address[:80])
    known = named(filename, url)
    if known is None or known.name != canonicalize_name(project):
        return printable(filename[:80])
    return _told(known, link)


def safe_name(filename: str) -> bool:
    """Whether a file may be kept under this name: one printable name, of no folder, and not hidden."""
    plain = filename.isprintable() and not {"/", "\\"} & {*filename} and not filename.startswith((".", "-"))
    return plain and len(filename.encode("utf-8", "replace")) <= NAME_LIMIT - len(".0123456789abcdef.part")


def named(filename: str, url: str) -> IndexFile | None:
    """What a file's name says (PEP 427, PEP 625); None where it says nothing."""
    try:
        if filename.endswith(".whl"):
            name, version, _, tags = parse_wheel_filename(filename)
            return IndexFile(filename, name, str(version), url, frozenset(map(str, tags)))
        name, version = parse_sdist_filename(filename)
        return IndexFile(filename, name, str(version), url, frozenset(), True)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def build_of(file: IndexFile) -> tuple[object, ...]:
    """What decides between wheels that are alike otherwise (PEP 427); () is the least."""
    return () if file.sdist else parse_wheel_filename(file.filename)[2]


def _told(file: IndexFile, link: dict[str, Any]) -> IndexFile:
    """The same with what the page says of it; what has not the form it must have counts as not said."""
    hashes, size, python = link.get("hashes"), link.get("size"), link.get("requires-python")
    yanked, uploaded = link.get("yanked") or None, link.get("upload-time")
    return replace(
        file,
        sha256=_digest(hashes.get("sha256")) if isinstance(hashes, dict) else None,
        size=size if type(size) is int and 0 <= size < 1 << 48 else None,
        requires_python=python if isinstance(python, str) and python.strip() else None,
        yanked=yanked and ("no reason given" if yanked is True else printable(str(yanked)[:200])),
        metadata=next((_beside(link[key]) for key in METADATA_KEYS if key in link), None),
        uploaded=uploaded[:10] if isinstance(uploaded, str) and uploaded[:10].isprintable() else None,
    )


def _digest(text: object) -> str | None:
    return text.lower() if isinstance(text, str) and DIGEST.match(text.lower()) else None


def _beside(said: object) -> str | None:
    """PEP 658 and 714: true, "true", "sha256=…" or {"sha256": …}."""
    if isinstance(said, dict):
        return _digest(said.get("sha256")) or ""
    if isinstance(said, str) and "=" in said:
        return _digest(said.removeprefix("sha256=")) or ""
    return "" if said in (True, "true", "") else None


def read_metadata(content: bytes, file: IndexFile) -> Metadata:
    """METADATA of ``file``. Raises RdnaError("wheel-lies") where it is of another name or version, or no METADATA."""
    from email.parser import HeaderParser

    message = HeaderParser().parsestr(content[:METADATA_LIMIT].decode("utf-8", "replace"))
    name, version = str(message.get("Name", "")).strip(), str(message.get("Version", "")).strip()
    try:
        same = canonicalize_name(name) == file.name and Version(version) == Version(file.version)
    except InvalidVersion:
        same = False
    if not same:
        said = printable(f"{name or 'nobody'} {version}"[:80])
        hint = "do not install it; tell whoever keeps the index"
        raise RdnaError("wheel-lies", f"inside it says that it is {said}", context=file.filename, hint=hint)
    requires, extras = (
        [" ".join(str(v).split()) for v in message.get_all(key) or ()] for key in ("Requires-Dist", "Provides-Extra")
    )
    python = str(message.get("Requires-Python", "")).strip() or None
    return Metadata(tuple(requires), frozenset(map(canonicalize_name, extras)), python)


def metadata_in(stream: IO[bytes], file: IndexFile) -> Metadata:
    """METADATA of a wheel that can be read anywhere (a file, or parts of one by the network), nothing of it run.
    Raises RdnaError("wheel-damaged", "wheel-lies"); what the stream raises."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(stream) as archive:
            inside = (name.split("/") for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            name = next(
                "/".join(path)
                for path in inside
                if len(path) == 2 and canonicalize_name(path[0].partition("-")[0]) == file.name
            )
            with archive.open(name) as held:
                return read_metadata(held.read(METADATA_LIMIT), file)
    except (zipfile.BadZipFile, zlib.error, StopIteration, EOFError, ValueError, RuntimeError) as err:
        why = str(err) or "it has no METADATA"
        hint = "do not install it; tell whoever keeps the index"
        raise RdnaError("wheel-damaged", f"this is no whole wheel: {why}", context=file.filename, hint=hint) from err
