"""Everything we parse that somebody else wrote, as functions of bytes. Only RdnaError may come out, within a second."""

from __future__ import annotations

import atexit
import functools
import io
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit/detect"))

from place_samples import SPELLINGS
from place_samples_blind import BLIND, BLIND_CALM, OTHERS, OTHERS_CALM
from place_samples_fifth import FIFTH
from place_samples_fourth import FOURTH
from place_samples_fresh import FIRST, SECOND, THIRD
from place_samples_kinds import KINDS
from place_samples_seen import SEEN
from place_samples_sixth import SIXTH
from place_samples_wild import WILD, WILD_CALM
from place_samples_wild_eighth import EIGHTH_CALM, EIGHTH_WILD
from place_samples_wild_fifth import FIFTH_CALM, FIFTH_WILD
from place_samples_wild_fourth import FOURTH_CALM, FOURTH_WILD
from place_samples_wild_second import SECOND_CALM, SECOND_WILD
from place_samples_wild_seventh import SEVENTH_CALM, SEVENTH_WILD
from place_samples_wild_sixth import SIXTH_CALM, SIXTH_WILD
from place_samples_wild_third import THIRD_CALM, THIRD_WILD

from rdna_installer import codec
from rdna_installer.change import boot_counting, records
from rdna_installer.check.running import NO_SITE, place_of
from rdna_installer.detect import dotfiles
from rdna_installer.detect.gpus import find_gpus, given
from rdna_installer.detect.host import find_distro, find_immutable
from rdna_installer.detect.initramfs import read_image
from rdna_installer.detect.kernels import parse_parmtype
from rdna_installer.detect.kfd import parse_properties
from rdna_installer.detect.modprobe import parse_cmdline, parse_conf
from rdna_installer.detect.running import container_of, find_running
from rdna_installer.detect.torch import parse_version
from rdna_installer.detect.users import invoking_user
from rdna_installer.diagnose.diagnose import order
from rdna_installer.diagnose.scan import scan
from rdna_installer.environments import choose, index, lock
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge import load
from rdna_installer.knowledge.signatures import Signatures, load_signatures
from rdna_installer.knowledge.yamlfile import parse as parse_yaml
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, InitramfsTool, Layer, Managed, Setting, Step, StepKind, User
from rdna_installer.probe import reading
from rdna_installer.probe.types import Identity, Probed, Result, StrategyRun, Variables
from rdna_installer.probe.types import OpOutcome as Measured
from rdna_installer.workflow import fetching

PROJECT = Path(__file__).resolve().parents[2]
DEMO = PROJECT / "tests/sample/machine"
DATA = PROJECT / "installer/rdna_installer/knowledge/data"
CASES = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Target:
    """``seeds``: sound inputs to start from; ``words``: what makes an input interesting."""

    run: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


def _text(data: bytes) -> str:
    """As Sysroot.read_text hands it out."""
    return data.replace(b"\0", b"").decode("utf-8", "surrogateescape")


@functools.cache
def _book() -> load.Book:
    return load.load_book()


def _rules(data: bytes) -> None:
    for rule in load._read_rules(parse_yaml(data, "rules.d/mine.yaml"), _book().targets.targets):
        load._check_settings(_book(), rule)


@functools.cache
def _scratch() -> Path:
    made = Path(tempfile.mkdtemp(prefix="rdna-fuzz-"))
    atexit.register(shutil.rmtree, made)
    return made


SYSFS = tuple(
    f"sys/class/{name}"
    for name in (
        "kfd/kfd/topology/nodes/1/properties",
        "kfd/kfd/topology/nodes/1/gpu_id",
        "kfd/kfd/topology/nodes/1/name",
        "drm/card0/device/vendor",
        "drm/card0/device/device",
        "drm/card0/device/uevent",
        "drm/card0/device/mem_info_vram_total",
    )
)


def _sysfs(data: bytes) -> None:
    root = _scratch() / "sysfs"
    for name, content in zip(SYSFS, data.split(b"\xff"), strict=False):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    find_gpus(Sysroot(root))


