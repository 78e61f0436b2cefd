# SPDX-License-Identifier: GPL-3.0-or-later
"""The power goes at many moments of the same changes. The machine that made them had all its writes
and flushes written down; here the disk is what a cut at one moment leaves of them: what was flushed
is there, and of the rest a part, torn or whole, by a chance whose seed is told."""

import os
import random
import shutil
import tempfile

from guest import Helper, expect, snapshot
from qemu import Machine, overlay
from write_log import Replay, WriteLog

JOURNAL = "/var/lib/fatia/journal"


class Moment:
    """A cut: after so many entries of the log, while `name` was under way or just after it."""

    def __init__(self, name, index, result=None):
        self.name = name
        self.index = index
        # What must be in effect: a step that was said to be done stays done.
        self.result = result


def choose(log, calls, count, seed):
    """`count` moments spread over the calls, each (name, begin, end, result) by lengths of the log,
    and as many ends of calls as there are for each two of them. Just before a flush most is at
    stake, and just after it nothing: the former are taken, if there are enough."""
    chance = random.Random(seed)
    before_flush, others, ends = [], [], []
    for name, begin, end, result in calls:
        first, last = log.index_at(begin), log.index_at(end)
        ends.append(Moment(name + " is done", last, result))
        for i in range(first + 1, last):
            (before_flush if log.is_flush(i) else others).append(Moment(name, i))
        print(f"# {name}: {last - first} writes and flushes", flush=True)
    chosen = spread(before_flush, count, chance)
    chosen += spread(others, count - len(chosen), chance) + ends[:count // 2]
    return sorted(chosen, key=lambda moment: moment.index)


def spread(moments, count, chance):
    """At most `count` of them, one by chance out of each of as many parts."""
    count = min(count, len(moments))
    bounds = [i * len(moments) // count for i in range(count + 1)] if count > 0 else [0]
    return [chance.choice(moments[a:b]) for a, b in zip(bounds, bounds[1:])]


def visible(entries):
    """A snapshot without the journal, which may tell of changes that were undone."""
    return {entry for entry in entries if "/var/lib/fatia" not in entry}


def check(machine, moment, results):
    """`results`: a snapshot for the steps that are in effect."""
    helper = Helper(machine)
    helper.call("ListChanges")
    names = machine.get(f"[ ! -e {JOURNAL} ] || ls -A {JOURNAL}").split()
    states = {name: name.rsplit(".", 1)[1] for name in names if not name.startswith(".")}
    expect(set(states.values()) <= {"applied", "undone", "rolled-back"}, "not settled:", names)
    expect(not [n for n in names if n.startswith(".") and n != ".made"], "left over:", names)
    applied = tuple(sorted(name.split("-", 1)[1].split(".")[0] for name, state in states.items()
                           if state == "applied"))
    if moment.result is not None:
        expect(applied == moment.result, "in effect:", applied, "not", moment.result)
    compare(machine, results, applied)
    for change in [c for c in reversed(helper.call("ListChanges")[0]) if c[4] == "applied"]:
        digest, _ = helper.call("PlanUndo", "s", change[0])
        helper.call("Undo", "ss", change[0], digest)
    compare(machine, results, ())
    return applied


def compare(machine, results, applied):
    have, want = visible(snapshot(machine)), visible(results[applied])
    expect(have == want, f"with {applied} in effect\ngone: {sorted(want - have)}\n"
           f"new: {sorted(have - want)}")


def run(tap, disk, log_path, calls, results, count, seed):
    """One case for each moment: the machine starts, the journal is settled, every file is as before
    or as after, and what is in effect can be undone."""
    log = WriteLog(log_path)
    work = tempfile.mkdtemp(prefix="fatia-machine-")
    try:
        raw = os.path.join(work, "replay.img")
        shutil.copyfile(disk, raw)
        replay = Replay(log, raw)
        for number, moment in enumerate(choose(log, calls, count, seed)):
            at_stake, lost = replay.cut(moment.index, f"{seed}-{moment.index}")

            def case(moment=moment):
                with Machine(work, overlay(work, raw)) as machine:
                    print(f"# in effect afterwards: {check(machine, moment, results)}")

            tap.case(f"power cut {number + 1}: {moment.name}, after entry {moment.index}, "
                     f"{lost} of {at_stake} unflushed writes lost or torn", case)
    finally:
        shutil.rmtree(work)
