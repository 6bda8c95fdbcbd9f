"""Cutting a convolution into boxes of output positions whose scratch memory stays under a cap.

Only shapes and the cap decide, never the memory that happens to be free: the same call always sums in the same order.
"""

from __future__ import annotations

LIMIT = 2**31 - 1  # elements of one scratch tensor: kernels and BLAS libraries index with 32 bits


def box_for(extent, elements, cap_elements):
    """The largest box (samples, depth, height, width) of `extent` whose scratch memory fits the cap.

    `elements(box)` returns (scratch elements in total, those of the largest single tensor). Samples are split first,
    then the outermost spatial dimension. One output row of an image is the floor unless it overflows 32-bit indexing.
    """

    def fits(box):
        total, largest = elements(box)
        return total <= cap_elements and largest <= LIMIT

    box = list(extent)
    for axis in range(3):
        if fits(box):
            return tuple(box)
        box[axis] = 1
        if fits(box):
            return _widened(box, axis, extent[axis], fits)
    is_image = extent[1] > 1 or extent[2] > 1
    if is_image and elements(box)[1] <= LIMIT:
        return tuple(box)
    return _widened(box, 3, extent[3], fits)


def cut(extent, box):
    """Every box of (start, length) pairs that covers `extent`, in a fixed order."""
    spans = [[(at, min(step, size - at)) for at in range(0, size, step)] for size, step in zip(extent, box)]
    return [(n, d, h, w) for n in spans[0] for d in spans[1] for h in spans[2] for w in spans[3]]


def _widened(box, axis, most, fits):
    """`box` with the largest length along `axis` that fits, evened out so that all chunks have about one size."""
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(box[:axis] + [middle] + box[axis + 1 :]):
            low = middle
        else:
            high = middle - 1
    chunks = -(-most // low)
    return tuple(box[:axis] + [-(-most // chunks)] + box[axis + 1 :])
