#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Software through the helper's binary: real apt-get, dpkg and DKMS, kept to a tree."""

import os
import re
import subprocess

from harness import ERROR, Peer, expect, expect_equal, expect_same, memfd, run_tests
from software import (HASH, MODULE, MOK, MOKUTIL, PACMAN, RELEASE, SoftwareTree, be_secure, kernel)

BUILT = f"lib/modules/{kernel()}/updates/dkms/fatia_tiny.ko"


def without(snapshot, *patterns):
    """What the package managers keep of their work: locks, logs, lists; DKMS' key."""
    return {path: what for path, what in snapshot.items()
            if not any(re.search(pattern, path) for pattern in patterns)}


def files_only(tree, *patterns):
    """Files and links: the managers' own empty folders stay."""
    found = {path: what for path, what in tree.snapshot().items() if what[3] is not None}
    return without(found, *patterns)


DPKG = (r"/var/lib/dpkg/", r"/var/lib/apt/", r"/var/cache/apt/", r"/var/log/apt/")
KEY = (r"/var/lib/dkms/mok\.",)


def plan_software(peer, *needs):
    return peer.call("PlanSoftware", "(as)", list(needs))


def apply_software(peer, *needs):
    digest, _ = plan_software(peer, *needs)
    return peer.call("ApplySoftware", "(ass)", list(needs), digest)[0]


def plan_module(peer, data, release=RELEASE):
    return peer.call("PlanModule", "(sh)", release, 0, fd=memfd(data))


def apply_module(peer, data, release=RELEASE):
    digest, _ = plan_module(peer, data, release)
    return peer.call("ApplyModule", "(shs)", release, 0, digest, fd=memfd(data))[0]


def module_fails(peer, data):
    """Applies what can't be; gives the words."""
    digest, _ = plan_module(peer, data)
    return peer.refused(ERROR, "ApplyModule", "(shs)", RELEASE, 0, digest, fd=memfd(data))


def debian():
    tree = SoftwareTree()
    tree.add_dpkg()
    tree.offer("libtpms0", files=[("usr/lib/libtpms.so", "tpm")])
    tree.offer("swtpm", depends="libtpms0", files=[("usr/bin/swtpm", "program")])
    tree.offer("swtpm-tools", depends="swtpm", files=[("usr/bin/swtpm_setup", "program")])
    return tree


def packages_journey():
    with debian() as tree, Peer(tree) as peer:
        before = files_only(tree, *DPKG)
        _, items = plan_software(peer, "swtpm")
        expect_equal([item[0] for item in items], ["command", "command"])
        expect(items[1][3].endswith("install swtpm swtpm-tools"), items[1][3])
        expect("--no-remove" in items[1][3] and "--yes" in items[1][3], items[1][3])
        change = apply_software(peer, "swtpm")
        expect_equal(change, "0001-software")
        expect_equal(tree.installed(), ["libtpms0", "swtpm", "swtpm-tools"])
        expect(any("Setting up swtpm" in line for line in peer.progress), peer.progress)
        expect_equal(plan_software(peer, "swtpm")[1], [])
        _, items = peer.plan_undo(change)
        expect_equal([item[3] for item in items], ["dpkg --remove swtpm swtpm-tools"])
        peer.undo(change)
        # What came along is the package manager's "not needed any more", and no removal of ours.
        expect_equal(tree.installed(), ["libtpms0"])
        after = files_only(tree, *DPKG)
        del after[tree.at("usr/lib/libtpms.so")]
        expect_same(before, after)


def what_was_there_before_stays():
    with debian() as tree, Peer(tree) as peer:
        tree.run_tool("apt-get", "--quiet", "update")
        tree.run_tool("apt-get", "--yes", "install", "swtpm")
        _, items = plan_software(peer, "swtpm")
        expect(items[1][3].endswith("install swtpm-tools"), items)
        peer.undo(apply_software(peer, "swtpm"))
        expect_equal(tree.installed(), ["libtpms0", "swtpm"])


def what_others_need_now_is_not_removed():
    with debian() as tree, Peer(tree) as peer:
        change = apply_software(peer, "swtpm")
        tree.offer("boxes", depends="swtpm-tools")
        tree.run_tool("apt-get", "--quiet", "update")
        tree.run_tool("apt-get", "--yes", "install", "boxes")
        digest, _ = peer.plan_undo(change)
        words = peer.refused(ERROR + "Command", "Undo", "(sa{sb}s)", change, {}, digest)
        expect("Other software that is installed now needs one" in words, words)
        expect_equal(tree.installed(), ["boxes", "libtpms0", "swtpm", "swtpm-tools"])
        tree.run_tool("dpkg", "--remove", "boxes")
        peer.undo(change)
        expect_equal(tree.installed(), ["libtpms0"])


