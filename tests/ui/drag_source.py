#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""drag_source.py FILE…: a window from which files can be dragged, as from a file manager."""

import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402


def prepare(source, x, y, paths):
    uris = "".join(Gio.File.new_for_commandline_arg(path).get_uri() + "\r\n" for path in paths)
    return Gdk.ContentProvider.new_for_bytes("text/uri-list", GLib.Bytes.new(uris.encode()))


def activate(application, paths):
    window = Gtk.ApplicationWindow(application=application, title="Drag From Here")
    window.set_decorated(False)
    window.set_default_size(160, 160)
    label = Gtk.Label(label="Drag")
    source = Gtk.DragSource(actions=Gdk.DragAction.COPY)
    source.connect("prepare", prepare, paths)
    label.add_controller(source)
    window.set_child(label)
    window.present()


application = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
application.connect("activate", activate, sys.argv[1:])
application.run([])
