"""Convolutions that do not crash: strategies for PyTorch on cards where MIOpen's kernels abort the process.

`activate` is called once by the start-up hook, after torch's own body has run, or by a script; it never touches the
GPU.
native: PyTorch as it is. no-miopen: PyTorch's kernels with MIOpen off. gemm: our matrix products where they are faster,
PyTorch's kernels elsewhere. cpu: on the processor.
"""

from __future__ import annotations

import os

STRATEGIES = ("native", "no-miopen", "gemm", "cpu")
GRAPHS = "TORCHINDUCTOR_CACHE_DIR"  # torch reads it when it first compiles
OUR_GRAPHS = "rdna-conv-"

_active = {}


def activate(strategy, *, memory_fraction=None, cap_bytes=None, explain=None, key="CUDA", model=None):
    """Put `strategy` in force in this process; True if it is. Bad values are reported in one line and change nothing.

    `memory_fraction` caps GPU memory (0 .. 1); `cap_bytes` caps the scratch memory of one gemm convolution; `explain`
    is called with lines for a verbose hook. `key` and `model` are for tests: the dispatch key, the cost model.
    """
    from . import memory, notices

    notices.explain_with(explain)
    if memory_fraction is not None:
        memory.limit(memory_fraction)
    if strategy not in STRATEGIES:
        choices = ", ".join(STRATEGIES)
        notices.once("strategy", "unknown convolution strategy %r (%s): PyTorch is left as it is" % (strategy, choices))
        return False
    deactivate()
    _separate_graphs(strategy)
    if strategy == "native":
        notices.explain("convolutions: native")
        return True
    return _install(strategy, cap_bytes, key, model)


def deactivate():
    """Give every operation and flag back (tests, or a script that changes its mind)."""
    overrides = _active.pop("overrides", None)
    if overrides is not None:
        overrides.remove()
    if _active.pop("flag", False):
        from . import aten

        aten.restore()


def current():
    """What is in force, as a plain dictionary; `in_force` asks torch itself, not our memory."""
    import torch

    from . import notices

    overrides = _active.get("overrides")
    names = [] if overrides is None else list(overrides.names)
    return {
        "strategy": "native" if overrides is None else overrides.strategy.name,
        "overrides": names,
        "in_force": overrides is None or _is_in_force(torch, overrides),
        "cap_bytes": getattr(overrides.strategy, "cap_bytes", None) if overrides is not None else None,
        "notices": notices.said(),
    }


def _is_in_force(torch, overrides):
    registered = torch._C._dispatch_has_kernel_for_dispatch_key
    ours = all(registered("aten::" + name, overrides.key) for name in overrides.names)
    return ours and not torch._C._get_cudnn_enabled()


def _install(strategy, cap_bytes, key, model):
    from . import aten, notices, overrides
    from .gemm import Gemm
    from .strategies import SIMPLE

    aten.keep_off()
    _active["flag"] = True
    if not aten.available():
        text = "this PyTorch does not let its convolutions be replaced: MIOpen is off, strategy %s is not in force"
        notices.once("torch", text % strategy)
        return False
    chosen = Gemm(cap_bytes, model) if strategy == "gemm" else SIMPLE[strategy]
    registered = overrides.Overrides(chosen, key)
    try:
        registered.install()
    except Exception as problem:  # a start-up hook never fails the program it starts in
        notices.once("torch", "convolutions could not be replaced (%s): MIOpen is off, nothing more" % problem)
        return False
    _active["overrides"] = registered
    notices.explain("convolutions: %s, %d operations replaced" % (strategy, len(registered.names)))
    return True


def _separate_graphs(strategy):
    """Let torch keep what it compiles from now on in a folder of the strategy's own, below the one it would use.

    Strides of convolution results are baked into it, and its key does not know the strategy.
    """
    given = os.environ.get(GRAPHS)
    if given and os.path.basename(given).startswith(OUR_GRAPHS):
        given = os.path.dirname(given)
    base = given or _torchs_folder()
    if strategy != "native":
        os.environ[GRAPHS] = os.path.join(base, OUR_GRAPHS + strategy)
    elif given:
        os.environ[GRAPHS] = base


def _torchs_folder():
    """Where torch keeps it when nothing is said."""
    import getpass
    import re
    import tempfile

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    return os.path.join(tempfile.gettempdir(), "torchinductor_" + re.sub(r'[\\/:*?"<>|]', "_", user))