def what_is_not_offered_is_said():
    with debian() as tree, Peer(tree) as peer:
        before = files_only(tree, *DPKG)
        digest, _ = plan_software(peer, "swtpm", "qemu")
        words = peer.refused(ERROR + "Command", "ApplySoftware", "(ass)", ["swtpm", "qemu"], digest)
        expect("does not offer one of the packages" in words, words)
        expect("Unable to locate package qemu" in words, words)
        expect_equal(tree.installed(), [])
        expect_equal(peer.call("ListChanges")[0], [])
        expect_same(before, files_only(tree, *DPKG))


def unsure_answers_are_refused():
    """What undo would remove must be certain."""
    answers = ("exit 2", "echo 'swtpm installed'; exit 1", "echo 'dpkg-query: database is locked' >&2",
               "echo 'swtpm installed'; echo 'swtpm-tools half-installed'",
               "echo 'swtpm installed'; echo 'xswtpm-tools installed'",
               "for p in swtpm swtpm-tools; do echo $p installed; echo $p not-installed; done",
               "head -c 100000000 /dev/zero | tr '\\0' '\\n'")
    with debian() as tree, Peer(tree) as peer:
        for answer in answers:
            tree.add_tool("dpkg-query", answer)
            words = peer.refused(ERROR + "Refused", "PlanSoftware", "(as)", ["swtpm"])
            expect("could not be learnt" in words, words)
        os.unlink(tree.at("usr/bin/dpkg-query"))
        peer.refused(ERROR + "Command", "PlanSoftware", "(as)", ["swtpm"])


def other_package_managers_get_their_words():
    """Stand-ins that keep to what their documents say: these distributions are not here."""
    with SoftwareTree() as tree, Peer(tree) as peer:
        tree.be("arch")
        tree.add_tool("pacman", PACMAN)
        before = tree.snapshot()
        _, items = plan_software(peer, "qemu", "swtpm")
        expect_equal([item[3] for item in items],
                     ["pacman --sync --needed --noconfirm qemu-desktop swtpm"])
        change = apply_software(peer, "qemu", "swtpm")
        expect_equal(sorted(os.listdir(tree.at("pacman"))), ["qemu-desktop", "swtpm"])
        expect_equal(plan_software(peer, "swtpm")[1], [])
        peer.undo(change)
        expect_same(before, tree.snapshot())
        # The headers are called as Arch calls the kernel.
        peer.refused(ERROR + "Unsupported", "PlanSoftware", "(as)", ["headers"])
        tree.write(f"usr/lib/modules/{kernel()}/pkgbase", "linux-lts\n")
        expect(plan_software(peer, "headers")[1][0][3].endswith(" linux-lts-headers"))
        for distribution, query, words in (
                ("fedora", "rpm", "dnf --assumeyes --setopt=install_weak_deps=True install swtpm "
                                  "swtpm-tools"),
                ("opensuse-tumbleweed", "rpm", "zypper --non-interactive install swtpm")):
            tree.be(distribution)
            tree.add_tool(query, 'shift 3; for p; do echo "package $p is not installed"; done; exit 1')
            expect_equal(plan_software(peer, "swtpm")[1][0][3], words)
        tree.be("fedora")
        os.makedirs(tree.at("run/ostree-booted"))
        expect_equal(plan_software(peer, "swtpm")[1][0][3],
                     "rpm-ostree install --idempotent --allow-inactive swtpm swtpm-tools")
        tree.be("haiku")
        peer.refused(ERROR + "Unsupported", "PlanSoftware", "(as)", ["swtpm"])


def hostile_needs():
    bad = [[], [""], ["bash"], ["qemu", "bash"], ["--root=/"], ["../qemu"], ["qemu "], ["QEMU"],
           ["qemu;id"], ["software qemu"], ["x" * 100000], ["swtpm"] * 17]
    with debian() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        for needs in bad:
            peer.refused(ERROR + "Invalid", "PlanSoftware", "(as)", needs)
            peer.refused(ERROR + "Invalid", "ApplySoftware", "(ass)", needs, "0" * 64)
        # What the kernel calls itself goes into a package's name, and is looked at first.
        for release in ("--root=/", "a b", "x;id", "é"):
            tree.write("proc/sys/kernel/osrelease", release + "\n")
            peer.refused(ERROR + "Unsupported", "PlanSoftware", "(as)", ["headers"])
        tree.write("proc/sys/kernel/osrelease", kernel() + "\n")
        expect_same(before, tree.snapshot())


