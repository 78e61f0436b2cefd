#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images packed by EDK II's own tools: of each exactly the driver comes out, byte for byte, and the
files are those that were packed.

FATIA_CASES says how many random images there are, FATIA_SEED which is the first.
"""

import hashlib
import os
import random
import shutil
import struct
import sys
import tempfile

from edk2 import Look, Packers, Tap, fw, missing

CASES = int(os.environ.get("FATIA_CASES", "25"))
SEED = int(os.environ.get("FATIA_SEED", "1"))
KIB, MIB = 1024, 1024 * 1024
ALIGNMENTS = (None, None, None, "8", "16", "128", "512", "1K", "4K", "32K", "64K")
SECTION_ALIGNMENTS = (None, None, None, "4", "8", "16", "64", "512", "4K")
# Kinds with sections, which may hold a PE, and their numbers in the PI specification
KINDS = {"FREEFORM": 2, "DRIVER": 7, "APPLICATION": 9, "COMBINED_PEIM_DRIVER": 8, "SMM": 10}
SUBTYPE = "380B6B4F-1454-41F2-A6D3-61D1333E8CB4"


def guid(rng):
    return fw.volume_label(f"{rng.random()}")


def real_code(rng, size):
    """What the x86 filter changes, and the packers find repeated: instructions of a real program."""
    with open(sys.executable, "rb") as file:
        program = file.read()
    start = rng.randrange(len(program) // 4, len(program) - size)
    return program[start : start + size]


def filling(rng, size):
    """Bytes of a kind: a program's, noise, one value, words over and over."""
    kind = rng.randrange(4)
    if kind == 0:
        return real_code(rng, size)
    if kind == 1:
        return rng.randbytes(size)
    if kind == 2:
        return bytes([rng.randrange(256)]) * size
    words = [rng.randbytes(rng.randrange(1, 300)) for _ in range(8)]
    return b"".join(rng.choice(words) for _ in range(size))[:size]


def driver(rng):
    """The driver: of any size, its end on no boundary as a rule."""
    size = rng.choice((500, 4 * KIB, 30 * KIB, 70 * KIB)) + rng.randrange(2000)
    return fw.pe(f"{rng.random()}", size=size, rest=filling(rng, size))


def other_program(rng):
    """A program without the driver's marks; some have the name, some the protocols."""
    size = rng.randrange(200, 20 * KIB)
    name, protocols = rng.choice(((None, []), (fw.NAME, []), (None, fw.PROTOCOLS)))
    return fw.pe(f"{rng.random()}", name=name, protocols=protocols, size=size, rest=filling(rng, size))


class Tree:
    """A random image: what is in it is decided first, so that one place can get the driver."""

    def __init__(self, rng, packers):
        self.rng, self.packers = rng, packers
        self.places = []
        self.expected = []

    def plan_file(self, depth):
        rng = self.rng
        plan = {"guid": guid(rng), "align": rng.choice(ALIGNMENTS), "checksum": rng.random() < 0.3,
                "section_align": rng.choice(SECTION_ALIGNMENTS), "name": None, "program": None, "inner": None}
        plan["encodings"] = [rng.choice(Packers.ENCODINGS) for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 3)))]
        if depth < 3 and rng.random() < 0.35:
            plan["kind"], plan["inner"] = "FIRMWARE_VOLUME_IMAGE", self.plan_volume(depth + 1)
        elif rng.random() < 0.1:
            plan["kind"], plan["encodings"] = "RAW", []
            self.places.append(plan)
        else:
            plan["name"] = rng.choice((None, "Setup", "IntelGopDriver", "GraphicsConsoleDxe", "A name of 24 characters."))
            plan["leaf"] = rng.choice(("pe32", "pe32", "pe32", "raw", "freeform"))
            # The packer wants a PE32 section in whatever is to be run.
            plan["kind"] = rng.choice(list(KINDS)) if plan["leaf"] == "pe32" else "FREEFORM"
            self.places.append(plan)
        return plan

    def plan_volume(self, depth):
        rng = self.rng
        files = [self.plan_file(depth) for _ in range(rng.randrange(1, 5 if depth else 7))]
        return {"files": files, "name": guid(rng) if rng.random() < 0.4 else None, "polarity": int(rng.random() < 0.85),
                "system": rng.choice((fw.FFS2, fw.FFS2, fw.FFS3)), "spare": rng.choice((0, 0, 1, 16))}

    def build_file(self, plan, below):
        """below: takes what stands in the file, in the order of the walk."""
        rng, packers = self.rng, self.packers
        inside = []
        program = plan["program"] or other_program(rng)
        if plan["kind"] == "RAW":
            sections = [filling(rng, rng.randrange(700)) + program + filling(rng, rng.randrange(700))]
        elif plan["inner"]:
            sections = [packers.section("FIRMWARE_VOLUME_IMAGE", self.build_volume(plan["inner"], inside))]
            if rng.random() < 0.3:
                sections.insert(0, packers.section("RAW", filling(rng, rng.randrange(1, 300))))
        else:
            sections = [self.leaf(plan["leaf"], program)]
            if rng.random() < 0.5:
                sections.insert(0, packers.section("DXE_DEPEX", b"\x06\x08"))
            if plan["name"]:
                sections.append(packers.user_interface(plan["name"]))
            if rng.random() < 0.5:
                sections.append(packers.version(rng.randrange(100)))
        for encode in plan["encodings"]:
            sections = [encode(packers, sections)]
        whole = packers.file(plan["kind"], plan["guid"], sections, plan["align"], plan["section_align"], plan["checksum"])
        kind = {"RAW": 1, "FIRMWARE_VOLUME_IMAGE": 11}.get(plan["kind"]) or KINDS[plan["kind"]]
        below.append(entry(kind, plan["guid"], whole, plan["name"]))
        below += inside
        return whole

    def leaf(self, kind, program):
        rng, packers = self.rng, self.packers
        if kind == "pe32":
            return packers.section("PE32", program)
        around = filling(rng, rng.randrange(600)) + program + filling(rng, rng.randrange(600))
        return packers.section("RAW", around) if kind == "raw" else packers.freeform(SUBTYPE, around)

    def build_volume(self, plan, below):
        files = [self.build_file(file, below) for file in plan["files"]]
        return self.packers.volume(files, plan["system"], plan["name"], plan["polarity"], plan["spare"])

    def build(self):
        """The image; `driver` is in it once, `expected` are its files."""
        rng = self.rng
        while not self.places:
            volumes = [self.plan_volume(0) for _ in range(rng.randrange(1, 4))]
        self.driver = rng.choice(self.places)["program"] = driver(rng)
        image = b""
        for volume in volumes:
            image += rng.choice((b"", b"\xff" * 4096, rng.randbytes(rng.randrange(3000))))
            image += self.build_volume(volume, self.expected)
        image += rng.choice((b"", b"\xff" * 8192))
        wrapping = rng.randrange(4)
        if wrapping == 0:
            image = with_descriptor(image)
        elif wrapping == 1:
            image = self.packers.capsule(guid(rng), image)
        return image


