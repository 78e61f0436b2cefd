/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an image holds beside the driver: the tables of its screens, and the names of its board. */
#include "fatia-gop-findings-private.h"

#include <string.h>

/* Honest images have ten at most, each of some kilobytes. */
#define VBTS_LIMIT 64

G_DEFINE_BOXED_TYPE (FatiaGopFindings,
                     fatia_gop_findings,
                     fatia_gop_findings_ref,
                     fatia_gop_findings_unref)

void
fatia_gop_beside_init (FatiaGopBeside *self)
{
  self->vbts = g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_vbt_free);
  self->vbt_nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_walk_node_unref);
  self->boards = g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_board_of_image_free);
}

void
fatia_gop_beside_clear (FatiaGopBeside *self)
{
  g_ptr_array_unref (self->vbts);
  g_ptr_array_unref (self->vbt_nodes);
  g_ptr_array_unref (self->boards);
}

static gboolean
is_known_vbt (FatiaGopBeside *self, const FatiaVbt *vbt)
{
  for (guint i = 0; i < self->vbts->len; i++)
    if (g_str_equal (((FatiaVbt *) self->vbts->pdata[i])->sha256, vbt->sha256))
      return TRUE;
  return FALSE;
}

static void
add_vbt (FatiaGopBeside *self, FatiaWalkNode *node, const guint8 *data, gsize size)
{
  g_autoptr (FatiaVbt) vbt = NULL;

  if (self->vbts->len == VBTS_LIMIT)
    return;
  vbt = fatia_vbt_read (data, size);
  if (vbt == NULL || is_known_vbt (self, vbt))
    return;
  g_ptr_array_add (self->vbts, g_steal_pointer (&vbt));
  g_ptr_array_add (self->vbt_nodes, fatia_walk_node_ref (node));
}

/**
 * fatia_gop_beside_read:
 * @node: (nullable): what the bytes stand in; %NULL where they are the image itself, of which
 *   only makers' marks are wanted: all else stands in files
 * @data: a file's body, or bytes that are nothing else
 *
 * Each mark begins with a "$", which is rare enough to look for just that.
 */
void
fatia_gop_beside_read (FatiaGopBeside *self, FatiaWalkNode *node, const guint8 *data, gsize size)
{
  const guint8 *end = data + size;
  const guint8 *at = data;

  while ((at = memchr (at, '$', (gsize) (end - at))) != NULL)
    {
      fatia_board_of_image_read_mark (self->boards, at, (gsize) (end - at));
      if (node)
        add_vbt (self, node, at, (gsize) (end - at));
      at++;
    }
  if (node && node->file)
    fatia_board_of_image_read_smbios (self->boards, data, size);
}

/**
 * fatia_gop_findings_new:
 * @image: what they were found in
 * @candidates: (transfer none) (element-type FatiaGopCandidate):
 * @beside: what was found beside them, once the walk is at its end: files have names then
 *
 * Returns: (transfer full): all of it
 */
FatiaGopFindings *
fatia_gop_findings_new (GBytes *image, GPtrArray *candidates, FatiaGopBeside *beside)
{
  FatiaGopFindings *self = g_atomic_rc_box_new0 (FatiaGopFindings);

  for (guint i = 0; i < beside->vbts->len; i++)
    {
      FatiaVbt *vbt = beside->vbts->pdata[i];
      FatiaWalkNode *node = beside->vbt_nodes->pdata[i];

      if (node->file)
        g_set_str (&vbt->file, node->name ? node->name : node->label);
    }
  self->image = g_bytes_ref (image);
  self->candidates = g_ptr_array_ref (candidates);
  self->vbts = g_ptr_array_ref (beside->vbts);
  self->boards = g_ptr_array_ref (beside->boards);
  return self;
}

/**
 * fatia_gop_findings_ref:
 *
 * Returns: (transfer full): @self
 */
FatiaGopFindings *
fatia_gop_findings_ref (FatiaGopFindings *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return g_atomic_rc_box_acquire (self);
}

static void
findings_clear (gpointer data)
{
  FatiaGopFindings *self = data;

  g_bytes_unref (self->image);
  fatia_firmware_source_free (self->source);
  g_ptr_array_unref (self->candidates);
  g_ptr_array_unref (self->vbts);
  g_ptr_array_unref (self->boards);
}

/**
 * fatia_gop_findings_unref:
 * @self: (transfer full) (nullable):
 */
void
fatia_gop_findings_unref (FatiaGopFindings *self)
{
  if (self)
    g_atomic_rc_box_release_full (self, findings_clear);
}
