#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""What AMD GPUs a machine has, what serves them, and how its settings stand."""

DOCUMENTATION = r"""
module: facts
short_description: What AMD GPUs a machine has and how its settings stand
description:
  - Runs C(rdna-installer detect), C(apply --dry-run) and, where something is applied, C(verify). Changes nothing.
  - A machine without the program, or one that refuses, is an answer and no failure.
version_added: 0.1.0
attributes:
  check_mode: {support: full, description: Changes nothing.}
extends_documentation_fragment:
  - rdna.installer.cli
  - rdna.installer.cli.owner
  - rdna.installer.cli.hardware
  - rdna.installer.cli.request
"""
EXAMPLES = r"""
- name: Facts, with what the same options would change
  rdna.installer.facts:
    layers: [kernel]

- name: Use them
  ansible.builtin.debug:
    msg: "{{ rdna.cards | join(', ') }}: {{ rdna.verdict }}"
"""
RETURN = r"""
ansible_facts:
  description: All of it, below C(rdna).
  returned: always
  type: dict
  contains:
    rdna:
      description: The facts.
      returned: always
      type: dict
      contains:
        version: {description: Of the program; none without it., type: str, returned: always}
        cards: {description: Names of the GPUs., type: list, elements: str, returned: with the program}
        device_ids: {description: PCI ids of the GPUs., type: list, elements: str, returned: with the program}
        gfx: {description: Their targets., type: list, elements: str, returned: with the program}
        verdict: {description: How well they are served., type: str, returned: with the program}
        verdicts: {description: The same of each Python., type: dict, returned: with the program}
        rocm: {description: Versions of ROCm., type: list, elements: str, returned: with the program}
        torch: {description: Each PyTorch., type: list, elements: dict, returned: with the program}
        kernel: {description: The release that runs., type: str, returned: with the program}
        distribution: {description: Name and version., type: str, returned: with the program}
        initramfs: {description: The tool that makes boot images., type: str, returned: with the program}
        outcome: {description: What the same options would do now., type: str, returned: with the program}
        refused: {description: Whether this machine cannot have it., type: bool, returned: with the program}
        error: {description: Why not., type: dict, returned: with the program}
        reference: {description: The short name of that refusal or error., type: str, returned: with the program}
        reboot_planned: {description: Whether what would change needs a reboot., type: bool, returned: with the program}
        pending: {description: How many files would change., type: int, returned: with the program}
        generation: {description: In force of each owner., type: dict, returned: with the program}
        drift: {description: Files that somebody changed since., type: list, elements: dict, returned: with the program}
        trial: {description: The running trial., type: dict, returned: with the program}
        boot: {description: What the last boot check found., type: dict, returned: with the program}
        boot_id: {description: Of the boot that runs., type: str, returned: with the program}
        reboot_required: {description: Whether something waits for a reboot., type: bool, returned: with the program}
        wrong: {description: What verify found., type: list, elements: str, returned: with the program}
        way_back: {description: What boots it after a panic., type: list, elements: str, returned: with the program}
"""

import glob

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rdna.installer.plugins.module_utils import cli


def way_back():
    """What of the machine's own boots it again after a panic or a hang."""
    with open("/proc/sys/kernel/panic") as file:
        seconds = int(file.read())
    return (["panic=%d" % seconds] if seconds else []) + (["watchdog"] if glob.glob("/dev/watchdog*") else [])


def gather(module):
    """The facts below C(rdna)."""
    params, version = module.params, module.get_bin_path(module.params["executable"])
    if version is None:
        return {"version": None}
    version = module.run_command([version, "--version"])[1].split()[-1:]
    machine = cli.call(module, "detect", *cli.words(params, cli.HARDWARE))
    asked = cli.words(params, cli.OWNER, cli.HARDWARE, cli.REQUEST)
    plan = cli.call(module, "apply", "--dry-run", "--diff=short", *asked)
    error, gpus = plan["error"] or {}, machine.get("gpus", [])
    facts = dict(cli.standing(plan), version=version[0] if version else None, outcome=plan["outcome"])
    facts.update(reference=error.get("reference"), reboot_planned=bool(plan.get("reboot_needed")))
    facts.update(error=error or None, refused=bool(cli.REFUSED.fullmatch(error.get("reference", ""))))
    facts["cards"] = [gpu["name"] or gpu["gfx"] for gpu in gpus]
    facts["device_ids"] = sorted({"%s:%s" % (gpu["vendor"], gpu["device"]) for gpu in gpus})
    facts.update(gfx=sorted({gpu["gfx"] for gpu in gpus}), verdict=plan.get("verdict"))
    facts["verdicts"] = {site["site"] or "system": site["verdict"] for site in plan.get("sites", [])}
    facts["rocm"] = sorted({str(found["version"]) for found in machine.get("rocm", [])})
    facts["torch"] = [{k: t[k] for k in ("python", "version", "origin")} for t in machine.get("torch", [])]
    facts["kernel"] = machine["kernel"]["release"]
    facts["distribution"] = "%(id)s %(version)s" % machine["distro"]
    facts.update(initramfs=machine["initramfs"]["tool"], boot_id=machine["boot_id"], way_back=way_back())
    facts.update(pending=len(plan.get("changes", [])), reboot_required=False, wrong=[])
    if any(facts["generation"].values()):
        found = cli.call(module, "verify", *cli.words(params, cli.OWNER, cli.HARDWARE))
        facts["reboot_required"] = bool(found.get("reboot_pending"))
        facts["wrong"] = [check["id"] for check in cli.wrong(found)]
    return facts


def main():
    """Read the options, gather."""
    spec = dict(cli.PROGRAM, **cli.OWNER, **cli.HARDWARE, **cli.REQUEST)
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    module.exit_json(changed=False, ansible_facts={"rdna": gather(module)})


if __name__ == "__main__":
    main()
