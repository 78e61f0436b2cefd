#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own firmware images, as uefiextract and 7-Zip read them and as we do.

Files, their types, sizes and bodies are compared. Each difference must be explained by a row of the
table in docs/firmware-peers.md, and each row must explain one.
"""

import fnmatch
import glob
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

from edk2 import TOP, Look, Tap

IMAGES = ("/usr/share/OVMF/*.fd", "/usr/share/ovmf/*.fd", "/usr/share/AAVMF/*.fd", "/usr/share/qemu-efi-*/*.fd",
          "/usr/share/qemu/efi-*.rom")
TABLE = os.path.join(TOP, "docs", "firmware-peers.md")
# 7-Zip's words for the file types of the PI specification; for others it writes a number.
SEVEN_ZIP_TYPES = {
    "RAW": 1, "FREEFORM": 2, "SECURITY_CORE": 3, "PEI_CORE": 4, "DXE_CORE": 5, "PEIM": 6, "DRIVER": 7,
    "COMBINED_PEIM_DRIVER": 8, "APPLICATION": 9, "VOLUME": 11, "PAD": 0xF0,
}  # fmt: skip
PAD = 0xF0
HEADER = 24  # of a file
EXTENDED_HEADER = 20  # of a volume: its name and its own size


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# uefiextract: a folder for each part, numbered, with its header, its body and what is said of it


def parts(path):
    """(folder, what is said) of each part, from the outside in and the start to the end."""
    names = [name for name in os.listdir(path) if os.path.isdir(os.path.join(path, name))]
    for name in sorted(names, key=lambda name: int(name.split(" ")[0])):
        folder = os.path.join(path, name)
        with open(os.path.join(folder, "info.txt"), encoding="utf-8") as file:
            pairs = [line.rstrip("\n").split(": ", 1) for line in file if ": " in line]
        # "Type" stands there twice, as a word and as a number.
        said = dict(reversed(pairs))
        said["Number"] = dict(pairs).get("Type")
        yield folder, said
        yield from parts(folder)


def number(words):
    """ "2Ch (44)" and "0Bh" """
    return int(words.split("h")[0], 16)


def uefiextract(image, folder):
    """[(type, size, GUID, sha256 of the body, name)] of the files."""
    copy = os.path.join(folder, "image")
    shutil.copyfile(image, copy)
    subprocess.run(["uefiextract", copy, "all"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    files = []
    for part, said in parts(copy + ".dump"):
        if said["Type"] == "File":
            with open(os.path.join(part, "body.bin"), "rb") as file:
                body = sha256(file.read())
            files.append((number(said["Number"]), number(said["Full size"]), said["File GUID"], body, said.get("Text", "")))
    shutil.rmtree(copy + ".dump")
    return files


def compare_with_uefiextract(image, look, folder):
    theirs = uefiextract(image, folder)
    for ours, other in zip(look.files, theirs):
        if ours[:4] != other[:4]:
            yield f"file {other[2]}: {ours[:4]}, not {other[:4]}"
            return
        if ours[4] != other[4]:
            yield f"file {ours[2]} is named {other[4]!r}, not {ours[4]!r}"
    if len(look.files) != len(theirs):
        yield f"{len(theirs)} files, not {len(look.files)}"


# 7-Zip: a list of files and of what is in them, in which a file with one program is that program


class Entry:
    def __init__(self, lines, content):
        said = dict(line.split(" = ", 1) for line in lines if " = " in line)
        self.path, self.folder = said["Path"], said["Folder"] == "+"
        self.size = int(said.get("Size") or 0)
        self.content = content.read(self.size)
        word = (said.get("Characteristics") or "-").split(" ")[0]
        # Sections have other words there, or none.
        self.type = int(word, 0) if word[0].isdigit() else SEVEN_ZIP_TYPES.get(word)
        self.name, self.ending = os.path.splitext(os.path.basename(self.path))
        if self.ending not in (".efi", ".raw"):
            self.name, self.ending = self.name + self.ending, ""


def seven_zip(data, path):
    """The entries of the first volumes in `data`, and how many bytes they took; none, 0 if it has none."""
    with open(path, "wb") as file:
        file.write(data)
    listed = subprocess.run(["7z", "l", "-slt", "-tUEFIf", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    head, _, rest = listed.stdout.decode().partition("\n----------\n")
    if not rest:
        return [], 0
    # The contents one after the other, as they are listed.
    content = subprocess.run(["7z", "x", "-so", "-tUEFIf", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    stream = io.BytesIO(content.stdout)
    entries = [Entry(lines.splitlines(), stream) for lines in rest.split("\n\n") if "Path = " in lines]
    assert not stream.read(1), "7-Zip lists less than it unpacks"
    sizes = {key: int(value) for key, value in re.findall(r"^(Offset|Physical Size) = (\d+)$", head, re.M)}
    return entries, sizes.get("Offset", 0) + sizes["Physical Size"]


def compare_with_seven_zip(image, look, folder):
    with open(image, "rb") as file:
        data = file.read()
    entries, taken = [], None
    while taken != 0 and data:
        # It ends with the volumes that stand side by side.
        more, taken = seven_zip(data, os.path.join(folder, "seven"))
        entries += more
        data = data[taken:]
    yield from differing_files(look, [entry for entry in entries if entry.type and entry.type != PAD])
    yield from differing_pads(look, [entry for entry in entries if entry.type == PAD])
    programs = [(entry.size, sha256(entry.content)) for entry in entries if entry.ending == ".efi"]
    for mine, other in zip(look.pe32, programs):
        if mine != other:
            yield f"PE32 section {other}, not {mine}"
            return
    if len(programs) != len(look.pe32):
        yield f"{len(programs)} PE32 sections, not {len(look.pe32)}"


def differing_files(look, theirs):
    ours = [file for file in look.files if file[0] != PAD]
    for (kind, size, guid, body, name), entry in zip(ours, theirs):
        if kind != entry.type:
            yield f"file {entry.name}: type {entry.type}, not {kind}"
            return
        if entry.name != (name or guid[:8]):
            yield f"file {guid} is named {entry.name!r}, not {name!r}"
        content = (entry.size, sha256(entry.content))
        if kind == 1 and content != (size - HEADER, body):
            yield f"body of {guid}: {entry.size} bytes, not {size - HEADER}"
        if kind == 2 and not entry.folder and content not in look.data:
            yield f"content of {guid}: {entry.size} bytes, which we have not"
    if len(ours) != len(theirs):
        yield f"{len(theirs)} files, not {len(ours)}"


def differing_pads(look, theirs):
    ours = [(size - HEADER, body) for kind, size, _, body, _ in look.files if kind == PAD]
    for entry in theirs:
        content = (entry.size, sha256(entry.content))
        if content in ours:
            ours.remove(content)
        elif entry.size == EXTENDED_HEADER and entry.content[16:] == EXTENDED_HEADER.to_bytes(4, "little"):
            yield "a pad file with a volume's extended header, not none"
        else:
            yield f"pad file of {entry.size} bytes, not none"
    for size, body in ours:
        kind = "erased" if body == sha256(b"\xff" * size) else "written"
        yield f"no pad file, not one of {size} {kind} bytes"


# The table


def rows():
    """[[reader, image, difference, why]]; what is to be matched stands in `code`."""
    with open(TABLE, encoding="utf-8") as file:
        lines = [line.strip().strip("|").split(" | ") for line in file if line.startswith("| ")]
    table = [[cell.strip().strip("`") for cell in line] for line in lines]
    return [row for row in table if len(row) == 4 and row[0] in PEERS]


PEERS = {"uefiextract": compare_with_uefiextract, "7-Zip": compare_with_seven_zip}


def compare(image, peer, table, used):
    with tempfile.TemporaryDirectory(prefix="fatia-peers-") as folder:
        differences = list(PEERS[peer](image, Look(image), folder))
    unexplained = []
    for difference in differences:
        matching = [n for n, row in enumerate(table) if row[0] == peer and fnmatch.fnmatchcase(os.path.basename(image), row[1])
                    and fnmatch.fnmatchcase(difference, row[2])]
        used.update(matching)
        if not matching:
            unexplained.append(difference)
    assert not unexplained, "\n".join(unexplained)


def main():
    missing = [tool for tool in ("uefiextract", "7z") if not shutil.which(tool)]
    if missing:
        print(f"ok 1 others' readers # SKIP optional: there is no {missing[0]} here\n1..1")
        return 0
    tap, table, used = Tap(), rows(), set()
    images = sorted({os.path.realpath(image) for pattern in IMAGES for image in glob.glob(pattern)})

    def all_there():
        names = {os.path.basename(image) for image in images}
        assert {"OVMF.fd", "OVMF_CODE_4M.fd", "OVMF32_CODE_4M.fd", "AAVMF32_CODE.fd", "QEMU_EFI.fd", "efi-virtio.rom"} <= names
        assert sum(len(Look(image).files) for image in images if image.endswith("CODE_4M.fd")) > 200

    def none_left():
        assert not (left := [row for n, row in enumerate(table) if n not in used]), left

    tap.case("Debian's images are there", all_there)
    for image in images:
        for peer in PEERS:
            tap.case(f"{peer}: {image}", lambda image=image, peer=peer: compare(image, peer, table, used))
    tap.case("every row of the table explains a difference", none_left)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
