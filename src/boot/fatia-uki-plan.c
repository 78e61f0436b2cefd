/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unified kernel images: the command line is inside, so an image is made anew once the file that
 * it came from is edited.
 */
#include "boot/fatia-boot-plans.h"

#include <glib/gi18n-lib.h>

#include "boot/fatia-boot-settled.h"
#include "boot/fatia-kernel-arguments.h"
#include "boot/fatia-uki-image.h"
#include "boot/fatia-uki-source.h"
#include "host/fatia-efi-variable.h"

/* Under Secure Boot an image that nothing signs would not start. */
static gboolean
check_signature (FatiaHostRoot *root, GError **error)
{
  if (!fatia_efi_secure_boot_is_on (root) || fatia_uki_has_key (root))
    return TRUE;
  fatia_boot_set_refused (error, _ ("Secure Boot is on, and no key was found with which a new "
                                    "unified kernel image would be signed"));
  return FALSE;
}

/* Whether the images were made before @wanted were set: someone edited the file, but ran no tool.
 */
static gboolean
is_stale (FatiaHostRoot *root, const char *file, const char *const *tool, const char *const *wanted)
{
  g_autoptr (GPtrArray) images = fatia_uki_images_read (root);
  g_auto (GStrv) settled = NULL;

  if (images->len > 0)
    return fatia_uki_images_go_without (images, wanted) && !fatia_boot_was_run (root, tool);
  settled = fatia_boot_settled_arguments (root, file, tool);
  return settled && !fatia_kernel_arguments_cover ((const char *const *) settled, wanted);
}

gboolean
fatia_uki_plan (FatiaHostRoot *root, const char *const *wanted, FatiaChangeSet *set, GError **error)
{
  g_autoptr (FatiaBootEdits) edits = fatia_boot_edits_new (root, wanted);
  g_autoptr (FatiaUkiSource) source = fatia_uki_source_find (root, error);
  const char *first;

  if (source == NULL)
    return FALSE;
  first = g_ptr_array_index (source->files, 0);
  for (guint i = 0; i < source->files->len; i++)
    if (!fatia_boot_edits_add (edits, fatia_uki_source_get_format (source, i),
                               g_ptr_array_index (source->files, i), error))
      return FALSE;
  if (!fatia_boot_edits_change (edits) && !is_stale (root, first, source->tool, wanted))
    return TRUE;
  if (!check_signature (root, error))
    return FALSE;
  fatia_boot_edits_commit (edits, set);
  fatia_change_set_add_command (set, source->tool,
                                _ ("Makes the unified kernel images anew, a fallback image too, so "
                                   "that the next start uses the new kernel command line."));
  return TRUE;
}

/* What the images have counts where they are older than the file. */
static void
add_images (GPtrArray *lines, FatiaHostRoot *root, const char *file, const char *const *tool)
{
  g_auto (GStrv) have = fatia_boot_reading_end (lines, NULL);
  g_autoptr (GPtrArray) images = fatia_uki_images_read (root);
  GStrv settled;

  if (images->len == 0 && (settled = fatia_boot_settled_arguments (root, file, tool)) != NULL)
    g_ptr_array_add (images, settled);
  if (have == NULL || !fatia_uki_images_go_without (images, (const char *const *) have))
    return;
  for (guint i = 0; i < images->len; i++)
    g_ptr_array_add (lines, g_strdupv (g_ptr_array_index (images, i)));
}

GStrv
fatia_uki_read (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();
  g_autoptr (FatiaUkiSource) source = fatia_uki_source_find (root, error);

  if (source == NULL)
    return NULL;
  for (guint i = 0; i < source->files->len; i++)
    if (!fatia_boot_reading_add (lines, root, fatia_uki_source_get_format (source, i),
                                 g_ptr_array_index (source->files, i), error))
      return NULL;
  add_images (lines, root, g_ptr_array_index (source->files, 0), source->tool);
  return fatia_boot_reading_end (lines, error);
}
