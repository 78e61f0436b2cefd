# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a machine: its files, its devices, and its helper over the system bus."""

import json
import shlex

NAME = "dev.fatia.Helper"
PATH = "/dev/fatia/Helper"
INTERFACE = "dev.fatia.Helper1"
ARGUMENTS = ["intel_iommu=on", "iommu=pt", "i915.enable_guc=3", "i915.max_vfs=7",
             "module_blacklist=xe"]
# Longer than the boot loader's tool may take.
CALL = 330

# systemd-boot itself writes its random seed anew at each start.
SNAPSHOT = """
set -eu
for top in /etc /boot /var/lib/fatia; do
  [ -e $top ] || continue
  find $top -printf 'entry %y %m %U:%G %p %l\\n'
  find $top -type f ! -path /boot/efi/loader/random-seed -exec sha256sum {} +
done | LC_ALL=C sort
"""


class Failure(Exception):
    """An expectation that was not met."""


def expect(condition, *what):
    if not condition:
        raise Failure(" ".join(str(w) for w in what))


def expect_equal(have, want):
    if isinstance(have, set) and isinstance(want, set):
        expect(have == want, f"gone: {sorted(want - have)}\nnew: {sorted(have - want)}")
    expect(have == want, f"have {have!r}\nwant {want!r}")


def snapshot(machine):
    """Each file that Fatia may change, or could by mistake: kind, mode, owner, bytes."""
    return set(machine.get(SNAPSHOT).splitlines())


def pf_of(machine):
    """The address of the device that stands for the graphics processor."""
    return machine.get(
        "for d in /sys/bus/pci/devices/*; do [ $(cat $d/device) = 0x10c9 ] && basename $d; done; "
        "true").strip()


class Helper:
    """The helper, called by root or by somebody else."""

    def __init__(self, machine):
        self.machine = machine

    def call(self, method, *words):
        status, text = self.machine.run(
            f"busctl --timeout={CALL} --json=short call {NAME} {PATH} {INTERFACE} {method} " +
            shlex.join(words), CALL + 10)
        expect(status == 0, method, "failed:", text)
        return json.loads(text)["data"] if text.strip() else None

    def refused_to(self, user, method, *words):
        status, text = self.machine.run(
            f"runuser -u {user} -- dbus-send --system --print-reply --dest={NAME} {PATH} "
            f"{INTERFACE}.{method} " + shlex.join(words))
        expect(status != 0 and "org.freedesktop.DBus.Error.AccessDenied" in text, method,
               "was not refused to", user + ":", text)
