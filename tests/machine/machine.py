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

import power_cuts
from guest import ARGUMENTS, Helper, expect, expect_equal, pf_of, snapshot
from qemu import Broken, Machine, logged

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


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "it did not come about in", seconds, "seconds")
        time.sleep(0.5)


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

    def __init__(self, machine, log, loader):
        self.machine = machine
        self.loader = loader
        self.log = log
        self.helper = Helper(machine)
        self.pf = pf_of(machine)
        self.changes = []
        # For the power cuts: how long the log of writes was before and after each call that
        # changes something, and the files for each set of steps that are in effect.
        self.calls = []
        self.results = {}

    def change(self, name, result, function, *arguments):
        begin = os.path.getsize(self.log)
        reply = self.helper.call(function, *arguments)
        self.calls.append((name, begin, os.path.getsize(self.log), result))
        files = snapshot(self.machine)
        self.results.setdefault(result, files)
        return reply

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
        self.results[()] = self.before

    def refused(self):
        """a person without authorization is refused by polkit, and nothing changes"""
        self.helper.refused_to("person", "PlanKernelArguments", f"array:string:{ARGUMENTS[0]}")
        self.helper.refused_to("person", "ApplyKernelArguments", f"array:string:{ARGUMENTS[0]}",
                               "string:" + "0" * 64)
        self.helper.refused_to("person", "ApplyVirtualFunctions", f"string:{self.pf}", "uint32:3",
                               "boolean:true", "string:driver", "boolean:true",
                               "string:" + "0" * 64)
        self.helper.refused_to("person", "Undo", "string:x", "string:x")
        expect_equal(snapshot(self.machine), self.before)

    def arguments_applied(self):
        """the kernel arguments are applied to the boot loader that started the machine"""
        digest, items = self.helper.call("PlanKernelArguments", *self.words())
        expect_equal([item[0] for item in items], KINDS[self.loader])
        self.changes += self.change("apply boot", ("boot",), "ApplyKernelArguments", "ass", *self.words()[1:], digest)
        menu = self.machine.get(MENUS[self.loader])
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
        """three virtual functions are made and kept, each with vfio-pci"""
        arguments = ("subsb", self.pf, str(VFS), "true", "driver", "true")
        digest, _ = self.helper.call("PlanVirtualFunctions", *arguments)
        self.changes += self.change("apply vfs", ("boot", "vfs"), "ApplyVirtualFunctions", "subsbs", *arguments[1:], digest)
        self.check_vfs()
        nodes = self.machine.get("ls /dev/vfio").split()
        expect([node for node in nodes if node != "vfio"], "no group in /dev/vfio:", nodes)

    def vfs_kept(self):
        """after a restart our unit makes them again"""
        self.machine.restart()
        expect_equal(self.machine.state, "running")
        expect_equal(self.machine.get("systemctl show -P Result -P ActiveState "
                                      "fatia-virtual-functions.service").split(),
                     ["success", "active"])
        self.check_vfs()

    def slept(self):
        """the functions go before sleep and return after it; one in use keeps the machine awake"""
        # As far as it goes here: every device is put to sleep and woken five seconds later.
        self.machine.get("echo devices >/sys/power/pm_test")
        entries = self.sleeps()
        self.machine.get("systemctl start suspend.target")
        wait_until(lambda: self.sleep_unit() == "inactive")
        expect_equal(self.sleeps(), entries + 1)
        log = self.machine.get("journalctl -b -o cat --no-pager -k | "
                               "grep -E 'VFs allocated|PM: suspend entry' | tail -2").splitlines()
        # What the driver says of the functions made anew is the last of it.
        expect("PM: suspend entry" in log[0] and f"{VFS} VFs allocated" in log[1], log)
        self.check_vfs()

        group = self.machine.get("ls /dev/vfio | grep -v vfio | head -1").strip()
        self.machine.get(f"systemd-run --quiet --unit=holder sh -c 'exec 3<>/dev/vfio/{group}; "
                         "exec sleep 600'")
        wait_until(lambda: self.machine.run(f"exec 3<>/dev/vfio/{group}")[0] != 0)
        status, text = self.machine.run("systemctl start suspend.target 2>&1")
        expect(status != 0, "the machine slept while a function was in use:", text)
        expect_equal(self.sleeps(), entries + 1)
        words = self.machine.get("journalctl -b -o cat --no-pager -u "
                                 "fatia-virtual-functions-sleep.service")
        expect("stays awake" in words, words)
        self.check_vfs()
        self.machine.get("systemctl stop holder; systemctl reset-failed; "
                         "echo none >/sys/power/pm_test")

    def sleeps(self):
        return int(self.machine.get("dmesg | grep -c 'PM: suspend entry'; true"))

    def sleep_unit(self):
        return self.machine.get("systemctl show -P ActiveState "
                                "fatia-virtual-functions-sleep.service").strip()

    def undone(self):
        """undoing everything leaves nothing of ours"""
        for change, result in zip(reversed(self.changes), (("boot",), ())):
            digest, _ = self.helper.call("PlanUndo", "s", change)
            self.change("undo " + change.split("-")[1], result, "Undo", "ss", change, digest)
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

    def check_vfs(self):
        vfs = self.vfs()
        expect_equal(len(vfs), VFS)
        for address in vfs:
            folder = f"/sys/bus/pci/devices/{address}"
            expect_equal(self.machine.get(f"cat {folder}/driver_override").strip(), "vfio-pci")
            expect_equal(self.machine.get(f"basename $(readlink {folder}/driver) 2>&-; true").strip(),
                         "vfio-pci")


