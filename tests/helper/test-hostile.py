#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile callers on the bus: every method of the interface denied first, then allowed; callers
that die, are someone else or have no session; descriptors, types and floods."""

import fcntl
import json
import os
import pwd
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile

from bus import ACTIONS, POLKIT, Authority, Bus
from calls import ROM, signatures, steps
from software import add_stand_ins
from harness import (ARGUMENTS, DENIED, ERROR, INTERFACE, NAME, PATH, Caller, Gio, GLib, Optional,
                     Pending, Refused, Slow, answered, end_process, expect, expect_equal, expect_same,
                     iterate_until, memfd, run_tests, wait_until)

# The helper's shares of calls that may be under way.
CALLS_LIMIT, USER_LIMIT = 64, 16
# What a method's name says of the action it needs.
READING = re.compile("^(Plan|List|Cancel$)")
# The action of each method, as the first case finds it.
NEEDED = {}


def plain_values(signature):
    """The least there can be of each type."""
    if not signature:
        return GLib.Variant("()", ())
    values = {"s": "", "u": 0, "b": False, "h": 0, "as": [], "a{sb}": {}, "i": 0, "t": 0, "x": 0}
    types = re.findall(r"a?(?:\{..\}|.)", signature)
    return GLib.Variant(f"({signature})", tuple(values[kind] for kind in types))


def error_of(connection, method, variant, fds=None):
    """The name of the error a call is answered with; None: it was served."""
    try:
        connection.call_with_unix_fd_list_sync(NAME, PATH, INTERFACE, method, variant, None, 0, 60000,
                                               fds, None)
    except GLib.Error as error:
        return Gio.DBusError.get_remote_error(error) or error.message
    return None


def with_rom(signature):
    if "h" not in signature:
        return None
    fds = Gio.UnixFDList.new()
    fd = memfd(ROM)
    fds.append(fd)
    os.close(fd)
    return fds


def each_method_needs_one_action():
    """Read from the interface's description: each is denied while nothing is allowed, and with all
    actions but one; and that one alone is enough."""
    with Bus() as bus:
        before = bus.tree.snapshot()
        connection = bus.caller.connection
        for method, types in signatures().items():
            signature = "".join(types)

            def call(name=method, kinds=signature):
                return error_of(connection, name, plain_values(kinds), with_rom(kinds))

            bus.allow()
            expect_equal((method, call()), (method, DENIED))
            needed = []
            for action in ACTIONS:
                bus.allow(action)
                if call() != DENIED:
                    needed.append(action)
            expect_equal((method, len(needed)), (method, 1))
            NEEDED[method] = needed[0]
            bus.allow(*(action for action in ACTIONS if action != needed[0]))
            expect_equal((method, call()), (method, DENIED))
            expect_equal((method, needed[0] == "read-host"), (method, bool(READING.match(method))))
            expect_equal((method, needed[0] == "undo"), (method, method == "Undo"))
        expect_same(before, bus.tree.snapshot())


# A program of another user's: calls methods of the interface, and prints the errors' names.
STRANGER = """
import json, sys, gi
gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib
connection = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
print(connection.get_unique_name(), flush=True)
for method, text in json.loads(sys.argv[1]):
    arguments = GLib.Variant.parse(None, text, None, None) if text != "()" else None
    try:
        connection.call_sync("dev.fatia.Helper", "/dev/fatia/Helper", "dev.fatia.Helper1", method,
                             arguments, None, 0, 60000, None)
        print(method, None, flush=True)
    except GLib.Error as error:
        print(method, Gio.DBusError.get_remote_error(error), flush=True)
