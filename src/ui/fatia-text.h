/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Descriptions and status texts are markup; what comes from a computer is not. */
void fatia_group_set_description (AdwPreferencesGroup *group, const char *text);
void fatia_status_set_description (AdwStatusPage *page, const char *text);

G_END_DECLS
