#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guest's firmware loads the driver from an option ROM we made, and none from the raw file.

QEMU, OVMF and the driver are real: one start, without KVM, in which two devices have the same
driver, once wrapped and once as it is. The UEFI shell's `drivers` says where each came from.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from edk2 import LOOK, Tap

OVMF, VARIABLES = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"
DRIVER, WORDS = "VirtioRngDxe", "Virtio Random Number Generator Driver"
WRAPPED, RAW = 0x5, 0x6  # PCI device numbers
LIMIT = 240  # seconds; it takes about 9 on an idle core


def start(folder):
    """What the guest's shell writes to its serial port."""
    path = lambda name: os.path.join(folder, name)  # noqa: E731
    subprocess.run([LOOK, "take", OVMF, DRIVER, path("driver.efi")], check=True)
    # The device's own ids, else the firmware passes the ROM over.
    subprocess.run([LOOK, "rom", "1af4", "1005", path("driver.efi"), path("driver.rom")], check=True)
    shutil.copy(VARIABLES, path("variables.fd"))
    os.mkdir(path("disk"))
    with open(path("disk/startup.nsh"), "w", encoding="ascii", newline="\r\n") as script:
        script.write("drivers -sfo\nreset -s\n")
    command = ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", "256", "-no-reboot"]
    command += ["-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none"]
    command += ["-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}"]
    command += ["-drive", f"if=pflash,format=raw,file={path('variables.fd')}"]
    command += ["-drive", f"if=virtio,format=raw,file=fat:rw:{path('disk')}"]
    command += ["-device", f"virtio-rng-pci,addr={WRAPPED:#x},romfile={path('driver.rom')}"]
    command += ["-device", f"virtio-rng-pci,addr={RAW:#x},romfile={path('driver.efi')}"]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=LIMIT, check=True)
    return re.sub(r"\x1b\[[0-9;=?]*[A-Za-z]", "", result.stdout.decode(errors="replace"))


def drivers(text):
    """[(name, device path of its image)] of the rows of `drivers -sfo`."""
    rows = [line.split('","') for line in text.splitlines() if line.startswith("DriversInfo,")]
    return [(row[-2], row[-1].strip().rstrip('"')) for row in rows]


def main():
    if not shutil.which("qemu-system-x86_64") or not os.path.exists(VARIABLES):
        print("ok 1 a ROM in a guest # SKIP optional: no QEMU, or OVMF under another name\n1..1")
        return 0
    tap = Tap()
    found = []

    def begin():
        with tempfile.TemporaryDirectory(prefix="fatia-rom-") as folder:
            text = start(folder)
        found.extend(drivers(text))
        assert len(found) > 20, text[-2000:]
        assert any(name == WORDS and path.startswith("Fv(") for name, path in found), found

    def wrapped():
        of_ours = [name for name, path in found if f"/Pci({WRAPPED:#x},0x0)/" in path]
        assert of_ours == [WORDS], found

    def raw():
        assert not [path for _, path in found if f"/Pci({RAW:#x},0x0)/" in path], found

    if tap.case("a guest starts and lists its drivers", begin):
        tap.case("the option ROM's driver is loaded", wrapped)
        tap.case("the raw file's is not", raw)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


sys.exit(main())
