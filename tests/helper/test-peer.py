#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper's binary on a private connection: journeys, and what no caller may do."""

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

from harness import (ARGUMENTS, ERROR, HELPER, PF, QEMU_CONF, Kernel, Peer, Refused, Tree, expect,
                     expect_equal, expect_same, memfd, run_tests, wait_until)

ROM = b"\x55\xaa" + bytes(range(256)) * 40


def boot_journey():
    with Tree() as tree:
        os.chmod(tree.at("etc/default/grub"), 0o640)
        before = tree.snapshot()
        menu = tree.read("boot/grub/grub.cfg")
        with Peer(tree) as peer:
            _, items = peer.plan_boot()
            expect_equal([item[0] for item in items], ["file", "command"])
            expect("+GRUB_CMDLINE_LINUX" in items[0][3], items[0][3])
            change = peer.apply_boot()
            expect(peer.progress, "no progress was told")
            expect("i915.max_vfs=7" in tree.read("boot/grub/grub.cfg"), "the menu is not new")
            expect_equal(peer.plan_boot()[1], [])
            expect_equal(peer.call("ApplyKernelArguments", "(ass)", ARGUMENTS, peer.plan_boot()[0]),
                         ("",))
            listed = peer.call("ListChanges")[0]
            expect_equal([(c[0], c[1], c[4]) for c in listed], [(change, "boot", "applied")])
            peer.undo(change)
            expect_equal(tree.read("boot/grub/grub.cfg"), menu)
            expect_equal(peer.call("ListChanges")[0], [])
            expect_same(before, tree.snapshot())


def virtual_functions_journey():
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        with Kernel(tree):
            digest, items = peer.call("PlanVirtualFunctions", "(subsb)", PF, 2, True, "driver", True)
            expect_equal([item[0] for item in items],
                         ["file", "link", "link", "attribute", "attribute", "driver", "driver"])
            change = peer.call("ApplyVirtualFunctions", "(subsbs)", PF, 2, True, "driver", True, digest)[0]
            for i in range(2):
                expect_equal(tree.read(f"sys/bus/pci/devices/{PF}/virtfn{i}/driver_override"),
                             "vfio-pci\n")
                expect_equal(os.readlink(f"{tree.device}/virtfn{i}/driver"),
                             "../../drivers/vfio-pci")
            expect_equal(peer.call("PlanVirtualFunctions", "(subsb)", PF, 2, True, "driver", True)[1], [])
            peer.undo(change)
        expect_same(before, tree.snapshot())


def kept_virtual_functions_come_back():
    with Tree() as tree:
        with Kernel(tree), Peer(tree) as peer:
            digest, _ = peer.call("PlanVirtualFunctions", "(subsb)", PF, 3, True, "driver", True)
            peer.call("ApplyVirtualFunctions", "(subsbs)", PF, 3, True, "driver", True, digest)
            # What a restart resets.
            for name, text in (("sriov_numvfs", "0\n"), ("sriov_drivers_autoprobe", "1\n")):
                tree.write(f"sys/bus/pci/devices/{PF}/{name}", text)
            wait_until(lambda: not os.path.lexists(f"{tree.device}/virtfn0"))
            run = subprocess.run([HELPER, "--host-root", tree.path, "--restore-virtual-functions"],
                                 check=False)
            expect_equal(run.returncode, 0)
            expect_equal(tree.read(f"sys/bus/pci/devices/{PF}/sriov_numvfs"), "3\n")
            expect_equal(tree.read(f"sys/bus/pci/devices/{PF}/sriov_drivers_autoprobe"), "0\n")
            for i in range(3):
                expect_equal(os.readlink(f"{tree.device}/virtfn{i}/driver"),
                             "../../drivers/vfio-pci")


IOV = f"sys/bus/pci/devices/{PF}/drm/card1/prelim_iov"


def add_turns(tree, functions=7):
    """What i915-sriov-dkms offers to share time and memory."""
    tree.write(f"{IOV}/pf/auto_provisioning", "1\n")
    for name in ["pf"] + [f"vf{i + 1}" for i in range(functions)]:
        files = ["exec_quantum_ms", "preempt_timeout_us"]
        if name != "pf":
            files += ["ggtt_quota", "contexts_quota", "doorbells_quota"]
        for file in files:
            tree.write(f"{IOV}/{name}/gt0/{file}", "0\n")


