"""The strategies that need no products of our own. (`gemm` has its own module; `native` is the absence of all.)

`cpu` copies to the processor, computes there (16-bit types in float32) and copies back.
"""

from __future__ import annotations

from collections import namedtuple

import torch

from . import aten


def host_forward(x, w, bias, *options):
    """aten::_convolution of device tensors, computed on the host."""
    _refuse_capture(x)
    return _back(aten.convolution(_there(x), _there(w), None if bias is None else _there(bias), *options), x)


def host_backward(grad, x, w, bias_sizes, *options):
    """aten::convolution_backward, computed on the host: None where the mask, the last of `options`, does not ask."""
    _refuse_capture(x)
    grads = aten.backward(_there(grad), _there(x), _there(w), bias_sizes, *options)
    return tuple([_back(g, x) if wanted else None for g, wanted in zip(grads, options[-1])])


def _back(tensor, x):
    return tensor.contiguous().to(device=x.device, dtype=x.dtype)


def _there(tensor):
    there = tensor.to("cpu")
    return there.float() if there.dtype in (torch.float16, torch.bfloat16) else there


def _refuse_capture(x):
    if x.is_cuda and torch.cuda.is_current_stream_capturing():
        raise RuntimeError(
            "rdna-installer: convolutions on the CPU (RDNA_CONV=cpu) cannot be captured in a GPU graph; "
            "use RDNA_CONV=gemm or no-miopen, or turn graphs off (torch.compile: mode without cudagraphs)"
        )


Strategy = namedtuple("Strategy", "name forward backward")
SIMPLE = {
    "no-miopen": Strategy("no-miopen", aten.convolution, aten.backward),
    "cpu": Strategy("cpu", host_forward, host_backward),
}