"""
STRANGERS_USER = 65534


def start_stranger(calls, user=STRANGERS_USER):
    texts = [(method, variant.print_(True)) for method, variant in calls]
    return subprocess.Popen([sys.executable, "-c", STRANGER, json.dumps(texts)], user=user, group=user,
                            extra_groups=[], cwd="/", stdout=subprocess.PIPE, text=True)


def ask_as_stranger(calls):
    """Each method with the error it was answered with."""
    output, _ = start_stranger(calls).communicate(timeout=120)
    lines = [line.split() for line in output.splitlines()[1:]]
    expect_equal(len(lines), len(calls))
    return dict(lines)


def every_call():
    """Without descriptors, which are looked at only once the call is allowed."""
    return [(method, plain_values("".join(types))) for method, types in signatures().items()]


def need_root():
    if os.getuid() != 0:
        raise Optional("it takes root to be somebody else")


def another_user_is_denied():
    need_root()
    with Bus(for_all_users=True) as bus:
        bus.allow()
        before = bus.tree.snapshot()
        expect_equal(set(ask_as_stranger(every_call()).values()), {DENIED})
        expect_same(before, bus.tree.snapshot())
        # What the helper takes from the caller is who it is, not who we are.
        bus.allow("read-host", "configure-virtualization")
        process = start_stranger([("PlanGuestMemory", GLib.Variant("(su)", ("shm", 32)))])
        expect_equal(process.communicate(timeout=60)[0].split()[-1], "None")


POLKITDS = ("/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd", "/usr/lib/polkitd")
RULE = """polkit.addRule(function(action, subject) {
  if (action.id == "dev.fatia.helper.configure-virtualization" && subject.user == "nobody")
    return polkit.Result.YES;
});
"""


class RealPolkit:
    """The system's own polkitd with our policy and one rule, in a mount namespace of its own."""

    # As it is where logind runs and knows nobody.
    SCRIPT = """set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/sessions /run/systemd/seats /run/systemd/users /run/systemd/machines
mount --bind "$1/actions" /usr/share/polkit-1/actions
mount --bind "$1/rules.d" /etc/polkit-1/rules.d
exec "$2" --no-debug"""

    def __init__(self, bus):
        program = next((path for path in POLKITDS if os.path.exists(path)), None)
        expect(program, "polkitd is not installed")
        self.folder = tempfile.mkdtemp(prefix="fatia-polkit-")
        os.chmod(self.folder, 0o755)
        for name in ("actions", "rules.d"):
            os.mkdir(os.path.join(self.folder, name))
        shutil.copy(os.path.join(os.environ["G_TEST_SRCDIR"], "data/dev.fatia.helper.policy"),
                    os.path.join(self.folder, "actions"))
        with open(os.path.join(self.folder, "rules.d/50-test.rules"), "w", encoding="utf-8") as file:
            file.write(RULE)
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", self.SCRIPT, "sh", self.folder,
             program], stdout=subprocess.DEVNULL, env=dict(os.environ, G_DEBUG=""))
        wait_until(lambda: bus.owner(POLKIT))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end_process(self.process)
        shutil.rmtree(self.folder)


def no_session_is_denied_by_the_real_polkit():
    """A user without a session, against the policy as it is installed; one rule, one action."""
    need_root()
    with Bus(polkit=False, for_all_users=True) as bus:
        with RealPolkit(bus):
            before = bus.tree.snapshot()
            answers = ask_as_stranger(every_call())
            expect(bus.owner(POLKIT), "polkitd ended")
            expect_same(before, bus.tree.snapshot())
            allowed = {method for method, error in answers.items() if error != DENIED}
            expect_equal(allowed, {method for method in answers
                                   if method.startswith("Apply") and
                                   NEEDED[method] == "configure-virtualization"})


def sender_reuse():
    """The word polkit gives for one connection is worth nothing to the next, though it has the same
    well-known name and calls before the answer comes."""
    with Bus(polkit=False) as bus:
        authority = Authority(bus)
        before = bus.tree.snapshot()
        digest = answered(bus.caller, "PlanGuestMemory", GLib.Variant("(su)", ("shm", 32)))[0]
        arguments = GLib.Variant("(sus)", ("shm", 32, digest))
        authority.hangs = True
        first = Caller(bus.connect(), NAME)
        own_name(first, "org.example.Caller")
        Pending(first, "ApplyGuestMemory", arguments)
        iterate_until(lambda: authority.waiting)
        first.connection.close_sync(None)
        second = Caller(bus.connect(), NAME)
        own_name(second, "org.example.Caller")
        pending = Pending(second, "ApplyGuestMemory", arguments)
        iterate_until(lambda: len(authority.waiting) == 2)
        names = [question[0][1]["name"] for question in authority.asked[-2:]]
        expect_equal(names, [first.connection.get_unique_name(), second.connection.get_unique_name()])
        expect(names[0] != names[1], "a unique name was given twice:", names)
        # Yes to the one that is gone, no to the one that is there.
        authority.answer_one(False)
        authority.answer_one(True)
        expect_equal(pending.wait().name, DENIED)
        authority.hangs = False
        expect_equal(answered(bus.caller, "ListChanges"), ([],))
        expect_equal(second.progress, [])
        expect_same(before, bus.tree.snapshot())


