#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the helper needs at most while people who may only look ask for all they can: its unit has
a limit, and the kernel ends what goes beyond it, in the midst of another's change."""

import os
import re

from bus import Authority, Bus
from harness import (ERROR, INTERFACE, NAME, PATH, Caller, Gio, GLib, Refused, expect, expect_equal,
                     expect_same, iterate_until, memfd, run_tests)

# A user's share of calls under way, and a connection's.
USER_LIMIT, SENDER_LIMIT = 16, 8
LARGEST = 16 * 1024 * 1024
# The longest that is still compared line by line.
TEXT = 1024 * 1024
MIB = 1024
# What it may need for all that, far below its unit's MemoryMax=: the bus and GDBus have their part in
# that. AddressSanitizer keeps back what is given back, and has its shadow.
MOST, MOST_SANITIZED = 160 * MIB, 480 * MIB


def status(process, key):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{key}:\s*(\d+) kB$", file.read(), re.MULTILINE)[1])


def is_sanitized(process):
    with open(f"/proc/{process.pid}/maps", encoding="utf-8") as file:
        return "libasan" in file.read()


class Many:
    """As many calls at once as a user may have; each is answered."""

    def __init__(self, bus):
        self.callers = [Caller(bus.connect(), NAME) for _ in range(USER_LIMIT // SENDER_LIMIT)]
        self.answers = []

    def call(self, method, variant, make_fd):
        del self.answers[:]
        for caller in self.callers:
            for _ in range(SENDER_LIMIT):
                fds = None
                if make_fd:
                    fds = Gio.UnixFDList.new()
                    fd = make_fd()
                    fds.append(fd)
                    os.close(fd)
                caller.connection.call_with_unix_fd_list(NAME, PATH, INTERFACE, method, variant, None, 0,
                                                         60000, fds, None, self.on_reply)
        iterate_until(lambda: len(self.answers) == USER_LIMIT)
        return self.answers

    def on_reply(self, connection, result):
        try:
            reply, _ = connection.call_with_unix_fd_list_finish(result)
            self.answers.append(reply.unpack())
        except GLib.Error as error:
            self.answers.append(Refused(error))


def expect_bounded(bus):
    have = status(bus.helper, "VmHWM")
    most = MOST_SANITIZED if is_sanitized(bus.helper) else MOST
    print(f"# {have // MIB} of {most // MIB} MiB")
    expect(have < most, have, "KiB of", most)


def the_largest_plans():
    """Bytes of every kind that cost something: no text, nothing but line feeds, no UTF-8."""
    kinds = [memfd(os.urandom(LARGEST)), memfd(b"\n" * (TEXT - 1)), memfd(b"\xff\n" * (TEXT // 2 - 1)),
             memfd(b"\xff" * (TEXT - 1))]
    with Bus() as bus:
        bus.allow("read-host")
        before = bus.tree.snapshot()
        many = Many(bus)
        for fd in kinds:
            answers = many.call("PlanRom", GLib.Variant("(sh)", ("a.rom", 0)), lambda fd=fd: os.dup(fd))
            for answer in answers:
                expect(isinstance(answer, tuple), answer)
                # One line for each, however much of a text it may look.
                text = answer[1][0][3]
                expect(text.startswith("New file, ") and "\n" not in text, text[:200])
            expect_bounded(bus)
        expect_same(before, bus.tree.snapshot())
    for fd in kinds:
        os.close(fd)


def the_largest_undo_plans():
    """Of what lies in the journal already, while others look at it."""
    with Bus() as bus:
        bus.allow("read-host", "configure-virtualization", "undo")
        for number in range(3):
            bytes_ = memfd(os.urandom(LARGEST))
            name = f"rom{number}.rom"
            digest, _ = bus.caller.call("PlanRom", "(sh)", name, 0, fd=bytes_)
            bus.caller.call("ApplyRom", "(shs)", name, 0, digest, fd=bytes_)
            os.close(bytes_)
        changes = [change[0] for change in bus.caller.call("ListChanges")[0]]
        expect_equal(len(changes), 3)
        many = Many(bus)
        for method, variant in (("ListChanges", None),
                                ("PlanUndo", GLib.Variant("(sa{sb})", (changes[0], {})))):
            for answer in many.call(method, variant, None):
                expect(isinstance(answer, tuple), answer)
            expect_bounded(bus)


def large_messages():
    """What is in the call itself has room for a few words: more is not kept while polkit thinks."""
    with Bus(polkit=False) as bus:
        authority = Authority(bus)
        authority.hangs = True
        many = Many(bus)
        for words in (["a" * TEXT * 24], ["a"] * (TEXT // 8)):
            for answer in many.call("PlanKernelArguments", GLib.Variant("(as)", (words,)), None):
                expect_equal(answer.name, ERROR + "Invalid")
            expect_bounded(bus)
        expect_equal(authority.asked, [])


if __name__ == "__main__":
    run_tests([the_largest_plans, the_largest_undo_plans, large_messages])
