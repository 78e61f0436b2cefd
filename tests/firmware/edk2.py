# SPDX-License-Identifier: GPL-3.0-or-later
"""EDK II's own packers, as functions from bytes to bytes.

What they write is theirs; what they pack is ours (build-aux/firmware_image.py).
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the sources' folder stays as it is
TOP = os.environ["G_TEST_SRCDIR"]
LOOK = os.environ["FATIA_LOOK"]
sys.path[:0] = [os.path.join(TOP, "build-aux"), os.path.join(TOP, "tests", "machine")]

import firmware_image as fw  # noqa: E402
from tap import Tap  # noqa: E402

TOOLS = os.environ.get("FATIA_EDK2")


def missing():
    """Why the packers are not there, for a case to be skipped with; None where they are."""
    if TOOLS:
        return None
    if shutil.which("apt-get"):
        return "EDK II's packers could not be made: ./dev test says why"
    return "optional: EDK II's packers are made from Debian's source package"


class Packers:
    """A folder for the packers' files, and what they make of them."""

    def __init__(self):
        # pylint: disable=consider-using-with
        self.folder = tempfile.TemporaryDirectory(prefix="fatia-edk2-")
        self.number = 0

    def close(self):
        self.folder.cleanup()

    def path(self):
        self.number += 1
        return os.path.join(self.folder.name, f"{self.number}")

    def keep(self, data):
        path = self.path()
        with open(path, "wb") as file:
            file.write(data)
        return path

    def run(self, tool, *words):
        """Gives what `tool` writes to its -o; a word of bytes is a file that has them."""
        output = self.path()
        words = [self.keep(word) if isinstance(word, bytes) else word for word in words]
        # The compressors must be told first which way they go.
        mode = [words.pop(0)] if words[0] == "-e" else []
        command = [os.path.join(TOOLS, tool), *mode, "-o", output, *words]
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if result.returncode != 0 or not os.path.exists(output):
            raise RuntimeError(f"{' '.join(command)}: {result.stdout.decode(errors='replace')[:500]}")
        with open(output, "rb") as file:
            return file.read()

    # Sections

    def section(self, kind, body, *words):
        return self.run("GenSec", "-s", "EFI_SECTION_" + kind, *words, body)

    def user_interface(self, name):
        return self.run("GenSec", "-s", "EFI_SECTION_USER_INTERFACE", "-n", name)

    def version(self, number):
        return self.run("GenSec", "-s", "EFI_SECTION_VERSION", "-n", f"{number}.0", "-j", str(number))

    def freeform(self, subtype, body):
        return self.run("GenSec", "-s", "EFI_SECTION_FREEFORM_SUBTYPE_GUID", "-g", subtype, body)

    def row(self, sections):
        """Sections one after the other, as they stand in what packs them."""
        return self.run("GenSec", *sections)

    def guided(self, guid, packed):
        return self.run("GenSec", "-s", "EFI_SECTION_GUID_DEFINED", "-g", guid, "-r", "PROCESSING_REQUIRED", packed)

    # Encodings of a row of sections; each gives one section

    def stored(self, sections):
        return self.run("GenSec", "-s", "EFI_SECTION_COMPRESSION", "-c", "PI_NONE", *sections)

    def efi_1_1(self, sections):
        return self.run("GenSec", "-s", "EFI_SECTION_COMPRESSION", "-c", "PI_STD", *sections)

    def crc32(self, sections):
        # Without a GUID it is the checksum's.
        return self.run("GenSec", "-s", "EFI_SECTION_GUID_DEFINED", *sections)

    def lzma(self, sections):
        return self.guided(fw.LZMA, self.run("LzmaCompress", "-e", self.row(sections)))

    def lzma_x86(self, sections):
        return self.guided(fw.LZMA_X86, self.run("LzmaCompress", "-e", "--f86", self.row(sections)))

    def tiano(self, sections):
        return self.guided(fw.TIANO, self.run("TianoCompress", "-e", self.row(sections)))

    def tiano_uefi(self, sections):
        return self.guided(fw.TIANO, self.run("TianoCompress", "-e", "--uefi", self.row(sections)))

    def brotli(self, sections):
        return self.guided(fw.BROTLI, self.run("BrotliCompress", "-e", self.row(sections)))

    ENCODINGS = (stored, efi_1_1, crc32, lzma, lzma_x86, tiano, tiano_uefi, brotli)

    # Files, volumes, capsules

    def file(self, kind, guid, sections, align=None, section_align=None, checksum=False):
        words = ["-t", "EFI_FV_FILETYPE_" + kind, "-g", guid]
        words += ["-a", align] if align else []
        words += ["-s"] if checksum else []
        for section in sections:
            words += ["-i", section] + (["-n", section_align] if section_align else [])
        return self.run("GenFfs", *words)

    def volume(self, files, system=fw.FFS2, name=None, polarity=1, spare=0):
        """spare: blocks of 4096 bytes that stay free; 0 leaves what the last file leaves."""
        lines = ["[options]", "EFI_BLOCK_SIZE = 0x1000"]
        if spare:
            taken = sum(len(file) + 64 * 1024 for file in files) // 4096 + spare
            lines.append(f"EFI_NUM_BLOCKS = 0x{taken:x}")
        lines += [f"EFI_FV_GUID = {system}"]
        lines += [f"EFI_FVNAME_GUID = {name}"] if name else []
        lines += ["[attributes]", f"EFI_ERASE_POLARITY = {polarity}", "EFI_MEMORY_MAPPED = TRUE"]
        lines += ["EFI_READ_STATUS = TRUE", "EFI_FVB2_ALIGNMENT_64K = TRUE", "[files]"]
        lines += ["EFI_FILE_NAME = " + self.keep(file) for file in files]
        return self.run("GenFv", "-i", ("\n".join(lines) + "\n").encode())

    def capsule(self, guid, body):
        lines = ["[options]", f"EFI_CAPSULE_GUID = {guid}", "EFI_CAPSULE_HEADER_SIZE = 0x50"]
        lines += ["EFI_CAPSULE_FLAGS = PersistAcrossReset", "EFI_OEM_CAPSULE_FLAGS = 0x0001"]
        lines += ["[files]", "EFI_FILE_NAME = " + self.keep(body)]
        return self.run("GenFv", "-c", "-i", ("\n".join(lines) + "\n").encode())


class Look:
    """What our reader found in an image."""

    def __init__(self, path):
        result = subprocess.run([LOOK, "list", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if result.returncode != 0:
            raise RuntimeError(result.stderr.decode(errors="replace"))
        self.files, self.pe32, self.data, self.candidates, self.error = [], [], [], [], None
        for line in result.stdout.decode().splitlines():
            word, *rest = line.split("\t")
            if word == "file":
                kind, size, guid, sha256, name = rest
                self.files.append((int(kind), int(size), guid, sha256, name))
            elif word in ("pe32", "data"):
                (self.pe32 if word == "pe32" else self.data).append((int(rest[0]), rest[2]))
            elif word == "candidate":
                state, machine, size, guid, sha256 = rest
                self.candidates.append((state, machine, int(size), guid, sha256))
            elif word == "error":
                self.error = rest[0]