def own_name(caller, name):
    caller.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                "org.freedesktop.DBus", "RequestName",
                                GLib.Variant("(su)", (name, 0)), None, 0, -1, None)


def caller_dies_while_the_tool_runs():
    """The change goes to its end, or is put back; nobody else gets the answer."""
    with Bus() as bus:
        bus.allow("read-host", "configure-boot", "undo")
        before = bus.tree.snapshot()
        slow = Slow(bus.tree)
        gone = Caller(bus.connect(), NAME)
        digest, _ = gone.plan_boot()
        gone.connection.call(NAME, PATH, INTERFACE, "ApplyKernelArguments",
                             GLib.Variant("(ass)", (ARGUMENTS, digest)), None, 0, -1, None, None)
        gone.connection.flush_sync(None)
        slow.wait()
        gone.connection.close_sync(None)
        bus.caller.refused(ERROR + "Busy", "ApplyKernelArguments", "(ass)", ARGUMENTS, digest)
        slow.go()
        wait_until(lambda: [c[4] for c in bus.caller.call("ListChanges")[0]] == ["applied"])
        wait_until(lambda: undone(bus.caller, "0001-boot"))
        slow.restore()
        expect_same(before, bus.tree.snapshot())


def undone(caller, change):
    try:
        caller.undo(change)
    except Refused as refusal:
        expect_equal(refusal.name, ERROR + "Busy")
        return False
    return True


def descriptors_of_every_kind():
    """Only a memory file that can't change any more is taken, by every method that takes one."""
    full = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
    future_write = 0x10  # F_SEAL_FUTURE_WRITE: a mapping of before may still write
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    with Bus() as bus, tempfile.TemporaryFile() as plain:
        bus.allow(*ACTIONS)
        before = bus.tree.snapshot()
        plain.write(ROM)
        plain.flush()
        kinds = {
            "unsealed": memfd(ROM, 0), "no write seal": memfd(ROM, full & ~fcntl.F_SEAL_WRITE),
            "no shrink seal": memfd(ROM, full & ~fcntl.F_SEAL_SHRINK),
            "no grow seal": memfd(ROM, full & ~fcntl.F_SEAL_GROW),
            "writable by a mapping": memfd(ROM, full & ~fcntl.F_SEAL_WRITE | future_write),
            "oversize": memfd(bytes(16 * 1024 * 1024 + 1)), "empty": memfd(b""),
            "file": plain.fileno(), "pipe": reading, "other end": writing, "socket": ours.fileno(),
            "device": os.open("/dev/zero", os.O_RDONLY), "null": os.open("/dev/null", os.O_RDWR),
            "folder": os.open("/", os.O_RDONLY), "path": os.open("/", os.O_PATH),
            "epoll": select.epoll().fileno(), "event": os.eventfd(1),
        }
        add_stand_ins(bus.tree)
        before = bus.tree.snapshot()
        methods = [name for name, types in signatures().items() if "h" in types]
        expect(methods, "no method takes a descriptor")
        for method in methods:
            step = next(step for step in steps() if method.endswith(step.topic))
            args = step.args if method.startswith("Plan") else (*step.args, "0" * 64)
            types = "".join(signatures()[method])
            for kind, fd in kinds.items():
                words = bus.caller.refused(ERROR, method, f"({types})", *args, fd=fd)
                expect("digest" not in words, kind, words)
            # A handle beyond those that came, and more descriptors than are looked at.
            for handle in (1, 15, 0x7fffffff, -1, -0x80000000):
                wrong = tuple(handle if kind == "h" else arg for kind, arg in
                              zip(re.findall("a?.", types), args))
                bus.caller.refused(ERROR + "Invalid", method, f"({types})", *wrong, fd=memfd(ROM))
            many = Gio.UnixFDList.new()
            for _ in range(16):
                many.append(memfd(ROM, 0))
            expect(error_of(bus.caller.connection, method, GLib.Variant(f"({types})", args), many),
                   method, "took one of many")
        expect_same(before, bus.tree.snapshot())
        expect_steady_descriptors(bus)
    theirs.close()


