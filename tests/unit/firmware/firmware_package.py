# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages around firmware images, made from nothing, for what no packer at hand can make.

Layouts: as the readers in src/firmware name them. No byte of any maker's package is in here.
"""

import lzma
import struct
import uuid
import zlib

FMP = "6DCBD5ED-E82D-4C44-BDA1-7194199AD92A"
APTIO = "4A3CA68B-7723-48FB-803D-578CC1FEC44D"
TOSHIBA = "3BE07062-1D51-45D2-832B-F093257ED461"


def guid(text):
    return uuid.UUID(text).bytes_le


def pieces(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)]


# AMI BIOS Guard


def guard_block(data, signature=0, platform=b"FATIA TEST BOARD"):
    """Intel's header, a script of two operations, the data, a signature of a kind."""
    script = b"\x01" + bytes(7) + b"\xff" + bytes(7)
    head = struct.pack("<HH16sIHHIIIII", 2, 0, platform, 1 if signature else 0, 1, 0, len(script), len(data), 1, 0, 0)
    sizes = {0: 0, 1: 516, 2: 772, 3: 772, 9: 516}
    tail = struct.pack("<II", signature, signature) + b"\xa5" * sizes[signature] if signature else b""
    return head + script + data + tail


def pfat(parts, signature=0, after=b"", index="", block=4096, end="\r\n"):
    """parts: (name, bytes)"""
    lines = ["AMI_BIOS_GUARD_FLASH_CONFIGURATIONS" + index]
    blocks = b""
    for i, (name, data) in enumerate(parts):
        cut = pieces(data, block)
        lines.append(f"{i & 1} /P {len(cut)};{name}")
        blocks += b"".join(guard_block(piece, signature) for piece in cut)
    text = end.join(lines).encode() + end.encode()
    return struct.pack("<II8sB", 17 + len(text), 0x1234, b"_AMIPFAT", 1) + text + blocks + after


# Capsules


def capsule(image, name=APTIO, header=0x800, size=None):
    head = guid(name) + struct.pack("<III", header, 0x50000, header + len(image) if size is None else size)
    if name == TOSHIBA:
        head = guid(name) + struct.pack("<III", header, header + len(image), 0)
    return head + bytes(header - len(head)) + image


def fmp_image(image, certificate=True, device=True):
    if device:
        image = struct.pack("<4sIII", b"MSS1", 16, 7, 1) + image
    if certificate:
        body = b"\x5a" * 300
        head = struct.pack("<IHH", 24 + len(body), 0x0200, 0x0EF1) + guid("4AAFD29D-68DF-49EE-8AA9-347D375665A7")
        image = struct.pack("<Q", 1) + head + body + image
    return image


def fmp(payloads, drivers=(), version=3):
    head = struct.pack("<IHH", 1, len(drivers), len(payloads))
    at = len(head) + 8 * (len(drivers) + len(payloads))
    offsets, body = [], b""
    for driver in drivers:
        offsets.append(at + len(body))
        body += driver
    for image in payloads:
        offsets.append(at + len(body))
        body += struct.pack("<I16sBBBBII", version, guid(APTIO), 1, 0, 0, 0, len(image), 0)
        body += bytes(8 * (version - 1)) + image
    return capsule(head + struct.pack(f"<{len(offsets)}Q", *offsets) + body, FMP, 28)


# Archives that no packer at hand makes


def cabinet(files):
    """Stored; MS-CAB 2."""
    folder_at = 36
    files_at = folder_at + 8
    table = b""
    data = b"".join(body for _, body in files)
    at = 0
    for name, body in files:
        table += struct.pack("<IIHHHH", len(body), at, 0, 0x5A21, 0, 0x20) + name.encode() + b"\0"
        at += len(body)
    blocks = [struct.pack("<IHH", 0, len(piece), len(piece)) + piece for piece in pieces(data, 32768)]
    data_at = files_at + len(table)
    size = data_at + sum(map(len, blocks))
    head = struct.pack("<4sIIIIIBBHHHHH", b"MSCF", 0, size, 0, files_at, 0, 3, 1, 1, len(files), 0, 7, 0)
    return head + struct.pack("<IHH", data_at, len(blocks), 0) + table + b"".join(blocks)


