#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper's binary on a bus of its own, with polkit's stand-in: each method denied, then allowed."""

import getpass
import os
import signal
import subprocess
import tempfile

from bus import ACTION, ACTIONS, AUTHORITY, POLKIT, Authority, Bus, connects
from harness import (ARGUMENTS, DENIED, ERROR, HELPER, INTERFACE, NAME, PATH, PF, Caller, Gio, GLib,
                     Kernel, Refused, Tree, expect, expect_equal, expect_same, memfd, run_tests,
                     wait_until)
from software import HASH, STAND_IN_RELEASE, add_stand_ins

POLICY = os.path.join(os.environ["G_TEST_SRCDIR"], "data/dev.fatia.Helper.conf")
# The helper's shares of calls that may be under way.
SENDER_LIMIT, USER_LIMIT = 8, 16
ROM = b"\x55\xaa" + bytes(510)


def denied_then_allowed(bus, action, call, changes=True):
    """Denied where every other action is allowed, and allowed where only this one is."""
    bus.allow(*(other for other in ACTIONS if other != action))
    before = bus.tree.snapshot()
    try:
        call()
        expect(False, action, "was not needed")
    except Refused as refusal:
        expect_equal(refusal.name, DENIED)
    expect_same(before, bus.tree.snapshot())
    bus.allow(action)
    reply = call()
    expect_equal(changes, before != bus.tree.snapshot())
    return reply


def each_method_denied_then_allowed():
    with Bus() as bus:
        caller = bus.caller
        bus.tree.add_firmware_chip(b"firmware")
        add_stand_ins(bus.tree)
        before = bus.tree.snapshot()
        check = lambda *args, **more: denied_then_allowed(bus, *args, **more)  # noqa: E731

        digest, _ = check("read-host", caller.plan_boot, changes=False)
        boot = check("configure-boot", lambda: caller.call(
            "ApplyKernelArguments", "(ass)", ARGUMENTS, digest))[0]

        digest, _ = check("read-host", caller.plan_memory, changes=False)
        memory = check("configure-virtualization", lambda: caller.call(
            "ApplyGuestMemory", "(sus)", "shm", 32, digest))[0]

        digest, _ = check("read-host", lambda: caller.call(
            "PlanRom", "(sh)", "gop.rom", 0, fd=memfd(ROM)), changes=False)
        rom = check("configure-virtualization", lambda: caller.call(
            "ApplyRom", "(shs)", "gop.rom", 0, digest, fd=memfd(ROM)))[0]

        needs, release = ["dkms"], STAND_IN_RELEASE
        digest, _ = check("read-host", lambda: caller.call("PlanSoftware", "(as)", needs),
                          changes=False)
        software = check("install-software", lambda: caller.call(
            "ApplySoftware", "(ass)", needs, digest))[0]

        digest, _ = check("read-host", lambda: caller.call(
            "PlanModule", "(sh)", release, 0, fd=memfd(ROM)), changes=False)
        module = check("install-software", lambda: caller.call(
            "ApplyModule", "(shs)", release, 0, digest, fd=memfd(ROM)))[0]

        digest, _ = check("read-host", lambda: caller.call("PlanModuleKey", "(s)", HASH),
                          changes=False)
        key = check("install-software", lambda: caller.call(
            "ApplyModuleKey", "(ss)", HASH, digest))[0]

        check("read-firmware", lambda: caller.call("ReadFirmware"), changes=False)
        check("read-host", lambda: caller.call("Cancel"), changes=False)

        digest, _ = check("read-host", lambda: caller.call(
            "PlanVirtualFunctions", "(subsb)", PF, 1, True, "driver", True), changes=False)
        with Kernel(bus.tree) as kernel:
            vfs = check("configure-graphics", lambda: caller.call(
                "ApplyVirtualFunctions", "(subsbs)", PF, 1, True, "driver", True, digest))[0]
            listed = check("read-host", lambda: caller.call("ListChanges"), changes=False)[0]
            expect_equal([c[0] for c in listed], [boot, memory, rom, software, module, key, vfs])
            for change in (vfs, key, module, software, rom, memory, boot):
                digest, _ = check("read-host", lambda c=change: caller.plan_undo(c),
                                  changes=False)
                check("undo", lambda c=change, d=digest: caller.call(
                    "Undo", "(sa{sb}s)", c, {}, d))
                kernel.follow()
        expect_same(before, bus.tree.snapshot())


def every_method_is_in_the_test():
    """What the interface has is what the test above goes through."""
    with open(os.path.join(os.environ["G_TEST_SRCDIR"], "data/dev.fatia.Helper1.xml"),
              encoding="utf-8") as file:
        node = Gio.DBusNodeInfo.new_for_xml(file.read())
    methods = {method.name for method in node.lookup_interface(INTERFACE).methods}
    expect_equal(methods, {
        "PlanKernelArguments", "ApplyKernelArguments", "PlanVirtualFunctions",
        "ApplyVirtualFunctions", "PlanGuestMemory", "ApplyGuestMemory", "PlanRom", "ApplyRom",
        "PlanSoftware", "ApplySoftware", "PlanModule", "ApplyModule", "PlanModuleKey",
        "ApplyModuleKey",
        "ListChanges", "PlanUndo", "Undo", "ReadFirmware", "Cancel"})


