"""Registering our kernels with PyTorch's dispatcher, for one backend (CUDA, which is also ROCm's name)."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from functools import partial

import torch

from . import aten, ops


class Overrides:
    """Owns the registrations: they last as long as this object."""

    def __init__(self, strategy, key):
        self.strategy, self.key = strategy, key
        self.names = []
        self._library = None

    def install(self):
        """Register everything this torch has; nothing is registered if one registration fails."""
        library = torch.library.Library("aten", "IMPL")
        names = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # replacing a kernel is the purpose, not an accident
            for name, function in self._table().items():
                if exists(name):
                    library.impl(name, function, self.key)
                    names.append(name)
        self._library, self.names = library, names

    def remove(self):
        """Give the operations back."""
        library, self._library, self.names = self._library, None, []
        if hasattr(library, "_destroy"):
            library._destroy()

    def _table(self):
        forward, backward = self.strategy.forward, self.strategy.backward
        plain_types = _plain_types(self.key.lower())

        def convolution(
            x, w, bias, stride, padding, dilation, transposed, output_padding, groups, benchmark, deterministic,
            cudnn_enabled, allow_tf32,
        ):  # fmt: skip
            if aten.user_wants_miopen():
                return aten.vendor_convolution(
                    x, w, bias, stride, padding, dilation, transposed, output_padding, groups, benchmark, deterministic,
                    cudnn_enabled, allow_tf32,
                )  # fmt: skip
            with plain_types():
                return forward(x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic)

        def gradients(*arguments):
            if aten.user_wants_miopen():
                return aten.backward(*arguments)
            with plain_types():
                return backward(*arguments)

        found = {"_convolution": convolution, "convolution_backward": gradients}

        def inner(*arguments):
            with plain_types():
                return forward(*arguments)

        found.update(ops.table(inner))
        return found


def exists(name):
    """Whether this torch has the operation."""
    base, _, overload = name.partition(".")
    if not torch._C._dispatch_has_kernel("aten::" + name):
        return False
    return hasattr(getattr(torch.ops.aten, base), overload or "default")


def _plain_types(kind):
    """A function giving a context without autocast: `backward()` in an autocast block must not change our products."""
    enabled, nothing = partial(torch.is_autocast_enabled, kind), nullcontext()
    try:
        enabled()
    except TypeError:  # before torch 2.4
        enabled = torch.is_autocast_enabled if kind == "cuda" else torch.is_autocast_cpu_enabled
    return lambda: torch.autocast(kind, enabled=False) if enabled() else nothing
