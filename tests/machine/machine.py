# SPDX-License-Identifier: GPL-3.0-or-later
"""machine.py --disk FOLDER --build FOLDER: the helper on a real system bus with real polkit, in a
machine with a real boot loader, IOMMU and SR-IOV device: changes, restarts, undo. Speaks TAP."""

import argparse
import io
import os
import shutil
import sys
import tarfile
import tempfile
import time
import traceback

from guest import ARGUMENTS, Helper, expect, expect_equal, pf_of, snapshot
from qemu import Broken, Machine, overlay

VFS = 3
# What only the build for this test has in its binary.
TEST_BUILD = "built for tests: takes 8086:10c9 for a graphics processor"

INSTALL = """
set -eu
tar -C / -xf /dev/disk/by-id/virtio-build
systemctl daemon-reload
# The stamp that systemd itself renews at the next start, since /usr has changed.
/usr/lib/systemd/systemd-update-done
busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig
sync
"""


def root_owned(info):
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def pack(build, path):
    """The installed build as an archive, which the machine has as a disk."""
    with tarfile.open(path, "w") as archive:
        archive.add(build, ".", filter=root_owned)
    size = os.path.getsize(path)
    os.truncate(path, (size + 0xfffff) & ~0xfffff)
    return ["-drive", f"if=none,id=build,format=raw,readonly=on,file={path}",
            "-device", "virtio-blk-pci,drive=build,serial=build"]


class Story:
    """What is done to one machine, in the order in which a person would do it."""

    def __init__(self, machine):
        self.machine = machine
        self.helper = Helper(machine)
        self.pf = pf_of(machine)
        self.changes = []

    def installed(self):
        """our build is installed and answers on the system bus"""
        expect_equal(self.machine.state, "running")
        self.machine.get(INSTALL)
        expect(TEST_BUILD in self.machine.get(
            f"grep -ao '{TEST_BUILD}' /usr/libexec/fatia-helper"), "it is not the build for tests")
        expect_equal(self.helper.call("ListChanges"), [[]])
        self.cmdline = self.machine.get("cat /proc/cmdline")
        for argument in ARGUMENTS:
            expect(argument not in self.cmdline.split(), argument, "was there before")
        expect_equal(self.vfs(), [])
        self.before = snapshot(self.machine)

    def refused(self):
        """a person without authorization is refused by polkit, and nothing changes"""
        self.helper.refused_to("person", "PlanKernelArguments", f"array:string:{ARGUMENTS[0]}")
        self.helper.refused_to("person", "ApplyKernelArguments", f"array:string:{ARGUMENTS[0]}",
                               "string:" + "0" * 64)
        self.helper.refused_to("person", "ApplyVirtualFunctions", f"string:{self.pf}", "uint32:3",
                               "boolean:true", "string:" + "0" * 64)
        self.helper.refused_to("person", "Undo", "string:x", "string:x")
        expect_equal(snapshot(self.machine), self.before)

    def arguments_applied(self):
        """the kernel arguments are applied, with the machine's own update-grub"""
        digest, items = self.helper.call("PlanKernelArguments", *self.words())
        expect_equal([item[0] for item in items], ["file", "command"])
        self.changes += self.helper.call("ApplyKernelArguments", "ass", *self.words()[1:], digest)
        menu = self.machine.get("grep -E '^\\s*linux\\s' /boot/grub/grub.cfg")
        for line in menu.splitlines():
            if "single" not in line.split():
                expect(set(ARGUMENTS) <= set(line.split()), line)
        expect_equal(self.helper.call("PlanKernelArguments", *self.words())[1], [])

    def arguments_in_effect(self):
        """after a restart the kernel has the arguments, and the IOMMU has groups"""
        self.machine.restart()
        expect_equal(self.machine.state, "running")
        cmdline = self.machine.get("cat /proc/cmdline")
        expect(set(ARGUMENTS) <= set(cmdline.split()), cmdline)
        groups = self.machine.get("ls /sys/kernel/iommu_groups").split()
        expect(groups, "there are no IOMMU groups")
        expect(self.machine.get("dmesg | grep -c 'DMAR: IOMMU enabled'").strip() != "0",
               "the kernel did not enable the IOMMU")

    def vfs_applied(self):
        """three virtual functions are made and kept, none with a driver of the host's"""
        arguments = ("sub", self.pf, str(VFS), "true")
        digest, _ = self.helper.call("PlanVirtualFunctions", *arguments)
        self.changes += self.helper.call("ApplyVirtualFunctions", "subs", *arguments[1:], digest)
        self.check_vfs()

    def vfs_kept(self):
        """after a restart our unit makes them again"""
        self.machine.restart()
        expect_equal(self.machine.state, "running")
        expect_equal(self.machine.get("systemctl show -P Result -P ActiveState "
                                      "fatia-virtual-functions.service").split(),
                     ["success", "active"])
        self.check_vfs()

    def vfs_taken(self):
        """vfio-pci takes each of them when the kernel is asked to look for drivers"""
        self.machine.get("modprobe vfio-pci")
        for address in self.vfs():
            self.machine.get(f"echo {address} >/sys/bus/pci/drivers_probe")
        self.check_vfs(driver="vfio-pci")
        nodes = self.machine.get("ls /dev/vfio").split()
        expect([node for node in nodes if node != "vfio"], "no group in /dev/vfio:", nodes)

    def undone(self):
        """undoing everything leaves nothing of ours"""
        self.machine.get("for d in /sys/bus/pci/drivers/vfio-pci/0*; do "
                         "echo ${d##*/} >/sys/bus/pci/drivers/vfio-pci/unbind; done")
        for change in reversed(self.changes):
            digest, _ = self.helper.call("PlanUndo", "s", change)
            self.helper.call("Undo", "ss", change, digest)
        expect_equal(self.vfs(), [])
        expect_equal(snapshot(self.machine), self.before)

    def as_before(self):
        """after a restart the command line, the functions and every file are as before"""
        self.machine.restart()
        expect_equal(self.machine.state, "running")
        expect_equal(self.machine.get("cat /proc/cmdline"), self.cmdline)
        expect_equal(self.vfs(), [])
        expect_equal(snapshot(self.machine), self.before)

    def hardened(self):
        """systemd rates the exposure of the helper's unit at 2.0 or less"""
        line = self.machine.get("systemd-analyze security fatia-helper.service --no-pager | "
                                "grep 'Overall exposure'")
        print("# " + line.strip())
        expect(float(line.split(":")[1].split()[0]) <= 2.0, line)

    def words(self):
        return "as", str(len(ARGUMENTS)), *ARGUMENTS

    def vfs(self):
        return self.machine.get(
            f"cd /sys/bus/pci/devices/{self.pf} && for f in virtfn*; do "
            "[ -e $f ] && basename $(readlink $f); done; true").split()

    def check_vfs(self, driver=""):
        vfs = self.vfs()
        expect_equal(len(vfs), VFS)
        for address in vfs:
            folder = f"/sys/bus/pci/devices/{address}"
            expect_equal(self.machine.get(f"cat {folder}/driver_override").strip(), "vfio-pci")
            expect_equal(self.machine.get(f"basename $(readlink {folder}/driver) 2>&-; true").strip(),
                         driver)


