/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts: i915-sriov-dkms, the kernels it has to be there for, and the key its modules are signed
 * with. Sources: dkms(8) (its tree, and which key it takes: prepare_mok in dkms), the kernel's
 * Documentation/ABI/testing/sysfs-firmware-efi-vars, and shim's MokVars.txt.
 */
#include "host/fatia-facts-private.h"

#include <string.h>

#define MODULE_FOLDER "/var/lib/dkms/i915-sriov-dkms"
#define DKMS_KEY      "/var/lib/dkms/mok.pub"
#define UBUNTU_KEY    "/var/lib/shim-signed/mok/MOK.der"
#define DKMS_CONF     "/etc/dkms/framework.conf"
#define DKMS_CONFS    "/etc/dkms/framework.conf.d"
#define EFIVARS       "/sys/firmware/efi/efivars/"
#define MOK_REQUEST   EFIVARS "MokNew-605dab50-e046-4300-abb6-3dd810dd8b23"
/* A certificate has less than two kibibytes, a list of them rarely more than a hundred. */
#define KEY_LIMIT  (16 * 1024)
#define LIST_LIMIT (1024 * 1024)
#define CONF_LIMIT (64 * 1024)
/* People keep a handful of kernels; what is more is not looked at. */
#define KERNELS_LIMIT 32

static const char *const module_folders[] = { "/usr/lib/modules", "/lib/modules" };

/* Whether there is a kernel to start with these modules: a folder may outlive its kernel. */
static gboolean
has_kernel (FatiaHostRoot *root, const char *folder, const char *release)
{
  g_autofree char *image = g_strconcat ("/boot/vmlinuz-", release, NULL);
  g_autofree char *beside = g_build_filename (folder, release, "vmlinuz", NULL);

  return fatia_host_root_exists (root, image) || fatia_host_root_exists (root, beside);
}

static GStrv
read_newer_kernels (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) kernels = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) names = NULL;
  const char *folder = NULL;

  for (gsize i = 0; names == NULL && i < G_N_ELEMENTS (module_folders); i++)
    {
      folder = module_folders[i];
      names = fatia_host_root_list (root, folder, NULL);
    }
  for (gsize i = 0; names && names[i] && facts->kernel_release && i < KERNELS_LIMIT; i++)
    if (g_ascii_isdigit (names[i][0]) && strverscmp (names[i], facts->kernel_release) > 0 &&
        has_kernel (root, folder, names[i]))
      g_ptr_array_add (kernels, fatia_facts_clean (names[i]));
  g_ptr_array_add (kernels, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&kernels), FALSE);
}

static FatiaTruth
read_headers (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *path =
    facts->kernel_release ? g_build_filename ("/lib/modules", facts->kernel_release, "build", NULL)
                          : NULL;

  return path ? fatia_facts_look (root, path, "/lib/modules") : FATIA_UNKNOWN;
}

/* The version of the driver that DKMS has, the last of them where it has more. */
static char *
read_present (FatiaHostRoot *root)
{
  g_auto (GStrv) names = fatia_host_root_list (root, MODULE_FOLDER, NULL);
  char *present = NULL;

  for (gsize i = 0; names && names[i]; i++)
    {
      g_autofree char *source = g_build_filename (MODULE_FOLDER, names[i], "source", NULL);
      g_autofree char *link = fatia_host_root_read_link (root, source);
      g_autofree char *folder = g_build_filename (MODULE_FOLDER, names[i], NULL);
      g_auto (GStrv) inside = fatia_host_root_list (root, folder, NULL);

      /* Beside them there are links, one for each kernel. */
      if (!g_ascii_isalnum (names[i][0]) || g_str_has_prefix (names[i], "kernel-") ||
          (link == NULL && (inside == NULL || inside[0] == NULL)))
        continue;
      g_free (present);
      present = fatia_facts_clean (names[i]);
    }
  return present;
}

static gboolean
is_built_for (FatiaHostRoot *root, const char *version, const char *release)
{
  g_autofree char *folder = g_build_filename (MODULE_FOLDER, version, release, NULL);

  return fatia_host_root_exists (root, folder);
}

static FatiaTruth
read_built (FatiaFacts *facts, FatiaHostRoot *root)
{
  if (facts->kernel_release == NULL)
    return FATIA_UNKNOWN;
  if (facts->module_present == NULL ||
      !is_built_for (root, facts->module_present, facts->kernel_release))
    return FATIA_NO;
  for (gsize i = 0; facts->newer_kernels[i]; i++)
    if (!is_built_for (root, facts->module_present, facts->newer_kernels[i]))
      return FATIA_NO;
  return FATIA_YES;
}