def profile_journey():
    with Tree() as tree, Peer(tree) as peer:
        add_turns(tree)
        before = tree.snapshot()
        with Kernel(tree):
            arguments = PF, 2, True, "guest-first", True
            digest, items = peer.call("PlanVirtualFunctions", "(subsb)", *arguments)
            written = [item[1].rsplit("/", 1)[1] for item in items if item[0] == "attribute"]
            # Memory is shared when the functions are made, turns are given afterwards.
            expect_equal(written, ["sriov_drivers_autoprobe", "auto_provisioning",
                                   "exec_quantum_ms", "sriov_numvfs"] +
                         2 * ["exec_quantum_ms", "preempt_timeout_us"])
            change = peer.call("ApplyVirtualFunctions", "(subsbs)", *arguments, digest)[0]
            for name, quantum in (("pf", "8\n"), ("vf1", "32\n"), ("vf2", "32\n"), ("vf3", "0\n")):
                expect_equal(tree.read(f"{IOV}/{name}/gt0/exec_quantum_ms"), quantum)
            expect("profile=guest-first\n" in tree.read("etc/fatia/virtual-functions.conf"), "conf")
            expect_equal(peer.call("PlanVirtualFunctions", "(subsb)", *arguments)[1], [])
            # Back to the driver's own: what is ours goes, the functions stay.
            _, items = peer.call("PlanVirtualFunctions", "(subsb)", PF, 2, True, "driver", True)
            expect_equal({item[0] for item in items}, {"file", "attribute"})
            expect(all("to 0" in item[2] or "= 0" in item[2] for item in items[1:]), items)
            peer.undo(change)
        expect_same(before, tree.snapshot())


def run_unit(tree, option):
    return subprocess.run([HELPER, "--host-root", tree.path, option], check=False,
                          stderr=subprocess.PIPE, text=True)


def sleep_and_wake():
    with Tree() as tree, Kernel(tree), Peer(tree) as peer:
        # Nothing is kept: nothing to do.
        expect_equal(run_unit(tree, "--suspend-virtual-functions").returncode, 0)
        add_turns(tree)
        arguments = PF, 3, True, "balanced", True
        digest, _ = peer.call("PlanVirtualFunctions", "(subsb)", *arguments)
        peer.call("ApplyVirtualFunctions", "(subsbs)", *arguments, digest)
        link = tree.at("etc/systemd/system/sleep.target.requires/fatia-virtual-functions-sleep.service")
        expect(os.readlink(link).endswith("/fatia-virtual-functions-sleep.service"), "no link")
        expect_equal(run_unit(tree, "--suspend-virtual-functions").returncode, 0)
        expect_equal(tree.read(f"sys/bus/pci/devices/{PF}/sriov_numvfs"), "0\n")
        expect(not os.path.lexists(f"{tree.device}/virtfn0"), "a function is left")
        for i in range(3):
            tree.write(f"{IOV}/vf{i + 1}/gt0/exec_quantum_ms", "0\n")
        expect_equal(run_unit(tree, "--restore-virtual-functions").returncode, 0)
        for i in range(3):
            expect_equal(os.readlink(f"{tree.device}/virtfn{i}/driver"), "../../drivers/vfio-pci")
            expect_equal(tree.read(f"{IOV}/vf{i + 1}/gt0/exec_quantum_ms"), "25\n")
        expect_equal(peer.call("PlanVirtualFunctions", "(subsb)", *arguments)[1], [])
        # Without the switch the link goes, and nothing else.
        _, items = peer.call("PlanVirtualFunctions", "(subsb)", *arguments[:4], False)
        expect_equal([item[1] for item in items], [link[len(tree.path):]])


class UnderWay:
    """A change that is under way, as far as others can tell."""

    def __init__(self, tree):
        self.fd = os.open(tree.path, os.O_RDONLY)
        fcntl.flock(self.fd, fcntl.LOCK_EX)

    def end(self):
        os.close(self.fd)


