"""The strategies that need no products of our own. (`gemm` has its own module; `native` is the absence of all.)"""

from __future__ import annotations

from . import aten, host


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
        return host.forward(x, w, bias, stride, padding, dilation, transposed, output_padding, groups)

    def backward(self, *arguments):
        """aten::convolution_backward."""
        return host.backward(*arguments)
