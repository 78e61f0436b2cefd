/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a walk through an image met, what it passed over and why, to be looked at and saved. */
#include "fatia-firmware-tree.h"

#include <glib/gi18n-lib.h>

#include "fatia-firmware-private.h"
#include "fatia-walk-record.h"

/* The largest honest images have some 20,000 parts. */
#define ITEMS_LIMIT 100000

struct _FatiaFirmwareItem
{
  GObject parent_instance;

  FatiaFirmwareItemKind kind;
  gboolean unpacked;
  FatiaFirmwareItem *parent; /* not owned: the parent owns this */
  GPtrArray *children;       /* (nullable) */
  guint64 offset;
  guint64 size;
  const char *type;
  char *guid;
  char *name;
  char *note;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FatiaFirmwareItem,
                               fatia_firmware_item,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* A tree is no deeper than the walk, so the parts below may go with their parent. */
static void
fatia_firmware_item_finalize (GObject *object)
{
  FatiaFirmwareItem *self = FATIA_FIRMWARE_ITEM (object);

  for (guint i = 0; self->children && i < self->children->len; i++)
    FATIA_FIRMWARE_ITEM (self->children->pdata[i])->parent = NULL;
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self->guid);
  g_free (self->name);
  g_free (self->note);
  G_OBJECT_CLASS (fatia_firmware_item_parent_class)->finalize (object);
}

static void
fatia_firmware_item_class_init (FatiaFirmwareItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_firmware_item_finalize;
}

static void
fatia_firmware_item_init (FatiaFirmwareItem *self)
{
}

static GType
list_get_item_type (GListModel *list)
{
  return FATIA_TYPE_FIRMWARE_ITEM;
}

static guint
list_get_n_items (GListModel *list)
{
  return fatia_firmware_item_get_n_children (FATIA_FIRMWARE_ITEM (list));
}

static gpointer
list_get_item (GListModel *list, guint position)
{
  FatiaFirmwareItem *child = fatia_firmware_item_get_child (FATIA_FIRMWARE_ITEM (list), position);

  return child ? g_object_ref (child) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = list_get_item_type;
  iface->get_n_items = list_get_n_items;
  iface->get_item = list_get_item;
}

/* For the walk */

/*
 * fatia_firmware_item_new:
 * @parent: (nullable): what takes it, as the last of its parts
 * @type: what it is, in words, which live as long as the program
 *
 * Returns: (transfer full) where there is no @parent, else (transfer none)
 */
FatiaFirmwareItem *
fatia_firmware_item_new (FatiaFirmwareItem *parent,
                         FatiaFirmwareItemKind kind,
                         const char *type,
                         guint64 offset,
                         guint64 size)
{
  FatiaFirmwareItem *self = g_object_new (FATIA_TYPE_FIRMWARE_ITEM, NULL);

  self->kind = kind;
  self->type = type;
  self->offset = offset;
  self->size = size;
  self->parent = parent;
  if (parent == NULL)
    return self;
  if (parent->children == NULL)
    parent->children = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (parent->children, self);
  return self;
}

void
fatia_firmware_item_set_unpacked (FatiaFirmwareItem *self)
{
  self->unpacked = TRUE;
}

void
fatia_firmware_item_set_type_name (FatiaFirmwareItem *self, const char *type)
{
  self->type = type;
}

void
fatia_firmware_item_set_guid (FatiaFirmwareItem *self, const char *guid)
{
  g_set_str (&self->guid, guid);
}

void
fatia_firmware_item_set_name (FatiaFirmwareItem *self, const char *name)
{
  g_set_str (&self->name, name);
}

/* Notes are sentences, one after the other. */
void
fatia_firmware_item_add_note (FatiaFirmwareItem *self, const char *note)
{
  g_autofree char *before = g_steal_pointer (&self->note);

  self->note = before ? g_strconcat (before, " ", note, NULL) : g_strdup (note);
}

/* For those who show it */

FatiaFirmwareItemKind
fatia_firmware_item_get_kind (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), FATIA_FIRMWARE_ITEM_DATA);

  return self->kind;
}

/**
 * fatia_firmware_item_get_title:
 *
 * Returns: (transfer none): the name; where it has none the GUID; else what it is, in words
 */
const char *
fatia_firmware_item_get_title (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  if (self->name)
    return self->name;
  return self->guid ? self->guid : _ (self->type);
}

/**
 * fatia_firmware_item_get_type_name:
 *
 * Returns: (transfer none): what it is, in words (translated), as "DXE driver"
 */
const char *
fatia_firmware_item_get_type_name (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  return _ (self->type);
}

/**
 * fatia_firmware_item_get_guid:
 *
 * Returns: (transfer none) (nullable): in upper case
 */
const char *
fatia_firmware_item_get_guid (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  return self->guid;
}

/**
 * fatia_firmware_item_get_name:
 *
 * Returns: (transfer none) (nullable): what the image calls it
 */
const char *
fatia_firmware_item_get_name (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  return self->name;
}

/**
 * fatia_firmware_item_get_note:
 *
 * Returns: (transfer none) (nullable): what is wrong with it, or why it was passed over, in
 *   sentences (translated)
 */