def arch():
    tree = SoftwareTree()
    tree.be("arch")
    tree.add_dkms()
    return tree


def module_journey():
    """The real DKMS compiles, signs and installs a small module, and all of it goes again."""
    with arch() as tree, Peer(tree) as peer:
        before = files_only(tree, *KEY)
        source = tree.make_source()
        _, items = plan_module(peer, source)
        expect_equal(items[0][1], f"/var/lib/fatia/software/i915-sriov-dkms-{RELEASE}.tar.gz")
        expect(re.search("^New file, [0-9]+ bytes, sha256 [0-9a-f]{64}$", items[0][3]), items[0][3])
        expect_equal([item[3] for item in items[1:3]],
                     [f"dkms ldtarball {items[0][1]}", f"dkms install {MODULE} -k {kernel()}"])
        expect_equal(items[-1][3], "update-initramfs -u -k all")
        change = apply_module(peer, source)
        signer = subprocess.run(["modinfo", "-F", "signer", tree.at(BUILT)], check=True, text=True,
                                stdout=subprocess.PIPE).stdout
        expect_equal(signer, "DKMS module signing key\n")
        expect_equal(plan_module(peer, source)[1], [])
        peer.undo(change)
        expect_same(before, files_only(tree, *KEY))


def module_package_journey():
    """The same as a Debian package, by the real dpkg."""
    with debian() as tree, Peer(tree) as peer:
        tree.add_dkms()
        before = files_only(tree, *KEY, *DPKG)
        deb = tree.make_module_deb()
        _, items = plan_module(peer, deb)
        expect_equal(items[1][3],
                     f"dpkg --install /var/lib/fatia/software/i915-sriov-dkms-{RELEASE}.deb")
        change = apply_module(peer, deb)
        expect("i915-sriov-dkms" in tree.installed(), tree.installed())
        expect(os.path.exists(tree.at(BUILT)), "nothing was compiled")
        expect_equal(plan_module(peer, deb)[1], [])
        peer.undo(change)
        expect_equal(tree.installed(), [])
        expect_same(before, files_only(tree, *KEY, *DPKG))


def module_that_does_not_compile():
    broken = 'MODULE_LICENSE("GPL"); int f (void); int f (void) { return no_such_function (1); }'
    for make_tree, make in ((arch, "make_source"), (debian, "make_module_deb")):
        with make_tree() as tree, Peer(tree) as peer:
            tree.add_dkms()
            before = files_only(tree, *KEY, *DPKG)
            words = module_fails(peer, getattr(tree, make)(code=broken))
            expect("its source does not fit this kernel" in words, words)
            expect("put back" in words, words)
            expect_same(before, files_only(tree, *KEY, *DPKG))
            expect_equal(peer.call("ListChanges")[0], [])


def module_that_excludes_the_kernel():
    with arch() as tree, Peer(tree) as peer:
        before = files_only(tree, *KEY)
        words = module_fails(peer, tree.make_source(conf='BUILD_EXCLUSIVE_KERNEL="^5\\."'))
        expect("is not made for this kernel" in words, words)
        expect_same(before, files_only(tree, *KEY))


def module_is_compiled_for_a_newer_kernel_too():
    """DKMS compiles for the kernel that starts next; its headers may be missing."""
    newer = kernel().replace("6.12.", "6.12.9")
    with arch() as tree, Peer(tree) as peer:
        tree.add_kernel(newer, headers=False)
        words = peer.refused(ERROR + "Refused", "PlanModule", "(sh)", RELEASE, 0,
                             fd=memfd(tree.make_source()))
        expect(newer in words and "headers" in words, words)
        os.symlink(os.readlink(tree.at(f"lib/modules/{kernel()}/build")),
                   tree.at(f"lib/modules/{newer}/build"))
        before = files_only(tree, *KEY)
        change = apply_module(peer, tree.make_source())
        for release in (newer, kernel()):
            expect(os.path.exists(tree.at(f"lib/modules/{release}/updates/dkms/fatia_tiny.ko")))
        peer.undo(change)
        expect_same(before, files_only(tree, *KEY))