def expect_steady_descriptors(bus):
    """What came with a call goes with it."""
    def count():
        return len(os.listdir(f"/proc/{bus.helper.pid}/fd"))

    bus.caller.call("ListChanges")
    first = count()
    for _ in range(20):
        try:
            bus.caller.call("PlanRom", "(sh)", "gop.rom", 0, fd=memfd(ROM, 0))
        except Refused:
            pass
    wait_until(lambda: count() <= first)


def wrong_types_and_counts():
    """Refused before anybody is asked, whoever calls."""
    with Bus() as bus:
        bus.allow(*ACTIONS)
        before = bus.tree.snapshot()
        for method, types in signatures().items():
            right = "".join(types)
            for wrong in ("", "s", "ss", "v", "a{sv}", right + "s", right[:-1], f"({right or 's'})", "ah",
                          "as" + right):
                if wrong == right or not GLib.variant_type_string_is_valid(f"({wrong})"):
                    continue
                name = error_of(bus.caller.connection, method, some_value(f"({wrong})"))
                expect_equal((method, wrong, name),
                             (method, wrong, "org.freedesktop.DBus.Error.InvalidArgs"))
        expect_same(before, bus.tree.snapshot())


def some_value(signature):
    """The least value of any type at all."""
    text = {"v": "<''>", "s": "''", "u": "0", "b": "false", "h": "handle 0"}

    def value(kind):
        if kind[0] == "(":
            inner = []
            rest = kind[1:-1]
            while rest:
                one = first_type(rest)
                inner.append(value(one))
                rest = rest[len(one):]
            return "(" + ", ".join(inner) + ("," if len(inner) == 1 else "") + ")"
        return f"@{kind} []" if kind[0] == "a" else text[kind[0]]

    return GLib.Variant.parse(GLib.VariantType(signature), value(signature), None, None)


def first_type(signature):
    if signature[0] == "a":
        return "a" + first_type(signature[1:])
    if signature[0] not in "({":
        return signature[0]
    depth = 0
    for i, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0:
            return signature[:i + 1]
    raise ValueError(signature)


def all_users_together_have_a_limit():
    """Five users, each with as many calls under way as one may have: the fifth is told to wait, and
    when polkit answers all others are served."""
    need_root()
    with Bus(polkit=False, for_all_users=True) as bus:
        authority = Authority(bus)
        authority.hangs = True
        # The bus lets in whom the system knows.
        users = [entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0]
        users, last = users[:CALLS_LIMIT // USER_LIMIT], users[-1]
        flood = [("ListChanges", plain_values(""))]
        waiting = []
        for user in users:
            waiting += [start_stranger(flood, user) for _ in range(USER_LIMIT)]
            iterate_until(lambda: len(authority.waiting) == len(waiting))
        late = start_stranger(flood, last)
        iterate_until(lambda: late.poll() is not None)
        expect_equal(late.stdout.read().split()[-1], ERROR + "Busy")
        authority.hangs = False
        while authority.waiting:
            authority.answer_one()
        iterate_until(lambda: all(process.poll() is not None for process in waiting))
        for process in waiting:
            expect_equal(process.communicate(timeout=60)[0].split()[-1], "None")


if __name__ == "__main__":
    run_tests([
        each_method_needs_one_action,
        another_user_is_denied,
        no_session_is_denied_by_the_real_polkit,
        sender_reuse,
        caller_dies_while_the_tool_runs,
        descriptors_of_every_kind,
        wrong_types_and_counts,
        all_users_together_have_a_limit,
    ])
