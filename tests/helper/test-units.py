#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our units as systemd reads them: valid, locked down, and each exception with its reason."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

from harness import HELPER, expect, run_tests

UNITS = os.environ["FATIA_UNITS"]
# Of 10; what systemd-analyze itself calls "OK" ends at about 3.
EXPOSURE = 2.0
# What loosens the lock where it says more than nothing.
LOOSE = re.compile(r"^(?:(?:Protect|Restrict|Private)\w+=no|DeviceAllow=\S|ReadWritePaths=\S|"
                   r"CapabilityBoundingSet=[^~\s]|SystemCallFilter=[^~]|AmbientCapabilities=\S)")


def units():
    found = sorted(glob.glob(os.path.join(UNITS, "fatia-*.service")))
    expect(len(found) >= 2, "there are no units in", UNITS)
    return found


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def each_is_valid():
    """With the program where the build has it."""
    with tempfile.TemporaryDirectory() as folder:
        for unit in units():
            with open(unit, encoding="utf-8") as file:
                text = re.sub(r"(?<==)/\S+/fatia-helper\b", HELPER, file.read())
            expect(HELPER in text, unit, "starts another program")
            copy = os.path.join(folder, os.path.basename(unit))
            with open(copy, "w", encoding="utf-8") as file:
                file.write(text)
            run = analyze("verify", "--man=no", copy)
            expect(run.returncode == 0 and not run.stderr, unit, run.stderr)


def each_is_locked_down():
    for unit in units():
        run = analyze("security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", "--no-pager", unit)
        found = re.search(r"Overall exposure level for \S+ (\d+\.\d)", run.stdout)
        expect(found, run.stdout, run.stderr)
        print(f"# {os.path.basename(unit)}: {found[1]}", flush=True)
        expect(run.returncode == 0 and float(found[1]) <= EXPOSURE, run.stdout)


def each_exception_has_its_reason():
    """A comment above it, in the same paragraph."""
    reasons = 0
    for unit in units():
        with open(unit, encoding="utf-8") as file:
            lines = file.read().splitlines()
        for number, line in enumerate(lines):
            if not LOOSE.match(line):
                continue
            if line == "SystemCallFilter=@system-service":
                # Where every list of ours begins.
                continue
            above = number
            while above > 0 and lines[above] and not lines[above].startswith("#"):
                above -= 1
            expect(lines[above].startswith("#"), unit, line, "has no reason beside it")
            reasons += 1
    expect(reasons >= 3, "the test does not know the units' settings any more")


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        print("1..0 # SKIP optional: this system has no systemd-analyze")
    else:
        run_tests([each_is_valid, each_is_locked_down, each_exception_has_its_reason])
