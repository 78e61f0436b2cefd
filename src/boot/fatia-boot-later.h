/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "change/fatia-change.h"

G_BEGIN_DECLS

void fatia_boot_plan_later (FatiaHostRoot *root, FatiaChangeSet *made, FatiaChangeSet *set);

G_END_DECLS
