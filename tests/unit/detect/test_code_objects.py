"""For which targets a file holds GPU code: every kind of file, broken and hostile ones, and what a look costs."""

from __future__ import annotations

import base64
import os
import shutil
import struct
import subprocess
import time
import zlib
from pathlib import Path

import pytest
from elf_sample import AMDGPU, BUNDLE, bundle, elf, kpack, packed, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rdna_installer.detect import codeobjects
from rdna_installer.detect.codeobjects import targets_of
from rdna_installer.machine.sysroot import Sysroot


def page(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4096)


NAMES = ("gfx1010:xnack-", "gfx1030", "gfx11-generic", "gfx9-4-generic")
FOUND = ("gfx1030", "gfx11-generic", "gfx1010:xnack-", "gfx9-4-generic")
BLOBS = text("blobs") + b"\x92\x82" + text("a") + b"\xcd\x01\x02" + text("b") + b"\xc0\x05"
KPACK = struct.pack("<4sIQ", b"KPAK", 1, 16) + b"\x82" + text("a")
SECOND = bundle(["gfx1201"])


def _look(tmp_path: Path, data: bytes) -> tuple[str, ...] | None:
    (tmp_path / "f").write_bytes(data)
    return targets_of(Sysroot(tmp_path), "/f")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (elf({".hip_fatbin": bundle(NAMES)}), FOUND),
        (elf({".text": b"x", ".hip_fatbin": page(bundle(["gfx906"])) + SECOND}), ("gfx906", "gfx1201")),
        (elf({".hip_fatbin": packed(bundle(NAMES), 3)}), FOUND),
        (elf({".hip_fatbin": page(packed(bundle(["gfx942"]))) + page(packed(bundle(NAMES))) * 9}), ("gfx942", *FOUND)),
        (elf({".hip_fatbin": page(packed(bundle(NAMES), 1)) + page(packed(SECOND))}), FOUND),
        (elf({".text": b"x"}), ()),
        (elf({".hip_fatbin": bytes(8192), ".rocm_kpack_ref": b"\x80"}), ()),
        (bundle(NAMES), FOUND),
        (bundle(["gfx1100"], prefix="hip-amdgcn-amd-amdhsa-unknown-"), ("gfx1100",)),
        (bundle(["gfx1100"], code=b""), ()),
        (packed(bundle(NAMES), 1), FOUND),
        (packed(bundle(NAMES), 2), FOUND),
        (packed(bundle(NAMES), 3), FOUND),
        (elf(machine=AMDGPU, flags=0x33), ("gfx1010",)),
        (elf(machine=AMDGPU, flags=0x233), ("gfx1010:xnack-",)),
        (elf(machine=AMDGPU, flags=0x52), ("gfx10-1-generic",)),
        (kpack(["gfx1010"]), ("gfx1010",)),
        (kpack(["gfx90a:xnack+"], extra=BLOBS), ("gfx90a:xnack+",)),
    ],
)  # fmt: skip
def test_what_is_inside(tmp_path, data, found) -> None:
    assert _look(tmp_path, data) == found


UNKNOWN = {
    "empty": b"",
    "a placeholder": b"placeholder\n",
    "an ELF header alone": b"\x7fELF\x02\x01\x01" + bytes(57),
    "big endian": b"\x7fELF\x02\x02" + elf()[6:],
    "another processor": elf(machine=AMDGPU, flags=0xEE),
    "no bundle where one belongs": elf({".hip_fatbin": b"x" * 5000}),
    "a CCOB of version 9": b"CCOB" + struct.pack("<HH", 9, 0) + bytes(40),
    "a CCOB of unknown method": b"CCOB" + struct.pack("<HHIIQ", 2, 7, 40, 9, 0) + bytes(40),
    "a CCOB that is no zlib": b"CCOB" + struct.pack("<HHIIQ", 2, 0, 40, 9, 0) + b"x" * 40,
    "a CCOB of nothing": packed(b"nothing"),
    "entries without end": BUNDLE + struct.pack("<Q", 1 << 63),
    "a name without end": BUNDLE + struct.pack("<QQQQ", 1, 0, 1, 1 << 62),
    "a kpack of version 2": kpack(["gfx1010"], version=2),
    "a kpack of noise": b"KPAK" + os.urandom(60),
    "a kpack whose table is elsewhere": struct.pack("<4sIQ", b"KPAK", 1, 1 << 62),
    "a kpack nested without end": KPACK + b"\x91" * 100_000,
    "a kpack without its list": KPACK + b"\xdd\x00\x00\x75\x30" + b"\xc0" * 30_000 + text("gfx_arches") + b"\xc0",
    "a kpack whose list is cut": kpack(["gfx1010"])[:-1],
    "a kpack of endless lists": KPACK + b"\xdd\xff\xff\xff\xff" * 9,
}  # fmt: skip


