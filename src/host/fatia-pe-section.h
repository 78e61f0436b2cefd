/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

char *fatia_pe_section_read (FatiaHostRoot *root, const char *path, const char *name);

G_END_DECLS
