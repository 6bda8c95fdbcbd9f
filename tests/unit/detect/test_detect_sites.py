"""Which Python a path names, who owns it, and what is found without being named."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.detect import places
from rdna_installer.detect.sites import find_sites, search_sites
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User

USER = User(1000, 1000, "u", PurePosixPath("/home/u"), "/bin/bash", frozenset())


def _one(tree, path: str):
    (site,) = find_sites(tree.root, [path], USER)
    return str(site.python), str(site.site_packages), site.python_version


VENV = ("/home/u/venv/bin/python", "/home/u/venv/lib/python3.11/site-packages", "3.11")


@pytest.mark.parametrize(
    "path", ["/home/u/venv", "/home/u/venv/", "/home/u/venv/bin/python", "/home/u/venv/bin/python3", "/home/u/linked"]
)
def test_a_venv_by_folder_or_program(tree, path) -> None:
    tree.debian_python()
    tree.venv("/home/u/venv")
    tree.link("/home/u/linked", "venv")
    assert _one(tree, path) == VENV


def test_a_venv_of_several_pythons_goes_by_the_one_it_runs(tree) -> None:
    tree.debian_python("3.12")
    tree.venv("/home/u/venv", "3.12")
    tree.file("/home/u/venv/lib/python3.11/site-packages/x")
    assert _one(tree, "/home/u/venv")[2] == "3.12"


def test_conda_pyenv_and_plain_prefixes(tree) -> None:
    for prefix in ("/home/u/miniforge3/envs/ai", "/home/u/.pyenv/versions/3.10.13", "/opt/python"):
        site = tree.python(prefix, "3.10")
        assert _one(tree, prefix) == (f"{prefix}/bin/python", site, "3.10")
        assert _one(tree, f"{prefix}/bin/python3") == (f"{prefix}/bin/python3", site, "3.10")


def test_debians_python_is_written_where_the_administrator_may(tree) -> None:
    tree.debian_python()
    tree.file("/usr/lib/python3.12/os.py")
    tree.file("/usr/lib/python3.11/site-packages/x")
    wanted = ("/usr/bin/python3", "/usr/local/lib/python3.11/dist-packages", "3.11")
    assert _one(tree, "/usr/bin/python3") == wanted


def test_a_link_to_an_interpreter_elsewhere(tree) -> None:
    site = tree.python("/home/u/.local/share/uv/python/cpython-3.12", "3.12")
    tree.link("/home/u/.local/bin/python3.12", "../share/uv/python/cpython-3.12/bin/python3.12")
    assert _one(tree, "/home/u/.local/bin/python3.12")[1] == site


NONE = ["/nowhere", "/etc", "/etc/passwd", "/home/u/venv/bin/activate", "/home/u/.pyenv/shims/python3", "/loop", ""]


@pytest.mark.parametrize("path", NONE)
def test_not_a_python(tree, path) -> None:
    tree.debian_python()
    tree.venv("/home/u/venv")
    for name in ("/etc/passwd", "/home/u/venv/bin/activate", "/home/u/.pyenv/shims/python3"):
        tree.file(name, "#!/bin/sh\n")
    tree.link("/loop", "loop")
    with pytest.raises(RdnaError) as err:
        find_sites(tree.root, [path], USER)
    assert (err.value.reference, err.value.exit_code) == ("not-a-python", Exit.USAGE)
    assert f"--python {path}" in (err.value.context or "")


@pytest.mark.parametrize("path", ["/home/u/venv", "/home/u/venv/bin/python"])
def test_a_venv_whose_python_is_gone(tree, path) -> None:
    tree.venv("/home/u/venv", "3.9")
    with pytest.raises(RdnaError) as err:
        find_sites(tree.root, [path], USER)
    assert (err.value.reference, err.value.exit_code) == ("python-gone", Exit.REFUSED)
    assert err.value.message == "the virtual environment's Python no longer exists (/usr/bin/python3.9)"


def test_each_once(tree) -> None:
    tree.debian_python()
    tree.venv("/home/u/venv")
    assert len(find_sites(tree.root, ["/home/u/venv", "/home/u/venv/bin/python"], USER)) == 1


def test_the_systems_torch_of_a_venv_that_sees_it(tree) -> None:
    tree.debian_python()
    tree.torch("/usr/lib/python3/dist-packages", "2.6.0")
    for name, see in (("open", "true"), ("closed", "false")):
        tree.venv(f"/home/u/{name}", config=f"home = /usr/bin\ninclude-system-site-packages = {see}\n")
    first, second = find_sites(tree.root, ["/home/u/open", "/home/u/closed"], USER)
    assert first.torch is not None
    assert first.torch.version == "2.6.0"
    assert str(first.site_packages).startswith("/home/u/open/")
    assert second.torch is None


def test_packages_of_the_user_come_before_the_systems(tree) -> None:
    tree.debian_python()
    tree.torch("/usr/lib/python3/dist-packages", "2.6.0")
    assert _one(tree, "/usr/bin/python3")[1] == "/usr/local/lib/python3.11/dist-packages"
    tree.torch("/home/u/.local/lib/python3.11/site-packages", "2.5.1+rocm6.2")
    (site,) = find_sites(tree.root, ["/usr/bin/python3"], USER)
    assert str(site.site_packages) == "/home/u/.local/lib/python3.11/site-packages"
    assert site.torch is not None
    assert site.torch.version == "2.5.1+rocm6.2"


def test_mixed_owners_are_refused(tree, monkeypatch) -> None:
    tree.debian_python()
    site = tree.venv("/home/u/venv")
    tree.torch(site)
    real = Sysroot.status

    def status(self, inside, **follow):
        found = real(self, inside, **follow)
        if str(inside).endswith("pyvenv.cfg") and found is not None:
            return os.stat_result([*found[:4], found.st_uid + 1, *found[5:10]])
        return found

    monkeypatch.setattr(Sysroot, "status", status)
    with pytest.raises(RdnaError) as err:
        find_sites(tree.root, ["/home/u/venv"], USER)
    assert (err.value.reference, err.value.exit_code) == ("mixed-owners", Exit.REFUSED)
    found = search_sites(tree.root, USER)
    assert found.sites == ()
    assert found.notes[0].startswith("/home/u/venv: /home/u/venv/pyvenv.cfg belongs to user")


USUAL = ["/home/u/venv", "/home/u/.venv", "/home/u/venvs/a", "/home/u/.virtualenvs/b", "/home/u/ComfyUI/venv"]


def test_search_finds_those_with_a_torch(tree) -> None:
    tree.debian_python()
    for place in USUAL:
        tree.torch(tree.venv(place))
    conda = "/home/u/miniforge3/envs/ai"
    tree.torch(tree.python(conda))
    tree.venv("/home/u/venvs/none")
    tree.file("/home/u/venvs/README")
    found = search_sites(tree.root, USER)
    assert {str(site.prefix) for site in found.sites} == {*USUAL, conda}
    assert found.notes == ()


HIDDEN_AWAY = [
    "/home/u/.unsloth/studio/unsloth_studio",
    "/home/u/Dev/ai/images/ComfyUI/.venv",
    "/home/u/torch-gfx1010",
    "/home/u/.local/share/pipx/venvs/invokeai",
    "/home/u/.local/share/uv/tools/vllm",
    "/home/u/miniconda3/envs/ai",
    "/home/u/.pyenv/versions/3.11.9",
    "/home/u/.conda/envs/sd",
    "/mnt/fast/envs/listed",
    "/opt/ai/venv",
    "/opt/conda",
]


@pytest.mark.parametrize("place", HIDDEN_AWAY)
def test_search_finds_what_people_have(tree, place) -> None:
    tree.debian_python()
    conda = "conda" in place or "listed" in place
    tree.torch(tree.python(place) if conda or "pyenv" in place else tree.venv(place))
    if conda:
        tree.file(f"{place}/conda-meta/history")
    tree.file("/home/u/miniconda3/conda-meta/history")
    tree.file("/home/u/.conda/environments.txt", "/mnt/fast/envs/listed\n/gone\nrelative\n" + "/x\n" * 500)
    found = search_sites(tree.root, USER)
    assert [str(site.prefix) for site in found.sites] == [place]
    assert found.notes == ()


def test_search_says_where_it_looked(tree) -> None:
    tree.debian_python()
    tree.file("/home/u/x")
    looked = ("/usr/bin/python3", "/home/u (6 levels deep)", "/usr/local (4 levels deep)")
    assert search_sites(tree.root, USER).looked == looked
    tree.file("/opt/x")
    assert search_sites(tree.root, USER).looked[2:] == ("/opt (4 levels deep)", looked[2])


def test_root_looks_into_every_home_and_an_account_of_a_daemon_is_none(tree) -> None:
    tree.debian_python()
    lines = ["root:x:0:0::/root:/bin/sh", "u:x:1000:1000::/home/u:/bin/sh", "v:x:1001:1001::/home/v:/bin/sh"]
    tree.file(
        "/etc/passwd", "\n".join([*lines, "d:x:200:200::/var/lib/d:/bin/false", "n:x:1002:1002::/:/bin/sh"]) + "\n"
    )
    for place in ("/root/venv", "/home/u/venv", "/home/v/a/b/venv", "/var/lib/d/venv"):
        tree.torch(tree.venv(place))
    root = User(0, 0, "root", PurePosixPath("/root"), "/bin/sh", frozenset())
    assert [str(s.prefix) for s in search_sites(tree.root, root).sites] == [
        "/root/venv",
        "/home/u/venv",
        "/home/v/a/b/venv",
    ]
    assert [str(s.prefix) for s in search_sites(tree.root, USER).sites] == ["/home/u/venv"]


def test_search_follows_a_link_to_another_disk_once_and_no_circle(tree, monkeypatch) -> None:
    tree.debian_python()
    tree.torch(tree.venv("/data/ComfyUI/venv"))
    tree.link("/home/u/ComfyUI", "/data/ComfyUI")
    tree.link("/home/u/again", "ComfyUI")
    tree.link("/home/u/circle", ".")
    tree.link("/home/u/a/up", "..")
    monkeypatch.setattr(places, "FOLDERS", 4)  # home, ComfyUI, its venv, a
    found = search_sites(tree.root, USER)
    assert [str(site.prefix) for site in found.sites] == ["/data/ComfyUI/venv"]
    assert found.looked[1] == "/home/u (6 levels deep)"


def test_a_mount_that_may_not_answer_is_not_asked(tree, monkeypatch) -> None:
    """Not even with a stat: a lost NFS server holds it for ever."""

    home = tree.top / "home/u"
    tree.debian_python()
    for place in ("/home/u/nas/venv", "/home/u/local disk/venv", "/home/u/plain/venv"):
        tree.torch(tree.venv(place))
    tree.link("/home/u/link", "nas")
    tree.link("/home/u/plain/absolute", "/home/u/nas/venv")
    lines = [
        "21 1 8:1 / / rw - nfs4 server:/root rw",
        f"22 21 0:50 / {home}/nas rw,relatime shared:1 - nfs4 server:/x rw",
        f"23 21 8:2 / {home}/local\\040disk rw - ext4 /dev/sda2 rw",
        "broken",
    ]
    live = Sysroot("/")
    monkeypatch.setattr(Sysroot, "read_optional", lambda self, inside: "\n".join(lines))
    assert places.distant_mounts(tree.root) == ()
    away = places.distant_mounts(live)
    assert away == (PurePosixPath(home / "nas"),)
    monkeypatch.undo()
    monkeypatch.setattr(places, "distant_mounts", lambda root: (PurePosixPath("/home/u/nas"),))
    touched = []
    real = Sysroot.place
    monkeypatch.setattr(
        Sysroot, "place", lambda self, inside, **kw: touched.append(str(inside)) or real(self, inside, **kw)
    )
    found = search_sites(tree.root, USER)
    assert [str(site.prefix) for site in found.sites] == ["/home/u/local disk/venv", "/home/u/plain/venv"]
    assert not [path for path in touched if path.startswith("/home/u/nas")]


def test_search_is_bounded(tree, monkeypatch) -> None:
    """A home of hundreds of folders: it ends, says so, and has looked at the shallow ones first."""
    tree.debian_python()
    for n in range(60):
        (tree.top / f"home/u/data/{n}/x/y").mkdir(parents=True)
    tree.torch(tree.venv("/home/u/work/venv"))
    monkeypatch.setattr(places, "FOLDERS", 40)
    found = search_sites(tree.root, USER)
    assert [str(site.prefix) for site in found.sites] == ["/home/u/work/venv"]
    assert found.looked[1] == "/home/u (6 levels deep, stopped after 40 folders)"


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_home_is_read_as_its_owner(monkeypatch, tmp_path) -> None:
    """On the live root: what the owner may not read is not read for them either."""
    from rdna_installer.detect import sites

    tmp_path.chmod(0o755)
    home = tmp_path / "home"
    (home / "locked").mkdir(parents=True)
    (home / "locked").chmod(0o700)
    asked = []
    monkeypatch.setattr(
        sites, "_of_home", lambda root, person: asked.append(1) or sites.FoundSites((), (str(os.geteuid()),))
    )
    monkeypatch.setattr(sites, "_with_torch", lambda root, paths, user, looked: sites.FoundSites((), ()))
    monkeypatch.setattr(sites, "SHARED", ())
    person = User(61234, 61234, "p", PurePosixPath(home), "/bin/sh", frozenset())
    assert search_sites(Sysroot("/"), person).notes == ("61234",)
    assert asked == [], "it ran in a child"


def test_search_says_what_it_left_out(tree) -> None:
    tree.torch(tree.venv("/home/u/venv"))
    assert search_sites(tree.root, USER).notes == (
        "/home/u/venv: the virtual environment's Python no longer exists (/usr/bin/python3.11)",
    )


def test_search_on_the_live_root_looks_at_the_activated_one_and_here(tmp_path, monkeypatch) -> None:
    from detect_tree import Tree

    tree = Tree(tmp_path)
    base = tree.python("/base")
    for name in ("active", "here/.venv"):
        site = tree.venv(f"/{name}")
        for link in ("python", "python3"):
            (tmp_path / name / "bin" / link).unlink()
        (tmp_path / name / "bin" / "python").symlink_to(tmp_path / "base/bin/python3.11")
        tree.torch(site)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.chdir(tmp_path / "here")
    me = User(os.geteuid(), os.getegid(), "n", PurePosixPath("/nonexistent"), "/bin/sh", frozenset())
    prefixes = {str(site.prefix) for site in search_sites(Sysroot("/"), me).sites}
    assert base
    assert {str(tmp_path / "active"), str(tmp_path / "here/.venv")} <= prefixes


def test_a_relative_path_on_the_live_root(tmp_path, monkeypatch) -> None:
    from detect_tree import Tree

    site = Tree(tmp_path).python("/py")
    monkeypatch.chdir(tmp_path)
    (found,) = find_sites(Sysroot("/"), ["py/bin/python3"], USER)
    assert Path(found.site_packages) == tmp_path / site.lstrip("/")
