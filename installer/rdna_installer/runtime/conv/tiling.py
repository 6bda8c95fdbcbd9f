"""Cutting a convolution into blocks of output positions whose scratch memory stays under a cap.

Only shapes and the cap decide, never the memory that happens to be free: the same call always sums in the same order.
"""

from __future__ import annotations

LIMIT = 2**31 - 1  # elements of one scratch tensor: kernels and BLAS libraries index with 32 bits


def block_for(extent, elements, cap_elements):
    """The largest block (samples, depth, height, width) of `extent` whose scratch memory fits the cap.

    `elements(block)` returns (scratch elements in total, those of the largest single tensor). Samples are split first,
    then the outermost spatial dimension. One output row of an image is the floor unless it overflows 32-bit indexing.
    """

    def fits(block):
        total, largest = elements(block)
        return total <= cap_elements and largest <= LIMIT

    block = list(extent)
    for axis in range(3):
        if fits(block):
            return tuple(block)
        block[axis] = 1
        if fits(block):
            return _widened(block, axis, extent[axis], fits)
    is_image = extent[1] > 1 or extent[2] > 1
    if is_image and elements(block)[1] <= LIMIT:
        return tuple(block)
    return _widened(block, 3, extent[3], fits)


def cut(extent, block):
    """Every block of (start, length) pairs that covers `extent`, in a fixed order."""
    spans = [[(at, min(step, size - at)) for at in range(0, size, step)] for size, step in zip(extent, block)]
    return [(n, d, h, w) for n in spans[0] for d in spans[1] for h in spans[2] for w in spans[3]]


def _widened(block, axis, most, fits):
    """`block` with the largest length along `axis` that fits, evened out so that all chunks have about one size."""
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(block[:axis] + [middle] + block[axis + 1 :]):
            low = middle
        else:
            high = middle - 1
    chunks = -(-most // low)
    return tuple(block[:axis] + [-(-most // chunks)] + block[axis + 1 :])