def rar5(files):
    """Stored; RAR 5.0 archive format."""

    def vint(n):
        out = b""
        while n >= 0x80:
            out += bytes([n & 0x7F | 0x80])
            n >>= 7
        return out + bytes([n])

    def block(content, data=b""):
        head = vint(len(content)) + content
        return struct.pack("<I", zlib.crc32(head)) + head + data

    out = b"Rar!\x1a\x07\x01\x00" + block(vint(1) + vint(0) + vint(0))
    for name, body in files:
        head = vint(2) + vint(2) + vint(len(body))  # a file, with data, of this size
        head += vint(4) + vint(len(body)) + vint(0x20) + struct.pack("<I", zlib.crc32(body))
        head += vint(0) + vint(0) + vint(len(name)) + name.encode()
        out += block(head, body)
    return out + block(vint(5) + vint(0) + vint(0))


def rar4(files):
    """Stored; technote.txt of RAR 4."""

    def head(kind, flags, content):
        body = struct.pack("<BHH", kind, flags, 7 + len(content)) + content
        return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body

    out = b"Rar!\x1a\x07\x00" + head(0x73, 0, bytes(6))
    for name, body in files:
        content = struct.pack("<IIBIIBBHI", len(body), len(body), 0, zlib.crc32(body), 0x5A210000, 20, 0x30, len(name), 0x20)
        out += head(0x74, 0x8000, content + name.encode()) + body
    return out + head(0x7B, 0x4000, b"")


def packed_zip(members):
    """members: (name, packed bytes, the size that is claimed, method, CRC-32)"""
    out = entries = b""
    for name, body, size, method, crc in members:
        name = name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 0x5A21, crc, len(body), size & 0xFFFFFFFF, len(name), 0)
        entries += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name
        out += b"PK\3\4" + common + name + body
    count = len(members)
    return out + entries + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), len(out), 0)


def stored_zip(name, body, size=None):
    return packed_zip([(name, body, len(body) if size is None else size, 0, zlib.crc32(body))])


def zip_bomb(megabytes, count=1):
    """Members of that many zeros each; the same packed megabyte again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = piece * megabytes + packer.flush()
    crc = 0
    for _ in range(megabytes):
        crc = zlib.crc32(bytes(1 << 20), crc)
    return packed_zip([(f"BIOS{i}.bin", body, megabytes << 20, 8, crc) for i in range(count)])


def seven_number(n):
    """7zFormat.txt: the first byte's leading ones say how many bytes follow."""
    for extra in range(8):
        if n < 1 << (7 * (extra + 1)):
            first = (0xFF00 >> extra & 0xFF) | n >> (8 * extra)
            return bytes([first]) + (n & (1 << 8 * extra) - 1).to_bytes(extra, "little")
    return b"\xff" + n.to_bytes(8, "little")


def seven_folder(properties):
    return b"\x01\x23\x03\x01\x01" + seven_number(len(properties)) + properties


def seven_list(content, claim=None):
    """A 7-Zip archive that has only a list of members, packed."""
    packed = lzma.compress(content, lzma.FORMAT_ALONE)
    properties, stream = packed[:5], packed[13:]
    size = len(content) if claim is None else claim
    head = b"\x17\x06\0\x01\x09" + seven_number(len(stream)) + b"\0\x07\x0b\x01\0"
    head += seven_folder(properties) + b"\x0c" + seven_number(size) + b"\0\0"
    start = struct.pack("<QQI", len(stream), len(head), zlib.crc32(head))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + stream + head


# Dell


def dell_section(body, kind=0xAA):
    packed = zlib.compress(body)

    def summed(data):
        total = 0
        for byte in data:
            total ^= byte
        return data + bytes([total])

    head = summed(struct.pack("<IB", len(packed), kind) + bytes.fromhex("eeaa761becbb20f1e651"))
    return head + packed + summed(struct.pack("<I", len(packed)) + bytes.fromhex("eeaaee8f491be8ae143790"))


