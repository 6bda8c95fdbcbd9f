"""Made-up machines with secrets in every field of every record that a report is made of, by their annotations.

A field that is added later is planted too. Texts that a field may have (VALID) take turns with secrets, so that what
hangs on them is there. ``secrets``: names, homes, serials, ids, addresses, tokens in the spellings they are met in.
"""

from __future__ import annotations

import base64
import enum
import random
import string
import types
import typing
import uuid
from collections.abc import Mapping
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, Union
from urllib.parse import quote

from rdna_installer import model
from rdna_installer.codec import encode_as
from rdna_installer.knowledge.load import load_book
from rdna_installer.probe.rows import table
from rdna_installer.record import replace
from rdna_installer.share.redact import Seen
from rdna_installer.share.schema import signatures

HEX, BIG = "0123456789abcdef", string.ascii_letters + string.digits
SMALL = string.ascii_lowercase + string.digits


def secrets(chance: random.Random) -> list[str]:
    """Some ninety of them, of one machine."""

    def word(size: int, of: str = SMALL) -> str:
        return "".join(chance.choice(of) for _ in range(size))

    host, user = f"{word(4)}-{word(6)}", word(8, string.ascii_lowercase)
    mac = ":".join(word(2, HEX) for _ in range(6))
    plain, ip = mac.replace(":", ""), ".".join(str(chance.randint(11, 254)) for _ in range(4))
    ip6, one = "2001:db8:" + ":".join(word(4, HEX) for _ in range(4)), str(uuid.UUID(int=chance.getrandbits(128)))
    names = [host, host.upper(), f"{host}.{word(5)}.lan", f"root@{host}:~#", f"/dev/mapper/{host}--vg-root"]
    names += [host.replace("-", "_"), host.encode().hex(), base64.b64encode(host.encode()).decode(), host[::-1]]
    names += [
        host.replace("-", "%2D"),
        "\u200b".join(host[:2]) + host[2:],
        host.replace("-", "\\x2d"),
        quote(f"{host}/{user}"),
    ]
    homes = [user, f"/home/{user}/venv/bin/python", f"~{user}/.bashrc", f"C:\\Users\\{user}\\x", f"-home-{user}-venv"]
    homes += [f"uid=1000({user})", f"/run/media/{user}/disk", f"/mnt/{user}'s disk/a.safetensors", f"byobu-{user}"]
    ids = [
        f"GPU-{word(16, HEX)}",
        f"S/N: {word(12, string.ascii_uppercase)}",
        str(chance.getrandbits(63)),
        one,
        one.upper(),
    ]
    ids += [one.replace("-", ""), f"root=UUID={one}", f"luks-{one}", f"{word(6)}crypt", f"rd.lvm.lv={word(6)}/root"]
    nets = [mac, mac.upper().replace(":", "-"), plain, f"enx{plain}", f"{plain[:4]}.{plain[4:8]}.{plain[8:]}", ip, ip6]
    nets += [
        f"ip={ip}::{ip}:255.255.255.0::eth0:off",
        f"ip-{ip.replace('.', '-')}",
        f"[{ip6}]:8188",
        f"SSID={word(7)} 5G",
    ]
    mails = [f"{user}@{word(7)}.org", f"{user} at {word(7)} dot org", f"{user}%40{word(6)}.de"]
    tokens = [
        "hf_" + word(34, BIG),
        "ghp_" + word(36, BIG),
        "glpat-" + word(20, BIG),
        "sk-" + word(48, BIG),
        word(40, BIG),
    ]
    tokens += [
        f"AKIA{word(16, string.ascii_uppercase)}",
        f"eyJ{word(20, BIG)}.eyJ{word(30, BIG)}.{word(43, BIG)}",
        word(32, HEX),
    ]
    tokens += [
        f"https://{user}:{word(12, BIG)}@{word(6)}.com/simple",
        f"token={word(24, BIG)}",
        f"password={word(11, BIG)}",
    ]
    tokens += [f"AAAAB3NzaC1yc2E{word(60, BIG)}", f"SHA256:{word(43, BIG)}", f"Cookie: session={word(32, BIG)}"]
    others = [f"/opt/{word(8)}-secret/run.py", f"comm={word(9)}", f"Process {word(8)} pid 3214 thread {word(6)}:cs0"]
    others += [f"model {word(8)}_v2.safetensors", f"7656119{word(10, string.digits)}", f"EDID {word(13)} DP-1"]
    # and as versions, releases and values are written
    others += [
        f"6.14.0-34-{word(8)}",
        f"2.11.0+git{word(7)}.{user}",
        f"6.2.4-{host}",
        f"gfx1010:{word(9)}",
        f"0x{word(14, HEX)}",
    ]
    found = [*names, *homes, *ids, *nets, *mails, *tokens, *others]
    chance.shuffle(found)
    return found


