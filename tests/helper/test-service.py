#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the helper does beside changing: the firmware's bytes, cancelling, its end when idle."""

import fcntl
import os
import shutil
import subprocess
import time

from bus import AUTHORITY, POLKIT, Authority, Bus
from harness import (ARGUMENTS, ERROR, HELPER, INTERFACE, NAME, Caller, GLib, Peer, Pending, Slow,
                     Tree, answered, expect, expect_equal, expect_same, iterate_until, run_tests,
                     wait_until)

ALL_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
CHIP = os.urandom(1024) * 2048


def read_firmware(caller):
    (handle, unread), fds = caller.call_for_fds("ReadFirmware")
    expect_equal((handle, len(fds)), (0, 1))
    with os.fdopen(fds[0], "rb") as file:
        expect_equal(fcntl.fcntl(file, fcntl.F_GET_SEALS), ALL_SEALS)
        file.seek(0)
        return file.read(), unread


def firmware_is_read():
    with Tree() as tree, Peer(tree) as peer:
        tree.add_firmware_chip(CHIP)
        before = tree.snapshot()
        expect_equal(read_firmware(peer), (CHIP, []))
        expect(peer.progress, "no progress was told")
        expect_equal(peer.fractions, sorted(peer.fractions))
        expect_equal(peer.fractions[-1], 1.0)
        expect_same(before, tree.snapshot())


def what_is_missing_is_told():
    """The chip ends before the size the kernel tells."""
    with Tree() as tree, Peer(tree) as peer:
        tree.add_firmware_chip(CHIP[:10000], 20000)
        data, unread = read_firmware(peer)
        expect_equal(data, CHIP[:8192] + b"\xff" * (20000 - 8192))
        expect_equal(unread, [(8192, 20000 - 8192)])


def nothing_to_read_is_told():
    with Tree() as tree, Peer(tree) as peer:
        os.unlink(tree.at("sys/class/mtd/mtd0"))
        words = peer.refused(ERROR + "Unsupported", "ReadFirmware")
        expect("file of the board’s maker" in words, words)
        tree.add_firmware_chip(b"", 64)
        for size in (0, 64 * 1024 * 1024 + 1, 2 ** 64):
            tree.write("sys/class/mtd/mtd0/size", f"{size}\n")
            peer.refused(ERROR + "Unsupported", "ReadFirmware")
        tree.write("sys/class/mtd/mtd0/size", "64\n")
        peer.refused("", "ReadFirmware")
        os.unlink(tree.at("dev/mtd0ro"))
        peer.refused("", "ReadFirmware")
        # Links, pipes, devices and folders in the chip's place.
        for make in (lambda path: os.symlink("/dev/zero", path), os.mkfifo, os.mkdir):
            make(tree.at("dev/mtd0ro"))
            peer.refused("", "ReadFirmware")
            (os.rmdir if os.path.isdir(tree.at("dev/mtd0ro")) else os.unlink)(tree.at("dev/mtd0ro"))


def other_systems_are_shown():
    """Limine's menu with an entry of another system, which stays and is no part of the digest."""
    with Tree() as tree, Peer(tree) as peer:
        shutil.rmtree(tree.at("boot/grub"))
        os.unlink(tree.at("etc/default/grub"))
        tree.write("proc/cmdline", "root=UUID=1 rw\n")
        ours = "/Arch\n    protocol: linux\n    cmdline: root=UUID=1 rw"
        theirs = "\n/Debian\n    protocol: linux\n    cmdline: root=UUID=2 ro\n"
        kept = ("kept", "/boot/limine.conf",
                "Leave what starts another system in /boot/limine.conf as it is", "")
        tree.write("boot/limine.conf", ours + "\n")
        digest, items = peer.plan_boot()
        expect_equal([item[:2] for item in items], [("file", "/boot/limine.conf")])
        tree.write("boot/limine.conf", ours + theirs)
        digest, items = peer.plan_boot()
        expect_equal(items[0][:2], ("file", "/boot/limine.conf"))
        expect_equal(items[1:], [kept])
        peer.call("ApplyKernelArguments", "(ass)", ARGUMENTS, digest)
        expect_equal(tree.read("boot/limine.conf"),
                     ours + " " + " ".join(ARGUMENTS) + theirs)
        # Nothing is to be done: then nothing is shown either.
        expect_equal(peer.plan_boot()[1], [])


def apply_boot(caller):
    digest, _ = caller.plan_boot()
    return Pending(caller, "ApplyKernelArguments", GLib.Variant("(ass)", (ARGUMENTS, digest)))


def inhibitors(bus):
    return bus.mock.call_sync("org.freedesktop.login1", "/org/freedesktop/login1",
                              "org.freedesktop.login1.Manager", "ListInhibitors", None, None, 0, -1,
                              None).unpack()[0]


def the_computer_stays_on_meanwhile():
    """logind is asked to put off shutting down while a tool runs, and no longer."""
    with Bus() as bus:
        logind, _ = bus.case.spawn_server_template("logind", {}, stdout=subprocess.DEVNULL)
        try:
            bus.allow("read-host", "configure-boot")
            slow = Slow(bus.tree)
            pending = apply_boot(bus.caller)
            slow.wait()
            held = inhibitors(bus)
            slow.go()
            expect_equal([(what, who, mode) for what, who, _, mode, _, _ in held],
                         [("shutdown:sleep", "Fatia", "block")])
            pending.wait()
            iterate_until(lambda: inhibitors(bus) == [])
        finally:
            logind.terminate()
            logind.wait(10)