def module_for_a_kernel_that_came_later():
    """The source is there: only the new kernel's is compiled, and only that is taken back."""
    newer = kernel().replace("6.12.", "6.12.9")
    with arch() as tree, Peer(tree) as peer:
        source = tree.make_source()
        first = apply_module(peer, source)
        tree.add_kernel(newer)
        before = files_only(tree, *KEY, "/journal/")
        _, items = plan_module(peer, source)
        expect_equal(items[0][3], f"dkms install {MODULE} -k {newer}")
        second = apply_module(peer, source)
        expect_equal(plan_module(peer, source)[1], [])
        peer.undo(second)
        expect_same(before, files_only(tree, *KEY, "/journal/"))
        peer.undo(first)


def releases_that_fit_no_kernel():
    with arch() as tree, Peer(tree) as peer:
        source = tree.make_source()
        before = tree.snapshot()
        ask = lambda name, release: peer.refused(  # noqa: E731
            ERROR + name, "PlanModule", "(sh)", release, 0, fd=memfd(source))
        for release in ("", "1.0", RELEASE + " ", "../x", "x" * 100000, "2026.03.05.1\n"):
            ask("Invalid", release)
        words = ask("Refused", "2026.05.06")
        expect("6.17 to 7.0" in words and kernel() in words, words)
        expect_same(before, tree.snapshot())
        # A kernel that waits for the next start counts as well as the one that runs.
        tree.add_kernel("7.9.1-amd64")
        expect("7.9.1-amd64" in ask("Refused", RELEASE))
        # A folder whose kernel is gone does not.
        os.unlink(tree.at("boot/vmlinuz-7.9.1-amd64"))
        plan_module(peer, source)
        os.unlink(tree.at(f"boot/vmlinuz-{kernel()}"))
        tree.write("proc/sys/kernel/osrelease", "6.2.0-1-amd64\n")
        expect("no file" in ask("Refused", "intel-lts-v6.1"))


def modules_that_are_not_wanted():
    with arch() as tree, Peer(tree) as peer:
        source = tree.make_source()
        os.rename(tree.at("usr/bin/dkms"), tree.at("dkms"))
        expect("DKMS" in peer.refused(ERROR + "Refused", "PlanModule", "(sh)", RELEASE, 0,
                                      fd=memfd(source)))
        os.rename(tree.at("dkms"), tree.at("usr/bin/dkms"))
        # Other hands installed one already.
        tree.write("var/lib/dkms/i915-sriov-dkms/2025.01.01/source/dkms.conf", "")
        words = peer.refused(ERROR + "Refused", "PlanModule", "(sh)", RELEASE, 0, fd=memfd(source))
        expect("2025.01.01" in words, words)
    with SoftwareTree("amd") as tree, Peer(tree) as peer:
        peer.refused(ERROR + "Unsupported", "PlanModule", "(sh)", RELEASE, 0, fd=memfd(b"x"))


def files_that_are_not_the_release():
    with arch() as tree, Peer(tree) as peer:
        before = tree.snapshot()
        good = tree.make_source()
        for data in (b"x", good[:200], good[:-40], bytes(1000), tree.make_source(version="2026.05.06"),
                     tree.make_source(name="evil"), os.urandom(4096)):
            # To ask what would be done runs nothing on the bytes.
            plan_module(peer, data)
            words = module_fails(peer, data)
            expect("2026.03.05.1" in words, words)
            expect_same(before, tree.snapshot())
        for data in (bytes(16 * 1024 * 1024 + 1), b""):
            peer.refused(ERROR + "Invalid", "PlanModule", "(sh)", RELEASE, 0, fd=memfd(data))
        peer.refused(ERROR + "Invalid", "PlanModule", "(sh)", RELEASE, 0, fd=memfd(good, 0))
        peer.refused(ERROR + "Invalid", "PlanModule", "(sh)", RELEASE, 0)
    with debian() as tree, Peer(tree) as peer:
        tree.add_dkms()
        before = tree.snapshot()
        for path in (tree.make_deb("swtpm"), tree.make_deb("i915-sriov-dkms", "2025.07.22")):
            with open(path, "rb") as file:
                words = module_fails(peer, file.read())
            expect("The file holds" in words, words)
            expect_same(before, tree.snapshot())


