# SPDX-License-Identifier: GPL-3.0-or-later
"""A private system bus with polkit's stand-in and the helper's binary on it."""

import os
import re
import shutil
import subprocess
import tempfile

import dbusmock

from harness import (HELPER, NAME, Caller, Gio, GLib, Tree, end_process, expect_equal, wait_until)

ACTION = "dev.fatia.helper."
POLKIT = "org.freedesktop.PolicyKit1"
AUTHORITY = "/org/freedesktop/PolicyKit1/Authority"


def read_actions():
    """The names of the policy's actions, less what they have in common."""
    path = os.path.join(os.environ["G_TEST_SRCDIR"], "data/dev.fatia.helper.policy")
    with open(path, encoding="utf-8") as file:
        return re.findall(f'<action id="{re.escape(ACTION)}([^"]*)">', file.read())


ACTIONS = read_actions()


# A bus that every user may connect to, as the system's is; dbusmock's is its owner's alone.
OPEN_BUS = """<busconfig><type>system</type><listen>unix:path={folder}/socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy></busconfig>"""


class OpenBus:
    """Such a bus; it is the system's while it lasts."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fatia-bus-")
        os.chmod(self.folder, 0o755)
        with open(f"{self.folder}/bus.conf", "w", encoding="utf-8") as file:
            file.write(OPEN_BUS.format(folder=self.folder))
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork"])
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={self.folder}/socket"
        wait_until(lambda: os.path.exists(f"{self.folder}/socket"))
        os.chmod(f"{self.folder}/socket", 0o777)

    def end(self):
        del os.environ["DBUS_SYSTEM_BUS_ADDRESS"]
        end_process(self.process)
        shutil.rmtree(self.folder)


class Bus:
    """A private system bus with dbusmock's polkitd and the helper on it, on a tree."""

    def __init__(self, polkit=True, options=(), for_all_users=False):
        self.options = options
        self.tree = Tree()
        self.case = dbusmock.DBusTestCase
        self.case.setUpClass()
        self.open_bus = OpenBus() if for_all_users else None
        if not for_all_users:
            self.case.start_system_bus()
        self.polkit = self.helper = None
        try:
            self.start(polkit)
        except BaseException:
            # A bus that outlives the test keeps its output open, which meson waits for.
            self.end()
            raise

    def start(self, polkit):
        self.mock = self.connect()
        if polkit:
            self.polkit, _ = self.case.spawn_server_template("polkitd", {}, stdout=subprocess.DEVNULL)
        self.helper = subprocess.Popen([HELPER, "--host-root", self.tree.path, *self.options])
        wait_until(lambda: self.owner(NAME))
        self.caller = Caller(self.connect(), NAME)

    def connect(self):
        """A connection, once the bus listens: its process is told of a moment earlier."""
        made = []

        def try_once():
            made.append(connects(os.environ["DBUS_SYSTEM_BUS_ADDRESS"]))
            return made[-1]

        wait_until(try_once)
        return made[-1]

    def owner(self, name):
        return self.mock.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "NameHasOwner",
                                   GLib.Variant("(s)", (name,)), None, 0, -1, None).unpack()[0]

    def control(self, method, signature, *args):
        return self.mock.call_sync(POLKIT, AUTHORITY, "org.freedesktop.DBus.Mock", method,
                                   GLib.Variant(signature, args), None, 0, -1, None).unpack()

    def allow(self, *actions):
        self.control("SetAllowed", "(as)", [ACTION + action for action in actions])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        expect_equal(self.end(), 0)

    def end(self):
        """Returns the helper's exit status."""
        try:
            return end_process(self.helper) if self.helper else None
        finally:
            if self.polkit:
                self.polkit.terminate()
                self.polkit.wait(10)
            if self.open_bus:
                self.open_bus.end()
            self.case.tearDownClass()
            self.tree.__exit__()


def connects(address):
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
             Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    try:
        return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
    except GLib.Error:
        return None


class Authority:
    """polkit played here, to see what it is asked."""

    XML = """<node><interface name="org.freedesktop.PolicyKit1.Authority">
      <method name="CheckAuthorization">
        <arg type="(sa{sv})" direction="in"/><arg type="s" direction="in"/>
        <arg type="a{ss}" direction="in"/><arg type="u" direction="in"/>
        <arg type="s" direction="in"/><arg type="(bba{ss})" direction="out"/>
      </method>
      <method name="CancelCheckAuthorization"><arg type="s" direction="in"/></method>
      </interface></node>"""

    def __init__(self, bus):
        self.asked = []
        self.hangs = False
        self.allows = True
        self.waiting = []
        self.taken_back = []
        self.connection = bus.connect()
        node = Gio.DBusNodeInfo.new_for_xml(self.XML)
        self.connection.register_object(AUTHORITY, node.interfaces[0], self.answer, None, None)
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                  "org.freedesktop.DBus", "RequestName",
                                  GLib.Variant("(su)", (POLKIT, 0)), None, 0, -1, None)

    def answer(self, *args):
        if args[4] == "CancelCheckAuthorization":
            self.taken_back.append(args[5].unpack()[0])
            args[6].return_value(None)
            return
        self.asked.append(args[5].unpack())
        self.waiting.append(args[6])
        if not self.hangs:
            self.answer_one(self.allows)

    def answer_one(self, allowed=True):
        """The newest question."""
        self.waiting.pop().return_value(GLib.Variant("((bba{ss}))", ((allowed, False, {}),)))
