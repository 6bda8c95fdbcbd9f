"""The commit over several owners as a model that is checked whole: each state, each interleaving, each fault.

    python tests/protocol/check_commit.py [USERS [ERRORS [VARIANT ...]]]    (default 1 1, the protocol and all variants)
    python tests/protocol/check_commit.py syncs                             (each sync dropped in turn: an hour)

Every directory entry is a pair (what processes see, what the disk holds); `sync` makes them equal. At every step: any
process may be killed, the power may go (each unsynced entry is kept or lost, independently), a step may fail (budget).
"""

import sys
import time
from collections import deque

# ---- programs: lists of instructions; labels are resolved to indices ------------------------------------------------
# ("set", var, value) ("sync", var) may fail -> handler; ("may", ) may fail without budget
# ("case", var, {value: label, "*": label})
# ("lock", u) fails when held; ("free", u); ("on", label) sets the error handler from here on; ("goto", label); ("end",)


def assemble(lines):
    code, labels, handler = [], {}, None
    for line in lines:
        if isinstance(line, str):
            labels[line] = len(code)
        elif line[0] == "on":
            handler = line[1]
        else:
            code.append((*line, handler))

    def fix(t):
        return labels[t] if isinstance(t, str) and t in labels else t

    out = []
    for ins in code:
        *body, h = ins
        if body[0] == "case":
            body[2] = {k: fix(v) for k, v in body[2].items()}
        if body[0] == "goto":
            body[1] = fix(body[1])
        out.append((*body, fix(h)))
    return out


def put(var, *values):  # renames one after the other, then the sync
    return [*(("set", var, v) for v in values), ("sync", var)]


def undo_user(u, tag):  # the way back of one user: tree first, then the record
    t = f"{tag}t{u}"  # what is to be done with a file is read off the file: an untouched one is left
    tree = [("set", f"T{u}", "mix"), ("set", f"T{u}", "old")]
    return [("case", f"T{u}", {"old": t, "*": t + "x"}), t + "x", *tree, t, ("sync", f"T{u}"), *put(f"D{u}", "none")]


def finish_user(u):
    return [("set", f"D{u}", "gen"), ("sync", f"D{u}")]


def user_part(u, who, opt, done, source="L"):
    """Recovery of one user's part. who: own (public list) or root (under the system's lock, by its records)."""
    p = f"{who}{u}"
    doubt = done
    look = {"commit": p + "fwd", "absent": p + "back"}
    look |= dict.fromkeys(("open", "pruned", "before", "missing"), doubt)
    if who == "root" and opt != "root-trusts-list":  # the system has recovered: its records decide
        source, look = "Sd", {"set": p + "fwd", "none": p + "back"}
    elif who == "root":
        look |= {"before": p + "back", "open": p + "back"}
    if opt == "absence-is-abort":
        look["open"] = look["before"] = p + "back"
    if opt == "missing-is-abort":
        look["missing"] = p + "back"
    if opt == "old-list-is-abort":
        look["before"] = p + "back"
    if opt in ("ack-before-sync", "no-floor"):
        look["pruned"] = p + "back"
    if opt == "roll-forward":
        look = {"*": p + "fwd"}
    return [
        ("on", done),
        ("lock", u),
        *([] if opt in ("no-first-sync", "ack-before-sync") else [("sync", f"D{u}")]),
        ("case", f"D{u}", {"none": p + "free", "new": p + "drop", "tx": p + "ask", "gen": p + "sealed"}),
        p + "ask",
        ("case", source, look),
        p + "fwd",
        *finish_user(u),
        ("goto", p + "ack"),
        p + "sealed",
        ("goto", p + "ack"),
        p + "back",
        *undo_user(u, p),
        ("goto", p + "free"),
        p + "drop",
        *put(f"D{u}", "none"),
        ("goto", p + "free"),
        p + "ack",
        *([("set", f"K{u}", "ack"), ("sync", f"K{u}")] if who == "root" else []),
        p + "free",
        ("free", u),
    ]


def retract(opt):
    """The public list without this change: written beforehand, a rename now. The unsealing is durable already."""
    return [] if opt == "absence-is-abort" else put("L", "absent")


