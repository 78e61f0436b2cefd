#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fuzz-calls.py [--count N] [--seed S]: calls of the helper's interface as no honest program makes
them, made from its description: right and wrong types, hostile strings, numbers at their bounds,
descriptors of every kind.

Half of them go over a bus whose polkit says no to everything, and then nothing at all may be
written; half over a private connection, where all is allowed, and then only by an Apply with the
digest of its plan or by an Undo. The helper must not crash, leak, or grow in memory or descriptors;
each call is answered."""

import argparse
import os
import random
import re
import sys
import tempfile
import time

from bus import Authority, Bus
from calls import ROM, signatures, steps, undo_all
from software import add_stand_ins
from harness import (INTERFACE, NAME, PATH, Gio, GLib, Kernel, Peer, Refused, Tree, expect,
                     expect_equal, expect_same, memfd, run_tests, wait_until)

# As many as one caller may have under way.
WINDOW = 8
# How often the tree is compared, and what the helper may grow by meanwhile and altogether.
ROUND = 500
GROWTH_KIB = 96 * 1024
ANSWER_SECONDS = 60

STRINGS = [
    "", " ", "/", "..", "../../../etc/passwd", "/etc/shadow", "a" * 300, "x" * 70000, "%s%n%x%s", "\n",
    "a\nb", "\x01", "\x7f", "é", "\u202e", "\U0001f600", "'", '"', "$(id)", "`id`", ";reboot", "-", "--",
    "0", "-1", "0000:00:02.0", "0000:00:02.9", "ffff:ff:1f.7", "0000:00:02.0/../..", "intel_iommu=on",
    "i915.max_vfs=7", "i915.max_vfs=99999999999", "module_blacklist=xe,", "init=/bin/sh", "quiet",
    "gop.rom", "a.efi", "..rom", "a/b.rom", "x.rom\n", "0001-boot", "9999-boot", "0001-", "0" * 64,
    "f" * 64, "0" * 63 + "g", "org.freedesktop.DBus", "/dev/fatia/Helper",
]
NUMBERS = [0, 1, 2, 3, 7, 8, 63, 64, 127, 128, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31,
           2 ** 32 - 1, 2 ** 63 - 1, 2 ** 63, 2 ** 64 - 1]
INTEGERS = {"y": (8, False), "n": (16, True), "q": (16, False), "i": (32, True), "u": (32, False),
            "x": (64, True), "t": (64, False)}
BASIC = "ybnqiuxtdsog"


class Generator:
    """Bodies and descriptors, from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.plain = tempfile.TemporaryFile()  # pylint: disable=consider-using-with

    def string(self):
        if self.random.random() < 0.8:
            return self.random.choice(STRINGS)
        return "".join(self.random.choice(STRINGS)[:200] for _ in range(self.random.randrange(1, 4)))

    def integer(self, kind):
        bits, signed = INTEGERS[kind]
        value = self.random.choice(NUMBERS) if self.random.random() < 0.8 else self.random.getrandbits(64)
        value &= (1 << bits) - 1
        return value - (1 << bits) if signed and value >> (bits - 1) else value

    def signature(self, depth=0):
        """Any type at all."""
        choice = self.random.random()
        if depth >= 4 or choice < 0.6:
            return self.random.choice(BASIC + "h")
        if choice < 0.8:
            return "a" + self.signature(depth + 1)
        if choice < 0.9:
            return "(" + "".join(self.signature(depth + 1) for _ in range(self.random.randrange(1, 4))) + ")"
        if choice < 0.95:
            return "a{" + self.random.choice(BASIC) + self.signature(depth + 1) + "}"
        return "v"

    def value(self, kind):
        """A hostile value of one complete type."""
        if kind in INTEGERS:
            return GLib.Variant(kind, self.integer(kind))
        if kind == "s":
            return GLib.Variant("s", self.string())
        if kind == "b":
            return GLib.Variant("b", self.random.random() < 0.5)
        if kind == "d":
            return GLib.Variant("d", self.random.choice([0.0, -1.0, 1e308, float("inf"), float("nan")]))
        if kind == "h":
            return GLib.Variant("h", self.random.choice([0, 0, 0, 1, 2, 15, 16, 2 ** 31 - 1, -1, -2 ** 31]))
        if kind == "o":
            return GLib.Variant("o", self.random.choice(["/", PATH, "/a/b"]))
        if kind == "g":
            return GLib.Variant("g", self.random.choice(["", "s", "a{sv}", "(((u)))"]))
        if kind == "v":
            return GLib.Variant("v", self.value(self.signature(3)))
        if kind[0] == "a":
            return self.array(kind)
        parts = [self.value(part) for part in split(kind[1:-1])]
        if kind[0] == "{":
            return GLib.Variant.new_dict_entry(*parts)
        return GLib.Variant.new_tuple(*parts)

    def array(self, kind):
        count = self.random.choice([0, 1, 1, 2, 3, 33, 300] if len(kind) == 2 else [0, 1, 2])
        members = [self.value(kind[1:]) for _ in range(count)]
        return GLib.Variant.new_array(GLib.VariantType(kind[1:]), members)

    def descriptors(self):
        """None, one or many, each of any kind; the list owns them."""
        count = self.random.choice([0, 1, 1, 1, 1, 2, 16])
        fds = Gio.UnixFDList.new() if count else None
        for _ in range(count):
            for fd in self.descriptor():
                if fds.get_length() < 16:
                    fds.append(fd)
                if fd != self.plain.fileno():
                    os.close(fd)
        return fds

    def descriptor(self):
        kind = self.random.randrange(8)
        if kind == 0:
            return [memfd(ROM)]
        if kind == 1:
            return [memfd(os.urandom(64), self.random.getrandbits(5))]
        if kind == 2:
            return os.pipe()
        if kind == 3:
            return [os.open(self.random.choice(["/dev/zero", "/dev/null"]), os.O_RDONLY)]
        if kind == 4:
            return [os.open("/", self.random.choice([os.O_RDONLY, os.O_PATH]))]
        if kind == 5:
            return [self.plain.fileno()]
        if kind == 6:
            return [memfd(b"")]
        return [memfd(ROM * self.random.randrange(1, 64))]

    def body(self, types):
        parts = [self.value(kind) for kind in types]
        return GLib.Variant.new_tuple(*parts) if parts else None


