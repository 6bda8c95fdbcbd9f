"""For scripts, and for RDNA_HOOK=verbose: loaded on demand, never by an ordinary start of Python."""

import os
import sys

import _rdna_hook


def apply_patch(conv=None, memory_fraction=None, report=False):
    """Put the settings in force for this process and its children; returns the variables it got from the hook.

    For the top of a script: ``from _rdna_hook import apply_patch; apply_patch(conv="gemm", memory_fraction=0.8)``, with
    or without the .pth file, before or after torch is imported. ``conv`` (native, no-miopen, gemm, cpu) and
    ``memory_fraction`` (above 0, at most 1) act on every convolution and allocation from now on, in a ROCm build of
    torch. Variables set after torch was imported are warned of: the runtime reads each once, at its first use.
    ``report=True`` says on stderr what is in force: each value, and whether it is yours, the script's or the hook's.
    """
    if os.environ.get("RDNA_HOOK") == "0":
        if report:
            sys.stderr.write(f"{_head()}: switched off by RDNA_HOOK=0, nothing is in force\n")
        return {}
    asked = {"RDNA_CONV": conv, "RDNA_MEMORY_FRACTION": memory_fraction}
    for name, value in asked.items():
        if value is not None:
            os.environ[name] = _rdna_hook.applied[name] = str(value)
    _check(conv)
    _rdna_hook.apply()
    if not all(value is None for value in asked.values()):
        _rdna_hook.watch()
    if report:
        explain()
    _warn_of_late_ones()
    return dict(_rdna_hook.applied)


def explain():
    """Say on stderr what the hook did in this process."""
    head = _head()
    for name in {**_rdna_hook.VARIABLES, **_rdna_hook.applied}:
        value = _rdna_hook.applied.get(name)
        told = f"left as you set it: {os.environ.get(name)!r}" if value is None else f"set to {value}"
        late = " (after torch was imported)" if name in _rdna_hook.late else ""
        sys.stderr.write(f"{head}: {name} {told}{late}\n")
    if _rdna_hook in sys.meta_path:
        sys.stderr.write(f"{head}: waiting for torch\n")


def _head():
    return f"rdna-hook {_rdna_hook.VERSION} (generation {_rdna_hook.GENERATION})"


def _check(strategy):
    """Says a wrong name where it is given; torch may be imported much later."""
    from _rdna_hook import import_hook
    from _rdna_hook.conv import STRATEGIES

    if strategy is not None and strategy not in STRATEGIES:
        choices = ", ".join(STRATEGIES)
        import_hook.say(f"unknown convolution strategy {strategy!r} ({choices}): PyTorch is left as it is")
        os.environ["RDNA_CONV"] = _rdna_hook.applied["RDNA_CONV"] = "native"


def _warn_of_late_ones():
    if _rdna_hook.late:
        import warnings

        warnings.warn(
            "set after torch was imported, in force only if the GPU has not been used yet: "
            + ", ".join(sorted(_rdna_hook.late)),
            RuntimeWarning,
            stacklevel=3,
        )
