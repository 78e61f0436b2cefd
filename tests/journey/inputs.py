#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: each has its exit status and its words, and leaves nothing behind."""

import functools
import os
import socket
import subprocess
import tempfile
import time

from journey import (
    DENIED,
    ERROR,
    FATIACTL,
    IMAGE,
    NOTHING,
    OK,
    USAGE,
    add,
    assert_same,
    case,
    main,
    run,
    snapshot,
    tree,
)

SECRET = b"not to be read as anything"


def make_bad_files(folder):
    """Name -> path of things that are no firmware image and no Windows ISO."""
    paths = {name: os.path.join(folder, name) for name in (
        "nothing", "folder", "empty", "text", "truncated", "sparse", "zeros", "pipe", "zip",
    )}  # fmt: skip
    os.mkdir(paths["folder"])
    with open(IMAGE, "rb") as image:
        content = image.read()
    for name, data in (
        ("empty", b""),
        ("text", SECRET),
        ("truncated", content[: len(content) // 3]),
        ("zeros", bytes(1 << 20)),
        ("zip", b"PK\x03\x04" + bytes(4096)),
    ):
        with open(paths[name], "wb") as file:
            file.write(data)
    with open(paths["sparse"], "wb") as file:
        file.truncate(3 << 30)
    os.mkfifo(paths["pipe"])
    return paths


def bad_image(verb, name):
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as out:
        path = make_bad_files(folder)[name]
        before = sorted(os.listdir(folder))
        options = ["--output", os.path.join(out, "driver")] if verb == "gop" else []
        result = run(verb, path, *options, code=None, timeout=60)
        # Part of an image may be read as far as it goes; then it has no driver.
        assert result.code in (ERROR, NOTHING), (result.code, result.err)
        assert result.err.startswith("fatiactl: "), result.err
        assert os.path.basename(path) in result.err or len(result.err) > 30, result.err
        assert os.listdir(out) == []
        assert sorted(os.listdir(folder)) == before
        assert run(verb, path, "--json", code=None, timeout=60).code == result.code


for bad_verb in ("gop", "firmware"):
    for bad_name in ("nothing", "folder", "empty", "text", "truncated", "sparse", "zeros", "pipe", "zip"):
        if (bad_verb, bad_name) == ("firmware", "truncated"):
            continue  # what is whole in it is listed: no error
        add(f"{bad_verb}: {bad_name}", functools.partial(bad_image, bad_verb, bad_name))


def bad_iso(name):
    with tempfile.TemporaryDirectory() as folder, tree("radxa-x4") as root:
        path = make_bad_files(folder)[name]
        before = snapshot(root)
        result = run("vm", "create", "--iso", path, "--host-root", root, code=ERROR, timeout=60)
        assert len(result.err) > 30, result.err
        assert run("vm", "list", "--json", "--host-root", root).json == {"domains": []}
        assert_same(before, snapshot(root))


for bad_name in ("nothing", "folder", "empty", "text", "sparse", "pipe"):
    add(f"vm create --iso: {bad_name}", functools.partial(bad_iso, bad_name))

# Arguments, and what the message must name.
USAGES = [
    ([], "verb"),
    (["nonsense"], "nonsense"),
    (["vm"], "vm"),
    (["vm", "nonsense"], "nonsense"),
    (["gop"], "IMAGE"),
    (["gop", "a", "b"], "b"),
    (["check", "extra"], "extra"),
    (["check", "--nonsense"], "nonsense"),
    (["check", "--host-root"], "host-root"),
    (["plan", "nonsense", "--host-root", "TREE"], "nonsense"),
    (["apply", "boot", "vfs", "--host-root", "TREE"], "vfs"),
    (["apply", "nonsense", "--host-root", "TREE"], "nonsense"),
    (["plan", "vfs", "--count", "many", "--host-root", "TREE"], "many"),
    (["plan", "vfs", "--count", "-5", "--host-root", "TREE"], "-5"),
    (["plan", "memory", "--kvmfr", "--shm", "--host-root", "TREE"], "--shm"),
    (["plan", "memory", "--resolution", "big", "--host-root", "TREE"], "big"),
    (["vm", "xml", "--memory", "much", "--host-root", "TREE"], "much"),
    (["vm", "xml", "--resolution", "big", "--host-root", "TREE"], "big"),
    (["vm", "xml", "--disk", "huge", "--host-root", "TREE"], "huge"),
    (["vm", "xml", "--cpus", "-1", "--host-root", "TREE"], "-1"),
    (["gop", IMAGE, "--rom", "/tmp/x", "--device", "8086"], "8086"),
    (["gop", IMAGE, "--rom", "/tmp/x", "--device", "8086:46d1:0"], "8086:46d1:0"),
    (["gop", IMAGE, "--rom", "/tmp/x", "--output", "/tmp/x"], "same"),
    (["help", "nonsense"], "nonsense"),
]


def usage(arguments, word):
    with tree("radxa-x4") as root:
        before = snapshot(root)
        result = run(*[root if a == "TREE" else a for a in arguments], code=USAGE)
        assert result.out == "" and word in result.err, (result.out, result.err)
        assert_same(before, snapshot(root))


for usage_arguments, usage_word in USAGES:
    words = " ".join(os.path.basename(a) for a in usage_arguments)
    add(f"usage: {words or '(nothing)'}", functools.partial(usage, usage_arguments, usage_word))


@case
def the_image_is_never_written_over():
    with tempfile.TemporaryDirectory() as folder:
        path, link = os.path.join(folder, "image"), os.path.join(folder, "link")
        with open(IMAGE, "rb") as source, open(path, "wb") as target:
            target.write(source.read())
        os.link(path, link)
        before = snapshot(folder)
        run("gop", path, "--output", path, code=ERROR)
        run("gop", path, "--output", link, code=ERROR)
        run("gop", path, "--rom", path, "--device", "8086:46d1", code=ERROR)
        assert_same(before, snapshot(folder))


@case
def an_output_that_is_no_file():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "there"))
        os.symlink("elsewhere", os.path.join(folder, "link"))
        before = snapshot(folder)
        for name in ("there", "link", "no/such/folder"):
            run("gop", IMAGE, "--output", os.path.join(folder, name), code=ERROR)
        assert_same(before, snapshot(folder))