@pytest.mark.parametrize("data", UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_told_is_unknown(tmp_path, data) -> None:
    assert _look(tmp_path, data) is None


@pytest.mark.parametrize("cut", [70, 1000, 4200])
def test_a_cut_file_is_unknown(tmp_path, cut) -> None:
    assert _look(tmp_path, elf({".hip_fatbin": bundle(NAMES)})[:cut]) is None


def test_no_file_a_folder_a_fifo_and_a_circle_are_unknown(tmp_path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "circle").symlink_to("circle")
    assert [targets_of(Sysroot(tmp_path), f"/{name}") for name in ("gone", "folder", "fifo", "circle")] == [None] * 4


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd here")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_zstd(tmp_path, version) -> None:
    assert _look(tmp_path, packed(bundle(NAMES), version, "zstd")) == FOUND
    assert _look(tmp_path, elf({".hip_fatbin": packed(bundle(NAMES), version, "zstd") + bytes(100)})) == FOUND


@pytest.mark.processes
@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd here")
def test_without_zstd_it_is_unknown(tmp_path, monkeypatch) -> None:
    data = packed(bundle(NAMES), 2, "zstd")
    monkeypatch.setattr("rdna_installer.machine.process.find", lambda tool, root=None: None)
    assert _look(tmp_path, data) is None


def test_a_bundle_that_points_at_itself_ends(tmp_path) -> None:
    table = BUNDLE + struct.pack("<Q", 1) + struct.pack("<QQQ", 2**64 - 1, 2**64 - 1, 4) + b"host"
    assert _look(tmp_path, table) == ()


def test_few_bytes_are_read_of_a_big_file(tmp_path, monkeypatch) -> None:
    """A section of 2 GB with 500 bundles, sparse on the disk."""
    each = 4 << 20
    head = elf({".hip_fatbin": b""})
    place = 8192
    with (tmp_path / "big").open("wb") as file:
        for number in range(500):
            one = bundle(["gfx1100"])
            file.seek(place + number * each)
            file.write(one.replace(struct.pack("<Q", 4), struct.pack("<Q", each - 4096)))
        file.seek(0)
        rows = head[-3 * 64 :]
        table = place + 500 * each
        file.write(head[:40] + struct.pack("<Q", table) + head[48:64] + head[64:-192])
        file.seek(table)
        section = bytearray(rows)
        struct.pack_into("<QQ", section, 64 + 24, place, 500 * each)
        file.write(section)
    read = []
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, n, at: read.append(n) or real(fd, n, at))
    start = time.process_time()
    assert targets_of(Sysroot(tmp_path), "/big") == ("gfx1100",)
    assert sum(read) < 2 << 20
    assert len(read) < 200
    assert time.process_time() - start < 1, "30 ms are wanted"


def test_the_budget_holds(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(codeobjects, "BUDGET", 1000)
    assert _look(tmp_path, elf({".hip_fatbin": bundle(NAMES)})) is None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_is_changed_in_a_good_file(tmp_path, data) -> None:
    """An answer or None, never another exception, never an answer with nonsense in it."""
    good = data.draw(st.sampled_from([elf({".hip_fatbin": bundle(NAMES)}), bundle(NAMES), packed(bundle(NAMES)),
                                      kpack(["gfx1010"]), elf(soname="x", needed=["y"])]))  # fmt: skip
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, min(len(changed) - 1, 400)) | st.integers(0, len(changed) - 1))
        changed[where] = data.draw(st.integers(0, 255))
    changed = changed[: data.draw(st.integers(0, len(changed)))] if data.draw(st.booleans()) else changed
    found = _look(tmp_path, bytes(changed))
    assert found is None or all(name.startswith("gfx") and name.isascii() for name in found)