def further(chance: random.Random) -> list[str]:
    """Kinds that nobody had planted when the schema was made."""

    def word(size: int, of: str = SMALL) -> str:
        return "".join(chance.choice(of) for _ in range(size))

    def digits(size: int) -> str:
        return str(chance.randint(1, 9)) + word(size - 1, string.digits)

    name, place, upper = word(7, string.ascii_lowercase), word(6, string.ascii_lowercase), string.ascii_uppercase
    four = [chance.randint(11, 254) for _ in range(4)]
    number = int.from_bytes(bytes(four), "big")
    people = [f"+49 170 {digits(7)}", f"DE{digits(20)}", f"{digits(4)} {digits(4)} {digits(4)} {digits(4)}"]
    people += [f"{chance.randint(10, 31)}.{chance.randint(10, 12)}.{chance.randint(41, 99)}", digits(8), digits(15)]
    people += [f"52.{digits(4)},13.{digits(4)}", f"52.{digits(2)}", f"{name}straße {digits(2)}", f"Jü{name}-Groß"]
    people += [f"алиса-{name}", f"\U0001f98a{name}", f"xn--{name}-kva", f"a portrait of {name} {place}, oil on canvas"]
    spelt = [name.translate(str.maketrans(string.ascii_lowercase, string.ascii_lowercase[13:] + "abcdefghijklm"))]
    spelt += [base64.b32encode(name.encode()).decode(), base64.b85encode(name.encode()).decode()]
    spelt += ["".join(f"\\u{ord(c):04x}" for c in name), "".join(f"&#{ord(c)};" for c in name), name.swapcase() + "\n"]
    nets = [str(number), f"0x{number:08x}", f"{four[0]}.{four[1]}.{four[2] * 256 + four[3]}", f"{number:o}"]
    nets += [f"fe80::{word(4, HEX)}:{word(4, HEX)}%wlan0", f"{name}.tail{word(5, HEX)}.ts.net", f"{word(56)}.onion"]
    nets += [
        f"nas-{name}:/export/{place}",
        f"//{name}/{place}$",
        f"smb://{name}@{place}/x",
        f"DESKTOP-{word(7).upper()}",
    ]
    nets += [f"S-1-5-21-{digits(10)}-{digits(10)}-{digits(9)}-1001", f"{name}-7d9c5b{word(4)}-{word(5)}", word(12, HEX)]
    keys = [
        f"xoxb-{digits(11)}-{word(24, BIG)}",
        f"AIza{word(35, BIG)}",
        f"npm_{word(36, BIG)}",
        f"pypi-AgEI{word(60, BIG)}",
    ]
    keys += [f"https://discord.com/api/webhooks/{digits(18)}/{word(60, BIG)}", f"?sv=2022&sig={word(40, BIG)}%3D"]
    keys += [f"{base64.b64encode(word(32).encode()).decode()}", "-".join(word(5, upper) for _ in range(5))]
    keys += [
        ":".join(word(2, HEX) for _ in range(16)),
        f"bc1q{word(38)}",
        f"0x{word(40, HEX)}",
        f"MIT-MAGIC-COOKIE-1 {word(32, HEX)}",
    ]
    things = [f"usb-SanDisk_Ultra_{word(20, HEX)}-0:0", f"wwn-0x{word(16, HEX)}", f"eui.{word(16, HEX)}"]
    things += [
        f"ata-Samsung_SSD_860_{word(15, upper)}",
        f"{name}s AirPods",
        f"/tmp/.mount_{name[:5]}{word(6, BIG)}/usr",
    ]
    code = [f"git@github.com:{name}/{place}.git", f"feature/{name}-{place}", f"Signed-off-by: {name} <x@{place}.io>"]
    code += [
        f"app-{name}@{word(8, HEX)}.service",
        f"com.{name}.{place.title()}",
        f"(client-{name}) $",
        f"{name}.{place}:cs0",
    ]
    return [*people, *spelt, *nets, *keys, *things, *code]