@case
def a_full_disk():
    """The driver does not fit: the exit status says so and no part of it stays."""
    with tempfile.TemporaryDirectory() as folder:
        script = (
            'mount -t tmpfs -o size=4k tmpfs "$1" && "$2" gop "$3" --output "$1/driver"; '
            'echo "exit $?"; ls -A "$1"'
        )
        process = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh", folder, FATIACTL, IMAGE],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        lines = process.stdout.splitlines()
        assert lines[-1] == f"exit {ERROR}", (process.stdout, process.stderr)
        assert "fatiactl: " in process.stderr and "No space left" in process.stderr, process.stderr


@case
def an_answer_that_can_not_be_written():
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [FATIACTL, "check", "--list", "--json"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert process.returncode == ERROR and b"fatiactl: " in process.stderr, process.stderr


@case
def a_libvirt_that_is_not_there():
    with tempfile.TemporaryDirectory() as folder, tree("radxa-x4") as root:
        for uri in (
            f"qemu:///session?socket={folder}/nothing",
            "nonsense:///",
            f"test://{folder}/nothing.xml",
        ):
            for verb in ("list", "start", "stop", "delete", "create"):
                result = run("vm", verb, "--connect", uri, "--host-root", root, code=ERROR, timeout=60)
                assert len(result.err) > 30, result.err


@case
def a_libvirt_that_hangs_up():
    """A socket that takes the connection and closes it, before and while it is written to."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(folder, "socket"))
        listener.listen(16)
        listener.settimeout(10)
        for patience in (0, 0.05, 0.2):
            process = subprocess.Popen(
                [FATIACTL, "vm", "list", "--connect", f"qemu+unix:///system?socket={folder}/socket"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            connection, _ = listener.accept()
            time.sleep(patience)
            connection.close()
            _, words = process.communicate(timeout=60)
            assert process.returncode == ERROR, (process.returncode, words)
            assert "fatiactl: libvirt" in words, words


@case
def a_vm_that_is_not_there():
    with tree("radxa-x4") as root:
        for verb in ("start", "stop", "delete"):
            result = run("vm", verb, "Nobody", "--host-root", root, code=NOTHING)
            assert "Nobody" in result.err


@case
def a_host_root_that_is_none():
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "file")
        with open(file, "wb") as target:
            target.write(SECRET)
        for root in (file, os.path.join(folder, "nothing")):
            for verb in (["check"], ["report"], ["status"], ["changes"], ["undo"], ["restart"],
                         ["plan"], ["apply", "boot"], ["vm", "xml"]):  # fmt: skip
                run(*verb, "--host-root", root, code=ERROR)


@case
def an_empty_host_root():
    """Nothing is known of it: that is told, and nothing is invented."""
    with tempfile.TemporaryDirectory() as folder:
        run("check", "--json", "--host-root", folder, code=None)
        states = {s["id"]: s["state"] for s in run("status", "--json", "--host-root", folder).json["steps"]}
        assert states["boot"] == states["vfs"] == states["gop"] == "blocked", states
        run("apply", "boot", "--host-root", folder, code=ERROR)
        run("restart", "--host-root", folder, code=ERROR)
        assert not os.path.exists(os.path.join(folder, "etc"))


@case
def an_unknown_change():
    with tree("radxa-x4") as root:
        before = snapshot(root)
        run("undo", "no-such-change", "--host-root", root, code=ERROR)
        run("undo", "../../etc/passwd", "--host-root", root, code=ERROR)
        run("undo", "--host-root", root, code=NOTHING)
        run("undo", "all", "--host-root", root, code=NOTHING)
        assert_same(before, snapshot(root))


@case
def other_hands():
    """What was changed by others since is not undone over their heads: ours goes and theirs stays,
    and where that is not certain, the person says which version is to stay."""
    with tree("radxa-x4") as root:
        grub = os.path.join(root, "etc/default/grub")
        at = ("--host-root", root)
        plain = snapshot(root)
        with open(grub, encoding="utf-8") as file:
            text = file.read()
        run("apply", "boot", *at)
        with open(grub, "a", encoding="utf-8") as file:
            file.write("GRUB_TIMEOUT=3\n")
        run("undo", "all", *at)
        with open(grub, encoding="utf-8") as file:
            assert file.read() == text + "GRUB_TIMEOUT=3\n"
        with open(grub, "w", encoding="utf-8") as file:
            file.write(text)
        for verb in (["undo"], ["undo", "all"]):
            for choice in ("--keep", "--put-back"):
                run("apply", "boot", *at)
                with open(grub, encoding="utf-8") as file:
                    theirs = file.read().replace("i915.max_vfs=7", "i915.max_vfs=3")
                with open(grub, "w", encoding="utf-8") as file:
                    file.write(theirs)
                before = snapshot(root)
                result = run(*verb, *at, code=ERROR)
                assert "--keep" in result.err and "/etc/default/grub" in result.err, result.err
                answer = run(*verb, "--json", *at, code=ERROR).json
                assert answer["undone"] == [] and answer["conflicts"] == ["/etc/default/grub"], answer
                run(*verb, "--keep", "/etc/passwd", *at, code=ERROR)
                assert_same(before, snapshot(root))
                run(*verb, choice, "/etc/default/grub", *at)
                if choice == "--put-back":
                    assert_same(plain, snapshot(root))
                    continue
                with open(grub, encoding="utf-8") as file:
                    assert file.read() == theirs
                with open(grub, "w", encoding="utf-8") as file:
                    file.write(text)


@case
def more_slices_than_there_are():
    with tree("radxa-x4") as root:
        run("apply", "boot", "--host-root", root)
        run("restart", "--host-root", root)
        before = snapshot(root)
        for count in ("8", "2147483647"):
            run("apply", "vfs", "--count", count, "--host-root", root, code=ERROR)
        assert_same(before, snapshot(root))


@case
def the_real_computer_without_a_helper():
    """No bus, no helper: told in words, and not by a hang."""
    environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}
    for verb in (["changes"], ["undo"], ["undo", "all"]):
        result = run(*verb, code=ERROR, env=environment)
        assert "bus" in result.err, result.err
    assert DENIED not in (OK, ERROR)
    run("restart", code=ERROR, env=environment)


main()
