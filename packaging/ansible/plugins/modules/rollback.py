#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Go back to an earlier state."""

DOCUMENTATION = r"""
module: rollback
short_description: Take changes to a machine with AMD GPUs back
description:
  - Runs C(rdna-installer rollback). Going back is a change too, and can be undone.
  - With O(to) it is idempotent; without, each run goes back one change more.
version_added: 0.1.0
options:
  to: {description: The change to go back to; V(0) is the machine before rdna-installer., type: int}
extends_documentation_fragment: [rdna.installer.cli, rdna.installer.cli.owner, rdna.installer.cli.change]
"""
EXAMPLES = r"""
- name: Back to the first change
  rdna.installer.rollback:
    to: 1
"""
RETURN = r"""
outcome: {description: How the command ended., type: str, returned: always, sample: done}
reference: {description: The short name of its error., type: str, returned: always, sample: drift}
error: {description: The whole error., type: dict, returned: always}
refused: {description: Whether this machine cannot have it., type: bool, returned: always}
reboot_required: {description: Whether a reboot puts it in force., type: bool, returned: always}
change: {description: The id of the change., type: str, returned: when there was one}
generation: {description: The generation in force of each owner., type: dict, returned: always, sample: {system: 3}}
drift: {description: Files that somebody changed since., type: list, elements: dict, returned: always}
trial: {description: The running trial., type: dict, returned: always}
boot: {description: What the last boot check found., type: dict, returned: always}
next: {description: What is to be done next., type: list, elements: str, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rdna.installer.plugins.module_utils import cli


def main():
    """Read the options, run the command."""
    to = {"to": {"type": "int"}}
    module = AnsibleModule(argument_spec=dict(cli.PROGRAM, **cli.OWNER, **cli.CHANGE, **to), supports_check_mode=True)
    cli.change(module, "rollback", cli.words(module.params, cli.OWNER, to))


if __name__ == "__main__":
    main()
