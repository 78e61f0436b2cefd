#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, in the window: from Welcome to Windows' moving picture, closed, opened again as
a dashboard, everything undone. On a practice host with the real helper and the real libvirt.

Every step looks at the host's files, not only at what the window says of them.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback

from common import Desktop, Failure, Program, say

TREES = os.environ["FATIA_PRACTICE_DIR"]
TREE = "radxa-x4"
# src/practice/guest/fatia-practice-picture.c: the bars of the practice guest's screen.
BARS = (0xC0BFBC, 0xE5A50A, 0x2190A4, 0x26A269, 0x813D9C, 0xC01C28, 0x1C71D8, 0x241F31)
ARGUMENT = "i915.max_vfs=7"


def manifest(root):
    """Everything below root: kind, mode, owner, and content or target."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            info = os.lstat(path)
            if stat.S_ISLNK(info.st_mode):
                what = os.readlink(path)
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    what = hashlib.sha256(file.read()).hexdigest()
            else:
                what = ""
            found[os.path.relpath(path, root)] = (info.st_mode, info.st_uid, info.st_gid, what)
    return found


def expect(truth, what):
    if not truth:
        raise Failure(what)


class Journey:
    def __init__(self, desktop, folder):
        self.desktop = desktop
        self.folder = folder
        self.root = os.path.join(folder, "root")
        self.program = None

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def replace(self, path, old, new):
        text = self.read(path)
        expect(old in text, f"there is no {old} in {path}")
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def open(self):
        self.program = Program(self.desktop, "--practice", "--practice-folder", self.folder)

    def on_page(self, title):
        self.program.wait_for(title, "grouping")

    def wait_text(self, words):
        self.program.wait_text(words)

    def virsh(self, *words):
        socket = os.path.join(self.folder, "v/r/libvirt-sock")
        uri = f"qemu+unix:///session?socket={socket}"
        command = ["virsh", "--connect", uri, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    # The steps

    def welcome(self):
        self.open()
        self.on_page("Welcome")
        self.wait_text("nothing on this computer changes")
        self.program.press("Start the Setup")

    def computer(self):
        self.on_page("This Computer")
        self.program.wait_for("Kernel arguments")
        # The board's own words, and what is missing in plain ones.
        self.wait_text("press DEL until the BIOS page opens")
        self.program.press("Check Again")
        self.wait_text("Checked again")
        self.program.press("Continue", "button")

    def gop_driver(self):
        self.on_page("GOP Driver")
        self.wait_text("Radxa_X4_BIOS")
        # The tree's kernel shows a chip, and the practice image is in it.
        self.program.press("Read It from This Computer")
        self.program.wait_for("Drivers in It")
        self.program.press("Use the Practice Firmware Image")
        self.program.wait_for("Drivers in It")
        self.program.press("Install the Driver")
        self.program.wait_for("Done", "list item", "label")
        roms = os.listdir(os.path.join(self.root, "var/lib/fatia/roms"))
        expect(len(roms) == 1, f"one ROM should be installed, not {roms}")
        self.program.press("Continue", "button")

    def kernel_command_line(self):
        self.on_page("Kernel Command Line")
        self.wait_text("module_blacklist=i915,xe at its end")  # the way out, before anything
        self.program.wait_for("Change the Command Line")
        self.wait_text("+GRUB_CMDLINE_LINUX")
        expect(ARGUMENT not in self.read("etc/default/grub"), "changed before it was asked to")
        self.program.press("Change the Command Line")
        self.program.wait_for("Restart Now…")
        expect(ARGUMENT in self.read("etc/default/grub"), "/etc/default/grub is not changed")
        expect(ARGUMENT not in self.read("proc/cmdline"), "the kernel can't know before a restart")
        self.program.press("Undo", "button")
        self.program.wait_gone("Restart Now…")
        expect(ARGUMENT not in self.read("etc/default/grub"), "/etc/default/grub is not put back")
        self.program.press("Change the Command Line")
        self.program.press("Restart Now…")
        self.wait_text("Fatia goes on from here")
        self.program.press("Restart", "button")
        self.program.wait_gone("Restart Now…")
        expect(ARGUMENT in self.read("proc/cmdline"), "the restart did not bring the arguments")
        self.program.press("Continue", "button")

    def virtual_functions(self):
        self.on_page("GPU Slices")
        self.wait_text("can be cut into 7 slices")
        self.program.press("Create the Slices")
        self.program.wait_for("Done", "list item", "label")
        count = self.read("sys/bus/pci/devices/0000:00:02.0/sriov_numvfs").strip()
        expect(int(count) > 0, f"sriov_numvfs is {count}")
        self.program.press("Continue", "button")

    def windows_vm(self):
        self.on_page("Windows VM")
        button = self.program.wait_for("Create the Virtual Machine")
        self.type_name("")
        self.wait_text("Give the VM a name")
        expect(not self.program.is_sensitive(button), "a VM without a name can't be possible")
        self.type_name("Windows")
        self.program.press("Set Up the Memory")
        self.program.wait_until(
            lambda: self.program.find("Set Up the Memory") is None, "the memory rule to be there"
        )
        self.program.press("Use the Practice Image")
        self.program.press("Create the Virtual Machine")
        self.program.wait_gone("Create the Virtual Machine")
        xml = self.virsh("dumpxml", "Windows")
        expect("<fatia:vm" in xml, "the domain does not carry our metadata")
        self.program.press("Continue", "button")

    def type_name(self, name):
        self.program.focus(self.program.wait_for("Name", "text", "entry"))
        self.program.key("ctrl+a", "BackSpace")
        if name:
            self.program.key(*name)

    def screen(self):
        self.on_page("Screen")
        self.program.press("Start Windows")
        self.expect_moving_picture()
        expect("running" in self.virsh("domstate", "Windows"), "the VM does not run")

    def expect_moving_picture(self):
        self.program.wait_until(self.shows_bars, "the practice guest's colours on the screen")
        first = self.desktop.picture()
        self.program.wait_until(
            lambda: (self.desktop.picture() != first).any(axis=2).sum() > 500,
            "the picture to move",
        )

    def shows_bars(self):
        picture = self.desktop.picture().astype("uint32")
        colours = picture[:, :, 0] << 16 | picture[:, :, 1] << 8 | picture[:, :, 2]
        return all((colours == bar).sum() > 400 for bar in BARS)

    def dashboard(self):
        self.program.press("Finish", "button")
        self.program.wait_for("Running")
        status = self.program.close()
        expect(status == 0, f"the program ended with {status}")
        self.open()
        self.program.wait_for("Virtual Machine", "list item")
        self.program.press("Start", "button")
        self.program.press("Show Screen", "button")
        self.expect_moving_picture()
        self.choose("Virtual Machine")
        self.program.press("Shut Down", "button")
        self.program.wait_for("Start", "button")

    def choose(self, section):
        """Goes to the list of sections, and down it until the section is there."""
        sections = ("Virtual Machine", "Screen", "Changes", "This Computer")
        rows = [self.program.wait_for(name, "list item") for name in sections]
        self.program.focus(*rows)
        self.program.key("Home", *["Down"] * sections.index(section))

    def undo_everything(self):
        self.choose("Changes")
        # Another hand was at the file meanwhile, at our very words.
        self.replace("etc/default/grub", ARGUMENT, "i915.max_vfs=3")
        self.program.press("Undo Everything…")
        self.wait_text("Decide about each what stays")
        button = self.program.wait_for("Undo Everything", "button")
        expect(not self.program.is_sensitive(button), "undone before anything was decided")
        self.program.choose_radio("Put Back What Was There Before")
        self.program.press("Undo Everything", "button")
        # The kernel of the practice host still has what it was started with.
        self.wait_text("What is undone counts from the next start")
        expect(ARGUMENT not in self.read("etc/default/grub"), "/etc/default/grub is not put back")
        self.program.press("Restart", "button")
        self.on_page("Welcome")
        self.wait_text("has restarted")
        expect("Windows" not in self.virsh("list", "--all", "--name"), "the VM is still defined")

    def nothing_is_left(self):
        self.program.press("Start the Setup")
        self.on_page("This Computer")
        status = self.program.close()
        expect(status == 0, f"the program ended with {status}")
        before, after = manifest(os.path.join(TREES, TREE)), manifest(self.root)
        # What practice itself puts there: the chip with its image.
        for path in [path for path in after if path == "dev/mtd0ro" or path.endswith("/mtd0/size")]:
            before[path] = after[path]
        wrong = {
            path: (before.get(path), after.get(path))
            for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)
        }
        expect(not wrong, f"the host is not as it was: {wrong}")


def main():
    steps = (
        "welcome",
        "computer",
        "gop_driver",
        "kernel_command_line",
        "virtual_functions",
        "windows_vm",
        "screen",
        "dashboard",
        "undo_everything",
        "nothing_is_left",
    )
    pictures = os.environ.get("FATIA_TEST_PICTURES")
    failed = False
    print(f"TAP version 13\n1..{len(steps)}", flush=True)
    folder = tempfile.mkdtemp(prefix="fatia-journey-")
    with Desktop() as desktop:
        journey = Journey(desktop, os.path.join(folder, "host"))
        try:
            for number, name in enumerate(steps, 1):
                words = name.replace("_", " ")
                if failed:
                    print(f"not ok {number} - {words}: not reached", flush=True)
                    continue
                try:
                    getattr(journey, name)()
                    print(f"ok {number} - {words}", flush=True)
                except Exception as failure:  # a step that fails in any way fails the test
                    say(traceback.format_exc() if not isinstance(failure, Failure) else failure)
                    print(f"not ok {number} - {words}", flush=True)
                    failed = True
                if pictures:
                    desktop.save(os.path.join(pictures, f"{number:02}-{name}.png"))
        finally:
            if journey.program:
                journey.program.__exit__(None, None, None)
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
