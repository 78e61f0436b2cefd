#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links, odd files and races in every place the helper writes: nothing outside the host root is
ever written, every call ends, and afterwards all is as it was. The places are those that applying
each step really changes, the journal's among them, and not those of the host's own tools."""

import ctypes
import errno
import os
import random
import shutil
import stat
import threading

from calls import LOADERS, steps, undo_all, use_loader
from software import add_stand_ins
from harness import (ERROR, Kernel, Peer, Refused, Tree, expect, expect_equal, expect_same,
                     run_tests)

RENAME_EXCHANGE = 2
AT_FDCWD = -100
libc = ctypes.CDLL(None, use_errno=True)


class Outside:
    """A folder beside the tree, with a file for each name that is written, and none of its own."""

    def __init__(self, tree):
        self.path = os.path.join(tree.folder, "outside")
        os.mkdir(self.path)
        self.victim = self.put("victim")

    def put(self, name):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("not the helper's\n")
        return path

    def state(self):
        found = {}
        for name in sorted(os.listdir(self.path)):
            path = os.path.join(self.path, name)
            info = os.lstat(path)
            with open(path, encoding="utf-8") as file:
                found[name] = (info.st_mode, info.st_uid, info.st_ino, file.read())
        return found


def climbing(tree, path, target):
    """A relative link from @path up to the true root and down to @target."""
    return "../" * 40 + target.lstrip("/") if tree and path else target


def make_node(kind):
    def make(path, tree, outside):
        os.mknod(path, kind | 0o600, os.makedev(1, 3))
    return make


def make_folder(path, tree, outside):
    os.mkdir(path)
    with open(os.path.join(path, "file"), "w", encoding="utf-8"):
        pass


# In a file's place.
IN_PLACE = {
    "link to a file of the tree": lambda path, tree, outside: os.symlink("/etc/os-release", path),
    "link outside": lambda path, tree, outside: os.symlink(outside.victim, path),
    "climbing link": lambda path, tree, outside: os.symlink(climbing(tree, path, outside.victim), path),
    "dangling link outside": lambda path, tree, outside: os.symlink(outside.path + "/new", path),
    "link to itself": lambda path, tree, outside: os.symlink(os.path.basename(path), path),
    "hard link": lambda path, tree, outside: os.link(outside.victim, path),
    "pipe": lambda path, tree, outside: os.mkfifo(path),
    "socket": make_node(stat.S_IFSOCK),
    "device": make_node(stat.S_IFCHR),
    "folder": make_folder,
}
# Of them, one of each sort: after the first place, which has all.
SORTS = {kind: IN_PLACE[kind] for kind in ("climbing link", "hard link", "pipe", "device", "folder")}
# Where a new version waits, and an old one.
BESIDE = {kind: IN_PLACE[kind] for kind in ("link outside", "hard link", "pipe", "folder")}
# In the place of the folder it stands in.
ABOVE = {
    "folder is a link outside": lambda path, tree, outside: os.symlink(outside.path, path),
    "folder is a climbing link": lambda path, tree, outside: os.symlink(
        climbing(tree, path, outside.path), path),
    "folder is a pipe": lambda path, tree, outside: os.mkfifo(path),
    "folder is a file": lambda path, tree, outside: os.link(outside.victim, path),
}


class Stage:
    """A tree with its helper and what is outside."""

    def __init__(self, loader=None):
        self.tree = Tree()
        if loader:
            use_loader(self.tree, loader)
        else:
            add_stand_ins(self.tree)
        self.outside = Outside(self.tree)
        self.kernel = Kernel(self.tree)

    def __enter__(self):
        self.kernel.__enter__()
        self.peer = Peer(self.tree)
        self.before = self.settled()
        self.kept_out = self.outside.state()
        return self

    def __exit__(self, *_):
        try:
            self.peer.__exit__()
            self.kernel.__exit__()
        finally:
            self.tree.__exit__()

    def settled(self):
        self.kernel.follow()
        return self.tree.snapshot()

    def check(self, *what):
        expect(self.outside.state() == self.kept_out, *what, ": something outside was changed")
        try:
            expect_same(self.before, self.settled())
        except Exception as error:
            raise Exception(f"{what}: {error}") from None

    def places(self, step):
        """What the helper writes for the step, less the kernel's attributes."""
        planned = {item[1].lstrip("/") for item in step.plan(self.peer)[1]}
        step.apply(self.peer)
        after = self.settled()
        undo_all(self.peer)
        self.check(step, "applied and undone")
        found = [os.path.relpath(path, self.tree.path) for path in after
                 if self.before.get(path) != after[path] and not stat.S_ISDIR(after[path][0])]
        return sorted(path for path in found
                      if path.startswith("var/lib/fatia/") or
                      (path in planned and not path.startswith("sys/")))

    def settle(self):
        """What could not be put back with something in the way can be now: by being undone, else by
        the next helper."""
        undo_all(self.peer)
        if self.settled() != self.before:
            self.peer.__exit__()
            self.peer = Peer(self.tree)
            undo_all(self.peer)

    def try_step(self, step, digest):
        """By the plan of before and by one of now; whatever was done is undone."""
        for given in (digest, None):
            try:
                step.apply(self.peer, given)
            except Refused as refusal:
                expect(refusal.name, "an error without a name:", refusal)
        try:
            undo_all(self.peer)
        except Refused as refusal:
            expect(refusal.name.startswith((ERROR, "org.gtk.GDBus.Unmapped")), refusal.name, refusal)


