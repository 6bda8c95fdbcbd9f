"""Who calls and what goes wrong, on a real GPU: python3 tests/gpu/behaviour.py (needs a CUDA or HIP device and torch).

Traces, fused and compiled graphs, GPU graphs, autocast training, memory caps, running out of memory, recurrent nets.
Each check prints one line; the exit status is 1 if one fails.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

os.environ.setdefault("TORCHINDUCTOR_LAYOUT_OPTIMIZATION", "0")  # pytorch#184013: crashes on NVIDIA with the flag off
import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

RUNTIME = str(Path(__file__).resolve().parents[2] / "installer" / "rdna_installer" / "runtime")
sys.path.insert(0, RUNTIME)
import conv  # noqa: E402
from conv import costs, notices, products  # noqa: E402

STRATEGIES = ("no-miopen", "gemm", "cpu")
VENDOR = ("cudnn", "miopen")


def use(strategy, **options):
    conv.deactivate()
    torch.backends.cudnn.enabled = True
    if strategy != "native":
        assert conv.activate(strategy, **{"model": costs.Always(), **options})


def vendor_operations(run):
    """Operations of the vendor library that ran."""
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        run()
        torch.cuda.synchronize()
    names = {event.key for event in seen.key_averages()}
    return {
        name
        for name in names
        if any(vendor in name for vendor in VENDOR) and not name.endswith("_is_acceptable") and "_use_" not in name
    }


def small():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3, 2, 1, groups=4), nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4),
    ).cuda()  # fmt: skip


def start_touches_no_gpu():
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); import torch, conv\n"
        "assert conv.activate('gemm', memory_fraction=0.5) and not torch.cuda.is_initialized()\n"
        "child = os.fork()\n"
        "torch.conv2d(torch.randn(1, 3, 8, 8).cuda(), torch.randn(4, 3, 3, 3).cuda()).sum().item()\n"
        "if not child: os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "total = torch.cuda.get_device_properties(0).total_memory\n"
        "try: torch.empty(int(total * 0.6), dtype=torch.uint8, device='cuda')\n"
        "except torch.cuda.OutOfMemoryError: print('capped')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, RUNTIME], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "capped\n", done.stdout + done.stderr


def vendor_is_seen_when_native():
    use("native")
    net, x = small(), torch.randn(2, 3, 16, 16, device="cuda")
    assert vendor_operations(lambda: net(x).sum().backward())


def eager_training_avoids_the_vendor():
    for strategy in STRATEGIES:
        use(strategy)
        net, x = small(), torch.randn(2, 3, 16, 16, device="cuda")
        assert not vendor_operations(lambda: net(x).sum().backward()), strategy


def saved_traces_avoid_the_vendor():
    use("native")
    net, x, file = small().eval(), torch.randn(2, 3, 16, 16, device="cuda"), io.BytesIO()
    with torch.no_grad():
        wanted = net(x)
        torch.jit.save(torch.jit.trace(net, x), file)
    for strategy in STRATEGIES:
        use(strategy)
        file.seek(0)
        loaded = torch.jit.load(file)
        with torch.no_grad():
            assert not vendor_operations(lambda: loaded(x)), strategy
            assert torch.allclose(loaded(x), wanted, atol=1e-4), strategy


def fused_inference_avoids_the_vendor():
    for strategy in STRATEGIES:
        use(strategy)
        net, x = small().eval(), torch.randn(2, 3, 16, 16, device="cuda")
        wanted = net(x)
        fused = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.script(net)))
        with torch.no_grad():
            for _ in range(3):
                found = fused(x)
            assert torch.allclose(found, wanted, atol=1e-4), strategy
            # The fused operation is ours now: its name may appear, a vendor's kernel below it may not.
            seen = vendor_operations(lambda: fused(x)) - {
                "aten::cudnn_convolution_relu",
                "aten::cudnn_convolution_add_relu",
            }
        assert not seen, (strategy, seen)


def recurrent_nets_and_ctc_avoid_the_vendor():
    use("gemm")
    x = torch.randn(5, 3, 8, device="cuda", requires_grad=True)
    for net in (nn.LSTM(8, 6, 2, bidirectional=True).cuda(), nn.GRU(8, 6).cuda(), nn.RNN(8, 6).cuda()):
        seen = vendor_operations(lambda net=net: net(x)[0].sum().backward())
        assert not seen, seen
    scores = torch.randn(10, 2, 5, device="cuda").log_softmax(2).requires_grad_()
    targets = torch.randint(1, 5, (2, 4), dtype=torch.int32)
    lengths = torch.tensor([10, 10], dtype=torch.int32), torch.tensor([4, 4], dtype=torch.int32)
    assert not vendor_operations(lambda: nn.functional.ctc_loss(scores, targets, *lengths).backward())


def named_operations_answer():
    use("gemm")
    ops, x, w = torch.ops.aten, torch.randn(2, 4, 8, 8, device="cuda"), torch.randn(6, 4, 3, 3, device="cuda")
    found = ops.miopen_convolution(x, w, None, [1, 1], [1, 1], [1, 1], 1, False, False)
    assert torch.allclose(found, torch.conv2d(x, w, padding=1))
    ones, zeros = torch.ones(4, device="cuda"), torch.zeros(4, device="cuda")
    normal = ops.miopen_batch_norm(x, ones, zeros, None, None, True, 0.1, 1e-5)[0]
    assert torch.allclose(normal, nn.functional.batch_norm(x, None, None, ones, zeros, True), atol=1e-5)
    net, sequence = nn.LSTM(4, 5).cuda(), torch.randn(3, 2, 4, device="cuda", requires_grad=True)
    state = torch.zeros(1, 2, 5, device="cuda"), torch.zeros(1, 2, 5, device="cuda")
    weights = list(net.parameters())
    out = ops.miopen_rnn(sequence, weights, 4, *state, 2, 5, 1, False, 0.0, True, False, [], None)[0]
    wanted = net(sequence, state)[0]
    assert torch.allclose(out, wanted, atol=1e-5)
    for found, want in zip(
        *(torch.autograd.grad(o.square().sum(), [sequence, *weights]) for o in (out, wanted)), strict=True
    ):
        assert torch.allclose(found, want, atol=1e-4)


def compiled(mode):
    for strategy in ("no-miopen", "gemm"):
        for layout in (torch.contiguous_format, torch.channels_last):
            torch._dynamo.reset()
            use(strategy)
            net = small().to(memory_format=layout).eval()
            x = torch.randn(2, 3, 16, 16, device="cuda").contiguous(memory_format=layout).requires_grad_()
            wanted = torch.autograd.grad(net(x).square().sum(), [x, *net.parameters()])
            found = torch.autograd.grad(torch.compile(net, mode=mode)(x).square().sum(), [x, *net.parameters()])
            for f, w in zip(found, wanted, strict=True):
                assert (f - w).norm() <= 1e-4 * w.norm() + 1e-6, (strategy, layout)


def compiled_training():
    compiled("default")


def compiled_with_max_autotune():
    compiled("max-autotune-no-cudagraphs")


def gpu_graphs():
    for strategy in ("no-miopen", "gemm"):
        use(strategy, cap_bytes=100000)
        net, x = small().eval(), torch.randn(2, 3, 16, 16, device="cuda")
        with torch.no_grad():
            wanted, stream = net(x), torch.cuda.Stream()
            with torch.cuda.stream(stream):
                net(x)
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                out = net(x)
            out.zero_()
            graph.replay()
            torch.cuda.synchronize()
        assert torch.allclose(out, wanted, atol=1e-5), strategy
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import torch, conv; conv.activate('cpu')\n"
        "x, w = torch.randn(1, 3, 8, 8).cuda(), torch.randn(4, 3, 3, 3).cuda(); torch.conv2d(x, w)\n"
        "graph = torch.cuda.CUDAGraph()\n"
        "with torch.cuda.graph(graph): torch.conv2d(x, w)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, RUNTIME], capture_output=True, text=True, check=False, timeout=120
    )
    assert "cannot be captured in a GPU graph" in done.stderr, done.stderr[-500:]


def training_learns():
    for strategy in STRATEGIES:
        for half in (False, True):
            use(strategy)
            net, scaler = small(), torch.amp.GradScaler("cuda", enabled=half)
            optimizer = torch.optim.Adam(net.parameters(), 1e-2)
            x, labels = torch.randn(16, 3, 16, 16, device="cuda"), torch.arange(16, device="cuda") % 4
            losses = []
            for _ in range(30):
                optimizer.zero_grad()
                with torch.autocast("cuda", torch.float16, enabled=half):
                    loss = nn.functional.cross_entropy(net(x), labels)
                scaler.scale(loss).backward()
                scaler.step(optimizer)
                scaler.update()
                losses.append(loss.item())
            assert losses[-1] < 0.7 * losses[0], (strategy, half, losses[0], losses[-1])


def double_backward():
    for strategy in STRATEGIES:
        use(strategy)
        x = torch.randn(2, 4, 5, 4, dtype=torch.float64, device="cuda", requires_grad=True)
        w = torch.randn(4, 2, 3, 2, dtype=torch.float64, device="cuda", requires_grad=True)
        assert torch.autograd.gradgradcheck(lambda a, b: torch.conv2d(a, b, stride=2, padding=1, groups=2), (x, w))


def other_callers():
    for strategy in STRATEGIES:
        use(strategy)
        x, w = torch.randn(3, 2, 4, 8, 8, device="cuda"), torch.randn(5, 4, 3, 3, device="cuda")
        flat = torch.conv2d(x.flatten(0, 1), w)
        assert torch.allclose(torch.vmap(lambda one: torch.conv2d(one, w))(x).flatten(0, 1), flat, atol=1e-5)
        assert torch.conv2d(x[:0, 0], w).shape == (0, 5, 6, 6)
        assert torch.allclose(torch.conv2d(x[0, 0], w), flat[0], atol=1e-5)
        complicated = torch.conv2d(x[0].to(torch.complex64), w.to(torch.complex64))
        assert torch.allclose(complicated.real, flat[:2], atol=1e-4)
        with torch.inference_mode():
            assert torch.conv2d(x[0], w).is_inference()


def parameters_keep_their_strides():
    use("gemm")
    net = small().to(memory_format=torch.channels_last)
    net(torch.randn(2, 3, 16, 16, device="cuda").contiguous(memory_format=torch.channels_last)).sum().backward()
    assert all(p.grad.stride() == p.stride() for p in net.parameters())


def distributed_buckets_accept_gradients():
    import tempfile

    use("gemm")
    with tempfile.TemporaryDirectory() as folder:
        torch.distributed.init_process_group("nccl", init_method=f"file://{folder}/store", rank=0, world_size=1)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                net = nn.parallel.DistributedDataParallel(small(), device_ids=[0])
                for _ in range(2):
                    net(torch.randn(2, 3, 16, 16, device="cuda")).sum().backward()
        finally:
            torch.distributed.destroy_process_group()


def same_bits_when_deterministic():
    use("gemm", cap_bytes=200000)
    torch.use_deterministic_algorithms(True)
    try:
        x, w = torch.randn(4, 8, 40, 40, device="cuda"), torch.randn(8, 8, 3, 3, device="cuda", requires_grad=True)
        runs = [torch.autograd.grad(torch.conv2d(x, w, padding=1).square().sum(), [w])[0] for _ in range(5)]
        assert all(torch.equal(runs[0], other) for other in runs)
    finally:
        torch.use_deterministic_algorithms(False)


def out_of_memory_is_survived():
    use("gemm", cap_bytes=2**33)
    notices._said.clear()
    x, w = torch.randn(8, 64, 512, 512, device="cuda"), torch.randn(64, 64, 3, 3, device="cuda")
    torch.cuda.empty_cache()
    total, reserved = torch.cuda.get_device_properties(0).total_memory, torch.cuda.memory_reserved()
    torch.cuda.set_per_process_memory_fraction(
        (reserved + 4 * 2**30) / total
    )  # all columns at once would be 2.4 GB x 4
    try:
        found = torch.conv2d(x, w, padding=1)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert len(notices.said()) == 1 and "smaller chunks" in notices.said()[0], (
        notices.said(),
        torch.cuda.memory_summary()[:1500],
    )
    use("no-miopen")
    assert torch.allclose(found, torch.conv2d(x, w, padding=1), atol=1e-3)


def results_have_the_format_torch_tells_its_compiler():
    use("gemm")
    for layout in (torch.contiguous_format, torch.channels_last):
        x = torch.randn(2, 4, 8, 8, device="cuda").contiguous(memory_format=layout)
        w = torch.randn(6, 4, 3, 3, device="cuda").contiguous(memory_format=layout)
        options = dict(
            stride=[1, 1], padding=[1, 1], dilation=[1, 1], transposed=False, output_padding=[0, 0], groups=1
        )
        backend = torch._C._select_conv_backend(x, w, bias=None, bias_sizes=None, **options)
        wanted = torch._C._conv_determine_backend_memory_format(x, w, backend)
        assert torch.conv2d(x, w, padding=1).is_contiguous(memory_format=wanted)


CHECKS = [
    value
    for name, value in list(globals().items())
    if getattr(value, "__module__", "") == "__main__" and callable(value)
]
HELPERS = ("use", "vendor_operations", "small", "compiled")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU that this torch can use: nothing tested", file=sys.stderr)
        return 3
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    results = {}
    for check in CHECKS:
        if check.__name__ in HELPERS:
            continue
        try:
            check()
            results[check.__name__] = "passed"
        except Exception as problem:
            results[check.__name__] = f"FAILED: {type(problem).__name__}: {str(problem)[:400]}"
            print(traceback.format_exc()[-1500:], file=sys.stderr)
        print(f"{check.__name__:50} {results[check.__name__]}", flush=True)
    print("16-bit products with float32 results by torch itself:", products._mixed["works"])
    if arguments.json:
        report = {"schema": 1, "device": torch.cuda.get_device_name(), "torch": torch.__version__, "checks": results}
        arguments.json.write_text(json.dumps(report, indent=1))
    return int(any(result != "passed" for result in results.values()))


if __name__ == "__main__":
    raise SystemExit(main())