def _passwd(data: bytes) -> None:
    (_scratch() / "users/etc").mkdir(parents=True, exist_ok=True)
    for name in ("passwd", "group"):
        (_scratch() / "users/etc" / name).write_bytes(data)
    invoking_user(Sysroot(_scratch() / "users"))


def _os_release(data: bytes) -> None:
    (_scratch() / "system/etc").mkdir(parents=True, exist_ok=True)
    (_scratch() / "system/etc/os-release").write_bytes(data)
    find_distro(Sysroot(_scratch() / "system"))
    find_immutable(Sysroot(_scratch() / "system"))


_CONMON = b"conmon\0-c\x000a\0-n\0x\0-b\0/s/overlay-containers/0a/userdata\0"
_PROCESS = (
    b"7f0-7f1 r-xp 0 0:0 1 /opt/libamdhip64.so.6 (deleted)\n",
    b"HSA_OVERRIDE_GFX_VERSION=1\0A=\0", b"/v/python\0-S\0x.py\0",
    b"0::/user.slice/user@1000.service/app.slice/x.service\n1:name=systemd:/docker-0a.scope\n",
    b'[{"id":"0a","image":"0b","metadata":"{\\"image-name\\":\\"x:1\\"}"}]', b'{"config":{"Env":["HSA_X=1"]}}',
)  # fmt: skip


def _running(data: bytes) -> None:
    """What its own people decide of a process: its names, words, variables, files, control group, container."""
    root = _scratch() / "running"
    maps, environ, cmdline, cgroup, containers, image = [*data.split(b"\xff"), *[b""] * 6][:6]
    fields = ["S", "50", *["0"] * 17, "100", *["0"] * 10]
    for pid, words in ((1, b"init"), (50, _CONMON), (60, cmdline)):
        files = {
            "stat": f"{pid} (a) b) {' '.join(fields)}".encode(),
            "status": b"Uid: 5 5 5 5\nGid: 5 5 5 5\nGroups:\n",
        }
        files |= {"maps": maps, "environ": environ, "cgroup": cgroup, "comm": b"conmon\n", "cmdline": words}
        for name, content in files.items():
            (root / f"proc/{pid}").mkdir(parents=True, exist_ok=True)
            (root / f"proc/{pid}" / name).write_bytes(content)
    for name, content in (("overlay-containers/containers.json", containers), ("overlay-images/0b/=c2hhMjU2Ox", image)):
        (root / "s" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "s" / name).write_bytes(content)
    for process in find_running(Sysroot(root)).processes:
        place_of(process)
        container_of(Sysroot(root), process)
        NO_SITE.match("\0".join(process.command))


# Every kind of start-up file, with the texts of the samples as what is sound.
_KINDS = sorted(
    {how for rows in dotfiles.places().values() for how, _, _ in rows}
    | {*dotfiles.dialects(), *dotfiles.kinds()["scripts"]}
)
_SAMPLES = [
    (dotfiles.dialect(path), text.replace("K", "HSA_X").encode())
    for rows in (SPELLINGS, FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEEN, BLIND, BLIND_CALM, OTHERS, OTHERS_CALM)
    for files, _ in rows.values()
    for path, text in files.items()
]
for _rows in (
    KINDS,
    WILD,
    WILD_CALM,
    SECOND_WILD,
    SECOND_CALM,
    THIRD_WILD,
    THIRD_CALM,
    FOURTH_WILD,
    FOURTH_CALM,
    FIFTH_WILD,
    FIFTH_CALM,
    SIXTH_WILD,
    SIXTH_CALM,
    SEVENTH_WILD,
    SEVENTH_CALM,
    EIGHTH_WILD,
    EIGHTH_CALM,
):
    _SAMPLES += [
        (dotfiles.dialect(p), t.replace("\u00a7", "HSA_X").encode()) for f, _ in _rows.values() for p, t in f.items()
    ]