def system_undo(p, opt):
    tree = [("set", "St", "mix"), ("set", "St", "old")]
    return [
        ("case", "St", {"old": p + "s", "*": p + "x"}),
        p + "x",
        *tree,
        p + "s",
        ("sync", "St"),
        *put("Si", "old"),
        *retract(opt),
        *put("Sd", "none"),
    ]


UNDONE = {"none": "undone", "new": "unprep", "tx": "unopen", "gen": "unseal", "set": "unseal", "back": "unopen"}


def coordinator(users, hostile, opt):
    prepare, tell_commit, tell_abort = [], [], []
    for u in users:
        if u in hostile:
            prepare += [("may",)]
            continue
        one = [("lock", u), ("case", f"D{u}", {"none": f"go{u}", "*": "abort"}), f"go{u}"]
        one += [("set", f"D{u}", "new"), ("set", f"D{u}", "tx"), ("sync", f"D{u}"), *put(f"T{u}", "mix", "new")]
        if opt == "user-commits-first":
            one += finish_user(u)
        prepare += [*one, ("free", u)]
        # the owner's lock is not held between vote and outcome: a child may be killed by its user at any time
        asked = {"tx": f"fin{u}", "gen": f"fin{u}", "*": f"next{u}"}
        tell_commit += [("on", f"next{u}"), ("lock", u), ("case", f"D{u}", asked), f"fin{u}", *finish_user(u)]
        tell_commit += [("set", f"K{u}", "ack"), ("sync", f"K{u}"), ("free", u), f"next{u}", ("drop", u)]
        asked = {"tx": f"u{u}", "new": f"n{u}", "*": f"anext{u}"}
        tell_abort += [("on", f"anext{u}"), ("lock", u), ("case", f"D{u}", asked), f"u{u}", *undo_user(u, "a")]
        tell_abort += [("goto", f"anext{u}"), f"n{u}", *put(f"D{u}", "none"), f"anext{u}", ("drop", u)]
    drops = [("drop", u) for u in users if u not in hostile]
    publish = [("set", "L", "commit"), ("sync", "L")]
    late = opt == "system-first"
    early = publish if opt in ("publish-before-activation",) else []
    system = [
        *put("Sd", "tx"),
        *put("St", "mix", "new"),
        ("set", "Sd", "gen"),
        *(publish if opt == "publish-before-sync" else []),
        ("sync", "Sd"),
        *early,
        ("may",),
        *put("Si", "new"),
        *put("Sd", "set"),
    ]
    return [
        ("on", "abort"),
        *([] if opt == "absence-is-abort" else [("set", "L", "open"), ("sync", "L")]),
        *put("Sd", "new"),
        *([] if late else prepare),
        *system,
        ("on", "stop"),
        *publish,
        *([("on", "stop"), *prepare] if late else []),
        *tell_commit,
        ("end",),
        "abort",
        *drops,
        ("on", "stop"),
        *([*tell_abort, ("on", "stop")] if opt == "abort-before-unseal" else []),
        ("case", "Sd", dict(UNDONE)),
        "unseal",
        *put("Sd", "back"),
        "unopen",
        *system_undo("c", opt),
        ("goto", "undone"),
        "unprep",
        *put("Sd", "none"),
        "undone",
        ("set", "L", "absent"),
        ("sync", "L"),
        *tell_abort,
        "stop",
        ("end",),
    ]


