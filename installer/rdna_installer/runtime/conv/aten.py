"""PyTorch's own convolution kernels, reached past our overrides so that falling back never comes back to us.

`_convolution` and `convolution_backward` are composite kernels: asking the dispatcher for exactly that kernel runs the
code an override replaced, with MIOpen off (the flag is an argument of the one and global for the other).
That global flag, `torch.backends.cudnn.enabled`, which on ROCm means MIOpen, is kept off whoever switches it on again.
"""

from __future__ import annotations

import os

import torch

from . import notices

_COMPOSITE = torch._C.DispatchKey.CompositeExplicitAutograd
_flag = {}  # how it was set, and what it was, before us


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


def allowed():
    """Whether the user said that MIOpen may be switched on again."""
    return os.environ.get("RDNA_ALLOW_MIOPEN", "0") == "1"


def keep_off():
    """Switch MIOpen off and refuse, with one warning, to switch it on from Python."""
    _flag.setdefault("set", torch._C._set_cudnn_enabled)
    _flag.setdefault("before", torch._C._get_cudnn_enabled())
    _flag["set"](False)
    _install(_guarded)


def restore():
    """Undo `keep_off`, back to the state found."""
    if _flag:
        _install(_flag["set"])
        _flag["set"](_flag["before"])
        _flag.clear()


def user_wants_miopen():
    """Whether the flag is on now. If it got on past our guard (from C++) and may not be, it is switched off again."""
    if not torch._C._get_cudnn_enabled():
        return False
    if allowed():
        return True
    _guarded(True)
    return False


def _guarded(value):
    if value and not allowed():
        notices.once(
            "flag",
            "torch.backends.cudnn.enabled = True would bring back MIOpen, whose kernels crash on this card; kept off "
            "(RDNA_ALLOW_MIOPEN=1 allows it)",
        )
        value = False
    _flag["set"](value)


def _install(setter):
    torch._C._set_cudnn_enabled = setter
    prop = vars(type(torch.backends.cudnn)).get("enabled")
    if hasattr(prop, "setter"):
        prop.setter = setter
