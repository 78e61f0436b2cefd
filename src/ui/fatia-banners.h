/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* What holds for the whole window: that this is practice, that a restart is due. */
#define FATIA_TYPE_BANNERS (fatia_banners_get_type ())
G_DECLARE_FINAL_TYPE (FatiaBanners, fatia_banners, FATIA, BANNERS, GtkBox)

void fatia_banners_set_setup (FatiaBanners *self, FatiaSetup *setup);

G_END_DECLS
