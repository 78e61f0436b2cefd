# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine of QEMU's: started, told what to do, restarted, switched off, killed."""

import base64
import os
import shutil
import socket
import subprocess
import time

FIRMWARE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd"
# Seconds. Without hardware virtualization a start takes about 20 on a quiet machine, and many times
# that where others are at work.
START = 900
COMMAND = 600
END = 300


class Broken(Exception):
    """The machine did not do what it must for a test to go on."""


class Machine:
    """One QEMU in a folder of its own. It is ended with the object at the latest."""

    def __init__(self, folder, drive, kernel=None, extra=(), memory=1024, whole=True):
        """drive: options of QEMU that make the block node "disk"; kernel: options that start a
        kernel without the boot loader; whole: waits until all units are started."""
        self.folder = folder
        self.console = os.path.join(folder, "console")
        door = os.path.join(folder, "door")
        if os.path.exists(door):
            os.unlink(door)
        self.number = 0
        self.buffer = b""
        self.state = ""
        self.whole = whole
        firmware, order = [], ""
        if kernel is None:
            order = ",bootindex=0"
            variables = os.path.join(folder, "variables.fd")
            if not os.path.exists(variables):
                shutil.copy(VARIABLES, variables)
            firmware = [
                "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}",
                "-drive", f"if=pflash,format=raw,unit=1,file={variables}"]
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
             "-machine", "q35,sata=off,smbus=off", "-accel", "tcg,tb-size=512",
             "-cpu", "qemu64,svm=off", "-smp", "1", "-m", str(memory),
             # Its clock goes by what it has done, 2 ns an instruction: on a loaded host it is slow,
             # but no interrupt comes late for it and nothing in it meets a time limit.
             "-icount", "shift=1",
             "-device", "intel-iommu,intremap=on",
             *firmware, *(kernel or []), *drive,
             # With a boot order the firmware connects this one disk only.
             "-device", "virtio-blk-pci,drive=disk" + order,
             "-device", "virtio-serial-pci",
             "-chardev", f"socket,id=door,path={door},server=on,wait=off",
             "-device", "virtserialport,chardev=door,name=machine.door",
             # Its virtual functions have numbers that only a bus of its own can hold.
             "-device", "pcie-root-port,id=bridge,chassis=1,slot=1",
             "-netdev", "user,id=net,restrict=on",
             "-device", "igb,bus=bridge,netdev=net,rombar=0",
             "-device", "virtio-rng-pci",
             "-serial", f"file:{self.console}", *extra],
            stdin=subprocess.DEVNULL)
        try:
            self.door = self.open_door(door)
            self.wait_for_start()
        except BaseException:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def open_door(self, path):
        end = time.monotonic() + END
        while time.monotonic() < end and self.process.poll() is None:
            door = socket.socket(socket.AF_UNIX)
            try:
                door.connect(path)
                return door
            except OSError:
                door.close()
                time.sleep(0.05)
        raise Broken("QEMU did not start")

    def read_line(self, seconds):
        end = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0:
                raise Broken(f"the machine said nothing for {seconds} seconds\n{self.last_words()}")
            self.door.settimeout(left)
            try:
                data = self.door.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                data = b""
            if not data:
                raise Broken(f"QEMU ended\n{self.last_words()}")
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode("ascii", "replace").strip()

    def last_words(self):
        """What stood last on the console."""
        try:
            with open(self.console, encoding="utf-8", errors="replace") as file:
                return file.read()[-3000:]
        except OSError:
            return ""

    def wait_for_start(self, seconds=START):
        begin = time.monotonic()
        while not self.read_line(seconds).startswith("ready "):
            pass
        # The door opens while other units are still being started.
        if self.whole:
            self.state = self.run("systemctl is-system-running --wait", seconds)[1].strip()
        self.start_seconds = time.monotonic() - begin

    def send(self, command):
        self.number += 1
        line = f"{self.number} {base64.b64encode(command.encode()).decode()}\n"
        self.door.settimeout(END)
        self.door.sendall(line.encode())

    def run(self, command, seconds=COMMAND):
        """Runs it in a shell of root's; gives its status and all it printed."""
        self.send(command)
        number, status, *output = self.read_line(seconds).split(" ")
        if number != str(self.number):
            raise Broken(f"out of step: {number} is not {self.number}")
        text = base64.b64decode(output[0]) if output else b""
        return int(status), text.decode("utf-8", "replace")

    def get(self, command, seconds=COMMAND):
        """As run(), for what can't fail."""
        status, text = self.run(command, seconds)
        if status != 0:
            raise Broken(f"{command!r} ended with {status}:\n{text}")
        return text

    def restart(self):
        """As a person restarts it: the firmware, the boot loader and the kernel start anew."""
        self.send("systemctl reboot")
        self.wait_for_start()

    def power_off(self):
        self.send("systemctl poweroff")
        try:
            self.process.wait(END)
        except subprocess.TimeoutExpired:
            raise Broken(f"it did not switch itself off\n{self.last_words()}") from None

    def kill(self):
        """The power goes."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if hasattr(self, "door"):
            self.door.close()


def make_overlay(folder, disk, name):
    path = os.path.join(folder, name)
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", os.path.abspath(disk),
                    "-F", "raw" if disk.endswith(".img") else "qcow2", path], check=True)
    return path


def overlay(folder, disk):
    """Options for a disk whose changes go to a file of the folder and leave `disk` alone."""
    path = make_overlay(folder, disk, "overlay.qcow2")
    return ["-blockdev", f"driver=qcow2,node-name=disk,file.driver=file,file.filename={path}"]


def logged(folder, disk, log):
    """As overlay(), with each write and flush written down in the file `log`."""
    path = make_overlay(folder, disk, "logged.qcow2")
    with open(log, "wb"):
        pass
    return ["-blockdev", f"driver=blklogwrites,node-name=disk,log.driver=file,log.filename={log},"
            f"file.driver=qcow2,file.file.driver=file,file.file.filename={path}"]
