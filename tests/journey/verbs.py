#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verb: its JSON's shape, its options wherever they stand, what it prints for people."""

import os
import re
import subprocess
import tempfile
import time

from journey import (
    ERROR,
    FATIACTL,
    IMAGE,
    NOTHING,
    OK,
    assert_same,
    assert_shape,
    case,
    main,
    run,
    snapshot,
    tree,
)

TEXT = str
MAYBE = (str, type(None))
ITEM = {"kind": TEXT, "target": TEXT, "title": TEXT, "text": TEXT}
STEP = {"id": TEXT, "title": TEXT, "state": TEXT, "message": MAYBE}
DOMAIN = {"name": TEXT, "uuid": TEXT, "state": TEXT, "vf": MAYBE, "disk": MAYBE, "glass": MAYBE}


@case
def check_is_quick():
    """Under 100 ms with the process's start, of which it takes a fraction."""
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        run("check", "--json", code=None)
        times.append(time.perf_counter() - begin)
    assert sorted(times)[3] < 0.1, times


@case
def check_loads_no_libvirt():
    libraries = subprocess.run(["ldd", FATIACTL], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "libgio" in libraries
    # libxml2 comes with libarchive.
    for library in ("libvirt", "libdex", "libgtk", "libspice"):
        assert library not in libraries, library


@case
def check_shape():
    finding = {"id": TEXT, "state": TEXT, "title": TEXT, "meaning": TEXT, "remedy": [TEXT]}
    with tree("radxa-x4") as root:
        answer = run("check", "--json", "--host-root", root).json
    assert_shape(answer, {"findings": [finding]})
    assert {f["state"] for f in answer["findings"]} <= {"passed", "warning", "failed", "unknown"}


@case
def report_shape():
    with tree("radxa-x4") as root:
        assert_shape(run("report", "--json", "--host-root", root).json, {"report": TEXT})
        assert run("report", "--host-root", root).out == run("report", "--json", "--host-root", root).json["report"]


@case
def gop_and_firmware_shape():
    candidate = {
        "guid": TEXT, "name": MAYBE, "machine": TEXT, "size": int, "sha256": TEXT, "path": TEXT,
        "known": MAYBE, "why": TEXT, "driver": bool, "usable": bool, "chosen": bool,
    }  # fmt: skip
    vbt = {
        "name": TEXT, "version": int, "bdb": int, "size": int, "whole": bool, "sum_right": bool,
        "sha256": TEXT, "file": MAYBE,
    }  # fmt: skip
    board = {"source": TEXT, "vendor": MAYBE, "product": MAYBE, "version": MAYBE}
    layer = {"name": MAYBE, "format": MAYBE, "note": MAYBE, "size": int}
    assert_shape(
        run("gop", "--json", IMAGE).json,
        {
            "opened": [layer], "candidates": [candidate], "boards": [board], "this_board": TEXT,
            "vbts": [vbt],
        },  # fmt: skip
    )
    file = {"guid": TEXT, "name": MAYBE, "type": int, "size": int, "sha256": TEXT, "path": TEXT}
    assert_shape(run("firmware", "--json", IMAGE).json, {"files": [file]})


@case
def firmware_of_the_computer_itself():
    with tree("radxa-x4") as root, tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "firmware.bin")
        run("read-firmware", copy, "--host-root", root, code=ERROR)
        with open(IMAGE, "rb") as file:
            image = file.read()
        os.makedirs(os.path.join(root, "dev"), exist_ok=True)
        with open(os.path.join(root, "dev/mtd0ro"), "wb") as file:
            file.write(image)
        with open(os.path.join(root, "sys/class/mtd/mtd0/size"), "w", encoding="utf-8") as file:
            file.write(f"{len(image)}\n")
        answer = run("read-firmware", copy, "--json", "--host-root", root).json
        assert_shape(answer, {"file": TEXT, "size": int, "unread": int})
        with open(copy, "rb") as file:
            assert file.read() == image
        run("plan", "gop", "--from-this-computer", "--image", IMAGE, "--host-root", root, code=64)
        run("apply", "gop", "--from-this-computer", "--host-root", root)
        os.unlink(os.path.join(root, "sys/class/mtd/mtd0"))
        words = run("read-firmware", copy, "--host-root", root, code=ERROR).err
        assert "CONFIG_SPI_INTEL_PCI" in words, words


