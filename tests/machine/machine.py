# SPDX-License-Identifier: GPL-3.0-or-later
"""machine.py [--disk FOLDER --build FOLDER]: the helper on a real system bus with real polkit, in a
machine with a real boot loader, IOMMU, SR-IOV device and libvirt: changes, restarts, a virtual
machine, undo; and power cuts in the midst of it. Speaks TAP."""

import argparse
import os
import shutil
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor

import power_cuts
from qemu import Broken, Machine, logged
from story import Story
from tap import Tap

HERE = os.path.dirname(os.path.abspath(__file__))
DISKS = {"grub": "disk.img", "systemd-boot": "systemd-boot.qcow2"}
# As many machines at once as there are processors for.
AT_ONCE = max(1, min(2, os.cpu_count() or 1))
# The virtual machine in the machine needs some of it.
MEMORY = 1536


def root_owned(info):
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def pack(build, path):
    """The installed build as an archive, which the machine has as a disk."""
    with tarfile.open(path, "w") as archive:
        archive.add(build, ".", filter=root_owned)
        archive.add(os.path.join(HERE, "with-memfd"), "usr/local/bin/with-memfd", filter=root_owned)
    size = os.path.getsize(path)
    os.truncate(path, (size + 0xfffff) & ~0xfffff)
    return ["-drive", f"if=none,id=build,format=raw,readonly=on,file={path}",
            "-device", "virtio-blk-pci,drive=build,serial=build"]


def last_lines(machine):
    """What the machine's own journal says last, without the kernel's greetings."""
    try:
        return machine.run("journalctl -b --no-pager -o cat -n 30 _TRANSPORT=journal + "
                           "_TRANSPORT=stdout + _TRANSPORT=audit 2>&1")[1]
    except Broken as error:
        return str(error)


def tell(tap, folder, options, loader):
    """The whole story on a new machine, up to the first case that fails: the later ones stand on
    it. Gives it, or nothing where a case failed."""
    log = os.path.join(folder, "log")
    build = pack(options.build, os.path.join(folder, "build.tar"))
    drive = logged(folder, os.path.join(options.disk, DISKS[loader]), log)
    with Machine(folder, drive, extra=build, memory=MEMORY) as machine:
        tap.note(f"{loader}: started in {machine.start_seconds:.0f} s")
        story = Story(machine, log, loader, tap.note)
        for name in Story.CASES:
            function = getattr(story, name)
            if not tap.case(f"{loader}: {function.__doc__}", function):
                tap.note(last_lines(machine))
                return None
    return story


def run(tap, options, folder):
    """The stories side by side, then the power cuts of each in two rows. Gives whether all could
    be tried."""
    loaders = options.loader or (list(DISKS) if options.full else ["grub"])
    folders = {loader: os.path.join(folder, loader) for loader in loaders}
    for path in folders.values():
        os.mkdir(path)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        stories = [pool.submit(tell, tap, folders[loader], options, loader) for loader in loaders]
        rows = []
        for loader, story in zip(loaders, [story.result() for story in stories]):
            if story is None:
                return False
            disk = os.path.join(options.disk, DISKS[loader])
            cuts = power_cuts.PowerCuts(tap, loader, disk, story)
            moments = cuts.choose(options.cuts, options.seed)
            rows += [pool.submit(cuts.run, moments[i::AT_ONCE], options.seed, folders[loader])
                     for i in range(AT_ONCE)]
        for row in rows:
            row.result()
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--disk", default=os.environ.get("FATIA_MACHINE_DISK"))
    parser.add_argument("--build", default=os.environ.get("FATIA_MACHINE_BUILD"))
    parser.add_argument("--full", action="store_true", help="all of it, not just a sample")
    parser.add_argument("--loader", action="append", choices=DISKS, help="only this boot loader")
    parser.add_argument("--cuts", type=int, help="how many power cuts within the calls of a loader")
    parser.add_argument("--seed", type=int, default=1, help="for what a power cut leaves")
    options = parser.parse_args()
    if options.cuts is None:
        options.cuts = 25 if options.full else 2
    if not options.disk:
        print("ok 1 machine # SKIP optional: no Debian for it can be made here, without mmdebstrap")
        print("1..1")
        return 0
    tap = Tap()
    folder = tempfile.mkdtemp(prefix="fatia-machine-")
    try:
        whole = run(tap, options, folder)
    except Broken as error:
        tap.note(error)
        print(f"Bail out! {str(error).splitlines()[0]}")
        return 1
    finally:
        shutil.rmtree(folder)
    print(f"1..{tap.number}")
    return 0 if whole and not tap.failed else 1


if __name__ == "__main__":
    sys.exit(main())