class Planted:
    """Something hostile at a path, and then as before again."""

    def __init__(self, stage, name, make):
        self.stage = stage
        self.path = stage.tree.at(name)
        self.aside = os.path.join(stage.tree.folder, "aside")
        self.make = make
        self.made = None

    def __enter__(self):
        folder = os.path.dirname(self.path)
        while not os.path.exists(folder):
            self.made = folder
            folder = os.path.dirname(folder)
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.there = os.path.lexists(self.path)
        if self.there:
            os.rename(self.path, self.aside)
        self.make(self.path, self.stage.tree, self.stage.outside)
        return self

    def __exit__(self, *_):
        remove(self.path)
        if self.there:
            os.rename(self.aside, self.path)
        if self.made:
            remove(self.made)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def beside(name, suffix):
    return os.path.join(os.path.dirname(name), f".{os.path.basename(name)}.{suffix}")


def attack(stage, step, places):
    digest, _ = step.plan(stage.peer)
    folders = sorted({os.path.dirname(place) for place in places})
    cases = [(place, IN_PLACE if place == places[0] else SORTS) for place in places]
    cases += [(beside(place, suffix), BESIDE) for place in places
              for suffix in ("fatia-new", "fatia-old")]
    cases += [(folder, ABOVE) for folder in folders]
    for name, kinds in cases:
        for kind, make in kinds.items():
            with Planted(stage, name, make):
                stage.try_step(step, digest)
            stage.settle()
            stage.check(step, name, kind)
    return len(cases)


def every_place_of_every_step():
    tried = 0
    with Stage() as stage:
        for step in steps():
            tried += attack(stage, step, stage.places(step))
    print(f"# {tried} places", flush=True)
    expect(tried > 20, "too few places:", tried)


def every_boot_loaders_files():
    boot = [step for step in steps() if step.topic == "KernelArguments"]
    for loader in LOADERS:
        with Stage(loader) as stage:
            for step in boot:
                places = stage.places(step)
                expect([place for place in places if place in LOADERS[loader][1]], loader, places)
                attack(stage, step, places)


class Swapping:
    """A thread that exchanges a folder for a link outside, and back, as fast as it can."""

    def __init__(self, path, target):
        self.path, self.other = path, path + ".swapped"
        os.symlink(target, self.other)
        self.stop = threading.Event()
        self.swaps = 0
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def swap(self):
        if libc.renameat2(AT_FDCWD, os.fsencode(self.path), AT_FDCWD, os.fsencode(self.other),
                          RENAME_EXCHANGE) == 0:
            self.swaps += 1
        elif ctypes.get_errno() == errno.ENOENT:
            # The helper takes a folder of its own away when it is empty.
            os.makedirs(self.path, exist_ok=True)
        else:
            raise OSError(ctypes.get_errno(), "renameat2")

    def run(self):
        while not self.stop.is_set():
            self.swap()
            self.stop.wait(random.uniform(0, 0.0005))
            # Mostly the folder, so that calls get some way.
            self.swap()
            self.stop.wait(random.uniform(0, 0.002))

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        if os.path.islink(self.path):
            self.swap()
        # The helper may have taken away whichever of the two had the journal's name.
        remove(self.other)