def cancelling_leaves_the_state_of_before():
    with Tree() as tree, Peer(tree) as peer:
        slow = Slow(tree)
        before = tree.snapshot()
        pending = apply_boot(peer)
        slow.wait()
        expect(before != tree.snapshot(), "nothing was written yet")
        peer.call("Cancel")
        slow.go()
        expect_equal(pending.wait().name, ERROR + "Cancelled")
        expect_equal(peer.call("ListChanges")[0], [])
        slow.clean()
        expect_same(before, tree.snapshot())
        # Nothing is under way: cancelling is no error, and later calls do not suffer from it.
        peer.call("Cancel")
        slow.go()
        peer.undo(peer.apply_boot())


def nobody_cancels_for_another():
    with Bus() as bus:
        bus.allow("read-host", "configure-boot")
        slow = Slow(bus.tree)
        pending = apply_boot(bus.caller)
        slow.wait()
        Caller(bus.connect(), NAME).call("Cancel")
        slow.go()
        expect_equal(pending.wait(), ("0001-boot",))


def cancelling_takes_polkits_question_back():
    """Whether the caller says so or goes away; what polkit then says no longer counts."""
    with Bus(polkit=False) as bus:
        authority = Authority(bus)
        before = bus.tree.snapshot()
        digest, _ = answered(bus.caller, "PlanGuestMemory", GLib.Variant("(su)", ("shm", 32)))
        arguments = GLib.Variant("(sus)", ("shm", 32, digest))
        for end in ("says so", "goes"):
            authority.hangs = True
            caller = Caller(bus.connect(), NAME)
            pending = Pending(caller, "ApplyGuestMemory", arguments)
            iterate_until(lambda: authority.waiting)
            question = authority.asked[-1][4]
            expect(question, "the question has no name")
            authority.hangs = False
            if end == "goes":
                caller.connection.close_sync(None)
            else:
                answered(caller, "Cancel")
                expect_equal(pending.wait().name, ERROR + "Cancelled")
            iterate_until(lambda: question in authority.taken_back)
            authority.answer_one()
            expect_equal(answered(bus.caller, "ListChanges"), ([],))
        expect_same(before, bus.tree.snapshot())


def hanging(bus):
    return bus.mock.call_sync(POLKIT, AUTHORITY, "org.freedesktop.DBus.Mock", "HaveHangingCalls",
                              None, None, 0, -1, None).unpack()[0]


def release(bus):
    bus.mock.call_sync(POLKIT, AUTHORITY, "org.freedesktop.DBus.Mock", "ReleaseHangingCalls", None,
                       None, 0, -1, None)


def progress_is_for_the_caller_alone():
    """Another connection that asks the bus for all of the helper's signals gets none."""
    with Bus() as bus:
        bus.allow("read-host", "read-firmware", "configure-boot")
        bus.tree.add_firmware_chip(CHIP)
        heard = []
        other = bus.connect()
        other.signal_subscribe(None, None, None, None, None, 0,
                               lambda *signal: heard.append(signal[2:5]))
        read_firmware(bus.caller)
        bus.caller.apply_boot()
        Caller(other, NAME).call("ListChanges")
        expect(bus.caller.progress and bus.caller.fractions, "the caller heard nothing")
        expect_equal([signal for signal in heard if signal[1] == INTERFACE], [])


def ends_when_idle():
    """Not while a call runs, nor while polkit's question waits; soon after the last one."""
    with Tree() as probe:
        for wrong in ("0", "-1", "3601", "x"):
            run = subprocess.run([HELPER, "--host-root", probe.path, "--idle-seconds", wrong],
                                 capture_output=True, check=False)
            expect_equal(run.returncode, 1)
    bus = Bus(options=("--idle-seconds", "1"))
    try:
        bus.allow("read-host", "configure-boot")
        slow = Slow(bus.tree)
        pending = apply_boot(bus.caller)
        slow.wait()
        stays(bus)
        slow.go()
        expect_equal(pending.wait(), ("0001-boot",))
        bus.control("SimulateHang", "(b)", True)
        pending = Pending(bus.caller, "ListChanges")
        wait_until(lambda: hanging(bus))
        stays(bus)
        bus.control("SimulateHang", "(b)", False)
        release(bus)
        expect_equal(len(pending.wait()[0]), 1)
        expect_equal(bus.helper.wait(30), 0)
        expect(not bus.owner(NAME), "the name is still owned")
    finally:
        bus.end()


def stays(bus):
    """For longer than it stays when idle."""
    time.sleep(2)
    expect(bus.helper.poll() is None, "it ended while a call was under way")


if __name__ == "__main__":
    run_tests([
        firmware_is_read,
        what_is_missing_is_told,
        nothing_to_read_is_told,
        the_computer_stays_on_meanwhile,
        other_systems_are_shown,
        cancelling_leaves_the_state_of_before,
        nobody_cancels_for_another,
        cancelling_takes_polkits_question_back,
        progress_is_for_the_caller_alone,
        ends_when_idle,
    ])
