/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What unified kernel images have inside: the command line that the next start will have. */
#include "boot/fatia-uki-image.h"

#include "boot/fatia-boot-plans.h"
#include "boot/fatia-kernel-arguments.h"
#include "host/fatia-efi-program.h"
#include "host/fatia-efi-variable.h"
#include "host/fatia-pe-section.h"

/* Where images are put that start by themselves (Boot Loader Specification, type #2). */
static const char *const folders[] = { "/efi/EFI/Linux", "/boot/EFI/Linux", "/boot/efi/EFI/Linux" };

static void
add_image (GPtrArray *lines, FatiaHostRoot *root, const char *path)
{
  g_autofree char *text = fatia_pe_section_read (root, path, ".cmdline");

  if (text)
    g_ptr_array_add (lines, fatia_kernel_arguments_split (g_strstrip (text)));
}

/* (transfer full) (nullable): the image that was started, which its stub names since systemd 257 */
static char *
find_started (FatiaHostRoot *root)
{
  g_autofree char *name =
    fatia_efi_variable_read_text (root, "StubImageIdentifier", FATIA_EFI_LOADER);

  return name && !fatia_text_is_way_out (name) ? fatia_efi_program_find (root, name) : NULL;
}

/*
 * fatia_uki_images_read:
 *
 * Returns: (transfer full) (element-type GStrv): the command line of the image that started this
 *   host; where that is not known, gone or a way out, those of all images that are not a way out.
 * None where they can't be read, which the administrator alone may do on many hosts.
 */
GPtrArray *
fatia_uki_images_read (FatiaHostRoot *root)
{
  g_autofree char *started = find_started (root);
  g_autoptr (GPtrArray) files = fatia_boot_files_new ();
  g_autoptr (GPtrArray) lines = fatia_boot_reading_new ();

  if (started)
    add_image (lines, root, started);
  if (lines->len > 0)
    return g_steal_pointer (&lines);
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    fatia_boot_files_add_folder (files, root, folders[i], ".efi", NULL);
  for (guint i = 0; i < files->len; i++)
    if (!fatia_text_is_way_out (g_ptr_array_index (files, i)))
      add_image (lines, root, g_ptr_array_index (files, i));
  return g_steal_pointer (&lines);
}

/*
 * fatia_uki_images_go_without:
 * @lines: (element-type GStrv): of images
 *
 * Returns: whether there are images, but none with @wanted: those were set after they were made
 */
gboolean
fatia_uki_images_go_without (GPtrArray *lines, const char *const *wanted)
{
  for (guint i = 0; i < lines->len; i++)
    if (fatia_kernel_arguments_cover (g_ptr_array_index (lines, i), wanted))
      return FALSE;
  return lines->len > 0;
}
