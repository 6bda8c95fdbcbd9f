"""Pages in a real headless Chromium: nothing leaves, nothing runs, nothing is cut, everybody can read it."""

from __future__ import annotations

import re
from pathlib import Path

import made_up
import pytest
from browser import Browser
from hostile_report import HOSTILE, report

from rdna_installer import resources
from rdna_installer.report.page import render
from rdna_installer.share.schema import SIZE_LIMIT, digest_of, read, write

pytestmark = pytest.mark.processes

KINDS = ("gpu", "dead", "nogpu", *made_up.MEASURED)
TOO_WIDE = """(() => { const w = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')].filter(e => { const r = e.getBoundingClientRect();
    return r.width && r.right > w + 1 }).map(e => e.tagName + ' ' + e.textContent.slice(0, 40))
  .concat(document.documentElement.scrollWidth > w ? ['the page'] : []) })()"""
CUT = """[...document.querySelectorAll('svg.chart, svg.map')].flatMap(s => { const r = s.getBoundingClientRect();
  return r.width ? [...s.querySelectorAll('text')].filter(t => { const b = t.getBoundingClientRect();
    return b.left < r.left - 1 || b.right > r.right + 1 || b.top < r.top - 1 || b.bottom > r.bottom + 1 })
  .map(t => t.textContent) : [] })"""
ONE_ON_ANOTHER = """[...document.querySelectorAll('svg.chart, svg.map')].flatMap(s => {
  const all = [...s.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  return all.flatMap(([a, p], n) => all.slice(n + 1).filter(([b, q]) => p.width && p.left < q.right - 1
    && q.left < p.right - 1 && p.top < q.bottom - 4 && q.top < p.bottom - 4).map(([b]) => a + ' / ' + b)) })"""
