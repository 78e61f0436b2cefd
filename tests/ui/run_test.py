#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ./dev run opens the window once it is built: on a display, and without one in a browser,
through GTK's Broadway. Ended from outside, it takes everything with it that it started."""

import base64
import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

from common import PATIENCE, Desktop, Failure, Program, say, start, wait_until

RUN = os.path.join(os.path.dirname(__file__), "../../build-aux/run")


def expect(truth, what):
    if not truth:
        raise Failure(what)


def read_address(process):
    """What it prints of where the window is."""
    said = ""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if select.select([process.stderr], [], [], 1)[0]:
            some = os.read(process.stderr.fileno(), 4096).decode(errors="replace")
            if not some:
                break
            said += some
        found = re.search(r"open (http://\S+) in a browser", said)
        if found:
            return found[1]
    raise Failure(f"it does not say where the window is, but: {said}")


def get(address):
    place = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=PATIENCE)
    try:
        connection.request("GET", place.path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def count_drawn(address, enough):
    """Opens the web socket as a browser does, and counts the bytes that draw the window."""
    place = urllib.parse.urlsplit(address)
    with socket.create_connection((place.hostname, place.port), PATIENCE) as connection:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            "GET /socket HTTP/1.1",
            f"Host: {place.netloc}",
            f"Origin: http://{place.netloc}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: broadway",
            f"Sec-WebSocket-Key: {key}",
            "",
            "",
        )
        connection.sendall("\r\n".join(lines).encode())
        answer = connection.recv(65536)
        expect(b" 101 " in answer.split(b"\r\n")[0], f"the web socket answers {answer[:80]}")
        count = len(answer)
        while count < enough:
            some = connection.recv(65536)
            if not some:
                break
            count += len(some)
        return count


def read_stat(pid):
    """State and parent of a process, or nothing where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            state, parent = file.read().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None, None
    return state, int(parent)


def children(pid):
    """The processes below it."""
    found = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    found = [child for child in found if read_stat(child)[1] == pid]
    return found + [low for child in found for low in children(child)]


def is_alive(pid):
    return read_stat(pid)[0] not in (None, "Z")


def end(process):
    """Ends it as a terminal that is closed does; nothing it started stays."""
    below = children(process.pid)
    expect(below, "it runs nothing")
    process.send_signal(signal.SIGTERM)
    status = process.wait(PATIENCE)
    expect(status == 143, f"it ends with {status}")
    try:
        wait_until(lambda: not any(map(is_alive, below)), "what it started to end")
    finally:
        for pid in filter(is_alive, below):
            os.kill(pid, signal.SIGKILL)


def in_a_browser(folder):
    environment = {**os.environ, "XDG_RUNTIME_DIR": os.path.join(folder, "none")}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "GDK_BACKEND", "DBUS_SESSION_BUS_ADDRESS"):
        environment.pop(name, None)
    arguments = ["--practice", "--practice-folder", os.path.join(folder, "browser")]
    process = start([RUN, *arguments], env=environment, stderr=subprocess.PIPE)
    try:
        address = read_address(process)
        status, page = get(address)
        expect(status == 200, f"{address} answers {status}")
        expect("broadway.js" in page, f"{address} is not GTK's page: {page[:200]}")
        # A first picture is 7 kB; the program goes on only when a real browser answers it. Without
        # a window nothing comes but the head.
        expect(count_drawn(address, 2000) >= 2000, "no window is drawn")
        end(process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def on_a_display(folder):
    arguments = ("--practice", "--practice-folder", os.path.join(folder, "display"))
    with Desktop() as desktop, Started(desktop, *arguments) as program:
        program.wait_for("Welcome", "grouping")
        program.wait_text("nothing on this computer changes")
        expect(program.close() == 0, "it does not end well")


class Started(Program):
    """The program as ./dev run starts it, which is its parent."""

    command = (RUN,)

    def is_of(self, pid):
        return pid in children(self.process.pid)


WAYS = (in_a_browser, on_a_display)


def main():
    failed = False
    print(f"TAP version 13\n1..{len(WAYS)}", flush=True)
    for number, way in enumerate(WAYS, 1):
        words = way.__name__.replace("_", " ")
        with tempfile.TemporaryDirectory(prefix="fatia-run-") as folder:
            try:
                way(folder)
                print(f"ok {number} - {words}", flush=True)
            except Exception as failure:  # a way that fails in any way fails the test
                say(traceback.format_exc() if not isinstance(failure, Failure) else failure)
                print(f"not ok {number} - {words}", flush=True)
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
