#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""test-security.py SOURCES BUILD: SECURITY.md names tests that there are, and every polkit action."""

import glob
import json
import os
import re
import subprocess
import sys

# Not tests of the build: commands of ./dev, and files.
OTHERS = re.compile(r"^(\./dev |docs/|data/)")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main():
    sources, build = sys.argv[1:3]
    text = read(os.path.join(sources, "SECURITY.md"))
    listed = subprocess.run(["meson", "introspect", "--tests", build], stdout=subprocess.PIPE, check=True)
    tests = {test["name"] for test in json.loads(listed.stdout)}
    # The fuzz build's tests are not this one's.
    tests |= {"fuzz-" + name for name in re.findall(r'^    "([a-z-]+)": \(', read(
        os.path.join(sources, "tests/fuzz/fuzz.py")), re.MULTILINE)}
    programs = "\n".join(read(path) for kind in ("c", "py") for path in glob.glob(
        os.path.join(sources, f"tests/**/*.{kind}"), recursive=True))
    wrong = []
    rows = text[text.index("## Check-list"):text.index("## What remains")]
    for row in re.findall(r"^\| .* \| (.*) \|$", rows, re.MULTILINE):
        for name in re.findall(r"`([^`]*)`", row):
            if OTHERS.match(name):
                continue
            if name.endswith("-…"):
                there = any(test.startswith(name[:-1]) for test in tests)
            elif "/" in name:
                there = name.rsplit("/", 1)[1] in programs
            else:
                there = name in tests or name.replace("-", "_") in programs
            if not there:
                wrong.append(f"there is no test {name}")
    policy = read(os.path.join(sources, "data/dev.fatia.helper.policy"))
    for action in re.findall(r'<action id="dev\.fatia\.helper\.([^"]*)">', policy):
        if f"| `{action}` |" not in text:
            wrong.append(f"SECURITY.md does not say what {action} is for")
    print("1..1")
    for line in wrong:
        print("#", line)
    print("not ok" if wrong else "ok", "1 SECURITY.md is true of the tests and the policy")
    return 0


sys.exit(main())
