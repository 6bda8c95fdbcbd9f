"""Rollback along `before`: all histories of commands over the system and one user, up to a length.

    python tests/protocol/check_chain.py [LENGTH [POLICY ...]]     (default 4, all policies; 6 is an hour)

A  root applies the kernel layer (on trial)      B  root applies env and sam's python      C  root applies all three
P  root applies sam's python only                c  confirm                                u  sam applies himself
v  sam rolls back himself                        R  root's rollback                        1 2  root's rollback --to
X  boot with rdna_installer=off                  F  trial failed (boot unit)               I  root's uninstall

Policies: toggle (the highest number below, as in 0.1.0), whole (a rescue takes the newest good generation of the chain)
and step, which is built: a rescue takes the kernel layer only, what it took out is `refused`; changes left by a
rollback are in `left`; a rollback passes both over. The system passes over a step by its own records only: what a user
says of his files is no reason (a lie of his would send root's rollback to an earlier change of the system).
"""

import sys
from collections import Counter, namedtuple

# kernel, env, python: (layer, change that brought it); before: numbers, nearest first; stands: the change whose content
# this is; parts: the last change of root's that had a part of sam's
Gen = namedtuple("Gen", "number before stands kernel env python trial refused left parts")
ZERO = Gen(0, (), 0, None, None, None, False, frozenset(), frozenset(), 0)
COMMANDS = "ABCPcuvR12XFI"


def push(gens, like, **new):
    return (*gens, like._replace(number=gens[-1].number + 1, **new))


def chain(gens):
    return [gens[n] for n in gens[-1].before]


def first_kernel(gens, gen, refused):
    """The kernel layer of a generation, or of the first before it whose kernel layer was not refused."""
    return next(g for g in (gen, *(gens[n] for n in gen.before), ZERO) if g.kernel not in refused)


def applied(gens, change, layers, **more):
    cur = gens[-1]
    new = {layer: (layer, change) for layer in layers}
    if "kernel" in layers:
        new |= {"trial": True}
    return push(gens, cur, before=(cur.number, *cur.before), stands=change, **new, **more)


def files(gen):
    return gen.kernel, gen.env, gen.python


def back(gens, to, policy):
    cur, t = gens[-1], gens[to]
    if policy != "step":
        return push(gens, t)
    k = first_kernel(gens, t, cur.refused)
    return push(gens, t, kernel=k.kernel, trial=k.trial, refused=cur.refused, left=cur.left | {cur.stands})


def target(gens):
    """Where rollback goes: the nearest before that was not left by a rollback since."""
    cur = gens[-1]
    return next(n for n in (*cur.before, 0) if n == 0 or gens[n].stands not in cur.left | {cur.stands})


def rollback(sys_, sam, policy):
    """root's: (system, sam, said) or None: nothing to go back to. Steps that change nothing are passed over."""
    if policy == "toggle":
        if sys_[-1].number == 0:
            return None

        def older(gens):
            return next((g for g in reversed(gens) if g.stands != gens[-1].stands), ZERO)  # confirm is of the same run

        run_ = 1000 + len(sys_)  # a rollback is a command of its own
        new = push(sys_, older(sys_), stands=run_)
        moved = push(sam, older(sam), stands=run_) if len(sam) > 1 and sam[-1].stands == sys_[-1].stands else sam
        return new, moved, ""
    start, said = files(sys_[-1]), ""
    s, u = sys_, sam
    while s[-1].before:
        undone, parts = s[-1].stands, s[-1].parts
        to = target(s) if policy == "step" else s[-1].before[0]
        gone = [s[-1], *(s[n] for n in s[-1].before[: s[-1].before.index(to)])]
        passed = {g.stands for g in gone}  # a change passed over goes for all its parts
        had_parts = any(g.parts == g.stands for g in gone)
        if parts == undone and u[-1].stands != undone:
            said = "sam's part was changed by sam and stays"
        while u[-1].stands in passed and u[-1].before:
            u = back(u, target(u) if policy == "step" else u[-1].before[0], policy)
        s = back(s, to, policy)
        if files(s[-1]) != start or had_parts:
            break
    else:
        return None
    # one generation a command: the intermediate ones are not written
    s = (*sys_, s[-1]._replace(number=len(sys_)))
    u = u if u is sam else (*sam, u[-1]._replace(number=len(sam)))
    return s, u, said


def own_rollback(sam, policy):
    if policy == "toggle":
        return push(sam, sam[-2], stands=-1000 - len(sam)) if len(sam) > 1 else None
    while sam[-1].before:
        t = sam[target(sam) if policy == "step" else sam[-1].before[0]]
        new = push(sam, t, left=sam[-1].left | {sam[-1].stands})
        if files(new[-1]) != files(sam[-1]):
            return new
        sam = (*sam[:-1], sam[-1]._replace(before=t.before, stands=t.stands, left=new[-1].left))
    return None


