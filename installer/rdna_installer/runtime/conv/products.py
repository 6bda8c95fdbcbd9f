"""Matrix products: never with an inner dimension of 1, and with float32 results for 16-bit partial sums."""

from __future__ import annotations

import torch

from .memory import out_of_memory

_mixed = {"works": hasattr(torch.ops.aten.bmm, "dtype")}


def product_of(deep, batched):
    """The function that multiplies matrices, or batches of them, with inner dimension `deep`.

    Outer products are elementwise: recent torch sends a bmm with inner dimension 1 to a Triton kernel, also on HIP.
    """
    if deep == 1:
        return _outer
    return torch.bmm if batched else torch.mm


def _outer(left, right, out=None):
    """Contiguous like a product's result; an elementwise one would follow the strides of what it is made from."""
    return torch.mul(left, right).contiguous() if out is None else torch.mul(left, right, out=out)


def keeps_float32(tensor):
    """Whether torch multiplies 16-bit matrices on this device into float32 results by itself (2.8 and later)."""
    return tensor.element_size() > 2 or (_mixed["works"] and tensor.is_cuda)


def partial_sums(left, right):
    """left @ right, batched; float32 for 16-bit inputs, else their own type."""
    if left.element_size() == 2:
        if keeps_float32(left) and left.shape[2] > 1:
            try:
                return torch.ops.aten.bmm.dtype(left, right, torch.float32)
            except (RuntimeError, NotImplementedError) as problem:
                if out_of_memory(problem):
                    raise
                _mixed["works"] = False  # a build without such kernels says so before it starts one
        left, right = left.to(torch.float32), right.to(torch.float32)
    return product_of(left.shape[2], True)(left, right)
