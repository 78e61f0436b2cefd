# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to one machine, in the order in which a person would do it."""

import base64
import os
import shlex

from domain import ROM, ROM_PATH, Domain, make_rom
from guest import ARGUMENTS, OWN, Helper, expect, expect_equal, pf_of, snapshot

VFS = 3
# What only the build for this test has in its binary.
TEST_BUILD = "built for tests: takes 8086:10c9 for a graphics processor"

INSTALL = f"""
set -eu
tar -C / -xf /dev/disk/by-id/virtio-build
systemctl daemon-reload
# The stamp that systemd itself renews at the next start, since /usr has changed.
/usr/lib/systemd/systemd-update-done
busctl call org.freedesktop.DBus / org.freedesktop.DBus ReloadConfig
mkdir -p {OWN}
sync
"""

# Our unit ends soon after the computer woke.
SLEEP = """
echo devices >/sys/power/pm_test
dmesg --clear
systemctl start suspend.target
echo "ended with $?"
unit=fatia-virtual-functions-sleep.service
for _ in {1..300}; do
  case $(systemctl show -P ActiveState $unit) in inactive|failed) break ;; esac
  sleep 0.2
done
journalctl -b --no-pager -o cat -n 10 -u $unit
dmesg
"""

# One of the scripts of the boot loader's tool waits as long as the test wants it to, once: it is gone
# when the next one runs, whose menu has no trace of it.
KILL = f"""
set -u
mkdir -p {OWN}
rm -rf {OWN}/begun
: >{OWN}/hold
cat >/etc/grub.d/00_hold <<'END'
#!/bin/sh
mkdir {OWN}/begun
while [ -e {OWN}/hold ]; do sleep 0.1; done
END
chmod +x /etc/grub.d/00_hold
{{call}} &
for _ in {{{{1..3000}}}}; do [ -e {OWN}/begun ] && break; sleep 0.1; done
rm /etc/grub.d/00_hold
kill -9 $(systemctl show -P MainPID fatia-helper.service) && echo "killed in the midst"
wait
"""

# What a plan for the kernel arguments is made of, and where the lines are that the loader reads.
KINDS = {"grub": ["file", "command"], "systemd-boot": ["file", "file"]}
MENUS = {"grub": "grep -E '^\\s*linux\\s' /boot/grub/grub.cfg",
         "systemd-boot": "grep -h ^options /boot/efi/loader/entries/*.conf"}


