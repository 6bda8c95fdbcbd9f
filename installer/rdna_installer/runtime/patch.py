"""For scripts, and for RDNA_HOOK=verbose: loaded on demand, never by an ordinary start of Python."""

import os
import sys

import _rdna_hook


def apply_patch():
    """Put the variables in force for this process; returns those it got from the hook.

    For the top of a script: ``from _rdna_hook import apply_patch; apply_patch()``, with or without the .pth file.
    What is set after torch was imported is warned of: the runtime reads each variable once, at its first use.
    """
    _rdna_hook.apply()
    if _rdna_hook.late:
        import warnings

        warnings.warn(
            "set after torch was imported, in force only if the GPU has not been used yet: "
            + ", ".join(sorted(_rdna_hook.late)),
            RuntimeWarning,
            stacklevel=2,
        )
    return dict(_rdna_hook.applied)


def explain():
    """Say on stderr what the hook did in this process."""
    head = "rdna-hook %s (generation %s)" % (_rdna_hook.VERSION, _rdna_hook.GENERATION)
    for name, value in _rdna_hook.VARIABLES.items():
        if name in _rdna_hook.applied:
            told = "set to %s" % value
        else:
            told = "left as you set it: %r" % os.environ.get(name)
        sys.stderr.write("%s: %s %s\n" % (head, name, told))