def waits_for(tree, unit, during=lambda: None):
    """Runs it while a change is under way, does `during` then, and gives how it ended afterwards."""
    change = UnderWay(tree)
    with subprocess.Popen([HELPER, "--host-root", tree.path, unit], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = process.stdout.readline()
        while said and "Waiting for a change" not in said:
            said = process.stdout.readline()
        expect(said and process.poll() is None, "it did not wait")
        during()
        change.end()
        return process.wait(30)


def sleep_and_wake_wait_for_a_change():
    """What our units do, in the midst of a change: it comes after it, by what is kept then."""
    count = f"sys/bus/pci/devices/{PF}/sriov_numvfs"
    conf = "etc/fatia/virtual-functions.conf"
    with Tree() as tree, Kernel(tree), Peer(tree) as peer:
        arguments = PF, 3, True, "driver", True
        digest, _ = peer.call("PlanVirtualFunctions", "(subsb)", *arguments)
        peer.call("ApplyVirtualFunctions", "(subsbs)", *arguments, digest)
        expect_equal(waits_for(tree, "--suspend-virtual-functions",
                               lambda: expect_equal(tree.read(count), "3\n")), 0)
        expect_equal(tree.read(count), "0\n")
        expect_equal(waits_for(tree, "--restore-virtual-functions",
                               lambda: expect_equal(tree.read(count), "0\n")), 0)
        expect_equal(tree.read(count), "3\n")
        expect_equal(run_unit(tree, "--suspend-virtual-functions").returncode, 0)
        # Meanwhile they are kept no more.
        expect_equal(waits_for(tree, "--restore-virtual-functions", lambda: os.unlink(tree.at(conf))), 0)
        expect_equal(tree.read(count), "0\n")


def guest_memory_journey():
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        digest, items = peer.plan_memory()
        expect_equal(items[0][1], "/etc/tmpfiles.d/fatia-looking-glass.conf")
        change = peer.call("ApplyGuestMemory", "(sus)", "shm", 32, digest)[0]
        rule = tree.read("etc/tmpfiles.d/fatia-looking-glass.conf").splitlines()[-1].split(" ")
        expect_equal(rule[:3] + rule[4:], ["f", "/dev/shm/looking-glass", "0660", "kvm", "-"])
        expect(rule[3] not in ("", "-"), rule)
        peer.undo(change)
        expect_same(before, tree.snapshot())


def kvmfr_journey():
    """Set up, to a larger size, to the other kind, and all the way back."""
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        digest, items = peer.plan_memory("kvmfr", 64)
        expect_equal([item[1] for item in items], [
            "/etc/modprobe.d/fatia-kvmfr.conf", "/etc/modules-load.d/fatia-kvmfr.conf",
            "/etc/udev/rules.d/70-fatia-kvmfr.rules",
            "/etc/apparmor.d/abstractions/libvirt-qemu.d/fatia-kvmfr", "/etc/libvirt/qemu.conf"])
        # Whoever may look may not read on what only root may read.
        expect(all("secret" not in item[3] for item in items), items)
        expect_same(before, tree.snapshot())
        # What was shown is what is done.
        for kind, size in (("kvmfr", 128), ("shm", 64)):
            peer.refused(ERROR + "Stale", "ApplyGuestMemory", "(sus)", kind, size, digest)
        changes = [peer.apply_memory("kvmfr", 64)]
        expect_equal(peer.plan_memory("kvmfr", 64)[1], [])
        expect(tree.read("etc/libvirt/qemu.conf").startswith(QEMU_CONF), "it was written anew")
        expect_equal(os.stat(tree.at("etc/libvirt/qemu.conf")).st_mode & 0o777, 0o600)
        changes.append(peer.apply_memory("kvmfr", 128))
        changes.append(peer.apply_memory("shm", 128))
        expect_equal(tree.read("etc/libvirt/qemu.conf"), QEMU_CONF)
        for change in reversed(changes):
            peer.undo(change)
        expect_same(before, tree.snapshot())


def hostile_guest_memory():
    with Tree() as tree, Peer(tree) as peer:
        for kind in ("kvmfr", "shm"):
            before = tree.snapshot()
            for size in (0, 1, 4, 33, 63, 2048, 0x80000000, 0xFFFFFFFF):
                peer.refused(ERROR + "Invalid", "PlanGuestMemory", "(su)", kind, size)
                peer.refused(ERROR + "Invalid", "ApplyGuestMemory", "(sus)", kind, size, "")
            expect_same(before, tree.snapshot())
        for kind in ("", "SHM", "kvmfr0", "shm\n", "/dev/sda", "x" * 100000):
            peer.refused(ERROR + "Invalid", "PlanGuestMemory", "(su)", kind, 32)
        # No module, and then no libvirt.
        for path in (f"usr/lib/modules/{tree.read('proc/sys/kernel/osrelease').strip()}/modules.dep",
                     "etc/libvirt/qemu.conf"):
            os.unlink(tree.at(path))
            peer.refused(ERROR + "Unsupported", "PlanGuestMemory", "(su)", "kvmfr", 32)
            tree.add_kvmfr()
        # A file that is not understood, a link, a pipe: left alone.
        tree.write("etc/libvirt/qemu.conf", "user = 'root\n")
        peer.refused(ERROR + "Refused", "PlanGuestMemory", "(su)", "kvmfr", 32)
        for path in ("etc/libvirt/qemu.conf", "etc/udev/rules.d/70-fatia-kvmfr.rules",
                     "etc/apparmor.d/abstractions/libvirt-qemu.d/fatia-kvmfr"):
            tree.add_kvmfr()
            os.makedirs(os.path.dirname(tree.at(path)), exist_ok=True)
            if os.path.exists(tree.at(path)):
                os.unlink(tree.at(path))
            for make in (lambda p: os.symlink("/etc/passwd", p), os.mkfifo, os.mkdir):
                make(tree.at(path))
                before = tree.snapshot()
                peer.refused(ERROR + "Refused", "PlanGuestMemory", "(su)", "kvmfr", 32)
                expect_same(before, tree.snapshot())
                (os.rmdir if os.path.isdir(tree.at(path)) else os.unlink)(tree.at(path))
        tree.write("etc/libvirt/qemu.conf", "user = 'root'\n\0")
        peer.refused(ERROR + "Refused", "PlanGuestMemory", "(su)", "kvmfr", 32)


def roms_may_be_read_by_qemu():
    """Each has its own rule, and goes by itself."""
    folder = "etc/apparmor.d/abstractions/libvirt-qemu.d"
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        changes = []
        for name in ("a.rom", "b.efi"):
            digest, _ = peer.call("PlanRom", "(sh)", name, 0, fd=memfd(ROM))
            changes.append(peer.call("ApplyRom", "(shs)", name, 0, digest, fd=memfd(ROM))[0])
            expect(tree.read(f"{folder}/fatia-{name}").endswith(
                f"\n/var/lib/fatia/roms/{name} r,\n"), name)
        peer.undo(changes[0])
        expect_equal(os.listdir(tree.at(folder)), ["fatia-b.efi"])
        peer.undo(changes[1])
        expect_same(before, tree.snapshot())
        # A folder that lets only root through.
        os.chmod(tree.at("var/lib"), 0o700)
        words = peer.refused(ERROR + "Refused", "PlanRom", "(sh)", "a.rom", 0, fd=memfd(ROM))
        expect("chmod o+x /var/lib" in words, words)


def rom_journey():
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        digest, items = peer.call("PlanRom", "(sh)", "gop.rom", 0, fd=memfd(ROM))
        expect(items[0][3].startswith(f"New file, {len(ROM)} bytes, sha256 "), items)
        change = peer.call("ApplyRom", "(shs)", "gop.rom", 0, digest, fd=memfd(ROM))[0]
        with open(tree.at("var/lib/fatia/roms/gop.rom"), "rb") as file:
            expect_equal(file.read(), ROM)
        expect_equal(os.stat(tree.at("var/lib/fatia/roms/gop.rom")).st_mode & 0o777, 0o644)
        expect_equal(peer.call("PlanRom", "(sh)", "gop.rom", 0, fd=memfd(ROM))[1], [])
        # Other bytes than those that were shown
        peer.refused(ERROR + "Stale", "ApplyRom", "(shs)", "b.rom", 0, digest, fd=memfd(ROM + b"x"))
        peer.undo(change)
        expect_same(before, tree.snapshot())


def everything_undone_in_any_order():
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        first = peer.apply_boot()
        digest, _ = peer.call("PlanRom", "(sh)", "a.rom", 0, fd=memfd(ROM))
        second = peer.call("ApplyRom", "(shs)", "a.rom", 0, digest, fd=memfd(ROM))[0]
        third = peer.apply_memory()
        expect_equal([first, second, third], ["0001-boot", "0002-gop", "0003-memory"])
        for change in (second, first, third):
            peer.undo(change)
        expect_same(before, tree.snapshot())


def folders_go_with_the_last_change():
    """One change makes a folder that another's file is in; undone first, it takes the folder away,
    and the other's file still comes back."""
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        digest, _ = peer.call("PlanRom", "(sh)", "a.rom", 0, fd=memfd(ROM))
        rom = peer.call("ApplyRom", "(shs)", "a.rom", 0, digest, fd=memfd(ROM))[0]
        changes = []
        for kind, size in (("kvmfr", 64), ("shm", 32)):
            digest, _ = peer.call("PlanGuestMemory", "(su)", kind, size)
            changes.append(peer.call("ApplyGuestMemory", "(sus)", kind, size, digest)[0])
        for change in (rom, *reversed(changes)):
            peer.undo(change)
        expect_same(before, tree.snapshot())


def stale_digest_is_refused():
    with Tree() as tree, Peer(tree) as peer:
        digest, _ = peer.plan_boot()
        tree.write("etc/default/grub", tree.read("etc/default/grub") + "# another hand\n")
        before = tree.snapshot()
        for wrong in (digest, "", "0" * 64, "x" * 100000):
            peer.refused(ERROR + "Stale", "ApplyKernelArguments", "(ass)", ARGUMENTS, wrong)
        expect_same(before, tree.snapshot())


def touched_file_is_not_undone():
    with Tree() as tree, Peer(tree) as peer:
        change = peer.apply_boot()
        tree.write("etc/default/grub", "# all new\n")
        before = tree.snapshot()
        digest, items = peer.plan_undo(change)
        expect_equal(items[0][:2], ("conflict", "/etc/default/grub"))
        expect("-# all new" in items[0][3], items[0][3])
        words = peer.refused(ERROR + "Touched", "Undo", "(sa{sb}s)", change, {}, digest)
        expect("/etc/default/grub" in words, words)
        expect_same(before, tree.snapshot())


def hostile_kernel_arguments():
    bad = [[], ["quiet"], ["init=/bin/sh"], ["intel_iommu=on rd.break"], ["intel_iommu=on\nx"],
           ['intel_iommu=on"; rm -rf /; "'], ["i915.max_vfs=$(id)"], [""], ["=on"],
           ["intel_iommu=" + "n" * 1000], ARGUMENTS * 20, ["module_blacklist=`id`"]]
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        for arguments in bad:
            peer.refused(ERROR + "Invalid", "PlanKernelArguments", "(as)", arguments)
            peer.refused(ERROR + "Invalid", "ApplyKernelArguments", "(ass)", arguments, "0" * 64)
        expect_same(before, tree.snapshot())


def hostile_virtual_functions():
    bad = [("", 1), ("../../etc", 1), ("0000:00:02.0/../..", 1), ("0000:00:02.9", 1), (PF, 8),
           (PF, 0xFFFFFFFF), ("0000:00:1f.0", 1), ("0000:01:00.0", 1)]
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        for pf, count in bad:
            arguments = pf, count, True, "driver", True
            peer.refused(ERROR + "Invalid", "PlanVirtualFunctions", "(subsb)", *arguments)
            peer.refused(ERROR + "Invalid", "ApplyVirtualFunctions", "(subsbs)", *arguments, "")
        for profile in ("", "../driver", "Driver", "driver\n", "x" * 100000):
            arguments = PF, 1, True, profile, True
            peer.refused(ERROR + "Invalid", "PlanVirtualFunctions", "(subsb)", *arguments)
            peer.refused(ERROR + "Invalid", "ApplyVirtualFunctions", "(subsbs)", *arguments, "")
        # One there is, of a driver that has none
        peer.refused(ERROR + "Unsupported", "PlanVirtualFunctions", "(subsb)", PF, 1, True,
                     "balanced", True)
        expect_same(before, tree.snapshot())


def hostile_roms():
    seals = fcntl.F_SEAL_WRITE, fcntl.F_SEAL_SHRINK, fcntl.F_SEAL_GROW
    with Tree() as tree, Peer(tree) as peer, tempfile.TemporaryFile() as plain:
        before = tree.snapshot()
        plain.write(ROM)
        plain.flush()
        reading, writing = os.pipe()
        fds = [memfd(ROM, 0), memfd(b""), memfd(bytes(16 * 1024 * 1024 + 1)), plain.fileno(),
               reading, os.open("/dev/zero", os.O_RDONLY), os.open("/", os.O_RDONLY)]
        for left_out in seals:
            fds.append(memfd(ROM, sum(seal for seal in seals if seal != left_out)))
        for fd in fds:
            peer.refused(ERROR + "Invalid", "PlanRom", "(sh)", "gop.rom", 0, fd=fd)
        peer.refused(ERROR + "Invalid", "PlanRom", "(sh)", "gop.rom", 0)
        for handle in (1, -1, 0x7FFFFFFF):
            peer.refused(ERROR + "Invalid", "PlanRom", "(sh)", "gop.rom", handle, fd=memfd(ROM))
        for name in ("", ".rom", "..rom", "../x.rom", "a/b.rom", "a.rom\n", "x.exe", "-x.rom",
                     "a b.rom", "é.rom", "a" * 100 + ".rom", "/etc/passwd.rom", "x.rom/"):
            peer.refused(ERROR + "Invalid", "PlanRom", "(sh)", name, 0, fd=memfd(ROM))
        # The largest there may be
        largest = memfd(bytes(16 * 1024 * 1024))
        digest, _ = peer.call("PlanRom", "(sh)", "gop.efi", 0, fd=largest)
        peer.undo(peer.call("ApplyRom", "(shs)", "gop.efi", 0, digest, fd=largest)[0])
        os.close(writing)
        expect_same(before, tree.snapshot())


def unknown_methods_and_types():
    unknown = "org.freedesktop.DBus.Error."
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        peer.refused(unknown + "UnknownMethod", "Run", "(s)", "id")
        peer.refused(unknown + "InvalidArgs", "PlanKernelArguments", "(s)", "intel_iommu=on")
        peer.refused(unknown + "InvalidArgs", "Undo")
        for change in ("", "0001-boot", "../0001-boot", "x" * 10000):
            peer.refused(ERROR + "NotFound", "PlanUndo", "(sa{sb})", change, {})
            peer.refused(ERROR + "NotFound", "Undo", "(sa{sb}s)", change, {}, "")
        expect_same(before, tree.snapshot())


def links_are_refused():
    with Tree() as tree, Peer(tree) as peer, tempfile.NamedTemporaryFile() as outside:
        os.rename(tree.at("etc/default/grub"), tree.at("etc/default/real"))
        for target in ("real", outside.name, "../../../../../../etc/passwd"):
            os.symlink(target, tree.at("etc/default/grub"))
            before = tree.snapshot()
            try:
                digest, _ = peer.plan_boot()
                peer.refused(ERROR + "Refused", "ApplyKernelArguments", "(ass)", ARGUMENTS, digest)
            except Refused as refusal:
                expect(refusal.name, refusal)
            expect_same(before, tree.snapshot())
            os.unlink(tree.at("etc/default/grub"))
        os.makedirs(tree.at("etc/tmpfiles.d"), exist_ok=True)
        os.symlink(outside.name, tree.at("etc/tmpfiles.d/fatia-looking-glass.conf"))
        peer.refused(ERROR + "Refused", "PlanGuestMemory", "(su)", "shm", 32)


def failing_tool_leaves_nothing():
    with Tree() as tree, Peer(tree) as peer:
        tool = tree.read("usr/bin/grub-mkconfig")
        tree.write("usr/bin/grub-mkconfig", tool + "if grep -q max_vfs \"$FATIA_HOST_ROOT/etc/default/grub\"; "
                   "then echo the disk is on fire; exit 3; fi\n", 0o755)
        before = tree.snapshot()
        digest, _ = peer.plan_boot()
        words = peer.refused(ERROR + "Command", "ApplyKernelArguments", "(ass)", ARGUMENTS, digest)
        expect("the disk is on fire" in words, words)
        expect_same(before, tree.snapshot())
        expect_equal(peer.call("ListChanges")[0], [])


def tool_that_goes_on_failing_is_run_again():
    """The files are back at once; what the tool has still to do with them is not forgotten."""
    with Tree() as tree:
        before = tree.snapshot()
        tool = tree.read("usr/bin/grub-mkconfig")
        tree.write("usr/bin/grub-mkconfig", tool + "echo the disk is on fire\nexit 3\n", 0o755)
        with Peer(tree) as peer:
            digest, _ = peer.plan_boot()
            peer.refused(ERROR + "Command", "ApplyKernelArguments", "(ass)", ARGUMENTS, digest)
            expect("max_vfs" not in tree.read("etc/default/grub"), "the file is not put back")
        tree.write("usr/bin/grub-mkconfig", tool, 0o755)
        with Peer(tree) as peer:
            expect_equal(peer.call("ListChanges")[0], [])
        expect_same(before, tree.snapshot())


def interrupted_change_is_rolled_back():
    """The helper is killed while the tool runs; the next one puts everything back."""
    with Tree() as tree:
        before = tree.snapshot()
        tool = tree.read("usr/bin/grub-mkconfig")
        ours = Peer(tree)
        digest, _ = ours.plan_boot()
        tree.write("usr/bin/grub-mkconfig", "#!/bin/sh\n: >\"$FATIA_HOST_ROOT/begun\"\nsleep 60\n",
                   0o755)
        ours.connection.call(None, "/dev/fatia/Helper", "dev.fatia.Helper1", "ApplyKernelArguments",
                             boot_variant(digest), None, 0, -1, None, None)
        wait_until(lambda: os.path.exists(tree.at("begun")))
        expect("i915.max_vfs" in tree.read("etc/default/grub"), "the file is not written yet")
        ours.process.kill()
        ours.process.wait(10)
        tree.write("usr/bin/grub-mkconfig", tool, 0o755)
        os.unlink(tree.at("begun"))
        with Peer(tree) as peer:
            expect_equal(peer.call("ListChanges")[0], [])
            expect_same(before, tree.snapshot())


def boot_variant(digest):
    from gi.repository import GLib  # pylint: disable=import-outside-toplevel

    return GLib.Variant("(ass)", (ARGUMENTS, digest))


def caller_that_leaves_does_not_break_the_change():
    with Tree() as tree:
        peer = Peer(tree)
        tool = tree.read("usr/bin/grub-mkconfig")
        tree.write("usr/bin/grub-mkconfig",
                   tool.replace("set -e\n", "set -e\n: >\"$FATIA_HOST_ROOT/begun\"\nsleep 1\n"), 0o755)
        digest, _ = peer.plan_boot()
        peer.connection.call(None, "/dev/fatia/Helper", "dev.fatia.Helper1", "ApplyKernelArguments",
                             boot_variant(digest), None, 0, -1, None, None)
        wait_until(lambda: os.path.exists(tree.at("begun")))
        peer.connection.close_sync(None)
        expect_equal(peer.process.wait(30), 0)
        with Peer(tree) as later:
            expect_equal([c[4] for c in later.call("ListChanges")[0]], ["applied"])
            later.undo("0001-boot")


def second_change_is_told_to_wait():
    with Tree() as tree, Peer(tree) as first, Peer(tree) as second:
        tool = tree.read("usr/bin/grub-mkconfig")
        tree.write("usr/bin/grub-mkconfig",
                   tool.replace("set -e\n", "set -e\n: >\"$FATIA_HOST_ROOT/begun\"\nsleep 1\n"), 0o755)
        digest, _ = first.plan_boot()
        memory, _ = first.plan_memory()
        first.connection.call(None, "/dev/fatia/Helper", "dev.fatia.Helper1", "ApplyKernelArguments",
                              boot_variant(digest), None, 0, -1, None, None)
        wait_until(lambda: os.path.exists(tree.at("begun")))
        # From the same process and from another
        first.refused(ERROR + "Busy", "ApplyGuestMemory", "(sus)", "shm", 32, memory)
        second.refused(ERROR + "Busy", "ApplyGuestMemory", "(sus)", "shm", 32, memory)
        # What only reads is answered meanwhile.
        first.plan_memory()


def looking_on_while_the_journal_changes():
    """A second helper reads the journal, which it does not lock, while the first writes it."""
    with Tree() as tree, Peer(tree) as peer, Peer(tree) as other:
        done = threading.Event()
        wrong, looks = [], []

        def look():
            while not done.is_set():
                try:
                    looks.append(other.call("ListChanges"))
                except Refused as refusal:
                    wrong.append(str(refusal))

        thread = threading.Thread(target=look)
        thread.start()
        try:
            for _ in range(40):
                digest, _ = peer.call("PlanRom", "(sh)", "a.rom", 0, fd=memfd(ROM))
                peer.undo(peer.call("ApplyRom", "(shs)", "a.rom", 0, digest, fd=memfd(ROM))[0])
        finally:
            done.set()
            thread.join()
        expect_equal(wrong, [])
        expect({len(look[0]) for look in looks} >= {0, 1}, "it looked at the wrong moments")


def this_computer_is_no_tree():
    ours, theirs = socket.socketpair()
    for root in ("/", "//", "/tmp/..", "/proc/self/root"):
        run = subprocess.run([HELPER, "--host-root", root, "--peer-fd", str(theirs.fileno())],
                             pass_fds=[theirs.fileno()], capture_output=True, text=True, check=False)
        expect_equal(run.returncode, 1)
        expect("this computer itself" in run.stderr, run.stderr)
    run = subprocess.run([HELPER, "--peer-fd", str(theirs.fileno())], pass_fds=[theirs.fileno()],
                         capture_output=True, text=True, check=False)
    expect_equal(run.returncode, 1)
    ours.close()
    theirs.close()


def options():
    run = subprocess.run([HELPER, "--version"], capture_output=True, text=True, check=False)
    expect_equal((run.returncode, run.stdout), (0, os.environ["FATIA_VERSION"] + "\n"))
    run = subprocess.run([HELPER, "--nonsense"], capture_output=True, text=True, check=False)
    expect_equal(run.returncode, 1)
    run = subprocess.run([HELPER, "--host-root", "/nowhere"], capture_output=True, text=True,
                         check=False)
    expect_equal(run.returncode, 1)


def fill(folder, pages):
    """Leaves that many pages free on the file system of @folder."""
    free = os.statvfs(folder).f_bfree - pages
    with open(f"{folder}/filler", "wb") as file:
        file.write(b"x" * (free * os.statvfs(folder).f_bsize))


def on_full_disk():
    """In a mount namespace of its own: at every amount of room, all or nothing."""
    folder = tempfile.mkdtemp(prefix="fatia-full-")
    outcomes = set()
    for pages in range(0, 24):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
        with Tree(folder + "/x") as tree, Peer(tree) as peer:
            memory, _ = peer.plan_memory()
            rom, _ = peer.call("PlanRom", "(sh)", "gop.rom", 0, fd=memfd(ROM))
            boot, _ = peer.plan_boot()
            fill(folder, pages)
            for method, signature, args, fd in (
                    ("ApplyGuestMemory", "(sus)", ("shm", 32, memory), None),
                    ("ApplyRom", "(shs)", ("gop.rom", 0, rom), memfd(ROM)),
                    ("ApplyKernelArguments", "(ass)", (ARGUMENTS, boot), None)):
                before = tree.snapshot()
                try:
                    change = peer.call(method, signature, *args, fd=fd)[0]
                    outcomes.add((method, "done"))
                    peer.undo(change)
                except Refused:
                    outcomes.add((method, "refused"))
                expect_same(before, tree.snapshot())
        subprocess.run(["umount", folder], check=True)
    os.rmdir(folder)
    print(json.dumps(sorted(outcomes)))


def disk_full():
    """A tmpfs of our own, which needs root or a user namespace; without it this test fails."""
    command = ["unshare", "--mount"] + ([] if os.getuid() == 0 else ["--user", "--map-root-user"])
    run = subprocess.run(command + [sys.executable, __file__, "--on-full-disk"],
                         capture_output=True, text=True, check=False)
    expect(run.returncode == 0, run.stdout, run.stderr)
    outcomes = {tuple(outcome) for outcome in json.loads(run.stdout.splitlines()[-1])}
    for method in ("ApplyGuestMemory", "ApplyRom", "ApplyKernelArguments"):
        expect((method, "done") in outcomes, outcomes)
        expect((method, "refused") in outcomes, outcomes)


if __name__ == "__main__":
    if sys.argv[1:] == ["--on-full-disk"]:
        on_full_disk()
        sys.exit(0)
    run_tests([
        boot_journey,
        virtual_functions_journey,
        kept_virtual_functions_come_back,
        profile_journey,
        sleep_and_wake,
        sleep_and_wake_wait_for_a_change,
        guest_memory_journey,
        kvmfr_journey,
        hostile_guest_memory,
        roms_may_be_read_by_qemu,
        rom_journey,
        everything_undone_in_any_order,
        folders_go_with_the_last_change,
        stale_digest_is_refused,
        touched_file_is_not_undone,
        hostile_kernel_arguments,
        hostile_virtual_functions,
        hostile_roms,
        unknown_methods_and_types,
        links_are_refused,
        failing_tool_leaves_nothing,
        tool_that_goes_on_failing_is_run_again,
        interrupted_change_is_rolled_back,
        caller_that_leaves_does_not_break_the_change,
        second_change_is_told_to_wait,
        looking_on_while_the_journal_changes,
        this_computer_is_no_tree,
        options,
        disk_full,
    ])
