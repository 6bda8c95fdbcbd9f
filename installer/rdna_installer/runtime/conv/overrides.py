"""Registering our kernels with PyTorch's dispatcher, for one backend (CUDA, which is also ROCm's name)."""

from __future__ import annotations

import warnings

import torch

from . import flag, native, ops

CUDA = "CUDA"


class Overrides:
    """Owns the registrations: they last as long as this object."""

    def __init__(self, strategy, key=CUDA):
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
        kind = "cuda" if self.key == CUDA else self.key.lower()

        def convolution(
            x, w, bias, stride, padding, dilation, transposed, output_padding, groups, benchmark, deterministic,
            cudnn_enabled, allow_tf32,
        ):  # fmt: skip
            if flag.user_wants_miopen():
                return native.vendor_convolution(
                    x, w, bias, stride, padding, dilation, transposed, output_padding, groups, benchmark, deterministic,
                    cudnn_enabled, allow_tf32,
                )  # fmt: skip
            with _plain_types(kind):
                return forward(x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic)

        def gradients(*arguments):
            if flag.user_wants_miopen():
                return native.backward(*arguments)
            with _plain_types(kind):
                return backward(*arguments)

        found = {"_convolution": convolution, "convolution_backward": gradients}
        found.update(ops.table(forward))
        return found


def exists(name):
    """Whether this torch has the operation."""
    base, _, overload = name.partition(".")
    return torch._C._dispatch_has_kernel("aten::" + name) and hasattr(getattr(torch.ops.aten, base), overload or "default")


class _Nothing:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


_NOTHING = _Nothing()


def _plain_types(kind):
    """No autocast inside: `backward()` inside an autocast block would otherwise change the types of our own products."""
    active = torch.is_autocast_enabled() if kind == "cuda" else torch.is_autocast_cpu_enabled()
    return torch.autocast(kind, enabled=False) if active else _NOTHING