def valid() -> dict[str, tuple[str, ...]]:
    """Texts that fields of these names may have, by the names of fields."""
    book, signs = load_book(), signatures().signatures[:40]
    keys = ("HSA_OVERRIDE_GFX_VERSION", "noretry", "MIOPEN_DEBUG_CONV_GEMM", "HSA_XNACK")
    return {
        "gfx": ("gfx1010", "gfx1100"), "gfx_targets": ("gfx1010", "gfx1030"), "device": ("731f", "744c"),
        "name": ("AMD Radeon RX 5600 XT", *(s.name for s in signs)), "key": keys, "value": ("0", "1", "10.3.0"),
        "module": ("amdgpu",), "version": ("2.11.0+rocm7.15", "6.2.4", "24.04", "0.1.0"), "rocm": ("7.15",),
        "release": ("6.14.0-34-generic",), "running_kernel": ("6.14.0-34-generic",), "id": ("ubuntu", "noretry"),
        "reason": ("apply", "rollback to 2"), "profile": book.profile_names, "time": ("2026-11-20T10:00:00Z",),
        "signature": tuple(s.id for s in signs), "rule": tuple(rule.id for rule in book.rules[:30]),
        "python_version": ("3.12",), "topics": ("GPU", "ok", "PyTorch"),
        "op": tuple(row.id for row in table()), "strategy": ("native", "gemm", "any"), "type": ("f32", "f16"),
        "variables": ("as planned",), "reach": ("session", "vim"), "immutable": ("steamos",),
        "session": ("HSA_OVERRIDE_GFX_VERSION", "HSA_SOMETHING"), "verdict": ("works",), "torch": ("2.11.0+rocm7.15",),
        "kernel": ("6.14.0-34-generic",), "source": ("kernel command line", "file"), "depth": ("default",),
        "strategies": ("native", "gemm"),
    }  # fmt: skip


class Planter:
    """Builds records. ``planted``: every secret text and number that went in."""

    def __init__(self, seed: int, known: Mapping[str, tuple[str, ...]], clean: bool = False) -> None:
        self.chance = random.Random(seed)
        self.held, self.known, self.clean = [*secrets(self.chance), *further(self.chance)], known, clean
        self.chance.shuffle(self.held)
        self.planted: set[str] = set()
        self.place = 0

    def text(self, name: str) -> str:
        if self.clean or (name in self.known and self.chance.random() < 0.6):
            return self.chance.choice(self.known.get(name, ("",)))
        self.place += 1
        found = self.held[self.place % len(self.held)]
        self.planted.add(found)
        return found

    def number(self) -> int:
        if self.clean or self.chance.random() < 0.7:
            return self.chance.randint(0, 300)
        found = self.chance.randint(10**9, 10**12)
        self.planted.add(str(found))
        return found

    def build(self, kind: Any, name: str) -> Any:
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if origin is typing.Annotated:
            return self.build(args[0], name)
        if origin in (Union, types.UnionType):
            return None if self.chance.random() < 0.15 else self.build(args[0], name)
        if origin is tuple:
            return tuple(
                self.build(arg, name)
                for arg in (args if args[-1] is not ... else [args[0]] * self.chance.randint(1, 2))
            )
        if origin is frozenset:
            return frozenset([self.build(args[0], name)])
        if origin in (dict, Mapping):
            return {self.build(args[0], name): self.build(args[1], name) for _ in range(2)}
        if hasattr(kind, "__record_factories__"):
            return self.whole(kind)
        return self.plain(kind, name)

    def plain(self, kind: Any, name: str) -> Any:
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return self.chance.choice([*kind])
        if kind is bool:
            return self.chance.random() < 0.5
        if kind is int:
            return self.number()
        if kind is float:
            return self.chance.random() * 10
        if kind is bytes:
            return self.text(name).encode()
        if kind is PurePosixPath:
            return PurePosixPath("/" + self.text(name))
        assert isinstance(kind, type) and issubclass(kind, str), kind
        return kind(self.text(name))

    def whole(self, kind: Any) -> Any:
        hints = typing.get_type_hints(kind, vars(model) | vars(import_module(kind.__module__)))
        skip = {"about": (), "verdicts": ()}  # sightings hold compiled patterns
        return kind(
            **{n: skip[n] if n in skip else self.build(hints[n], n) for n in kind.__match_args__ if n != "book"}
        )


def machine(seed: int, known: Mapping[str, tuple[str, ...]], clean: bool = False) -> tuple[Seen, set[str]]:
    """Everything known of one made-up machine, and the secrets in it."""
    planter = Planter(seed, known, clean)
    hints = typing.get_type_hints(Seen, vars(model) | vars(import_module(Seen.__module__)))
    held = {name: planter.build(hints[name], name) for name in Seen.__match_args__ if name != "book"}
    held |= {"version": "0.1.0", "time": "2026-11-28T10:00:00Z", "source": "file"}
    seen = Seen(**held, book=load_book())
    facts = seen.facts or planter.whole(model.HostFacts)
    # What is told of one thing by the name of another is told of what is there.
    verdicts = tuple(replace(v, site=str(s.python)) for v, s in zip(seen.sites, facts.sites, strict=False))
    probes = tuple(
        replace(probe, trials=tuple(replace(trial, variables=probe.sets[0].name) for trial in probe.trials))
        for probe in seen.probes
    )
    assert encode_as(model.HostFacts, facts)
    return replace(seen, facts=facts, sites=verdicts, probes=probes), planter.planted
