"""Pages as mirrors print them, one kind of server each, and what has to come out; written before any of it was run.

Read for it: the templates of Pulp, Harness, simple-repository and morgue, uv's samples of Artifactory, PEP 503, 592, 658, 691, 700, 714 and 740, and the listings of nginx and Apache.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
from typing import Any

import pytest

from rdna_installer.environments.index import read_page

V = "2.14.0+rocm10.1.0"
W = f"torch-{V}-cp311-cp311-linux_x86_64.whl"
E = W.replace("+", "%2B")
S, M = "ab" * 32, "cd" * 16
HTML, JSON = "text/html", "application/vnd.pypi.simple.v1+json"
Page = tuple[str, str, str, list[dict[str, Any]]]  # address, kind, page, the fields of each file that comes out

PULP = f"""<!DOCTYPE html>
<html>
<head>
  <title>Links for torch</title>
  <meta name="api-version" value="2" />
</head>
<body>
    <h1>Links for torch</h1>
    <a href="https://pulp.example/pulp/content/rocm/{W}#sha256={S}" rel="internal">{W}</a><br/>
</body>
</html>"""
ARTIFACTORY = f"""<!DOCTYPE html>
<html>
<head><title>Links for torch</title></head>
<body>
<h1>Links for torch</h1>
<a href="../../torch/{V}/{W}#sha256={S}" data-requires-python="&gt;=3.10" rel="internal">{W}</a><br/>
</body>
</html>"""
ARTIFACTORY_OLD = f"""<!DOCTYPE html>
<html><head><title>Links for jinja2</title></head><body>
<h1>Links for jinja2</h1>
<a href="3.1.6/Jinja2-3.1.6-py3-none-any.whl#md5={M}"  data-gpg-sig="false" >Jinja2-3.1.6-py3-none-any.whl</a>
<br/>
<a href="3.1.6/Jinja2-3.1.6.tar.gz#md5={M}"  data-gpg-sig="true" >Jinja2-3.1.6.tar.gz</a>
<br/>
<a href="3.1.6/Jinja2-3.1.6.tar.gz.asc">Jinja2-3.1.6.tar.gz.asc</a>
</body></html>"""
NEXUS = f"""<html lang="en">
<head><title>Links for torch</title><meta name="api-version" value="2"/></head>
<body><h1>Links for torch</h1>
    <a href="../../packages/torch/{V}/{E}#sha256={S}" rel="internal" data-requires-python="&gt;=3.10, &lt;3.15" data-yanked="">{W}</a><br/>
</body></html>"""
DEVPI = f"""<!DOCTYPE html><html><head><title>lab/rocm: links for torch</title></head><body>
<h1>lab/rocm: links for torch</h1>
<p class="infonote">INFO: Because this project isn't in the <code>mirror_whitelist</code>, no releases from <strong>root/pypi</strong> are included.</p>
<form action="/lab/rocm/torch/refresh" method="post"><input name="refresh" type="submit" value="Refresh mirror links"/></form>
lab/rocm <a href="../../+f/1b2/c3d4e5f60718a/{E}#sha256={S}" data-requires-python="&gt;=3.10" data-yanked="wrong &quot;kernels&quot; &amp; slow">{W}</a><br/>
</body></html>"""
GITLAB = f"""<!DOCTYPE html>
<html>
  <head><title>Links for torch</title></head>
  <body>
    <h1>Links for torch</h1>
    <a href="https://gitlab.example/api/v4/projects/1/packages/pypi/files/{S}/{W}#sha256={S}" data-requires-python="">{W}</a><br>
  </body>
</html>"""
GITEA = f"""<!DOCTYPE html>
<html>
	<head>
		<title>Links for torch</title>
	</head>
	<body>
		<h1>Links for torch</h1>
			<a href="https://git.example/api/packages/amd/pypi/files/torch/{V.replace("+", "%2B")}/{E}#sha256={S}" data-requires-python="&gt;=3.10">{W}</a><br>
	</body>
</html>"""
HARNESS = f"""
<!DOCTYPE html>
<html>
	<head>
		<meta name="pypi:repository-version" content="1.3">
		<title>Links for torch</title>
	</head>
	<body>
		<h1>Links for torch</h1>
				<a href="/pkg/acc/reg/python/files/torch/{E}?token=a%2Bb&amp;x=1#sha256={S.upper()}" data-requires-python="&gt;=3.10,!=3.13.*">{W}</a><br>
	</body>
</html>
"""
PYTORCH = f"""<!DOCTYPE html>
<html>
  <body>
    <h1>Links for torch</h1>
    <a href="/whl/rocm10.1/{E}#sha256={S}" data-dist-info-metadata="sha256={S}" data-core-metadata="sha256={S}">{W}</a><br/>
  </body>
