# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine in the machine: libvirt's, confined by AppArmor, with a virtual function."""

import random
import re
import shlex
import struct

from guest import OWN, expect, expect_equal

NAME = "slice"
ROM = "machine-test.rom"
ROM_PATH = "/var/lib/fatia/roms/" + ROM
# Where the guest is made to see the ROM: between its memory and what its firmware uses.
WINDOW = 0xC8000000
SLOT = 5
ROM_REGISTER, COMMAND_REGISTER = 0x30, 0x04

XML = """
<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os>
  <cpu mode='custom'><model>qemu64</model></cpu>
  <on_reboot>destroy</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <video><model type='none'/></video>
    <memballoon model='none'/>
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0x{domain}' bus='0x{bus}' slot='0x{slot}' function='0x{function}'/></source>
      <rom file='{rom}'/>
      <address type='pci' bus='0' slot='{own_slot}'/>
    </hostdev>
  </devices>
</domain>
"""


def make_rom():
    """An option ROM as Fatia makes them, around bytes by chance: by the PCI firmware specification
    the header of an EFI image, and its PCI data structure."""
    size = 4096
    header = struct.pack("<HHIHHH8xHH2x", 0xAA55, size // 512, 0x0EF1, 11, 0x8664, 0, 64, 28)
    pcir = struct.pack("<4sHHHHB3sHHBBHHH", b"PCIR", 0x8086, 0x10CA, 0, 28, 3, b"\0\0\3",
                       size // 512, 0, 3, 0x80, 0, 0, 0)
    rom = (header + pcir).ljust(64, b"\0")
    return rom + random.Random(1).randbytes(size - len(rom))


class Domain:
    """The virtual machine that has the function at `address`."""

    def __init__(self, machine, address):
        self.machine = machine
        domain, bus, rest = address.split(":")
        slot, function = rest.split(".")
        # Function 0 is the graphics processor itself, which no virtual machine may have.
        expect(function != "0", "is", address, "a virtual function?")
        self.xml = XML.format(name=NAME, domain=domain, bus=bus, slot=slot, function=function,
                              rom=ROM_PATH, own_slot=SLOT)

    def virsh(self, *words):
        return self.machine.get("virsh -q -c qemu:///system " + shlex.join(words))

    def monitor(self, command):
        return self.virsh("qemu-monitor-command", NAME, "--hmp", command)

    def start(self):
        self.machine.get(f"mkdir -p {OWN} && cat >{OWN}/domain.xml <<'XML'\n{self.xml}\nXML")
        self.virsh("create", f"{OWN}/domain.xml")
        self.pid = self.machine.get(f"cat /run/libvirt/qemu/{NAME}.pid").strip()

    def state(self):
        return self.virsh("domstate", NAME).strip()

    def open_files(self):
        return self.machine.get(f"readlink /proc/{self.pid}/fd/* || true").split()

    def profile(self):
        """What AppArmor confines its QEMU to, and how."""
        return self.machine.get(f"cat /proc/{self.pid}/attr/current").strip()

    def write_config(self, register, value):
        self.monitor(f"o /w 0xcf8 {1 << 31 | SLOT << 11 | register:#x}")
        self.monitor(f"o /w 0xcfc {value:#x}")

    def read_rom(self, size):
        """The bytes that its device's ROM has for the guest. Its firmware has switched it off, as
        it does with what it can't run: it is switched on while the guest stands still."""
        self.virsh("suspend", NAME)
        self.write_config(ROM_REGISTER, WINDOW | 1)
        self.write_config(COMMAND_REGISTER, 2)
        text = self.monitor(f"xp /{size // 4}wx {WINDOW:#x}")
        self.virsh("resume", NAME)
        words = re.findall(r"0x([0-9a-f]{8})\b", "\n".join(
            line.split(":", 1)[1] for line in text.splitlines() if ":" in line))
        return b"".join(struct.pack("<I", int(word, 16)) for word in words)

    def end(self):
        """Switched off, with what libvirt and AppArmor keep for one that may come back."""
        self.virsh("destroy", NAME)
        # On the disk as well: a power cut later must not bring them back.
        self.machine.get("rm -f /etc/apparmor.d/libvirt/libvirt-????????-*; sync")
        expect_equal(self.machine.get(f"test ! -e /proc/{self.pid} && echo gone").strip(), "gone")

    def denials(self):
        """What AppArmor denied since the machine started."""
        return self.machine.get("journalctl -b --no-pager -o cat -g 'apparmor=\"DENIED\"' || true")
