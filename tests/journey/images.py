#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fatiactl on firmware images: as uefiextract reads them, and what the practice image holds."""

import hashlib
import os
import struct
import subprocess
import tempfile
import zipfile

from journey import ERROR, IMAGE, NOTHING, OK, case, main, run, tree

OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
# uefiextract's words for the file types of the PI specification.
TYPES = {
    "Raw": 1, "Freeform": 2, "SEC core": 3, "PEI core": 4, "DXE core": 5, "PEI module": 6,
    "DXE driver": 7, "Combined PEI/DXE": 8, "Application": 9, "SMM module": 10,
    "Volume image": 11, "Combined SMM/DXE": 12, "SMM core": 13, "MM standalone module": 14,
    "MM standalone core": 15, "Pad": 0xF0,
}  # fmt: skip


def uefiextract(image):
    """[(type, size, GUID)] of every file; a pad file has no GUID there."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "image")
        with open(image, "rb") as source, open(copy, "wb") as target:
            target.write(source.read())
        subprocess.run(["uefiextract", copy, "report"], stdout=subprocess.DEVNULL, check=True)
        with open(copy + ".report.txt", encoding="utf-8") as report:
            rows = [[column.strip() for column in line.split("|")] for line in report]
    return [
        (TYPES[row[1]], int(row[3], 16), None if row[1] == "Pad" else row[5].split()[-1])
        for row in rows
        if row[0] == "File"
    ]


@case
def the_files_are_those_uefiextract_finds():
    files = run("firmware", "--json", OVMF).json["files"]
    ours = [(f["type"], f["size"], None if f["type"] == 0xF0 else f["guid"]) for f in files]
    assert len(ours) > 100
    assert ours == uefiextract(OVMF)


@case
def the_text_has_a_line_for_each_file():
    files = run("firmware", "--json", OVMF).json["files"]
    lines = run("firmware", OVMF).out.splitlines()
    assert len(lines) == len(files)
    for file, line in zip(files, lines):
        assert line.startswith(file["guid"]) and (file["name"] or "") in line


@case
def an_image_without_the_driver_says_so():
    result = run("gop", "--json", OVMF, code=NOTHING)
    assert not [c for c in result.json["candidates"] if c["driver"] or c["chosen"]]
    assert "no Intel graphics driver" in result.err
    with tempfile.TemporaryDirectory() as folder:
        run("gop", OVMF, "--output", os.path.join(folder, "out"), code=NOTHING)
        assert os.listdir(folder) == []


@case
def the_practice_image_holds_one_driver_and_decoys():
    candidates = run("gop", "--json", IMAGE).json["candidates"]
    drivers = [c for c in candidates if c["driver"]]
    chosen = [c for c in candidates if c["chosen"]]
    assert len(chosen) == 1 and chosen[0] in drivers and chosen[0] == candidates[0], candidates
    assert len(candidates) > len(drivers), "the decoys are reported too"
    for candidate in candidates:
        assert candidate["why"] and candidate["path"] and candidate["size"] > 0


def written():
    with tempfile.TemporaryDirectory() as folder:
        driver, rom = os.path.join(folder, "gop.efi"), os.path.join(folder, "gop.rom")
        result = run("gop", IMAGE, "--json", "--output", driver, "--rom", rom, "--device", "8086:46d1")
        assert sorted(os.listdir(folder)) == ["gop.efi", "gop.rom"]
        with open(driver, "rb") as file:
            driver_bytes = file.read()
        with open(rom, "rb") as file:
            rom_bytes = file.read()
    return next(c for c in result.json["candidates"] if c["chosen"]), driver_bytes, rom_bytes


@case
def the_driver_is_written_as_it_is():
    chosen, driver, _ = written()
    assert driver[:2] == b"MZ" and len(driver) == chosen["size"]
    assert hashlib.sha256(driver).hexdigest() == chosen["sha256"]


@case
def the_option_rom_is_one():
    """By the PCI firmware specification: 55AA, size, EFI signature, PCIR with the device."""
    _, driver, rom = written()
    assert rom[:2] == b"\x55\xaa" and len(rom) % 512 == 0
    assert struct.unpack_from("<H", rom, 2)[0] * 512 == len(rom)
    assert struct.unpack_from("<I", rom, 4)[0] == 0x0EF1
    pcir = struct.unpack_from("<H", rom, 0x18)[0]
    assert rom[pcir : pcir + 4] == b"PCIR"
    assert struct.unpack_from("<HH", rom, pcir + 4) == (0x8086, 0x46D1)
    start = struct.unpack_from("<H", rom, 0x16)[0]
    assert rom[start : start + len(driver)] == driver


@case
def the_same_twice():
    first = run("gop", "--json", IMAGE).out
    assert run("gop", "--json", IMAGE).out == first


@case
def choosing_by_number():
    candidates = run("gop", "--json", "--choose", "1", IMAGE, code=OK).json["candidates"]
    assert candidates[0]["chosen"]
    run("gop", "--choose", "99", IMAGE, code=64)
    run("gop", "--choose", "-1", IMAGE, code=64)


@case
def an_ia32_driver_is_refused_with_the_reason():
    candidates = run("gop", "--json", IMAGE).json["candidates"]
    number = 1 + next(i for i, c in enumerate(candidates) if c["machine"] == "ia32")
    assert not candidates[number - 1]["usable"]
    with tempfile.TemporaryDirectory() as folder:
        for option in ("--output", "--rom"):
            arguments = ["--choose", str(number), "--device", "8086:46d1", option]
            result = run("gop", IMAGE, *arguments, os.path.join(folder, "out"), code=ERROR)
            assert "a guest's x64 firmware can't load it" in result.err, result.err
        assert os.listdir(folder) == []


@case
def the_video_bios_tables_are_written():
    with tempfile.TemporaryDirectory() as folder:
        vbts = run("gop", IMAGE, "--json", "--vbts", folder).json["vbts"]
        assert [vbt["name"] for vbt in vbts] == ["ALDERLAKE-N", "ALDERLAKE-P"], vbts
        names = sorted(os.listdir(folder))
        assert names == ["vbt-1-ALDERLAKE-N.bin", "vbt-2-ALDERLAKE-P.bin"], names
        for vbt, name in zip(vbts, names):
            with open(os.path.join(folder, name), "rb") as file:
                table = file.read()
            assert hashlib.sha256(table).hexdigest() == vbt["sha256"]
            assert len(table) == vbt["size"] and sum(table) % 256 == 0 and vbt["sum_right"]
        run("gop", IMAGE, "--vbts", os.path.join(folder, "missing"), code=ERROR)


@case
def the_board_of_the_image_is_compared():
    for name, verdict in (("radxa-x4", "same"), ("laptop-secure-boot", "differ")):
        with tree(name) as root:
            found = run("gop", IMAGE, "--json", "--host-root", root).json
            assert found["this_board"] == verdict, found["boards"]
            assert {board["product"] for board in found["boards"]} == {"Radxa X4", "X4"}
            result = run("plan", "gop", "--image", IMAGE, "--host-root", root)
            assert ("another board" in result.err) == (verdict == "differ"), result.err


def walk(part):
    yield part
    for inner in part["parts"]:
        yield from walk(inner)


@case
def the_tree_has_the_files_and_more():
    files = run("firmware", "--json", IMAGE).json["files"]
    parts = list(walk(run("firmware", "--json", "--tree", IMAGE).json))
    lines = run("firmware", "--tree", IMAGE).out.splitlines()
    assert len(lines) == len(parts) > len(files)
    # Pad files have no GUID there.
    for file in files:
        same = [p for p in parts if p["size"] == file["size"] and p["guid"] in (file["guid"], None)]
        assert same, file


@case
def the_tree_is_searched():
    found = list(walk(run("firmware", "--json", "--search", "intelgopvbt", IMAGE).json))
    assert [part for part in found if part["name"] == "IntelGopVbt"], found
    assert len(found) < len(list(walk(run("firmware", "--json", "--tree", IMAGE).json)))
    # What it is in is told too, and nothing else.
    assert not [part for part in found if part["name"] == "Setup"], found
    assert "no part has" in run("firmware", "--search", "xyzzy", IMAGE, code=NOTHING).err


@case
def a_member_of_an_archive_is_taken_by_name():
    with tempfile.TemporaryDirectory() as folder:
        archive = os.path.join(folder, "update.zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.write(IMAGE, "BOARD/practice.bin")
            file.writestr("readme.txt", "Read me")
        opened = run("gop", "--json", archive).json["opened"]
        assert [layer["name"] for layer in opened] == ["update.zip", "BOARD/practice.bin"], opened
        assert "update.zip (ZIP archive)" in run("gop", archive).out
        run("gop", "--member", "practice.bin", archive)
        assert "nothing.bin" in run("gop", "--member", "nothing.bin", archive, code=ERROR).err


main()
