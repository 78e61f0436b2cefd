#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drivers are taken out of others' option ROMs as EDK II's own unpacker takes them out.

The ROMs are iPXE's, as Debian has them, and such as EfiRom makes, of several images.
"""

import glob
import os
import struct
import subprocess
import sys

from edk2 import LOOK, TOOLS, Packers, Tap, fw, missing

ROMS = sorted(glob.glob("/usr/share/qemu/efi-*.rom"))
UNIT = 512


def ours(packers, rom):
    path = packers.path()
    result = subprocess.run([LOOK, "open", packers.keep(rom), path], stdout=subprocess.PIPE, check=True)
    with open(path, "rb") as file:
        return file.read(), result.stdout.decode().strip()


def efi_images(rom):
    """Of each image for UEFI: its machine and the driver, by the specification and EDK II's unpacker."""
    at, last = 0, False
    while not last:
        pcir = at + struct.unpack_from("<H", rom, at + 24)[0]
        signature, units, kind, indicator = struct.unpack_from("<4s12xH2xBB", rom, pcir)
        assert signature == b"PCIR"
        if kind == 3:
            machine, packed = struct.unpack_from("<HH", rom, at + 10)
            offset = struct.unpack_from("<H", rom, at + 22)[0]
            yield machine, packed, rom[at + offset : at + units * UNIT]
        last = bool(indicator & 0x80)
        at += units * UNIT


def unpack(packers, packed):
    source, path = packers.keep(packed), packers.path()
    subprocess.run([os.path.join(TOOLS, "TianoCompress"), "-d", "--uefi", "-o", path, source], stdout=subprocess.DEVNULL, check=True)
    with open(path, "rb") as file:
        return file.read()


def compare(packers, rom, number):
    images = [image for image in efi_images(rom) if image[0] == fw.X64]
    assert len(images) == 1
    _, packed, body = images[0]
    driver, trail = ours(packers, rom)
    expected = unpack(packers, body) if packed else body
    assert driver[:2] == b"MZ"
    assert driver == expected[: len(driver)], "the driver differs"
    assert not expected[len(driver) :].strip(b"\0\xff"), f"{len(expected)} bytes, ours {len(driver)}"
    assert f"image {number} for UEFI x64" in trail, trail


def of_ipxe(packers, path):
    with open(path, "rb") as file:
        rom = file.read()
    # A PC BIOS image stands before the one for UEFI.
    compare(packers, rom, 2)


def of_efirom(packers, *words):
    return packers.run("EfiRom", "-f", "0x8086", "-i", "0x46d1", *words)


def several(packers):
    driver, ia32 = fw.pe("several", size=20000), fw.pe("several ia32", machine=fw.IA32, size=3000)
    rom = of_efirom(packers, "-e", ia32, "-ec", driver)
    compare(packers, rom, 2)
    assert ours(packers, rom)[0] == driver


def alone(packers, word):
    driver = fw.pe("alone", size=5000)
    rom = of_efirom(packers, word, driver)
    compare(packers, rom, 1)
    assert ours(packers, rom)[0] == driver


def main():
    why = missing()
    if why:
        print(f"ok 1 drivers taken out of option ROMs # SKIP {why}\n1..1")
        return 0
    tap, packers = Tap(), Packers()
    assert ROMS
    for path in ROMS:
        tap.case(os.path.basename(path), lambda path=path: of_ipxe(packers, path))
    for word in ("-e", "-ec"):
        tap.case(f"EfiRom's {word}", lambda word=word: alone(packers, word))
    tap.case("EfiRom's of two drivers", lambda: several(packers))
    packers.close()
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


sys.exit(main())
