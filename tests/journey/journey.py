# SPDX-License-Identifier: GPL-3.0-or-later
"""What the journeys share: running fatiactl, copies of practice trees, TAP."""

import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback

SOURCE = os.environ["G_TEST_SRCDIR"]
BUILD = os.environ["G_TEST_BUILDDIR"]
FATIACTL = os.path.join(BUILD, "src", "ctl", "fatiactl")
TREES = os.path.join(SOURCE, "data", "practice")
IMAGE = os.path.join(BUILD, "src", "firmware", "practice-firmware.bin")

OK, NOTHING, ERROR, DENIED, USAGE = 0, 1, 2, 3, 64


class Result:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        # Of the sanitized build: no word of ours.
        self.err = "".join(
            line for line in process.stderr.splitlines(True) if "makecontext/swapcontext" not in line
        )

    @property
    def json(self):
        return json.loads(self.out)


def run(*arguments, code=OK, timeout=120, **keywords):
    """Runs fatiactl and expects an exit status (None: any)."""
    process = subprocess.run(
        [FATIACTL, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=timeout,
        **keywords,
    )
    result = Result(process)
    if code is not None:
        assert result.code == code, (
            f"fatiactl {' '.join(arguments)}: exit {result.code}, expected {code}\n"
            f"{result.out}{result.err}"
        )
    # Whatever goes wrong is told in words, not by GLib's.
    for word in ("CRITICAL", "WARNING", "GDBus.Error", "Sanitizer", "Traceback"):
        assert word not in result.err, f"fatiactl {' '.join(arguments)}: {result.err}"
    if result.code in (ERROR, USAGE):
        words = [line for line in result.err.splitlines() if line.startswith("fatiactl: ")]
        assert words, f"no words: {result.err!r}"
    return result


@contextlib.contextmanager
def tree(name):
    """A copy of a practice tree; fatiactl's words to work on it."""
    with tempfile.TemporaryDirectory(prefix="fatia-journey-") as folder:
        root = os.path.join(folder, name)
        shutil.copytree(os.path.join(TREES, name), root, symlinks=True)
        yield root


def snapshot(root):
    """Path -> (kind and mode, owner, content) of everything below @root."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, root)
            info = os.lstat(path)
            content = None
            if stat.S_ISLNK(info.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(info.st_mode):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            found[relative] = (oct(info.st_mode), info.st_uid, info.st_gid, content)
    return found


def difference(before, after):
    lines = [f"gone: {path}" for path in sorted(before.keys() - after.keys())]
    lines += [f"new: {path}" for path in sorted(after.keys() - before.keys())]
    lines += [
        f"changed: {path} {before[path]} -> {after[path]}"
        for path in sorted(before.keys() & after.keys())
        if before[path] != after[path]
    ]
    return "\n".join(lines)


def assert_same(before, after):
    assert before == after, difference(before, after)


def assert_shape(value, shape, where="answer"):
    """@shape: a dict of members, a list of one shape, a type or a tuple of types."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        assert set(value) == set(shape), f"{where}: has {sorted(value)}, expected {sorted(shape)}"
        for name, member in shape.items():
            assert_shape(value[name], member, f"{where}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{where}: {value!r} is no list"
        for index, member in enumerate(value):
            assert_shape(member, shape[0], f"{where}[{index}]")
    else:
        assert isinstance(value, shape), f"{where}: {value!r}"


CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", " "), function))
    return function


def add(name, function):
    CASES.append((name, function))


def main():
    print("TAP version 13", flush=True)
    print(f"1..{len(CASES)}", flush=True)
    failed = False
    for number, (name, function) in enumerate(CASES, 1):
        try:
            function()
        except Exception:  # a test reports whatever went wrong
            failed = True
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
        else:
            print(f"ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)
