# SPDX-License-Identifier: GPL-3.0-or-later
"""A private display, session bus and window for what drives the program as a person does.

The program is found and pressed through AT-SPI, as a screen reader does it: what can't be
reached here can't be reached by people who depend on it either. Pictures are taken from the X
server, so they show what is on the screen and not what the program thinks it drew.
"""

import ctypes
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import numpy
from PIL import Image


# More than the longest page has.
MOST_TABS = 150
# Nothing takes this long: it is for machines that are busy with something else.
PATIENCE = 120.0
PR_SET_PDEATHSIG = 1  # linux/prctl.h
LIBC = ctypes.CDLL(None)


class Failure(Exception):
    """What a person would have found missing or wrong."""


def start(command, **options):
    """A process that ends with this one, however this one ends, and writes nothing into TAP."""
    return subprocess.Popen(
        command,
        **{"stdin": subprocess.DEVNULL, "stdout": sys.stderr, **options},
        preexec_fn=lambda: LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM),
    )


def wait_until(question, what, seconds=PATIENCE, pause=0.05):
    """The first answer of question() that is true, within a time that is bounded."""
    end = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failure(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


class Desktop:
    """Xvfb, a session bus with AT-SPI, and nothing else: no window manager, no portal."""

    def __init__(self, width=1100, height=860):
        self.folder = tempfile.mkdtemp(prefix="fatia-ui-")
        self.processes = []
        self.size = (width, height)
        runtime = os.path.join(self.folder, "run")
        os.mkdir(runtime, 0o700)
        for name in ("config", "cache", "data"):
            os.mkdir(os.path.join(self.folder, name))
        os.environ.update(
            XDG_RUNTIME_DIR=runtime,
            XDG_CONFIG_HOME=os.path.join(self.folder, "config"),
            XDG_CACHE_HOME=os.path.join(self.folder, "cache"),
            XDG_DATA_HOME=os.path.join(self.folder, "data"),
            GSETTINGS_BACKEND="memory",
            GTK_A11Y="atspi",
            ADW_DISABLE_PORTAL="1",
            GDK_BACKEND="x11",
            # GTK says of each key it can not compose that it can not.
            XCOMPOSEFILE="/dev/null",
            LIBGL_ALWAYS_SOFTWARE="1",
            NO_AT_BRIDGE="0",
        )
        os.environ.pop("WAYLAND_DISPLAY", None)
        # For the program, not for the libraries of this one.
        os.environ.pop("G_DEBUG", None)
        self._start_display()
        self._start_bus()

    def _start_display(self):
        reader, writer = os.pipe()
        width, height = self.size
        command = ["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp", "-noreset"]
        command += ["-screen", "0", f"{width}x{height}x24"]
        # A key is not held because this machine is slow to let it go.
        command += ["-r"]
        self.processes.append(start(command, pass_fds=(writer,), stderr=subprocess.DEVNULL))
        os.close(writer)
        with os.fdopen(reader) as file:
            number = file.readline().strip()
        if not number:
            raise Failure("Xvfb did not start")
        os.environ["DISPLAY"] = f":{number}"

    def _start_bus(self):
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        # What it starts inherits its standard error, and may outlive it for a moment.
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
        bus = start(command, **options)
        self.processes.append(bus)
        address = bus.stdout.readline().strip()
        if not address:
            raise Failure("the session bus did not start")
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = address

    def picture(self):
        """What the screen shows now, as an array of height, width, RGB."""
        data = subprocess.run(["xwd", "-root", "-silent"], check=True, capture_output=True).stdout
        header = struct.unpack(">25I", data[:100])
        start = header[0] + header[19] * 12  # the colour map's entries
        width, height, line, bits = header[4], header[5], header[12], header[11]
        if bits not in (24, 32) or header[7] != 0:
            raise Failure(f"the X server draws {bits} bits a pixel, in an order not known here")
        lines = numpy.frombuffer(data, numpy.uint8, line * height, start).reshape(height, line)
        pixels = lines[:, : width * bits // 8].reshape(height, width, bits // 8)
        return pixels[:, :, 2::-1]

    def save(self, path, box=None):
        image = Image.fromarray(numpy.ascontiguousarray(self.picture()))
        (image.crop(box) if box else image).save(path)

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Program:
    """The program's window, driven through AT-SPI."""

    command = ("fatia",)

    def __init__(self, desktop, *arguments, **environment):
        # Only now: the library connects to the bus that the environment names.
        import gi

        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi

        self.atspi = Atspi
        self.desktop = desktop
        # What the libraries call critical is a mistake of ours.
        environment = {**os.environ, "G_DEBUG": "fatal-criticals", **environment}
        # A second is what it has by default: then everything below seems to have gone.
        milliseconds = int(PATIENCE * 1000)
        Atspi.set_timeout(milliseconds, milliseconds)
        self.process = start([*self.command, *arguments], env=environment)
        self.root = self.wait_until(self._find_application, "the program by its accessibility")
        self.window_id = self.wait_until(self._find_window, "the program's window")

    def wait_until(self, question, what, seconds=PATIENCE):
        """As wait_until(), but no longer than the program runs."""

        def ask():
            answer = question()
            if not answer and self.process.poll() is not None:
                raise Failure(f"the program ended ({self.process.returncode}) before {what}")
            return answer

        return wait_until(ask, what, seconds)

    def _find_application(self):
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child is not None and self.is_of(child.get_process_id()):
                self.pid = child.get_process_id()
                return child
        return None

    def is_of(self, pid):
        """Whether the process is the program's."""
        return pid == self.process.pid

    def _find_window(self):
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.pid)],
            capture_output=True,
            text=True,
        ).stdout.split()
        return found[0] if found else None

    # Looking

    def walk(self, start=None, showing=True):
        """Everything below start, depth first; by default only what is on the screen."""
        stack = [start or self.root]
        while stack:
            node = stack.pop()
            if node is None:
                continue
            try:
                if showing and node is not self.root and not self.is_showing(node):
                    continue
                yield node
                count = node.get_child_count()
                stack += [node.get_child_at_index(i) for i in reversed(range(count))]
            except self._gone():
                continue

    def _gone(self):
        from gi.repository import GLib

        return GLib.GError

    def has_state(self, node, *states):
        have = node.get_state_set()
        return all(have.contains(state) for state in states)

    def is_showing(self, node):
        return self.has_state(node, self.atspi.StateType.SHOWING)

    def is_sensitive(self, node):
        try:
            return self.has_state(node, self.atspi.StateType.SENSITIVE)
        except self._gone():
            return False

    def find(self, name, *roles):
        """The first thing on the screen of that name (and one of the roles), or None."""
        for node in self.walk():
            try:
                if node.get_name() == name and (not roles or node.get_role_name() in roles):
                    return node
            except self._gone():
                continue
        return None

    def texts(self):
        """Every name and text on the screen, to say what was there instead."""
        found = []
        for node in self.walk():
            try:
                if node.get_name():
                    found.append(f"{node.get_role_name()}: {node.get_name()}")
            except self._gone():
                continue
        return found

    def everything(self):
        """All that can be read on the screen: names, and the texts of text views."""
        found = []
        text = self.atspi.Text
        for node in self.walk():
            try:
                found.append(node.get_name() or "")
                if node.get_text_iface():
                    found.append(text.get_text(node, 0, text.get_character_count(node)))
            except self._gone():
                continue
        return "\n".join(found)

    def wait_for(self, name, *roles, seconds=PATIENCE):
        try:
            return self.wait_until(lambda: self.find(name, *roles), f"“{name}”", seconds)
        except Failure as failure:
            raise Failure(f"{failure}; there is: " + "; ".join(self.texts())) from None

    def wait_text(self, words, seconds=PATIENCE):
        try:
            self.wait_until(lambda: words in self.everything(), f"the text “{words}”", seconds)
        except Failure as failure:
            raise Failure(f"{failure}; there is: {self.everything()}") from None

    def wait_gone(self, name, *roles, seconds=PATIENCE):
        self.wait_until(lambda: self.find(name, *roles) is None, f"“{name}” to go", seconds)

    # Doing

    def press(self, name, *roles, seconds=PATIENCE, key="Return"):
        """Goes to the button or row of that name with the keyboard, once it can be pressed, and
        presses it."""
        self.wait_for(name, *roles, seconds=seconds)
        end = time.monotonic() + seconds
        while True:
            node = self.wait_until(
                lambda: self._find_sensitive(name, *roles), f"“{name}” to be possible", seconds
            )
            try:
                self.focus(node)
                break
            except Failure:
                # A page that is replaced takes its button with it, its name first.
                if self.is_called(node, name) or time.monotonic() > end:
                    raise
        self.key(key)
        return node

    def _find_sensitive(self, name, *roles):
        node = self.find(name, *roles)
        return node if node and self.is_sensitive(node) else None

    def is_there(self, node):
        try:
            return self.is_showing(node)
        except self._gone():
            return False

    def is_called(self, node, name):
        try:
            return self.is_showing(node) and node.get_name() == name
        except self._gone():
            return False

    def is_focused(self, node):
        try:
            return self.has_state(node, self.atspi.StateType.FOCUSED)
        except self._gone():
            return False

    def focus(self, *nodes):
        """Presses Tab until the keyboard is at one of them, as who has no mouse does."""
        for _ in range(MOST_TABS):
            if self._has_come_to(nodes):
                return
            if not any(self.is_there(node) for node in nodes):
                raise Failure("what the keyboard is to get to is gone")
            self.key("Tab")
            # What has the keyboard is told a moment later.
            time.sleep(0.02)
        raise Failure(f"the keyboard does not get to “{nodes[0].get_name()}”")

    def _has_come_to(self, nodes):
        """A program that is behind may have one Tab more to follow."""
        if not any(self.is_focused(node) for node in nodes):
            return False
        time.sleep(0.1)
        return any(self.is_focused(node) for node in nodes)

    def key(self, *keys):
        subprocess.run(["xdotool", "windowfocus", "--sync", self.window_id], check=True)
        subprocess.run(["xdotool", "key", "--clearmodifiers", *keys], check=True)

    def choose_radio(self, name):
        """Chooses one of the rows with radio buttons: Tab gets to one of them, the arrows to the
        others, as in any list."""
        button = self.wait_for(name, "radio button")
        row = self.wait_for(name, "list item")
        self.focus(*[node for node in self.walk() if node.get_role_name() == "radio button"])
        for key in ("Home", "Down", "Down", "Down"):
            if not self.is_focused(button) and not self.is_focused(row):
                self.key(key)
                time.sleep(0.3)
        self.key("space")
        checked = self.atspi.StateType.CHECKED
        self.wait_until(lambda: self.has_state(button, checked), f"“{name}” to be chosen")

    def hold(self, key):
        """As a key does that is held for a second."""
        self.key("--delay", "40", *[key] * 30)

    def resize(self, width, height):
        subprocess.run(
            ["xdotool", "windowsize", "--sync", self.window_id, str(width), str(height)], check=True
        )

    def extents(self, node):
        """Where it is on the screen: x, y, width, height."""
        area = node.get_component_iface().get_extents(self.atspi.CoordType.WINDOW)
        return area.x, area.y, area.width, area.height

    def close(self, seconds=PATIENCE):
        """Closes the window as a person does; the program's own status."""
        self.key("ctrl+q")
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait()
            raise Failure(f"the program did not end within {seconds:.0f} s") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)