/* The value of mok_certificate= in a file of DKMS', where it is a plain path. */
static char *
read_certificate (FatiaHostRoot *root, const char *path)
{
  g_autofree char *text = fatia_host_root_read (root, path, CONF_LIMIT, NULL, NULL);
  g_autoptr (GRegex) regex = g_regex_new ("^mok_certificate=[\"']?(/[A-Za-z0-9./_-]+)[\"']?\\s*$",
                                          G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  if (valid == NULL || !g_regex_match (regex, valid, 0, &match))
    return NULL;
  return g_match_info_fetch (match, 1);
}

static char *
read_configured_key (FatiaHostRoot *root)
{
  g_auto (GStrv) names = fatia_host_root_list (root, DKMS_CONFS, NULL);
  char *key = read_certificate (root, DKMS_CONF);

  for (gsize i = 0; names && names[i]; i++)
    {
      g_autofree char *path = g_build_filename (DKMS_CONFS, names[i], NULL);
      char *other = g_str_has_suffix (names[i], ".conf") ? read_certificate (root, path) : NULL;

      if (other)
        {
          g_free (key);
          key = other;
        }
    }
  return key;
}

static char *
read_key (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *key = read_configured_key (root);

  if (key == NULL)
    key = g_strdup (g_strcmp0 (facts->os_id, "ubuntu") == 0 ? UBUNTU_KEY : DKMS_KEY);
  return fatia_host_root_exists (root, key) ? g_steal_pointer (&key) : NULL;
}

static GBytes *
read_bytes (FatiaHostRoot *root, const char *path, gsize limit)
{
  gsize length;
  char *data = fatia_host_root_read (root, path, limit, &length, NULL);

  return data ? g_bytes_new_take (data, length) : NULL;
}

/* Whether the variable's list of certificates has this one: it is in it byte for byte. */
static FatiaTruth
list_has (FatiaHostRoot *root, const char *path, GBytes *key)
{
  g_autoptr (GBytes) list = read_bytes (root, path, LIST_LIMIT);

  if (list == NULL)
    return fatia_host_root_exists (root, path) ? FATIA_UNKNOWN : FATIA_NO;
  return memmem (g_bytes_get_data (list, NULL), g_bytes_get_size (list),
                 g_bytes_get_data (key, NULL), g_bytes_get_size (key))
           ? FATIA_YES
           : FATIA_NO;
}

/* The kernel trusts what the firmware (db) and shim (MokListRT) tell it. */
static FatiaTruth
is_enrolled (FatiaHostRoot *root, GBytes *key)
{
  static const char *const lists[] = { "/sys/firmware/efi/mok-variables/MokListRT",
                                       EFIVARS "MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23",
                                       EFIVARS "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f" };
  FatiaTruth truth = FATIA_NO;

  for (gsize i = 0; i < G_N_ELEMENTS (lists) && truth != FATIA_YES; i++)
    {
      FatiaTruth here = list_has (root, lists[i], key);

      if (here != FATIA_NO)
        truth = here;
    }
  return truth;
}

static void
read_enrolment (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autoptr (GBytes) key =
    facts->module_key ? read_bytes (root, facts->module_key, KEY_LIMIT) : NULL;

  facts->module_key_enrolled = FATIA_UNKNOWN;
  facts->module_key_waiting = FATIA_UNKNOWN;
  facts->keys_waiting = fatia_facts_look (root, MOK_REQUEST, EFIVARS);
  if (key == NULL || g_bytes_get_size (key) == 0)
    return;
  facts->module_key_enrolled = is_enrolled (root, key);
  facts->module_key_waiting = list_has (root, MOK_REQUEST, key);
}

void
fatia_facts_read_module (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *base =
    facts->kernel_release
      ? g_build_filename ("/usr/lib/modules", facts->kernel_release, "pkgbase", NULL)
      : NULL;

  facts->dkms = fatia_facts_look_for_software (root, "dkms");
  facts->mokutil = fatia_facts_look_for_software (root, "mokutil");
  facts->headers = read_headers (facts, root);
  facts->kernel_base = base ? fatia_facts_read_text (root, base) : NULL;
  facts->newer_kernels = read_newer_kernels (facts, root);
  facts->module_present = read_present (root);
  facts->module_built = read_built (facts, root);
  facts->module_key = read_key (facts, root);
  read_enrolment (facts, root);
}
