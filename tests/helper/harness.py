# SPDX-License-Identifier: GPL-3.0-or-later
"""What the helper's tests share: host trees, the real binary, a bus, TAP."""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

HELPER = os.environ["FATIA_HELPER"]
PRACTICE = os.path.join(os.environ["G_TEST_SRCDIR"], "data/practice")
NAME = "dev.fatia.Helper"
PATH = "/dev/fatia/Helper"
INTERFACE = "dev.fatia.Helper1"
PF = "0000:00:02.0"
ARGUMENTS = ["intel_iommu=on", "i915.enable_guc=3", "i915.max_vfs=7", "module_blacklist=xe"]
ERROR = "dev.fatia.Helper1.Error."
QEMU_CONF = 'user = "libvirt-qemu"\n\nspice_password = "secret"\n'
DENIED = "org.freedesktop.DBus.Error.AccessDenied"


class Failure(Exception):
    """An expectation that was not met."""


class Optional(Exception):
    """This machine can't have what the case needs, and no one could expect it to."""


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(w) for w in what))


def expect_equal(have, want):
    expect(have == want, f"have {have!r}\nwant {want!r}")


def run_tests(functions):
    """Runs each in order and speaks TAP."""
    print(f"1..{len(functions)}", flush=True)
    failed = 0
    for number, function in enumerate(functions, 1):
        name = function.__name__.replace("_", "-")
        try:
            function()
            print(f"ok {number} {name}", flush=True)
        except Optional as why:
            print(f"ok {number} {name} # SKIP optional: {why}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            print(f"not ok {number} {name}", flush=True)
    sys.exit(1 if failed else 0)


class Tree:
    """A host below a temporary folder: the Radxa X4 of practice, with its driver set up."""

    def __init__(self, folder=None):
        self.folder = folder or tempfile.mkdtemp(prefix="fatia-helper-")
        self.path = os.path.join(self.folder, "tree")
        shutil.copytree(os.path.join(PRACTICE, "radxa-x4"), self.path, symlinks=True)
        self.device = f"{self.path}/sys/bus/pci/devices/{PF}"
        self.write(f"sys/bus/pci/devices/{PF}/sriov_totalvfs", "7\n")
        os.makedirs(self.at("sys/kernel/iommu_groups/2"))
        self.add_kvmfr()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def at(self, name):
        return os.path.join(self.path, name)

    def read(self, name):
        with open(self.at(name), encoding="utf-8") as file:
            return file.read()

    def write(self, name, text, mode=None):
        os.makedirs(os.path.dirname(self.at(name)), exist_ok=True)
        with open(self.at(name), "w", encoding="utf-8") as file:
            file.write(text)
        if mode is not None:
            os.chmod(self.at(name), mode)

    def add_kvmfr(self):
        """The module, libvirt, and AppArmor's rules for it, as a host has them."""
        release = self.read("proc/sys/kernel/osrelease").strip()
        self.write(f"usr/lib/modules/{release}/modules.dep", "updates/dkms/kvmfr.ko.zst:\n")
        self.write("etc/libvirt/qemu.conf", QEMU_CONF, 0o600)
        self.write("etc/apparmor.d/abstractions/libvirt-qemu",
                   "include if exists <abstractions/libvirt-qemu.d>\n")

    def add_firmware_chip(self, content, size=None):
        """The board's flash chip as the kernel shows it, with a plain file for its device."""
        controller = "sys/devices/pci0000:00/0000:00:1f.5"
        chip = controller + "/spi_master/spi0/spi0.0"
        self.write(chip + "/mtd/mtd0/type", "nor\n")
        self.write(chip + "/mtd/mtd0/size", f"{len(content) if size is None else size}\n")
        for link, target in ((chip + "/mtd/mtd0/device", "../../../spi0.0"),
                             (chip + "/driver", "../../../../../../bus/spi/drivers/spi-nor"),
                             (controller + "/driver", "../../../bus/pci/drivers/intel-spi"),
                             ("sys/class/mtd/mtd0", f"../../../{chip}/mtd/mtd0")):
            os.makedirs(os.path.dirname(self.at(link)), exist_ok=True)
            if not os.path.lexists(self.at(link)):
                os.symlink(target, self.at(link))
        os.makedirs(self.at("dev"), exist_ok=True)
        with open(self.at("dev/mtd0ro"), "wb") as file:
            file.write(content)

    def snapshot(self):
        """Every path with type, mode, owner and bytes."""
        found = {}
        for folder, folders, files in os.walk(self.path):
            for name in folders + files + ["."]:
                path = os.path.normpath(os.path.join(folder, name))
                info = os.lstat(path)
                content = None
                if stat.S_ISLNK(info.st_mode):
                    content = os.readlink(path)
                elif stat.S_ISREG(info.st_mode):
                    with open(path, "rb") as file:
                        content = hashlib.sha256(file.read()).hexdigest()
                found[path] = (info.st_mode, info.st_uid, info.st_gid, content)
        return found


def expect_same(before, after):
    for path in sorted(set(before) | set(after)):
        expect(before.get(path) == after.get(path), path, before.get(path), after.get(path))


class Kernel:
    """Makes virtual functions in a tree as sriov_numvfs says."""

    def __init__(self, tree):
        self.tree = tree
        self.made = 0
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        self.follow()

    def run(self):
        while not self.stop.wait(0.01):
            self.follow()

    def follow(self):
        """Returns when what the attribute says is there."""
        with self.lock:
            self.make_and_remove()
            self.probe()

    def probe(self):
        """Binds the function that was written to drivers_probe, by its driver_override."""
        devices = os.path.dirname(self.tree.device)
        with open(self.tree.at("sys/bus/pci/drivers_probe"), "r+", encoding="utf-8") as file:
            address = file.read().strip()
            # Another may be written once this one is bound, and not before.
            if address:
                file.truncate(0)
        if address:
            with open(f"{devices}/{address}/driver_override", encoding="utf-8") as file:
                driver = file.read().strip()
            os.symlink(f"../../drivers/{driver}", f"{devices}/{address}/driver")

    def make_and_remove(self):
        with open(f"{self.tree.device}/sriov_numvfs", encoding="utf-8") as file:
            text = file.read().strip()
        if not text:
            return
        while self.made > int(text):
            self.made -= 1
            os.unlink(f"{self.tree.device}/virtfn{self.made}")
            shutil.rmtree(f"{os.path.dirname(self.tree.device)}/0000:00:02.{self.made + 1}")
        while self.made < int(text):
            folder = f"{os.path.dirname(self.tree.device)}/0000:00:02.{self.made + 1}"
            os.mkdir(folder)
            with open(folder + "/driver_override", "w", encoding="utf-8") as file:
                file.write("(null)\n")
            os.symlink(f"../0000:00:02.{self.made + 1}", f"{self.tree.device}/virtfn{self.made}")
            self.made += 1


class Refused(Exception):
    """A D-Bus error: name is the one on the wire."""

    def __init__(self, error):
        super().__init__(error.message)
        self.name = Gio.DBusError.get_remote_error(error)


class Caller:
    """Calls the helper on a connection."""

    def __init__(self, connection, name=None):
        self.connection = connection
        self.name = name
        self.progress = []
        self.fractions = []
        for signal, told in (("Progress", self.progress), ("Fraction", self.fractions)):
            connection.signal_subscribe(
                name, INTERFACE, signal, PATH, None, 0,
                lambda *signal_args, told=told: told.append(signal_args[5].unpack()[0]))

    def call(self, method, signature=None, *args, fd=None):
        return self.call_for_fds(method, signature, *args, fd=fd)[0]

    def call_for_fds(self, method, signature=None, *args, fd=None):
        """Gives the reply and the descriptors that came with it, which are the caller's."""
        fds = None
        if fd is not None:
            fds = Gio.UnixFDList.new()
            fds.append(fd)
        variant = GLib.Variant(signature, args) if signature else None
        try:
            reply, came = self.connection.call_with_unix_fd_list_sync(
                self.name, PATH, INTERFACE, method, variant, None,
                Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION, 60000, fds, None)
        except GLib.Error as error:
            raise Refused(error) from None
        while GLib.MainContext.default().iteration(False):
            pass
        return reply.unpack(), came.steal_fds() if came else []

    def refused(self, name, method, signature=None, *args, fd=None):
        """Expects the call to be refused by an error of that name; gives its words."""
        try:
            reply = self.call(method, signature, *args, fd=fd)
        except Refused as refusal:
            expect(refusal.name and refusal.name.startswith(name), method, "gave", refusal.name,
                   refusal)
            return str(refusal)
        raise Failure(f"{method} was not refused: {reply}")

    def plan_boot(self):
        return self.call("PlanKernelArguments", "(as)", ARGUMENTS)

    def apply_boot(self):
        digest, _ = self.plan_boot()
        return self.call("ApplyKernelArguments", "(ass)", ARGUMENTS, digest)[0]

    def plan_memory(self, kind="shm", megabytes=32):
        return self.call("PlanGuestMemory", "(su)", kind, megabytes)

    def apply_memory(self, kind="shm", megabytes=32):
        digest, _ = self.plan_memory(kind, megabytes)
        return self.call("ApplyGuestMemory", "(sus)", kind, megabytes, digest)[0]

    def plan_undo(self, change, decisions=None):
        return self.call("PlanUndo", "(sa{sb})", change, decisions or {})

    def undo(self, change, decisions=None):
        digest, _ = self.plan_undo(change, decisions)
        self.call("Undo", "(sa{sb}s)", change, decisions or {}, digest)


class Peer(Caller):
    """The helper on a private connection."""

    def __init__(self, tree, *prefix):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [*prefix, HELPER, "--host-root", tree.path, "--peer-fd", str(theirs.fileno())],
            pass_fds=[theirs.fileno()])
        theirs.close()
        stream = Gio.Socket.new_from_fd(ours.detach()).connection_factory_create_connection()
        super().__init__(Gio.DBusConnection.new_sync(
            stream, None, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.connection.is_closed():
            self.connection.close_sync(None)
        expect_equal(self.process.wait(30), 0)


def memfd(data, seals=fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW):
    fd = os.memfd_create("rom", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    if seals:
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "it did not come about in", seconds, "seconds")
        time.sleep(0.02)


def end_process(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(30)


class Slow:
    """A tree whose boot loader's tool runs until it is told to go on."""

    def __init__(self, tree):
        self.tree = tree
        self.tool = tool = tree.read("usr/bin/grub-mkconfig")
        waits = ": >\"$FATIA_HOST_ROOT/begun\"\nwhile [ ! -e \"$FATIA_HOST_ROOT/go\" ]; do sleep 0.05; done\n"
        tree.write("usr/bin/grub-mkconfig", tool.replace("set -e\n", "set -e\n" + waits), 0o755)

    def wait(self):
        wait_until(lambda: os.path.exists(self.tree.at("begun")))

    def go(self):
        self.tree.write("go", "")

    def restore(self):
        self.clean()
        self.tree.write("usr/bin/grub-mkconfig", self.tool, 0o755)

    def clean(self):
        for name in ("begun", "go"):
            if os.path.exists(self.tree.at(name)):
                os.unlink(self.tree.at(name))


class Pending:
    """A call that is under way."""

    def __init__(self, caller, method, variant=None):
        self.caller = caller
        self.done = []
        caller.connection.call(caller.name, PATH, INTERFACE, method, variant, None, 0, 60000, None,
                               self.on_reply)

    def on_reply(self, connection, result):
        try:
            self.done.append(connection.call_finish(result).unpack())
        except GLib.Error as error:
            self.done.append(Refused(error))

    def wait(self):
        while not self.done:
            GLib.MainContext.default().iteration(True)
        return self.done[0]


def answered(caller, method, arguments=None):
    """Calls while this thread's main loop runs, which answers for polkit."""
    reply = Pending(caller, method, arguments).wait()
    if isinstance(reply, Exception):
        raise reply
    return reply


def iterate_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "it did not come about in", seconds, "seconds")
        if not GLib.MainContext.default().iteration(False):
            time.sleep(0.002)
