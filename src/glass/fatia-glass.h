/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-frame-source.h"

G_BEGIN_DECLS

/* The Looking Glass memory (LGMP and KVMFR) of one guest, read in a thread of its own. It waits
 * for the file, the host application and its restarts by itself, until stopped. */
#define FATIA_TYPE_GLASS (fatia_glass_get_type ())
G_DECLARE_FINAL_TYPE (FatiaGlass, fatia_glass, FATIA, GLASS, GObject)

FatiaGlass *fatia_glass_new (const char *path);
const char *fatia_glass_get_path (FatiaGlass *self);

G_END_DECLS
