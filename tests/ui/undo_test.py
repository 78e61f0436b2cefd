#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo after other hands changed the same file: theirs stays, and where it is not certain which is
whose the window shows both and the person decides. On a practice host with the real helper."""

import os
import shutil
import sys
import tempfile
import traceback

from common import Desktop, Failure, Program, say

OURS = "i915.max_vfs=7"
THEIRS = "i915.max_vfs=3"
OTHERS = "i915.max_vfs=5"
KEEP = "Keep What Is There Now"
PUT_BACK = "Put Back What Was There Before"


def expect(truth, what):
    if not truth:
        raise Failure(what)


class Undo:
    """The window at the page of the command line, the arguments added."""

    def __init__(self, desktop, folder):
        self.desktop = desktop
        self.path = os.path.join(folder, "root/etc/default/grub")
        self.program = Program(desktop, "--practice", "--practice-folder", folder)
        self.before = None

    def to_the_command_line(self):
        self.program.press("Start the Setup")
        self.program.wait_for("This Computer", "grouping")
        self.program.press("Continue", "button")
        self.program.wait_for("GOP Driver", "grouping")
        self.program.press("Skip This Step", "button")
        self.program.wait_for("Kernel Command Line", "grouping")

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def replace(self, old, new):
        text = self.read()
        expect(old in text, f"there is no {old} in {self.path}")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def change(self):
        self.program.wait_for("Change the Command Line")
        self.before = self.read()
        self.program.press("Change the Command Line")
        self.program.wait_for("Restart Now…")
        expect(OURS in self.read(), "the arguments are not in the file")

    def undo_pressed(self):
        return self.program.find("Undo This Change") is not None

    def undo_is_possible(self):
        return self.program.is_sensitive(self.program.wait_for("Undo This Change", "button"))

    def ask(self, theirs=THEIRS):
        """Presses Undo where it is not certain what is whose."""
        self.program.press("Undo", "button")
        self.program.wait_for("Decide What Stays")
        self.program.wait_text(theirs)
        expect(not self.undo_is_possible(), "it can be undone before anything was decided")
        expect(theirs in self.read(), "the file was written before anything was decided")

    # The ways

    def what_others_added_stays(self):
        self.to_the_command_line()
        self.change()
        self.replace("GRUB_TIMEOUT=5", "GRUB_TIMEOUT=9")
        self.program.press("Undo", "button")
        self.program.wait_gone("Restart Now…")
        expect(not self.undo_pressed(), "there was nothing to ask about")
        expected = self.before.replace("GRUB_TIMEOUT=5", "GRUB_TIMEOUT=9")
        expect(self.read() == expected, "theirs is not all that is left")

    def nothing_happens_before_it_is_decided(self):
        self.change()
        self.replace(OURS, THEIRS)
        self.ask()
        self.program.key("Escape")
        self.program.wait_gone("Decide What Stays")
        expect(THEIRS in self.read(), "the file was written though nothing was decided")

    def what_is_there_can_be_kept(self):
        theirs = self.read()
        self.ask()
        self.program.choose_radio(PUT_BACK)
        self.program.wait_until(self.undo_is_possible, "undo to be possible")
        self.program.choose_radio(KEEP)
        self.program.wait_until(self.undo_is_possible, "undo to be possible")
        self.program.press("Undo This Change", "button")
        self.program.wait_gone("Decide What Stays")
        expect(self.read() == theirs, "what was to be kept is not there")

    def what_was_there_can_be_put_back(self):
        # What was kept is theirs now: it is what there is before the next change.
        self.change()
        expect(THEIRS in self.before, "what was kept is not what the next change begins with")
        self.replace(OURS, OTHERS)
        self.ask(OTHERS)
        self.program.choose_radio(PUT_BACK)
        self.program.wait_until(self.undo_is_possible, "undo to be possible")
        self.program.press("Undo This Change", "button")
        self.program.wait_gone("Decide What Stays")
        expect(self.read() == self.before, "the file is not what it was before")
        expect(self.program.close() == 0, "the program did not end well")


WAYS = (
    "what_others_added_stays",
    "nothing_happens_before_it_is_decided",
    "what_is_there_can_be_kept",
    "what_was_there_can_be_put_back",
)


def main():
    failed = False
    folder = tempfile.mkdtemp(prefix="fatia-undo-")
    print(f"TAP version 13\n1..{len(WAYS)}", flush=True)
    with Desktop() as desktop:
        undo = Undo(desktop, os.path.join(folder, "host"))
        try:
            for number, name in enumerate(WAYS, 1):
                words = name.replace("_", " ")
                if failed:
                    print(f"not ok {number} - {words}: not reached", flush=True)
                    continue
                try:
                    getattr(undo, name)()
                    print(f"ok {number} - {words}", flush=True)
                except Exception as failure:  # a way that fails in any way fails the test
                    say(traceback.format_exc() if not isinstance(failure, Failure) else failure)
                    print(f"not ok {number} - {words}", flush=True)
                    failed = True
        finally:
            undo.program.__exit__(None, None, None)
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
