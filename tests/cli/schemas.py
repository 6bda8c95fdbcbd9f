"""JSON Schemas of what --json prints: of each part by the codec's own annotations, of the whole by asjson's functions.

A view of asjson is called with records built from their annotations, while the codec answers with the types of fields
instead of their values: what comes out is the document's shape. ``python tests/cli/schemas.py`` writes docs/schemas.
"""

from __future__ import annotations

import enum
import json
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from unittest import mock

PROJECT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT / "installer"))
sys.path.insert(0, str(PROJECT / "tests/unit/report"))

from planted import SOUND, arguments  # noqa: E402

from rdna_installer import codec  # noqa: E402
from rdna_installer.cli.document import FORMAT, Outcome  # noqa: E402
from rdna_installer.errors import Problem  # noqa: E402
from rdna_installer.report import asjson  # noqa: E402

FOLDER = PROJECT / "docs" / "schemas"
CHANGED = ("applied", "status")
VIEWS: dict[str, tuple[tuple[str, ...], ...]] = {  # command: what its document may be made of
    "setup": (("setup", "set_up", *CHANGED), ("served",), ("use_of",)),
    "doctor": (("doctor",),),
    "detect": (("detect",),),
    "plan": (("plan", "status"),),
    "apply": (("plan", *CHANGED),),
    "adopt": (("adopt", *CHANGED),),
    "verify": (("verify",),),
    "status": (("status",),),
    "history": (("history",),),
    "rollback": (("rollback", *CHANGED),),
    "uninstall": (("rollback", *CHANGED),),
    "confirm": (("confirmed",),),
    "recover": (("recovered",), ("states",)),
    "advise": (("advise",),),
    "explain": (("explain",), ("keys",)),
    "cache clear": (("cache",),),
    "diagnose": (("diagnose",),),
    "probe": (("probe",),),
    "recipe": (("recipe",), ("built",)),
    "report": (("report",),),
}
MORE = {"apply": {"reboot_required": bool}, "rollback": {"reboot_required": bool, "trial": bool}}
MORE["adopt"] = MORE["setup"] = MORE["apply"]
MORE["uninstall"] = MORE["rollback"]
ANYTHING = {("probe", "costs")}  # as the measured machine left it
Schema = dict[str, Any]


class Node(dict[str, Any]):
    """A schema where a value would be; a mapping, as what the codec gives is."""


def of(hint: Any, kind: Any = None) -> Schema:
    """The schema of an annotation, as the codec has it."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return of(args[0])
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [of(arg) for arg in args]}
    if origin in (list, tuple, frozenset):
        if origin is tuple and args[-1] is not ...:
            return {
                "type": "array",
                "prefixItems": [of(arg) for arg in args],
                "minItems": len(args),
                "maxItems": len(args),
            }
        return {"type": "array", "items": of(args[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": of(args[1])}
    if hasattr(hint, "__record_factories__"):
        return whole({name: of(codec._hint(hint, name)) for name in hint.__match_args__})
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    plain = {type(None): "null", None: "null", bool: "boolean", int: "integer", float: "number"}
    if hint in plain:
        return {"type": plain[hint]}
    assert isinstance(hint, type) and issubclass(hint, (str, PurePosixPath, bytes)), hint
    return {"type": "string"}


def whole(fields: Mapping[str, Schema], required: typing.Iterable[str] | None = None) -> Schema:
    return {"type": "object", "properties": dict(fields), "required": sorted(fields if required is None else required)}


def shape(value: Any) -> Schema:
    """The schema of what a view has made; what the codec did not say may be null."""
    if isinstance(value, Node):
        return dict(value)
    if isinstance(value, dict):
        return {**whole({key: shape(item) for key, item in value.items()}), "type": ["object", "null"]}
    if isinstance(value, (list, tuple)):
        inner = [shape(item) for item in value]
        return {"type": "array", "items": inner[0] if inner else {}}
    if value is None:
        return {}
    names = {bool: "boolean", int: "integer", float: "number"}
    return {"type": [next((name for kind, name in names.items() if type(value) is kind), "string"), "null"]}


def _encode(value: object, *, brief: bool = False) -> dict[str, Node]:
    kind = type(value)
    return {name: Node(of(codec._hint(kind, name))) for name in kind.__match_args__}


def _pick(value: object, *names: str) -> dict[str, Node]:
    return {name: Node(of(codec._hint(type(value), name))) for name in names}


def view(name: str) -> Schema:
    """Of the document that a view makes."""
    function = getattr(asjson, name)
    given = arguments(function, SOUND)
    with mock.patch.object(codec, "encode", _encode), mock.patch.object(codec, "pick", _pick):
        made = function(*given)
    return shape(made)["properties"]  # type: ignore[no-any-return]


def schema(command: str) -> Schema:
    """Of everything ``command --json`` may print: all of it where it went well, the head always."""
    head: dict[str, Schema] = {
        "schema": {"const": 1},
        "format": {"const": FORMAT},
        "command": {"const": command},
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "error": {"anyOf": [{"type": "null"}, of(Problem)]},
    }
    several = []
    for views in VIEWS[command]:
        fields: dict[str, Schema] = {}
        for name in views:
            found = view(name)
            fields |= (
                {"status": {"anyOf": [whole(found, set(found) - {"upgrade"}), {"type": "null"}]}}
                if name == "status" and command != "status"
                else found
            )
        fields |= {name: of(kind) for name, kind in MORE.get(command, {}).items()}
        for where, name in ANYTHING:
            if where == command:
                fields[name] = {}
        several.append(fields)
    properties = {**head, **{name: field for fields in several for name, field in fields.items()}}
    ways = [{"required": sorted(fields)} for fields in several]
    failed = {"properties": {"error": {"type": "object"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"rdna-installer {command} --json",
        **whole(properties, head),
        "anyOf": [failed, *ways],
    }


def files() -> dict[str, str]:
    """Every file of docs/schemas."""
    return {
        f"{name.replace(' ', '-')}.json": json.dumps(schema(name), indent=1, sort_keys=False) + "\n" for name in VIEWS
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
