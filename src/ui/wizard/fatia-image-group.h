/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-steps.h"

G_BEGIN_DECLS

/* What was read, apart from the drivers: how it was come by, its board, its Video BIOS Tables, the
 * way inside. Signal "member": another file of the archive is to be read, by its name. */
#define FATIA_TYPE_IMAGE_GROUP (fatia_image_group_get_type ())
G_DECLARE_FINAL_TYPE (FatiaImageGroup, fatia_image_group, FATIA, IMAGE_GROUP, AdwPreferencesGroup)

void fatia_image_group_show (FatiaImageGroup *self, FatiaGopStep *step);

G_END_DECLS
