"""What ``probe`` tries: operations of torch, from a copy to the training of a small network."""

LIMITS = {"float32": 1e-3, "float16": 2e-2, "bfloat16": 6e-2}  # relative to the largest value of the reference
STEPS = 12  # of the training loop


class Op:
    """An operation: `inputs(torch)` on the CPU, `compute(torch, inputs)` on any device and in any type."""

    def __init__(self, compute, inputs, dtype="float32", reference="float64", limit=None):
        self.compute, self.inputs, self.dtype, self.reference = compute, inputs, dtype, reference
        self.limit = limit or LIMITS[dtype]


def randn(*shapes):
    """Inputs of these shapes, the same in every run."""

    def make(torch):
        generator = torch.Generator().manual_seed(20240517)
        return [torch.randn(shape, generator=generator) for shape in shapes]

    return make


def forward(name, **options):
    """torch.nn.functional.`name` of (image, weight, bias)."""

    def compute(torch, given):
        return [getattr(torch.nn.functional, name)(*given, **options)]

    return compute


def gradients(compute):
    """`compute` and its gradients by every input."""

    def backward(torch, given):
        given = [tensor.detach().requires_grad_() for tensor in given]
        (out,) = compute(torch, given)
        return [out.detach(), *torch.autograd.grad(out, given, _slope(torch, out))]

    return backward


def twice(compute):
    """The gradient of a gradient, which training with gradient penalties needs."""

    def backward(torch, given):
        given = [tensor.detach().requires_grad_() for tensor in given]
        (out,) = compute(torch, given)
        (first,) = torch.autograd.grad(out * out, given[:1], _slope(torch, out), create_graph=True)
        return list(torch.autograd.grad((first * first).sum(), given[:2]))

    return backward


def _slope(torch, out):
    """Something to multiply gradients with: not all ones; of one sign, since sums that cancel have no digits left."""
    return torch.linspace(0.25, 1, out.numel()).reshape(out.shape).to(out.device, out.dtype)


def channels_last(compute):
    """The same with an image in channels-last memory."""

    def moved(torch, given):
        return compute(torch, [given[0].contiguous(memory_format=torch.channels_last), *given[1:]])

    return moved


def batch_norm(torch, given):
    """Training mode: statistics of the batch, and what it adds to the running ones."""
    x, weight, bias = given
    mean, variance = torch.zeros_like(weight), torch.ones_like(weight)
    x = x.detach().requires_grad_()
    out = torch.nn.functional.batch_norm(x, mean, variance, weight, bias, True, 0.1, 1e-5)
    (gradient,) = torch.autograd.grad(out, [x], _slope(torch, out))
    return [out.detach(), mean, variance, gradient]


def recurrent(kind):
    """A recurrent layer, forward and the gradient by its input."""

    def compute(torch, given):
        torch.manual_seed(7)
        layer = getattr(torch.nn, kind)(12, 16, num_layers=2).to(given[0].device, given[0].dtype)
        x = given[0].detach().requires_grad_()
        out = layer(x)[0]
        return [out.detach(), *torch.autograd.grad(out, [x], _slope(torch, out))]

    return compute


def training(torch, given):
    """A small network trained on one batch: the losses, which must fall."""
    torch.manual_seed(11)
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(16 * 6 * 6, 4),
    ).to(given[0].device, given[0].dtype)  # fmt: skip
    wanted = (torch.arange(given[0].shape[0]) % 4).to(given[0].device)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(given[0]), wanted)
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return [torch.stack(losses)]


CONV2D = forward("conv2d", padding=1)
SMALL = randn((2, 5, 11, 9), (7, 5, 3, 3), (7,))
LARGE = randn((32, 64, 56, 56), (64, 64, 3, 3), (64,))
OPS = {
    "copy": Op(lambda torch, given: [given[0].clone()], randn((1000, 33))),
    "add": Op(lambda torch, given: [given[0] + given[1]], randn((513, 37), (513, 37))),
    "mm f32": Op(lambda torch, given: [given[0] @ given[1]], randn((130, 70), (70, 90))),
    "mm f16": Op(lambda torch, given: [given[0] @ given[1]], randn((130, 70), (70, 90)), "float16"),
    "bmm f32": Op(lambda torch, given: [torch.bmm(*given)], randn((5, 33, 17), (5, 17, 21))),
    "layer norm": Op(lambda torch, given: [torch.nn.functional.layer_norm(given[0], (33,))], randn((64, 33))),
    "conv2d 3>16 32x32": Op(forward("conv2d"), randn((1, 3, 32, 32), (16, 3, 3, 3), (16,))),
    "conv1d f32": Op(forward("conv1d"), randn((2, 16, 50), (32, 16, 3), (32,))),
    "conv2d f32": Op(CONV2D, SMALL),
    "conv3d f32": Op(forward("conv3d", padding=1), randn((2, 3, 7, 6, 5), (4, 3, 3, 3, 3), (4,))),
    "conv2d 1x1": Op(forward("conv2d"), randn((2, 19, 13, 11), (23, 19, 1, 1), (23,))),
    "conv2d grouped": Op(forward("conv2d", groups=4), randn((2, 8, 13, 11), (12, 2, 3, 3), (12,))),
    "conv2d depthwise": Op(forward("conv2d", groups=6, padding=1), randn((2, 6, 13, 11), (6, 1, 3, 3), (6,))),
    "conv2d dilated": Op(forward("conv2d", dilation=2, stride=2), randn((2, 5, 17, 15), (7, 5, 3, 3), (7,))),
    "conv2d channels last": Op(channels_last(CONV2D), SMALL),
    "conv transpose 2d": Op(forward("conv_transpose2d", stride=2), randn((2, 5, 9, 7), (5, 7, 4, 4), (7,))),
    "conv1d backward": Op(gradients(forward("conv1d")), randn((2, 16, 50), (32, 16, 3), (32,))),
    "conv2d backward": Op(gradients(CONV2D), SMALL),
    "conv3d backward": Op(gradients(forward("conv3d")), randn((2, 3, 7, 6, 5), (4, 3, 3, 3, 3), (4,))),
    "conv2d grouped backward": Op(gradients(forward("conv2d", groups=4)), randn((2, 8, 13, 11), (12, 2, 3, 3), (12,))),
    "conv transpose 2d backward": Op(
        gradients(forward("conv_transpose2d", stride=2)), randn((2, 5, 9, 7), (5, 7, 4, 4), (7,))
    ),
    "conv2d double backward": Op(twice(CONV2D), SMALL),
    "conv2d f16": Op(CONV2D, SMALL, "float16"),
    "conv2d f16 backward": Op(gradients(CONV2D), SMALL, "float16"),
    "conv2d bf16": Op(CONV2D, SMALL, "bfloat16"),
    "conv2d 64x56x56 batch 32": Op(CONV2D, LARGE, reference="float32"),
    "conv2d 64x56x56 batch 32 backward": Op(gradients(CONV2D), LARGE, reference="float32", limit=5e-3),
    "batch norm": Op(batch_norm, randn((4, 6, 9, 7), (6,), (6,))),
    "lstm": Op(recurrent("LSTM"), randn((9, 3, 12))),
    "gru": Op(recurrent("GRU"), randn((9, 3, 12))),
    "cnn training": Op(training, randn((16, 3, 16, 16)), limit=2e-2),
}
