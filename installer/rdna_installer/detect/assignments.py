"""Find environment assignments in shell start-up files and the like, without running them.

A reader for questions ("where is this variable set?"), not a shell: conditions count as true, values keep their
``$``. Whatever the file holds, it ends quickly and raises nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fnmatch import filter as fitting
from fnmatch import fnmatchcase
from itertools import accumulate, dropwhile, takewhile

from rdna_installer.detect.dotfiles import Assignment, dialects
from rdna_installer.record import record, replace

QUICK, WORTH = (re.compile(pattern) for _, pattern in dialects()["ours"])  # where one may be; one's name
# What they are, dialects.tsv says.
(
    DEFAULTED, SOURCED, FRAMEWORK, PLUGINS, LOOP, NAMES, BRACES, NAMED, WHICH, ONCE, CASE, SWITCH,
    CONFIG, BESIDE, SECTION, HIDDEN, ASSIGN, PIECES, FED, HEREDOC, OF_LIST,
    NEW_LIST, ALL_EXPORTED, SET_OF, PLAIN, BOUND, BRANCH, COMPARED,
) = (re.compile(pattern) for _, pattern in dialects()["grammar"])  # fmt: skip
QUOTED = 4000  # characters of a quote
# Words of shells: before a command; that open and that close a part that may not be run at all; that export; that start
# a program with the variables after them, and their options with a word of their own; what lasts; what starts nothing;
# shells; that ask; after which a name may have any value; names of a framework's own folder.
OPENERS, OPENING, CLOSING, EXPORTERS, STARTERS, WITH_WORD, LASTING, QUIET, SHELLS, ASKING, CHANGING, CUSTOM = (
    frozenset(words.split(" ")) for _, words in dialects()["vocabulary"]
)
ARRAY, SPLIT = "=\0", " "  # the end of an array's name, and of the name of what is split into words
FISH_SET = {"--export": "x", "--unexport": "u", "--erase": "e", "--local": "l", "--universal": "U"}
HOLDS = {"-gt": "+", "-ge": "+0", "-lt": "-", "-le": "-0", "-eq": "0", "-ne": "+-"}  # where the left one is more, less
LISTED = 500  # words of one command
LISTS = 50  # tables by other names that are passed on


@record(frozen=True)
class _Word:
    line: int
    text: str
    literal: bool  # nothing in it was quoted: it may be a keyword


def in_shell(text: str, *, launched: bool = False, known: Iterable[str] = ()) -> list[Assignment]:
    """Assignments in sh, bash, zsh, csh or fish code that reach other programs: exported ones, the last of each name;
    and for a program only, those of aliases and functions.

    ``launched``: also those for a program that the code starts (``K=V python``, ``env K=V``, ``docker run -e K=V``).
    ``known``: what it gets in its own environment: of these a plain assignment is exported too.
    """
    if not QUICK.search(text):
        return []
    exported, always = set(known), False
    found: list[tuple[int, bool, Assignment]] = []
    aliases: dict[str, list[Assignment]] = {}
    functions: list[tuple[str, bool, bool, Assignment]] = []
    starting, top = set[str](), set[str]()
    values: dict[str, str] = {}
    sure = set[str]()  # what has a value, whatever was run
    commands = [*_commands(_without_heredocs(text) + "\n:")]  # so that the last one's end is known, too
    words_in = Counter(word.text for command, _ in commands if command[0].text != "unset" for word in command)
    open_ended = any(command[0].text[:1] == "$" for command, _ in commands)  # it may call anything
    for depth, function, words in _spread(_last([*_run(commands, launched)])):
        name = words[0].text if words else ""
        called = function != "" and not launched
        if function and launched and words_in[function] < 2 and not open_ended:
            continue
        if name in ("alias", "abbr", "unalias"):
            aliases.update(_aliases(words))
            continue
        plain = _assigned(words)
        alone = len(plain) == len(words)
        left = {a.key for a in plain if a.key in sure and re.fullmatch(r"\$\{\w+:?[-=].*", a.value or "")}  # as it is
        sure |= {a.key for a in plain if a.value and not (depth or function)}
        if not function:
            top.add(name)
        elif not (alone or name in QUIET or name == function):
            starting.add(function)
        values.update(
            (a.key, a.value or "")
            for a in plain
            if a.key not in left and (alone or name in EXPORTERS or (name == ":" and a.key not in values))
        )
        alone = alone or (plain != [] and name in EXPORTERS and not _exports(name, words[1:]))
        if name == "set":
            always, own, stays = _set(words[1:], always)
            values.update((a.key, a.value or "") for a in own)
            plain, alone = (own, True) if stays else (plain, alone)  # exported where it was
        exported = exported if called else _exported(name, words[1:], exported)
        named = plain if alone or name == ":" else in_command(words) if launched or called or name in LASTING else []
        named = named or ([] if alone else _by_name(name, words[1:], called, values))
        named = _evaluated(words) if name in ("eval", "emulate") else named
        if called:
            lasts = (a for a in named if _given(a) and not alone and a.value is not None)
            functions += [(function, _is_local(words), name in EXPORTERS or name == "set", a) for a in lasts]
        else:
            bare = (alone or name == ":") and not always
            found += [(depth, bare, a) for a in named if _given(a) and a.key not in left]
    lines = [(d, a) for d, bare, a in found if not bare or a.key in exported]
    last = {a.key: place for place, (d, a) in enumerate(lines) if d == 0}
    lasting = [a for place, (_, a) in enumerate(lines) if place >= last.get(a.key, 0)]
    calls = {f for f in top if words_in[f] > 1}  # once it is defined
    used = [
        replace(a, only=local or f not in calls)
        for f, local, bare, a in functions
        if not bare or f in starting or (words_in[f] > 1 and not local)
    ]
    every = [*lasting, *used, *(a for each in aliases.values() for a in each)]
    return [a if a.value is None else replace(a, value=filled(a.value, values, but=a.key)) for a in every]


def _is_local(words: Sequence[_Word]) -> bool:
    """Whether a command in a function sets variables of that function's own."""
    flags = "".join(word.text for word in words[1:] if word.text[:1] == "-")
    return words[0].text in ("declare", "typeset", "local", "set") and not {"g", "U"} & {*flags}


