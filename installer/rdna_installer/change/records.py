"""The state's files: records as the codec writes them, those of 0.1.0 brought up, damage said as one error."""

from __future__ import annotations

from typing import Any, TypeVar

from rdna_installer import codec
from rdna_installer.codec import Data, MisfitError
from rdna_installer.errors import RdnaError
from rdna_installer.model import FileState, Generation
from rdna_installer.record import replace

FORMAT = 2  # of every record here, and in the state's own file "format"

T = TypeVar("T")


def dump(value: object) -> bytes:
    """A record as a file of the state. What a file's content is stays out: it is a blob beside it."""
    return codec.write(value, FORMAT)


def parse(kind: type[T], content: bytes, place: object) -> T:
    """A record from a file of the state. Raises RdnaError("state-corrupted") naming ``place`` and the field."""
    try:
        return codec.read(kind, content, kind.__name__.lower(), FORMAT, {1: _FROM_0_1_0.get(kind.__name__, dict)})
    except MisfitError as err:
        raise corrupted(place, str(err)) from err


def corrupted(place: object, detail: str) -> RdnaError:
    """The error for state that cannot be believed: nothing is done with it."""
    return RdnaError(
        "state-corrupted",
        f"the recorded state is damaged: {detail}",
        context=str(place),
        hint="nothing was changed. sudo rdna-installer recover --check says what is damaged, what is safe and how to "
        "go back without it. Each generations/N beside it has what was there before (manifest.json names the blobs) "
        "and a restore.sh that puts it back by itself: restore this file from a backup, or run that of the highest N",
    )


def blob_name(digest: str) -> str:
    """The file that holds content with this digest."""
    return digest.removeprefix("sha256:")


def without_contents(states: tuple[FileState, ...]) -> tuple[FileState, ...]:
    """The same without contents."""
    return tuple(replace(state, content=None) for state in states)


def for_manifest(generation: Generation) -> Generation:
    """A generation as its manifest has it: contents are blobs."""
    managed = (replace(m, **_bare(m.after, m.origin)) for m in generation.managed)
    return replace(generation, managed=tuple(managed))


def for_all_to_read(generation: Generation) -> Generation:
    """A generation as current.json has it: with those contents of the machine before us that all may read."""
    managed = (replace(m, **_bare(m.after, m.origin) | {"origin": _public(m.origin)}) for m in generation.managed)
    return replace(generation, managed=tuple(managed))


def _bare(after: FileState, origin: FileState) -> dict[str, Any]:
    return {"after": replace(after, content=None), "origin": replace(origin, content=None)}


def _public(origin: FileState) -> FileState:
    return replace(origin, content=origin.content if origin.mode & 0o004 else None, xattrs=())


# --- what 0.1.0 wrote -------------------------------------------------------------------------------------------------


def _state(path: str, data: Data | None) -> Data:
    if data is None:
        return {"path": path}
    xattrs = [[name, bytes.fromhex(value).decode("latin-1")] for name, value in data.get("xattrs", {}).items()]
    return {**data, "path": path, "xattrs": xattrs}


def _generation(data: Data) -> Data:
    managed = [
        {**m, "after": _state(m["path"], m["after"]), "origin": _state(m["path"], m["origin"])} for m in data["managed"]
    ]
    kept = {key: value for key, value in data.items() if key not in ("run", "also")}
    users = [[uid, data["run"]] for uid in data["also"]]  # so that a rollback takes them along
    return {**kept, "managed": managed, "change": data["run"], "parts": data["also"], "users": users}


def _manifest(data: Data) -> Data:
    found = [_state(item["path"], item["was"]) for item in data["before"]]
    return {"generation": _generation(data["generation"]), "found": found, "directories": data["directories"]}


def _undo(data: Data) -> Data:
    entries = [
        {**e, "before": _state(e["path"], e["before"]), "after": _state(e["path"], e["after"])} for e in data["entries"]
    ]
    return {**data, "entries": entries}


def _boot_result(data: Data) -> Data:
    return {key: value for key, value in data.items() if key != "ok"}


_FROM_0_1_0 = {"Generation": _generation, "Manifest": _manifest, "Undo": _undo, "BootResult": _boot_result}
