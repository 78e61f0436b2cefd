#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ROMs we make are, byte for byte, those that EDK II's EfiRom makes."""

import subprocess
import sys

from edk2 import LOOK, Packers, Tap, fw, missing

OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
UNIT, HEADERS = 512, 56
DISPLAY = "0x030000"
# Drivers of OVMF's, from 2 KiB to 160
DRIVERS = ("VirtioRngDxe", "QemuVideoDxe", "GraphicsConsoleDxe", "VirtioGpuDxe", "Fat", "VariableRuntimeDxe")


def take(packers, name):
    path = packers.path()
    subprocess.run([LOOK, "take", OVMF, name, path], check=True)
    with open(path, "rb") as file:
        return file.read()


def ours(packers, driver, vendor, device):
    path = packers.path()
    subprocess.run([LOOK, "rom", vendor, device, packers.keep(driver), path], check=True)
    with open(path, "rb") as file:
        return file.read()


def theirs(packers, driver, vendor, device):
    return packers.run("EfiRom", "-f", "0x" + vendor, "-i", "0x" + device, "-e", driver, "-l", DISPLAY)


def compare(packers, driver, vendor="8086", device="46D1"):
    mine, other = ours(packers, driver, vendor, device), theirs(packers, driver, vendor, device)
    differing = [at for at, pair in enumerate(zip(mine, other)) if pair[0] != pair[1]]
    assert not differing, f"bytes differ at {differing[:8]}"
    assert len(mine) == len(other), f"{len(mine)} bytes, EfiRom's {len(other)}"


def of_ovmf(packers, name):
    driver = take(packers, name)
    assert driver[:2] == b"MZ"
    compare(packers, driver)


def around_a_unit(packers, beyond):
    """The driver and the headers end so many bytes after a multiple of 512."""
    driver = fw.pe("option ROM", size=3000)
    driver += b"\x5a" * ((beyond - HEADERS - len(driver)) % UNIT)
    assert (len(driver) + HEADERS) % UNIT == beyond % UNIT
    compare(packers, driver)


def runtime_driver(packers):
    compare(packers, fw.pe("runtime", subsystem=0x0C))


def main():
    why = missing()
    if why:
        print(f"ok 1 option ROMs of EfiRom's # SKIP {why}\n1..1")
        return 0
    tap, packers = Tap(), Packers()
    for name in DRIVERS:
        tap.case(f"OVMF's {name}", lambda name=name: of_ovmf(packers, name))
    for beyond in (-2, -1, 0, 1, 2, 255, 256):
        tap.case(f"{beyond} bytes after a unit", lambda beyond=beyond: around_a_unit(packers, beyond))
    tap.case("a runtime driver", lambda: runtime_driver(packers))
    tap.case("4 MiB", lambda: compare(packers, fw.pe("large", size=4 << 20)))
    tap.case("another device", lambda: compare(packers, fw.pe("another"), "1234", "00FF"))
    packers.close()
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


sys.exit(main())