_PLACES = (
    b"HSA_X=", b"export ", b"\\\n", b"'", b'"', b"{", b"}", b"[", b"]", b"$(", b"`", b"<<E\n", b"if false; then\n",
    b"f() {\n", b"alias a='", b"env: ", b"- ", b"&a ", b"*a", b"[env]\n", b"Environment=", b"\xff", b"a" * 3000,
    b"[" * 900,
)  # fmt: skip
# Files that are read with others: what they name, merge or hide.
_TREE = (
    "etc/systemd/system/x@.service", "etc/systemd/system/x@a.service.d/y.conf", "etc/environment.d/a.conf",
    "home/sam/.bashrc", "home/sam/c/compose.yaml", "home/sam/c/compose.override.yaml", "home/sam/c/.env",
    "etc/ssh/sshd_config", "etc/pam.d/login", "etc/ssh/sshd_config.d/a.conf", "etc/sv/x/run", "etc/sv/x/env/HSA_X",
    "etc/sudoers", "home/sam/.tmux.conf",
)  # fmt: skip


def _places(data: bytes) -> None:
    top = _scratch() / "places"
    for name, content in zip(_TREE, [*data.split(b"\xff"), *[b""] * len(_TREE)], strict=False):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    sam = User(os.geteuid(), os.getegid(), "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
    reader = dotfiles._Reader(Sysroot(top), sam.home, "~", frozenset(), (), ("sam",), [])
    dotfiles._of_the_system(reader, [reader])
    dotfiles._as_user(reader, sam, ())


def _image(data: bytes) -> None:
    (_scratch() / "image").write_bytes(data)
    read_image(Sysroot(_scratch()), "/image", ["/etc/modprobe.d/rdna-installer.conf"])


def _boot(data: bytes) -> None:
    root = Sysroot(_scratch() / "boot")
    for place in (
        boot_counting.SYSTEM / boot_counting.RESULT,
        boot_counting.SYSTEM / boot_counting.BOOTS,
        boot_counting.NOTE,
    ):
        real = root.root / place.relative_to("/")
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_bytes(data)
    boot_counting.read_result(root)
    boot_counting.counted_boots(root)
    boot_counting.read_note(root)


@functools.cache
def _signatures() -> Signatures:
    return load_signatures(_book().targets.targets)


def _cpio(*names: str) -> bytes:
    out = b""
    for name in (*names, "TRAILER!!!"):
        raw, data = name.encode() + b"\0", b"options amdgpu dc=1\n"
        data = b"" if name == "TRAILER!!!" else data
        header = b"070701" + b"".join(
            b"%08X" % n for n in (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        )
        out += header + raw + b"\0" * (-(len(header) + len(raw)) % 4) + data + b"\0" * (-len(data) % 4)
    return out


def _state(kind: type) -> Callable[[bytes], object]:
    """Once as it comes, which a checksum stops at most; once with the checksum that fits, so that the rest is read."""

    def read(data: bytes) -> object:
        try:
            return records.parse(kind, data, "state")
        except RdnaError:
            end = len(codec.CHECKSUM) + codec.DIGEST_LENGTH
            body = b"{" + data[end + 2 :].removesuffix(b"\n")
            fitting = codec.CHECKSUM + codec.digest(body).encode() + b'",' + body[1:]
            return records.parse(kind, fitting, "state")

    return read


_PATH = PurePosixPath("/etc/modprobe.d/x.conf")
_FILE = FileState(_PATH, b"x", 0o644, 0, 0, codec.digest(b"x"), None, (("user.x", b"\0\xff"),))
_LINK = FileState(_PATH, None, 0o777, 0, 0, None, "../elsewhere")
_STEPS = (Step(StepKind.INITRAMFS, InitramfsTool.DRACUT, ("6.1",), "rebuild"),)
_SETTINGS = (Setting(Layer.KERNEL, None, "noretry", "1", "r"), Setting(Layer.PYTHON, "/v/bin/python", "A", "b", "r"))
_WISH = Generation(
    "apply", settings=_SETTINGS, gpus=("RX",), boot_id="boot", change="7-ab", parts=(1000,), booted=_SETTINGS
)
_GENERATION = replace(
    _WISH, number=1, time="2026-01-01T00:00:00Z", managed=(Managed(_PATH, _FILE, _LINK, 1),), pending=_STEPS
)
_UNDO = records.Undo(
    1, "apply", records.name_entries([(_PATH, _LINK, _FILE)]), (PurePosixPath("/etc/a"),), (), _STEPS, True
)
_BOOT = boot_counting.BootResult(
    boot_counting.BootOutcome.ROLLED_BACK, 1, "boot", ("taken back",), "2026-01-01T00:00:00Z"
)


def _page(kind: str) -> Callable[[bytes], object]:
    return lambda data: index.read_page(data, kind, "https://example.org/torch/", "torch")


_WHEEL = index.named("torch-2.14.0+rocm10.1.0-cp311-cp311-linux_x86_64.whl", "https://example.org/t.whl")
assert _WHEEL is not None


def _made_wheel() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("torch/__init__.py", "")
        name = "torch-2.14.0+rocm10.1.0.dist-info/METADATA"
        archive.writestr(name, b"Name: torch\nVersion: 2.14.0+rocm10.1.0\n" + _METADATA)
    return packed.getvalue()


def _locked(data: bytes) -> None:
    (_scratch() / "lock.json").write_bytes(data)
    fetching.read_lock(Sysroot(_scratch()), PurePosixPath("/lock.json"))


class _Shelf:
    """A shelf whose torch says of itself what the fuzzer wants; everything else is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def files(self, project: str) -> tuple[index.IndexFile, ...]:
        name = project.replace("-", "_")
        if len(name) > 60 or not name.isidentifier():
            return ()
        versions = ("2.14.0+rocm10.1.0",) if project == "torch" else ("1.0", "10.1.0", "80.0", "2.14.0+rocm10.1.0")
        names = [f"{name}-{version}-py3-none-any.whl" for version in versions]
        return tuple(file for text in names if (file := index.named(text, "https://example.org/")))

    def metadata(self, file: index.IndexFile) -> index.Metadata:
        head = f"Name: {file.name}\nVersion: {file.version}\n".encode()
        return index.read_metadata(head + self.data if file.name == "torch" else head, file)


def _wishes(data: bytes) -> None:
    found = choose.choose(_Shelf(data), choose.Asking(given("gfx1100"), choose.Here("cp311")))
    assert data != _METADATA or found.choice is not None


_HTML = (
    b"<!DOCTYPE html><!-- <a href='torch-1-py3-none-any.whl'> --><base href='/x/'>"
    b"<a href='torch-2.14.0%2Brocm10.1.0-cp311-cp311-linux_x86_64.whl#sha256=" + b"ab" * 32 + b"' "
    b"data-requires-python='&gt;=3.10' data-yanked='' data-core-metadata='true'>torch</a><br/>\n"
)
_PEP691 = (
    b'{"meta": {"api-version": "1.1"}, "name": "torch", "files": [{"filename": "torch-1-py3-none-any.whl", "size": 5, '
    b'"url": "torch-1-py3-none-any.whl", "hashes": {"sha256": "' + b"ab" * 32 + b'"}, "yanked": "x", '
    b'"requires-python": ">=3.9", "core-metadata": {"sha256": "' + b"cd" * 32 + b'"}, "upload-time": "2026-01-01"}]}'
)
_TAGS = (
    b"<a ", b"<a href=", b"<!--", b"-->", b"<", b">", b"'", b'"', b"=", b"&gt;", b"&#0;", b"&#x110000;", b"#sha256=",
    b"../", b"%2F", b"%00", b"%5C", b"javascript:", b"file:///", b"//[::1", b"http://a:b@c/", b"<a " * 20000,
    b"<a href='" * 9000, b"<!--" * 20000, b"\xff", b"\x00", b".whl", b"data-yanked", b"-cp311-cp311-", b"+", b"!",
)  # fmt: skip
_METADATA = (
    b"Requires-Dist: sympy>=1.13.3\nRequires-Dist: setuptools<82; python_version >= '3.12'\n"
    b"Requires-Dist: amd[y]==1.0; extra == 'device-gfx1100'\nProvides-Extra: device-gfx1100\n\ntext\n"
)
_ASKS = (
    b"Requires-Dist: ", b"Provides-Extra: ", b"; extra == ", b"@ https://evil/", b"[", b"]", b"===", b"~=", b"<", b"!",
    b"'", b'"', b"python_version", b" in ", b" and (" * 200, b"9" * 3000, b"rocm-bootstrap", b"rocm[device-all]",
    b"nvidia-x", b"implementation_version < 'x'", b"\n ", b"\r", b"\x00",
)  # fmt: skip
_LOCK = lock.Lock(
    "2.14.0+rocm10.1.0", "10.1.0", "gfx1010", "cp311", "https://example.org/", "2026-11-27",
    (lock.LockedFile("a.whl", "a", "1", "ab" * 32, 5, None, lock.HashFrom.INDEX),),
)  # fmt: skip

_TRIAL = StrategyRun("as it is", "native", (Result("conv2d", Measured.OK, 1.5, 1e-6, ""),), ("note",), 2.0)
_PROBED = Probed(
    Identity(("gfx1010 0000:03:00.0",), "6.1", "2.5.1", "6.2", "/venv/bin/python", "0.1"),
    "2026-01-01T00:00:00Z", (Variables("as it is", (("HSA_A", "1"),), None, ("native",)),), (_TRIAL,),
)  # fmt: skip
_MANIFEST = records.Manifest(_GENERATION, (_LINK,), (PurePosixPath("/etc/a"),))
_JSON = (b'"', b"{", b"}", b"[", b"null", b"1e999", b"-1", b"NaN", b"\\ud800", b"../", b'"/"', b"[" * 5000, b"9" * 5000)
_YAML = (
    b"&a", b"*a", b"<<: ", b"!!python/object:os.system", b"? ", b"- ", b": ", b"|", b">", b"{", b"[", b"---\n",
    b"%YAML", b"0x7f", b"1e999", b".inf", b"9" * 5000, b"[" * 3000, b"\xef\xbb\xbf", b"id: ", b"when:", b"settings:",
    b"'", b'"',
)  # fmt: skip
_LOG = (b"HSA_STATUS_ERROR", b"\x1b[31m", b"\r", b"amdgpu", b"gfx1010", b"error: ", b"Memory access fault", b"0x7f")
_MODPROBE = (b"\\\n", b"options ", b"install ", b"blacklist ", b"amdgpu", b"amdgpu.", b"'", b'"', b"=", b"#", b"\x85")

_RULES = tuple(p.read_bytes() for p in sorted((DATA / "rules").glob("*.yaml"), key=lambda p: p.stat().st_size)[:4])

TARGETS = {
    "rules": Target(_rules, _RULES, _YAML),
    "os-release": Target(
        _os_release,
        ((DEMO / "etc/os-release").read_bytes(), b"ID='a b'\nVERSION_ID=\"1\\\"2\"\n"),
        (b"'", b'"', b"\\", b"=", b"$(id)", b"ID=", b"VERSION_ID="),
    ),
    "version.py": Target(
        lambda data: parse_version(_text(data)),
        ((DEMO / "home/sam/venv/lib/python3.11/site-packages/torch/version.py").read_bytes(),
         b"from typing import Optional\nhip: Optional[str] = '6.2'\n"),
        (b"(" * 300, b"-" * 3000, b"hip = ", b"9" * 5000, b"'''", b"lambda:", b"__import__", b"\\N{", b"f'{", b"\x0c"),
    ),
    "modprobe.d": Target(
        lambda data: list(parse_conf(_text(data), "/etc/modprobe.d/x.conf")),
        ((DEMO / "etc/modprobe.d/somebody-elses.conf").read_bytes(), b"options amdgpu \\\n a=1 'b=\"2' # c\n"),
        _MODPROBE,
    ),
    "cmdline": Target(
        lambda data: list(parse_cmdline(_text(data))),
        (b"quiet amdgpu.dc=1 modprobe.blacklist=amdgpu \"a b\"",),
        _MODPROBE,
    ),
    "properties": Target(
        lambda data: parse_properties(_text(data)),
        ((DEMO / "sys/class/kfd/kfd/topology/nodes/1/properties").read_bytes(),),
        (b"gfx_target_version ", b"9" * 5000, b"-1", b"simd_count 1\n"),
    ),
    "sysfs": Target(
        _sysfs, (b"\xff".join((DEMO / name).read_bytes() if (DEMO / name).exists() else b"1" for name in SYSFS),),
        (b"\xff", b"0x", b"1002", b"9" * 5000, b"PCI_SLOT_NAME=", b"gfx_target_version 100100"),
    ),
    "parmtype": Target(
        lambda data: parse_parmtype(_text(data)),
        (b"noretry:int\nvm_size:int\ndc:int\nx:array of int\n",),
        (b":", b"\n"),
    ),
    "running": Target(
        _running, (b"\xff".join(_PROCESS),), (b"\xff", b"\0", b"=", b"-", b"\0-W" * 300, b"libamdhip64.so", b"/..")
    ),
    "passwd": Target(
        _passwd, (b"root:x:0:0:root:/root:/bin/sh\nsam:x:1000:1000::/home/sam:/bin/sh\n",), (b":", b"9" * 30)
    ),
    "image": Target(_image, (_cpio("init", "etc/modprobe.d/rdna-installer.conf"), _cpio("early_cpio")),
                    (b"070701", b"FFFFFFFF", b"TRAILER!!!", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ")),
    "log": Target(
        lambda data: order(scan([data], _signatures())),
        (b"HIP error: invalid device function\nMemory access fault by GPU node-1 (Agent handle: 0x55) on address 0x7f\n"
         b"[ 12.3] amdgpu 0000:03:00.0: amdgpu: [gfxhub] page fault (src_id:0 ring:24 vmid:8)\n",),
        _LOG,
    ),
    "boot": Target(_boot, (records.dump(_BOOT), b"0c6a\n1d7b\n"), _JSON),
    "probe": Target(lambda data: reading.load(data, "probe.json"), (reading.dump(_PROBED),), (*_JSON, b"9" * 400)),
    "manifest": Target(_state(records.Manifest), (records.dump(records.to_write(_MANIFEST)),), _JSON),
    "journal": Target(_state(records.Undo), (records.dump(records.to_write(_UNDO)),), _JSON),
    "places": Target(
        _places,
        (b"\xff".join((b"[Service]\nEnvironmentFile=-/etc/%i\nExecStart=/bin/sh /home/sam/.bashrc\n",
                      b"[Service]\nEnvironment=HSA_X=1\n", b"HSA_X=1\n", b"#!/bin/sh\n. ~/.bashrc\nexport HSA_X=1\n",
                      b"include: compose.yaml\nservices:\n  a: {extends: a, env_file: .env, environment: [HSA_X]}\n",
                      b"services:\n  a:\n    extends: {file: compose.yaml, service: a}\n",
                      b"HSA_X=1\nCOMPOSE_FILE=a:b\n",
                      b"Match User bob\nSetEnv HSA_X=1\n", b"pam_env.so envfile=/etc/environment\n")),),
        (*_PLACES, *_YAML),
    ),
    **{
        f"place-{kind}": Target(
            lambda data, kind=kind: dotfiles.read_as(kind, _text(data)),  # type: ignore[misc]
            tuple(text for how, text in _SAMPLES if how == kind) or (b"HSA_X=1\n",),
            _PLACES,
        )
        for kind in _KINDS
    },
    "index-html": Target(_page("text/html"), (_HTML,), _TAGS),
    "index-json": Target(_page(index.JSON_TYPE), (_PEP691,), (*_JSON, *_TAGS)),
    "wheel": Target(
        lambda data: index.metadata_in(io.BytesIO(data), _WHEEL), (_made_wheel(),),
        (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"\xff\xff\xff\xff", b"METADATA", b"../"),
    ),
    "wheel-asks": Target(_wishes, (_METADATA,), _ASKS),
    "wheel-lock": Target(_locked, (codec.write(_LOCK, 1),), _JSON),
    "current": Target(_state(Generation), (records.dump(records.for_all_to_read(_GENERATION)),), _JSON),
}  # fmt: skip
