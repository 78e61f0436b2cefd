/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Keeps the VMs of libvirt's test driver, which forgets them with the process, in a folder. */
typedef struct _FatiaPracticeStore FatiaPracticeStore;

#define FATIA_PRACTICE_STORE_URI "test:///default"

FatiaPracticeStore *fatia_practice_store_open (const char *folder, const char *glass_path);
void fatia_practice_store_close (FatiaPracticeStore *self);

G_END_DECLS