# What a plan for the kernel arguments is made of, and where the lines are that the loader reads.
KINDS = {"grub": ["file", "command"], "systemd-boot": ["file", "file"]}
MENUS = {"grub": "grep -E '^\\s*linux\\s' /boot/grub/grub.cfg",
         "systemd-boot": "grep -h ^options /boot/efi/loader/entries/*.conf"}
DISKS = {"grub": "disk.img", "systemd-boot": "systemd-boot.qcow2"}

STORY = ["installed", "refused", "hardened", "arguments_applied", "arguments_in_effect",
         "vfs_applied", "slept", "vfs_kept", "undone", "as_before"]


class Tap:
    """Counts the cases, and says which fail."""

    def __init__(self):
        self.number = self.failed = 0

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


def tell(tap, folder, options, loader):
    """The whole story on a new machine, up to the first case that fails: the later ones stand on it.
    Gives it, or nothing where a case failed."""
    log = os.path.join(folder, "log")
    build = pack(options.build, os.path.join(folder, "build.tar"))
    drive = logged(folder, os.path.join(options.disk, DISKS[loader]), log)
    with Machine(folder, drive, extra=build) as machine:
        print(f"# {loader}: started in {machine.start_seconds:.0f} s", flush=True)
        story = Story(machine, log, loader)
        for name in STORY:
            function = getattr(story, name)
            if not tap.case(f"{loader}: {function.__doc__}", function):
                print("# " + last_lines(machine).replace("\n", "\n# "))
                return None
    return story


def run(tap, options):
    whole = True
    for loader in options.loader or (["grub", "systemd-boot"] if options.full else ["grub"]):
        folder = tempfile.mkdtemp(prefix="fatia-machine-")
        try:
            story = tell(tap, folder, options, loader)
            whole = whole and story is not None
            # FAT keeps no journal: what a cut leaves of systemd-boot's entries is not promised.
            if story and loader == "grub":
                power_cuts.run(tap, os.path.join(options.disk, DISKS[loader]), story.log,
                               story.calls, story.results, options.cuts, options.seed)
        finally:
            shutil.rmtree(folder)
    return whole


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--disk", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--full", action="store_true", help="all of it, not just a sample")
    parser.add_argument("--loader", action="append", choices=DISKS, help="only this boot loader")
    parser.add_argument("--cuts", type=int, help="how many power cuts within the calls")
    parser.add_argument("--seed", type=int, default=1, help="for what a power cut leaves")
    options = parser.parse_args()
    if options.cuts is None:
        options.cuts = 60 if options.full else 2
    tap = Tap()
    try:
        whole = run(tap, options)
    except Broken as error:
        print("# " + str(error).replace("\n", "\n# "))
        print(f"Bail out! {str(error).splitlines()[0]}")
        return 1
    print(f"1..{tap.number}")
    return 0 if whole and not tap.failed else 1


if __name__ == "__main__":
    sys.exit(main())
