"""Correlation without full columns: rows of a channels-last copy already are the matrix, if its rows may overlap.

In a buffer (n, d, h, w, taps of d and h, channels) everything an output reads is contiguous: one matrix row, `kernel width`
positions long, which starts `stride` positions after its neighbour's. BLAS wants rows at least their own length apart, so
every q-th row goes into one matrix of a batch of q ("phases"): same memory, legal strides. That needs only kernel height
times the input instead of kernel height times width, and it is copied in 16-byte pieces. A few rows between images and
lines are computed for nothing and never looked at.
"""

from __future__ import annotations

import functools
from collections import namedtuple

import torch

from .boxes import LIMIT, box_for, cut
from .link import part
from .products import multiply_phases

Job = namedtuple("Job", "start kernel dilation matrix column")
Job.__doc__ = """One product over the rows: the source position of tap 0 at output 0, the kernel, the dilation (1 in width),
the weights (wide, kernel width * kernel depth * kernel height * channels as stored) or None for zeros, and the first
column of the results it fills. Jobs of one call share the columns equally."""

Frame = namedtuple("Frame", "start span line pitch slots channels stride")
Frame.__doc__ = """What the padded copy holds: first source position and positions under one output per dimension, positions a
line of outputs reads, positions from one line to the next, the same in outputs, channels as stored, stride."""

_PIECES = {16: torch.complex128, 8: torch.float64, 4: torch.float32, 2: torch.float16}


def suits(kernel, stride, dilation, groups):
    """Whether overlapping rows can express this: one group, adjacent taps in width, and more than one tap."""
    return groups == 1 and dilation[2] == 1 and kernel[2] >= stride[2] and kernel != (1, 1, 1)


