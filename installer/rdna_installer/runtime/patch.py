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
    head = f"rdna-hook {_rdna_hook.VERSION} (generation {_rdna_hook.GENERATION})"
    for name, value in _rdna_hook.VARIABLES.items():
        set_here = name in _rdna_hook.applied
        told = f"set to {value}" if set_here else f"left as you set it: {os.environ.get(name)!r}"
        sys.stderr.write(f"{head}: {name} {told}\n")