def policy_has_every_action():
    path = os.path.join(os.environ["G_TEST_SRCDIR"], "data/dev.fatia.helper.policy")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for action in ACTIONS:
        expect(f'<action id="{ACTION}{action}">' in text, action)
    expect_equal(text.count("<action id="), len(ACTIONS))
    # Only reading goes without a password, and only for who sits at the computer.
    expect_equal(text.count(">yes<"), 1)


def call_async(caller, flags, method, variant):
    """Calls while this thread's main loop runs, which answers for polkit."""
    done = []
    caller.connection.call(NAME, PATH, INTERFACE, method, variant, None, flags, -1, None,
                           lambda connection, result: done.append(connection.call_finish(result)))
    while not done:
        GLib.MainContext.default().iteration(True)
    return done[0]


def polkit_is_asked_about_the_caller():
    with Bus(polkit=False) as bus:
        authority = Authority(bus)
        for flags, interaction in ((Gio.DBusCallFlags.NONE, 0),
                                   (Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, 1)):
            call_async(bus.caller, flags, "ListChanges", None)
            subject, action, details, asked_flags, _ = authority.asked.pop()
            expect_equal(subject, ("system-bus-name",
                                   {"name": bus.caller.connection.get_unique_name()}))
            expect_equal((action, details, asked_flags), (ACTION + "read-host", {}, interaction))


def without_polkit_nothing_is_allowed():
    with Bus(polkit=False) as bus:
        before = bus.tree.snapshot()
        for method, signature, args in (("ListChanges", None, ()),
                                        ("ApplyGuestMemory", "(sus)", ("shm", 32, "")),
                                        ("Undo", "(sa{sb}s)", ("0001-boot", {}, ""))):
            bus.caller.refused(DENIED, method, signature, *args)
        expect_same(before, bus.tree.snapshot())


def unlisted_methods_and_interfaces_are_refused():
    with Bus() as bus:
        bus.control("AllowUnknown", "(b)", True)
        before = bus.tree.snapshot()
        unknown = "org.freedesktop.DBus.Error.Unknown"
        bus.caller.refused(unknown, "RunCommand", "(s)", "id")
        bus.caller.refused(unknown, "applykernelarguments", "(ass)", ARGUMENTS, "")
        expect_same(before, bus.tree.snapshot())


def caller_gone_before_polkit_answers():
    """What was asked for is then done or not, and the helper goes on."""
    with Bus() as bus:
        bus.allow("read-host", "configure-virtualization", "undo")
        digest, _ = bus.caller.plan_memory()
        bus.control("SimulateHang", "(b)", True)
        gone = Caller(bus.connect(), NAME)
        gone.connection.call(NAME, PATH, INTERFACE, "ApplyGuestMemory",
                             GLib.Variant("(sus)", ("shm", 32, digest)), None, 0, -1, None, None)
        gone.connection.flush_sync(None)
        wait_until(lambda: bus.mock.call_sync(
            POLKIT, AUTHORITY, "org.freedesktop.DBus.Mock", "HaveHangingCalls", None, None, 0, -1,
            None).unpack()[0])
        gone.connection.close_sync(None)
        bus.control("SimulateHang", "(b)", False)
        bus.mock.call_sync(POLKIT, AUTHORITY, "org.freedesktop.DBus.Mock", "ReleaseHangingCalls", None,
                           None, 0, -1, None)
        # Nobody is there to give the memory to: it was not set up.
        expect_equal(bus.caller.call("ListChanges")[0], [])
        expect(not os.path.exists(bus.tree.at("etc/tmpfiles.d/fatia-looking-glass.conf")), "made")


def progress_goes_to_the_caller_alone():
    with Bus() as bus:
        bus.allow("read-host", "configure-boot")
        other = Caller(bus.connect(), NAME)
        bus.caller.apply_boot()
        other.call("ListChanges")
        expect(bus.caller.progress, "the caller heard nothing")
        expect_equal(other.progress, [])


def floods_are_bounded():
    """A hundred calls at once: some are told to wait, all are answered, the helper lives."""
    with Bus() as bus:
        bus.allow("read-host")
        bus.control("SetDelay", "(d)", 0.0)
        done = []

        def on_reply(connection, result):
            try:
                connection.call_finish(result)
                done.append("")
            except GLib.Error as error:
                done.append(Gio.DBusError.get_remote_error(error))

        for _ in range(100):
            bus.caller.connection.call(NAME, PATH, INTERFACE, "ListChanges", None, None, 0, -1, None,
                                       on_reply)
        while len(done) < 100:
            GLib.MainContext.default().iteration(True)
        expect(set(done) <= {"", ERROR + "Busy"}, set(done))
        expect("" in done, "none was served")
        bus.caller.call("ListChanges")


