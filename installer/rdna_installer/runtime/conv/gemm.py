"""The strategy `gemm`: few large matrix products where they win, PyTorch's kernels elsewhere, smaller steps without memory."""

from __future__ import annotations

from collections import namedtuple

import torch

from . import costs, host, native, notices
from .adjoint import adjoint
from .correlate import correlate
from .ladder import climb
from .layout import formatted, like_weight, output_format
from .link import as3d, link_of, shape_of
from .weightgrad import weight_gradient

DEFAULT_CAP = 256 * 2**20  # bytes of scratch memory: padding, columns and transposed results of one operation
SMALLER = 8  # the cap is divided by this after an out-of-memory
_NAMES = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}
_PLANS = 4096  # shapes remembered

Plan = namedtuple("Plan", "link forward image weight format shape")
Plan.__doc__ = """One shape's decisions: its Link (None: leave it to PyTorch) and which operations we do ourselves, and the
memory format and shape of the output."""
_LEAVE = Plan(None, False, False, False, torch.contiguous_format, None)


class Gemm:
    """The cap, the cost model of each device, and the plans made so far."""

    name = "gemm"

    def __init__(self, cap_bytes=None, model=None):
        self.cap_bytes = cap_bytes or DEFAULT_CAP
        self._only_model = model
        self._models = {}
        self._plans = {}

    def forward(self, x, w, bias, stride, padding, dilation, transposed, output_padding, groups, deterministic=False):
        """aten::_convolution."""
        geometry = (stride, padding, dilation, transposed, output_padding, groups)
        plan = self._plan(x, w, geometry)
        own = None
        if plan.forward and (bias is None or bias.dtype == x.dtype):
            move = adjoint if transposed else correlate

            def own(cap):
                done = _moved(move, x, w, plan.link, bias, cap // x.element_size(), plan.shape)
                return formatted(done, plan.format)

        return self._best(
            own,
            lambda: native.convolution(x, w, bias, *geometry, deterministic=deterministic),
            lambda: host.forward(x, w, bias, *geometry),
            x.device,
            deterministic,
        )

    def backward(self, grad, x, w, bias_sizes, stride, padding, dilation, transposed, output_padding, groups, mask):
        """aten::convolution_backward: None where masked."""
        geometry = (stride, padding, dilation, transposed, output_padding, groups)
        plan = self._plan(x, w, geometry) if grad.dtype == x.dtype else _LEAVE
        ours = (mask[0] and plan.image, mask[1] and plan.weight, mask[2] and (plan.image or plan.weight))
        rest = [wanted and not mine for wanted, mine in zip(mask, ours)]

        def own_image(cap):
            move = correlate if transposed else adjoint
            done = _moved(move, grad, w, plan.link, None, cap // x.element_size(), x.shape)
            return formatted(done, plan.format)

        def own_weight(cap):
            image, features = (grad, x) if transposed else (x, grad)
            link, out = plan.link, like_weight(w, plan.format)
            cubes = as3d(image, link.spatial), as3d(features, link.spatial), link, as3d(out, link.spatial)
            weight_gradient(*cubes, cap // x.element_size())
            return out

        def plain(masked):
            arguments = (grad, x, w, bias_sizes) + geometry + (masked,)
            return (lambda: native.backward(*arguments)), (lambda: host.backward(*arguments))

        grads = list(self._best(None, *plain(rest), x.device, False)) if any(rest) else [None, None, None]
        for index, own in ((0, own_image), (1, own_weight)):
            if ours[index]:
                others = [_picked(call, index) for call in plain([index == 0, index == 1, False])]
                grads[index] = self._best(own, *others, x.device, False)
        if ours[2]:
            grads[2] = grad.sum([0] + list(range(2, grad.dim())), dtype=grad.dtype)
        return tuple(grads)

    def _best(self, own, torchs, on_host, device, deterministic):
        rungs = [("no-miopen", torchs), ("cpu", on_host)]
        if own is not None:
            rungs[:0] = [
                ("gemm", lambda: own(self.cap_bytes)),
                ("gemm in smaller chunks", lambda: own(self.cap_bytes // SMALLER)),
            ]
        return climb(rungs, deterministic or torch.are_deterministic_algorithms_enabled(), device)

    def _plan(self, x, w, geometry):
        key = (x.shape, x.stride(), w.shape, w.stride(), x.dtype, x.device, w.dtype) + tuple(
            tuple(value) if isinstance(value, (list, tuple)) else value for value in geometry
        )
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._decide(x, w, geometry)
        return plan

    def _decide(self, x, w, geometry):
        link = link_of(x.shape, w.shape, *geometry) if x.dtype in _NAMES and x.dtype == w.dtype else None
        transposed = geometry[3]
        if link is None or (not transposed and link.groups > 1 and link.image_channels == link.groups):
            return _LEAVE  # unusual, or depthwise, for which PyTorch has a kernel of its own
        model, dtype = self._model(x.device), _NAMES[x.dtype]
        towards, back = (costs.IMAGE, costs.FORWARD) if transposed else (costs.FORWARD, costs.IMAGE)
        wins = [model.prefers_gemm(link, operation, dtype) for operation in (towards, back, costs.WEIGHT)]
        channels, size = (
            (link.image_channels, link.image) if transposed else (link.feature_channels, link.features)
        )
        shape = shape_of(link.batch, channels, size, link.spatial)
        return Plan(link, wins[0], wins[1], wins[2], output_format(x, w, *geometry), shape)

    def _model(self, device):
        if self._only_model is not None:
            return self._only_model
        if device not in self._models:
            self._models[device] = _load_model(device)
        return self._models[device]


def _load_model(device):
    properties = torch.cuda.get_device_properties(device)
    kind = "hip" if torch.version.hip else "cuda"
    try:
        return costs.load(kind, properties.name, properties.multi_processor_count)
    except ValueError as problem:
        notices.once("costs", "unusable cost model, choosing carefully instead: %s" % problem)
        return costs.Sure(properties.multi_processor_count)


def _moved(move, source, w, link, bias, cap_elements, shape):
    """`correlate` or `adjoint` for tensors with only their real dimensions."""
    done = move(as3d(source, link.spatial), as3d(w, link.spatial), link, bias, cap_elements)
    return done if link.spatial == 3 else done.view(shape)


def _picked(call, index):
    return lambda: call()[index]
