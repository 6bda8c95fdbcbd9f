"""The state's JSON: our dataclasses to plain data and back. Anything unexpected is RdnaError("state-corrupted")."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, TypeVar

from rdna_installer.errors import RdnaError
from rdna_installer.model import Actual, Generation, InitramfsTool, Layer, Managed, Setting, Step, StepKind

T = TypeVar("T")
Data = dict[str, Any]


def dump(data: Data) -> bytes:
    """JSON for a file: ASCII (a path's undecodable bytes stay as lone surrogates), one value per line."""
    return json.dumps(data, indent=1).encode("ascii") + b"\n"


def parse(text: bytes, place: object, build: Callable[[Data], T]) -> T:
    """Decode and build. Raises RdnaError("state-corrupted") naming ``place``."""
    with sound(place):
        data = json.loads(text.decode("utf-8"))  # of bytes it would guess at the encoding
        if not isinstance(data, dict):
            raise TypeError("not an object")
        return build(data)


@contextmanager
def sound(place: object) -> Iterator[None]:
    """Whatever is wrong with stored data in the block, said as one error."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
        detail = f"no {err}" if isinstance(err, KeyError) else str(err)
        raise corrupted(place, detail) from err


def corrupted(place: object, detail: str) -> RdnaError:
    """The error for state that cannot be believed: nothing is done with it."""
    return RdnaError(
        "state-corrupted",
        f"the recorded state is damaged: {detail}",
        context=str(place),
        hint="nothing was changed. Each generations/N beside it holds what it wrote and what was there before "
        "(manifest.json names the blobs): restore this file from a backup, or put files back by hand",
    )


def need(data: Mapping[str, Any], key: str, kind: type[T]) -> T:
    """A value of exactly the type wanted. Raises KeyError, TypeError."""
    value = data[key]
    if type(value) is not kind:
        raise TypeError(f"{key} is no {kind.__name__}")
    return value


def maybe(data: Mapping[str, Any], key: str) -> str | None:
    """A string or null. Raises KeyError, TypeError."""
    return None if data[key] is None else need(data, key, str)


def number(data: Mapping[str, Any], key: str, least: int = 0) -> int:
    """An integer. Raises KeyError, TypeError, ValueError."""
    value = need(data, key, int)
    if not least <= value < 1 << 32:
        raise ValueError(f"{key} is {value}")
    return value


def inside(text: object) -> PurePosixPath:
    """An absolute path without ``..``. Raises TypeError, ValueError."""
    if not isinstance(text, str):
        raise TypeError("a path is no string")
    path = PurePosixPath(text)
    if not path.is_absolute() or ".." in path.parts or path == PurePosixPath("/") or "\0" in text:
        raise ValueError(f"{text!r} is no absolute path")
    return path


def actual_data(actual: Actual, *, public: bool = False) -> Data | None:
    """What was or will be at a path; its content is a blob (inline in the public record when all may read it)."""
    if not actual.there:
        return None
    data: Data = {"digest": actual.digest, "mode": actual.mode, "owner": actual.owner, "group": actual.group}
    if actual.link is not None:
        data["link"] = actual.link
    if actual.xattrs and not public:
        data["xattrs"] = {name: value.hex() for name, value in actual.xattrs}
    if public and actual.content is not None and actual.mode & 0o004:
        data["content"] = actual.content.decode("latin-1")
    return data


def actual_of(path: PurePosixPath, data: Data | None) -> Actual:
    """Back from ``actual_data``. Raises KeyError, TypeError, ValueError."""
    if data is None:
        return Actual(path)
    digest = maybe(data, "digest")
    if digest is not None:
        blob_name(digest)
    link = need(data, "link", str) if "link" in data else None
    if (digest is None) == (link is None):
        raise ValueError("neither file nor link")
    xattrs = tuple((name, bytes.fromhex(value)) for name, value in data.get("xattrs", {}).items())
    content = need(data, "content", str).encode("latin-1") if "content" in data else None
    ids = number(data, "owner"), number(data, "group")
    return Actual(path, content, number(data, "mode"), *ids, digest, link, xattrs)


def blob_name(digest: str) -> str:
    """The file that holds content with this digest. Raises ValueError."""
    kind, _, name = digest.partition(":")
    if kind != "sha256" or len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise ValueError(f"{digest!r} is no digest")
    return name


def step_data(step: Step) -> Data:
    """An activation step."""
    return {
        "kind": step.kind.value,
        "tool": step.tool.value,
        "kernels": list(step.kernels),
        "summary": step.summary,
    }


def step_of(data: Data) -> Step:
    """Back from ``step_data``. Raises KeyError, TypeError, ValueError."""
    kernels = tuple(str(release) for release in need(data, "kernels", list))
    return Step(StepKind(data["kind"]), InitramfsTool(data["tool"]), kernels, need(data, "summary", str))


def generation_data(generation: Generation, *, public: bool = False) -> Data:
    """A generation without contents (``public``: with those contents of the machine before us all may read)."""
    return {
        "number": generation.number,
        "time": generation.time,
        "reason": generation.reason,
        "profile": generation.profile,
        "boot_id": generation.boot_id,
        "run": generation.run,
        "also": list(generation.also),
        "words": list(generation.words),
        "booted": [_setting_data(s) for s in generation.booted],
        "devices": list(generation.devices),
        "confirmed_boot": generation.confirmed_boot,
        "gpus": list(generation.gpus),
        "pending": [step_data(step) for step in generation.pending],
        "settings": [_setting_data(s) for s in generation.settings],
        "managed": [_managed_data(m, public) for m in generation.managed],
    }


def _managed_data(managed: Managed, public: bool) -> Data:
    return {
        "path": str(managed.path),
        "generation": managed.generation,
        "version": managed.version,
        "after": actual_data(managed.after),
        "origin": actual_data(managed.origin, public=public),
    }


def generation_of(data: Data) -> Generation:
    """Back from ``generation_data``. Raises KeyError, TypeError, ValueError."""
    return Generation(
        number=number(data, "number"),
        time=need(data, "time", str),
        reason=need(data, "reason", str),
        profile=maybe(data, "profile"),
        boot_id=maybe(data, "boot_id"),
        run=need(data, "run", str),
        also=tuple(_id(item) for item in need(data, "also", list)),
        words=tuple(str(word) for word in need(data, "words", list)),
        booted=tuple(_setting_of(item) for item in need(data, "booted", list)),
        confirmed_boot=maybe(data, "confirmed_boot"),
        managed=tuple(_managed_of(item) for item in need(data, "managed", list)),
        settings=tuple(_setting_of(item) for item in need(data, "settings", list)),
        pending=tuple(step_of(item) for item in need(data, "pending", list)),
        gpus=tuple(str(gpu) for gpu in need(data, "gpus", list)),
        devices=tuple(str(device) for device in data.get("devices", [])),
    )


def _managed_of(data: Data) -> Managed:
    path = inside(data["path"])
    after, origin = actual_of(path, data["after"]), actual_of(path, data["origin"])
    return Managed(path, after, origin, number(data, "generation"), need(data, "version", str))


def _id(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise ValueError(f"{value!r} is no user id")
    return value


def _setting_data(s: Setting) -> Data:
    return {"layer": s.layer.value, "site": s.site, "key": s.key, "value": s.value, "rule": s.rule}


def _setting_of(data: Data) -> Setting:
    value, rule = need(data, "value", str), need(data, "rule", str)
    return Setting(Layer(data["layer"]), maybe(data, "site"), need(data, "key", str), value, rule)