def who_waits_for_polkit_keeps_nobody_out():
    """Calls that polkit leaves without an answer take up their caller's share, no other's."""
    with Bus(polkit=False) as bus:
        authority = Authority(bus)
        authority.hangs = True
        busy = []

        def on_reply(connection, result):
            try:
                connection.call_finish(result)
            except GLib.Error as error:
                busy.append(Gio.DBusError.get_remote_error(error))

        def flood(caller):
            authority.hangs = True
            asked, refused = len(authority.waiting) + SENDER_LIMIT, len(busy) + 40 - SENDER_LIMIT
            for _ in range(40):
                caller.connection.call(NAME, PATH, INTERFACE, "ListChanges", None, None, 0, -1, None,
                                       on_reply)
            while len(authority.waiting) < asked or len(busy) < refused:
                GLib.MainContext.default().iteration(True)
            authority.hangs = False

        greedy = [Caller(bus.connect(), NAME) for _ in range(USER_LIMIT // SENDER_LIMIT)]
        flood(greedy[0])
        call_async(bus.caller, 0, "ListChanges", None)
        # More connections are no way round: the user has a share too.
        flood(greedy[1])
        bus.caller.refused(ERROR + "Busy", "ListChanges")
        expect_equal(set(busy), {ERROR + "Busy"})
        # One that ends makes room for one.
        authority.answer_one()
        wait_until(lambda: served(bus.caller))
        while authority.waiting:
            authority.answer_one()


def served(caller):
    """Whether the helper has room for a call."""
    done = []

    def on_reply(connection, result):
        try:
            connection.call_finish(result)
            done.append(True)
        except GLib.Error:
            done.append(False)

    caller.connection.call(NAME, PATH, INTERFACE, "ListChanges", None, None, 0, -1, None, on_reply)
    while not done:
        GLib.MainContext.default().iteration(True)
    return done[0]


def version_is_told():
    with Bus() as bus:
        reply = bus.mock.call_sync(NAME, PATH, "org.freedesktop.DBus.Properties", "Get",
                                   GLib.Variant("(ss)", (INTERFACE, "Version")), None, 0, -1, None)
        expect_equal(reply.unpack(), (os.environ["FATIA_VERSION"],))


def second_helper_gives_way():
    with Bus() as bus:
        second = subprocess.run([HELPER, "--host-root", bus.tree.path], timeout=30, check=False)
        expect_equal(second.returncode, 0)
        bus.allow("read-host")
        bus.caller.call("ListChanges")


# The rules of the system bus: nothing is allowed that a policy does not say.
BUS_CONF = """<busconfig><type>session</type><listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth><servicedir>{folder}</servicedir>
  <policy context="default">
    <allow user="*"/><deny own="*"/><deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/>
    <allow receive_type="error"/><allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>{folder}/policy.conf</include></busconfig>"""


def helper_is_started_by_its_name():
    """The bus starts it by our service file, and lets it own its name by our policy."""
    service = os.environ["FATIA_SERVICE"]
    with Tree() as tree, tempfile.TemporaryDirectory() as folder:
        with open(service, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith(("SystemdService", "User", "#"))]
        text = "".join(f"Exec={HELPER} --host-root {tree.path}\n" if line.startswith("Exec=") else line
                       for line in lines)
        with open(f"{folder}/{os.path.basename(service)}", "w", encoding="utf-8") as file:
            file.write(text)
        with open(POLICY, encoding="utf-8") as file:
            policy = file.read().replace('user="root"', f'user="{getpass.getuser()}"')
        with open(f"{folder}/policy.conf", "w", encoding="utf-8") as file:
            file.write(policy)
        with open(f"{folder}/bus.conf", "w", encoding="utf-8") as file:
            file.write(BUS_CONF.format(folder=folder))
        address = f"unix:path={folder}/bus"
        # What the bus starts finds it by its environment.
        bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={folder}/bus.conf", f"--address={address}", "--nofork"],
            env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=address))
        wait_until(lambda: connects(address))
        connection = connects(address)
        caller = Caller(connection, NAME)
        caller.refused(DENIED, "ListChanges")
        pid = connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                   GLib.Variant("(s)", (NAME,)), None, 0, -1, None).unpack()[0]
        os.kill(pid, signal.SIGTERM)
        bus.terminate()
        bus.wait(10)


if __name__ == "__main__":
    run_tests([
        each_method_denied_then_allowed,
        every_method_is_in_the_test,
        policy_has_every_action,
        polkit_is_asked_about_the_caller,
        without_polkit_nothing_is_allowed,
        unlisted_methods_and_interfaces_are_refused,
        caller_gone_before_polkit_answers,
        progress_goes_to_the_caller_alone,
        floods_are_bounded,
        who_waits_for_polkit_keeps_nobody_out,
        version_is_told,
        second_helper_gives_way,
        helper_is_started_by_its_name,
    ])
