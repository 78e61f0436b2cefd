#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other ways through the window: a computer that can't be set up, practice and back, going on
where it was left, a folder that is something else's, and names for everything on every page."""

import os
import shutil
import sys
import tempfile
import time
import traceback

from common import Desktop, Failure, Program, say

TREES = os.environ["FATIA_PRACTICE_DIR"]
PAGES = (
    "Welcome",
    "This Computer",
    "GOP Driver",
    "Kernel Command Line",
    "GPU Slices",
    "Windows VM",
    "Screen",
)
# What is operated, by AT-SPI's names of the roles.
OPERATED = ("button", "toggle button", "check box", "radio button", "switch", "combo box")
OPERATED += ("entry", "text", "spin button", "slider", "list item")


def expect(truth, what):
    if not truth:
        raise Failure(what)


def on_page(program, title):
    program.wait_for(title, "grouping")


def parents(node):
    """The way to it, for who looks for it."""
    names = []
    while node is not None and len(names) < 6:
        names.append(f"{node.get_role_name()} {node.get_name()!r}")
        node = node.get_parent()
    return " < ".join(names)


def nameless(program):
    found = []
    for node in program.walk():
        if node.get_role_name() in OPERATED and not node.get_name():
            # A row of a list is read by what it holds.
            inside = [child for child in program.walk(node) if child.get_name()]
            if node.get_role_name() != "list item" or not inside:
                found.append(f"{node.get_role_name()} in {parents(node)}")
    return found


def walk_pages(program):
    """From Welcome to the last page, skipping what can be; what has no name on the way."""
    found = []
    for number, title in enumerate(PAGES):
        on_page(program, title)
        if number > 0:
            # It slides away meanwhile.
            program.wait_gone(PAGES[number - 1], "grouping")
        # What has just come is told of a moment before its names are.
        if nameless(program):
            time.sleep(1)
        found += [f"{title}: {what}" for what in nameless(program)]
        if title == "Welcome":
            program.press("Start the Setup")
        elif title == "This Computer":
            program.press("Continue", "button")
        elif title != "Screen":
            program.press("Skip This Step", "button")
    return found


def copy_tree(folder, name):
    root = os.path.join(folder, name)
    shutil.copytree(os.path.join(TREES, name), root, symlinks=True)
    return root


def a_computer_without_a_gpu_to_slice(desktop, folder):
    root = copy_tree(folder, "amd")
    with Program(desktop, "--host-root", root) as program:
        on_page(program, "Welcome")
        expect(root in program.everything(), "the window does not say which folder it works on")
        walk_pages(program)
        expect("No Virtual Machine Yet" in program.everything(), "the screen does not say why")
        finish = program.wait_for("Finish", "button")
        expect(not program.is_sensitive(finish), "there is nothing to finish with")
        expect(program.close() == 0, "the program did not end well")


def names_for_everything(desktop, folder):
    with Program(desktop, "--practice", "--practice-folder", os.path.join(folder, "names")) as program:
        found = walk_pages(program)
        expect(not found, "what a screen reader can't name: " + "; ".join(found))


def practice_and_back(desktop, folder):
    root = copy_tree(folder, "vt-d-off")
    with Program(desktop, "--host-root", root) as program:
        on_page(program, "Welcome")
        program.press("Practice First", "button")
        program.wait_for("Leave Practice", "button")
        expect(program.find("Practice First") is None, "practice is offered in practice")
        program.press("Start the Setup")
        on_page(program, "This Computer")
        program.press("Leave Practice", "button")
        program.wait_for("Practice First", "button")
        expect(root in program.everything(), "the window is not back at the folder")
        program.press("Start the Setup")
        # What is switched off in this board's firmware is unfolded, with what to do.
        on_page(program, "This Computer")
        program.wait_for("VT-d in the firmware", "list item")
        expect("To do" in program.everything(), "what is to be done is not told")


def going_on_where_it_was_left(desktop, folder):
    arguments = ("--practice", "--practice-folder", os.path.join(folder, "left"))
    with Program(desktop, *arguments) as program:
        on_page(program, "Welcome")
        program.press("Start the Setup")
        on_page(program, "This Computer")
        program.press("Continue", "button")
        on_page(program, "GOP Driver")
        program.press("Skip This Step", "button")
        on_page(program, "Kernel Command Line")
        program.press("Change the Command Line")
        program.wait_for("Restart Now…")
        expect(program.close() == 0, "the program did not end well")
    with Program(desktop, *arguments) as program:
        on_page(program, "Kernel Command Line")
        expect("Restart needed" in program.everything(), "the restart is not told of")
        program.press("Back", "button")
        on_page(program, "GOP Driver")


def a_folder_that_holds_something_else(desktop, folder):
    other = os.path.join(folder, "other")
    os.mkdir(other)
    with open(os.path.join(other, "letter.txt"), "w", encoding="utf-8") as file:
        file.write("Dear all,\n")
    with Program(desktop, "--practice", "--practice-folder", other) as program:
        program.wait_for("Fatia Can’t Open This Computer", "grouping", "label")
        expect(other in program.everything(), "it does not say which folder")
        program.wait_for("Try Again", "button")
        expect(os.listdir(other) == ["letter.txt"], "the folder was written to")
        os.remove(os.path.join(other, "letter.txt"))
        program.press("Try Again", "button")
        on_page(program, "Welcome")


def a_key_that_is_held(desktop, folder):
    arguments = ("--practice", "--practice-folder", os.path.join(folder, "held"))
    with Program(desktop, *arguments) as program:
        on_page(program, "Welcome")
        program.press("Start the Setup")
        on_page(program, PAGES[1])
        program.wait_gone("Welcome", "grouping")
        # It leads one page on, or back, and does not turn round there.
        for button, page, other in (("Continue", 2, 1), ("Back", 1, 2)) * 2:
            program.focus(program.wait_for(button, "button"))
            program.hold("Return")
            on_page(program, PAGES[page])
            program.wait_gone(PAGES[other], "grouping")


WAYS = (
    a_computer_without_a_gpu_to_slice,
    names_for_everything,
    a_key_that_is_held,
    practice_and_back,
    going_on_where_it_was_left,
    a_folder_that_holds_something_else,
)


def main():
    failed = False
    folder = tempfile.mkdtemp(prefix="fatia-ways-")
    print(f"TAP version 13\n1..{len(WAYS)}", flush=True)
    with Desktop() as desktop:
        for number, way in enumerate(WAYS, 1):
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
