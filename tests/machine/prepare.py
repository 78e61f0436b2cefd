# SPDX-License-Identifier: GPL-3.0-or-later
"""prepare.py FOLDER: starts FOLDER/disk.img once without a boot loader, installs GRUB as a person
would, and starts it once more through it, so that what the first start leaves is on the disk. Then
makes FOLDER/systemd-boot.qcow2 of it, which starts by that."""

import os
import subprocess
import sys
import tempfile

from qemu import Machine

INSTALL = """
set -eux
# The kernel has all it needs for the root; udev need not look at each device twice.
rm /usr/share/initramfs-tools/scripts/init-*/udev
update-initramfs -u -k all
ls -l /boot
grub-install --target=x86_64-efi --efi-directory=/boot/efi --removable --no-nvram
update-grub
systemctl disable --now e2scrub_all.timer fstrim.timer apt-daily.timer apt-daily-upgrade.timer \
  dpkg-db-backup.timer || true
# Profiles that only let a program be as it is, most of them not here, take long to load.
grep -lE 'flags=\\(unconfined\\)' /etc/apparmor.d/* 2>/dev/null | xargs -r rm
sync
"""

# libvirt starts when it is asked for. What it asks each QEMU once, it remembers.
LIBVIRT = """
set -eu
systemctl enable --now libvirtd.socket virtlogd.socket
virsh -c qemu:///system domcapabilities --virttype qemu >/dev/null
systemctl stop libvirtd.service
ls -l /var/cache/libvirt/qemu/capabilities
sync
"""

# As on a computer that was changed over: GRUB's files are still there, but do not start it.
SYSTEMD_BOOT = """
set -eux
mkdir -p /etc/kernel
sed 's/^BOOT_IMAGE=[^ ]* *//' /proc/cmdline >/etc/kernel/cmdline
bootctl install --no-variables --esp-path=/boot/efi
kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)" "/boot/initrd.img-$(uname -r)"
cat /boot/efi/loader/entries/*
sync
"""


def main():
    folder = sys.argv[1]
    disk = os.path.join(folder, "disk.img")
    kernel = ["-kernel", f"{folder}/kernel", "-initrd", f"{folder}/initrd",
              "-append", "root=LABEL=root rw console=ttyS0 no_timer_check"]
    drive = ["-blockdev", f"driver=raw,node-name=disk,discard=unmap,"
             f"file.driver=file,file.filename={disk}"]
    with tempfile.TemporaryDirectory(prefix="fatia-machine-") as work:
        with Machine(work, drive, kernel) as machine:
            print(machine.get(INSTALL))
            machine.power_off()
        with Machine(work, drive) as machine:
            print(machine.get("cat /proc/cmdline; systemctl --failed --no-legend; "
                              "systemd-analyze; df -h / /boot /boot/efi"))
            print(machine.get(LIBVIRT))
            machine.power_off()
        path = os.path.join(folder, "systemd-boot.qcow2")
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", "disk.img", "-F", "raw",
                        path], check=True)
        drive = ["-blockdev", f"driver=qcow2,node-name=disk,file.driver=file,file.filename={path}"]
        with Machine(work, drive) as machine:
            print(machine.get(SYSTEMD_BOOT))
            machine.restart()
            print(machine.get("cat /proc/cmdline; bootctl status --no-pager; sync"))
            machine.power_off()
    for name in ("kernel", "initrd"):
        os.unlink(os.path.join(folder, name))


if __name__ == "__main__":
    main()
