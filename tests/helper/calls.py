# SPDX-License-Identifier: GPL-3.0-or-later
"""What the helper's interface can do, called as it should be: for the tests that go through all of
it. Its methods are read from the interface's description, so that none is forgotten."""

import os
import re

from harness import ARGUMENTS, INTERFACE, PF, Gio, expect, memfd
from software import HASH, STAND_IN_RELEASE

ROM = b"\x55\xaa" + bytes(510)

# What goes with the Plan and Apply methods of each topic: signature and arguments, several where
# they lead to different files. BYTES stands for a sealed memory file, by its handle.
BYTES = 0
TOPICS = {
    "KernelArguments": [("as", (ARGUMENTS,))],
    "VirtualFunctions": [("subsb", (PF, 2, True, "driver", True))],
    "GuestMemory": [("su", ("shm", 32)), ("su", ("kvmfr", 64))],
    "Rom": [("sh", ("gop.rom", BYTES))],
    "Software": [("as", (["dkms"],))],
    "Module": [("sh", (STAND_IN_RELEASE, BYTES))],
    "ModuleKey": [("s", (HASH,))],
}


def interface():
    path = os.path.join(os.environ["G_TEST_SRCDIR"], "data/dev.fatia.Helper1.xml")
    with open(path, encoding="utf-8") as file:
        return Gio.DBusNodeInfo.new_for_xml(file.read()).lookup_interface(INTERFACE)


def signatures():
    """Each method with the types of its arguments."""
    return {method.name: [arg.signature for arg in method.in_args] for method in interface().methods}


def topics():
    """The topics there are in the interface; each has to be in the table above."""
    found = [name[4:] for name in signatures() if re.match("Plan(?!Undo)", name)]
    expect(set(found) == set(TOPICS), "calls.py has", sorted(TOPICS), "the interface", sorted(found))
    return found


class Step:
    """One topic with its arguments, called with memory files of their own."""

    def __init__(self, topic, signature, args):
        self.topic = topic
        self.signature = signature
        self.args = args

    def __str__(self):
        return self.topic + str(self.args)

    def fd(self):
        return memfd(ROM) if "h" in self.signature else None

    def call(self, caller, method, signature, *args):
        fd = self.fd()
        try:
            return caller.call(method, f"({signature})" if signature else None, *args, fd=fd)
        finally:
            if fd is not None:
                os.close(fd)

    def plan(self, caller):
        return self.call(caller, "Plan" + self.topic, self.signature, *self.args)

    def apply(self, caller, digest=None):
        """Gives the change's id."""
        digest = digest or self.plan(caller)[0]
        return self.call(caller, "Apply" + self.topic, self.signature + "s", *self.args, digest)[0]


def steps():
    return [Step(topic, *arguments) for topic in topics() for arguments in TOPICS[topic]]


def undo_all(caller):
    """Newest first."""
    for change in reversed(caller.call("ListChanges")[0]):
        if change[4] == "applied":
            caller.undo(change[0])


# Other boot loaders than the tree's own GRUB, by what is on their hosts; ROOT is the tree's.
ENTRY = "title Linux\nlinux /vmlinuz\ninitrd /initrd\noptions ROOT rw quiet\n"
LOADERS = {
    "systemd-boot": ("systemd-boot 257.9-1", {"boot/loader/entries/linux.conf": ENTRY}),
    "bls": ("GRUB 2.12", {
        "boot/loader/entries/linux.conf": ENTRY,
        "etc/default/grub": "GRUB_CMDLINE_LINUX=\"rhgb quiet\"\nGRUB_ENABLE_BLSCFG=true\n"}),
    "uki": ("systemd-boot 257.9-1", {
        "etc/kernel/cmdline": "ROOT rw quiet\n",
        "etc/kernel/install.conf": "layout=uki\n",
        "usr/bin/kernel-install": "#!/bin/sh\n"}),
    "sdboot-manage": ("systemd-boot 257.9-1", {
        "etc/sdboot-manage.conf": "LINUX_OPTIONS=\"quiet\"\n", "usr/bin/sdboot-manage": "#!/bin/sh\n"}),
    "limine-default": ("Limine 9.2.3", {
        "etc/default/limine": "KERNEL_CMDLINE[default]=\"ROOT rw\"\n",
        "usr/bin/limine-update": "#!/bin/sh\n"}),
    "limine": ("Limine 9.2.3", {
        "boot/limine.conf": "/Linux\n    protocol: linux\n    path: boot():/vmlinuz\n"
                            "    cmdline: ROOT rw\n"}),
    "refind": ("rEFInd 0.14.2", {
        "boot/refind_linux.conf": "\"Boot\" \"ROOT rw quiet\"\n"}),
}
LOADER_GUID = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"


def use_loader(tree, name):
    """Has the tree started by another boot loader."""
    loader, files = LOADERS[name]
    for path in ("etc/default/grub", "boot/grub/grub.cfg", "usr/bin/grub-mkconfig"):
        if os.path.exists(tree.at(path)):
            os.unlink(tree.at(path))
    root = next(word for word in tree.read("proc/cmdline").split() if word.startswith("root="))
    for path, text in files.items():
        tree.write(path, text.replace("ROOT", root), 0o755 if text.startswith("#!") else 0o644)
    variables = {"LoaderInfo": loader}
    if name == "uki":
        variables["StubInfo"] = "systemd-stub 257.9-1"
    for variable, text in variables.items():
        with open(tree.at(f"sys/firmware/efi/efivars/{variable}-{LOADER_GUID}"), "wb") as file:
            file.write(b"\x06\0\0\0" + (text + "\0").encode("utf-16-le"))
