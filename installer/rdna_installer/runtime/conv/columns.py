"""im2col without a kernel of our own: a strided view of the padded input, copied by one `reshape`.

Two layouts: "samples" (N, K, P) lets the product land directly in an NCHW output, "channels" (K, N * P) makes one large
product of many small images. A pointwise convolution copies nothing: the view already is the matrix.
"""

from __future__ import annotations

import torch


def region(source, start, length):
    """The (N, C, *length) part of `source` from spatial offset `start`, zero where it lies outside: a view if it can be."""
    inside, pads = [], []
    for at, size, have in zip(start, length, source.shape[2:]):
        low, high = min(max(0, -at), size), min(max(0, at + size - have), size)
        inside.append((min(max(0, at), have), max(0, size - low - high)))
        pads.append((low, high))
    part = source
    for axis, (at, size) in enumerate(inside):
        if size != source.shape[axis + 2]:
            part = part.narrow(axis + 2, min(at, source.shape[axis + 2] - size), size)
    if not any(low or high for low, high in pads):
        return part
    if source.is_contiguous():
        return torch.constant_pad_nd(part, [edge for pair in reversed(pads) for edge in pair])
    # Other layouts become contiguous on the way: reading channels-last rows once per tap would cost far more.
    padded = source.new_zeros(tuple(source.shape[:2]) + tuple(length))
    target = padded
    for axis, ((low, _), (_, size)) in enumerate(zip(pads, inside)):
        target = target.narrow(axis + 2, low, size)
    target.copy_(part)
    return padded


def reach(count, stride, taps, dilation):
    """How many input positions `count` outputs read along one dimension."""
    return (count - 1) * stride + (taps - 1) * dilation + 1


def gather(source, window, box, channels_first):
    """Columns of the outputs in `box` (one (start, length) per spatial dimension) of `source` (n, C, D, H, W).

    (n, C * taps, P), or (C * taps, n * P) when `channels_first`. `window` is (start, kernel, stride, dilation).
    """
    start, kernel, stride, dilation = window
    begin = [first + at * step for first, (at, _), step in zip(start, box, stride)]
    length = [reach(size, step, taps, gap) for (_, size), step, taps, gap in zip(box, stride, kernel, dilation)]
    padded = region(source, begin, length)
    (n, c), (sn, sc, sd, sh, sw) = padded.shape[:2], padded.stride()
    counts = (box[0][1], box[1][1], box[2][1])
    taps = (dilation[0] * sd, dilation[1] * sh, dilation[2] * sw)
    steps = (stride[0] * sd, stride[1] * sh, stride[2] * sw)
    rows, positions = c * kernel[0] * kernel[1] * kernel[2], counts[0] * counts[1] * counts[2]
    offset = padded.storage_offset()
    if channels_first:
        view = padded.as_strided((c,) + kernel + (n,) + counts, (sc,) + taps + (sn,) + steps, offset)
        return view.reshape(rows, n * positions)
    view = padded.as_strided((n, c) + kernel + counts, (sn, sc) + taps + steps, offset)
    return view.reshape(n, rows, positions)
