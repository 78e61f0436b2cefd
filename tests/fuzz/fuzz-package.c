/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A package of the kind FUZZ_FORMAT: what its reader takes out of it, or why it does not. */
#include "fuzz.h"

#include "firmware/fatia-package-formats.h"

typedef struct
{
  const char *name;
  gboolean (*begins) (const guint8 *data, gsize size);
  gboolean (*inside) (const guint8 *data, gsize size, gsize *at);
  GBytes *(*unpack) (FatiaUnpacking *work, GBytes *package, gsize at, GError **error);
} Target;

static const Target targets[] = {
  { "pfat", fatia_pfat_begins, fatia_pfat_inside, fatia_pfat_unpack },
  { "capsule", fatia_capsule_begins, NULL, fatia_capsule_unpack },
  { "dell-update", fatia_dell_begins, fatia_dell_inside, fatia_dell_unpack },
  { "dell-parts", fatia_pfs_begins, NULL, fatia_pfs_unpack },
  { "insyde", fatia_insyde_begins, fatia_insyde_inside, fatia_insyde_unpack },
  { "insyde-installer", NULL, fatia_insyde_packer_inside, fatia_insyde_packer_unpack },
  { "ami-hp", fatia_ucp_begins, fatia_ucp_inside, fatia_ucp_unpack },
  { "option-rom-read", fatia_option_rom_begins, NULL, fatia_option_rom_unpack },
};

static const FatiaPackageFormat format = { .title = "package" };

static void
unpack (const Target *target, GBytes *package, gsize at)
{
  FatiaUnpacking work = { .format = &format };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) inside = NULL;

  fatia_budget_init (&work.budget, g_bytes_get_size (package), NULL);
  inside = target->unpack (&work, package, at, &error);
  if (inside == NULL)
    g_assert_true (error != NULL || fatia_budget_failed (&work.budget, NULL));
  else
    g_assert_no_error (error);
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (work.name)
    g_assert_true (g_utf8_validate (work.name, -1, NULL));
  g_free (work.name);
  g_free (work.note);
  g_strfreev (work.others);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) package = g_bytes_new (data, size);
  gsize at = 0;

  if (size == 0)
    return 0; /* told before any reader is asked */
  /* The block of its own, so that the byte after it is no one's. */
  data = g_bytes_get_data (package, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      if (strcmp (targets[i].name, FUZZ_FORMAT) != 0)
        continue;
      if (targets[i].begins && targets[i].begins (data, size))
        unpack (&targets[i], package, 0);
      else if (targets[i].inside && targets[i].inside (data, size, &at))
        unpack (&targets[i], package, at);
    }
  return 0;
}
