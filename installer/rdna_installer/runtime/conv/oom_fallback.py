"""When a convolution runs out of GPU memory: whether a thriftier way may be tried, and saying so once."""

from __future__ import annotations

import torch

from . import notices


def is_final(problem, deterministic, device):
    """Whether a RuntimeError ends the convolution.

    Only a lack of memory does not, and that too where the same results are wanted every time, or a GPU graph is being
    captured.
    """
    fixed = deterministic or torch.are_deterministic_algorithms_enabled()
    return fixed or not out_of_memory(problem) or _capturing(device)


def going_on(failed, other):
    """Say that `other` does what `failed` had no memory for.

    To be called outside the handler: the failed attempt's tensors are only freed once its traceback is gone.
    """
    notices.once(("memory", other), "out of GPU memory in a convolution (%s); going on with: %s" % (failed, other))


def out_of_memory(problem):
    """Whether a RuntimeError says that memory ran out (a class of its own only in recent torch)."""
    return isinstance(problem, getattr(torch.cuda, "OutOfMemoryError", ())) or "out of memory" in str(problem)


def _capturing(device):
    return device.type == "cuda" and torch.cuda.is_current_stream_capturing()
