"""The strategy `gemm`: few large matrix products where they win, PyTorch's kernels elsewhere, never all memory."""

from __future__ import annotations

import torch

from . import costs, host, native, notices
from .adjoint import adjoint
from .correlate import correlate
from .ladder import climb
from .layout import formatted, like_weight, output_format
from .link import link_of, pixels
from .products import keeps_float32
from .weightgrad import weight_gradient

DEFAULT_CAP = 256 * 2**20  # bytes of scratch memory: padding, columns and transposed results of one operation
SMALLER = 8  # the cap is divided by this after an out-of-memory
HUGE = 4  # times the cap: columns of one sample, which PyTorch's kernels make whole, to be avoided for memory alone
_NAMES = {torch.float32: "float32", torch.float16: "float16", torch.bfloat16: "bfloat16", torch.float64: "float64"}
_PLANS = 4096  # shapes remembered


class Plan:
    """One shape's decisions: its Link (None: leave it to PyTorch), which operations we do ourselves, and how."""

    __slots__ = ("link", "forward", "image", "weight", "format", "outputs", "programs")

    def __init__(self, link=None, wins=(False, False, False), memory_format=torch.contiguous_format, outputs=()):
        self.link, self.format, self.outputs = link, memory_format, outputs
        self.forward, self.image, self.weight = wins
        self.programs = {}


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
        if plan.forward and (bias is None or (bias.dtype == x.dtype and bias.shape == plan.outputs)):

            def own(cap):
                move = _program(plan, adjoint if transposed else correlate, x, w, cap)
                return formatted(move(x, w, bias), plan.format)

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
        arguments = (grad, x, w, bias_sizes, *geometry)

        def plain(masked):
            return (lambda: native.backward(*arguments, masked)), (lambda: host.backward(*arguments, masked))

        if plan is _LEAVE:
            return self._best(None, *plain(mask), x.device, False)
        ours = (mask[0] and plan.image, mask[1] and plan.weight, mask[2] and (plan.image or plan.weight))
        rest = [wanted and not mine for wanted, mine in zip(mask, ours)]

        def own_image(cap):
            move = _program(plan, correlate if transposed else adjoint, grad, w, cap)
            return formatted(move(grad, w, None), plan.format)

        def own_weight(cap):
            image, features = (grad, x) if transposed else (x, grad)
            out = like_weight(w, plan.format)
            return _weight_program(plan, image, features, out, cap)(image, features, out)

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
        stride, padding, dilation, transposed, output_padding, groups = geometry
        key = (
            x.shape, x.stride(), w.shape, w.stride(), x.dtype, x.device, w.dtype, tuple(stride), tuple(padding),
            tuple(dilation), transposed, tuple(output_padding), groups,
        )  # fmt: skip
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
        columns = link.image_channels * pixels(link.kernel) * pixels(link.features) * x.element_size()
        if columns // link.groups > HUGE * self.cap_bytes:
            model = costs.Always()
        towards, back = (costs.IMAGE, costs.FORWARD) if transposed else (costs.FORWARD, costs.IMAGE)
        uses = ((towards, False), (back, True), (costs.WEIGHT, True))
        wins = [model.prefers_gemm(link, operation, dtype, backward) for operation, backward in uses]
        if not any(wins):
            return _LEAVE
        outputs = (link.image_channels if transposed else link.feature_channels,)
        return Plan(link, wins, output_format(x, w, *geometry), outputs)

    def _model(self, device):
        if self._only_model is not None:
            return self._only_model
        if device not in self._models:
            self._models[device] = _load_model(device)
        return self._models[device]


_LEAVE = Plan()


def _program(plan, compile_, source, w, cap):
    key = (compile_, source.stride(), cap)
    program = plan.programs.get(key)
    if program is None:
        spatial = plan.link.spatial
        strides, elements = _five(source.stride(), spatial), cap // source.element_size()
        program = plan.programs[key] = compile_(plan.link, strides, _five(w.stride(), spatial), source.dtype, elements)
    return program


def _weight_program(plan, image, features, out, cap):
    key = (weight_gradient, image.stride(), features.stride(), cap)
    program = plan.programs.get(key)
    if program is None:
        strides = [_five(tensor.stride(), plan.link.spatial) for tensor in (image, features, out)]
        elements = cap // image.element_size()
        program = weight_gradient(plan.link, *strides, image.dtype, keeps_float32(image), elements)
        plan.programs[key] = program
    return program


def _five(strides, spatial):
    """Strides with three spatial dimensions; those of missing ones do not matter."""
    return tuple(strides[:2]) + (0,) * (3 - spatial) + tuple(strides[2:])


def _load_model(device):
    properties = torch.cuda.get_device_properties(device)
    kind = "hip" if torch.version.hip else "cuda"
    try:
        return costs.load(kind, properties.name, properties.multi_processor_count)
    except ValueError as problem:
        notices.once("costs", "unusable cost model, choosing carefully instead: %s" % problem)
        return costs.Sure(properties.multi_processor_count)


def _picked(call, index):
    return lambda: call()[index]
