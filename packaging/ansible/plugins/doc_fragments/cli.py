# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""What the options mean that several modules have: their types are the modules' own, their words are in words.yml."""

import os

import yaml
from ansible_collections.rdna.installer.plugins.module_utils import cli

with open(os.path.join(os.path.dirname(__file__), "words.yml")) as file:
    WORDS = yaml.safe_load(file)


def described(spec, **more):
    """A fragment with these options."""
    return yaml.safe_dump(dict(more, options={name: dict(spec[name], description=WORDS[name]) for name in spec}))


# C(program) is for all modules, C(owner), C(hardware), C(request), C(ways) and C(change) for some. No class statement:
# ansible-test reads the texts in one without running it.
TEXTS = {"DOCUMENTATION": described(cli.PROGRAM, **WORDS["of all"])}
TEXTS.update(OWNER=described(cli.OWNER), HARDWARE=described(cli.HARDWARE), REQUEST=described(cli.REQUEST))
TEXTS.update(WAYS=described(cli.WAYS), CHANGE=described(cli.ONCE, **WORDS["of changing ones"]))
ModuleDocFragment = type("ModuleDocFragment", (), TEXTS)