def recovery(users, hostile, opt, everybody):
    resync = []  # "what I see is what the disk holds" is made true once, before anything is done
    code = [
        ("on", "stop"),
        *([] if opt == "no-first-sync" else [("sync", "Sd")]),
        (
            "case",
            "Sd",
            {"none": "aborted", "new": "drop", "tx": "undo", "back": "undo", "gen": "finish", "set": "settled"},
        ),
        "drop",
        *put("Sd", "none"),
        ("goto", "aborted"),
        "undo",
        *system_undo("r", opt),
        ("goto", "aborted"),
        "finish",
        ("on", "stop"),
        *resync,
        ("on", "unseal"),
        ("may",),
        *put("Si", "new"),
        *put("Sd", "set"),
        ("on", "stop"),
        ("goto", "commit"),
        "unseal",
        ("on", "stop"),
        *put("Sd", "back"),
        ("goto", "undo"),
        "settled",
        *resync,
        # the list is made again from the system's own records: committed is what a settled generation carries
        "commit",
        ("case", "L", {"commit": "lsync", "pruned": "lsync", "*": "lcommit"}),
        "lcommit",
        ("set", "L", "commit"),
        "lsync",
        ("sync", "L"),
        ("goto", "users"),
        "aborted",
        ("sync", "Sd"),
        ("case", "L", {"open": "labsent", "*": "lsync2"}),
        "labsent",
        ("set", "L", "absent"),
        "lsync2",
        ("sync", "L"),
        ("case", "L", {"missing": "lnew", "*": "users"}),
        "lnew",
        ("set", "L", "before"),
        ("sync", "L"),
        "users",
    ]
    if everybody:
        for u in users:
            if u not in hostile:
                code += [*user_part(u, "root", opt, f"done{u}"), f"done{u}", ("drop", u), ("on", "stop")]
    # forgetting: only when every part has said, after its sync, that it is done
    for u in users:
        if u not in hostile:
            code += [("case", f"K{u}", {"ack": f"k{u}", "*": "stop"}), f"k{u}"]
    code += [
        ("case", "L", {"commit": "prune", "*": "stop"}),
        "prune",
        ("set", "L", "pruned"),
        ("sync", "L"),
        "stop",
        ("end",),
    ]
    return code


