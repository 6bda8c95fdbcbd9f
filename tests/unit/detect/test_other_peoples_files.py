"""What a unit, the file it names and a compose file set is found, each with its line; a container's is marked so."""

from __future__ import annotations

import pytest

from rdna_installer.detect.compose import in_compose
from rdna_installer.detect.dotfiles import scan
from rdna_installer.detect.users import user_of


def _found(tree) -> dict[str, tuple[str | None, str, bool]]:
    tree.file("etc/passwd", "sam:x:0:0:Sam:/home/sam:/bin/bash\n")
    user = user_of(tree.root, 0)
    return {f.assignment.key: (f.assignment.value, f.where, f.contained) for f in scan(tree.root, user, ()).found}


def test_a_unit_and_the_file_it_names(tree) -> None:
    tree.file(
        "etc/systemd/system/llama.service",
        '[Service]\nEnvironmentFile=-/etc/llama.env\nEnvironment="HSA_OVERRIDE_GFX_VERSION=10.3.0" A=b\n',
    )
    tree.file("etc/llama.env", "KEY=x\nHSA_ENABLE_SDMA=0\n")
    assert _found(tree) == {
        "HSA_OVERRIDE_GFX_VERSION": ("10.3.0", "/etc/systemd/system/llama.service:3", False),
        "HSA_ENABLE_SDMA": ("0", "/etc/llama.env:2", False),
    }


def test_a_compose_file_below_the_home(tree) -> None:
    tree.file("home/sam/app/docker-compose.rocm.yml", "services:\n  a:\n    environment:\n      HSA_XNACK: '1'\n")
    tree.file("home/sam/compose.yaml", "services:\n  a:\n    environment:\n    - ROCBLAS_USE_HIPBLASLT=0 # why\n")
    assert _found(tree) == {
        "HSA_XNACK": ("1", "~/app/docker-compose.rocm.yml:4", True),
        "ROCBLAS_USE_HIPBLASLT": ("0", "~/compose.yaml:4", True),
    }


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('      - "HSA_XNACK=1"', "1"),
        ("      HSA_XNACK: 1", "1"),
        ('      "HSA_XNACK": "1"', "1"),
        ("      - HSA_XNACK=${HSA_XNACK:-1}", "1"),
        ("      - HSA_XNACK=${HSA_XNACK}", "${HSA_XNACK}"),
        ("      # HSA_XNACK: 1", None),
        ("    image: HSA_XNACK=1", None),
        ("      HSA_XNACK:", None),
        ("      - HSA_XNACK", None),
        ("    labels:\n      - HSA_XNACK=1", None),
        ("      <<: {HSA_XNACK: 1}", "1"),
        ("      HSA_XNACK: 1\n\tno: yaml", None),
    ],
)
def test_a_line_of_a_compose_file(line: str, value: str | None) -> None:
    text = f"services:\n  a:\n    environment:\n{line}\n"
    assert [a.value for a in in_compose(text)] == ([] if value is None else [value])
