# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of UEFI firmware images, made from nothing: PE images, sections, files, volumes.

Layouts: UEFI Platform Initialization specification, volume 3; "PE Format", Microsoft; UEFI
specification, "Compression Algorithm Specification". What is made here is our own and holds no
byte of any maker's firmware.
"""

import hashlib
import lzma
import struct
import subprocess
import uuid
import zlib

X64, IA32, AARCH64 = 0x8664, 0x014C, 0xAA64
APPLICATION, BOOT_DRIVER = 0x0A, 0x0B

FFS1 = "7A9354D9-0468-444A-81CE-0BF617D890DF"
FFS2 = "8C8CE578-8A3D-4F1C-9935-896185C32DD3"
FFS3 = "5473C07A-3DCB-4DCA-BD6F-1E9689E7349A"
NVRAM = "FFF12B8D-7696-4C8B-A985-2747075B4F50"
LZMA = "EE4E5898-3914-4259-9D6E-DC7BD79403CF"
LZMA_X86 = "D42AE6BD-1352-4BFB-909A-CA72A6EAE889"
TIANO = "A31280AD-481E-41B6-95E8-127F4C984779"
BROTLI = "3D532050-5CDA-4FD0-879E-0F7F630D5AFB"
CRC32 = "FC1BCDB0-7D31-49AA-936A-A4600D9DD083"

NAME = "Intel(R) GOP Driver"
GRAPHICS_OUTPUT = "9042A9DE-23DC-4A38-96FB-7ADED080516A"
DRIVER_BINDING = "18A031AB-B443-4D1A-A5C0-0C09261E9F71"
PLATFORM_POLICY = "EC2E931B-3281-48A5-8107-DF8A8BEB3C5D"
PROTOCOLS = (GRAPHICS_OUTPUT, DRIVER_BINDING, PLATFORM_POLICY)

RAW_FILE, FREEFORM_FILE, DRIVER_FILE, VOLUME_FILE, PAD_FILE = 0x01, 0x02, 0x07, 0x0B, 0xF0


def guid(text):
    return uuid.UUID(text).bytes_le


def align(data, to, fill=b"\0"):
    return data + fill * (-len(data) % to)


def noise(seed, size):
    """Bytes that can't be packed, the same on every machine."""
    return hashlib.shake_128(seed.encode()).digest(size)


def volume_label(seed):
    return str(uuid.UUID(bytes=noise(seed, 16), version=4)).upper()


# PE images


def pe(seed, machine=X64, subsystem=BOOT_DRIVER, name=NAME, protocols=PROTOCOLS, size=60 * 1024, rest=None):
    """An EFI image that does nothing: its entry point returns EFI_UNSUPPORTED.

    rest: what fills its data up to `size`, instead of noise.
    """
    wide = machine != IA32
    code = {
        X64: bytes.fromhex("48b80300000000000080c3"),  # mov rax, 0x8000000000000003; ret
        IA32: bytes.fromhex("b803000080c3"),
        AARCH64: bytes.fromhex("600080d20000f0f2c0035fd6"),  # movz, movk; ret
    }[machine]
    data = name.encode("utf-16-le") + b"\0\0" if name else b""
    data = align(data, 16) + b"".join(guid(p) for p in protocols)
    data += (rest or noise(seed, max(0, size - len(data))))[: max(0, size - len(data))]
    text, data = align(code, 512), align(data, 512)
    reloc = align(struct.pack("<IIHH", 0x1000, 12, 0, 0), 512)
    bodies = ((b".text", text, 0x60000020), (b".data", data, 0xC0000040), (b".reloc", reloc, 0x42000040))
    table, raw, rva, at = b"", b"", 0x1000, 0x400
    for label, body, flags in bodies:
        table += struct.pack("<8sIIIIIIHHI", label, len(body), rva, len(body), at, 0, 0, 0, 0, flags)
        raw += body
        at += len(body)
        reloc_rva = rva
        rva += len(align(body, 0x1000))
    optional = struct.pack("<HBBIIIII", 0x20B if wide else 0x10B, 1, 0, len(text), len(data), 0, 0x1000, 0x1000)
    optional += struct.pack("<Q", 0) if wide else struct.pack("<II", 0x1000, 0)
    optional += struct.pack("<IIHHHHHHIIIIHH", 0x1000, 512, 0, 0, 0, 0, 0, 0, 0, rva, 0x400, 0, subsystem, 0)
    optional += struct.pack("<QQQQ" if wide else "<IIII", 0, 0, 0, 0) + struct.pack("<II", 0, 16)
    directories = [(0, 0)] * 16
    directories[5] = (reloc_rva, 12)
    optional += b"".join(struct.pack("<II", *d) for d in directories)
    header = b"PE\0\0" + struct.pack(
        "<HHIIIHH", machine, len(bodies), 0, 0, 0, len(optional), 0x2022 if wide else 0x2102
    )
    dos = struct.pack("<2s58xI", b"MZ", 0x80)
    return align(align(dos, 0x80) + header + optional + table, 0x400) + raw


# Packings


