# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a machine: its files, its devices, and its helper over the system bus."""

import json
import shlex

NAME = "dev.fatia.Helper"
PATH = "/dev/fatia/Helper"
INTERFACE = "dev.fatia.Helper1"
ARGUMENTS = ["intel_iommu=on", "iommu=pt", "i915.enable_guc=3", "i915.max_vfs=7",
             "module_blacklist=xe"]
# Longer than the boot loader's tool may take, in the machine's own time and on a busy host.
CALL = 330
WAIT = 1800
# Where the test has files of its own in the machine: gone with a restart.
OWN = "/run/machine"

# Sums that a machine without hardware virtualization makes soon. systemd-boot itself writes its
# random seed anew at each start.
SNAPSHOT = """
set -eu
for top in /etc /boot /var/lib/fatia; do
  [ -e $top ] || continue
  find $top -printf 'entry %y %m %U:%G %p %l\\n'
  find $top -type f ! -path /boot/efi/loader/random-seed -exec cksum -a crc32b {} +
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
    """The helper, called by one of the machine's users."""

    def __init__(self, machine, user="root"):
        self.machine = machine
        self.user = user

    def words(self, method, *words, memfd=None):
        """The words of a call on a command line of the machine's."""
        before = [] if self.user == "root" else ["runuser", "-u", self.user, "--"]
        if memfd:
            before += ["/usr/local/bin/with-memfd", memfd]
        return [*before, "busctl", f"--timeout={CALL}", "--json=short", "call", NAME, PATH, INTERFACE,
                method, *words]

    def try_call(self, method, *words, memfd=None):
        """Gives whether it went well, and what came of it or was said. memfd: a file of the
        machine's whose bytes go along as descriptor 3."""
        status, text = self.machine.run(shlex.join(self.words(method, *words, memfd=memfd)), WAIT)
        if status != 0:
            return False, text
        return True, json.loads(text)["data"] if text.strip() else None

    def call(self, method, *words, memfd=None):
        well, reply = self.try_call(method, *words, memfd=memfd)
        expect(well, method, "failed:", reply)
        return reply

    def refused(self, method, *words, why, memfd=None):
        """It must be refused with words that have `why` in them."""
        well, reply = self.try_call(method, *words, memfd=memfd)
        expect(not well, method, "was not refused:", reply)
        expect(why in reply, method, "was refused, but with:", reply)
        return reply

    def plan_undo(self, change):
        return self.call("PlanUndo", "sa{sb}", change, "0")[0]