def _evaluated(words: Sequence[_Word]) -> list[Assignment]:
    code = [*dropwhile(lambda word: word.text == "eval", words)]  # eval of eval is the same eval
    if words[0].text == "emulate":  # zsh's: emulate sh -c CODE
        code = [*words[-1:]] if words[-2:][0].text == "-c" else []
    return [replace(a, line=words[0].line) for a in in_shell(" ".join(word.text for word in code))]


def _set(arguments: Sequence[_Word], always: bool) -> tuple[bool, list[Assignment], bool]:
    """Of ``set``: whether all is exported from here on, what fish sets, and whether that is exported as it was."""
    switch = ALL_EXPORTED.fullmatch(" ".join(w.text for w in arguments))
    letters, own = _fish_set(arguments)
    stays = letters in ("", "g") and own != [] and own[0].key.isidentifier() and (own[0].value or "=")[0] != "="
    return switch[1] == "-" if switch else always, own, stays


def _run(commands: Sequence[tuple[list[_Word], str]], launched: bool) -> Iterator[tuple[int, str, list[_Word]]]:
    """(how deep among conditions, in which function, words) of each command that can have a lasting effect: not after
    a ``return``, not where a condition never holds, not in a pipe, nor in a subshell but of what starts a program.
    """
    depth = parens = 0
    body = dead = taken = -1
    asking = barred = held = False
    function = before_that = ""
    known: dict[str, str | None] = {}
    says: dict[str, bool | None] = {}  # what functions that are one condition come to
    ends = [*(before for _, before in commands[1:]), ""][: len(commands)]
    groups = [0] * len(commands) if launched else _groups_apart(commands, ends)
    for place, ((command, before), behind) in enumerate(zip(commands, ends, strict=True)):
        keywords = takewhile(lambda word: word.literal and word.text in OPENERS, command)
        keys = [word.text for word in keywords]
        words, outside = command[len(keys) :], depth
        parens = max(0, parens + before.count("(") - before.count(")"))
        opened = sum((key in OPENING) - (key in CLOSING) for key in keys)
        depth = max(0, depth + opened - (before[:2] == "()" and 0 <= body == depth - 1))
        if body < 0 and ("function" in keys or before[:2] == "()"):
            body, function = outside, words[0].text if "function" in keys and words else before_that
        elif depth <= body:
            body, function = -1, ""
        before_that = command[-1].text
        fails, either = _fails(words, {} if function else known), before.startswith("||")
        fails = says.get(words[0].text, fails) if len(words) == 1 and not function else fails
        fails = not fails if "!" in keys and fails is not None else fails
        if function and words and words[0].text != function:
            says[function] = None if function in says else fails
        keys = [key for key in keys if key != "!"]
        asking = bool(ASKING & {*keys}) or (asking and not {"then", "do"} & {*keys})
        keys = ["if"] if asking and fails and before[:2] == "&&" else keys
        if either:  # one of several conditions
            dead, fails = -1 if dead == depth - 1 and not barred else dead, fails if "if" in keys else None
        dead, taken = _cut(depth, keys, before, fails, dead, taken)
        sure = not (depth or parens or before.endswith(("&", "|"))) or (either and barred and not depth)
        _learn(known, words, surely=sure and not function, loop="for" in keys or before.endswith("(("))
        if words and words[0].text in ("return", "exit") and sure:
            return
        barred = (fails is True and not ASKING & set(keys)) or (barred and before.startswith("&&")) or (held and either)
        held = fails is False or (held and either)
        apart = groups[place] > 0 or (_elsewhere(behind) and _stays(words))
        if dead >= 0 or barred or apart or (parens and not (launched or function)):
            continue
        yield depth, function, words
        if sure and len(words) > 1 and words[0].text == "exec" and not re.match(r"[{\d]", words[1].text):
            return  # another program has taken its place


