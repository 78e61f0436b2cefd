# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees with package managers, DKMS and mokutil: the real ones, kept to the tree, where they run
here; stand-ins that keep their state in the tree where they don't."""

import glob
import hashlib
import os
import shutil
import subprocess

from harness import PRACTICE, Tree

RELEASE = "2026.03.05.1"
MODULE = f"i915-sriov-dkms/{RELEASE}"
HEADERS = "/usr/src"


# A path that the helper names is one of the host's, which is the tree.
IN_TREE = """for word; do
  shift
  case $word in "$root"*) ;; /*) word=$root$word ;; esac
  set -- "$@" "$word"
done
"""


def kernel():
    """The release of the kernel whose headers are installed here."""
    return sorted(name for name in os.listdir("/lib/modules")
                  if os.path.exists(f"/lib/modules/{name}/build/Makefile"))[-1]


def add_tool(tree, name, script):
    tree.write(f"usr/bin/{name}", f'#!/bin/sh\nroot=${{FATIA_HOST_ROOT:?}}\n{script}\n', 0o755)


class SoftwareTree(Tree):
    """The desktop computer of practice whose driver is the kernel's own, with tools to install."""

    def __init__(self, practice="stock-i915"):
        super().__init__()
        shutil.rmtree(self.path)
        shutil.copytree(os.path.join(PRACTICE, practice), self.path, symlinks=True)
        for name in ("dkms", "apt-get", "dpkg", "dpkg-query", "mokutil"):
            for folder in ("usr/bin/", "usr/sbin/"):
                if os.path.exists(self.at(folder + name)):
                    os.unlink(self.at(folder + name))
        for kernel_of_practice in glob.glob(self.at("boot/vmlinuz-*")):
            os.unlink(kernel_of_practice)
        shutil.rmtree(self.at("lib/modules"), ignore_errors=True)
        self.set_kernel(kernel())
        for name in ("test", "rm"):
            self.add_tool(name, f'{IN_TREE}exec {name} "$@"')
        for name in ("tar", "dpkg-deb"):
            self.add_tool(name, f'exec {name} "$@"')
        self.add_tool("update-initramfs", 'echo "made the initramfs"')

    def set_kernel(self, release):
        """The running kernel, with its headers: inside the tree a folder of their name is enough,
        and the real tools follow the link to the real ones."""
        self.write("proc/sys/kernel/osrelease", release + "\n")
        self.add_kernel(release)

    def add_kernel(self, release, headers=True):
        self.write(f"boot/vmlinuz-{release}", "")
        folder = self.at(f"lib/modules/{release}")
        os.makedirs(folder, exist_ok=True)
        if headers:
            target = os.path.realpath(f"/lib/modules/{kernel()}/build")
            os.symlink(target, folder + "/build")
            os.makedirs(self.path + target, exist_ok=True)

    def add_tool(self, name, script):
        add_tool(self, name, script)

    def be(self, distribution):
        self.write("etc/os-release", f"ID={distribution}\nPRETTY_NAME={distribution}\n")

    def add_dkms(self):
        """The real DKMS, with every folder and key it has in the tree."""
        self.write("var/lib/dkms/dkms_dbversion", "3\n")
        os.makedirs(self.at("usr/src"), exist_ok=True)
        self.add_tool("dkms", IN_TREE + """
export mok_signing_key="$root/var/lib/dkms/mok.key" mok_certificate="$root/var/lib/dkms/mok.pub"
exec dkms "$@" --dkmstree "$root/var/lib/dkms" --sourcetree "$root/usr/src" \\
  --installtree "$root/lib/modules" --no-depmod""")

    def add_dpkg(self):
        """The real dpkg and apt-get, with the tree's own database and a repository in it."""
        for name in ("info", "updates"):
            os.makedirs(self.at("var/lib/dpkg/" + name))
        self.write("var/lib/dpkg/status", "")
        self.write("var/lib/dpkg/available", "")
        self.write("etc/apt/sources.list", f"deb [trusted=yes] file:{self.path}/repository ./\n")
        for name in ("etc/apt/preferences.d", "var/lib/apt/lists/partial", "repository",
                     "var/cache/apt/archives/partial", "etc/apt/apt.conf.d", "var/log/apt"):
            os.makedirs(self.at(name), exist_ok=True)
        self.write("repository/Packages", "")
        self.add_tool("dpkg", IN_TREE + 'exec dpkg --root="$root" --force-script-chrootless "$@"')
        self.add_tool("dpkg-query", 'exec dpkg-query --admindir="$root/var/lib/dpkg" "$@"')
        self.add_tool("apt-get", """
exec apt-get -o Dir::Etc="$root/etc/apt" -o Dir::State="$root/var/lib/apt" \\
  -o Dir::Cache="$root/var/cache/apt" -o Dir::State::status="$root/var/lib/dpkg/status" \\
  -o Dir::Log="$root/var/log/apt" -o APT::Sandbox::User=root -o Dir::Bin::dpkg="$root/usr/bin/dpkg" \\
  -o Acquire::Languages=none "$@" """)

    def make_deb(self, package, version="1", depends="", files=(), scripts=()):
        """Returns the path of a real package."""
        folder = os.path.join(self.folder, "package")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder + "/DEBIAN", mode=0o755)
        with open(folder + "/DEBIAN/control", "w", encoding="utf-8") as file:
            file.write(f"Package: {package}\nVersion: {version}\nArchitecture: all\n"
                       "Maintainer: Nobody <nobody@example.org>\nDescription: for a test\n")
            file.write(f"Depends: {depends}\n" if depends else "")
        for name, text in scripts:
            with open(f"{folder}/DEBIAN/{name}", "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nset -e\n" + text)
            os.chmod(f"{folder}/DEBIAN/{name}", 0o755)
        for name, text in files:
            os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        path = os.path.join(self.folder, f"{package}_{version}.deb")
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", folder, path], check=True,
                       stdout=subprocess.DEVNULL)
        return path

    def offer(self, package, depends="", files=()):
        """Puts a package into the repository."""
        path = self.make_deb(package, depends=depends, files=files)
        name = os.path.basename(path)
        shutil.move(path, self.at("repository/" + name))
        with open(self.at("repository/" + name), "rb") as file:
            data = file.read()
        with open(self.at("repository/Packages"), "a", encoding="utf-8") as file:
            file.write(f"Package: {package}\nVersion: 1\nArchitecture: all\n" +
                       (f"Depends: {depends}\n" if depends else "") +
                       f"Filename: ./{name}\nSize: {len(data)}\n"
                       f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n")

    def run_tool(self, *argv):
        return subprocess.run([self.at(f"usr/bin/{argv[0]}"), *argv[1:]], check=True, text=True,
                              env=dict(os.environ, FATIA_HOST_ROOT=self.path, LC_ALL="C",
                                       DEBIAN_FRONTEND="noninteractive"),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    def installed(self):
        """The packages the real dpkg says are there."""
        lines = self.run_tool("dpkg-query", "--show", "--showformat",
                              "${Package} ${db:Status-Status}\\n").splitlines()
        return sorted(line.split()[0] for line in lines if line.endswith(" installed"))

    def make_source(self, code='MODULE_LICENSE("GPL");', conf="", version=RELEASE,
                    name="i915-sriov-dkms"):
        """The bytes of a release's source, as its publisher packs one: a small module."""
        files = {
            "dkms.conf": f'PACKAGE_NAME="{name}"\nPACKAGE_VERSION="{version}"\n'
                         'BUILT_MODULE_NAME[0]="fatia_tiny"\nDEST_MODULE_LOCATION[0]="/updates"\n'
                         f"AUTOINSTALL=yes\n{conf}\n",
            "Makefile": "obj-m := fatia_tiny.o\n",
            "fatia_tiny.c": f"#include <linux/module.h>\n{code}\nMODULE_DESCRIPTION(\"tiny\");\n",
        }
        folder = os.path.join(self.folder, "source", f"{name}-{version}")
        shutil.rmtree(os.path.dirname(folder), ignore_errors=True)
        os.makedirs(folder)
        for file_name, text in files.items():
            with open(f"{folder}/{file_name}", "w", encoding="utf-8") as file:
                file.write(text)
        run = subprocess.run(["tar", "-C", os.path.dirname(folder), "-cz", os.path.basename(folder)],
                             check=True, stdout=subprocess.PIPE)
        self.source_files = files
        return run.stdout

    def make_module_deb(self, **options):
        """The same as a Debian package, with the scripts such a package has."""
        self.make_source(**options)
        path = self.make_deb(
            "i915-sriov-dkms", options.get("version", RELEASE),
            files=[(f"usr/src/i915-sriov-dkms-{RELEASE}/{name}", text)
                   for name, text in self.source_files.items()],
            # As Debian's dh_dkms has it: what can't be compiled does not stop the installation.
            scripts=[("postinst", f'dkms="$DPKG_ROOT/usr/bin/dkms"\n"$dkms" add {MODULE} || true\n'),
                     ("prerm", f'"$DPKG_ROOT/usr/bin/dkms" remove {MODULE} --all || true\n')])
        with open(path, "rb") as file:
            return file.read()


PACMAN = """
case $1 in
--query) shift 2; for p; do [ -e "$root/pacman/$p" ] && echo "$p" ||
  echo "error: package '$p' was not found" >&2; done ;;
--sync) shift 3; mkdir -p "$root/pacman"; for p; do : >"$root/pacman/$p"; done ;;
--remove) rm -rf "$root/pacman" ;;
esac"""

DKMS = """
case $1 in
install) mkdir -p "$root/var/lib/dkms/$2/$4" ;;
remove) rm -rf "$root/var/lib/dkms/${2%/*}" ;;
esac"""

TAR = "echo PACKAGE_NAME=i915-sriov-dkms; echo PACKAGE_VERSION=2026.05.06"
# What fits the kernel of the tree that most tests of the helper have.
STAND_IN_RELEASE = "2026.05.06"

MOKUTIL = """
[ "$1" != --import ] || { printf '%s\\n' "$@" >"$root/mok-argv"; cat "$4" >"$root/mok-input"; }
[ "$1" != --revoke-import ] || rm -f "$root/mok-argv" "$root/mok-input" """

MOK = "605dab50-e046-4300-abb6-3dd810dd8b23"
SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
HASH = "$6$abcdefgh12345678$" + "./aZ09" * 14 + "xy"


def be_secure(tree, key=b"\x30\x82certificate"):
    """Secure Boot is on, and DKMS has made its key."""
    for name, data in ((SECURE_BOOT, b"\x06\0\0\0\1"), ("var/lib/dkms/mok.pub", key)):
        os.makedirs(os.path.dirname(tree.at(name)), exist_ok=True)
        with open(tree.at(name), "wb") as file:
            file.write(data)


def add_stand_ins(tree):
    """Package manager, DKMS and mokutil as far as each changes something in a tree of Arch, where
    the driver is yet to be installed; test-software.py has the real ones."""
    shutil.rmtree(tree.at("var/lib/dkms/i915-sriov-dkms"))
    kernel_release = tree.read("proc/sys/kernel/osrelease").strip()
    os.makedirs(tree.at(f"lib/modules/{kernel_release}/build"))
    be_secure(tree)
    tree.write("etc/mkinitcpio.d/linux.preset", "")
    for name, script in (("pacman", PACMAN), ("mokutil", MOKUTIL), ("dkms", DKMS), ("tar", TAR),
                         ("test", ""), ("rm", ""), ("mkinitcpio", "")):
        add_tool(tree, name, script)
