"""Hatch build hook: a wheel gets the knowledge files parsed already (knowledge/shipped.py). A checkout reads YAML."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BookHook(BuildHookInterface):
    """Adds the parsed files to a wheel that is not editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the wheel's files are collected."""
        if version == "editable":
            return
        installer = Path(self.root) / "installer"
        sys.path.insert(0, str(installer))
        from rdna_installer.knowledge.shipped import parse_all

        inside = "rdna_installer/knowledge/data"
        self.folder = tempfile.TemporaryDirectory()
        for name, content in parse_all(installer / inside).items():
            made = Path(self.folder.name) / name
            made.parent.mkdir(exist_ok=True)
            made.write_bytes(content)
            build_data["force_include"][str(made)] = f"{inside}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called when the wheel is made."""
        if version != "editable":
            self.folder.cleanup()
