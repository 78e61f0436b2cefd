#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fatiactl before a person: on a terminal it asks, and polkit's no is a no with its own status."""

import os
import pty
import select
import subprocess
import time

import dbusmock

from journey import BUILD, DENIED, FATIACTL, NOTHING, OK, assert_same, case, main, run, snapshot, tree

HELPER = os.path.join(BUILD, "helper", "fatia-helper")


def on_terminal(arguments, answer=None, timeout=60):
    """Runs fatiactl on a terminal of its own, answering its first question. (status, text)"""
    primary, secondary = pty.openpty()
    process = subprocess.Popen(
        [FATIACTL, *arguments],
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(secondary)
    text, deadline = "", time.monotonic() + timeout
    while time.monotonic() < deadline:
        if select.select([primary], [], [], 0.1)[0]:
            try:
                data = os.read(primary, 65536)
            except OSError:  # the other end is closed
                break
            text += data.decode()
            if answer is not None and "[y/N]" in text:
                os.write(primary, (answer + "\n").encode())
                answer = None
    os.close(primary)
    return process.wait(timeout=10), text


@case
def no_changes_nothing():
    with tree("radxa-x4") as root:
        before = snapshot(root)
        for answer in ("n", "", "nonsense"):
            status, text = on_terminal(["apply", "boot", "--host-root", root], answer)
            assert status == NOTHING and "Nothing was changed" in text, (status, text)
            # The diff was shown before the question.
            assert text.index("+GRUB_CMDLINE_LINUX_DEFAULT") < text.index("[y/N]")
        assert_same(before, snapshot(root))


@case
def yes_changes_it():
    with tree("radxa-x4") as root:
        before = snapshot(root)
        status, text = on_terminal(["apply", "boot", "--host-root", root], "y")
        assert status == OK, text
        status, text = on_terminal(["undo", "--host-root", root], "n")
        assert status == NOTHING, text
        assert len(run("changes", "--json", "--host-root", root).json["changes"]) == 1
        status, text = on_terminal(["undo", "all", "--host-root", root], "yes")
        assert status == OK, text
        assert_same(before, snapshot(root))


@case
def who_said_yes_is_not_asked():
    with tree("radxa-x4") as root:
        status, text = on_terminal(["apply", "memory", "--yes", "--host-root", root])
        assert status == OK and "[y/N]" not in text, text


@case
def colour_is_for_terminals():
    with tree("vt-d-off") as root:
        _, text = on_terminal(["check", "--host-root", root])
        assert "\033[31m" in text
        os.environ["NO_COLOR"] = "1"
        try:
            _, text = on_terminal(["check", "--host-root", root])
        finally:
            del os.environ["NO_COLOR"]
        assert "\033[" not in text


@case
def not_authorised():
    """The real helper on a bus of its own, where polkit allows nothing. It works on this
    computer's files: that it is refused is what keeps them."""
    dbusmock.DBusTestCase.start_system_bus()
    polkit, _ = dbusmock.DBusTestCase.spawn_server_template("polkitd", {}, stdout=subprocess.DEVNULL)
    helper = subprocess.Popen([HELPER], stderr=subprocess.DEVNULL)
    rule = "/etc/tmpfiles.d/fatia-looking-glass.conf"
    there = os.path.exists(rule)
    try:
        dbusmock.DBusTestCase.wait_for_bus_object("dev.fatia.Helper", "/dev/fatia/Helper", system_bus=True)
        result = run("apply", "memory", "--yes", code=None)
        if there and result.code == OK:
            return  # set up already: nothing was asked of polkit
        assert result.code == DENIED, (result.code, result.out, result.err)
        assert "not authorised" in result.err and "fatiactl: " in result.err, result.err
        assert os.path.exists(rule) == there
    finally:
        helper.terminate()
        helper.wait()
        polkit.terminate()
        polkit.wait()
        dbusmock.DBusTestCase.tearDownClass()


main()
