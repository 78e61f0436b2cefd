#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""shots.py DIR [VARIANT…]: every page of the window as a picture, taken from the screen on the
way through a practice host: light, dark, narrow (360 px) and pt_BR."""

import gettext
import os
import shutil
import subprocess
import sys
import tempfile
import time

from common import Desktop, Failure, Program, say, wait_until

VARIANTS = {
    "light": {},
    "dark": {"scheme": "prefer-dark"},
    "narrow": {"size": (360, 720)},
    "pt_BR": {"language": "pt_BR"},
}
SETTLE = 0.6  # seconds a page slides in


class Words:
    """What the labels are called in a language, without their mnemonics."""

    def __init__(self, language):
        self.known = {}
        if language:
            # ./dev exec says where the built programs are; their catalogues lie beside them.
            folder = os.path.join(os.environ["FATIA_BIN"], "../po")
            catalogue = gettext.translation("fatia", folder, [language])
            for message, translated in catalogue._catalog.items():
                if isinstance(message, str):
                    self.known[message.replace("_", "")] = translated.replace("_", "")

    def __call__(self, name):
        return self.known.get(name, name)


def make_locale(folder, language):
    """The language's locale, which a small system does not have."""
    place = os.path.join(folder, f"{language}.UTF-8")
    command = ["localedef", "--no-archive", "-i", language, "-f", "UTF-8", place]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return {"LOCPATH": folder, "LANG": f"{language}.UTF-8", "LC_ALL": "", "LANGUAGE": language}


