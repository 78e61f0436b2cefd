# SPDX-License-Identifier: GPL-3.0-or-later
"""What QEMU's blklogwrites filter wrote down: each write and flush of a disk in its order, and from
it the disk as a power cut would have left it. The format is that of the kernel's
Documentation/admin-guide/device-mapper/log-writes.rst."""

import os
import random
import struct

MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD = 1, 2, 4
SECTOR = 512


class WriteLog:
    """The entries of a log file; each with where it ends in the file."""

    def __init__(self, path):
        self.file = open(path, "rb")  # pylint: disable=consider-using-with
        magic, version, _, self.sector = struct.unpack("<QQQI", self.file.read(28))
        if (magic, version) != (MAGIC, 1):
            raise ValueError(f"{path} is no log of writes")
        self.entries = list(self.read_entries(os.path.getsize(path)))

    def read_entries(self, size):
        """Each as (offset on the disk, length, flags, offset of the data, end); the last one is left
        out where QEMU was killed while it was written."""
        at = self.sector
        while at + self.sector <= size:
            self.file.seek(at)
            start, count, flags, _ = struct.unpack("<QQQQ", self.file.read(32))
            data = at + self.sector
            end = data if flags & DISCARD else data + count * self.sector
            if end > size:
                return
            yield start * self.sector, count * self.sector, flags, data, end
            at = end

    def index_at(self, end):
        """How many entries stood in the log when it was so long."""
        return sum(1 for entry in self.entries if entry[4] <= end)

    def is_flush(self, index):
        """Whether the entry after so many is a flush."""
        return index < len(self.entries) and bool(self.entries[index][2] & FLUSH)

    def data(self, entry):
        """What was written; nothing for a flush, and for a discard, which may be left undone."""
        _, length, flags, data, _ = entry
        if flags & DISCARD:
            return b""
        self.file.seek(data)
        return self.file.read(length)


class Replay:
    """A raw disk on which a log is done again up to one moment after the other."""

    def __init__(self, log, disk):
        self.log = log
        self.disk = open(disk, "r+b")  # pylint: disable=consider-using-with
        self.done = 0
        self.undo = []

    def write(self, offset, data, keep=False):
        if keep:
            self.disk.seek(offset)
            self.undo.append((offset, self.disk.read(len(data))))
        self.disk.seek(offset)
        self.disk.write(data)

    def restore(self):
        """Takes back what was written beyond the last flush."""
        while self.undo:
            self.write(*self.undo.pop())

    def cut(self, index, seed):
        """The disk as it may be when the power goes after `index` entries: all up to the last flush,
        and of what was written since then some writes whole, some torn, some not at all. Gives how
        many writes were at stake and how many of them did not come through whole."""
        chance = random.Random(seed)
        entries = self.log.entries
        flushed = max((i + 1 for i in range(index) if entries[i][2] & FLUSH), default=0)
        self.restore()
        if flushed < self.done:
            raise ValueError("cuts must come in their order")
        for entry in entries[self.done:flushed]:
            self.write(entry[0], self.log.data(entry))
        self.done = flushed
        lost = 0
        for entry in entries[flushed:index]:
            data = self.log.data(entry)
            fate = 2 if entry[2] & FUA else chance.randrange(3)
            if fate == 1:
                data = data[:chance.randrange(len(data) // SECTOR + 1) * SECTOR]
            if fate < 2:
                lost += 1
            if fate and data:
                self.write(entry[0], data, keep=True)
        self.disk.flush()
        return index - flushed, lost