def with_descriptor(image):
    """An Intel flash descriptor before it, whose BIOS region it is."""
    image = fw.align(image, 4096, b"\xff")
    last = 1 + len(image) // 4096 - 1
    head = b"\xff" * 16 + struct.pack("<IIII", 0x0FF0A55A, 0x00040003, 0x58100208, 0)
    head += b"\xff" * (0x40 - len(head)) + struct.pack("<IIII", 0, last << 16 | 1, 0x7FFF, 0x7FFF)
    return fw.align(head, 4096, b"\xff") + image


def entry(kind, name, whole, label):
    """What the list must say of a file that a packer made."""
    header = 32 if whole[19] & 1 else 24
    return (kind, len(whole), name, hashlib.sha256(whole[header:]).hexdigest(), label or "")


def check(image, program, expected):
    with tempfile.NamedTemporaryFile(prefix="fatia-edk2-", suffix=".fd") as file:
        file.write(image)
        file.flush()
        look = Look(file.name)
        try:
            assert look.error is None, look.error
            # The packer adds pad files of its own, for alignment.
            found = [file for file in look.files if file[0] != 0xF0]
            for ours, theirs in zip(found, expected):
                assert ours == theirs, f"found {ours}, packed {theirs}"
            assert len(found) == len(expected), f"{len(found)} files, {len(expected)} packed"
            drivers = [c for c in look.candidates if c[0] != "other"]
            assert len(drivers) == 1, look.candidates
            state, machine, size, _, sha256 = drivers[0]
            assert (state, machine) == ("chosen", "x64"), drivers
            assert size == len(program), f"{size} bytes of {len(program)}"
            assert sha256 == hashlib.sha256(program).hexdigest()
        except AssertionError:
            kept = os.path.join(tempfile.gettempdir(), "fatia-edk2-failed.fd")
            shutil.copy(file.name, kept)
            print(f"# the image is kept: {kept}")
            raise


def one_file(packers, encode, kind="DRIVER", system=fw.FFS2, **options):
    """A volume with two files, the second of which has the driver, encoded."""
    rng = random.Random("one file")
    program, other = driver(rng), other_program(rng)
    sections = [packers.section("PE32", program), packers.user_interface("Gop")]
    if encode:
        sections = [encode(packers, sections)]
    files = [packers.file("DRIVER", guid(rng), [packers.section("PE32", other)]),
             packers.file(kind, guid(rng), sections, **options)]
    names = [fw.uuid.UUID(bytes_le=file[:16]) for file in files]
    expected = [entry(7, str(name).upper(), file, label) for name, file, label in zip(names, files, (None, "Gop"))]
    check(packers.volume(files, system), program, expected)


def large_file(packers, encode):
    """A file of more than 16 MiB, whose header is FFSv3's, as is its volume."""
    rng = random.Random("large file")
    program = driver(rng)
    sections = [packers.section("RAW", bytes(17 * MIB)), packers.section("PE32", program)]
    if encode:
        sections = [encode(packers, sections)]
    file = packers.file("DRIVER", guid(rng), sections)
    name = str(fw.uuid.UUID(bytes_le=file[:16])).upper()
    assert encode or file[19] & 1
    check(packers.volume([file], fw.FFS3), program, [entry(7, name, file, None)])


def random_image(packers, seed):
    tree = Tree(random.Random(seed), packers)
    image = tree.build()
    check(image, tree.driver, tree.expected)


def main():
    why = missing()
    if why:
        print(f"ok 1 images of EDK II's packers # SKIP {why}\n1..1")
        return 0
    tap = Tap()

    def case(words, function, *arguments, **options):
        packers = Packers()
        tap.case(words, lambda: function(packers, *arguments, **options))
        packers.close()

    case("not encoded", one_file, None)
    for encode in Packers.ENCODINGS:
        case(f"encoded: {encode.__name__}", one_file, encode)
    for align in ALIGNMENTS[3:]:
        case(f"file aligned to {align}", one_file, Packers.lzma, align=align)
    for align in SECTION_ALIGNMENTS[3:]:
        case(f"sections aligned to {align}", one_file, None, section_align=align)
    case("a large file", large_file, None)
    case("a large section in a small file", large_file, Packers.lzma)
    for seed in range(SEED, SEED + CASES):
        case(f"random image FATIA_SEED={seed}", random_image, seed)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


sys.exit(main())