class Model:
    def __init__(self, users=1, errors=1, opt="", hostile=(), list_loss=True):
        self.users, self.hostile, self.opt = tuple(range(users)), set(hostile), opt
        self.honest = [u for u in self.users if u not in self.hostile]
        self.names = ["Sd", "St", "Si", "L"] + [f"{x}{u}" for u in self.honest for x in "DTK"]
        self.ix = {n: i for i, n in enumerate(self.names)}
        self.code = {
            "C": assemble(coordinator(self.users, self.hostile, opt)),
            "B": assemble(recovery(self.users, self.hostile, opt, False)),
            "R": assemble(recovery(self.users, self.hostile, opt, True)),
        }
        for u in self.honest:
            self.code[f"V{u}"] = assemble([*user_part(u, "own", opt, "out"), "out", ("drop", u), ("end",)])
        start = {"Sd": "none", "St": "old", "Si": "old", "L": "before"}
        of_user = {"D": "none", "T": "old", "K": "no"}
        values = tuple((v, v) for v in (start[n] if n in start else of_user[n[0]] for n in self.names))
        # state: (values, root process (kind, pc) | None, user processes, locks, errors left,
        #         the list may be lost or be an old one)
        idle = (None,) * len(self.honest)
        self.start = (values, ("C", 0), idle, idle, errors, 1 if list_loss else 0)

    def get(self, values, name):
        return values[self.ix[name]][0]

    def step(self, state, slot):
        """Successors of one step of a process (slot -1: root's); yields (label, state)."""
        values, root, own, locks, errors, loss = state
        kind, pc = root if slot < 0 else own[slot]
        ins = self.code[kind][pc]
        op, handler = ins[0], ins[-1]
        me = "root" if slot < 0 else "own"

        def to(new_pc, new_values=values, new_locks=locks, err=0):
            proc = None if new_pc is None else (kind, new_pc)
            if new_pc is None:
                gone = [k == me and (slot < 0 or i == slot) for i, k in enumerate(new_locks)]
                new_locks = tuple(None if end else k for end, k in zip(gone, new_locks, strict=True))
            if slot < 0:
                return (new_values, proc, own, new_locks, errors - err, loss)
            return (new_values, root, (*own[:slot], proc, *own[slot + 1 :]), new_locks, errors - err, loss)

        label = f"{kind}:{op} {' '.join(str(x) for x in ins[1:3] if not isinstance(x, dict))}"
        if op in ("set", "sync"):
            i = self.ix[ins[1]]
            seen, disk = values[i]
            after = (ins[2], disk) if op == "set" else (seen, seen)
            changed = (*values[:i], after, *values[i + 1 :])
            yield label, to(pc + 1, changed)
            if errors and handler is not None:
                yield label + " FAILS", to(handler, err=1)
                if op == "sync" and changed != values:
                    yield label + " FAILS (but is on the disk)", to(handler, changed, err=1)
        elif op == "may":
            yield label + " ok", to(pc + 1)
            yield label + " FAILS", to(handler)
        elif op == "case":
            table = ins[2]
            seen = self.get(values, ins[1])
            yield label + "=" + seen, to(table.get(seen, table.get("*")))
        elif op == "lock":
            u = self.honest.index(ins[1])
            if locks[u] in (None, me):
                yield label, to(pc + 1, new_locks=(*locks[:u], me, *locks[u + 1 :]))
            else:
                yield label + " BUSY", to(handler)
        elif op in ("free", "drop"):
            u = self.honest.index(ins[1])
            mine = None if locks[u] == me else locks[u]
            yield label, to(pc + 1, new_locks=(*locks[:u], mine, *locks[u + 1 :]))
        elif op == "goto":
            yield label, to(ins[1])
        else:
            yield label, to(None)

    def successors(self, state):
        values, root, own, locks, errors, loss = state
        if root:
            yield from self.step(state, -1)
            freed = tuple(None if k == "root" else k for k in locks)
            yield "kill " + root[0], (values, None, own, freed, errors, loss)
        else:
            for kind in "BR":
                yield f"start {kind}", (values, (kind, 0), own, locks, errors, loss)
        for i, proc in enumerate(own):
            if proc:
                yield from self.step(state, i)
                free = (*locks[:i], None if locks[i] == "own" else locks[i], *locks[i + 1 :])
                yield f"kill {proc[0]}", (values, root, (*own[:i], None, *own[i + 1 :]), free, errors, loss)
            else:
                begun = (*own[:i], (f"V{self.honest[i]}", 0), *own[i + 1 :])
                yield f"start V{self.honest[i]}", (values, root, begun, locks, errors, loss)
        if loss:  # somebody removes the list, or brings back one of before the change; seen by all, on the disk
            for what in ("missing", "before"):
                i = self.ix["L"]
                if values[i] != (what, what):
                    lost = (*values[:i], (what, what), *values[i + 1 :])
                    yield f"list becomes {what}", (lost, root, own, locks, errors, loss - 1)
        idle = (None,) * len(own)
        unsynced = [i for i, (seen, disk) in enumerate(values) if seen != disk]
        for mask in range(1 << len(unsynced)):
            after = list(values)
            for bit, i in enumerate(unsynced):
                kept = values[i][0] if mask >> bit & 1 else values[i][1]
                after[i] = (kept, kept)
            yield "POWER CUT", (tuple(after), None, idle, idle, errors, loss)

    def wrong(self, state, before=None):
        """The broken invariant, or None."""
        values = state[0]

        def g(n):
            return self.get(values, n)

        if g("Sd") in ("none", "new") and (g("St"), g("Si")) != ("old", "old"):
            return "system: no transaction, but not old"
        if g("Sd") == "set" and (g("St"), g("Si")) != ("new", "new"):
            return "system: committed, but not new"
        if g("L") in ("commit", "pruned") and values[self.ix["Sd"]] != ("set", "set"):
            return "the public list says committed, the system may still go back"
        for u in self.honest:
            if g(f"D{u}") in ("none", "new") and g(f"T{u}") != "old":
                return f"user {u}: no transaction, but not old"
            if g(f"D{u}") == "gen" and g(f"T{u}") != "new":
                return f"user {u}: committed, but not new"
            if g(f"D{u}") == "gen" and g("Sd") != "set":
                return f"user {u} has committed, the system has not"
            if g("Sd") == "set" and g(f"D{u}") not in ("tx", "gen"):
                return f"the system has committed, user {u} is back at old"
        return None

    def run_alone(self, state, kind, slot):
        """One process to its end, nothing else happens, nothing fails."""
        values, _, own, _locks, _, _ = state
        idle = (None,) * len(own)
        begun = idle if slot < 0 else (*idle[:slot], (kind, 0), *idle[slot + 1 :])
        now = (values, (kind, 0) if slot < 0 else None, begun, idle, 0, 0)
        for count in range(200):
            if (now[1] if slot < 0 else now[2][slot]) is None:
                return now, count
            now = next(iter(self.step(now, slot)))[1]
        raise AssertionError("recovery does not end")

    def settled(self, state):
        """Fault-free recovery from a state without processes: what the boot unit, each user and root come to."""
        booted, _ = self.run_alone(state, "B", -1)
        known = self.get(booted[0], "L") in ("commit", "absent")
        after, end = booted, None
        for i, u in enumerate(self.honest):
            after, _ = self.run_alone(after, f"V{u}", i)
            if known and self.get(after[0], f"D{u}") in ("tx", "new"):
                return f"user {u} is held although the outcome is public"
        rooted, _ = self.run_alone(state, "R", -1)
        again, _ = self.run_alone(rooted, "R", -1)
        if again[0] != rooted[0]:
            return "recover twice is not recover once"
        if self.get(rooted[0], "Sd") != self.get(booted[0], "Sd"):
            return "root's recover and the boot unit decide differently"
        late, _ = self.run_alone(after, "R", -1)
        for end in (rooted, late):
            for u in self.honest:
                want = {"set": ("gen", "new"), "none": ("none", "old")}[self.get(end[0], "Sd")]
                if (self.get(end[0], f"D{u}"), self.get(end[0], f"T{u}")) != want:
                    return f"after root's recover user {u} does not agree"
            if self.wrong(end):
                return self.wrong(end)
        return None

    def check(self, limit=4_000_000):
        seen, queue, settled = {self.start: None}, deque([self.start]), {}
        edges = 0
        while queue:
            state = queue.popleft()
            for label, new in self.successors(state):
                edges += 1
                why = self.wrong(new, state)
                if new not in seen:
                    seen[new] = (label, state)
                    if not why and new[1] is None and not any(new[2]) and new[0] not in settled:
                        settled[new[0]] = why = self.settled(new)
                    queue.append(new)
                if why:
                    return len(seen), edges, why, [*self.trace(seen, state), label]
                if len(seen) > limit:
                    return len(seen), edges, "LIMIT REACHED", []
        return len(seen), edges, None, []

    def trace(self, seen, state):
        way = []
        while seen[state]:
            label, state = seen[state]
            way.append(label)
        return way[::-1]