const char *
fatia_firmware_item_get_note (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  return self->note;
}

/**
 * fatia_firmware_item_get_offset:
 *
 * Returns: where it begins, in bytes: in the image, or in what was unpacked around it
 */
guint64
fatia_firmware_item_get_offset (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), 0);

  return self->offset;
}

/**
 * fatia_firmware_item_get_size:
 *
 * Returns: bytes, its own header included
 */
guint64
fatia_firmware_item_get_size (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), 0);

  return self->size;
}

/**
 * fatia_firmware_item_is_unpacked:
 *
 * Returns: whether it stands in what was unpacked, and not in the image as it is
 */
gboolean
fatia_firmware_item_is_unpacked (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), FALSE);

  return self->unpacked;
}

/**
 * fatia_firmware_item_get_parent:
 *
 * Returns: (transfer none) (nullable): what it stands in; %NULL once that is gone
 */
FatiaFirmwareItem *
fatia_firmware_item_get_parent (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  return self->parent;
}

guint
fatia_firmware_item_get_n_children (FatiaFirmwareItem *self)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), 0);

  return self->children ? self->children->len : 0;
}

/**
 * fatia_firmware_item_get_child:
 *
 * Returns: (transfer none) (nullable): %NULL after the last one
 */
FatiaFirmwareItem *
fatia_firmware_item_get_child (FatiaFirmwareItem *self, guint index)
{
  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (self), NULL);

  return index < fatia_firmware_item_get_n_children (self) ? self->children->pdata[index] : NULL;
}

/**
 * fatia_firmware_tree_read:
 * @image: a firmware image
 * @progress: (nullable): called in this thread
 * @cancellable: (nullable):
 * @error: return location for %FATIA_FIRMWARE_ERROR_EMPTY or %G_IO_ERROR_CANCELLED
 *
 * Walks through @image and tells all that was met, also where it holds no firmware. What could
 * not be read, or was not because it costs more than in any honest image, bears a note.
 *
 * Returns: (transfer full) (nullable): the image
 */
FatiaFirmwareItem *
fatia_firmware_tree_read (GBytes *image,
                          FatiaFirmwareProgress progress,
                          gpointer data,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (FatiaFirmwareItem) root = NULL;
  g_autofree char *unread = NULL;
  FatiaWalkVisitor visitor = { 0 };
  FatiaWalkSummary summary;

  g_return_val_if_fail (image != NULL, NULL);

  if (!fatia_firmware_check_size (image, error))
    return NULL;
  root = fatia_firmware_item_new (NULL, FATIA_FIRMWARE_ITEM_IMAGE, N_ ("Firmware image"), 0,
                                  g_bytes_get_size (image));
  visitor.tree = root;
  visitor.tree_limit = ITEMS_LIMIT;
  if (!fatia_walk (image, &visitor, NULL, progress, data, cancellable, &summary, error))
    return NULL;
  unread = fatia_budget_explain (summary.unread);
  if (unread)
    fatia_firmware_item_add_note (root, unread);
  return g_steal_pointer (&root);
}

static void
format_item (FatiaFirmwareItem *self, guint depth, GString *text)
{
  const char *type = fatia_firmware_item_get_type_name (self);

  g_string_append_printf (text, "%*s0x%08" G_GINT64_MODIFIER "X 0x%08" G_GINT64_MODIFIER "X  %s",
                          (int) depth * 2, "", self->offset, self->size, type);
  if (self->guid)
    g_string_append_printf (text, "  %s", self->guid);
  if (self->name)
    g_string_append_printf (text, "  “%s”", self->name);
  if (self->note)
    g_string_append_printf (text, "  — %s", self->note);
  g_string_append_c (text, '\n');
}

/**
 * fatia_firmware_tree_format:
 * @shown: (nullable): which parts of the image are told of; %NULL for all
 *
 * Returns: (transfer full): a line for each part: where it begins and how long it is, in
 *   hexadecimal, what it is, its GUID, name and note; parts of a part are indented. Where the
 *   place is counted from what was unpacked around it, the line with the packing says so.
 */
char *
fatia_firmware_tree_format (FatiaFirmwareItem *root, FatiaFirmwareShown shown, gpointer data)
{
  GString *text = g_string_new (NULL);
  guint next[FATIA_FIRMWARE_TREE_DEPTH] = { 0 };
  FatiaFirmwareItem *item = root;
  guint depth = 0;

  g_return_val_if_fail (FATIA_IS_FIRMWARE_ITEM (root), NULL);

  format_item (root, 0, text);
  while (TRUE)
    {
      FatiaFirmwareItem *child = fatia_firmware_item_get_child (item, next[depth]++);

      if (child && shown && !shown (child, data))
        continue;
      if (child)
        {
          format_item (child, ++depth, text);
          g_assert (depth < G_N_ELEMENTS (next));
          next[depth] = 0;
          item = child;
        }
      else if (depth > 0)
        {
          item = item->parent;
          depth--;
        }
      else
        return g_string_free_and_steal (text);
    }
}