def _stays(words: Sequence[_Word]) -> bool:
    """Whether a command only sets variables, of its own shell: in a pipe or in the background that is another one."""
    return bool(words) and (words[0].text in {*EXPORTERS, "unset"} or len(_assigned(words)) == len(words))


def _groups_apart(commands: Sequence[tuple[list[_Word], str]], ends: Sequence[str]) -> Sequence[int]:
    """For each command in how many groups it is that are run in a pipe or in the background."""
    begun, deeper = list[int](), [0] * (len(commands) + 1)
    for place, ((command, _), end) in enumerate(zip(commands, ends, strict=True)):
        keys = [word.text for word in takewhile(lambda word: word.literal and word.text in OPENERS, command)]
        for key in keys:
            if key in OPENING:
                begun.append(place)
            elif key in CLOSING and begun:
                apart = _elsewhere(end)
                deeper[begun.pop()] += apart
                deeper[place] -= apart
    return [*accumulate(deeper)]


def _elsewhere(end: str) -> bool:
    """Whether what ends a command puts it into another shell."""
    return end[:1] in ("|", "&") and end[:2] not in ("||", "&&")


def _last(run: Sequence[tuple[int, str, list[_Word]]]) -> Iterable[tuple[int, str, list[_Word]]]:
    """Without the bodies of functions that are made again before anybody names them."""
    again, within, kept = set[str](), "", []
    for depth, function, words in reversed(run):
        if within not in ("", function) and depth == 0:
            again.add(within)  # here its making began
        if function not in again:
            again -= {word.text for word in words} - {within}
            kept.append((depth, function, words))
        within = function
    return reversed(kept)


def _spread(run: Iterable[tuple[int, str, list[_Word]]]) -> Iterator[tuple[int, str, list[_Word]]]:
    """The commands with the words of lists that the code makes (arrays, loops over words), and as what they do those of
    its own functions that export what they are given, and of ``printf -v``."""
    lists: dict[str, list[_Word]] = {}
    givers = set[str]()
    for depth, function, command in run:
        words = [each for word in command for each in _listed(word, lists)][: max(LISTED, len(command))]
        array = next((at for at, word in enumerate(words) if word.text.endswith(ARRAY)), -1)
        texts = [word.text for word in words]
        if array >= 0:
            name, more, _ = texts[array][: -len(ARRAY)].partition("+")
            lists[name] = [*(lists.get(name, []) if more else []), *words[array + 1 :]][:LISTED]
            continue
        for word, match in ((word, ASSIGN.fullmatch(word.text)) for word in words):
            if match and " " in match[2]:  # words where it stands without quotes; of branches each may be
                split = [_Word(word.line, each, True) for each in match[2].split()]
                lists[match[1] + SPLIT] = [*(lists.get(match[1] + SPLIT, []) if depth else []), *split][:LISTED]
        if texts[1:2] == ["in"]:
            lists[texts[0]] = words[2:]
        elif function and texts[-1:] in (["$argv"], ["$@"], ["$1=$2"]) and _exports(texts[0], words[1:]):
            givers.add(function)
        elif texts[:1] == ["printf"] and texts[1:2] == ["-v"] and len(texts) > 3:
            words = [replace(words[2], text=f"{texts[2]}={texts[3].replace('%s', texts[-1])}")]
        elif texts[:1] and texts[0] in givers and len(texts) > 1:
            pair = texts[1] if "=" in texts[1] else f"{texts[1]}={' '.join(texts[2:])}"
            words = [replace(words[0], text="export"), replace(words[1], text=pair)]
        yield depth, function, words