def content(path):
    """What a race may leave whole or not at all."""
    if os.path.islink(path):
        return os.readlink(path)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def race(step, folder, outcomes):
    """On a tree of its own: who can exchange a folder of /etc can leave it as they like. But
    nothing outside is written, no file is half, and the helper goes on."""
    with Stage() as stage:
        places = [stage.tree.at(place) for place in stage.places(step)]
        versions = {path: [content(path)] for path in places}
        step.apply(stage.peer)
        for path in places:
            versions[path].append(content(path))
            # A file to be taken for it, where the helper would follow the link.
            stage.outside.put(os.path.basename(path))
        undo_all(stage.peer)
        stage.kept_out = stage.outside.state()
        name = stage.tree.at(folder)
        os.makedirs(name, exist_ok=True)
        with Swapping(name, climbing(stage.tree, name, stage.outside.path)) as swapping:
            for attempt in range(1000):
                # Calls that are refused soon are no race yet.
                if attempt >= 10 and swapping.swaps > 20:
                    break
                try:
                    undo_all(stage.peer)
                    step.apply(stage.peer)
                    outcomes.add("done")
                except Refused as refusal:
                    expect(refusal.name, refusal)
                    outcomes.add("refused")
        expect(swapping.swaps > 20, "the race was none:", swapping.swaps)
        expect(stage.outside.state() == stage.kept_out, step, folder, "outside was written")
        for path in places:
            expect("/journal/" in path or content(path) in versions[path], step, folder, path,
                   "is neither the old one nor the new one")
        # A new helper settles what is left.
        stage.peer.__exit__()
        stage.peer = Peer(stage.tree)
        undo_all(stage.peer)
        step.apply(stage.peer)
        undo_all(stage.peer)


def folders_swapped_while_calls_run():
    outcomes = set()
    for step in steps():
        with Stage() as stage:
            folders = sorted({os.path.dirname(place) for place in stage.places(step)})
        for folder in folders:
            race(step, folder, outcomes)
    expect_equal(outcomes, {"done", "refused"})


# Version 2 of the kernel's access lists: user rw-, the user 1234 r--, group r--, mask rw-, other ---
ACCESS_LIST = bytes.fromhex("02000000" "01000600ffffffff" "02000400d2040000" "04000400ffffffff"
                            "10000600ffffffff" "20000000ffffffff")
LABEL = b"system_u:object_r:bootloader_etc_t:s0\0"


def what_a_file_carries_is_kept():
    """Owner, mode, access list and label of each file that is replaced, also when it is undone."""
    tried = 0
    with Stage() as stage:
        for step in steps():
            for item in step.plan(stage.peer)[1]:
                path = stage.tree.at(item[1].lstrip("/"))
                if item[0] != "file" or not os.path.exists(path):
                    continue
                tried += 1
                os.setxattr(path, "system.posix_acl_access", ACCESS_LIST)
                if os.getuid() == 0:
                    os.chown(path, 1234, 4321)
                try:
                    os.setxattr(path, "security.selinux", LABEL)
                except PermissionError:
                    print("# no label: only root may set one", flush=True)
                carried = carries(path)
                step.apply(stage.peer)
                expect_equal(carries(path), carried)
                undo_all(stage.peer)
                expect_equal(carries(path), carried)
    expect(tried, "no file was replaced")


def a_label_without_selinux_is_no_obstacle():
    """With the capabilities the unit has, on a kernel without SELinux, most of which then let nobody
    but CAP_SYS_ADMIN write a label."""
    if os.getuid() != 0 or os.path.exists("/sys/fs/selinux/enforce"):
        print("# only root can set a label where SELinux does not run", flush=True)
        return
    capabilities = "-all,+chown,+dac_override,+fowner,+fsetid"
    with Tree() as tree, Peer(
            tree, "setpriv", "--bounding-set", capabilities, "--inh-caps", capabilities) as peer:
        path = tree.at("etc/default/grub")
        os.setxattr(path, "security.selinux", LABEL)
        os.setxattr(path, "system.posix_acl_access", ACCESS_LIST)
        peer.undo(peer.apply_boot())
        attributes = carries(path)[3]
        expect(attributes.pop("security.selinux", LABEL) == LABEL, attributes)
        expect_equal(attributes, {"system.posix_acl_access": ACCESS_LIST})


def carries(path):
    info = os.stat(path)
    return (info.st_mode, info.st_uid, info.st_gid,
            {name: os.getxattr(path, name) for name in os.listxattr(path)})


if __name__ == "__main__":
    run_tests([
        every_place_of_every_step,
        every_boot_loaders_files,
        folders_swapped_while_calls_run,
        what_a_file_carries_is_kept,
        a_label_without_selinux_is_no_obstacle,
    ])
