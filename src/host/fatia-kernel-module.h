/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

FatiaTruth fatia_kernel_module_look (FatiaHostRoot *root, const char *name);

G_END_DECLS