def dell_part(name, data, version=1, signature=b"s" * 40, meta=b""):
    head = guid(name) + struct.pack("<I4s4HQ", version, b"NNN ", 1, 8, 0, 0, 0)
    head += struct.pack("<IIII", len(data), len(signature), len(meta), 0) + bytes(16 if version == 1 else 32)
    return head + data + signature + meta


def dell_names(names):
    """names: GUID to what people read"""
    data = b""
    for name, text in names.items():
        units = text.encode("utf-16-le")
        data += struct.pack("<I", 1) + guid(name) + struct.pack("<4H4sH", 1, 8, 0, 0, b"NNN ", len(units) // 2) + units + b"\0\0"
    return dell_part("FD041960-0DC8-4B9F-8225-BBA9E37C71E0", data)


def dell_parts(*parts):
    body = b"".join(parts)
    return b"PFS.HDR." + struct.pack("<II", 1, len(body)) + body + struct.pack("<II", len(body), ~zlib.crc32(body) & 0xFFFFFFFF) + b"PFS.FTR."


def dell_guarded(data, order, with_meta=True, block=4096):
    """The parts of `data` as Dell has them for BIOS Guard, in any order of the blocks."""
    cut = pieces(data, block)
    parts = []
    for i in order(range(len(cut))):
        script = b"\x01" + bytes(7) + struct.pack("<HBBI", 0x51, 0, 0, i * block) + bytes(8)
        script += struct.pack("<HBBI", 0x51, 2, 0, len(cut[i])) + b"\xff" + bytes(7)
        head = struct.pack("<HH16sIHHIIIII", 2, 0, b"DELL CUSTOMER ID", 0, 1, 0, len(script), len(cut[i]), 1, 0, 0)
        meta = struct.pack("<IIIIIIB", 0xFF000000 + i * block, 0, i * block, len(cut[i]), 0, 0, 0)
        parts.append(dell_part(APTIO, head + script + cut[i], 2, meta=meta if with_meta else b""))
    return dell_parts(*parts)


# Insyde


def insyde_part(tag, data):
    return b"$_IFLASH" + tag.encode().ljust(8, b"_") + struct.pack("<II", len(data) + 8, len(data)) + data + bytes(8)


def insyde_packer(archive):
    turned = bytes(byte << 1 & 0xFF | byte >> 7 for byte in archive)
    return b";!@Install@!UTF-8!\r\n;!@InstallEnd@!\r\n" + turned


# AMI's Utility Configuration Program


def ucp(modules, tag="@UAF"):
    """modules: (tag, bytes, packed bytes or None)"""
    body = b""
    for name, data, packed in modules:
        content = packed if packed else struct.pack("<II", len(data), len(data)) + data
        body += struct.pack("<4sIHBB4s", name.encode(), 16 + len(content), 0, 0, 0, b"") + content
    return struct.pack("<4sIHBB4s", tag.encode(), 16 + len(body), 0, 0, 0, b"") + body


# Option ROMs


def rom_image(body, code_type=3, machine=0x8664, compression=0, last=False, vendor=0x8086, device=0x46D1):
    """The body stands at the end of whole units, in EFI images."""
    size = -(-(56 + len(body)) // 512) * 512
    offset = size - len(body)
    if code_type == 3:
        head = struct.pack("<HHIHHH8xHH", 0xAA55, size // 512, 0x0EF1, 0x0B, machine, compression, offset, 28)
    else:
        head = struct.pack("<HB21xH", 0xAA55, size // 512, 28)
    head = head.ljust(28, b"\0")
    head += struct.pack("<4sHHHHB3sHHBBHHH", b"PCIR", vendor, device, 0, 28, 3, b"\0\0\3", size // 512, 0, code_type, 0x80 if last else 0, 0, 0, 0)
    return head + bytes(offset - len(head)) + body
