"""Who sets which module option: the modprobe.d directories and the kernel command line, as libkmod reads them.

Rules taken from libkmod (libkmod-config.c, shared/util.c) and checked against ``modprobe -c`` in the tests: the
first directory that has a file name masks the others, files are joined in the order of their names, the command
line comes last, and of two values the last one wins. On the machine itself ``modprobe -c`` is asked as well: it merges
it all, but names no files. Another root's modprobe is not ours to run, and ours would add this machine's command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rdna_installer.errors import RdnaError, absent
from rdna_installer.machine.process import find, run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import ModprobeNote, ModprobeOption
from rdna_installer.record import record, replace

DIRECTORIES = (
    "/etc/modprobe.d", "/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d",
)  # fmt: skip
SUFFIXES = (".conf", ".alias")  # kmod before 34 (Debian 12, Ubuntu 22.04 and 24.04) reads *.alias as well
COMMAND_LINE = "kernel command line"
BOOT_ARGUMENTS = ("amd_iommu",)  # they are about GPUs too
KEPT = ("/etc/default/grub", "/etc/kernel/cmdline", "/etc/default/grub.d", "/boot/loader/entries")
UNASKED = (
    "the module options of that root are as its files say, read by us alone: nothing of another root is run to ask its "
    "own modprobe"
)

Words = list[tuple[str, str, str]]


def scan_modprobe(root: Sysroot) -> tuple[tuple[ModprobeOption, ...], tuple[ModprobeNote, ...]]:
    """All options below ``root`` in load order, the kernel command line last (the later of two wins), and notes: the
    lines that decide whether they act.
    """
    found: list[ModprobeOption | ModprobeNote] = []
    for path in config_files(root):
        try:
            text = root.read_text(path)
        except OSError as err:
            absent(err)
            if root.status(path) is not None and isinstance(err, PermissionError):
                found.append(ModprobeNote("", "unreadable", err.strerror or "not readable", path))
            continue  # a link to /dev/null or to nowhere: masks the others and says nothing
        found += parse_conf(text, path)
    found += parse_cmdline(root.read_optional("/proc/cmdline") or "")
    options = tuple(_kept(root, item) for item in found if isinstance(item, ModprobeOption))
    return options, tuple(item for item in found if isinstance(item, ModprobeNote))


def _kept(root: Sysroot, option: ModprobeOption) -> ModprobeOption:
    """One of the command line with the file and line it comes from, where one says just this."""
    if option.source != COMMAND_LINE:
        return option
    said = f"{option.module}.{option.key}={option.value}".removeprefix(".")
    word = re.compile(rf"(?:[^#].*)?(?<![\w.]){re.escape(said)}(?![\w.])")
    for path in KEPT:
        for file in [path, *(f"{path}/{name}" for name in root.names(path))]:
            for number, line in enumerate((root.read_optional(file) or "").splitlines(), 1):
                if word.match(line):
                    return replace(option, source=f"{COMMAND_LINE} ({file}:{number})")
    return option


def config_files(root: Sysroot) -> tuple[str, ...]:
    """The modprobe.d files that count, in the order they are joined."""
    chosen: dict[str, str] = {}
    for folder in DIRECTORIES:
        for name in root.names(folder):
            path = f"{folder}/{name}"
            if name.startswith(".") or not name.endswith(SUFFIXES) or root.is_dir(path):
                continue
            chosen.setdefault(name, path)
    # strcmp order: bytes, not characters.
    return tuple(chosen[name] for name in sorted(chosen, key=lambda n: n.encode("utf-8", "surrogateescape")))


def parse_conf(text: str, path: str) -> Iterator[ModprobeOption | ModprobeNote]:
    """Options and notes of one modprobe.d file; ``path`` goes into their sources."""
    for line in logical_lines(text):
        command, at = _token(line.text, 0)
        name, at = _token(line.text, at)
        module = module_name(name)
        if line.text.startswith("#") or not module:
            continue
        if command == "options" and "." in module:
            # libkmod takes the dot as part of the name: an option of a module that cannot exist.
            yield _note(module.partition(".")[0], "dotted", line, path)
        elif command == "options":
            yield from _options(module, line, at, path)
        elif command == "blacklist" or (command in ("install", "softdep") and line.text[at:]):
            yield _note(module, command, line, path)
        elif command == "alias" and (target := module_name(_token(line.text, at)[0])):
            yield _note(target, command, line, path)


def _options(module: str, line: LogicalLine, at: int, path: str) -> Iterator[ModprobeOption]:
    for key, value, offset in split_words(line.text[at:].replace("\t", " ")):  # as libkmod does, also inside quotes
        if key == "__":
            return  # a lone "--": the kernel reads no further (parse_args)
        yield ModprobeOption(module, key, value, f"{path}:{line.number(at + offset)}")


def _note(module: str, kind: str, line: LogicalLine, path: str) -> ModprobeNote:
    return ModprobeNote(module, kind, line.text.strip(), f"{path}:{line.number(0)}")


@record(frozen=True)
class LogicalLine:
    """One logical line, and where its physical lines begin (offset, line number)."""

    text: str
    starts: tuple[tuple[int, int], ...]

    def number(self, offset: int) -> int:
        """The physical line (from 1) that holds the character at ``offset``."""
        if len(self.starts) == 1:
            return self.starts[0][1]
        from bisect import bisect  # for few files only

        return self.starts[bisect(self.starts, (offset + 1,)) - 1][1]


def logical_lines(text: str) -> Iterator[LogicalLine]:
    """Lines with continuations joined; a backslash before anything else is dropped, as libkmod does."""
    number = 1
    buffer = ""
    starts = [(0, 1)]
    for match in re.finditer(r"\\(.|\n)?|\n|[^\\\n]+", text):
        piece = match.group()
        if piece == "\n":
            yield LogicalLine(buffer, tuple(starts))
            number += 1
            buffer, starts = "", [(0, number)]
        elif piece == "\\\n":
            number += 1
            starts.append((len(buffer), number))
        else:
            buffer += match.group(1) or "" if piece.startswith("\\") else piece
    if buffer:
        yield LogicalLine(buffer, tuple(starts))


def _token(text: str, start: int) -> tuple[str, int]:
    """strtok_r over blanks: the next word, and where what follows its blank begins."""
    rest = text[start:].lstrip("\t ")
    word = rest.replace("\t", " ").partition(" ")[0]
    return word, len(text) - len(rest) + len(word) + 1


def module_name(name: str) -> str:
    """A module name as the kernel spells it; "" for one that libkmod refuses (unbalanced brackets)."""
    if "[" not in name and "]" not in name:
        return name.replace("-", "_")
    plain = re.sub(r"\[[^\]]*\]", "", name)
    if "[" in plain or "]" in plain:
        return ""
    return re.sub(r"-(?![^\[]*\])", "_", name)


def split_words(text: str) -> Iterator[tuple[str, str, int]]:
    """(key, value, offset) of every option word, quotes handled as the kernel's next_arg() does.

    A word without "=" has the value "".
    """
    for match in re.finditer(r'(?:[^ \t\n\v\f\r"]|"[^"]*(?:"|$))+', text):
        word = match.group()
        if word.startswith('"'):
            word = word[1:].removesuffix('"')
        key, _, value = word.partition("=")
        if value.startswith('"'):
            value = value[1:].removesuffix('"')
        yield key.replace("-", "_"), value, match.start()


def parse_cmdline(text: str) -> Iterator[ModprobeOption | ModprobeNote]:
    """Options (``module.key=value``), BOOT_ARGUMENTS (of no module) and blacklists of a kernel command line.

    GRUB passes ``module.key="a b"`` as ``"module.key=a b"``: the quotes may stand before the whole word. What follows
    ``--`` is init's (parse_args() of the kernel), but libkmod reads it for modules as if nothing had been there.
    """
    kernels, text = True, text.replace("\0", " ")
    for key, value, at in split_words(text):
        module, _, name = key.partition(".")
        kernels = kernels and text[at : at + 3].rstrip() != "--"
        if key == "modprobe.blacklist" or (key == "module_blacklist" and kernels):
            for victim in filter(None, value.split(",")):
                yield ModprobeNote(module_name(victim), "blacklist", f"{key}={victim}", COMMAND_LINE)
        elif key in BOOT_ARGUMENTS and kernels:
            yield ModprobeOption("", key, value, COMMAND_LINE)
        elif module and name and "." not in name and '"' not in key:
            yield ModprobeOption(module, name, value, COMMAND_LINE)


def disagreement(root: Sysroot, ours: Iterable[ModprobeOption], modules: frozenset[str]) -> str | None:
    """What modprobe itself takes for ``modules`` where that is not what we read; None when both agree.

    None as well where there is no modprobe to ask. Below another root nobody is asked, which is said where there is
    anything to ask about.
    """
    if not root.live:
        return UNASKED if _words(ours, modules) else None
    if find("modprobe") is None:
        return None
    try:
        done = run(["modprobe", "-c"])
    except RdnaError:
        return None
    theirs = (item for item in parse_conf(done.text, "modprobe -c") if isinstance(item, ModprobeOption))
    read, said = _words(ours, modules), _words(theirs, modules)
    if done.code != 0 or read == said:
        return None
    return f"`modprobe -c` says {_shown(said)}, the files read one by one say {_shown(read)}: look before you reboot"


def _words(options: Iterable[ModprobeOption], modules: frozenset[str]) -> Words:
    return [(o.module, o.key, o.value) for o in options if o.module in modules]


def _shown(words: Words) -> str:
    return " ".join(f"{module}.{key}={value}" for module, key, value in words) or "nothing"
