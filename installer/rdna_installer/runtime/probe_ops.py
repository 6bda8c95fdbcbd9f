"""What the rows of ``probe`` may call beside torch: draws of inputs, gradients, small networks, attention.

A row is an expression (probe/rows.yaml); `names(torch)` are the names it may use. Python 3.7 or later, torch.
"""

import copy
import math
import zlib

TYPES = {"f32": "float32", "f16": "float16", "bf16": "bfloat16"}
SEED = 20240517
KEPT = 1 << 22  # elements of an input from which on it is drawn once for all rows of its size
_drawn = {}


class NotOfferedError(Exception):
    """This torch has no such thing for this device, and that is no failure."""


def draw(torch, name, spec):
    """An input: normal, "positive" (0.25 to 1.25) or "below N" (whole numbers); the same in every run."""
    kind, shape = (spec[0], spec[1:]) if isinstance(spec[0], str) else ("normal", spec)
    key = (name, kind, tuple(shape))
    if key in _drawn:
        return _drawn[key]
    generator = torch.Generator().manual_seed(SEED + zlib.crc32(repr(key).encode()))
    if kind == "normal":
        made = torch.randn(shape, generator=generator)
    elif kind == "positive":
        made = torch.rand(shape, generator=generator) + 0.25
    else:
        made = torch.randint(int(kind.split()[1]), shape, generator=generator)
    if made.numel() >= KEPT:
        _drawn[key] = made
    return made


def seeds(torch, out):
    """What gradients are multiplied with: random, of one sign (sums that cancel have no digits left), small enough
    for sums in float16."""
    generator = torch.Generator().manual_seed(SEED)
    return (torch.rand(out.shape, generator=generator) + 0.25) / 32


def twice(torch, x, w):
    """The gradient of a gradient, which training with gradient penalties needs."""
    x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
    out = torch.nn.functional.conv2d(x, w, padding=1)
    weight = seeds(torch, out).to(out.device, out.dtype)
    (first,) = torch.autograd.grad(out * out, [x], weight, create_graph=True)
    return torch.autograd.grad((first * first).sum(), [x, w])


def regular(torch, x):
    """A symmetric matrix far from singular."""
    return x @ x.transpose(-1, -2) / x.shape[-1] + torch.eye(x.shape[-1], device=x.device, dtype=x.dtype)


def dropped(torch, x):
    """Dropout judged by what has to hold, as one number each, which is 1."""
    x = x.detach().requires_grad_()
    out = torch.nn.functional.dropout(x, 0.5, True)
    (gradient,) = torch.autograd.grad(out, [x], torch.ones_like(out))
    kept, given = (out != 0).float(), (gradient != 0).float()
    right = ((out == 0) | (out == 2 * x)).float().mean()
    share = float(kept.mean())
    likely = abs(share - 0.5) < 5 * 0.5 / math.sqrt(x.numel())  # 5 sigma
    identity = torch.equal(torch.nn.functional.dropout(x, 0.5, False), x)
    return torch.stack([right, (kept == given).float().mean(), right * float(likely), right * float(identity)])


def ctc(torch, x, t):
    """CTC loss of whole sequences. Lengths on the CPU, as MIOpen's wants them."""
    lengths = [torch.full((x.shape[1],), n, dtype=torch.int32) for n in (x.shape[0], t.shape[1])]
    return torch.nn.functional.ctc_loss(x.log_softmax(2), t.to(torch.int32) + 1, *lengths)


def attention(torch, q, k, v, causal=False, only=None):
    """Scaled dot product attention; `only` one of torch's kernels."""
    function = getattr(torch.nn.functional, "scaled_dot_product_attention", None)
    if function is None:
        raise NotOfferedError("this torch has no attention")
    if only is None or (q.device.type == "cpu" and only == "MATH"):
        return function(q, k, v, is_causal=causal)
    if q.device.type == "cpu":  # the reference, and a probe of the CPU
        if q.dtype not in (torch.float64,):
            raise NotOfferedError("a kernel of GPUs")
        return function(q, k, v)
    kernels = getattr(torch.nn, "attention", None)
    if kernels is None:
        raise NotOfferedError("this torch does not let its kernel be chosen")
    with kernels.sdpa_kernel(getattr(kernels.SDPBackend, only)):
        return function(q, k, v)


def train(torch, net, x, steps):
    """The losses of so many steps on one batch; mixed precision where the type is float16."""
    net, mixed = copy.deepcopy(net).train(), x.dtype == torch.float16
    wanted = (torch.arange(x.shape[0]) % 4).to(x.device)
    if mixed:
        net = net.float()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    grad_scaler = getattr(torch.amp, "GradScaler", torch.cuda.amp.GradScaler)
    scaler = grad_scaler(enabled=mixed and x.device.type == "cuda")
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        with torch.autocast(x.device.type, torch.float16 if x.device.type == "cuda" else torch.bfloat16, enabled=mixed):
            loss = torch.nn.functional.cross_entropy(net(x.float() if mixed else x), wanted)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()
        losses.append(loss.detach())
    return torch.stack(losses)


def compiled(torch, net, device):
    """The net as torch.compile makes it: for a GPU that Triton knows."""
    if device.type != "cuda" or not hasattr(torch, "compile"):
        raise NotOfferedError("Triton compiles for GPUs" if hasattr(torch, "compile") else "this torch has no compiler")
    try:
        from torch.utils._triton import has_triton

        there = has_triton()
    except Exception as problem:
        raise NotOfferedError("Triton: %s" % problem) from problem
    if not there:
        raise NotOfferedError("no Triton for this card is installed")
    return torch.compile(net)


def names(torch):
    """What an expression may use beside its inputs and `net`."""
    import probe_nets  # it needs torch

    own = (twice, regular, dropped, ctc, attention, train)
    bound = {function.__name__: _with(torch, function) for function in own}
    return dict(vars(probe_nets), torch=torch, **bound)


def _with(torch, function):
    return lambda *given, **options: function(torch, *given, **options)
