/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-plan.h"

/**
 * FatiaPlanItem:
 *
 * One thing a plan would do: a file's diff, an attribute, a command, a domain's XML, or advice
 * that the person follows by hand.
 */
struct _FatiaPlanItem
{
  GObject parent_instance;
  char *kind;
  char *target;
  char *title;
  char *text;
};

G_DEFINE_FINAL_TYPE (FatiaPlanItem, fatia_plan_item, G_TYPE_OBJECT)

/**
 * FatiaPlan:
 *
 * What applying a step would do, item by item, in the order it would be done.
 */
struct _FatiaPlan
{
  GObject parent_instance;
  char *digest;
  GPtrArray *items;
};

static void fatia_plan_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FatiaPlan,
                               fatia_plan,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      fatia_plan_list_model_init))

static void
fatia_plan_item_finalize (GObject *object)
{
  FatiaPlanItem *self = FATIA_PLAN_ITEM (object);

  g_free (self->kind);
  g_free (self->target);
  g_free (self->title);
  g_free (self->text);
  G_OBJECT_CLASS (fatia_plan_item_parent_class)->finalize (object);
}

static void
fatia_plan_item_class_init (FatiaPlanItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_plan_item_finalize;
}

static void
fatia_plan_item_init (FatiaPlanItem *self)
{
}

/**
 * fatia_plan_item_get_kind:
 *
 * Returns: (transfer none): "file", "link", "attribute", "driver", "command", "domain" or
 *   "advice"; of undoing also "conflict", a file that others changed too, and "kept", one that
 *   stays as it is
 */
const char *
fatia_plan_item_get_kind (FatiaPlanItem *self)
{
  g_return_val_if_fail (FATIA_IS_PLAN_ITEM (self), NULL);
  return self->kind;
}

/**
 * fatia_plan_item_get_target:
 *
 * Returns: (transfer none): the path, command or name the item is about
 */
const char *
fatia_plan_item_get_target (FatiaPlanItem *self)
{
  g_return_val_if_fail (FATIA_IS_PLAN_ITEM (self), NULL);
  return self->target;
}

/**
 * fatia_plan_item_get_title:
 *
 * Returns: (transfer none): a sentence for people
 */
const char *
fatia_plan_item_get_title (FatiaPlanItem *self)
{
  g_return_val_if_fail (FATIA_IS_PLAN_ITEM (self), NULL);
  return self->title;
}

/**
 * fatia_plan_item_get_text:
 *
 * Returns: (transfer none): a unified diff, a command line or XML
 */
const char *
fatia_plan_item_get_text (FatiaPlanItem *self)
{
  g_return_val_if_fail (FATIA_IS_PLAN_ITEM (self), NULL);
  return self->text;
}

static GType
fatia_plan_get_item_type (GListModel *model)
{
  return FATIA_TYPE_PLAN_ITEM;
}

static guint
fatia_plan_get_n_items (GListModel *model)
{
  return FATIA_PLAN (model)->items->len;
}

static gpointer
fatia_plan_get_item (GListModel *model, guint position)
{
  FatiaPlan *self = FATIA_PLAN (model);

  if (position >= self->items->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->items, position));
}

static void
fatia_plan_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = fatia_plan_get_item_type;
  iface->get_n_items = fatia_plan_get_n_items;
  iface->get_item = fatia_plan_get_item;
}

static void
fatia_plan_finalize (GObject *object)
{
  FatiaPlan *self = FATIA_PLAN (object);

  g_free (self->digest);
  g_ptr_array_unref (self->items);
  G_OBJECT_CLASS (fatia_plan_parent_class)->finalize (object);
}

static void
fatia_plan_class_init (FatiaPlanClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_plan_finalize;
}

static void
fatia_plan_init (FatiaPlan *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * fatia_plan_new:
 * @digest: (nullable): what names this plan to the helper; %NULL for a plan the helper has no
 *   part in
 *
 * Returns: (transfer full): an empty plan
 */
FatiaPlan *
fatia_plan_new (const char *digest)
{
  FatiaPlan *self = g_object_new (FATIA_TYPE_PLAN, NULL);

  self->digest = g_strdup (digest ? digest : "");
  return self;
}

/**
 * fatia_plan_new_from_variant:
 * @digest: the helper's name for the plan
 * @items: the helper's items, a(ssss): kind, target, title, text
 *
 * Returns: (transfer full): the plan
 */
FatiaPlan *
fatia_plan_new_from_variant (const char *digest, GVariant *items)
{
  FatiaPlan *self = fatia_plan_new (digest);
  const char *kind, *target, *title, *text;
  GVariantIter iter;

  g_return_val_if_fail (g_variant_is_of_type (items, G_VARIANT_TYPE ("a(ssss)")), self);

  g_variant_iter_init (&iter, items);
  while (g_variant_iter_next (&iter, "(&s&s&s&s)", &kind, &target, &title, &text))
    fatia_plan_add (self, kind, target, title, text);
  return self;
}

/**
 * fatia_plan_add:
 *
 * Adds an item at the end.
 */
void
fatia_plan_add (
  FatiaPlan *self, const char *kind, const char *target, const char *title, const char *text)
{
  FatiaPlanItem *item;

  g_return_if_fail (FATIA_IS_PLAN (self));
  g_return_if_fail (kind != NULL);

  item = g_object_new (FATIA_TYPE_PLAN_ITEM, NULL);
  item->kind = g_strdup (kind);
  item->target = g_strdup (target ? target : "");
  item->title = g_strdup (title ? title : "");
  item->text = g_strdup (text ? text : "");
  g_ptr_array_add (self->items, item);
  g_list_model_items_changed (G_LIST_MODEL (self), self->items->len - 1, 0, 1);
}

/**
 * fatia_plan_get_digest:
 *
 * Returns: (transfer none): what ties applying to what was shown; "" where the helper has no
 *   part in the plan
 */
const char *
fatia_plan_get_digest (FatiaPlan *self)
{
  g_return_val_if_fail (FATIA_IS_PLAN (self), NULL);
  return self->digest;
}

/**
 * fatia_plan_is_empty:
 *
 * Returns: whether nothing is left to do
 */
gboolean
fatia_plan_is_empty (FatiaPlan *self)
{
  g_return_val_if_fail (FATIA_IS_PLAN (self), TRUE);
  return self->items->len == 0;
}

/**
 * fatia_plan_get_conflicts:
 *
 * Returns: (transfer full): the paths that a person has to decide about before the plan can be
 *   done
 */
GStrv
fatia_plan_get_conflicts (FatiaPlan *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_return_val_if_fail (FATIA_IS_PLAN (self), NULL);

  for (guint i = 0; i < self->items->len; i++)
    {
      FatiaPlanItem *item = g_ptr_array_index (self->items, i);

      if (g_str_equal (item->kind, "conflict"))
        g_strv_builder_add (builder, item->target);
    }
  return g_strv_builder_end (builder);
}
