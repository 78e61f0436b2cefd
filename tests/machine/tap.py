# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases counted and told as TAP, also those of several threads at once."""

import threading
import time
import traceback


class Tap:
    """Each case is told in one piece when it ends, with what was noted in it before its line."""

    def __init__(self):
        self.number = self.failed = 0
        self.lock = threading.Lock()
        self.local = threading.local()

    def note(self, text):
        """A comment: with the case that runs in this thread, else at once."""
        lines = "".join("# " + line + "\n" for line in str(text).splitlines())
        if getattr(self.local, "notes", None) is not None:
            self.local.notes.append(lines)
        else:
            with self.lock:
                print(lines, end="", flush=True)

    def case(self, words, function):
        """Runs it; gives whether it went well."""
        self.local.notes = []
        begin = time.monotonic()
        well = True
        try:
            function()
        except Exception:  # pylint: disable=broad-except
            well = False
            self.note(traceback.format_exc())
        notes, self.local.notes = self.local.notes, None
        with self.lock:
            self.number += 1
            self.failed += not well
            print("".join(notes) + f"{'ok' if well else 'not ok'} {self.number} {words} "
                  f"# {time.monotonic() - begin:.0f} s", flush=True)
        return well
