"""The cap on GPU memory, set when (and only when) the program itself first uses the GPU."""

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