def _listed(word: _Word, lists: Mapping[str, list[_Word]]) -> Iterable[_Word]:
    """The words that one stands for; of a map's ``[NAME]=VALUE`` as an assignment."""
    match = OF_LIST.fullmatch(word.text)
    name = (match[1] or match[2]) if match else ""
    pairs = lists.get(name) or (lists.get(name + SPLIT) if word.literal else None) or [word]
    mapped = match is not None and match[2] and pairs != [word]
    return [replace(each, text=each.text.replace("]=", "=", 1)[1:]) for each in pairs] if mapped else pairs


def _cut(depth: int, keys: list[str], before: str, fails: bool | None, dead: int, taken: int) -> tuple[int, int]:
    """The depth below which nothing is run, and that of a condition that holds: of what follows it no branch is."""
    asks, again = ASKING & {*keys[-1:]}, {"else", "elif"} & {*keys}
    if again and depth - 1 == taken:
        dead = taken
    elif dead < 0 and asks and fails:
        dead = depth - 1
    elif depth <= dead or (depth == dead + 1 and again):
        dead = -1
    if asks and dead < 0 and fails is False:
        return dead, depth - 1
    return dead, -1 if depth <= taken or before[:2] == "&&" else taken


def _learn(known: dict[str, str | None], words: Sequence[_Word], *, surely: bool, loop: bool) -> None:
    """The values that names surely have; None for one that may have had another."""
    name = words[0].text if words else ""
    if name in (".", "source", "eval"):
        known.clear()
    for word in words if loop or name in CHANGING else ():
        known.update(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", word.text)))
    for match in (m for word in words if (m := ASSIGN.fullmatch(word.text))):
        plain = surely and not {"$", "`", "("} & {*match[2]} and "+=" not in match[0][: len(match[1]) + 2]
        known[match[1]] = match[2] if plain and known.get(match[1], "") is not None else None


def _fails(words: Sequence[_Word], known: Mapping[str, str | None]) -> bool | None:
    """Whether a condition never holds, or always does (False), by its words and by what is known alone."""
    values = {name: value for name, value in known.items() if value is not None}
    name, *texts = [filled(word.text, values) for word in words if word.text not in ("]", "]]")] or [""]
    whole = name == "test" or (words[-1:] and words[-1].text == {"[": "]", "[[": "]]"}.get(name))
    if not whole or {"$", "`", "("} & {*"".join(texts)}:
        return {"false": True, "true": False}.get(name) if len(words) == 1 else None
    if len(texts) == 1:
        return texts[0] == ""
    if len(texts) == 2:
        return {"-n": texts[1] == "", "-z": texts[1] != ""}.get(texts[0])
    if len(texts) != 3:
        return None
    left, sign, right = texts
    if sign[:1] == "-":  # of numbers, and of names that have one
        left, right = values.get(left, left), values.get(right, right)
    if sign in HOLDS and left.isdecimal() and right.isdecimal() and len(left + right) < QUOTED:
        return "0+-"[(int(left) > int(right)) - (int(left) < int(right))] not in HOLDS[sign]
    if sign == "=~" and PLAIN.fullmatch(right):
        sign, right = "=", f"*{right}*"
    same = fnmatchcase(left, right)
    return {"!=": same, "=": not same, "==": not same}.get(sign)


def settled(text: str, questions: Sequence[tuple[str, str]], facts: Mapping[str, str]) -> str:
    """Code with what this machine answers to some questions, and without the branches for other answers."""
    for answer, pattern in questions:
        known = facts.get(answer, answer)
        text = re.sub(pattern, known, text) if known else text
    told = {facts.get(answer, answer) for answer, _ in questions}
    text = _asked(text) if WHICH.search(text) else text
    return _taken(SWITCH.sub(_branch, CASE.sub(_branch, text)), told)


def _asked(text: str) -> str:
    """With the word that ``case`` asks for where it is a name that has one value, outside of all else."""
    often = Counter(re.findall(r"\b([A-Za-z_]\w*)\+?=", text))
    loose = {*" ".join(re.findall(r"\b(?:read|for|getopts|local)\b(.*)", text)).split()}
    values = {m[1]: m[2] for m in ONCE.finditer(text) if often[m[1]] == 1 and m[1] not in loose}
    return WHICH.sub(lambda m: m[1] + (values.get(m[2]) or m[0][len(m[1]) :]), text)


def _taken(text: str, told: Container[str]) -> str:
    """Code that is no shell's without the branches that are not run, by how far its lines are indented: of names that
    are bound once, to what was ``told`` or outside of all blocks."""
    bound = [*BOUND.finditer(text)]
    often = Counter(m["name"] for m in bound)
    values = {m["name"]: m["value"] for m in bound if often[m["name"]] == 1 and (m["top"] or m["value"] in told)}
    lines, taken, off = text.split("\n"), dict[int, bool](), QUOTED
    for at, line in enumerate(lines):
        deep = len(line) - len(line.lstrip()) if line else QUOTED
        if deep > off:
            lines[at] = ""
        elif branch := BRANCH.fullmatch(line):
            before = branch["word"] != "if" and taken.get(deep, False)
            asked = re.sub(r"[A-Za-z_]\w*", lambda m: values.get(m[0]) or m[0], branch["asked"] or "")
            holds = _holds(asked) if asked else True
            off = deep if before or holds is False else QUOTED
            taken[deep] = before or holds is True
        elif line.strip():
            off = QUOTED
            taken.pop(deep, None)
    return "\n".join(lines)


def _holds(condition: str) -> bool | None:
    """Whether one of Python, JavaScript, Lua and the like that compares known texts holds."""
    condition = re.sub(r"^\(((?:[^()]|\([^()]*\))*)\)$", r"\1", condition.strip())
    for word, ends in ((r"or|\|\|", True), ("and|&&", False)):
        if len(parts := re.split(rf"(?<!\w)(?:{word})(?!\w)", condition)) > 1:
            said = {_holds(part) for part in parts}
            return ends if ends in said else None if None in said else not ends
    if not (m := COMPARED.fullmatch(condition)):
        return None
    left, texts = m["left"], re.findall("[\"'`]([^\"'`]*)[\"'`]", m["right"])
    ways = {"s": left.startswith, "e": left.endswith, "i": left.__contains__, "": left.__eq__}
    same = left in texts[0] if m["in"] and not m["several"] else any(map(ways[(m["call"] or "")[:1]], texts))
    return same == (bool(m["no"]) == bool(m["other"]))


def _branch(case: re.Match[str]) -> str:
    """The one that is run where the word is known."""
    parts, kept = re.split(r"(?<=;;)(?!&)|(?<=;&)|^(?=[ \t]*case[ \t])", case["body"], flags=re.MULTILINE), False
    fits, before = False, ""
    for at, part in enumerate(parts):
        falls = at > 0 and fits and before.rstrip().endswith(";&")
        before = part
        names = re.match(r"\s*(?:#.*\s*)*(?:case[ \t]+(.*)|\(?([^)\n]*)\))", part)
        choices = re.split(r"[|\s]+", names[1] or names[2]) if names else ()
        fits = falls or (not kept and any(fnmatchcase(case["word"], name.strip("\"'")) for name in choices))
        parts[at] = re.sub(r"^\s*case[ \t].*" if fits else ".", lambda m: re.sub(".", " ", m[0]), part)
        kept = kept or fits
    return case[0].replace(case["body"], "".join(parts))


def filled(text: str, values: Mapping[str, str], *, but: str | None = None, free: bool = False) -> str:
    """With the values of names that are known; of a variable's (``but``) or a value ("") also that beside one, and
    where nobody has set that variable before (``free``) that beside itself."""

    def known(m: re.Match[str]) -> str:
        name, other = m[1] or m[3] or m[4], m[2] if but is not None and m[0] == text and m[2] is not None else m[0]
        return (other if free else m[0]) if name == but else values.get(name, other)

    return NAMED.sub(known, text, count=1000)


def _aliases(words: Sequence[_Word]) -> Iterator[tuple[str, list[Assignment]]]:
    """What aliases or abbreviations start their programs with, by name; sh writes NAME=COMMAND, fish NAME COMMAND."""
    pairs = [(word, *word.text.partition("=")[::2]) for word in words[1:]]
    if words[0].text != "unalias" and len(words) > 2 and "=" not in words[-2].text:
        pairs = [(words[-1], words[-2].text, words[-1].text)]
    for word, name, command in pairs:
        yield name, [replace(a, line=word.line + a.line - 1, only=True) for a in in_shell(command, launched=True)]


def _exported(name: str, arguments: Sequence[_Word], before: set[str]) -> set[str]:
    """The names that are exported after a command: a later assignment of theirs needs no word before it."""
    names, exports = {w.text.partition("=")[0] for w in arguments}, _exports(name, arguments)
    return before if exports is None else before | names if exports else before - names


def _exports(name: str, arguments: Sequence[_Word]) -> bool | None:
    """Whether a command exports the names after it, or (False) takes them away; None: neither."""
    flags = "".join(w.text for w in arguments if w.text[:1] in "-+")
    takes = "+x" in flags or (name == "export" and "n" in flags)
    if name == "unset" and "f" in flags:  # functions
        return None
    if name in ("unset", "unsetenv") or (takes and name in EXPORTERS):
        return False
    return name == "export" or (name in (*EXPORTERS, "set") and "x" in flags) or None


def reached(text: str) -> str:
    """Shell code without the lines that read a file in where that is never run, or in a shell of its own."""
    commands = [*_commands(_without_heredocs(text))]
    reads = {command[-2].line for command, _ in commands if len(command) > 1 and command[-2].text in (".", "source")}
    run = {word.line for _, _, words in _run(commands, False) for word in words[:1] if word.text in (".", "source")}
    dead = reads - run
    return "\n".join("" if at in dead else line for at, line in enumerate(text.split("\n"), 1)) if dead else text


def sourced(text: str) -> list[str]:
    """The files that shell code reads in: absolute, below ``~/``, or beside it; ``*`` may be in them."""
    looped: dict[str, list[str]] = {}
    values = lets(dialects()["given"], text, {m[1]: m[2] for m in NAMES.finditer(text)})
    for m in LOOP.finditer(text):
        words = filled(re.sub(r"\[[@*]\]|\(N\)", "", m[2]), values)
        each = BRACES.sub(lambda m: " ".join(m[1] + one + m[3] for one in m[2].split(",")), words)
        looped.setdefault(m[1], []).extend(words_of(each))
    firsts = (word for m in SOURCED.finditer(text) for word in words_of(m[1])[:1])
    names = [filled(name, values) for word in firsts for name in looped.get(word.strip("${}"), [word])]
    for frame in [found[1] for name in names if (found := FRAMEWORK.fullmatch(name))]:
        folder = next((value for name, value in values.items() if name in CUSTOM), f"{frame}/custom")
        plugins = [f"plugins/{p}/{p}.plugin" for m in PLUGINS.finditer(text) for p in m[1].split()]
        names += [f"{folder}/{own}{end}" for own in ("*", *plugins) for end in (".zsh", ".sh", ".bash")]
    homes = (re.sub(r"^\$(HOME|\{HOME\})(?=/)", "~", CONFIG.sub("~/.config/", name)) for name in names)
    return [name for name in (BESIDE.sub("", name) for name in homes) if not set("$`") & set(name)]


def in_rows(rows: Iterable[tuple[str, str]], text: str, *, every: bool = False) -> list[Assignment]:
    """What the rows of a dialect in dialects.tsv find; fish writes letters as ``\\x2e``. Nothing in a hidden entry.
    ``every``: also of variables that are not ours."""
    found: list[Assignment] = []
    rows = () if HIDDEN.search(text) else [*rows]
    own = lets(rows, text) if any(way == "named" for way, _ in rows) else {}
    for way, pattern in (row for row in rows if row[0] not in ("let", "block", "called", "blank")):
        line, before, section = 1, 0, 0
        for m in re.finditer(pattern, text, re.MULTILINE):
            section = text.rfind("\n[", before, m.start(1)) + 1 or section
            head = text[section : text.find("\n", section)] if text.startswith("[", section) else ""
            line, before = line + text.count("\n", before, m.start(1)), m.start(1)
            if way in ("pair", "each") or (way == "entry" and SECTION.search(head)):
                value = re.sub(r"\\x([0-9a-f]{2})", lambda x: chr(int(x[1], 16)), m[2].replace("\\\n", ""))
                found.append(Assignment(line, m[1], _unquoted(value)))
            elif way == "named":  # names and values, or the file's own words for them
                key, told = (_unquoted(text) for text in (m[1], m[2]))
                given = told if told != m[2] else own.get(told.rpartition(".")[2])
                found += [Assignment(line, own.get(key, key), given)] if given is not None else []
            elif way == "unset":
                found += [Assignment(line, name, None) for name in m[1].split(";")]
            elif way.isupper():  # that variable of one program
                found.append(Assignment(line, way, _unquoted(m[1]), only=True))
            elif way in ("words", "command"):
                code = m[1] if way == "command" else "declare -x " + re.sub(r",(?=\s*\w+=)", " ", m[m.lastindex or 1])
                code = re.sub(r"\\([\"\\])", r"\1", code) if text.endswith('"', 0, m.start(1)) else code
                code = re.sub(r"(?<!\\)\n", "\\\\\n", code) if way == "words" else code
                inner = in_shell(code, launched=way == "command")
                found += [replace(a, line=line + a.line - 1, only=way == "command") for a in inner]
    each = any(way == "each" for way, _ in rows)
    last = {(a.key, (each or a.only) and a.line): a for a in sorted(found, key=lambda a: a.line)}
    return [a for a in last.values() if every or not a.key or worth(a)]


def lets(rows: Iterable[tuple[str, str]], text: str, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """The file's own names and their values, after those of other files."""
    values = dict(before or {})
    for m in (m for way, pattern in rows if way == "let" for m in re.finditer(pattern, text, re.MULTILINE)):
        values[m[1]] = filled(m[2], values, but="")[:200]
    return values


def blanked(rows: Iterable[tuple[str, str]], text: str, before: Mapping[str, str] | None = None) -> str:
    """A text with the values of names, its own and those of other files (``before``), without what "blank" rows find:
    nobody reads it. ``keep``: a string, say."""
    text = filled(text, own) if (own := lets(rows, text, before)) else text
    for pattern in (pattern for way, pattern in rows if way == "blank"):
        text = re.sub(pattern, _kept, text, flags=re.MULTILINE)
    if functions := next((pattern for way, pattern in rows if way == "called"), ""):  # group 1 is the name
        used = Counter(re.findall(r"\w+", text))
        text = re.sub(functions, lambda m: re.sub(".", " ", m[0]) if used[m[1]] == 1 else m[0], text, flags=re.M)
    return text


def _kept(m: re.Match[str]) -> str:
    kept = m.groupdict().get("keep") or ""
    return kept + re.sub(".", " ", m[0][len(kept) :])


def in_lists(text: str, kind: str) -> list[Assignment]:
    """The environment in JSON, TOML, Lua or Python: a table named like one, or a list of KEY=VALUE that is."""
    if not QUICK.search(text):
        return []
    rows = dialects()["tables"]
    plain, (block, entry, passed, of) = blanked(rows, text), [pattern for way, pattern in rows if way != "blank"]
    block = next((pattern for way, pattern in dialects()[kind] if way == "block"), block)
    if names := sorted({m[1] for m in re.finditer(passed, plain)})[:LISTS]:
        block = f"{block}|{of.replace('NAMES', '|'.join(names))}"
    found, own = dict[tuple[int, str], Assignment](), lets(dialects()[kind], text)
    for part in re.finditer(block, plain):
        for m in re.finditer(entry, part[0]):
            line = plain.count("\n", 0, part.start() + m.start()) + 1
            value = m[2] if m[1] else own.get(m[6]) if m[6] else m[5]
            value = value and re.sub(r"\\u([0-9A-Fa-f]{4})", lambda x: chr(int(x[1], 16)), value)
            key = m[1] or own.get(m[4], m[4])
            found[part.start(), key] = Assignment(line, key, value)  # of a name given twice the last
    return [a for a in found.values() if a.value is not None and worth(a)]


def words_of(text: str) -> list[str]:
    """A line's words with their quotes taken off."""
    return [word.text for command, _ in _commands(text.replace(";", "\\;")) for word in command]


def _given(found: Assignment) -> bool:
    """``worth``, and not what only hands on the value that it has."""
    return worth(found) and found.value not in (f"${found.key}", f"${{{found.key}}}")


def worth(found: Assignment) -> bool:
    """Whether a variable is one of ours to judge."""
    if found.key == "LD_LIBRARY_PATH":
        return found.value is None or "rocm" in found.value.lower()
    return WORTH.fullmatch(found.key) is not None


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _without_heredocs(text: str) -> str:
    """Bodies of here-documents blanked (they are text for another file); one that never ends is left as it is."""
    lines = text.split("\n")
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        places.setdefault(line.strip(), []).append(number)
    number = 0
    while number < len(lines):
        text_only = HEREDOC.finditer("" if "<<" in lines[number] and FED.match(lines[number]) else lines[number])
        ends = [places.get(m[2], []) for m in text_only]
        end = max((e[at] for e in ends if (at := bisect_right(e, number)) < len(e)), default=number)
        for body in range(number + 1, end + 1):
            lines[body] = ""
        number = end + 1
    return "\n".join(lines)


def _commands(text: str) -> Iterator[tuple[list[_Word], str]]:
    """Simple commands, each a list of words with their quotes taken off, and what ended others before it."""
    command: list[_Word] = []
    parts: list[tuple[int, str, str]] = []
    before = ended = ""
    for line, kind, piece in [*_pieces(text), (0, "end", "\n")]:
        if kind not in ("gap", "end"):
            parts.append((line, kind, piece))
            continue
        if parts:
            whole = "".join(_value(of, part) for _, of, part in parts)
            command.append(_Word(parts[0][0], whole, all(of == "text" for _, of, _ in parts)))
            before, ended = (ended, "") if len(command) == 1 else (before, ended)
            parts = []
        if kind == "end":
            if command:
                yield command, before
                command = []
            ended += piece


def _pieces(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, kind, text) of every piece; comments are left out. The words of an array go on its command's line."""
    line, position, word, array = 1, 0, "", False
    while match := PIECES.match(text, position):
        kind, piece, position = str(match.lastgroup), match[0], match.end()
        if kind == "text" and piece[0] == "#" and not word:
            newline = text.find("\n", position)
            position = len(text) if newline < 0 else newline
            continue
        if kind == "end" and piece == "(" and NEW_LIST.fullmatch(word):
            yield line, "text", ARRAY[1:]
            kind, array = "gap", True
        elif array and kind == "end":
            array = piece != ")"
            kind, piece = ("gap", piece) if array else ("end", "\n")
        word = "" if kind in ("gap", "end") else (word + piece)[:200] or " "
        yield line, kind, piece
        line += match[0].count("\n")


def _value(kind: str, piece: str) -> str:
    if kind == "single":
        return piece.removeprefix("$")[1:-1]
    if kind == "double":
        return re.sub(r'\\(["\\$`\n])', lambda m: "" if m[1] == "\n" else m[1], piece[1:-1])
    if kind == "escape":
        return "" if piece == "\\\n" else piece[1:]
    return "" if piece in ("'", '"') else piece


def in_command(words: Sequence[_Word]) -> list[Assignment]:
    """What a program gets from the command that starts it."""
    found: list[Assignment] = []
    taking, before, given = True, "", ""
    apart = any(word.text.endswith("bwrap") for word in words)  # it takes --setenv NAME VALUE
    if words[0].text == "exec":  # nothing comes after it that could have what is taken away
        taken = re.findall(r" (?:-u ?|--unset=)(\w+)(?= )", " ".join(word.text for word in words))
        found += [Assignment(words[0].line, name, None) for name in taken]
    for word in words:
        text = SET_OF.sub("", f"{given}={word.text}" if given else word.text)
        name = text.rpartition("/")[2]
        given = text if apart and before == "--setenv" and not given else ""
        if re.fullmatch("-[a-z]*c|--cmd|spawn", before) or (" " in text and words[0].text in ("tmux", "watch")):
            found += [replace(a, line=word.line + a.line - 1) for a in in_shell(word.text, launched=True)]
        elif (taking or text != word.text) and (match := ASSIGN.fullmatch(text)):
            found.append(Assignment(word.line, match[1], match[2]))
        else:
            taking = name in STARTERS or (taking and (text[:1] == "-" or before in WITH_WORD))
        before = text if before.rpartition("/")[2] in SHELLS else name
    return found


def _by_name(name: str, arguments: Sequence[_Word], called: bool, names: Iterable[str]) -> list[Assignment]:
    """What a command sets or takes away by its own syntax; ``names``: what a pattern may mean."""
    if name == "set":
        letters, given = _fish_set(arguments)
        local = not called and "l" in letters  # what a function starts has them
        return given if {"e", "u", "x"} & {*letters} and not local else []
    if name == "setenv" and arguments:
        return [Assignment(arguments[0].line, arguments[0].text, " ".join(w.text for w in arguments[1:]))]
    exports = _exports(name, arguments)
    if exports is False:
        taken = [(w.line, re.sub(r"^\$\{!(\w*)[@*]\}$", r"\1*", w.text.partition("=")[0])) for w in arguments]
        return [Assignment(at, key, None) for at, word in taken for key in (word, *fitting(names, word))]
    return _assigned(arguments) if exports else []


def _assigned(words: Sequence[_Word]) -> list[Assignment]:
    """What the words set that are nothing but an assignment; of ``:`` its defaults."""
    pattern = DEFAULTED if words and words[0].text == ":" else ASSIGN
    return [Assignment(w.line, m[1], m[2]) for w in words if (m := pattern.fullmatch(w.text))]


def _fish_set(arguments: Sequence[_Word]) -> tuple[str, list[Assignment]]:
    """The letters of fish's ``set``, and what it sets."""
    flags = [w.text for w in takewhile(lambda w: w.text.startswith("-"), arguments)]
    names = arguments[len(flags) :]
    letters = "".join(FISH_SET.get(flag, "" if flag.startswith("--") else flag[1:]) for flag in flags)
    if "e" in letters:
        return letters, [Assignment(name.line, name.text, None) for name in names]
    value = None if "u" in letters else " ".join(w.text for w in names[1:])
    return letters, [Assignment(names[0].line, names[0].text, value)] if names else []
