#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fuzz.py BUILD [--full|--executions N] [--jobs N] [TARGET…] [FILE…]: hostile bytes for every parser.

Without --full each target gets a sample of some thousand executions that begins the same each
time. With it, ten million for the parsers of /etc and its like together, from another beginning
each time, and the tests that take longer than others: a shell that judges GRUB's edits, and faults
at every call of every kind of step. The firmware engine's parts get ten million each, which takes
an hour and more of a processor, where --full names them or their group: --full engine. A target and
files: these are run, to repeat a find. --tap TARGET is the sample as a
test. What is found is kept in BUILD/finds.
"""

import argparse
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MEMORY_MIB = 1024
# A single input may take so long, far more than any needs on a busy machine.
INPUT_SECONDS = 25

# Parsers of /etc and its like: executions of the sample and of the full run, more of the faster
# ones, and the longest input.
ETC = {
    "cmdline-file": (3000, 400_000, 4096),
    "cmdline-line": (3000, 500_000, 4096),
    "dracut": (3000, 1_200_000, 4096),
    "entry": (3000, 400_000, 4096),
    "grub": (3000, 500_000, 8192),
    "grub-entry": (3000, 400_000, 4096),
    "install-errors": (3000, 300_000, 4096),
    "journal": (3000, 800_000, 8192),
    "kernel-arguments": (3000, 1_500_000, 2048),
    "kernelstub": (3000, 1_200_000, 4096),
    "limine": (3000, 400_000, 4096),
    "limine-default": (3000, 700_000, 4096),
    "limine-old": (3000, 700_000, 4096),
    "merge": (3000, 100_000, 4096),
    "qemu-conf": (3000, 1_200_000, 4096),
    "refind": (3000, 900_000, 8192),
    "refind-linux": (3000, 900_000, 4096),
    "sdboot-manage": (3000, 900_000, 4096),
    # These fill the folder of a host each time.
    "boot-host": (300, 30_000, 8192),
    "efi-program": (500, 30_000, 8192),
    "facts": (300, 30_000, 16384),
    "journal-host": (500, 30_000, 8192),
    "memory-host": (300, 30_000, 8192),
    "virtual-functions": (500, 30_000, 1024),
}
# The parts of the firmware engine, small and fast enough for ten million of each.
ENGINE = {
    "decode-brotli": (3000, 10_000_000, 256),
    "decode-efi11": (3000, 10_000_000, 256),
    "decode-lzma": (3000, 10_000_000, 256),
    "decode-lzma-x86": (3000, 10_000_000, 256),
    "decode-tiano": (3000, 10_000_000, 256),
    "firmware-tree": (3000, 10_000_000, 1024),
    "pe": (3000, 10_000_000, 3072),
    "walk": (3000, 10_000_000, 1024),
}
# What comes from firmware and from a guest.
OTHERS = {
    # Most of the time of this one is libarchive's.
    "archive": (500, 300_000, 16384),
    "firmware": (500, 200_000, 32768),
    "glass": (500, 100_000, 2048),
    "image-marks": (3000, 500_000, 4096),
    "option-rom": (3000, 500_000, 4096),
}
# Packages around firmware; readers of our own.
PACKAGES = {
    name: (3000, 10_000_000, 8192)
    for name in (
        "ami-hp",
        "capsule",
        "dell-parts",
        "dell-update",
        "insyde",
        "insyde-installer",
        "option-rom-read",
        "pfat",
    )
}
OTHERS.update(PACKAGES)
TARGETS = {**ETC, **ENGINE, **OTHERS}
GROUPS = {"etc": ETC, "engine": ENGINE, "packages": PACKAGES, "others": OTHERS}
# Programs of the sanitized build that do more when they are told to.
THOROUGH = (
    ("tests/unit/boot/test-grub-random", "-m", "thorough"),
    ("tests/unit/change/test-faults", "-m", "thorough"),
)
# Calls of the helper, which is that build's too.
CALLS = (os.path.join(HERE, "../helper/fuzz-calls.py"), "--count", "100000")
FIRMWARE = ("firmware", "firmware-tree", "image-marks", "option-rom", "pe", "walk")
DICTIONARIES = {
    "glass": None,
    **{name: "firmware.dict" for name in FIRMWARE},
    **dict.fromkeys(("archive", *PACKAGES), "package.dict"),
    **{name: None for name in ENGINE if name.startswith("decode-")},
}


class Run:
    """One target's executions: how many there were, and what was found."""

    def __init__(self, build, name, inputs=(), executions=0, seed=1):
        self.name = name
        self.finds = os.path.join(build, "finds", name)
        os.makedirs(self.finds, exist_ok=True)
        known = set(os.listdir(self.finds))
        self.output, self.status, self.seconds = self._execute(build, inputs, executions, seed)
        self.found = sorted(os.path.join(self.finds, f) for f in set(os.listdir(self.finds)) - known)
        self.executions = self._number("number_of_executed_units")
        self.peak = self._number("peak_rss_mb")

    def _number(self, name):
        found = re.search(rf"stat::{name}: +(\d+)", self.output)
        return int(found[1]) if found else 0

    def _execute(self, build, inputs, executions, seed):
        program = os.path.join(build, "tests/fuzz", "fuzz-" + self.name)
        options = [
            f"-rss_limit_mb={MEMORY_MIB}",
            f"-timeout={INPUT_SECONDS}",
            f"-artifact_prefix={self.finds}/",
            "-print_final_stats=1",
        ]
        environment = {
            **os.environ,
            "G_DEBUG": "fatal-warnings",
            "LC_ALL": "C.UTF-8",
            "ASAN_OPTIONS": "detect_leaks=1:quarantine_size_mb=32"
            # libarchive takes what an archive claims at its word; a refusal is part of what is tried.
            f":allocator_may_return_null=1:max_allocation_size_mb={MEMORY_MIB // 2}"
            f":external_symbolizer_path={shutil.which('llvm-symbolizer') or shutil.which('addr2line') or ''}",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        }
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="fatia-fuzz-") as corpus:
            if not inputs:
                dictionary = DICTIONARIES.get(self.name, "boot.dict")
                options += [f"-runs={executions}", f"-seed={seed}", f"-max_len={TARGETS[self.name][2]}"]
                options += [f"-dict={HERE}/{dictionary}"] if dictionary else []
                # The first folder takes what is new.
                inputs = [corpus, os.path.join(build, "tests/fuzz/seeds", self.name)]
            ended = subprocess.run(
                [program, *options, *inputs], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        return ended.stdout.decode("utf-8", "replace"), ended.returncode, time.monotonic() - start

    def tell(self):
        rate = self.executions / max(self.seconds, 0.1)
        print(
            f"{self.name:20} {self.executions:>9} executions {self.seconds:7.0f} s {rate:8.0f}/s "
            f"{self.peak:5} MiB  {'clean' if self.status == 0 else 'FOUND SOMETHING'}",
            flush=True,
        )
        if self.status != 0:
            print(self.output[-6000:])
            for path in self.found:
                print(f"kept in {path}; to repeat it: ./dev fuzz {self.name} {path}", flush=True)


def tap(build, name):
    run = Run(build, name, executions=TARGETS[name][0])
    print("1..1")
    for line in run.output.splitlines() if run.status != 0 else []:
        print("#", line)
    for path in run.found:
        print(f"# kept in {path}; to repeat it: ./dev fuzz {name} {path}")
    print("ok" if run.status == 0 and run.executions > 0 else "not ok", f"1 - {name}: {run.executions} executions")
    return run.status


def campaign(build, names, executions, seed, jobs):
    """All of @names, each with as many executions as it is given."""
    print(f"seed {seed}", flush=True)
    runs = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        waiting = [
            pool.submit(Run, build, name, executions=executions or TARGETS[name][seed != 1], seed=seed) for name in names
        ]
        for done in concurrent.futures.as_completed(waiting):
            runs.append(done.result())
            runs[-1].tell()
    etc = sum(run.executions for run in runs if run.name in ETC)
    others = sum(run.executions for run in runs if run.name not in ETC)
    bad = [run.name for run in runs if run.status != 0]
    print(f"{etc} executions of parsers of /etc and its like, {others} of others")
    print(f"not clean: {', '.join(sorted(bad))}" if bad else "clean")
    return 1 if bad else 0


def thorough(build):
    """The tests that do more than a test has time for."""
    environment = {
        **os.environ,
        "G_DEBUG": "fatal-warnings",
        "G_TEST_SRCDIR": os.path.dirname(os.path.dirname(HERE)),
        "G_TEST_BUILDDIR": build,
        "LC_ALL": "C.UTF-8",
    }
    environment["FATIA_HELPER"] = os.path.join(build, "helper/fatia-helper")
    bad = 0
    for program, *words in (*THOROUGH, CALLS):
        start = time.monotonic()
        command = [os.path.join(build, program), *words]
        if program == CALLS[0]:
            command = [sys.executable, *command, "--seed", str(random.randrange(1 << 31))]
        ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = ended.stdout.decode("utf-8", "replace").splitlines()
        cases = sum(line.startswith("ok ") for line in output)
        counts = [line[2:] for line in output if line.startswith("# ") and re.search("went through a fault$|calls in", line)]
        print(
            f"{os.path.basename(program):20} {cases:>9} cases {time.monotonic() - start:12.0f} s  "
            f"{'clean' if ended.returncode == 0 else 'FAILED'} {' '.join(counts)}",
            flush=True,
        )
        if ended.returncode != 0:
            bad += 1
            print("\n".join(output[-40:]))
    return bad


def main():
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__.split("\n\n")[1])
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("--sanitized", metavar="BUILD", help=argparse.SUPPRESS)
    parser.add_argument("--full", action="store_true", help="ten million executions")
    parser.add_argument("--executions", type=int, metavar="N", help="so many for each target, from a random seed")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="targets at a time")
    parser.add_argument("--tap", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("what", nargs="*", metavar="TARGET|GROUP|FILE", help=", ".join([*GROUPS, *sorted(TARGETS)]))
    arguments = parser.parse_args()
    names = [name for word in arguments.what for name in GROUPS.get(word, [word] if word in TARGETS else [])]
    files = [word for word in arguments.what if word not in TARGETS and word not in GROUPS]
    missing = [file for file in files if not os.path.exists(file)]
    if missing:
        parser.error(f"there is no target and no file {missing[0]}; targets: {', '.join(sorted(TARGETS))}")
    if arguments.tap:
        return tap(arguments.build, names[0])
    if files:
        if len(names) != 1:
            parser.error("files are for one target: ./dev fuzz TARGET FILE…")
        run = Run(arguments.build, names[0], inputs=files)
        print(run.output)
        return run.status
    seed = random.randrange(2, 1 << 31) if arguments.full or arguments.executions else 1
    everything = [name for name in TARGETS if not arguments.full or name not in ENGINE]
    status = campaign(arguments.build, names or everything, arguments.executions, seed, arguments.jobs)
    if arguments.full and not names and thorough(arguments.sanitized):
        status = 1
    return status


sys.exit(main())
