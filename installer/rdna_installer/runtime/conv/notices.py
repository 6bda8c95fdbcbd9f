"""What happens inside a convolution is said once, in one line on stderr: a training loop must not be flooded."""

from __future__ import annotations

import sys

_said = {}
_listeners = []  # none or one


def explain_with(function):
    """Send every notice to `function` as well (the hook's verbose channel); None stops that."""
    _listeners[:] = [] if function is None else [function]


def explain(text):
    """Say something only a verbose hook wants to hear."""
    for listener in _listeners:
        listener(text)


def once(key, text):
    """Say `text` on stderr unless `key` was said before in this process; never raises."""
    if key in _said:
        return
    _said[key] = text
    explain(text)
    try:
        sys.stderr.write("rdna-installer: " + text + "\n")
    except Exception:
        return  # a closed or missing stderr (pythonw, daemons) must not fail a convolution


def said():
    """Everything reported so far, in order."""
    return list(_said.values())
