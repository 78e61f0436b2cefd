/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One line of a plan, to be looked at. */
#define FATIA_TYPE_PLAN_ITEM (fatia_plan_item_get_type ())
G_DECLARE_FINAL_TYPE (FatiaPlanItem, fatia_plan_item, FATIA, PLAN_ITEM, GObject)

/* "file", "link", "attribute", "command" from the helper, and of undoing "conflict" (others changed
 * it too: a person decides) and "kept"; "domain" for libvirt; "advice" for
 * what the person does by hand */
const char *fatia_plan_item_get_kind (FatiaPlanItem *self);
const char *fatia_plan_item_get_target (FatiaPlanItem *self); /* a path, a command */
const char *fatia_plan_item_get_title (FatiaPlanItem *self);  /* a sentence */
const char *fatia_plan_item_get_text (FatiaPlanItem *self);   /* a unified diff, XML, … */

/* What applying a step would do. A list model of FatiaPlanItem; empty where nothing is left to
 * do. The digest is what ties apply to what was shown. */
#define FATIA_TYPE_PLAN (fatia_plan_get_type ())
G_DECLARE_FINAL_TYPE (FatiaPlan, fatia_plan, FATIA, PLAN, GObject)

FatiaPlan *fatia_plan_new (const char *digest);
FatiaPlan *fatia_plan_new_from_variant (const char *digest, GVariant *items);
void fatia_plan_add (
  FatiaPlan *self, const char *kind, const char *target, const char *title, const char *text);
const char *fatia_plan_get_digest (FatiaPlan *self);
gboolean fatia_plan_is_empty (FatiaPlan *self);
/* (transfer full): the targets of its items of kind "conflict" */
GStrv fatia_plan_get_conflicts (FatiaPlan *self);

G_END_DECLS
