#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Bring a machine's settings into the state that has evidence, or take all of them away."""

DOCUMENTATION = r"""
module: apply
short_description: Set a machine up for its AMD GPUs
description:
  - Runs C(rdna-installer apply), which changes all of it or nothing; V(absent) runs C(rdna-installer uninstall).
version_added: 0.1.0
options:
  state: {description: Whether the settings are there., type: str, choices: [present, absent], default: present}
  on_refused:
    description: What a machine is that cannot have it, such as one whose card no software serves.
    type: str
    choices: [report, fail]
    default: report
extends_documentation_fragment:
  - rdna.installer.cli
  - rdna.installer.cli.owner
  - rdna.installer.cli.hardware
  - rdna.installer.cli.request
  - rdna.installer.cli.change
"""
EXAMPLES = r"""
- name: What is recommended for the card, in one environment too
  rdna.installer.apply:
    pythons: [/srv/torch]

- name: One kernel option, confirmed by the next boot
  rdna.installer.apply:
    layers: [kernel]
    settings: {noretry: 1}

- name: The machine as it was before
  rdna.installer.apply:
    state: absent
"""
RETURN = r"""
outcome: {description: How the command ended., type: str, returned: always, sample: done}
reference: {description: The short name of its error., type: str, returned: always, sample: drift}
error: {description: The whole error., type: dict, returned: always}
refused: {description: Whether this machine cannot have it., type: bool, returned: always}
routes: {description: "What would work instead, best first.", type: list, elements: str, returned: when refused}
verdict: {description: How well the GPUs are served., type: str, returned: when planned, sample: native}
reboot_required: {description: Whether a reboot puts it in force., type: bool, returned: always}
change: {description: The id of the change., type: str, returned: when there was one}
generation: {description: The generation in force of each owner., type: dict, returned: always, sample: {system: 3}}
drift: {description: Files that somebody changed since., type: list, elements: dict, returned: always}
trial: {description: The running trial., type: dict, returned: always}
boot: {description: What the last boot check found., type: dict, returned: always}
advice: {description: What the plan warns of., type: list, elements: str, returned: always}
next: {description: What is to be done next., type: list, elements: str, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rdna.installer.plugins.module_utils import cli


def main():
    """Read the options, run the command."""
    spec = dict(cli.PROGRAM, **cli.OWNER, **cli.HARDWARE, **cli.REQUEST, **cli.CHANGE)
    spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
    spec["on_refused"] = {"type": "str", "choices": ["report", "fail"], "default": "report"}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    if module.params["state"] == "present":
        cli.change(module, "apply", cli.words(module.params, cli.OWNER, cli.HARDWARE, cli.REQUEST))
    cli.change(module, "uninstall", cli.words(module.params, cli.OWNER))


if __name__ == "__main__":
    main()