</html>
<!--TIMESTAMP 1790000000-->"""
NGINX = f"""<html>
<head><title>Index of /simple/torch/</title></head>
<body bgcolor="white">
<h1>Index of /simple/torch/</h1><hr><pre><a href="../">../</a>
<a href="{E.replace("linux_x86_64", "manylinux_2_27_x86_64.manylinux_2_28_x86_64")}">torch-2.14.0+rocm10.1.0-cp311-cp311-manylinux_2_2..&gt;</a> 05-Oct-2026 01:02  3123456789
<a href="{E}.asc">{W}.asc</a>  05-Oct-2026 01:02  833
</pre><hr></body>
</html>"""
APACHE = f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html><head><title>Index of /simple/torch</title></head><body><h1>Index of /simple/torch</h1>
  <table><tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
<tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="/simple/">Parent Directory</a></td></tr>
<tr><td valign="top"><img src="/icons/unknown.gif" alt="[   ]"></td><td><a href="{W.replace("cp311-cp311", "2-cp311-cp311")}">torch-2.14.0+rocm10.1..&gt;</a></td><td align="right">2026-10-05 01:02  </td><td align="right">2.9G</td></tr>
</table></body></html>"""
PYPISERVER = f"""<!DOCTYPE html>
<html>
    <head><title>Links for torch</title></head>
    <body>
        <h1>Links for torch</h1>
            <a href="/pypi/packages/{W}#md5={M}">{W}</a><br>
    </body>
</html>"""
PAGES_HOST = f"""<!doctype html><html><head><meta charset=utf-8><base href=/rocm-index/wheels/>
<meta content="1.1" name="pypi:repository-version"></head><body>
<a class=w href=torch/{E}#sha256={S} data-core-metadata=true data-dist-info-metadata=false>{W}</a>
</body></html>"""
UNESCAPED = f"""<!DOCTYPE html>
<html><head><meta name="pypi:repository-version" content="1.1"></head><body>
<a href="{E}#sha256={S}" data-requires-python=">=3.10" data-yanked="built with "wrong" kernels" data-gpg-sig="true">{W}</a><br/>
<a href="torch-2.13.0%2Brocm10.1.0-cp311-cp311-linux_x86_64.whl#sha256={S}">x</a><br/>
</body></html>"""
LOCALS = f"""<html><body>
<a href="torch-2.13.0%2Brocm7.2.0.lw.git7e1940d4-cp311-cp311-manylinux_2_28_x86_64.whl#sha384={"ef" * 48}&sha256={S}">a</a>
<a href="torch-2.13.0+rocm7_2_0-1gpu-cp310.cp311-none-linux_x86_64.whl">b</a>
<a href="pytorch_triton_rocm-3.5.1-cp311-cp311-linux_x86_64.whl">not of this project</a>
</body></html>"""


def of_json(version: str, *files: dict[str, Any], **more: Any) -> str:
    page = {"meta": {"_last-serial": 31, "api-version": version}, "name": "torch", "versions": [V], "files": files}
    return json.dumps({**page, **more})


