"""What to do when a convolution runs out of GPU memory: the next, thriftier way, each said once."""

from __future__ import annotations

import torch

from . import notices


def climb(rungs, fixed, device):
    """The result of the first (name, call) that does not run out of memory.

    With `fixed` (deterministic results wanted), or while a GPU graph is captured, the first failure is final.
    """
    last = len(rungs) - 1
    for step, (name, call) in enumerate(rungs):
        try:
            return call()
        except RuntimeError as problem:
            if step == last or fixed or not out_of_memory(problem) or _capturing(device):
                raise
        # Outside the handler: the failed attempt's tensors are only freed once its traceback is gone.
        notices.once(
            ("memory", rungs[step + 1][0]),
            "out of GPU memory in a convolution (%s); going on with: %s" % (name, rungs[step + 1][0]),
        )
    raise AssertionError("no way to compute")


def out_of_memory(problem):
    """Whether a RuntimeError says that memory ran out (a class of its own only in recent torch)."""
    return isinstance(problem, getattr(torch.cuda, "OutOfMemoryError", ())) or "out of memory" in str(problem)


def _capturing(device):
    return device.type == "cuda" and torch.cuda.is_current_stream_capturing()
