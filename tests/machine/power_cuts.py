# SPDX-License-Identifier: GPL-3.0-or-later
"""The power goes at many moments of the same changes. The machine that made them had all its writes
and flushes written down; here the disk is what a cut at one moment leaves of them: what was flushed
is there, and of the rest a part, torn or whole, by a chance whose seed is told."""

import os
import random
import re
import shutil
import subprocess
import tempfile
import time

from guest import Helper, expect, expect_equal, snapshot
from qemu import Machine, overlay
from write_log import Replay, WriteLog

JOURNAL = "/var/lib/fatia/journal"
SETTLED = {"applied", "undone", "rolled-back"}
# The unit that settles an interrupted change when the machine starts has done so, or had none to
# settle: it may be about to when commands are taken.
UNIT_ENDED = """
show () { systemctl show -P "$1" fatia-recover.service; }
for _ in {1..3000}; do
  case $(show LoadState):$(show ActiveState):$(show ConditionTimestampMonotonic) in
    loaded:activating:*|loaded:deactivating:*|loaded:inactive:0) sleep 0.2 ;;
    *) break ;;
  esac
done
show LoadState; show Result
journalctl -b --no-pager -o cat -u fatia-recover.service
"""
# FAT keeps no journal: a file is replaced as a whole there, too, but what a cut in the midst of it
# leaves without a name (the old or the new file) fsck makes a file of.
FOUND = re.compile(r"/boot/efi/FSCK\d{4}\.REC")


class Moment:
    """A cut: after so many entries of the log, while `name` was under way or just after it."""

    def __init__(self, name, index, result=None):
        self.name = name
        self.index = index
        # What must be in effect: a step that was said to be done stays done.
        self.result = result


def spread(moments, count, chance):
    """At most `count` of them, one by chance out of each of as many parts."""
    count = min(count, len(moments))
    bounds = [i * len(moments) // count for i in range(count + 1)] if count > 0 else [0]
    return [chance.choice(moments[a:b]) for a, b in zip(bounds, bounds[1:])]


def visible(entries):
    """A snapshot without the journal, which may tell of changes that were undone."""
    return {entry for entry in entries
            if JOURNAL not in entry and not entry.rstrip().endswith(" /var/lib/fatia")}


class PowerCuts:
    """Those of one story: of a machine that `disk` was the disk of when it began."""

    def __init__(self, tap, loader, disk, story):
        self.tap = tap
        self.loader = loader
        self.disk = disk
        self.log = story.log
        self.calls = story.calls
        # A snapshot for each set of steps that are in effect.
        self.results = story.results

    def choose(self, count, seed):
        """`count` moments spread over the calls, and for each five of them the end of a call. Just before a flush most is at stake, and just after it nothing: the former are
        taken, as far as there are enough in each call."""
        log = WriteLog(self.log)
        chance = random.Random(seed)
        chosen, ends = [], []
        for number, (name, begin, end, result) in enumerate(self.calls):
            first, last = log.index_at(begin), log.index_at(end)
            ends.append(Moment(name + " is done", last, result))
            inner = [Moment(name, i) for i in range(first + 1, last)]
            before_flush = [moment for moment in inner if log.is_flush(moment.index)]
            others = [moment for moment in inner if not log.is_flush(moment.index)]
            # Each call its share, the larger ones of what is left over.
            share = count * (number + 1) // len(self.calls) - count * number // len(self.calls)
            some = spread(before_flush, share, chance)
            some += spread(others, share - len(some), chance)
            self.tap.note(f"{self.loader}: {name}: {last - first} writes and flushes, "
                          f"{len(before_flush)} moments before a flush, {len(some)} tried")
            chosen += some
        chosen += spread(ends, max(1, count // 5), chance)
        return sorted(chosen, key=lambda moment: moment.index)

    def run(self, moments, seed, folder):
        """One case for each moment: the machine starts, the journal is settled by that, every file is as
        before or as after, and what is in effect can be undone."""
        work = tempfile.mkdtemp(dir=folder)
        raw = os.path.join(work, "replay.img")
        subprocess.run(["qemu-img", "convert", "-O", "raw", self.disk, raw], check=True)
        replay = Replay(WriteLog(self.log), raw)
        for moment in moments:
            at_stake, lost = replay.cut(moment.index, f"{seed}-{moment.index}")
            self.tap.case(f"{self.loader}: power cut: {moment.name}, after entry {moment.index}, "
                          f"{lost} of {at_stake} unflushed writes lost or torn",
                          lambda moment=moment: self.try_moment(moment, work, raw))
        shutil.rmtree(work)

    def try_moment(self, moment, work, raw):
        begin = time.monotonic()
        # A real start by the firmware and the boot loader, as far as the helper needs it.
        with Machine(work, overlay(work, raw), whole=False) as machine:
            started = time.monotonic()
            applied = self.check(machine, moment)
            self.tap.note(f"started in {started - begin:.0f} s; in effect: {applied}")

    def check(self, machine, moment):
        # Nobody opens Fatia: starting the machine is enough.
        said = machine.get(UNIT_ENDED)
        expect_equal(said.split()[:2], ["loaded", "success"])
        names = self.journal(machine)
        states = {name: name.rsplit(".", 1)[1] for name in names if not name.startswith(".")}
        expect(set(states.values()) <= SETTLED, "not settled:", names, said)
        applied = tuple(sorted(name.split("-", 1)[1].split(".")[0]
                               for name, state in states.items() if state == "applied"))
        if moment.result is not None:
            expect(applied == moment.result, "in effect:", applied, "not", moment.result)
        if moment.result is not None:
            self.compare(machine, applied, moment)
        # What a cut in the midst left beside files and of a record that was being written goes when
        # Fatia is opened next.
        helper = Helper(machine)
        helper.call("ListChanges")
        self.compare(machine, applied, moment)
        names = self.journal(machine)
        expect(not [n for n in names if n.startswith(".") and n != ".made"], "left over:", names)
        changes = [c for c in reversed(helper.call("ListChanges")[0]) if c[4] == "applied"]
        for change in changes:
            helper.call("Undo", "sa{sb}s", change[0], "0", helper.plan_undo(change[0]))
        if changes:
            self.compare(machine, (), moment)
        return applied

    def journal(self, machine):
        return machine.get(f"[ ! -e {JOURNAL} ] || ls -A {JOURNAL}").split()

    def compare(self, machine, applied, moment):
        have, want = visible(snapshot(machine)), visible(self.results[applied])
        if moment.result is None:
            have = {entry for entry in have if not FOUND.search(entry)}
        expect(have == want, f"with {applied} in effect\ngone: {sorted(want - have)}\n"
               f"new: {sorted(have - want)}")