@case
def status_plan_apply_changes_undo_restart_shape():
    with tree("radxa-x4") as root:
        at = ["--json", "--host-root", root]
        assert_shape(
            run("status", *at).json,
            {"steps": [STEP], "current": MAYBE, "restart": bool, "complete": bool, "domain": MAYBE},
        )
        assert_shape(run("plan", "boot", *at).json, {"steps": [{**STEP, "digest": TEXT, "items": [ITEM]}]})
        assert_shape(
            run("apply", "boot", *at).json, {"changes": [TEXT], "domain": MAYBE, "restart": bool}
        )
        change = {"id": TEXT, "step": TEXT, "time": int, "title": TEXT, "state": TEXT}
        changes = run("changes", *at).json
        assert_shape(changes, {"changes": [change]})
        assert abs(changes["changes"][0]["time"] - time.time()) < 300
        assert_shape(run("restart", *at).json, {"restarted": bool})
        undone = {"undone": [TEXT], "restart": bool}
        # After the restart above the kernel runs with what is undone.
        answer = run("undo", *at).json
        assert_shape(answer, undone)
        assert answer["restart"]
        assert_shape(run("undo", *at, code=NOTHING).json, undone)


@case
def undo_alone_names_the_newest():
    with tree("radxa-x4") as root:
        for step in ("boot", "memory"):
            run("apply", step, "--host-root", root)
        newest = run("changes", "--json", "--host-root", root).json["changes"][-1]
        words = run("undo", "--host-root", root).out.splitlines()
        assert words[0] == f"The newest change is {newest['id']}: {newest['title']}", words
        assert words[-1] == f"{newest['id']}: undone.", words


@case
def undo_says_when_a_restart_is_needed():
    with tree("radxa-x4") as root:
        at = ["--host-root", root]
        for restarted in (False, True):
            run("apply", "boot", *at)
            if restarted:
                run("restart", *at)
            assert ("Restart the computer" in run("undo", "all", *at).out) == restarted
        run("restart", *at)
        run("apply", "memory", *at)
        assert run("undo", "all", "--json", *at).json["restart"] is False


def targets(*arguments):
    return [item["target"] for item in run("plan", "memory", "--json", *arguments).json["steps"][0]["items"]]


@case
def memory_is_of_one_kind():
    with tree("radxa-x4-debian") as root:
        at = ["--host-root", root]
        rule, options = "/etc/tmpfiles.d/fatia-looking-glass.conf", "/etc/modprobe.d/fatia-kvmfr.conf"
        assert targets("--shm", *at) == [rule]
        assert options in targets("--kvmfr", *at) and options in targets(*at)
        assert "static_size_mb=128\n" in run("plan", "memory", "--resolution", "3840x2160", *at).out
        run("apply", "memory", "--shm", *at)
        assert targets(*at) == []
        assert set(targets("--kvmfr", *at)) > {rule, options}
    with tree("radxa-x4") as root:
        assert "kvmfr" in run("plan", "memory", "--kvmfr", "--host-root", root, code=ERROR).err


@case
def help_shape():
    verbs = run("help", "--json").json
    assert_shape(verbs, {"verbs": [{"name": TEXT, "arguments": TEXT, "summary": TEXT}]})
    text = run("--help").out
    for verb in verbs["verbs"]:
        assert f"  {verb['name']} " in text
        own = run("help", *verb["name"].split()).out
        assert own == run(*verb["name"].split(), "--help").out
        assert "--json" in own and "--host-root" in own


