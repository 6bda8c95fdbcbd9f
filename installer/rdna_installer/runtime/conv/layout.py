"""Memory formats: results look as the replaced PyTorch kernel would have made them, or compiled code rejects them."""

from __future__ import annotations

import torch


def output_format(x, w, stride, padding, dilation, transposed, output_padding, groups):
    """The memory format of output and gradients: what torch tells its compiler, contiguous where it says nothing."""
    if w.dim() < 4 or not hasattr(torch._C, "_conv_determine_backend_memory_format"):
        return torch.contiguous_format
    backend = torch._C._select_conv_backend(
        x, w, bias=None, stride=stride, padding=padding, dilation=dilation, transposed=transposed,
        output_padding=output_padding, groups=groups, bias_sizes=None,
    )  # fmt: skip
    return torch._C._conv_determine_backend_memory_format(x, w, backend)


def formatted(tensor, memory_format):
    """`tensor` in that format, itself if it already is."""
    return tensor.contiguous(memory_format=memory_format)


def like_weight(weight, memory_format):
    """An empty gradient for `weight`: its very strides (DDP and FSDP look at them) unless they are of another format.

    A gradient of another format is brought to the weight's strides by autograd itself when it is accumulated.
    """
    if weight.is_contiguous(memory_format=memory_format):
        return torch.empty_strided(weight.shape, weight.stride(), dtype=weight.dtype, device=weight.device)
    return torch.empty(weight.shape, dtype=weight.dtype, device=weight.device, memory_format=memory_format)
