#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""Bring a machine's settings into the state that has evidence, or take all of them away."""

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
