"""``recipe`` for people: what is made, of what, what it takes here, and what nobody has shown."""

from __future__ import annotations

from rdna_installer.report.console import Style
from rdna_installer.workflow.building import Built, Prepared


def render(found: Prepared, place: str | None, style: Style) -> str:
    """What a recipe comes to; ``place``: where it was written."""
    order = found.order
    rocm = f", ROCm {order.rocm} in {order.rocm_path}" if order.rocm else ""
    lines = [style.paint(f"{order.recipe} for {order.gfx}{rocm}", "bold"), style.wrap(found.says, 2)]
    lines.append(style.wrap(f"why: {found.why}", 2))
    sources = [f"  {s.name}  {s.url}\n    commit {s.commit}\n    tree   {s.tree}" for s in found.sources]
    patches = [style.wrap(f"{p.id}: {p.purpose} ({p.source})", 2, "- ") for p in found.patches]
    takes = [
        f"  disk    {found.disk_gib} GiB of {found.free_gib} free",
        f"  at once {found.jobs} compilers, by processors and free memory",
        f"  time    {found.time}",
        style.wrap(found.estimated, 10),
    ]
    blocks = [
        "\n".join(lines),
        style.block("Sources", sources),
        style.block("Patches", patches),
        style.block("Takes", takes),
        style.block("Not proved", (style.wrap(text, 2, "- ") for text in found.unproved)),
        style.block("Missing here", (style.wrap(text, 2, "- ") for text in found.lacks), "yellow"),
        style.block("Then", [f"  rdna-installer recipe run {place or 'DIR'}", f"  {found.then}"]),
    ]
    return "\n\n".join(block for block in blocks if block)


def built(found: Built, style: Style) -> str:
    """What came of it."""
    proofs = [style.wrap(f"{name}: {text}", 2, "- ") for name, text in found.proofs]
    return "\n\n".join([style.block(f"Built in {found.place}", proofs), f"next: {found.then}"])
