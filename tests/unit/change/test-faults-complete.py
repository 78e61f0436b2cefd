#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-faults-complete.py LIBRARY… -- NAME…: every call of the libraries that changes a host is
one of those of that NAME, which the tests of faults can make go wrong."""

import subprocess
import sys

# What libc and GLib have to change files, start programs and speak to devices.
CHANGING = set(
    """
    chmod chown copy_file_range creat fallocate fchmod fchmodat fchown fchownat fdatasync fsetxattr
    fsync ftruncate ftruncate64 futimens ioctl lchown link linkat lremovexattr lsetxattr mkdir
    mkdirat mkfifo mkfifoat mknod mknodat mount open64 openat64 posix_fallocate pwrite pwrite64
    pwritev remove rename renameat renameat2 rmdir sendfile sendfile64 setxattr symlink symlinkat
    sync syncfs sync_file_range truncate truncate64 umount umount2 unlink unlinkat utimensat write
    writev execv execve execvp fork posix_spawn posix_spawnp system popen vfork
    g_chmod g_creat g_file_replace g_file_set_contents g_file_set_contents_full g_file_copy
    g_file_move g_file_delete g_file_create g_mkdir g_mkdir_with_parents g_mkstemp g_remove
    g_rename g_rmdir g_unlink g_spawn_async g_spawn_async_with_fds g_spawn_async_with_pipes
    g_spawn_async_with_pipes_and_fds g_spawn_sync g_spawn_command_line_sync g_subprocess_new
    g_subprocess_newv g_subprocess_launcher_spawn g_subprocess_launcher_spawnv
    """.split()
)
# Opens the host root itself, a folder, to read.
READING = {"open64"}


def main():
    split = sys.argv.index("--")
    libraries, wrapped = sys.argv[1:split], set(sys.argv[split + 1 :])
    used = set()
    for library in libraries:
        listed = subprocess.run(["nm", "-u", library], stdout=subprocess.PIPE, text=True, check=True).stdout
        used |= {line.split()[-1].split("@")[0] for line in listed.splitlines() if line.startswith(" ")}
    missed = (used & CHANGING) - wrapped - READING
    unused = wrapped - used
    print("1..2")
    print("not ok" if missed else "ok", "1 - every call that changes a host can go wrong", *sorted(missed))
    print("not ok" if unused else "ok", "2 - each of them is called", *sorted(unused))
    return 1 if missed or unused else 0


sys.exit(main())
