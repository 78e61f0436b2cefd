#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Undoing by the helper after other hands changed the same files: merged, decided, later entries."""

import os

from calls import use_loader
from harness import ARGUMENTS, ERROR, Peer, Tree, expect, expect_equal, expect_same, run_tests

GRUB = "/etc/default/grub"
OURS = " ".join(ARGUMENTS)


def edit(tree, name, old, new):
    text = tree.read(name)
    expect(old in text, name, "has no", old)
    tree.write(name, text.replace(old, new))


def ours_goes_and_theirs_stays():
    with Tree() as tree, Peer(tree) as peer:
        before = tree.read("etc/default/grub")
        change = peer.apply_boot()
        edit(tree, "etc/default/grub", "GRUB_TIMEOUT=5", "GRUB_TIMEOUT=1")
        edit(tree, "etc/default/grub", f'{ARGUMENTS[-1]}"', f'{ARGUMENTS[-1]} theirs"')
        _, items = peer.plan_undo(change)
        expect_equal([item[:2] for item in items], [("file", GRUB), ("command", "/usr/sbin/grub-mkconfig")])
        peer.undo(change)
        after = tree.read("etc/default/grub")
        expect_equal(after.replace(" theirs", "").replace("GRUB_TIMEOUT=1", "GRUB_TIMEOUT=5"), before)
        expect(' theirs"' in after, after)
        # The tool was run again with what is left.
        menu = tree.read("boot/grub/grub.cfg")
        expect("theirs" in menu and ARGUMENTS[0] not in menu, menu)
        expect_equal(peer.call("ListChanges")[0], [])


def a_person_decides():
    with Tree() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        for put_back in (True, False):
            change = peer.apply_boot()
            edit(tree, "etc/default/grub", "i915.max_vfs=7", "i915.max_vfs=3")
            theirs = tree.read("etc/default/grub")
            digest, items = peer.plan_undo(change)
            expect_equal(items[0][:2], ("conflict", GRUB))
            expect("i915.max_vfs=3" in items[0][3] and "\n-" in items[0][3], items[0][3])
            peer.refused(ERROR + "Touched", "Undo", "(sa{sb}s)", change, {}, digest)
            decided, items = peer.plan_undo(change, {GRUB: put_back})
            expect_equal(items[0][:2], ("file" if put_back else "kept", GRUB))
            # Each decision has a digest of its own.
            peer.refused(ERROR + "Stale", "Undo", "(sa{sb}s)", change, {GRUB: not put_back}, decided)
            peer.refused(ERROR + "Touched", "Undo", "(sa{sb}s)", change, {}, decided)
            expect_equal(tree.read("etc/default/grub"), theirs)
            peer.call("Undo", "(sa{sb}s)", change, {GRUB: put_back}, decided)
            if put_back:
                expect_same(before, tree.snapshot())
            else:
                expect_equal(tree.read("etc/default/grub"), theirs)
                expect_equal(peer.call("ListChanges")[0], [])


def hostile_decisions():
    with Tree() as tree, Peer(tree) as peer:
        change = peer.apply_boot()
        edit(tree, "etc/default/grub", "i915.max_vfs=7", "i915.max_vfs=3")
        before = tree.snapshot()
        for decisions in ({"/etc/passwd": True}, {"": True}, {"etc/default/grub": True},
                          {"/etc/default/../default/grub": True}, {GRUB: True, "/x" * 5000: False},
                          {f"/{number}": True for number in range(5000)}):
            peer.refused(ERROR + "Invalid", "PlanUndo", "(sa{sb})", change, decisions)
            peer.refused(ERROR + "Invalid", "Undo", "(sa{sb}s)", change, decisions, "")
        expect_same(before, tree.snapshot())


def secrets_of_others_are_not_shown():
    """Of a file that not everyone may read, what others wrote does not go to a caller."""
    with Tree() as tree, Peer(tree) as peer:
        os.chmod(tree.at("etc/default/grub"), 0o600)
        change = peer.apply_boot()
        edit(tree, "etc/default/grub", "i915.max_vfs=7", "i915.max_vfs=3 secret=abc")
        _, items = peer.plan_undo(change)
        expect_equal(items[0][:2], ("conflict", GRUB))
        expect("secret" not in items[0][3] and "administrator" in items[0][3], items[0][3])


def entries_that_came_later_are_cleaned_too():
    entry = "title Linux\nlinux /vmlinuz\ninitrd /initrd\noptions {} rw quiet{}\n"
    with Tree() as tree:
        use_loader(tree, "systemd-boot")
        root = next(word for word in tree.read("proc/cmdline").split() if word.startswith("root="))
        tree.write("boot/loader/entries/new.conf", entry.format(root, " theirs"))
        expected = tree.snapshot()
        os.unlink(tree.at("boot/loader/entries/new.conf"))
        with Peer(tree) as peer:
            change = peer.apply_boot()
            tree.write("boot/loader/entries/new.conf", entry.format(root, f" {OURS} theirs"))
            _, items = peer.plan_undo(change)
            expect_equal([item[:2] for item in items][:2],
                         [("file", "/boot/loader/entries/new.conf"),
                          ("file", "/boot/loader/entries/linux.conf")])
            peer.undo(change)
            expect_same(expected, tree.snapshot())


if __name__ == "__main__":
    run_tests([
        ours_goes_and_theirs_stays,
        a_person_decides,
        hostile_decisions,
        secrets_of_others_are_not_shown,
        entries_that_came_later_are_cleaned_too,
    ])