FAULTS = """axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(r => [
  ...r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 200)),
  ...r.incomplete.filter(v => v.id != 'color-contrast').map(v => 'incomplete ' + v.id + ': ' + v.nodes[0].html)])"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, found = tmp_path_factory.mktemp("pages"), {}
    for kind in KINDS:
        content = write(made_up.report(kind))
        assert len(content) < SIZE_LIMIT
        found[kind] = folder / f"{kind}.html"
        found[kind].write_text(render(read(content, kind), digest_of(content)))
        assert found[kind].stat().st_size < 500_000
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1600, "dark"), (360, "dark"), (1600, "light")])
def test_everybody_can_read_it(
    chromium: Browser, axe: str, pages: dict[str, Path], kind: str, width: int, scheme: str
) -> None:
    chromium.open(pages[kind], width, scheme)
    assert chromium.requests() == [pages[kind].as_uri()] and chromium.said() == []
    assert chromium.ask(TOO_WIDE) == [] and chromium.ask(CUT) == [] and chromium.ask(ONE_ON_ANOTHER) == []
    chromium.ask(f"document.querySelectorAll('details').forEach(d => d.open = true); {axe}; 0")
    assert chromium.ask(FAULTS) == [] and chromium.ask(TOO_WIDE) == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_short(chromium: Browser, pages: dict[str, Path], kind: str) -> None:
    chromium.open(pages[kind], 360)
    assert chromium.height() <= 6000
    chromium.open(pages[kind], 794, media="print")
    assert chromium.ask(CUT) == [] and chromium.ask(TOO_WIDE) == []
    assert 1 <= len(re.findall(rb"/Type */Page\b[^s]", chromium.pdf())) <= 5


def test_it_needs_no_script(chromium: Browser, pages: dict[str, Path]) -> None:
    text = pages["gpu"].read_text()
    assert "<script" not in text and " style=" not in text and "http" not in re.sub(r"http-equiv", "", text)
    chromium.open(pages["gpu"], 360, script=False)
    bare = chromium.height()
    chromium.open(pages["gpu"], 360)
    assert bare == chromium.height() > 1000


def test_a_mark_has_a_shape_and_a_word(chromium: Browser, pages: dict[str, Path]) -> None:
    """Whoever sees no colour: in the map by shape, in the table by word too."""
    chromium.open(pages["dead"], 1600)
    shapes = chromium.ask("Object.fromEntries([...document.querySelectorAll('symbol')].map(s => [s.id, s.innerHTML]))")
    assert len(set(shapes.values())) == len(shapes) == 7
    drawn = chromium.ask("[...document.querySelectorAll('svg.map use')].map(u => u.getAttribute('href'))")
    assert len({*drawn}) >= 6 and {ref[1:] for ref in drawn} <= set(shapes)
    assert (
        chromium.ask(
            "[...document.querySelectorAll('td')].filter(t => t.querySelector('use') && !t.textContent.trim())"
        )
        == []
    )


def test_the_checks_see_planted_faults(chromium: Browser, axe: str, pages: dict[str, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    planted = (
        "<img src='http://192.0.2.1/x'><p style='color:#aaa'>pale</p><div style='width:2000px'>wide</div>"
        "<svg class='chart' viewBox='0 0 10 10' width='10'><text x='-40' y='5'>cut off</text>"
        "<text x='-39' y='6'>twice</text></svg>"
        "<script>no.such()</script>"
    )
    text = re.sub("<meta http-equiv.*\n", "", pages["nogpu"].read_text())
    bad.write_text(text.replace("<main>", f"<main>{planted}"))
    chromium.open(bad, 360)
    assert any("192.0.2.1" in url for url in chromium.requests()) and chromium.said()
    assert chromium.ask(TOO_WIDE) and "cut off" in chromium.ask(CUT) and chromium.ask(ONE_ON_ANOTHER)
    chromium.ask(f"{axe}; 0")
    faults = {fault.split(":")[0] for fault in chromium.ask(FAULTS)}
    assert {"color-contrast", "image-alt"} <= faults


def test_the_policy_alone_stops_a_slip(chromium: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    """Where escaping had failed: no script runs and nothing is asked for."""
    bad = tmp_path / "slip.html"
    planted = "<img src='http://192.0.2.1/x' onerror='document.title=1'><script>document.title = 'run'</script>"
    bad.write_text(pages["nogpu"].read_text().replace("<main>", f"<main>{planted}"))
    chromium.open(bad, 360)
    sent = [event for event in chromium.events if event.get("method") == "Network.responseReceived"]
    assert len(sent) == 1 and chromium.ask("document.title") not in ("run", "1")


def test_hostile_text_in_every_field_does_nothing(chromium: Browser, tmp_path: Path) -> None:
    """The schema refuses it; here the page is made of it all the same."""
    page = tmp_path / "hostile.html"
    page.write_text(render(report(), HOSTILE))
    title = f"{HOSTILE} ({HOSTILE}): PyTorch and ROCm"
    for width in (360, 1600):
        chromium.open(page, width)
        assert chromium.requests() == [page.as_uri()] and chromium.ask("document.title") == " ".join(title.split())
        assert chromium.ask("document.querySelectorAll('script, img, iframe, object, a, form').length") == 0
        assert chromium.ask("window.hostile") is None and chromium.ask(TOO_WIDE) == []
    assert HOSTILE[:40] in chromium.ask("document.body.textContent")


# --- the palette: of text in SVG axe cannot say whether it can be read ------------------------------------------------


def luminance(colour: str) -> float:
    long = "".join(c * 2 for c in colour) if len(colour) == 3 else colour
    parts = (int(long[n : n + 2], 16) / 255 for n in (0, 2, 4))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> list[dict[str, str]]:
    css = (resources.templates() / "page" / "page.css").read_text()
    return [dict(re.findall(r"--(\w+):#(\w+)", block)) for block in re.findall(r":root\{(.*?)\}", css)]


def test_every_text_stands_out_from_its_ground() -> None:
    assert len(palettes()) == 3
    for found in palettes():
        pairs = [(text, ground) for text in ("fg", "dim") for ground in ("bg", "soft")]
        pairs += [("fg", "okb"), ("fg", "badb"), ("fg", "warnb"), ("ok", "okb"), ("bad", "badb"), ("warn", "warnb")]
        pairs += [("ok", "bg"), ("bad", "bg"), ("warn", "bg"), ("ok", "soft"), ("bad", "soft"), ("warn", "soft")]
        assert [p for p in pairs if contrast(found[p[0]], found[p[1]]) < 4.5] == []
        assert contrast(found["line"], found["bg"]) >= 3


def test_what_is_not_offered_is_no_failure_and_not_called_untried(pages: dict[str, Path]) -> None:
    """A torch without Triton, and rows of native left out after their like; on a card Triton is there."""
    ended = "conv: 138 of 143 passed, 4 CRASH, 1 HANG, 5 not tried"
    for page, compiled in ("processor", "compile: 0 of 0 passed, 5 not offered"), ("died", "compile: 5 of 5 passed"):
        text = re.sub(r"<[^>]+>", "", pages[page].read_text())
        assert (ended in text, compiled in text) == (True, True)
