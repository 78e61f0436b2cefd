/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* A line for the person who waits; called in the thread that works. */
typedef void (*FatiaProgress) (const char *text, gpointer user_data);

/* On a slow machine: grub-mkconfig with os-prober takes a minute where there are many disks, the
 * initramfs of one kernel as long, and some have half a dozen of them. */
#define FATIA_COMMAND_SECONDS 900

gboolean fatia_command_is_there (FatiaHostRoot *root, const char *name, GError **error);
gboolean fatia_command_run (FatiaHostRoot *root,
                            const char *const *argv,
                            guint seconds,
                            FatiaProgress progress,
                            gpointer user_data,
                            GError **error);

G_END_DECLS