def rescue(sys_, good, policy):
    """The boot unit: system only."""
    cur = sys_[-1]
    if good(cur):
        return None
    if policy == "toggle":
        return push(sys_, next(g for g in reversed(sys_[:-1]) if good(g)))
    t = next(g for g in (*chain(sys_), ZERO) if good(g))
    if policy == "whole":
        return push(sys_, t)
    bad = frozenset(g.kernel for g in (cur, *chain(sys_)) if g.kernel and g.number > t.number and not good(g))
    return push(sys_, cur, kernel=t.kernel, trial=t.trial, refused=cur.refused | bad)


def run(state, command, change, policy):
    """The next state or None: refused, or nothing to do."""
    sys_, sam, left, seen = state
    s, u, cur, said = sys_, sam, sys_[-1], ""
    if command in "ABCP":
        layers = {"A": ("kernel",), "B": ("env",), "C": ("kernel", "env"), "P": ()}[command]
        s = applied(sys_, change, layers, parts=change if command != "A" else cur.parts)
        u = sam if command == "A" else applied(sam, change, ("python",))
    elif command == "c":
        if not (cur.kernel and cur.trial):
            return None
        s = push(sys_, cur, trial=False)
    elif command == "u":
        u = applied(sam, -change, ("python",))
    elif command == "v":
        u = own_rollback(sam, policy)
    elif command == "R":
        found = rollback(sys_, sam, policy)
        if found is None:
            return None
        s, u, said = found
    elif command in "12":
        n = int(command)
        if n >= len(sys_) or n == cur.number:
            return None
        t = sys_[n]
        s = push(
            sys_, t, refused=cur.refused - {t.kernel}, left=cur.left - {t.stands}
        )  # by its number: said explicitly
        if sam[-1].stands == cur.parts and t.parts != cur.parts:
            u = push(sam, next(g for g in reversed(sam) if g.stands == t.parts), left=sam[-1].left - {t.parts})
    elif command in "XF":
        good = (lambda g: not g.kernel) if command == "X" else (lambda g: not (g.kernel and g.trial))
        s = rescue(sys_, good, policy)
    elif command == "I":
        if not any(files(cur) + files(sam[-1])):
            return None
        s, u = push(sys_, ZERO, refused=cur.refused, left=cur.left), push(sam, ZERO, left=sam[-1].left)
    if s is None or u is None:
        return None
    was, now = {*files(cur), *files(sam[-1])} - {None}, {*files(s[-1]), *files(u[-1])} - {None}
    problems = []
    if command in "RvXF" and now & left:
        problems.append("brings back what was left")
    if command in "RXF" and s[-1].kernel and s[-1].kernel in left:
        problems.append("brings back refused kernel options")
    if command in "XF" and (s[-1].env, u[-1].python) != (cur.env, sam[-1].python):
        problems.append("rescue takes more than the kernel layer (env goes, sam's python stays)")
    if command == "R" and not said and (s[-1].env, u[-1].python) not in seen:
        problems.append("rollback: env and python were never in force together")
    left = (left | was if command in "RvXF" else left) - now  # an uninstall is no verdict on what it takes away
    return (s, u, left, seen | {(s[-1].env, u[-1].python)}), problems, said


def to_the_start(state, policy):
    """Repeated rollback: stops, and at the machine before us as far as sam has not changed his part himself."""
    for _ in range(40):
        done = run(state, "R", 99, policy)
        if done is None:
            break
        state = done[0]
    else:
        return "repeated rollback does not stop"
    if any(files(state[0][-1])):
        return "repeated rollback stops before the start"
    for _ in range(40):
        done = run(state, "v", 99, policy)
        if done is None:
            return None if not state[1][-1].python else "sam's own rollback stops before the start"
        state = done[0]
    return "sam's own rollback does not stop"


def explore(length, policy):
    count, found, example, named = 0, Counter(), {}, Counter()
    stack = [("", ((ZERO,), (ZERO,), frozenset(), frozenset({(None, None)})))]
    while stack:
        history, state = stack.pop()
        for command in COMMANDS:
            done = run(state, command, len(history) + 1, policy)
            if done is None:
                continue
            new, problems, said = done
            count += 1
            text = history + command
            if said:
                named[said] += 1
                example.setdefault(said, text)
            end = to_the_start(new, policy) if len(text) <= 5 or command in "RXFI" else None
            own = "v" in text or "u" in text
            for what in [*problems, *([end] if end else [])]:
                problem = what + (" (sam acted himself)" if own else "")
                found[problem] += 1
                if problem not in example or len(text) < len(example[problem]):
                    example[problem] = text
            if len(text) < length:
                stack.append((text, new))
    print(f"{policy}: {count} histories of up to {length} commands")
    for problem, n in found.most_common():
        print(f"    {n:8} {problem}: e.g. {example[problem]}")
    for said, n in named.items():
        print(f"    {n:8} named, not moved: {said}: e.g. {example[said]}", flush=True)
    return count, found


POLICIES = ("toggle", "whole", "step")


if __name__ == "__main__":
    for policy in sys.argv[2:] or POLICIES:
        explore(int(sys.argv[1]) if len(sys.argv) > 1 else 4, policy)
