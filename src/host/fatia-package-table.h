/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

/* Reading data/tables/packages.ini. A family is a row "family NAME". */
char *fatia_package_family_find (const FatiaFacts *facts);
char *fatia_package_family_get (const char *family, const char *key);
GStrv fatia_package_family_get_list (const char *family, const char *key);
gboolean fatia_package_software_is_known (const char *software);
char *fatia_package_software_get_title (const char *software);
char *fatia_package_names (const char *software, const char *family, const FatiaFacts *facts);

G_END_DECLS
