/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/*
 * How a graphics processor's functions share its time and memory: the files in which its driver
 * tells and takes it, and the profiles of data/tables/scheduling.ini. Function 0 is the physical
 * one, 1 the first virtual one.
 */

/* The profile that leaves it to the driver. */
#define FATIA_SCHEDULING_DRIVER "driver"

GStrv fatia_scheduling_list_profiles (void);
gboolean fatia_scheduling_has_profile (const char *profile);
char *fatia_scheduling_get_title (const char *profile);
char *fatia_scheduling_get_summary (const char *profile);
char *fatia_scheduling_get_value (const char *profile, guint function, const char *name);
char *fatia_scheduling_get_quota (const char *profile, guint count, const char *name);
gboolean fatia_scheduling_has_quotas (const char *profile);

/* The files' names, NULL at the end. */
extern const char *const fatia_scheduling_times[];
extern const char *const fatia_scheduling_quotas[];
const char *fatia_scheduling_get_default (const char *name);

gboolean fatia_scheduling_is_offered (FatiaHostRoot *root, const char *pf);
GStrv fatia_scheduling_list_folders (FatiaHostRoot *root, const char *pf, guint function);
char *fatia_scheduling_find_automatic (FatiaHostRoot *root, const char *pf);
char *fatia_scheduling_read (FatiaHostRoot *root, const char *folder, const char *name);
char *fatia_scheduling_find_profile (FatiaHostRoot *root, const char *pf);

G_END_DECLS
