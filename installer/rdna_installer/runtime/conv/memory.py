"""GPU memory: the cap on it, set when (and only when) the program itself first uses the GPU; and when it runs out.

Whether a thriftier way may be tried in a convolution that has no memory is decided here, and said once.
"""

from __future__ import annotations

import torch

from . import notices


def limit(fraction):
    """Let this process allocate at most `fraction` (0 .. 1) of each GPU through PyTorch's caching allocator.

    The GPU is not touched now: initialising it at import would break forked workers. If it is in use already, the cap
    holds from now on.
    """
    if not 0.0 < fraction <= 1.0:
        notices.once("fraction", "memory fraction %r is not between 0 and 1: no memory cap" % (fraction,))
        return False
    torch.cuda._lazy_call(lambda: _apply(fraction))
    return True


def _apply(fraction):
    try:
        device = torch.cuda.current_device()
        try:
            for index in range(torch.cuda.device_count()):
                torch.cuda.set_per_process_memory_fraction(fraction, index)
        finally:
            torch.cuda.set_device(device)
    except Exception as problem:  # raising here would make the GPU unusable for a mere limit
        notices.once("cap", "the GPU memory cap could not be set: %s" % problem)


def is_final(problem, deterministic, device):
    """Whether a RuntimeError ends the convolution.

    Only a lack of memory does not, and that too where the same results are wanted every time, or a GPU graph is being
    captured.
    """
    fixed = deterministic or torch.are_deterministic_algorithms_enabled()
    capturing = device.type == "cuda" and torch.cuda.is_current_stream_capturing()
    return fixed or not out_of_memory(problem) or capturing


def going_on(failed, other):
    """Say that `other` does what `failed` had no memory for.

    To be called outside the handler: the failed attempt's tensors are only freed once its traceback is gone.
    """
    notices.once(("memory", other), "out of GPU memory in a convolution (%s); going on with: %s" % (failed, other))


def out_of_memory(problem):
    """Whether a RuntimeError says that memory ran out (a class of its own only in recent torch)."""
    return isinstance(problem, getattr(torch.cuda, "OutOfMemoryError", ())) or "out of memory" in str(problem)
