/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* A line for the person who waits; called in the thread that works. */
typedef void (*FatiaProgress) (const char *text, gpointer user_data);

/* On a slow machine: grub-mkconfig with os-prober takes a minute where there are many disks, the
 * initramfs of one kernel as long, and some have half a dozen of them. */
#define FATIA_COMMAND_SECONDS 900

/* Packages are fetched, and a driver is compiled, on a slow machine by a slow line. */
#define FATIA_COMMAND_LONG_SECONDS 3600

typedef struct
{
  guint seconds;    /* how long it may take */
  gboolean network; /* whether it may talk to other computers */
  GBytes *input;    /* (nullable): what it reads from its standard input; none */
  gboolean alone;   /* it changes the host: there is one such at a time, known by its unit */
} FatiaCommandLimits;

gboolean fatia_command_end_left (FatiaHostRoot *root, GError **error);
gboolean fatia_command_is_there (FatiaHostRoot *root, const char *name, GError **error);
gboolean fatia_command_run (FatiaHostRoot *root,
                            const char *const *argv,
                            guint seconds,
                            FatiaProgress progress,
                            gpointer user_data,
                            GError **error);
gboolean fatia_command_run_within (FatiaHostRoot *root,
                                   const char *const *argv,
                                   const FatiaCommandLimits *limits,
                                   FatiaProgress progress,
                                   gpointer user_data,
                                   GError **error);

G_END_DECLS
