# Copyright: the rdna-installer authors. MIT licence (see LICENSE)
"""What the options mean that several modules have."""


class ModuleDocFragment:
    """C(program) is for all modules, C(owner), C(hardware), C(request), C(ways) and C(change) for some."""

    DOCUMENTATION = r"""
options:
  executable: {description: The program on the managed machine., type: path, default: rdna-installer}
  root: {description: Work on another root directory of it., type: path, default: /}
requirements: [rdna-installer of the version of this collection, python >= 3.7]
author: [the rdna-installer authors (@rdna-installer)]
"""
    OWNER = r"""
options:
  owner: {description: "Whose part: V(all), V(system) or one user.", type: str}
"""
    HARDWARE = r"""
options:
  gfx: {description: "The target, such as V(gfx1030), where it cannot be detected.", type: str}
  rocm: {description: The version of ROCm where it cannot be detected., type: str}
  pythons: {description: Interpreters or environments that use the GPU., type: list, elements: path}
"""
    REQUEST = r"""
options:
  profile: {description: "A set of settings; the program's default is V(recommended).", type: str}
  use: {description: What the machine is for., type: str, choices: [training, inference, both]}
  layers: {description: Only these layers., type: list, elements: str, choices: [kernel, env, python, services]}
  services: {description: "Services or quadlets that get settings too (layer V(services))", type: list, elements: str}
  gpu: {description: "One GPU only: PCI address, KFD node or index.", type: str}
  settings: {description: Settings to add or change., type: dict, default: {}}
  unset: {description: Settings to leave out., type: list, elements: str}
  conv: {description: What runs convolutions., type: str, choices: [native, no-miopen, gemm, cpu, probe]}
  gtt_size: {description: GiB of memory that an integrated GPU may map., type: int}
  trial:
    description:
      - Whether new kernel options are on trial until a boot confirms them.
      - Where no trial is possible, kernel options are refused until this is V(off). It is never switched off for you.
    type: str
    choices: ['on', 'off']
"""
    WAYS = r"""
options:
  on_drift:
    description: What to do about files that somebody changed since; V(overwrite) saves them in the history.
    type: str
    choices: [fail, keep, overwrite]
    default: fail
  initramfs: {description: Whether boot images are rebuilt., type: bool, default: true}
"""
    CHANGE = r"""
options:
  restart:
    description: Changed services to start again, as the command line names them; others are told of in RV(next).
    type: list
    elements: str
  retries: {description: How often to try again while another run changes the machine., type: int, default: 3}
  delay: {description: Seconds between these., type: int, default: 5}
attributes:
  check_mode: {support: full, description: Plans and changes nothing.}
  diff_mode: {support: full, description: One entry a file; a long one as its number of lines.}
"""