RECORDED = """
c-rk<eQX@X6`$Sv@HtLwhZq_X6bv%prucd$Avh!fe`nL$!K5`xsjBt*Ztrg8^WF7s&v77eOdNs_$JFGHHWd;$6(6Y(j#FCXw31_>hzLOyA&}C_
LRKpzhY!h$TIyC6?#%AYd3Sy1yChfw^M2C#?Yy1e%<S&$?7a7O$A=o48hMUG3^sHhnol8A&E!d=t_tPjzc--kwY+we8RZVMM8&!wJcl7|m8Uqf
H1f3iN~zu=%i?Bf<T>$g=vh5IG-8%xw4U>p`gqD4ro7=1v#jRK(naZZ`m5sgv{jZNvt;M6<zv-HwuR$*+A23Avt+ynG0%x|2Rq$+XnmQ^OO!K9
&QNcO)?X0Xxw{p$AGzERJ?1|p9e-xq`=8goeEo=W64Cv6hVx%N#c5|CkCu~<f4l4cz3~?(AHM%V|K(3JwfCT*%|@)vpx>22-<3hXHG^KvpeM(3
9lqL8y7N)0|0VvdMr%;ZsQG-|rRfXNi4k)@LE^)eTSU<(cPU<3jH`)uQS4~(BT)=0(UwTGP6~zUB4NK0NW>&niG&G(WWc+dq(s;o{Gl8R%ORbx
M-C`)RgN{{9eQSyR#Iz~uoT;mBvtNKRDEx2IJRKFwnOwL6rbqZde0WWTvfTXy{gjVy^A$_$Z{Ojt7-opwH%*E7wot>!?h=vI;~45?F%W;a`Fu4
P%GD<=Z*c@ptl+Ohe2-~r%DZahjF|z=&$5{0ssI2000000KN&ByZe*p@ZZ}$!+(ozuEtv=9VELhP0eB4_IHvdQ}9a{wDjLdnoPYfO=#)&Nt#T#
FO6#HcSxE{wJ!~8={HE4OtCKw;bg0j{8;GwEGi@q&I*GKvqG|ASQtDwEes|u3WKc|gu&+X(@)@xO#?VF&~RQDXr305&0_=2Gs)%&VIVO!(27O#
MXWqE&^(oF9>u9s^#cu9?pTE@YZ`1GZc3Jv3Ca30*K`LiOX&M^^k;7t-CU3D=)TX&g@L<2#^$atxa!M7glfh}Gb<-*lCKNNcZ9d?nn^Cajmd1I
m~9Yi6HU*4sTEm{OGGU~-;OzAJ15o%gF8OLThsZZ#-!sDQpLcIe-PDCq8i*$MA+|O_FhaqqTBnzfMbH>OxnwYzFDM}2m{;8rW2%!w;jKsR{7pH
p{D`>00000000000N`3cqlo|j00000000000001%v;8mDHP!6iDL&BH*z`b6y;$42yS}MG6jSfYT3&u$Ph~I?S1Y=!wuoCcS0ut6;mE#lMMw!J
x+^LerJueMd<UZ_(XP!EQl~HA4HH3r!MIdW5%70cdMZ8lc84WzM+JLhn9)mfqHpq`7CoPEoi1<Bg;!Y-ki&9J@j_1k0000000000006*p#v%Rt
|7vFM+t5_n@Bh!Q(&Z+8{`>zTv`YI%)^5mWm9v~#vhRYkts7v^H_HX<2CSg^b!IuinWgpn|A_*+|9fT`W$m`7=XqA@Y0q}EM26!r^7tI<W0IX0
_C0>C?PT>{>G%Js^Nbc>r{I*sEZONH-$y^~(7iJ?&GkE5S`q3S(OoO<4(*fl_|qSu;uqXfED)bWB}YcwlFt{D<8d(_mAvwcfl#Df3ccix`2BHN
MK8GH$|JJtWp|epO2}e|6862KXA#>Ie!m>+V_98#R=Y9l?}LiZCx^xMP{i9IdLxOjDt4zBD|2M*Pce#fWIU2$l;{lJ$as}90<lOUDw5rXM%|Db
VZKdkb0f?*X<Zt^?<gTAcS<-Z#|$mHDX0AN4cd@X{`vNJ(p=-$*a7I5TF+=`Q&rBK`F2(3%$aYSkmguMQzw_KgP?TAQ@QspQUmdfdZo~UZrhfI
bCz;C6CqX6s)_FpdqsT9q-eo3v=LU7EJekx%2eKHn!K#n`eeU^YY~5*kP~u>(Vd1dMj75nXEY>}Wh6vNTTLRxdiO#a8arEB1!7c<opsY*DF-@b
e6RSGZrP{xQS_QNMBu|r?UX`FAnf|X0zJw89_Jc!cS_x&KP0K*zDTTNzPrC?$0J8r>Xcv9-(>rfI~r5EBvnpR?b?^!@jx`D-@3P+(G&5gg0GdP
LNB@F`#aksq2KCdxjTGg?nGGeM`E2?wT9b_d)1wY%W=`SA6Kq;#keYYJKn(OBUORxjGi!7aN503>XQAj2tBgWv+nuBiN+#cJUm8XVrRrBbFa|B
RK=%5R{wfSR>wITeY@mX9AB;D9KXo8udQEV%S$~srwq@b)ix)ZaG9Uu#Hqd-KXlo1k293Re(TtSw-l9;bc_G;r*}T|-WOzT7xtXtQ}c}UZDKDZ
rmjE^Ymtzz@?2~kp4C|%c--l>U#~%E8-0-N<-gtYzh2wP@fAfYdJB3B4wuY6dG`9*fwOpG*UR;Chi#nwpE%2Zd+o=@SK0c<KerzpAGRgOo%v4<
y>5GAyqD*DR-m^&;EE6`#QJ<5_23iyp$lz9D{V)|dA#l9H{y%!?CHn*@^D^UHp<65JITjyAQ$9AC)$AQHonJZThYVYTs?;-j-7Mxg*|qDB`!~$
v^&Y_Kbt3cbkNS>vXIT*6Gg|)k$t>f-$zymy38|ubQ1AI{}|qWZdw1>oNtOQs#9RNClH!n+h&N~&urRULFK=`oQr7pjmtd03%W9Nm?kBR$LM=Y
>*aPu3YRuD)t6RobyvFYK~&=nN#Q^#9fat<((+9`KDoW}u0-W`7w?axT^#RBEe2#a+7rAhH4px($1&s%M^qWP@pz7(0mvN)C)`0P9z^sn(W^1!
jzxTuDj~NjcdMF~jQ&_Hhhh;iif6b=IDp*k@i=nh=O=jpA@WdBrFJZXxCnhqmsd2{iDJYX@`^RJyF_|&ky!te-8Id->b`<;fUV2KhQmyDfYEL+
B9Hbx-qIhLY%}yn&S3Abeo8)#{$g$}!uYH|GFgu1?JA?a#Bd`mo454eU<SV3B5$V8B;InrFj;{z*n1RrP#xp5e#d0JC4aRg{e6S2X|iiqSnSyh
4Y-?f*>g2zHx`)fMu+A6vGD$VRLA(9JE^30?*-f9$KPz_Z#VO^G#~AuI*&!q_;nfhO#T#^*8^kdru-qAE~IU=_CIfiIf;w<JrY^k-<g4bkn(qB
;R65w00000000000I-y}()j-t1o3~PTwu>Hv-tn8!z_*Q|0Kl!A^s2Xe~AA>{C~;g|9{N<;oG-1?#}@6|EmYY|CdMn|6-Q-e}9(vf0ZTv-v;r2
i2tXt1B`Zq5!U!W>yH<&GXBr{W7Sp0|5^WSyUO@KyI=Yt{;vVz|BJUD;{N~u00000000000Qfp1*Z6;bp)P-nP1mn;{J)nsOKTjzm-+*G?=(y1
AL+HF=gm;w%yzR}V9#6P|Jmxx6#vh)ol716f8Jr1#`ymb#Q!1w5AlD9|3mzL>A(Lk&9;K=6}<+qAa3@q;W@Ne+-znUeE<K<8r)Wh|LgMzbaI?S
TAY8jm+K$TM@Pm#=MIk#qsPa2$CHo0j{3%L;rSjXYW{%BBh#+O#~n1zZ^u{Mg$`?Rex6^a#rbdPcRuFC`)xQsnIt%9tl!R)2_(*k3Qe*8y#FQ7
aeQG9(qjFgNxSm^nPpD$=s+sgpNEp?$Ufe#??dQ-7VFpb!AZmu{phlf^~3rF-~9Cp*gXEL9*5!mg~i`rcpla-NN=xFEcN>fz5L=0u)e>LvU^vW
?cQA9UznkMX15n#;rk0IJO3KrUzoYZ_ZO<@`vX_|{=)fde1BmF_4{Ode}P+X+qRirpRt2;b7Q2>_RP(Zf68zQOLF~YvFs<ubZBmFnDR;(|B*e2
>n`Tjugr4|;lgi1`tJfR>rs-Srm*-ZU$@H1ci|j5k6a=TF0)zdpoJb@D0G$RJ}MN%`YOunDs*Z2L*zVSeL2<pv7Y!Zj*zw;(A$U#iyI5q{-CH}
pQ{($zi!*cO=Y)&mk<B|00000003ATSpBy*GJAGJm+LL|AM^jT@n-vw#YdSvI>ej(M`uuae-pETrcayg?IDZ3Lfr!BJ5-*qoAp(8b32*;Am38o
f9CY|FSQ$bcqG0425LaxPURLV8>xJVN<Y)L>=HEF&tmB2>^w7gk%-4ib5yk_l#s7N@fqD#%#oFHT*)DcB<NN&q%tQKb7>LJlV4KX6`V&7ivF0?
DT_g0Y(9nDN?1`vDHfCV<B~Cp6ov~hc)|h^Rr{mYfXi%@)LJF{BR!gAagAL&3bOdE%FyC|s|^;v6T1(X^jP|})$dep@q4lRgvl90z3Kd39*f_J
-FHl$$>KMtLgu&-yKk6m%g}ySe=X(LTJA$8hYbAHY4|&>eyd`$j9S`j*^Qbk{AjURR&nY1R=-gym{n?)d0G5M4_o|psS8e}(2f>ufZxIwj+^D?
Ed5W_`O(z%KW>)KTk>1`Uys43WgO>+o=u<MWsy(P_A~wo%0H2X&+sc`_B*n1a+va~IrDK_{f@(y`lsk~W9qrw+W&%u&z?KelrLoAk68GgQ7VVc
{XEn0Paw13Q=oidIDLP$^4~(~{ho|po~8d9+ipaZ^8b=${P;ftH0N;
"""


