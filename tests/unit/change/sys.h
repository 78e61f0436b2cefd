/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plays the kernel behind a tree's /sys, in the very call that writes an attribute. */
#pragma once

/* @path: a file below a tree's /sys that was written */
void sys_written (const char *path);
