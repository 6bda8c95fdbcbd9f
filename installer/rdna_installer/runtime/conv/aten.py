"""PyTorch's own convolution kernels, reached past our overrides so that falling back never comes back to us.

`_convolution` and `convolution_backward` are composite kernels: asking the dispatcher for exactly that kernel runs the
code an override replaced, with MIOpen off (the flag is an argument of the one and global for the other).
"""

from __future__ import annotations

import torch

_COMPOSITE = torch._C.DispatchKey.CompositeExplicitAutograd


def available():
    """Whether this torch lets us call those kernels; without them nothing may be overridden."""
    names = ("aten::_convolution", "aten::convolution_backward")
    return hasattr(torch.ops.aten._convolution.default, "_op_dk") and all(
        torch._C._dispatch_has_kernel_for_dispatch_key(name, "CompositeExplicitAutograd") for name in names
    )


def convolution(x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic=False):
    """The forward, without MIOpen."""
    return torch.ops.aten._convolution.default._op_dk(
        _COMPOSITE, x, w, bias, stride, padding, dilation, transposed, output_padding, groups,
        False, deterministic, False, False,
    )  # fmt: skip


def backward(*arguments):
    """The three gradients (None where masked), without MIOpen as long as the global flag is off."""
    return torch.ops.aten.convolution_backward.default._op_dk(_COMPOSITE, *arguments)


def vendor_convolution(*arguments):
    """The replaced kernel with every argument as it came: for a user who asked for MIOpen."""
    return torch.ops.aten._convolution.default._op_dk(_COMPOSITE, *arguments)