def test_a_library_that_clang_made(tmp_path) -> None:
    """Recorded: clang 19, -x hip, gfx1010:xnack-, gfx1030 and gfx11-generic, one trivial kernel."""
    data = zlib.decompress(base64.b85decode("".join(RECORDED.split())))
    assert _look(tmp_path, data) == ("gfx1030", "gfx11-generic", "gfx1010:xnack-")


SOURCE = """
#define __global__ __attribute__((global))
struct dim3 { unsigned x, y, z; };
typedef struct s *hipStream_t;
extern "C" int hipLaunchKernel(const void *, dim3, dim3, void **, unsigned long, hipStream_t);
extern "C" int __hipPushCallConfiguration(dim3, dim3, unsigned long, hipStream_t);
extern "C" int __hipPopCallConfiguration(dim3 *, dim3 *, unsigned long *, hipStream_t *);
__global__ void k(float *p) { *p = 1.0f; }
"""
CLANG = shutil.which("clang-19") or shutil.which("clang-20") or shutil.which("clang")


@pytest.mark.processes
@pytest.mark.skipif(CLANG is None, reason="no clang with the amdgcn target here")
@pytest.mark.parametrize("more", [[], ["--offload-compress"]], ids=["plain", "compressed"])
def test_a_library_that_clang_makes_now(tmp_path, more) -> None:
    (tmp_path / "k.hip").write_text(SOURCE)
    arches = ["--offload-arch=gfx1010:xnack-", "--offload-arch=gfx1030"]
    options = ["-nogpulib", "-nogpuinc", "-fPIC", "-shared", "-nostdlib", *more]
    argv = [str(CLANG), "-x", "hip", *arches, *options, "k.hip", "-o", "k.so"]
    made = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"this clang cannot make one: {made.stderr[:200]}")
    assert targets_of(Sysroot(tmp_path), "/k.so") == ("gfx1030", "gfx1010:xnack-")
