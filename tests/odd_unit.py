"""A unit's lines that systemd takes in part or not at all, and what each leaves: ``systemctl show`` says the same
(tests/system/test_services.py)."""

from __future__ import annotations

NAME = "odd@web.service"
LINES: tuple[tuple[str, dict[str, str]], ...] = (
    ('Environment=HSA_A=1 "HSA_B=2', {"HSA_A": "1"}),
    ("Environment='HSA_C=3 HSA_D=4", {}),
    ('Environment=HSA_E=5" HSA_F=6', {}),
    (r"Environment=HSA_G=\d HSA_H=7", {}),
    (r"Environment=HSA_I=\x41\s\u00e9\101", {"HSA_I": "A éA"}),
    (r"Environment=HSA_1=a\x00 HSA_2=b", {}),
    (r"Environment=HSA_3=a\u0000", {}),
    (r"Environment=HSA_4=\U00000041\000", {}),
    (r"Environment=HSA_5=\U00000041\400", {}),
    ('Environment="HSA_J=8 "\' 9\' "HSA_K=it\'s"', {"HSA_J": "8  9", "HSA_K": "it's"}),
    ("Environment=HSA_L=a&b HSA_M=#x # HSA_N=(c)", {"HSA_L": "a&b", "HSA_M": "#x", "HSA_N": "(c)"}),
    ("Environment=HSA_O+=1 HSA_P=$HOME", {"HSA_P": "$HOME"}),
    ("Environment=HSA_Q=%%h HSA_R=%i HSA_S=%p HSA_T=%h HSA_U=100%%", {
        "HSA_Q": "%h", "HSA_R": "web", "HSA_S": "odd", "HSA_T": "/root", "HSA_U": "100%"}),
    ("Environment=HSA_V=%E", {"HSA_V": "/etc"}),
    ('Environment=HSA_W=1 HSA_X="" HSA_Y=', {"HSA_W": "1", "HSA_X": "", "HSA_Y": ""}),
    ('UnsetEnvironment=HSA_W "HSA_X', {}),
)  # fmt: skip
SAID = "/run/odd"  # what the process has
TEXT = f"[Service]\nType=oneshot\nExecStart=/usr/bin/env\nStandardOutput=truncate:{SAID}\n" + "".join(
    f"{line}\n" for line, _ in LINES
)
LEFT = {key: value for _, found in LINES for key, value in found.items() if key != "HSA_W"}