def stored_channels(channels):
    """Channels as stored: padded to whole pieces of 4 where that costs little."""
    return channels if channels < 3 else -(-channels // 4) * 4


def matrix_of(weight):
    """(O, C, kd, kh, kw) as rows (O, kw * kd * kh * stored channels)."""
    wide, channels = weight.shape[:2]
    turned = weight.permute(0, 4, 2, 3, 1)
    stored = stored_channels(channels)
    if stored != channels:
        turned = torch.constant_pad_nd(turned, (0, stored - channels))
    return turned.reshape(wide, -1)


def correlate_rows(source, jobs, count, stride, wide, store, cap_elements):
    """Compute `count` outputs of every job on `source` (N, C, D, H, W) box by box; False if no box fits the cap.

    `store(results, n, depth, height)` gets (samples, depth, height, slots, wide) results and the (start, length) pairs.
    """
    spans = tuple((job.start, job.kernel, job.dilation) for job in jobs)
    frame = frame_of(tuple(source.shape[2:]), source.shape[1], count, stride, spans)
    boxes = boxes_of(frame, source.shape[0], count, max(k[0] * k[1] for _, k, _ in spans), wide, 0, cap_elements)
    for n, depth, height, _ in boxes or ():
        store(_multiply(part(source, *n), frame, jobs, wide, depth, height), n, depth, height)
    return boxes is not None


@functools.lru_cache(maxsize=4096)
def frame_of(size, channels, count, stride, spans):
    """The Frame for `count` outputs of windows `spans` ((start, kernel, dilation), ...) on a source of spatial `size`."""
    start = tuple(min(span[0][axis] for span in spans) for axis in range(3))
    ends = [max(s[0][axis] + (s[1][axis] - 1) * s[2][axis] for s in spans) + 1 for axis in range(3)]
    span = tuple(end - first for end, first in zip(ends, start))
    line = (count[2] - 1) * stride[2] + span[2]
    # The zeros right of one line may be those left of the next.
    shared = min(max(0, -start[2]), max(0, start[2] + line - size[2]))
    slots = max(count[2], -(-(line - shared) // stride[2]))
    return Frame(start, span, line, slots * stride[2], slots, stored_channels(channels), stride)


@functools.lru_cache(maxsize=4096)
def boxes_of(frame, batch, count, taps, wide, per_slot, cap_elements):
    """The boxes (samples, depth, height, whole lines) to work through, or None where one line of a 1d signal is too much.

    `taps` (depth x height) lines are put side by side; `per_slot` is further scratch memory per row of the matrix.
    """

    def elements(box):
        n, depth, height, width = box
        padded = n * frame.pitch * frame.channels
        for size, step, span in zip((depth, height), frame.stride, frame.span):
            padded *= (size - 1) * step + span
        lines = n * depth * height
        band = lines * frame.pitch * frame.channels * taps if taps > 1 else 0
        results = lines * frame.slots * (wide + per_slot)
        # Lines cannot be cut: part of one is declared never to fit.
        return (padded + band + results if width == count[2] else LIMIT + 1), max(padded, band, results)

    box = box_for((batch,) + count, elements, cap_elements)
    return cut((batch,) + count, box) if box[3] == count[2] and elements(box)[1] <= LIMIT else None


def _multiply(source, frame, jobs, wide, depth, height):
    """The results (n, depth, height, slots, wide) of all jobs for the outputs given."""
    n = source.shape[0]
    total = n * depth[1] * height[1] * frame.slots
    phases = max(-(-job.kernel[2] // frame.stride[2]) for job in jobs)
    each = -(-total // phases)
    padded, shape = _padded(source, frame, depth, height, phases * each - total)
    results = torch.empty((phases * each, wide), dtype=source.dtype, device=source.device)
    made, band = None, None
    for job in jobs:
        if job.matrix is None:
            results.narrow(1, job.column, wide // len(jobs)).zero_()
            continue
        wanted = (job.start[:2], job.kernel[:2], job.dilation[:2])
        if wanted != made:
            made, band = wanted, _band(padded, shape, frame, job, n, depth, height, phases * each - total)
        piece = job.kernel[0] * job.kernel[1] * frame.channels
        offset, step = (job.start[2] - frame.start[2]) * piece, frame.stride[2] * piece
        rows = band.as_strided((phases, each, job.kernel[2] * piece), (step, phases * step, 1), offset)
        target = results.as_strided((phases, each, job.matrix.shape[0]), (wide, phases * wide, 1), job.column)
        multiply_phases(rows, job.matrix, target)
    return results.narrow(0, 0, total).view(n, depth[1], height[1], frame.slots, wide)


def band_rows(source, frame, kernel, dilation, depth, height, split):
    """Rows for a weight gradient: a batch of `split` matrices (split, each, K) over all outputs in the box given."""
    n = source.shape[0]
    total = n * depth[1] * height[1] * frame.slots
    each = -(-total // split)
    padded, shape = _padded(source, frame, depth, height, split * each - total)
    job = Job(frame.start, kernel, dilation, None, 0)
    band = _band(padded, shape, frame, job, n, depth, height, split * each - total)
    piece = kernel[0] * kernel[1] * frame.channels
    step = frame.stride[2] * piece
    return band.as_strided((split, each, kernel[2] * piece), (step, split * step, 1))


def value_rows(values, frame, split):
    """`values` (n, O, d, h, w) as (split, O, each): row by row what `band_rows` gives, zero in the slots between lines."""
    n, wide, depth, height, width = values.shape
    total = n * depth * height * frame.slots
    each = -(-total // split)
    exact = frame.slots == width and split * each == total
    rows = (torch.empty if exact else torch.zeros)((split * each, wide), dtype=values.dtype, device=values.device)
    lines = rows.narrow(0, 0, total).view(n, depth, height, frame.slots, wide)
    lines.narrow(3, 0, width).copy_(values.permute(0, 2, 3, 4, 1))
    return rows.as_strided((split, wide, each), (wide, 1, split * wide))


def _padded(source, frame, depth, height, spare):
    """A channels-last copy of what the outputs read, zero around it: (flat buffer, its shape without samples).

    Behind it lie zeros for the last line's end and for `spare` rows nobody looks at.
    """
    n, channels = source.shape[:2]
    begin = [frame.start[0] + depth[0] * frame.stride[0], frame.start[1] + height[0] * frame.stride[1], frame.start[2]]
    length = [(part[1] - 1) * step + span for part, step, span in zip((depth, height), frame.stride, frame.span)]
    length.append(frame.pitch)
    shape = (length[0], length[1], frame.pitch, frame.channels)
    behind = spare * frame.stride[2] + frame.line
    size = n * length[0] * length[1] * frame.pitch + behind
    flat = torch.zeros(size * frame.channels, dtype=source.dtype, device=source.device)
    sample = shape[0] * shape[1] * shape[2] * shape[3]
    plane, line = sample // shape[0], shape[2] * shape[3]
    target, inside = flat.as_strided((n,) + shape, (sample, plane, line, shape[3], 1)), source
    if channels != frame.channels:
        target = target.narrow(4, 0, channels)
    for axis, (at, size) in enumerate(zip(begin, length)):
        low, high = max(at, 0), min(at + size, source.shape[axis + 2])
        if high <= low:
            return flat, shape
        inside, target = inside.narrow(axis + 2, low, high - low), target.narrow(axis + 1, low - at, high - low)
    target.copy_(inside.permute(0, 2, 3, 4, 1))
    return flat, shape


def _band(flat, shape, frame, job, n, depth, height, spare):
    """(n, d, h, w, kd, kh, c), flat, with zeros behind it: each line with its neighbours in depth and height."""
    taps = job.kernel[0] * job.kernel[1]
    if taps == 1 and depth[1] == shape[0] and height[1] == shape[1]:
        return flat
    piece = taps * frame.channels
    filled = n * depth[1] * height[1] * frame.pitch * piece
    behind = (spare * frame.stride[2] + frame.line) * piece
    band = torch.empty(filled + behind, dtype=flat.dtype, device=flat.device)
    band.narrow(0, filled, behind).zero_()
    width = _piece_width(frame.channels * flat.element_size())
    c = frame.channels * flat.element_size() // width
    line, plane = shape[2] * c, shape[1] * shape[2] * c
    first = (job.start[0] - frame.start[0]) * plane + (job.start[1] - frame.start[1]) * line
    sizes = (n, depth[1], height[1], frame.pitch, job.kernel[0], job.kernel[1], c)
    strides = (
        shape[0] * plane, frame.stride[0] * plane, frame.stride[1] * line, c,
        job.dilation[0] * plane, job.dilation[1] * line, 1,
    )  # fmt: skip
    pieces = flat.view(_PIECES[width]).as_strided(sizes, strides, first)
    band.narrow(0, 0, filled).view(_PIECES[width]).view(sizes).copy_(pieces)
    return band


def _piece_width(size):
    """The widest copyable piece, in bytes, that divides `size`."""
    return next(width for width in (16, 8, 4, 2) if size % width == 0)
