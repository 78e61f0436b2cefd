#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole journey on a copy of each practice tree: look, plan, apply, restart, undo; afterwards
the tree is byte for byte what it was."""

import functools
import json
import os

from journey import (
    ERROR,
    IMAGE,
    NOTHING,
    OK,
    SOURCE,
    TREES,
    add,
    assert_same,
    main,
    run,
    snapshot,
    tree,
)

with open(os.path.join(SOURCE, "tests/journey/expectations.json"), encoding="utf-8") as expectations:
    EXPECTED = json.load(expectations)

OPTIONS = {
    "gop": ["--image", IMAGE],
    "vfs": ["--count", "2"],
}


def states(root):
    return {step["id"]: step["state"] for step in run("status", "--json", "--host-root", root).json["steps"]}


def findings(name):
    expected = EXPECTED[name]["not passed"]
    with tree(name) as root:
        before = snapshot(root)
        code = NOTHING if "failed" in expected.values() else OK
        found = run("check", "--json", "--host-root", root, code=code).json["findings"]
        listed = run("check", "--list", "--json").json["findings"]
        assert [f["id"] for f in found] == [f["id"] for f in listed]
        assert {f["id"]: f["state"] for f in found if f["state"] != "passed"} == expected
        for finding in found:
            assert finding["meaning"] and finding["title"]
            assert finding["remedy"] or finding["state"] != "failed", finding
        assert_same(before, snapshot(root))


def plans_change_nothing(name):
    with tree(name) as root:
        before = snapshot(root)
        assert states(root) == EXPECTED[name]["before"]
        steps = run("plan", "--json", "--image", IMAGE, "--host-root", root).json["steps"]
        for step in steps:
            # What can't be planned says why.
            if step["state"] == "blocked":
                assert step["problem"] == step["message"]
                run("plan", step["id"], "--host-root", root, code=ERROR)
                run("apply", step["id"], "--host-root", root, code=ERROR)
            elif step["state"] == "todo":
                assert step["items"], step
                assert all(item["title"] and item["kind"] for item in step["items"])
            else:
                assert step["items"] == [], step
        assert_same(before, snapshot(root))


def apply_step(root, step, ids):
    """Applies @step, which can be; adds its change to @ids."""
    items = run("plan", step, "--json", *OPTIONS.get(step, []), "--host-root", root).json["steps"][0]["items"]
    text = run("plan", step, *OPTIONS.get(step, []), "--host-root", root).out
    for item in items:
        assert item["text"].strip() in text, item
    changes = run("apply", step, "--json", *OPTIONS.get(step, []), "--host-root", root).json["changes"]
    assert len(changes) == 1 and changes[0] not in ids, changes
    ids.append(changes[0])
    # What was planned is there: a diff's new lines are in the file.
    for item in items:
        if item["kind"] == "file":
            with open(os.path.join(root, item["target"].lstrip("/")), "rb") as file:
                content = file.read()
            for line in item["text"].splitlines():
                if line.startswith("+") and not line.startswith("+++"):
                    assert line[1:].encode() in content, (line, item["target"])
    again = run("apply", step, "--json", *OPTIONS.get(step, []), "--host-root", root).json
    assert again["changes"] == []


def there_and_back(name):
    with tree(name) as root:
        before = snapshot(root)
        expected = EXPECTED[name]
        ids = []
        for step in ("software", "gop", "boot"):
            if expected["before"][step] == "todo":
                apply_step(root, step, ids)
        if expected["before"]["boot"] == "todo":
            status = run("status", "--json", "--host-root", root).json
            assert status["restart"] and status["current"] == "boot", status
        run("restart", "--host-root", root)
        for step in ("vfs", "memory"):
            if states(root)[step] == "todo":
                apply_step(root, step, ids)
        # The module of the memory is loaded by a boot.
        if states(root)["memory"] == "restart":
            run("restart", "--host-root", root)
        assert states(root) == expected["after"]
        run("restart", "--host-root", root)
        assert states(root) == expected["after"], "a restart must keep what was set up"

        changes = run("changes", "--json", "--host-root", root).json["changes"]
        assert [c["id"] for c in changes] == ids
        assert {c["state"] for c in changes} == {"applied"}

        undone = run("undo", "all", "--json", "--host-root", root).json["undone"]
        assert sorted(undone) == sorted(ids)
        run("restart", "--host-root", root)
        assert_same(before, snapshot(root))
        assert states(root) == expected["before"]
        assert run("changes", "--json", "--host-root", root).json["changes"] == []
        run("undo", "--host-root", root, code=NOTHING)


def all_at_once(name):
    """`apply all` and `apply`, restarting where it says so, then undoing one by one."""
    with tree(name) as root:
        before = snapshot(root)
        expected = EXPECTED[name]
        first = run("apply", "all", "--yes", "--json", "--image", IMAGE, "--host-root", root, code=None)
        if first.json["restart"]:
            assert first.code == OK
            run("restart", "--host-root", root)
            first = run("apply", "--yes", "--json", "--host-root", root, code=None)
            if states(root)["memory"] == "restart":
                run("restart", "--host-root", root)
        left = [s for s, state in states(root).items() if state not in ("done",) and s != "vm"]
        assert first.code == (NOTHING if left else OK), (first.code, left)
        assert states(root) == expected["after"]
        count = len(run("changes", "--json", "--host-root", root).json["changes"])
        for _ in range(count):
            run("undo", "--yes", "--host-root", root)
        run("restart", "--host-root", root)
        assert_same(before, snapshot(root))


assert sorted(EXPECTED) == sorted(os.listdir(TREES)), "every practice tree has its expectations"
for tree_name in sorted(EXPECTED):
    for part in (findings, plans_change_nothing, there_and_back, all_at_once):
        add(f"{tree_name}: {part.__name__.replace('_', ' ')}", functools.partial(part, tree_name))
main()
