#!/usr/bin/python3
"""Completions for bash, zsh and fish, made by click: at a Tab they ask the program, so they know its changes too.

Usage: completions.py FOLDER. Writes FOLDER/{bash,zsh,fish}. Needs the package on Python's path.
"""

from __future__ import annotations

import sys
from pathlib import Path

from click.shell_completion import get_completion_class

from rdna_installer.cli.app import app

FUNCTION = "_rdna_installer_completion"


def main() -> None:
    """Write all three."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for shell in ("bash", "zsh", "fish"):
        kind = get_completion_class(shell)
        if kind is None:
            raise LookupError(shell)
        text = kind(app, {}, "rdna-installer", "_RDNA_INSTALLER_COMPLETE").source()
        if shell == "zsh" and "loadautofunc" not in text:  # before click 8.1.4 the first Tab only loaded it
            text += f'\n[[ $zsh_eval_context[-1] != loadautofunc ]] || {FUNCTION} "$@"\n'
        (folder / shell).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