VARIANTS = (
    "user-commits-first", "system-first", "roll-forward", "absence-is-abort", "publish-before-sync", "no-first-sync",
    "publish-before-activation", "abort-before-unseal", "ack-before-sync", "missing-is-abort", "old-list-is-abort",
    "root-trusts-list",
)  # fmt: skip


def without_each_sync(users, errors):
    """Is every sync needed? Each is dropped in turn; what survives is named."""
    plain = Model(users, errors)
    needed, spare = [], []
    for kind, code in plain.code.items():
        for pc, ins in enumerate(code):
            if ins[0] != "sync":
                continue
            model = Model(users, errors)
            model.code[kind] = [*code[:pc], ("goto", pc + 1, None), *code[pc + 1 :]]
            _states, _, why, _ = model.check()
            where = f"{kind}:{pc} {ins[1]} after {' '.join(map(str, code[pc - 1][:3]))}"
            (needed if why else spare).append(where + (f": {why}" if why else ""))
    print(f"syncs dropped one by one: {len(needed)} are needed, {len(spare)} without effect in this model:")
    print(*spare, "needed:", *needed, sep="\n    ", flush=True)


def main(argv):
    if argv and argv[0] == "syncs":
        return without_each_sync(1, 1)
    users, errors = int(argv[0]) if argv else 1, int(argv[1]) if len(argv) > 1 else 1
    for opt in argv[2:] or ["", "hostile", *VARIANTS]:
        begun = time.time()
        if opt.startswith("hostile"):
            model = Model(users + 1, errors, "", hostile={0})
        else:
            model = Model(users, errors, "" if opt == "protocol" else opt)
        states, edges, why, way = model.check()
        size = f"users={users} errors={errors} states={states} transitions={edges} {time.time() - begun:.0f}s"
        print(f"{opt or 'protocol':26} {size}: {why or 'no violation'}", flush=True)
        if way:
            short = [w for w in way if ":case" not in w and ":goto" not in w and ":drop" not in w and ":free" not in w]
            print("    " + " | ".join(short[-14:]), flush=True)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