def pack_lzma(data):
    """The .lzma format, its header with the unpacked size as EDK II's packer writes it."""
    packed = lzma.compress(data, lzma.FORMAT_ALONE, preset=6)
    return packed[:5] + struct.pack("<Q", len(data)) + packed[13:]


def pack_lzma_x86(data):
    # The filter's own output: what LZMA2 packs after it, unpacked without it.
    lzma2 = {"id": lzma.FILTER_LZMA2, "preset": 6}
    filtered = lzma.decompress(
        lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_X86}, lzma2]),
        lzma.FORMAT_RAW,
        filters=[lzma2],
    )
    return pack_lzma(filtered)


def pack_brotli(data):
    packed = subprocess.run(["brotli", "-c", "-q", "5"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return struct.pack("<QQ", len(data), len(data) + 0x10000) + packed


class _Bits:
    def __init__(self):
        self.value, self.count = 0, 0

    def put(self, n, value):
        self.value = self.value << n | value
        self.count += n

    def bytes(self):
        pad = -self.count % 8
        return (self.value << pad).to_bytes((self.count + pad) // 8, "big")


def _canonical(lengths):
    """Codes by length, then by symbol: {symbol: (length, code)}."""
    codes, code = {}, 0
    for length in range(1, 17):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (length, code)
                code += 1
        code <<= 1
    return codes


def _matches(data):
    """Literals as (byte, None) and matches as (length, distance), found greedily."""
    seen, at = {}, 0
    while at < len(data):
        key = data[at : at + 4]
        start, seen[key] = seen.get(key), at
        if start is None or len(key) < 4:
            yield data[at], None
            at += 1
            continue
        length = 4
        while length < 256 and at + length < len(data) and data[start + length] == data[at + length]:
            length += 1
        yield length, at - start
        at += length


def pack_tiano(data, position_bits):
    """The UEFI specification's packing with one fixed set of codes, good enough to be unpacked.

    position_bits: 4 for EFI 1.1, 5 for Tiano.
    """
    # Complete sets: 2 codes of 8 bits and 508 of 9; 1 of 3 and 14 of 4 (1 and 30 one longer).
    chars = [8, 8] + [9] * 508
    positions = [3] + [4] * 14 if position_bits == 4 else [4] + [5] * 30
    window = 1 << (len(positions) - 2)
    char_codes, position_codes = _canonical(chars), _canonical(positions)
    symbols = list(_matches(data))
    bits = _Bits()
    for start in range(0, len(symbols), 60000):
        block = symbols[start : start + 60000]
        bits.put(16, len(block))
        # Code lengths 8 and 9 stand for symbols 10 and 11 of the lengths' code, one bit each.
        bits.put(5, 12)
        for i in range(12):
            bits.put(3, 1 if i >= 10 else 0)
            if i == 2:
                bits.put(2, 0)
        bits.put(9, len(chars))
        for length in chars:
            bits.put(1, length - 8)
        bits.put(position_bits, len(positions))
        for length in positions:
            bits.put(3, length)
        for value, distance in block:
            if distance is not None and distance > window:
                raise ValueError("data larger than this packer's window")
            if distance is None:
                bits.put(*char_codes[value])
                continue
            bits.put(*char_codes[256 + value - 3])
            low = distance - 1
            bits.put(*position_codes[low.bit_length()])
            if low > 1:
                bits.put(low.bit_length() - 1, low - (1 << (low.bit_length() - 1)))
    out = bits.bytes()
    return struct.pack("<II", len(out), len(data)) + out


# Sections


def section(kind, body, extended=False):
    if extended or len(body) + 4 >= 0xFFFFFF:
        return b"\xff\xff\xff" + struct.pack("<BI", kind, len(body) + 8) + body
    return (len(body) + 4).to_bytes(3, "little") + bytes([kind]) + body


def sections(*parts):
    data = b""
    for part in parts:
        data = align(data, 4) + part
    return data


def pe32(image, **options):
    return section(0x10, image, **options)


def user_interface(name):
    return section(0x15, name.encode("utf-16-le") + b"\0\0")


def raw(body):
    return section(0x19, body)


def freeform(subtype, body):
    return section(0x18, guid(subtype) + body)


def volume_section(volume_bytes):
    return section(0x17, volume_bytes)


def compression(kind, packed, unpacked_size):
    return section(0x01, struct.pack("<IB", unpacked_size, kind) + packed)


def guided(name, packed, header=b"", processing=True):
    offset = 24 + len(header)
    return section(0x02, guid(name) + struct.pack("<HH", offset, 1 if processing else 2) + header + packed)


def guided_crc32(body):
    return guided(CRC32, body, struct.pack("<I", zlib.crc32(body)), processing=False)


def packed_lzma(body):
    return guided(LZMA, pack_lzma(body))


# Files and volumes


# States of a file, where erased bits are ones
IN_USE, DELETED = 0xF8, 0xE8


def file(name, kind, body, large=False, tail=False, state=IN_USE):
    attributes = 0x40 | (1 if large or tail else 0)
    head = bytearray(guid(name) if kind != PAD_FILE else b"\xff" * 16)
    size = len(body) + (32 if large else 24) + (2 if tail else 0)
    head += bytes([0, 0, kind, attributes]) + (0 if large else size).to_bytes(3, "little") + b"\0"
    if large:
        head += struct.pack("<Q", size)
    head[16] = -sum(head) & 0xFF
    head[17] = -sum(body) & 0xFF
    head[23] = state
    whole = bytes(head) + body
    if tail:
        reference = head[16] | head[17] << 8
        whole += struct.pack("<H", reference ^ 0xFFFF)
    return whole


def driver_file(name, image, label=None, **options):
    parts = [pe32(image)] + ([user_interface(label)] if label else [])
    return file(name, DRIVER_FILE, sections(*parts), **options)


def pad_file(size):
    return file(FFS2, PAD_FILE, b"\xff" * (size - 24))


def top_file(body):
    """The Volume Top File: it ends where its volume, and with it the image, ends."""
    return file("1BA0062E-C779-4582-8566-336AE8F78F09", RAW_FILE, body)


def volume(*files, system=FFS2, name=None, size=None, revision=2, block=4096, content=None, top=b""):
    """A firmware volume with `files`, or with the bytes `content` where it has none."""
    head_size = 0x48
    body = b""
    if name:
        # The extended header stands in a pad file, the first one.
        extended = guid(name) + struct.pack("<I", 20)
        body = file(FFS2, PAD_FILE, extended)
        body = align(body, 8, b"\xff")
    for part in files:
        body = align(body, 8, b"\xff") + part
    body = content if content is not None else body
    length = max(size or 0, head_size + len(body) + len(top))
    length += -length % block
    if top:
        body = align(body, 8, b"\xff")
        body += pad_file(length - head_size - len(body) - len(top)) + top
    head = bytearray(16) + guid(system) + struct.pack("<Q4sI", length, b"_FVH", 0x0004FEFF)
    head += struct.pack("<HHHBB", head_size, 0, head_size + 24 if name else 0, 0, revision)
    head += struct.pack("<IIII", length // block, block, 0, 0)
    total = sum(struct.unpack("<%dH" % (head_size // 2), head))
    head[50:52] = struct.pack("<H", -total & 0xFFFF)
    return bytes(head) + body + b"\xff" * (length - head_size - len(body))


# What stands beside drivers


def vbt(name, seed, size=1200, bdb=250):
    """A Video BIOS Table: a header, then one block of data; the bytes' sum is zero."""
    block = b"BIOS_DATA_BLOCK " + struct.pack("<HHH", bdb, 22, size - 48) + noise("vbt " + seed, size - 70)
    head = b"$VBT " + name.encode().ljust(15) + struct.pack("<HHHBBI", 100, 48, size, 0, 0, 48) + b"\0" * 16
    table = bytearray(head + block)
    table[26] = -sum(table) & 0xFF
    return bytes(table)


def smbios(vendor, product, board):
    """SMBIOS structures of a BIOS, a system, a board, and the end, as AMI's file has them."""

    def structure(kind, area, *strings):
        text = b"".join(s.encode() + b"\0" for s in strings)
        return bytes([kind, len(area) + 4, kind, 0]) + area + text + b"\0"

    return (
        structure(0, b"\1\2\0\xe0\3" + b"\xff" * 15, "Makers of BIOS", "V1", "01/01/2026")
        + structure(1, b"\1\2\3\4" + bytes(17) + b"\5\6", vendor, product, "1.0", "none", "SKU", "Family")
        + structure(2, b"\1\2\3\4\5\1\6\3\0\x0a\0", vendor, board, "1.0", "none", "tag", "place")
        + structure(0x7F, b"", "")
    )


def smbios_file(*names):
    body = freeform("AB56DC60-0057-11DA-A8DB-000102EEE626", smbios(*names))
    return file("DAF4BF89-CE71-4917-B522-C89D32FBC59F", FREEFORM_FILE, body)


def fid_file(tag):
    """AMI's mark of the project, 120 bytes."""
    mark = (b"$FID\x04\x78\0" + tag.encode().ljust(9, b"\0") + noise(tag, 16)).ljust(120, b"\0")
    return file(
        "3FD1D3A2-99F7-420B-BC69-8BB1D492A332",
        FREEFORM_FILE,
        freeform("2EBE0275-6458-4AF9-91ED-D3F4EDB100AA", mark),
    )


def bios_id(text):
    """Intel's BIOS ID: "TRFTCRB1.86C.0008.D03.0506081529"."""
    return b"$IBIOSI$" + text.encode("utf-16-le") + b"\0\0"


def bvdt(version, product):
    """Insyde's table of versions, as far as it is known."""
    table = b"$BVDT$".ljust(13, b"\0") + b"$" + version.encode().ljust(24, b"\0")
    return table + b"$" + product.encode().ljust(25, b"\0") + b"$05.44.30".ljust(64, b"\0") + b"$ENDOFBVDT"


def bootefi(name):
    """ASUS' mark."""
    return b"$BOOTEFI$" + b"\0\0\0" + b"\x03\x02" + name.encode().ljust(60, b"\0") + bytes(84)