def split(signature):
    """The complete types in a signature."""
    found = []
    while signature:
        length = complete(signature)
        found.append(signature[:length])
        signature = signature[length:]
    return found


def complete(signature):
    """How long the first complete type is."""
    if signature[0] == "a":
        return 1 + complete(signature[1:])
    if signature[0] not in "({":
        return 1
    depth = 0
    for i, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0:
            return i + 1
    raise ValueError(signature)


class Fuzzer:
    """Calls on one connection, one or several at a time."""

    def __init__(self, caller, seed):
        self.caller = caller
        self.generator = Generator(seed)
        self.random = self.generator.random
        self.methods = signatures()
        self.steps = steps()
        self.pending = 0
        self.answers = {}
        self.lost = []
        self.changed = 0
        self.digests = {}
        self.undo = None

    def run(self, count):
        window = WINDOW
        for number in range(count):
            if number % 25 == 0:
                window = self.random.choice([1, 1, 2, WINDOW])
            while self.pending >= window:
                GLib.MainContext.default().iteration(True)
            self.one()
        while self.pending:
            GLib.MainContext.default().iteration(True)
        expect(not self.lost, "calls were not answered:", self.lost[:3])

    def one(self):
        chance = self.random.random()
        if chance < 0.55:
            method = self.random.choice(list(self.methods))
            self.send(method, self.generator.body(self.methods[method]), self.generator.descriptors())
        elif chance < 0.70:
            types = [self.generator.signature() for _ in range(self.random.randrange(5))]
            self.send(self.random.choice(list(self.methods)), self.generator.body(types),
                      self.generator.descriptors())
        elif chance < 0.80:
            self.nearly_right()
        elif chance < 0.93:
            self.right()
        else:
            self.elsewhere()

    def nearly_right(self):
        """A step's own arguments, one of them replaced."""
        step = self.random.choice(self.steps)
        method = self.random.choice(["Plan", "Apply"]) + step.topic
        types = self.methods[method]
        args = [*step.args, self.digests.get(step, "0" * 64)][:len(types)]
        parts = [GLib.Variant(kind, arg) for kind, arg in zip(types, args)]
        if parts:
            place = self.random.randrange(len(parts))
            parts[place] = self.generator.value(types[place])
        self.send(method, GLib.Variant.new_tuple(*parts) if parts else None, sealed(step), step)

    def right(self):
        """What an honest program sends; where all is allowed, this is what changes the tree."""
        step = self.random.choice(self.steps)
        if self.undo and self.random.random() < 0.3:
            self.send("Undo", GLib.Variant("(sa{sb}s)", self.undo), None)
            self.undo = None
        elif self.random.random() < 0.5 and self.digests.get(step):
            self.send("Apply" + step.topic,
                      GLib.Variant(f"({step.signature}s)", (*step.args, self.digests.pop(step))),
                      sealed(step), step)
        else:
            body = GLib.Variant(f"({step.signature})", step.args) if step.signature else None
            self.send("Plan" + step.topic, body, sealed(step), step)

    def elsewhere(self):
        """Other objects, interfaces and methods."""
        method = self.random.choice([*self.methods, "", "Run", "applyrom", "PlanUndo\0"[:8], "Get", "Set",
                                     "GetAll", "Introspect", "Ping", "GetMachineId"])
        interface = self.random.choice([INTERFACE, None, "org.freedesktop.DBus.Properties",
                                        "org.freedesktop.DBus.Introspectable",
                                        "org.freedesktop.DBus.Peer", "dev.fatia.Helper2"])
        path = self.random.choice([PATH, "/", "/dev", PATH + "/x"])
        types = self.random.choice([[], ["s"], ["s", "s"], ["s", "s", "v"]])
        if Gio.dbus_is_member_name(method):
            self.send(method, self.generator.body(types), None, path=path, interface=interface)

    def send(self, method, body, fds, step=None, path=PATH, interface=INTERFACE):
        message = Gio.DBusMessage.new_method_call(self.caller.name, path, interface, method)
        if body:
            message.set_body(body)
        if fds:
            message.set_unix_fd_list(fds)
        if not is_sendable(message):
            return
        self.pending += 1
        self.caller.connection.send_message_with_reply(
            message, Gio.DBusSendMessageFlags.NONE, ANSWER_SECONDS * 1000, None, self.on_reply,
            (method, step))

    def on_reply(self, connection, result, call):
        method, step = call
        self.pending -= 1
        try:
            reply = connection.send_message_with_reply_finish(result)
            reply.to_gerror()
        except GLib.Error as error:
            name = Gio.DBusError.get_remote_error(error)
            self.answers[name] = self.answers.get(name, 0) + 1
            if name is None or name.endswith((".NoReply", ".Disconnected")):
                self.lost.append((method, error.message))
            return
        self.answers[""] = self.answers.get("", 0) + 1
        self.changed += method == "Undo" or bool(method.startswith("Apply") and
                                                 reply.get_body().unpack()[0])
        if method.startswith("Plan") and step:
            self.digests[step] = reply.get_body().unpack()[0]
        elif method == "ListChanges":
            self.plan_undo([change[0] for change in reply.get_body().unpack()[0] if change[4] == "applied"])

    def plan_undo(self, changes):
        if not changes or self.undo:
            return
        change = self.random.choice(changes)
        try:
            self.undo = (change, {}, self.caller.plan_undo(change)[0])
        except Refused:
            pass