def key_journey():
    with SoftwareTree() as tree, Peer(tree) as peer:
        be_secure(tree)
        tree.add_tool("mokutil", MOKUTIL)
        before = tree.snapshot()
        digest, items = peer.call("PlanModuleKey", "(s)", HASH)
        expect_equal([item[3] for item in items],
                     ["mokutil --import /var/lib/dkms/mok.pub --hash-file /dev/stdin"])
        expect(HASH not in repr(items) and "Enroll MOK" in items[0][2], items)
        # Another password is another plan.
        peer.refused(ERROR + "Stale", "ApplyModuleKey", "(ss)", HASH.replace("xy", "yx"), digest)
        change = peer.call("ApplyModuleKey", "(ss)", HASH, digest)[0]
        expect_equal(tree.read("mok-input"), HASH + "\0")
        # The hash went there and nowhere else.
        for folder, _, names in os.walk(tree.path):
            for name in names:
                path = os.path.join(folder, name)
                if name != "mok-input" and os.path.isfile(path):
                    with open(path, "rb") as file:
                        expect(HASH.encode() not in file.read(), path)
        expect(HASH not in repr(peer.progress), peer.progress)
        peer.undo(change)
        expect_same(before, tree.snapshot())


def key_that_is_not_needed():
    with SoftwareTree() as tree, Peer(tree) as peer:
        refused = lambda: peer.refused(ERROR + "Refused", "PlanModuleKey", "(s)", HASH)  # noqa: E731
        tree.add_tool("mokutil", MOKUTIL)
        expect("Secure Boot is not on" in refused())
        key = b"\x30\x82" + os.urandom(800)
        be_secure(tree, key)
        os.unlink(tree.at("var/lib/dkms/mok.pub"))
        expect("no key yet" in refused())
        be_secure(tree, key)
        efivars = tree.at("sys/firmware/efi/efivars/")
        for name, content, words in ((f"MokNew-{MOK}", b"\7\0\0\0other", "Another key waits"),
                                     (f"MokNew-{MOK}", b"\7\0\0\0list" + key, None),
                                     (f"MokListRT-{MOK}", b"\6\0\0\0list" + key + b"more", None),
                                     (f"MokListRT-{MOK}", b"\6\0\0\0list" + key[:-1], "")):
            with open(efivars + name, "wb") as file:
                file.write(content)
            if words:
                expect(words in refused())
            else:
                expect_equal(len(peer.call("PlanModuleKey", "(s)", HASH)[1]), words == "")
            os.unlink(efivars + name)


def real_mokutil_without_firmware_variables():
    """Where this runs there are none: what mokutil says of it is put into words."""
    if os.path.exists("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"):
        return
    with SoftwareTree() as tree, Peer(tree) as peer:
        be_secure(tree)
        tree.add_tool("mokutil", 'exec mokutil "$@"')
        before = tree.snapshot()
        digest, _ = peer.call("PlanModuleKey", "(s)", HASH)
        words = peer.refused(ERROR + "Command", "ApplyModuleKey", "(ss)", HASH, digest)
        expect("variables can’t be reached" in words, words)
        expect_same(before, tree.snapshot())


def hostile_hashes():
    bad = ["", "x", "password", HASH + "x", HASH[:-1], HASH + "\n", HASH.replace("$6$", "$1$"),
           HASH.replace("a", "é", 1), "$6$$" + HASH[-86:], HASH.replace("abc", "a/;"), "x" * 100000]
    with SoftwareTree() as tree, Peer(tree) as peer:
        be_secure(tree)
        tree.add_tool("mokutil", MOKUTIL)
        before = tree.snapshot()
        for text in bad:
            peer.refused(ERROR + "Invalid", "PlanModuleKey", "(s)", text)
            peer.refused(ERROR + "Invalid", "ApplyModuleKey", "(ss)", text, "0" * 64)
        expect_same(before, tree.snapshot())


if __name__ == "__main__":
    run_tests([
        packages_journey,
        what_was_there_before_stays,
        what_others_need_now_is_not_removed,
        what_is_not_offered_is_said,
        unsure_answers_are_refused,
        other_package_managers_get_their_words,
        hostile_needs,
        module_journey,
        module_package_journey,
        module_that_does_not_compile,
        module_that_excludes_the_kernel,
        module_is_compiled_for_a_newer_kernel_too,
        module_for_a_kernel_that_came_later,
        releases_that_fit_no_kernel,
        modules_that_are_not_wanted,
        files_that_are_not_the_release,
        key_journey,
        key_that_is_not_needed,
        real_mokutil_without_firmware_variables,
        hostile_hashes,
    ])
