# SPDX-License-Identifier: GPL-3.0-or-later
"""test-test-pf.py HELPER SOURCES: what ./dev machine needs of the helper is in no other build."""

import json
import os
import re
import subprocess
import sys
import tempfile

# In the binary where the option is on: ./dev machine looks for the first of them there.
WORDS = (b"built for tests: takes 8086:10c9 for a graphics processor",
         b"built for tests: takes mtdram for a firmware chip")


def configure(sources, *options):
    with tempfile.TemporaryDirectory(prefix="fatia-test-pf-") as folder:
        return subprocess.run(
            ["meson", "setup", folder, sources, "-Dhelper_only=true", "-Dtest_pf=true", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def default(sources):
    """What a build gets that says nothing about it."""
    text = subprocess.run(["meson", "introspect", "--buildoptions", f"{sources}/meson.build"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    return next(option["value"] for option in json.loads(text) if option["name"] == "test_pf")


def askers(sources):
    """The files that turn it on, apart from tests: a packager's recipe may not be among them."""
    found = set()
    for folder, folders, files in os.walk(sources):
        folders[:] = [f for f in folders if f not in (".git", "_build", "tests", "shots")]
        paths = [os.path.join(folder, name) for name in files]
        for path in filter(os.path.isfile, paths):
            with open(path, "rb") as file:
                if re.search(rb"test_pf['\"]?\s*[=:,]\s*['\"]?(true|enabled|1)\b", file.read()):
                    found.add(os.path.relpath(path, sources))
    return found


def main():
    helper, sources = sys.argv[1:3]
    print("1..3")
    with open(helper, "rb") as file:
        binary = file.read()
    found = any(words in binary for words in WORDS)
    print("not ok" if found else "ok", "1 the helper of this build takes nothing else for a device")
    wrong = []
    for kind in ("release", "plain", "minsize"):
        run = configure(sources, "--buildtype", kind)
        if run.returncode == 0 or "it can not be part of a release build" not in run.stdout:
            wrong.append(kind)
            print("# " + run.stdout.replace("\n", "\n# "))
    print("not ok" if wrong else "ok", "2 no release build can have the option")
    there = askers(sources) - {"CONTRIBUTING.md"}
    print(f"# turned on by {sorted(there)}, else {default(sources)}")
    print("not ok" if there != {"dev"} or default(sources) is not False else "ok",
          "3 no one but ./dev machine turns it on")
    return 0


sys.exit(main())
