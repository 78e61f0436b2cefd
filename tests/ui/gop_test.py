#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GOP driver's page: firmware files by dialog, by drop and by command line, what is said of
each, a reading that is called off, the tree of what was walked through, and what is saved."""

import hashlib
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build-aux"))

import firmware_image as fw  # noqa: E402
from common import Desktop, Failure, Program, say, start, wait_until  # noqa: E402
from ways_test import copy_tree, expect, on_page  # noqa: E402

CORPUS = os.environ["FATIA_CORPUS"]
IMAGE = os.path.join(os.environ["FATIA_PRACTICE_DATA"].split(":")[0], "practice-firmware.bin")
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
CHOOSE, SAVE = "Choose the Firmware File", "Save"


def corpus(name):
    return os.path.join(CORPUS, name if "." in name else name + ".fd")


def window_called(title):
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", f"^{title}$"], capture_output=True, text=True)
    return found.stdout.split()[0] if found.stdout.strip() else None


def dialog(program, title):
    """GTK's own file dialog, which is what there is without a portal; nobody manages windows here,
    so it is raised by hand."""
    window = program.wait_until(lambda: window_called(title), f"the dialog “{title}”")
    subprocess.run(["xdotool", "windowraise", window, "windowfocus", "--sync", window], check=True)
    time.sleep(0.3)  # it looks for folders first
    return window


def keys(*names):
    subprocess.run(["xdotool", "key", "--clearmodifiers", *names], check=True)


def give_path(program, title, path):
    dialog(program, title)
    if title == CHOOSE:
        keys("ctrl+l")
    entry = program.wait_until(lambda: focused_entry(program), "the dialog's entry")
    # All at once: each letter typed would have it look for folders, and complete what is typed.
    program.atspi.EditableText.set_text_contents(entry, path)
    time.sleep(0.3)
    keys("Return")
    program.wait_until(lambda: not window_called(title), f"the dialog “{title}” to close")


def focused_entry(program):
    for node in program.walk():
        if node.get_role_name() in ("text", "entry") and program.is_focused(node):
            return node
    return None


def choose(program, path):
    program.press("Choose the Firmware File…")
    give_path(program, CHOOSE, path)


def open_page(desktop, folder, name, *arguments):
    program = Program(desktop, "--practice", "--practice-folder", os.path.join(folder, name), *arguments)
    if not arguments:
        on_page(program, "Welcome")
        program.press("Start the Setup")
        on_page(program, "This Computer")
        program.press("Continue", "button")
    on_page(program, "GOP Driver")
    return program


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


# The ways in


def by_command_line(desktop, folder):
    with open_page(desktop, folder, "command", IMAGE) as program:
        program.wait_for("Drivers in It")
        program.wait_text("IntelGopDriver, x64")
        # The near misses, each with what it is.
        program.wait_text("a guest's x64 firmware can't load it")
        program.wait_text("It is the BIOS setup program: it only mentions the driver.")
        program.wait_text("This computer’s:\nRadxa")
        program.wait_for("Install the Driver", "button")
        expect(program.close() == 0, "the program did not end well")


def by_dialog(desktop, folder):
    with open_page(desktop, folder, "dialog") as program:
        choose(program, IMAGE)
        program.wait_for("Drivers in It")
        # Called off: nothing is read, and what is there stays.
        program.press("Choose the Firmware File…")
        dialog(program, CHOOSE)
        keys("Escape")
        program.wait_until(lambda: not window_called(CHOOSE), "the dialog to close")
        expect(program.find("Drivers in It"), "what was found is gone")


def drag(source, target):
    """As a hand does: pressed, away in steps, over the target in steps, let go."""
    words = ["mousemove", "--window", source, "80", "80", "mousedown", "1", "sleep", "0.1"]
    for step in range(1, 6):
        words += ["mousemove_relative", "--", "-8", "4", "sleep", "0.05"]
    words += ["sleep", "0.3"]
    for x, y in ((400, 300), (380, 320), (350, 340)):
        words += ["mousemove", "--window", target, str(x), str(y), "sleep", "0.2"]
    subprocess.run(["xdotool", *words, "mouseup", "1"], check=True)


def by_drop(desktop, folder):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "drag_source.py")
    with open_page(desktop, folder, "drop") as program:
        program.resize(860, 720)
        source = start([sys.executable, script, corpus("two_drivers")])
        try:
            window = wait_until(lambda: window_called("Drag From Here"), "the other window")
            subprocess.run(["xdotool", "windowmove", "--sync", window, "900", "300"], check=True)
            time.sleep(0.5)
            drag(window, program.window_id)
            program.wait_for("Drivers in It")
        finally:
            source.terminate()
            source.wait()
        # Two that are alike: nothing is chosen before a person chooses.
        program.wait_text("2 are Intel’s GOP driver")
        expect(program.find("Install the Driver") is None, "a driver was chosen silently")
        buttons = [n for n in program.walk() if n.get_role_name() == "radio button"]
        expect(len(buttons) == 2, f"there should be two to choose from, not {len(buttons)}")
        checked = program.atspi.StateType.CHECKED
        expect(not any(program.has_state(b, checked) for b in buttons), "one is chosen")
        program.focus(*buttons)
        program.key("space")
        program.wait_for("Install the Driver", "button")


# What is said of files that are none


def make_odd_files(folder):
    files = os.path.join(folder, "odd")
    os.mkdir(files)
    contents = {
        "empty.bin": b"",
        "letter.bin": b"Dear all,\n" * 100,
    }
    for name, content in contents.items():
        with open(os.path.join(files, name), "wb") as file:
            file.write(content)
    os.mkfifo(os.path.join(files, "pipe.bin"))
    return files


def each_error(desktop, folder):
    files = make_odd_files(folder)
    cases = (
        (os.path.join(files, "empty.bin"), "is empty. Download it again."),
        (os.path.join(files, "letter.bin"), "There is no firmware volume in this file."),
        (corpus("nsis.pkg"), "Nullsoft installer"),
        (corpus("encrypted_zip.pkg"), "password"),
        (corpus("cut_seven.pkg"), "Download it again."),
        (corpus("cut_volume"), "This file ends in the middle of a firmware volume"),
        (corpus("many_candidates"), "far more programs like the driver"),
        (OVMF, "there is no Intel GOP driver in it"),
        (corpus("ia32_only"), "None is Intel’s GOP driver for a virtual machine"),
    )
    with open_page(desktop, folder, "errors") as program:
        for path, words in cases:
            choose(program, path)
            program.wait_text(words)
            expect(program.find("Install the Driver") is None, f"{path}: something can be installed")
        # An IA32 driver is there to be seen, with the reason, and can't be taken.
        program.wait_text("a guest's x64 firmware can't load it")
        button = next(n for n in program.walk() if n.get_role_name() in ("radio button", "check box"))
        expect(not program.is_sensitive(button), "a driver for IA32 can be taken")
        choose(program, IMAGE)
        program.wait_for("Install the Driver", "button")
        expect("None is" not in program.everything(), "what was wrong before is still said")


def not_files(desktop, folder):
    """What no dialog gives, and a command line does."""
    files = os.path.join(folder, "odd")
    cases = ((files, "is a folder"), (os.path.join(files, "pipe.bin"), "is not a file"))
    for number, (path, words) in enumerate(cases):
        with open_page(desktop, folder, f"not-file-{number}", path) as program:
            program.wait_text(words)


def another_board(desktop, folder):
    with Program(desktop, "--host-root", copy_tree(folder, "laptop-secure-boot"), IMAGE) as program:
        on_page(program, "GOP Driver")
        program.wait_text("Another one than this computer’s:\nRadxa")
        program.wait_text("Take the file for your board.")


def an_archive_with_two(desktop, folder):
    with open_page(desktop, folder, "archive", corpus("zip_equals.pkg")) as program:
        program.wait_for("Drivers in It")
        program.wait_text("zip_equals.pkg (ZIP archive) → X4_A.bin")
        program.wait_text("“X4_B.bin”")
        program.press("As Likely", "list item")
        program.press("Read X4_B.bin", "button")
        program.wait_text("zip_equals.pkg (ZIP archive) → X4_B.bin")
        program.wait_for("Drivers in It")


# Called off


def slow_image(path):
    """An image whose packed volumes take some seconds, and a driver at the very end."""
    size = 8 * 1024 * 1024
    packed = lzma.compress(os.urandom(size), lzma.FORMAT_ALONE, preset=0)
    packed = packed[:5] + struct.pack("<Q", size) + packed[13:]
    file = fw.file(fw.FFS2, fw.DRIVER_FILE, fw.guided(fw.LZMA, packed), large=True)
    volume = fw.volume(content=fw.align(file, 8, b"\xff") * 25, system=fw.FFS3)
    with open(IMAGE, "rb") as image, open(path, "wb") as output:
        output.write(volume + image.read())


def called_off(desktop, folder):
    path = os.path.join(folder, "slow.bin")
    slow_image(path)
    with open_page(desktop, folder, "slow") as program:
        choose(program, path)
        program.press("Cancel Reading", "button")
        program.wait_gone("Cancel Reading", "button")
        expect(program.find("Drivers in It") is None, "it was read to its end")
        choose(program, IMAGE)
        program.wait_for("Drivers in It")
        expect(program.close() == 0, "the program did not end well")
    os.unlink(path)


def a_chip_that_is_not_there(desktop, folder):
    root = copy_tree(folder, "vt-d-off")
    with Program(desktop, "--host-root", root) as program:
        on_page(program, "Welcome")
        program.press("Start the Setup")
        on_page(program, "This Computer")
        program.press("Continue", "button")
        on_page(program, "GOP Driver")
        program.wait_text("what the chipset keeps to itself is left out")
        program.press("Read It from This Computer")
        program.wait_text("Take the firmware file of the board’s maker.")


# What is inside, and what is saved


def give_save(program, path):
    give_path(program, SAVE, path)


def parts(program):
    """The rows of the tree, by what is heard of them; not those of the page below."""
    names = [n.get_name() for n in program.walk() if n.get_role_name() == "list item"]
    return [name for name in names if " · " in name]


def the_tree(desktop, folder):
    text = os.path.join(folder, "firmware.txt")
    with open_page(desktop, folder, "tree", IMAGE) as program:
        program.wait_for("Drivers in It")
        program.press("Look Inside the Image…")
        entry = program.wait_for("Look for Parts", "entry", "text")
        program.wait_for("Parts of the Image", "list", "tree", "table")
        rows = parts(program)
        expect(any("Firmware volume" in row for row in rows), f"there are no volumes: {rows}")
        expect(not any("IntelGopVbt" in row for row in rows), "all of it is unfolded at once")
        program.focus(entry)
        subprocess.run(["xdotool", "type", "--delay", "20", "gopvbt"], check=True)
        program.wait_text("1 part found")
        rows = parts(program)
        expect(any("IntelGopVbt" in row for row in rows), f"it is not found: {rows}")
        expect("Firmware volume" in rows[1], f"what it is in is not shown: {rows}")
        subprocess.run(["xdotool", "type", "--delay", "20", "zzz"], check=True)
        program.wait_for("Nothing Found")
        program.key("Escape")
        program.wait_text("Places are counted")
        # With the keyboard alone: to the list, the image folded, and unfolded.
        program.focus(*[n for n in program.walk() if " · " in n.get_name()])
        program.key("Home", "Left")
        program.wait_until(lambda: len(parts(program)) == 1, "the image to be folded")
        program.key("Right")
        program.wait_until(lambda: len(parts(program)) > 2, "it to be unfolded")
        program.press("Save as Text", "button")
        give_save(program, text)
        program.wait_text("Saved")
        expected = subprocess.run(["fatiactl", "firmware", "--tree", IMAGE], check=True, capture_output=True).stdout
        with open(text, "rb") as file:
            expect(file.read() == expected, "what is saved is not what fatiactl prints")
        # The variables' volume, whose kind of files nobody knows, says why it was passed over.
        program.press("Show Only What Was Passed Over", "toggle button")
        program.wait_text("1 part found")
        expect(any("no files of a known kind" in part for part in parts(program)), parts(program))
        # The first one may be the toast's.
        program.key("Escape")
        time.sleep(1)
        if program.find("Look for Parts"):
            program.key("Escape")
        program.wait_gone("Look for Parts")


def what_is_saved(desktop, folder):
    found = os.path.join(folder, "saved")
    os.mkdir(found)
    with open_page(desktop, folder, "save", IMAGE) as program:
        program.wait_for("Drivers in It")
        for row, name in (("Save the Driver (.efi)…", "gop.efi"), ("Save as Option ROM (.rom)…", "gop.rom")):
            program.press(row, "list item")
            path = os.path.join(found, name)
            give_save(program, path)
            wait_until(lambda: os.path.exists(path) and os.path.getsize(path), f"{name}")
            expect(sha256(path) in program.everything(), f"the sha256 of {name} is not the one shown")
        program.press("Copy the Driver’s SHA-256", "button")
        program.wait_text("SHA-256 copied")
        program.press("Video BIOS Tables", "list item")
        program.press("Save ALDERLAKE-N…", "button")
        path = os.path.join(found, "vbt.bin")
        give_save(program, path)
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path), "the table")
        expect(sha256(path) in program.everything(), "the sha256 of the table is not the one shown")
        with open(path, "rb") as file:
            expect(file.read(4) == b"$VBT", "that is no table")


WAYS = (
    by_command_line,
    by_dialog,
    by_drop,
    each_error,
    not_files,
    another_board,
    an_archive_with_two,
    called_off,
    a_chip_that_is_not_there,
    the_tree,
    what_is_saved,
)


def main():
    wanted = sys.argv[1:]
    ways = [way for way in WAYS if not wanted or way.__name__ in wanted]
    failed = False
    folder = tempfile.mkdtemp(prefix="fatia-gop-")
    print(f"TAP version 13\n1..{len(ways)}", flush=True)
    with Desktop() as desktop:
        for number, way in enumerate(ways, 1):
            words = way.__name__.replace("_", " ")
            try:
                way(desktop, folder)
                print(f"ok {number} - {words}", flush=True)
            except Exception as failure:  # a way that fails in any way fails the test
                say(traceback.format_exc() if not isinstance(failure, Failure) else failure)
                print(f"not ok {number} - {words}", flush=True)
                failed = True
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
