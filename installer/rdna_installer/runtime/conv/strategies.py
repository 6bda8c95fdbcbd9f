"""The strategies that need no products of our own. (`gemm` has its own module; `native` is the absence of all.)

`cpu` copies to the processor, computes there (16-bit types in float32) and copies back.
"""

from __future__ import annotations

import torch

from . import aten


def host_forward(x, w, bias, stride, padding, dilation, transposed, output_padding, groups):
    """The forward of a convolution of device tensors, computed on the host."""
    _refuse_capture(x)
    bias_there = None if bias is None else _there(bias)
    options = (stride, padding, dilation, transposed, output_padding, groups)
    out = aten.convolution(_there(x), _there(w), bias_there, *options)
    return out.contiguous().to(device=x.device, dtype=x.dtype)


def host_backward(grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
    """The gradients asked for by `mask`, computed on the host; None for the others."""
    _refuse_capture(x)
    options = (stride, padding, dilation, transposed, output_padding, groups)
    grads = aten.backward(_there(grad), _there(x), _there(w), bias_sizes, *options, mask)
    kept = [g.contiguous().to(device=x.device, dtype=x.dtype) if wanted else None for g, wanted in zip(grads, mask)]
    return tuple(kept)


def _there(tensor):
    there = tensor.to("cpu")
    return there.float() if there.dtype in (torch.float16, torch.bfloat16) else there


def _refuse_capture(x):
    if x.is_cuda and torch.cuda.is_current_stream_capturing():
        raise RuntimeError(
            "rdna-installer: convolutions on the CPU (RDNA_CONV=cpu) cannot be captured in a GPU graph; "
            "use RDNA_CONV=gemm or no-miopen, or turn graphs off (torch.compile: mode without cudagraphs)"
        )


class NoMiopen:
    """PyTorch's own kernels."""

    name = "no-miopen"

    def forward(self, x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic=False):
        """aten::_convolution."""
        return aten.convolution(
            x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic
        )

    def backward(self, *arguments):
        """aten::convolution_backward."""
        return aten.backward(*arguments)


class Cpu:
    """Convolutions on the processor."""

    name = "cpu"

    def forward(self, x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic=False):
        """aten::_convolution."""
        return host_forward(x, w, bias, stride, padding, dilation, transposed, output_padding, groups)

    def backward(self, *arguments):
        """aten::convolution_backward."""
        return host_backward(*arguments)