STORY = ["installed", "refused", "hardened", "arguments_applied", "arguments_in_effect",
         "vfs_applied", "vfs_kept", "vfs_taken", "undone", "as_before"]


class Tap:
    """Counts the cases, and says which fail."""

    def __init__(self, count):
        self.number = self.failed = 0
        print(f"1..{count}", flush=True)

    def case(self, words, function):
        """Runs it; gives whether it went well."""
        self.number += 1
        begin = time.monotonic()
        try:
            function()
        except Exception:  # pylint: disable=broad-except
            self.failed += 1
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {self.number} {words}", flush=True)
            return False
        print(f"ok {self.number} {words} # {time.monotonic() - begin:.0f} s", flush=True)
        return True


def last_lines(machine):
    """What the machine's own journal says last, without the kernel's greetings."""
    try:
        return machine.run("journalctl -b --no-pager -o cat -n 30 _TRANSPORT=journal + "
                           "_TRANSPORT=stdout + _TRANSPORT=audit 2>&1")[1]
    except Broken as error:
        return str(error)


def tell_story(tap, machine):
    """Up to the first case that fails: the later ones stand on it."""
    story = Story(machine)
    for name in STORY:
        function = getattr(story, name)
        if not tap.case(function.__doc__, function):
            print("# " + last_lines(machine).replace("\n", "\n# "))
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--disk", required=True)
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    tap = Tap(len(STORY))
    work = tempfile.mkdtemp(prefix="fatia-machine-")
    try:
        build = pack(options.build, os.path.join(work, "build.tar"))
        drive = overlay(work, os.path.join(options.disk, "disk.img"))
        with Machine(work, drive, extra=build) as machine:
            print(f"# started in {machine.start_seconds:.0f} s", flush=True)
            tell_story(tap, machine)
    except Broken as error:
        print("# " + str(error).replace("\n", "\n# "))
        print(f"Bail out! {str(error).splitlines()[0]}")
        return 1
    finally:
        shutil.rmtree(work)
    return 1 if tap.failed or tap.number < len(STORY) else 0


if __name__ == "__main__":
    sys.exit(main())
