"""Purge of one state directory: killed or powered off anywhere; then any command, again and again."""

from collections import deque

FULL = frozenset({"generations", "current", "boots", "log", "list", "format", "lock", "dir"})


def steps_old(seen):  # 0.1.0: what is there decides; `generations` goes first, then it asks again for generation 0
    if "old" in seen:
        return [("del", "old")]
    if "generations" in seen:
        return [("move", "generations", "old")]
    return [("del", n) for n in ("current", "boots", "list", "format", "log", "lock", "dir") if n in seen][:1]


def wedged_old(
    seen,
):  # uninstall --purge and rollback --to 0 first plan a way back: they read current, then generation 0
    return "current" in seen and "generations" not in seen


def steps_new(
    seen,
):  # the marker first; it goes last but the lock, so that a half removed state is never taken for a state
    if "marker" not in seen and ({"generations", "current"} & seen):
        return [("add", "marker")]
    if "generations" in seen:
        return [("move", "generations", "old")]
    for n in ("old", "current", "boots", "log", "list", "format", "marker", "lock", "dir"):
        if n in seen:
            return [("del", n)]
    return []


def act(names, step):
    kind, *n = step
    return names - {n[0]} | ({n[1]} if kind == "move" else set()) if kind != "add" else names | {n[0]}


def check(name, steps, wedged, sync_marker=True, sync_end=False):
    start = (FULL, FULL)  # seen, on the disk
    seen, queue, bad, kinds = {start: ()}, deque([start]), {}, 0
    while queue:
        now, disk = state = queue.popleft()
        way = seen[state]
        if wedged(now) and now == disk:
            bad.setdefault("wedged: purge, uninstall and rollback all refuse", way)
        nexts = []
        for step in steps(now):
            new = act(now, step)
            if sync_end and step == ("del", "marker") and now - disk | disk - now:
                nexts.append(("sync", (now, now)))
                continue
            done = (new, new) if step == ("add", "marker") and sync_marker else (new, disk)
            nexts.append((" ".join(step), done))
        changed = list(now ^ disk)
        for mask in range(1 << len(changed)):  # a power cut: each change on its own is kept or lost
            kept = disk ^ frozenset(n for i, n in enumerate(changed) if mask >> i & 1)
            if "dir" not in kept:
                kept = frozenset()
            nexts.append(("POWER CUT", (kept, kept)))
        for label, new in nexts:
            kinds += 1
            if new not in seen:
                seen[new] = (*way, label)
                queue.append(new)
    said = "; ".join(f"{k}: {' | '.join(v)}" for k, v in bad.items()) or "never wedged"
    print(f"{name}: {len(seen)} states, {kinds} transitions: {said}")
    # from every state a run without faults ends with nothing left
    for start, _ in seen:
        names = start
        for _ in range(30):
            names = act(names, steps(names)[0]) if steps(names) else names
        assert not names, names
    return bad


def wedged_new(
    seen,
):  # every command first looks for the marker and finishes; without it the state must be whole or nothing of ours
    whole = {"generations", "current", "format"} <= seen
    return "marker" not in seen and not whole and bool({"generations", "current", "old"} & seen)


CASES = {
    "0.1.0": (steps_old, wedged_old),
    "marker, not synced first": (steps_new, wedged_new, False),
    "marker synced first, removals not synced before it goes": (steps_new, wedged_new),
    "marker synced first and removals synced before it goes": (steps_new, wedged_new, True, True),
}


if __name__ == "__main__":
    for case, how in CASES.items():
        check(case, *how)
