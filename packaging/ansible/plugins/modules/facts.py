#!/usr/bin/python
# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""What AMD GPUs a machine has, what serves them, and how its settings stand."""

import glob

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.rdna.installer.plugins.module_utils import cli


def way_back():
    """What of the machine's own boots it again after a panic or a hang."""
    with open("/proc/sys/kernel/panic") as file:
        seconds = int(file.read())
    found = ["panic=%d" % seconds] if seconds else []
    for path in glob.glob("/sys/class/watchdog/*/state"):  # one that nobody has started bites nobody
        with open(path) as file:
            found += ["watchdog"] if file.read().strip() == "active" else []
    return found


def gather(module):
    """The facts below C(rdna)."""
    params, version = module.params, module.get_bin_path(module.params["executable"])
    if version is None:
        return {"version": None}
    version = module.run_command([version, "--version"])[1].split()[-1:]
    machine = cli.answer(module, "detect", *cli.words(params, cli.HARDWARE))
    asked = cli.words(params, cli.OWNER, cli.HARDWARE, cli.REQUEST, cli.WAYS)
    plan = cli.call(module, "apply", "--dry-run", "--diff=short", *asked)
    error, gpus = plan["error"] or {}, machine["gpus"]
    facts = dict(cli.standing(plan), version=version[0] if version else None, outcome=plan["outcome"])
    facts.update(reference=error.get("reference"), reboot_planned=bool(plan.get("reboot_needed")))
    facts.update(error=error or None, refused=bool(cli.REFUSED.fullmatch(error.get("reference", ""))))
    facts["cards"] = [gpu["name"] or gpu["gfx"] for gpu in gpus]
    facts["device_ids"] = sorted({"%s:%s" % (gpu["vendor"], gpu["device"]) for gpu in gpus})
    facts.update(gfx=sorted({gpu["gfx"] for gpu in gpus}), verdict=plan.get("verdict"))
    facts["verdicts"] = {site["site"] or "system": site["verdict"] for site in plan.get("sites", [])}
    facts["rocm"] = sorted({str(found["version"]) for found in machine["rocm"]})
    facts["torch"] = [{k: t[k] for k in ("python", "version", "origin")} for t in machine["torch"]]
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
    spec = dict(cli.PROGRAM, **cli.OWNER, **cli.HARDWARE, **cli.REQUEST, **cli.WAYS)
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    module.exit_json(changed=False, ansible_facts={"rdna": gather(module)})


if __name__ == "__main__":
    main()