@case
def version():
    assert re.fullmatch(r"fatiactl \d+\.\d+\.\d+\n", run("--version").out)


@case
def options_stand_anywhere():
    with tree("radxa-x4") as root:
        first = run("plan", "vfs", "--json", "--host-root", root, code=None)
        for words in (
            ["--json", "--host-root", root, "plan", "vfs"],
            ["--host-root", root, "plan", "--json", "vfs"],
            [f"--host-root={root}", "plan", "vfs", "--json"],
        ):
            again = run(*words, code=None)
            assert (again.code, again.out, again.err) == (first.code, first.out, first.err)
        run("--name", "vm", "vm", "xml", "--host-root", root)
        run("vm", "--disk", "delete", "--host-root", root, code=NOTHING)
        run("vm", "--disk", "100G", "xml", "--host-root", root)


@case
def vm_xml_says_what_was_asked():
    with tree("radxa-x4") as root:
        xml = run(
            "vm", "xml", "--name", "Janela", "--cpus", "3", "--memory", "6G", "--resolution", "2560x1440",
            "--disk", "80G", "--host-root", root, "--json",
        ).json["xml"]  # fmt: skip
    for part in ("<name>Janela</name>", '<memory unit="MiB">6144</memory>', ">3</vcpu>", "Janela.qcow2"):
        assert part in xml, (part, xml)
    assert '<size unit="M">64</size>' in xml, xml


def iso(folder):
    """A stand-in for a Windows installation image, such as practice has."""
    path = os.path.join(folder, "windows.iso")
    parts = os.path.join(folder, "parts")
    for name in ("sources/boot.wim", "sources/install.wim", "bootmgr", "bootmgr.efi",
                 "efi/boot/bootx64.efi", "setup.exe"):  # fmt: skip
        os.makedirs(os.path.dirname(os.path.join(parts, name)), exist_ok=True)
        with open(os.path.join(parts, name), "wb") as file:
            file.write(b"practice\n" * 300)
    subprocess.run(
        ["xorriso", "-as", "mkisofs", "-quiet", "-V", "CCCOMA_X64FRE", "-e", "efi/boot/bootx64.efi",
         "-no-emul-boot", "-o", path, parts],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return path


@case
def vm_on_the_test_driver():
    with tree("radxa-x4") as root, tempfile.TemporaryDirectory() as folder:
        answer = run("vm", "create", "--json", "--iso", iso(folder), "--host-root", root).json
        assert_shape(answer, {"domain": DOMAIN})
        assert answer["domain"]["name"] == "Windows" and answer["domain"]["state"] == "off"


@case
def a_vm_of_a_tree_stays_until_it_is_deleted():
    """The test driver forgets it with the process; the tree does not, and is clean afterwards."""
    with tree("radxa-x4") as root, tempfile.TemporaryDirectory() as folder:
        at = ["--json", "--host-root", root]
        before = snapshot(root)
        image = iso(folder)
        for last in (["vm", "delete"], ["undo", "all"]):
            made = run("vm", "create", "--iso", image, *at).json["domain"]
            assert run("vm", "list", *at).json == {"domains": [made]}
            assert run("status", *at).json["domain"] == "Windows"
            run("vm", "create", "--iso", image, *at, code=ERROR)
            assert run("vm", "start", *at).json["state"] == "running"
            if last[0] == "undo":
                run("apply", "memory", *at)
            run(*last, *at)
            assert run("vm", "list", *at).json == {"domains": []}
            assert_same(before, snapshot(root))


@case
def text_has_no_colour_codes():
    with tree("radxa-x4") as root:
        for words in (["check"], ["status"], ["plan", "boot"], ["help"], ["changes"]):
            assert "\033" not in run(*words, "--host-root", root, code=None).out


@case
def progress_is_for_terminals_alone():
    assert run("gop", IMAGE).err == ""
    with tree("radxa-x4") as root:
        assert run("apply", "boot", "--host-root", root, code=OK).err == ""


main()