class Tour:
    def __init__(self, desktop, folder, variant, host):
        self.desktop = desktop
        self.folder = folder
        self.variant = variant
        self.host = host
        options = VARIANTS[variant]
        self.words = Words(options.get("language"))
        self.size = options.get("size", (860, 720))
        self.environment = {}
        if "scheme" in options:
            self.environment["ADW_DEBUG_COLOR_SCHEME"] = options["scheme"]
        if "language" in options:
            self.environment.update(make_locale(desktop.folder, options["language"]))
        self.number = 0
        self.program = None

    def open(self, *options):
        arguments = ("--practice", "--practice-folder", self.host, *options)
        self.program = Program(self.desktop, *arguments, **self.environment)
        self.program.resize(*self.size)

    def press(self, name, *roles):
        self.program.press(self.words(name), *roles)

    def wait_for(self, name, *roles):
        return self.program.wait_for(self.words(name), *roles)

    def picture(self, name):
        self.number += 1
        path = os.path.join(self.folder, f"{self.variant}-{self.number:02}-{name}.png")
        self.desktop.save(path, (0, 0, *self.size))

    def shot(self, name):
        """The page, and what is below when it is longer than the window."""
        time.sleep(SETTLE)
        self.picture(name)
        before = self.desktop.picture()
        self.wheel("5")
        if (self.desktop.picture() != before).any(axis=2).sum() > 20000:
            self.picture(f"{name}-below")
        self.wheel("4")

    def wheel(self, button):
        width, height = self.size
        command = ["xdotool", "mousemove", str(width // 2), str(height // 2)]
        command += ["click", "--repeat", "40", "--delay", "2", button]
        command += ["mousemove", str(self.desktop.size[0] - 2), str(self.desktop.size[1] - 2)]
        subprocess.run(command, check=True)
        time.sleep(SETTLE)

    def setup(self):
        self.wait_for("Start the Setup")
        self.shot("welcome")
        self.press("Start the Setup")
        self.wait_for("What Was Found")
        self.shot("computer")
        self.press("Continue", "button")
        self.wait_for("Choose the Firmware File…")
        self.shot("gop")
        self.press("Use the Practice Firmware Image")
        self.wait_for("Drivers in It")
        self.shot("gop-read")
        self.press("Look Inside the Image…")
        self.wait_for("Look for Parts")
        self.picture("gop-tree")
        subprocess.run(["xdotool", "type", "--delay", "20", "gop"], check=True)
        time.sleep(1)
        self.picture("gop-tree-search")
        self.program.key("Escape", "Escape")
        self.press("Install the Driver")
        self.press("Continue", "button")
        self.wait_for("Change the Command Line")
        self.shot("boot")
        self.press("Change the Command Line")
        self.wait_for("Restart Now…")
        self.shot("boot-changed")
        self.press("Restart Now…")
        self.wait_for("Restart Now?")
        self.shot("restart")
        self.press("Restart", "button")
        self.press("Continue", "button")
        self.wait_for("Create the Slices")
        self.shot("slices")
        self.press("Create the Slices")
        self.press("Continue", "button")
        self.wait_for("Create the Virtual Machine")
        self.shot("vm")
        self.press("Set Up the Memory")
        self.press("Create the Virtual Machine")
        self.press("Continue", "button")
        self.wait_for("Start Windows")
        self.shot("screen-off")
        self.press("Start Windows")
        self.wait_moving()
        self.picture("screen")

    def software(self):
        """The page of a host whose software is not all there, and of one with Secure Boot."""
        self.press("Start the Setup")
        self.wait_for("What Was Found")
        self.press("Continue", "button")
        self.wait_for("Choose the Driver’s File…")
        self.shot("software")
        self.press("Use the Practice Driver File")
        time.sleep(1)
        self.shot("software-chosen")
        self.press("Install the Driver")
        time.sleep(2)
        self.shot("software-installed")

    def wait_moving(self):
        def moves():
            before = self.desktop.picture()
            time.sleep(0.2)
            return (self.desktop.picture() != before).any(axis=2).sum() > 200

        wait_until(moves, "a moving picture")
        time.sleep(SETTLE)

    def choose(self, section):
        sections = ("Virtual Machine", "Screen", "Changes", "This Computer")
        if self.size[0] < 620 and self.program.find(self.words("Sections"), "list") is None:
            self.press("Back", "button")
        rows = [self.wait_for(name, "list item") for name in sections]
        self.program.focus(*rows)
        self.program.key("Home", *["Down"] * sections.index(section), "Return")

    def dashboard(self):
        self.press("Finish", "button")
        self.wait_for("Show Screen")
        self.shot("dashboard")
        if self.size[0] < 620:
            self.press("Back", "button")
            self.shot("dashboard-sections")
        self.choose("Screen")
        self.wait_moving()
        self.picture("dashboard-screen")
        self.choose("Changes")
        self.wait_for("Undo Everything…")
        self.shot("dashboard-changes")
        self.press("Undo…", "button")
        self.wait_for("Undo This Change")
        self.shot("dashboard-undo")
        self.program.key("Escape")
        self.conflict()
        self.choose("This Computer")
        self.shot("dashboard-computer")
        self.program.key("F1")
        time.sleep(1)
        self.picture("shortcuts")


    def conflict(self):
        """Another hand was at our very words: what is undone is for the person to decide."""
        path = os.path.join(self.host, "root/etc/default/grub")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("i915.max_vfs=7", "i915.max_vfs=3"))
        time.sleep(SETTLE)
        self.press("Undo Everything…")
        self.wait_for("Undo Everything", "button")
        self.wait_for("Keep What Is There Now", "radio button")
        self.shot("undo-everything-conflict")
        self.program.key("Escape")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


# What the GOP page says of other files, of those the firmware tests read.
GOP_IMAGES = {
    "two": "two_drivers.fd",
    "ia32": "ia32_only.fd",
    "archive": "zip_equals.pkg",
    "broken": "cut_volume.fd",
}


def take_gop(folder, variant, name):
    """The page with one such file."""
    host = tempfile.mkdtemp(prefix="fatia-shots-")
    corpus = os.path.join(os.environ["FATIA_BIN"], "../tests/unit/firmware")
    with Desktop() as desktop:
        tour = Tour(desktop, folder, variant, os.path.join(host, "host"))
        tour.number = 60 + 5 * list(GOP_IMAGES).index(name)
        try:
            tour.open(os.path.join(corpus, GOP_IMAGES[name]))
            tour.wait_for("Choose the Firmware File…")
            time.sleep(2)
            tour.shot(f"gop-{name}")
            return 0
        except Failure as failure:
            say(f"{variant} {name}: {failure}")
            return 1
        finally:
            if tour.program:
                tour.program.__exit__(None, None, None)
            shutil.rmtree(host, ignore_errors=True)


SOFTWARE_TREES = ("stock-i915", "laptop-secure-boot")


def take_software(folder, variant, tree):
    host = tempfile.mkdtemp(prefix="fatia-shots-")
    with Desktop() as desktop:
        tour = Tour(desktop, folder, variant, os.path.join(host, "host"))
        tour.number = 40 + 10 * SOFTWARE_TREES.index(tree)
        try:
            tour.open("--tree", tree)
            tour.software()
            return 0
        except Failure as failure:
            say(f"{variant} {tree}: {failure}")
            return 1
        finally:
            if tour.program:
                tour.program.__exit__(None, None, None)
            shutil.rmtree(host, ignore_errors=True)


def take(folder, variant):
    host = tempfile.mkdtemp(prefix="fatia-shots-")
    with Desktop() as desktop:
        tour = Tour(desktop, folder, variant, os.path.join(host, "host"))
        try:
            tour.open()
            tour.setup()
            tour.dashboard()
            return 0
        except Failure as failure:
            say(f"{variant}: {failure}")
            return 1
        finally:
            if tour.program:
                tour.program.__exit__(None, None, None)
            shutil.rmtree(host, ignore_errors=True)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 64
    folder, variants = os.path.abspath(sys.argv[1]), sys.argv[2:]
    os.makedirs(folder, exist_ok=True)
    if len(variants) == 2 and variants[1] in SOFTWARE_TREES:
        return take_software(folder, *variants)
    if len(variants) == 2 and variants[1] in GOP_IMAGES:
        return take_gop(folder, *variants)
    if len(variants) == 1:
        return take(folder, variants[0])
    failed = False
    for variant in variants or VARIANTS:
        say(f"{variant}…")
        # A process knows one accessibility bus only.
        command = [sys.executable, os.path.abspath(__file__), folder, variant]
        failed |= subprocess.run(command).returncode != 0
        for extra in (*SOFTWARE_TREES, *GOP_IMAGES):
            failed |= subprocess.run([*command, extra]).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