BANDERSNATCH = of_json(
    "1.3",
    {
        "filename": W, "url": f"../../packages/ab/cd/{W}", "hashes": {"sha256": S}, "requires-python": ">=3.10",
        "size": 3123456789, "upload-time": "2026-10-05T01:02:03.000456Z", "yanked": "wrong \"kernels\"",
        "core-metadata": False, "dist-info-metadata": {"sha256": S}, "provenance": None, "data-dist-info-metadata": True,
    },
    alternate_locations=[],
)  # fmt: skip
PULP_JSON = of_json(
    "1.1",
    {
        "filename": W, "url": f"https://pulp.example/pulp/content/rocm/{W}", "hashes": {"sha256": S},
        "requires-python": "", "size": 0, "upload-time": "2026-10-05 01:02:03.000456+00:00", "yanked": False,
        "core-metadata": {},
    },
)  # fmt: skip
SIGNED = of_json(
    "1.4",
    {
        "filename": W, "url": "/blob/5f?X-Amz-Expires=900&X-Amz-Signature=a%2Fb#sha256=0", "gpg-sig": True,
        "hashes": {"blake2b-256": "x", "sha512": "y", "sha256": S.upper()}, "requires-python": None,
        "core-metadata": {"sha512": "z"}, "zstd": {"size": 5, "hashes": {}}, "upload-time": None, "yanked": True,
    },
    **{"project-status": {"status": "deprecated", "reason": "go on"}, "tracks": ["https://a.example/simple/torch/"]},
)  # fmt: skip
AT = "https://index.example/simple/torch/"
GIVEN = {"filename": W, "sha256": S, "version": V, "yanked": None, "metadata": None, "requires_python": None}
CASES: dict[str, Page] = {
    "pulp": (AT, HTML, PULP, [{**GIVEN, "url": f"https://pulp.example/pulp/content/rocm/{W}"}]),
    "artifactory": (
        "https://art.example/artifactory/api/pypi/rocm-local/simple/torch/", HTML, ARTIFACTORY,
        [{**GIVEN, "url": f"https://art.example/artifactory/api/pypi/rocm-local/torch/{V}/{W}", "requires_python": ">=3.10"}],
    ),
    "artifactory-old": (
        "https://art.example/simple/jinja2/", HTML, ARTIFACTORY_OLD,
        [{"name": "jinja2", "version": "3.1.6", "sha256": None, "sdist": sdist} for sdist in (False, True)],
    ),
    "nexus": (
        "https://nexus.example/repository/pypi-group/simple/torch/", HTML, NEXUS,
        [{**GIVEN, "url": f"https://nexus.example/repository/pypi-group/packages/torch/{V}/{E}", "yanked": "no reason given",
          "requires_python": ">=3.10, <3.15"}],
    ),
    "devpi": (
        "https://devpi.example/lab/rocm/+simple/torch/", HTML, DEVPI,
        [{**GIVEN, "url": f"https://devpi.example/lab/rocm/+f/1b2/c3d4e5f60718a/{E}", "requires_python": ">=3.10",
          "yanked": 'wrong "kernels" & slow'}],
    ),
    "gitlab": (AT, HTML, GITLAB, [GIVEN]),
    "gitea": (AT, HTML, GITEA, [{**GIVEN, "requires_python": ">=3.10"}]),
    "harness": (
        AT, f"{HTML}; charset=utf-8", HARNESS,
        [{**GIVEN, "requires_python": ">=3.10,!=3.13.*",
          "url": f"https://index.example/pkg/acc/reg/python/files/torch/{E}?token=a%2Bb&x=1"}],
    ),
    "pytorch": (AT, HTML, PYTORCH, [{**GIVEN, "metadata": S, "url": f"https://index.example/whl/rocm10.1/{E}"}]),
    "nginx": (
        AT, HTML, NGINX,
        [{"version": V, "sha256": None, "size": None, "tags": frozenset(
            f"cp311-cp311-manylinux_2_{n}_x86_64" for n in (27, 28))}],
    ),
    "apache": (AT, f"{HTML};charset=UTF-8", APACHE, [{"version": V, "sha256": None}]),
    "pypiserver": (AT, HTML, PYPISERVER, [{**GIVEN, "sha256": None, "url": f"https://index.example/pypi/packages/{W}"}]),
    "pages-host": (
        "https://me.example/rocm-index/simple/torch/", HTML, PAGES_HOST,
        [{**GIVEN, "url": f"https://me.example/rocm-index/wheels/torch/{E}", "metadata": ""}],
    ),
    "unescaped": (AT, HTML, UNESCAPED, [
        {**GIVEN, "yanked": "built with ", "requires_python": ">=3.10"}, {"version": "2.13.0+rocm10.1.0", "yanked": None}]),
    "locals": (AT, "", LOCALS, [
        {"version": "2.13.0+rocm7.2.0.lw.git7e1940d4", "sha256": S},
        {"version": "2.13.0+rocm7.2.0", "sha256": None, "tags": frozenset({"cp310-none-linux_x86_64", "cp311-none-linux_x86_64"})}]),
    "bandersnatch": (AT, JSON, BANDERSNATCH, [
        {**GIVEN, "url": f"https://index.example/packages/ab/cd/{W}", "size": 3123456789, "uploaded": "2026-10-05",
         "requires_python": ">=3.10", "yanked": 'wrong "kernels"'}]),
    "pulp-json": (AT, JSON, PULP_JSON, [{**GIVEN, "uploaded": "2026-10-05", "metadata": ""}]),
    "signed": (AT, "application/vnd.pypi.simple.latest+json", SIGNED, [
        {**GIVEN, "url": "https://index.example/blob/5f?X-Amz-Expires=900&X-Amz-Signature=a%2Fb", "metadata": "",
         "yanked": "no reason given", "uploaded": None}]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mirror(case: str) -> None:
    url, kind, page, wanted = CASES[case]
    project = "jinja2" if "jinja2" in url else "torch"
    found = read_page(page.encode(), kind, url, project)
    assert [{key: getattr(file, key) for key in keys} for file, keys in zip(found.files, wanted, strict=True)] == wanted
