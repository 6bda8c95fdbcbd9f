"""Where our own files are: beside the package when installed, at the top of the tree in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def templates() -> Path:
    """The template directory (force-included into the wheel and the deb; ``templates/`` in a checkout)."""
    inside = PACKAGE / "templates"
    return inside if inside.is_dir() else PACKAGE.parent.parent / "templates"


def table(module: str, name: str) -> list[list[str]]:
    """The rows of a table with tabs that lies beside a module (its ``__file__``); lines that begin with # are none."""
    lines = Path(module).with_name(name).read_text("utf-8").split("\n")
    return [line.split("\t") for line in lines if line[:1] not in ("", "#")]


def data() -> Path:
    """The knowledge base: rules, profiles and catalogues in YAML."""
    return PACKAGE / "knowledge" / "data"