def is_sendable(message):
    """A bus closes the connection of who sends what no message can be, and so does GLib at the other
    end of a private one, with a warning."""
    try:
        Gio.DBusMessage.new_from_blob(
            message.to_blob(Gio.DBusCapabilityFlags.UNIX_FD_PASSING), Gio.DBusCapabilityFlags.UNIX_FD_PASSING)
    except GLib.Error:
        return False
    return True


def sealed(step):
    fd = step.fd()
    if fd is None:
        return None
    fds = Gio.UnixFDList.new()
    fds.append(fd)
    os.close(fd)
    return fds


class Watched:
    """What a process has open, and its memory."""

    def __init__(self, pid):
        self.pid = pid

    def look(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            kib = int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
        return len(os.listdir(f"/proc/{self.pid}/fd")), kib

    def begin(self):
        self.fds, self.kib = self.look()

    def check(self):
        # What came with the last calls is closed a moment after they are answered.
        wait_until(lambda: self.look()[0] <= self.fds + 2)
        _, kib = self.look()
        expect(kib <= self.kib + GROWTH_KIB, "memory in KiB:", self.kib, "then", kib)


def rounds(count):
    while count > 0:
        yield min(count, ROUND)
        count -= ROUND


def tell(name, fuzzer, begin):
    counts = sorted(fuzzer.answers.items(), key=lambda item: -item[1])
    total = sum(n for _, n in counts)
    print(f"# {name}: {total} calls in {time.monotonic() - begin:.0f} s, {fuzzer.changed} of them "
          "changed something: " + ", ".join(f"{n} {(kind or 'served').rsplit('.', 1)[-1]}" for kind, n in counts), flush=True)


def prepared(tree):
    tree.add_firmware_chip(os.urandom(8192))
    add_stand_ins(tree)
    return tree


def denied(count, seed):
    """polkit says no: nothing is written, whatever is called."""
    begin = time.monotonic()
    bus = Bus(polkit=False)
    try:
        authority = Authority(bus)
        authority.allows = False
        prepared(bus.tree)
        before = bus.tree.snapshot()
        fuzzer = Fuzzer(bus.caller, seed)
        watched = Watched(bus.helper.pid)
        for number, size in enumerate(rounds(count)):
            fuzzer.run(size)
            expect_same(before, bus.tree.snapshot())
            if number == 0:
                watched.begin()
            watched.check()
        served = {"", None} & set(fuzzer.answers)
        expect(fuzzer.answers.get("org.freedesktop.DBus.Error.AccessDenied", 0) > count / 20, fuzzer.answers)
        tell("denied", fuzzer, begin)
        expect(served <= {""}, fuzzer.answers)
    finally:
        expect_equal(bus.end(), 0)


def allowed(count, seed):
    """All is allowed: what was applied can be undone, and nothing else was written."""
    begin = time.monotonic()
    with Tree() as tree, Kernel(prepared(tree)) as kernel, Peer(tree) as peer:
        before = tree.snapshot()
        fuzzer = Fuzzer(peer, seed)
        watched = Watched(peer.process.pid)
        for number, size in enumerate(rounds(count)):
            fuzzer.run(size)
            # One that nothing else gets in the way of.
            fuzzer.changed += bool(fuzzer.random.choice(fuzzer.steps).apply(peer))
            undo_all(peer)
            fuzzer.undo = None
            kernel.follow()
            expect_same(before, tree.snapshot())
            if number == 0:
                watched.begin()
            watched.check()
        expect(fuzzer.answers.get("", 0) > count / 50, "hardly a call was served:", fuzzer.answers)
        expect(fuzzer.changed, "none was an honest one:", fuzzer.answers)
        tell("allowed", fuzzer, begin)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=2000, help="how many calls")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=16"

    def calls_nobody_may_make():
        denied(options.count // 2, options.seed)

    def calls_all_may_make():
        allowed(options.count - options.count // 2, options.seed + 1)

    run_tests([calls_nobody_may_make, calls_all_may_make])


if __name__ == "__main__":
    sys.exit(main())
