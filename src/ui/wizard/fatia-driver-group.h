/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-steps.h"

G_BEGIN_DECLS

/* The chosen driver, to be saved as it is and as option ROM. */
#define FATIA_TYPE_DRIVER_GROUP (fatia_driver_group_get_type ())
G_DECLARE_FINAL_TYPE (
  FatiaDriverGroup, fatia_driver_group, FATIA, DRIVER_GROUP, AdwPreferencesGroup)

void fatia_driver_group_show (FatiaDriverGroup *self, FatiaGopStep *step);

G_END_DECLS
