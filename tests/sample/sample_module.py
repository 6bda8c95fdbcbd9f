"""Writes the sample machine's amdgpu.ko to stdout: an ELF file with a .modinfo section and nothing else in it.

modinfo reads the types of the driver's parameters from that section, so that the demo's plan is proved by the same
tool in the same way as a real one. No kernel can load this file. Run by demo.sh, imported by nothing of ours.
"""

from __future__ import annotations

import struct
import sys

# Names and types as `modinfo -F parmtype` prints them for amdgpu of Debian's Linux 6.1; those that a plan may use.
PARAMETERS = {
    "cwsr_enable": "int",
    "gttsize": "int",
    "noretry": "int",
    "ppfeaturemask": "hexint",
    "vm_fragment_size": "int",
    "vm_update_mode": "int",
}
HEADER = struct.Struct("<4sBBBB8xHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
NAMES = b"\0.modinfo\0.shstrtab\0"
STRINGS_TYPE, DATA_TYPE = 3, 1  # SHT_STRTAB, SHT_PROGBITS


def module() -> bytes:
    """The file: ELF header, two sections, three section headers (the first is empty by definition)."""
    entries = ["name=amdgpu", "license=sample", *(f"parmtype={name}:{kind}" for name, kind in PARAMETERS.items())]
    info = b"".join(entry.encode() + b"\0" for entry in entries)
    where = HEADER.size
    sections = where + len(info) + len(NAMES)
    header = HEADER.pack(
        b"\x7fELF", 2, 1, 1, 0, 1, 62, 1, 0, 0, sections, 0, HEADER.size, 0, 0, SECTION.size, 3, 2
    )  # 64 bit, little endian, relocatable, x86-64
    table = [
        SECTION.pack(*[0] * 10),
        SECTION.pack(NAMES.index(b".modinfo"), DATA_TYPE, 0, 0, where, len(info), 0, 0, 1, 0),
        SECTION.pack(NAMES.index(b".shstrtab"), STRINGS_TYPE, 0, 0, where + len(info), len(NAMES), 0, 0, 1, 0),
    ]
    return header + info + NAMES + b"".join(table)


if __name__ == "__main__":
    sys.stdout.buffer.write(module())
