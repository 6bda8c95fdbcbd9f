"""What needs no torch: geometry, chunks, the cost model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdna_installer.runtime import probe_costs
from rdna_installer.runtime.conv import costs, geometry

MODEL = costs.load("cuda", "NVIDIA H200", 132)


def geometry_of(x: tuple[int, ...], w: tuple[int, ...], groups: int = 1, **options: Any) -> Any:
    n = len(x) - 2
    found = {"stride": [1], "padding": [0], "dilation": [1], "transposed": False, "output_padding": [0], **options}
    lists = {k: v * n if isinstance(v, list) and len(v) == 1 else v for k, v in found.items()}
    return geometry.geometry_of(x, w, groups=groups, **lists)


@pytest.mark.parametrize(
    ("x", "w", "options", "image", "features"),
    [
        ((2, 3, 224, 224), (64, 3, 7, 7), {"stride": [2], "padding": [3]}, (1, 224, 224), (1, 112, 112)),
        ((1, 4, 50), (8, 4, 3), {"dilation": [2]}, (1, 1, 50), (1, 1, 46)),
        ((2, 4, 5, 6, 7), (8, 4, 3, 2, 1), {}, (5, 6, 7), (3, 5, 7)),
        (
            (8, 64, 56, 56),
            (64, 64, 4, 4),
            {"stride": [2], "padding": [1], "transposed": True},
            (1, 112, 112),
            (1, 56, 56),
        ),
        ((1, 4, 5), (4, 2, 3), {"stride": [3], "output_padding": [2], "transposed": True}, (1, 1, 17), (1, 1, 5)),
    ],
)
def test_sizes(x: Any, w: Any, options: Any, image: Any, features: Any) -> None:
    found = geometry_of(x, w, **options)
    assert (found.image, found.features) == (image, features)


@pytest.mark.parametrize(
    ("x", "w", "options"),
    [
        ((0, 3, 8, 8), (4, 3, 3, 3), {}),  # empty batch
        ((1, 4, 8, 8), (4, 3, 3, 3), {}),  # channels do not fit
        ((1, 3, 2, 2), (4, 3, 3, 3), {}),  # kernel larger than the image
        ((3, 8, 8), (4, 3, 3, 3), {}),  # unbatched
        ((1, 3, 8, 8), (4, 3, 3, 3), {"stride": [0]}),
        ((1, 3, 8, 8), (4, 3, 3, 3), {"padding": [-1]}),
        ((1, 3, 8, 8), (4, 3, 3, 3), {"groups": 3}),
    ],
)
def test_unusual_calls_are_left_to_pytorch(x: Any, w: Any, options: Any) -> None:
    assert geometry_of(x, w, **options) is None


sizes = st.integers(1, 40)


@settings(max_examples=200)
@given(st.tuples(sizes, sizes, sizes, sizes), st.integers(1, 10000))
def test_boxes_cover_everything_once_within_the_cap(extent: tuple[int, int, int, int], cap: int) -> None:
    def elements(box: Any) -> tuple[int, int]:
        total = box[0] * box[1] * box[2] * box[3]
        return total, total

    box = geometry.block_for(extent, elements, cap)
    volume = sum(n[1] * d[1] * h[1] * w[1] for n, d, h, w in geometry.cut(extent, box))
    assert volume == extent[0] * extent[1] * extent[2] * extent[3]
    one_row = extent[3] if extent[1] > 1 or extent[2] > 1 else 1
    assert elements(box)[0] <= max(cap, one_row)


def test_no_scratch_tensor_reaches_32_bit_indices() -> None:
    box = geometry.block_for((4, 1, 60000, 60000), lambda b: (0, b[0] * b[1] * b[2] * b[3] * 10), 10**12)
    assert box[1] * box[2] * box[3] * 10 * box[0] <= geometry.LIMIT


def test_the_model_knows_what_was_measured() -> None:
    grouped = geometry_of((32, 128, 56, 56), (128, 4, 3, 3), 32, padding=[1])
    small = geometry_of((1, 16, 32, 32), (16, 16, 3, 3), padding=[1])
    thin = geometry_of((2, 19, 13, 11), (23, 19, 1, 1))  # 1x1, but too few positions for a product of each sample
    for dtype in ("float32", "float16", "bfloat16", "float64"):
        assert MODEL.prefers_gemm(grouped, costs.FORWARD, dtype, False)
        assert not MODEL.prefers_gemm(small, costs.FORWARD, dtype, False)
        assert not MODEL.prefers_gemm(thin, costs.FORWARD, dtype, False)


def test_an_unmeasured_card_gets_gemm_only_where_it_surely_wins() -> None:
    model = costs.load("hip", "AMD Radeon RX 5600 XT", 36)
    assert isinstance(model, costs.Sure)
    grouped = geometry_of((32, 128, 56, 56), (128, 4, 3, 3), 32, padding=[1])
    starved = geometry_of((32, 512, 7, 7), (512, 512, 3, 3), padding=[1])
    dense = geometry_of((2, 320, 64, 64), (320, 320, 3, 3), padding=[1])
    assert [model.prefers_gemm(one, costs.FORWARD, "float32", False) for one in (grouped, starved, dense)] == [
        True,
        True,
        False,
    ]


def samples_of(model: costs.Model, dtype: str) -> list[Any]:
    """What a card that behaves exactly like `model` would measure."""
    found = []
    for x, w, stride, padding, transposed, groups in probe_costs.SHAPES:
        one = geometry_of(tuple(x), tuple(w), groups, stride=[stride], padding=[padding], transposed=transposed)
        for operation, backward in ((costs.FORWARD, False), (costs.IMAGE, True), (costs.WEIGHT, True)):
            found.append((one, operation, dtype, backward, *model.estimate(one, operation, dtype, backward)))
    return found


def test_a_fit_to_another_card_predicts_it_and_chooses_well_there() -> None:
    """A made-up one: a fifth of the arithmetic, a quarter of the bandwidth, launches twice as long."""
    card = costs.template(36)
    card.numbers = json.loads(json.dumps(card.numbers))
    native, gemm = (card.numbers["types"]["float32"][way] for way in ("native", "gemm"))
    native["tflops"], gemm["tflops"], gemm["gbs"] = native["tflops"] / 5, gemm["tflops"] / 5, gemm["gbs"] / 4
    native["loop_us"] = {operation: 2 * value for operation, value in native["loop_us"].items()}
    measured = samples_of(card, "float32")
    before = json.dumps(MODEL.numbers)
    fitted = costs.Model("fitted", probe_costs.refit(costs.template(36), measured), 0.95)
    for one, operation, dtype, backward, torchs, ours in measured:
        found = fitted.estimate(one, operation, dtype, backward)
        assert found.native == pytest.approx(torchs, rel=0.25) and found.gemm == pytest.approx(ours, rel=0.25)
    assert probe_costs._lost(fitted, measured) <= probe_costs._lost(card, measured) + 0.1
    assert fitted.numbers["types"]["half"] == card.numbers["types"]["half"]  # nothing was measured there
    assert json.dumps(MODEL.numbers) == before


def test_a_file_from_probe_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "costs.json"
    file.write_text(json.dumps({"schema": 1, "margin": 0.9, "devices": {"AMD Radeon RX 5600 XT": MODEL.numbers}}))
    monkeypatch.setenv("RDNA_CONV_COSTS", str(file))
    assert costs.load("hip", "AMD Radeon RX 5600 XT", 36).margin == 0.9
    assert isinstance(costs.load("hip", "another card", 36), costs.Sure)


def test_what_a_probe_fitted_is_read_beside_the_shipped_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "_beside", lambda name: str(tmp_path / name))
    shipped = {"schema": 1, "margin": 0.95, "devices": {"cuda": MODEL.numbers}}
    (tmp_path / "costs.json").write_text(json.dumps(shipped))
    assert isinstance(costs.load("hip", "AMD Radeon RX 5600 XT", 36), costs.Sure)
    fitted = {"schema": 1, "margin": 0.7, "devices": {"AMD Radeon RX 5600 XT": MODEL.numbers}}
    (tmp_path / "measured.json").write_text(json.dumps(fitted))
    found = costs.load("hip", "AMD Radeon RX 5600 XT", 36)
    assert (found.name, found.margin) == ("AMD Radeon RX 5600 XT", 0.7)
    assert costs.load("cuda", "NVIDIA H200", 132).name == "cuda"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": 2, "margin": 1, "devices": {}}', '{"schema": 1, "margin": 1, "devices": {"x": {}}}'],
)
def test_a_broken_file_is_refused_with_its_name(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "costs.json"
    file.write_text(text)
    monkeypatch.setenv("RDNA_CONV_COSTS", str(file))
    with pytest.raises(ValueError, match=r"costs\.json: "):
        costs.load("cuda", "NVIDIA H200", 132)