class Story:
    """Its methods are the cases; each stands on those before it."""

    CASES = ["installed", "refused", "allowed", "firmware_read", "hardened",
             "killed_in_apply", "killed_in_undo",
             "arguments_applied", "arguments_in_effect", "vfs_applied", "memory_applied", "rom_applied", "vfs_kept",
             "slept", "domain_runs", "domain_has_rom", "held", "undone", "as_before"]

    def __init__(self, machine, log, loader, note):
        self.machine = machine
        self.loader = loader
        self.log = log
        self.note = note
        self.helper = Helper(machine, "administrator")
        self.pf = pf_of(machine)
        # Ids of what is applied, by step, in their order.
        self.changes = {}
        # For the power cuts: how long the log of writes was before and after each call that
        # changes something, and the files for each set of steps that are in effect.
        self.calls = []
        self.results = {}

    # What the methods below have in common.

    def in_effect(self):
        return tuple(sorted(self.changes))

    def change(self, name, function, *arguments, memfd=None, after):
        """A call that changes something. `after`: given the reply, makes in_effect() true."""
        begin = os.path.getsize(self.log)
        reply = self.helper.call(function, *arguments, memfd=memfd)
        end = os.path.getsize(self.log)
        after(reply)
        self.calls.append((name, begin, end, self.in_effect()))
        files = snapshot(self.machine)
        self.results.setdefault(self.in_effect(), files)

    def apply(self, step, topic, signature, *words, memfd=None):
        """Plans, applies what was planned and finds nothing left to do; gives the plan's items."""
        typed = (signature, *words) if signature else ()
        digest, items = self.helper.call("Plan" + topic, *typed, memfd=memfd)
        self.change("apply " + step, "Apply" + topic, signature + "s", *words, digest, memfd=memfd,
                    after=lambda reply: self.changes.__setitem__(step, reply[0]))
        expect_equal(self.helper.call("Plan" + topic, *typed, memfd=memfd)[1], [])
        return items

    def undo(self, step):
        change = self.changes[step]
        self.change("undo " + step, "Undo", "sa{sb}s", change, "0",
                    self.helper.plan_undo(change),
                    after=lambda _: self.changes.pop(step))

    def restart(self):
        self.machine.restart()
        expect_equal(self.machine.state, "running")

    def vfs(self):
        return self.machine.get(
            f"cd /sys/bus/pci/devices/{self.pf} && for f in virtfn*; do "
            "[ -e $f ] && basename $(readlink $f); done; true").split()

    def check_vfs(self):
        vfs = self.vfs()
        expect_equal(len(vfs), VFS)
        for address in vfs:
            folder = f"/sys/bus/pci/devices/{address}"
            expect_equal(self.machine.get(f"cat {folder}/driver_override").strip(), "vfio-pci")
            expect_equal(self.machine.get(f"basename $(readlink {folder}/driver) 2>&-; true").strip(),
                         "vfio-pci")

    def check_restored(self):
        expect_equal(self.machine.get("systemctl show -P Result -P ActiveState "
                                      "fatia-virtual-functions.service").split(),
                     ["success", "active"])
        self.check_vfs()

    # The cases.

    def installed(self):
        """our build is installed and answers on the system bus"""
        expect_equal(self.machine.state, "running")
        self.machine.get(INSTALL)
        expect(TEST_BUILD in self.machine.get(
            f"grep -ao '{TEST_BUILD}' /usr/libexec/fatia-helper"), "it is not the build for tests")
        expect_equal(Helper(self.machine).call("ListChanges"), [[]])
        self.cmdline = self.machine.get("cat /proc/cmdline")
        for argument in ARGUMENTS:
            expect(argument not in self.cmdline.split(), argument, "was there before")
        expect_equal(self.vfs(), [])
        self.before = snapshot(self.machine)
        self.results[()] = self.before

    def refused(self):
        """a person without authorization is refused by polkit, and nothing changes"""
        person = Helper(self.machine, "person")
        nothing = "0" * 64
        person.refused("ListChanges", why="Access denied")
        person.refused("PlanKernelArguments", "as", "1", ARGUMENTS[0], why="Access denied")
        person.refused("ApplyKernelArguments", "ass", "1", ARGUMENTS[0], nothing, why="Access denied")
        person.refused("ReadFirmware", why="Access denied")
        person.refused("Undo", "sa{sb}s", "x", "0", "x", why="Access denied")
        expect_equal(snapshot(self.machine), self.before)

    def allowed(self):
        """an administrator of polkit's rules is allowed the same"""
        expect_equal(self.helper.call("ListChanges"), [[]])

    def firmware_read(self):
        """the firmware's chip, here a stand-in of the kernel's own, is read byte for byte"""
        self.helper.refused("ReadFirmware", why="firmware")
        self.machine.get("modprobe mtdram total_size=256 erase_size=64 && "
                         f"head -c 256K /dev/urandom >{OWN}/chip && cat {OWN}/chip >/dev/mtd0")
        self.machine.get(f"runuser -u administrator -- read-firmware >{OWN}/read")
        self.machine.get(f"cmp {OWN}/chip {OWN}/read && rm {OWN}/chip {OWN}/read && rmmod mtdram")

    def hardened(self):
        """systemd rates the exposure of each of our units at 2.0 or less"""
        units = self.machine.get("cd /usr/lib/systemd/system && ls fatia-*.service").split()
        expect("fatia-helper.service" in units, units)
        for unit in units:
            line = self.machine.get(f"systemd-analyze security {unit} --no-pager | "
                                    "grep 'Overall exposure'")
            self.note(line.strip(" →\n"))
            expect(float(line.split(":")[1].split()[0]) <= 2.0, line)

    def kill_in_tool(self, method, *words):
        """Calls it, and kills the helper while the boot loader's tool is in the midst of its work: in
        a unit of its own, which lives on and would write its menu to the end."""
        said = self.machine.get(KILL.format(call=shlex.join(self.helper.words(method, *words))), 1800)
        expect("killed in the midst" in said, said)
        self.helper.call("ListChanges")
        # The tool that was at work then must not have the last word.
        self.machine.get(f"rm {OWN}/hold; while pgrep -f grub-mkconfig >/dev/null; do sleep 0.1; done")

    def killed_in_apply(self):
        """the helper killed while the boot loader's tool runs: the next one puts all back, and it stays"""
        if self.loader != "grub":
            self.note("this one has no tool: its entries are written by the helper itself")
            return
        digest = self.helper.call("PlanKernelArguments", "as", str(len(ARGUMENTS)), *ARGUMENTS)[0]
        self.kill_in_tool("ApplyKernelArguments", "ass", str(len(ARGUMENTS)), *ARGUMENTS, digest)
        self.expect_untouched()

    def killed_in_undo(self):
        """the same while a change is undone: the next one brings that to its end"""
        if self.loader != "grub":
            self.note("this one has no tool")
            return
        digest = self.helper.call("PlanKernelArguments", "as", str(len(ARGUMENTS)), *ARGUMENTS)[0]
        change = self.helper.call("ApplyKernelArguments", "ass", str(len(ARGUMENTS)), *ARGUMENTS, digest)[0]
        self.kill_in_tool("Undo", "sa{sb}s", change, "0", self.helper.plan_undo(change))
        self.expect_untouched()

    def expect_untouched(self):
        expect_equal([c for c in self.helper.call("ListChanges")[0] if c[4] == "applied"], [])
        menu = self.machine.get(MENUS[self.loader])
        expect(not [word for word in ARGUMENTS if word in menu.split()], menu)
        expect_equal(snapshot(self.machine), self.before)

    def arguments_applied(self):
        """the kernel arguments are applied to the boot loader that started the machine"""
        items = self.apply("boot", "KernelArguments", "as", str(len(ARGUMENTS)), *ARGUMENTS)
        expect_equal([item[0] for item in items], KINDS[self.loader])
        for line in self.machine.get(MENUS[self.loader]).splitlines():
            if "single" not in line.split():
                expect(set(ARGUMENTS) <= set(line.split()), line)

    def arguments_in_effect(self):
        """after a restart the kernel has the arguments, and the IOMMU has groups"""
        self.restart()
        cmdline = self.machine.get("cat /proc/cmdline")
        expect(set(ARGUMENTS) <= set(cmdline.split()), cmdline)
        groups = self.machine.get("ls /sys/kernel/iommu_groups").split()
        expect(groups, "there are no IOMMU groups")
        expect(self.machine.get("dmesg | grep -c 'DMAR: IOMMU enabled'").strip() != "0",
               "the kernel did not enable the IOMMU")

    def vfs_applied(self):
        """three virtual functions are made and kept, each with vfio-pci"""
        self.apply("vfs", "VirtualFunctions", "subsb", self.pf, str(VFS), "true", "driver", "true")
        self.check_vfs()
        nodes = self.machine.get("ls /dev/vfio").split()
        expect([node for node in nodes if node != "vfio"], "no group in /dev/vfio:", nodes)

    def memory_applied(self):
        """the memory for Looking Glass is there for the caller"""
        self.apply("memory", "GuestMemory", "su", "shm", "32")
        expect_equal(self.machine.get("stat -c %U /dev/shm/looking-glass").strip(), "administrator")

    def rom_applied(self):
        """the ROM is where QEMU may read it, byte for byte"""
        rom = base64.b64encode(make_rom()).decode()
        path = f"{OWN}/{ROM}"
        self.machine.get(f"mkdir -p {OWN} && base64 -d >{path} <<'END'\n{rom}\nEND")
        self.apply("gop", "Rom", "sh", ROM, "3", memfd=path)
        self.machine.get(f"cmp {path} {ROM_PATH}")

    def vfs_kept(self):
        """after a restart our unit makes the virtual functions again"""
        self.restart()
        self.check_restored()

    def sleep(self):
        """As a person lets it sleep. The kernel stops when all devices are asleep and wakes them
        again, since nobody opens a lid here. Gives what was said of it."""
        return self.machine.get(SLEEP)

    def slept(self):
        """the virtual functions are gone while the computer sleeps, and back when it wakes"""
        self.machine.get(f"""
set -eu
folder=/run/systemd/system/systemd-suspend.service.d
mkdir -p $folder {OWN}
cat >$folder/look.conf <<'END'
[Service]
ExecStartPre=/bin/sh -c 'cat /sys/bus/pci/devices/{self.pf}/sriov_numvfs >{OWN}/asleep'
END
systemctl daemon-reload""")
        said = self.sleep()
        expect("ended with 0" in said and "PM: suspend exit" in said, said)
        expect_equal(self.machine.get(f"cat {OWN}/asleep").strip(), "0")
        self.check_vfs()

    def domain_runs(self):
        """libvirt starts a virtual machine, confined, with a virtual function and the ROM"""
        self.domain = Domain(self.machine, self.vfs()[1])
        self.domain.start()
        expect_equal(self.domain.state(), "running")
        files = self.domain.open_files()
        expect([file for file in files if file.startswith("/dev/vfio/") and file != "/dev/vfio/vfio"],
               "no VFIO group is open:", files)
        self.note("confined to " + self.domain.profile())
        expect("(enforce)" in self.domain.profile(), "not confined")

    def domain_has_rom(self):
        """the guest's device has the ROM's bytes, and AppArmor denied nothing of it"""
        rom = make_rom()
        have = self.domain.read_rom(len(rom))
        expect(have == rom, "the guest sees another ROM:", have[:64].hex(), "…")
        denied = self.domain.denials()
        self.note(denied or "AppArmor denied nothing")
        for word in ("/var/lib/fatia", "vfio", "looking-glass", "kvmfr"):
            expect(word not in denied, denied)

    def held(self):
        """what the running virtual machine has is not taken from it, and after its end it can be"""
        plan = ("PlanVirtualFunctions", "subsb", self.pf, "0", "false", "driver", "false")
        why = "virtual machine is using virtual function"
        self.helper.refused(*plan, why=why)
        self.helper.refused("PlanUndo", "sa{sb}", self.changes["vfs"], "0", why=why)
        self.helper.refused("Undo", "sa{sb}s", self.changes["vfs"], "0", "0" * 64, why=why)
        self.machine.get(f"rm -f {OWN}/asleep")
        said = self.sleep()
        expect("ended with 0" not in said and "PM: suspend entry" not in said, said)
        expect("stays awake" in said, "not said why:", said)
        self.machine.get(f"test ! -e {OWN}/asleep; systemctl reset-failed")
        self.check_vfs()
        expect_equal(self.domain.state(), "running")
        self.domain.end()
        self.check_vfs()
        self.helper.call(*plan)

    def undone(self):
        """undoing everything leaves nothing of ours"""
        for step in reversed(list(self.changes)):
            self.undo(step)
        expect_equal(self.vfs(), [])
        expect_equal(snapshot(self.machine), self.before)

    def as_before(self):
        """after a restart the command line, the functions and every file are as before"""
        self.restart()
        expect_equal(self.machine.get("cat /proc/cmdline"), self.cmdline)
        expect_equal(self.vfs(), [])
        expect_equal(snapshot(self.machine), self.before)
