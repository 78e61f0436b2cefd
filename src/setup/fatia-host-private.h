/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "setup/fatia-helper.h"
#include "setup/fatia-host.h"

G_BEGIN_DECLS

FatiaHelper *fatia_host_get_helper (FatiaHost *self);
/* Plans the undoing of @change and does it at once, by those of @decisions that it needs. Boolean.
 */
DexFuture *fatia_host_undo_change (FatiaHost *self, const char *change, GVariant *decisions);
GListStore *fatia_past_changes_new_from_variant (GVariant *changes);

G_END_DECLS
