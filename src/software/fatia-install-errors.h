/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

char *fatia_install_errors_explain (const char *text);
void fatia_install_errors_explain_set (FatiaChangeSet *set, const char *version);

G_END_DECLS
