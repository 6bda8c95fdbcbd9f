"""The tool is in the repository and not in the source package: without it there is nothing to test here."""

from __future__ import annotations

from pathlib import Path

collect_ignore_glob = [] if (Path(__file__).parents[2] / "tools/upstream").is_dir() else ["test_*.py"]
