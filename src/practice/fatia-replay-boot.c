/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a boot makes of a practice tree. */
#include "practice/fatia-replay-tree.h"

#include <stdlib.h>
#include <string.h>

#include "gpu/fatia-virtual-functions.h"
#include "host/fatia-facts.h"
#include "host/fatia-scheduling.h"

#define CMDLINE "/proc/cmdline"
/* efivarfs: attributes, then the variable */
#define MOK_REQUEST    "/sys/firmware/efi/efivars/MokNew-605dab50-e046-4300-abb6-3dd810dd8b23"
#define MOK_LIST       "/sys/firmware/efi/mok-variables/MokListRT"
#define MOK_ATTRIBUTES 4
#define LIMIT          (1024 * 1024)

/* The words of a boot loader's line after its command; NULL where it is none of those. */
static GStrv
words_after (const char *line, const char *const *commands)
{
  g_auto (GStrv) words = NULL;

  if (!g_shell_parse_argv (line, NULL, &words, NULL) || !g_strv_contains (commands, words[0]))
    return NULL;
  return g_strdupv (words + 1);
}

static GStrv
find_line (FatiaReplayTree *self, const char *path, const char *const *commands)
{
  g_autofree char *text = fatia_host_root_read (self->root, path, LIMIT, NULL, NULL);
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", -1) : NULL;
  GStrv words = NULL;

  for (guint i = 0; lines && lines[i] && words == NULL; i++)
    words = words_after (lines[i], commands);
  return words;
}

/* The kernel and its arguments, of the first entry GRUB would boot. */
static GStrv
read_grub (FatiaReplayTree *self)
{
  static const char *const files[] = { "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg" };
  static const char *const commands[] = { "linux", "linuxefi", NULL };
  GStrv words = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files) && words == NULL; i++)
    words = find_line (self, files[i], commands);
  return words;
}

/* The same from the first Boot Loader Specification entry (systemd-boot; GRUB of Fedora). */
static GStrv
read_entry (FatiaReplayTree *self)
{
  static const char *const folders[] = { "/boot/loader/entries", "/efi/loader/entries",
                                         "/boot/efi/loader/entries" };
  static const char *const linux_command[] = { "linux", NULL };
  static const char *const options_command[] = { "options", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_auto (GStrv) names = fatia_host_root_list (self->root, folders[i], NULL);
      g_autofree char *path = NULL;
      g_auto (GStrv) kernel = NULL;
      g_auto (GStrv) options = NULL;
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      if (names == NULL || names[0] == NULL)
        continue;
      path = g_build_filename (folders[i], names[0], NULL);
      kernel = find_line (self, path, linux_command);
      options = find_line (self, path, options_command);
      if (options == NULL)
        continue;
      g_strv_builder_add (builder, kernel && kernel[0] ? kernel[0] : "");
      g_strv_builder_addv (builder, (const char **) options);
      return g_strv_builder_end (builder);
    }
  return NULL;
}

/* The kernel is named first where it was before: GRUB does that, others don't. */
static gboolean
boot_cmdline (FatiaReplayTree *self, GError **error)
{
  g_autofree char *before = fatia_host_root_read (self->root, CMDLINE, LIMIT, NULL, NULL);
  g_auto (GStrv) words = read_grub (self);
  g_autofree char *arguments = NULL;
  g_autofree char *text = NULL;

  if (words == NULL)
    words = read_entry (self);
  if (words == NULL || words[0] == NULL)
    return TRUE;
  arguments = g_strjoinv (" ", words + 1);
  if (before != NULL && g_str_has_prefix (before, "BOOT_IMAGE="))
    text = g_strdup_printf ("BOOT_IMAGE=%s %s\n", words[0], arguments);
  else
    text = g_strconcat (arguments, "\n", NULL);
  return g_strcmp0 (before, text) == 0 || fatia_replay_tree_write (self, CMDLINE, text, error);
}

/* (transfer full) (nullable): the value @key has; the last one counts */
static char *
argument_value (FatiaReplayTree *self, const char *key)
{
  g_autofree char *text = fatia_host_root_read (self->root, CMDLINE, LIMIT, NULL, NULL);
  g_auto (GStrv) words = g_strsplit_set (text ? text : "", " \t\n", -1);
  char *value = NULL;

  for (guint i = 0; words[i]; i++)
    if (g_str_has_prefix (words[i], key) && words[i][strlen (key)] == '=')
      {
        g_free (value);
        value = g_strdup (words[i] + strlen (key) + 1);
      }
  return value;
}

static char *
pf_driver (FatiaReplayTree *self, const char *pf_folder)
{
  g_autofree char *link = g_build_filename (pf_folder, "driver", NULL);
  g_autofree char *target = fatia_host_root_read_link (self->root, link);

  return target ? g_path_get_basename (target) : NULL;
}

/* A module's parameter says what the command line does. One it does not know is ignored. */
static gboolean
boot_parameter (
  FatiaReplayTree *self, const char *driver, const char *name, gboolean known, GError **error)
{
  g_autofree char *key = g_strconcat (driver, ".", name, NULL);
  g_autofree char *path = g_strdup_printf ("/sys/module/%s/parameters/%s", driver, name);
  g_autofree char *value = argument_value (self, key);
  g_autofree char *text = NULL;
  gint64 number;

  /* An installed driver has the parameter that the kernel's own has not. */
  if (known && value == NULL && !self->module_comes && g_str_equal (name, "max_vfs"))
    return fatia_replay_tree_set (self, path, "0\n", error);
  if (!known || value == NULL || !g_ascii_string_to_signed (value, 10, -1, 1024, &number, NULL))
    return fatia_replay_tree_reset (self, path, error);
  text = g_strdup_printf ("%" G_GINT64_FORMAT "\n", number);
  return fatia_replay_tree_set (self, path, text, error);
}

/* As many as the hardware has and the driver's parameter allows; none without GuC submission. */
static gboolean
boot_total (FatiaReplayTree *self,
            const char *driver,
            const char *pf_folder,
            gboolean *offered,
            GError **error)
{
  g_autofree char *path = g_build_filename (pf_folder, "sriov_totalvfs", NULL);
  g_autofree char *max_vfs = g_strconcat (driver, ".max_vfs", NULL);
  g_autofree char *enable_guc = g_strconcat (driver, ".enable_guc", NULL);
  g_autofree char *allowed = argument_value (self, max_vfs);
  g_autofree char *guc = argument_value (self, enable_guc);
  g_autofree char *text = NULL;
  gint64 n = 0;

  *offered = FALSE;
  if (!self->sriov_module || allowed == NULL || (guc != NULL && (atoi (guc) & 1) == 0) ||
      !g_ascii_string_to_signed (allowed, 10, 0, 1024, &n, NULL))
    return fatia_replay_tree_reset (self, path, error);
  *offered = n > 0;
  text = g_strdup_printf ("%" G_GINT64_FORMAT "\n", MIN (n, self->total_vfs));
  return fatia_replay_tree_set (self, path, text, error);
}

static gboolean
add_group (FatiaReplayTree *self, const char *address, guint number, GError **error)
{
  g_autofree char *group = g_strdup_printf (FATIA_REPLAY_GROUPS "/%u", number);
  g_autofree char *devices = g_build_filename (group, "devices", NULL);
  g_autofree char *entry = g_build_filename (devices, address, NULL);
  g_autofree char *folder = fatia_replay_tree_device_folder (self, address);
  g_autofree char *link = g_build_filename (folder, "iommu_group", NULL);
  g_autofree char *to_device = fatia_replay_relative (entry, folder);
  g_autofree char *to_group = fatia_replay_relative (link, group);

  return fatia_replay_tree_make_folder (self, devices, error) &&
         fatia_replay_tree_link (self, entry, to_device, error) &&
         fatia_replay_tree_link (self, link, to_group, error);
}

static gboolean
remove_group (FatiaReplayTree *self, const char *address, GError **error)
{
  g_autofree char *folder = fatia_replay_tree_device_folder (self, address);
  g_autofree char *link = g_build_filename (folder, "iommu_group", NULL);

  return fatia_replay_tree_remove (self, link, error);
}

/* Groups that stand in the tree itself (an AMD computer's) are left alone. */
static gboolean
boot_iommu (FatiaReplayTree *self, GError **error)
{
  g_autofree char *intel_iommu = argument_value (self, "intel_iommu");
  gboolean on = self->dmar && intel_iommu != NULL && g_str_has_prefix (intel_iommu, "on");
  gboolean ours = fatia_replay_tree_is_set (self, FATIA_REPLAY_GROUPS);
  g_auto (GStrv) devices = fatia_host_root_list (self->root, FATIA_REPLAY_DEVICES, NULL);

  if (on == ours || (!ours && fatia_host_root_exists (self->root, FATIA_REPLAY_GROUPS)))
    return TRUE;
  for (guint i = 0; devices && devices[i]; i++)
    if (on ? !add_group (self, devices[i], i, error) : !remove_group (self, devices[i], error))
      return FALSE;
  return on || fatia_replay_tree_reset (self, FATIA_REPLAY_GROUPS, error);
}

/* Power is off: no virtual function outlives it, and the attributes are as at first. */
static gboolean
boot_reset_vfs (FatiaReplayTree *self, const char *pf_folder, GError **error)
{
  g_autofree char *numvfs = g_build_filename (pf_folder, "sriov_numvfs", NULL);
  g_autofree char *autoprobe = g_build_filename (pf_folder, "sriov_drivers_autoprobe", NULL);

  if (!fatia_host_root_exists (self->root, numvfs))
    return TRUE;
  if (!fatia_replay_tree_write (self, numvfs, "0\n", error) ||
      !fatia_replay_tree_sync_vfs (self, error))
    return FALSE;
  return !fatia_host_root_exists (self->root, autoprobe) ||
         fatia_replay_tree_write (self, autoprobe, "1\n", error);
}

/* What our unit does at boot (fatia-helper --restore-virtual-functions), where it is enabled. */
static gboolean
boot_restore_vfs (FatiaReplayTree *self, const char *pf_folder, GError **error)
{
  g_autofree char *numvfs = g_build_filename (pf_folder, "sriov_numvfs", NULL);
  g_autofree char *totalvfs = g_build_filename (pf_folder, "sriov_totalvfs", NULL);
  g_autofree char *autoprobe = g_build_filename (pf_folder, "sriov_drivers_autoprobe", NULL);
  g_autofree char *unit = fatia_host_root_read_link (self->root, FATIA_VIRTUAL_FUNCTIONS_WANTS);
  g_autofree char *conf =
    fatia_host_root_read (self->root, FATIA_VIRTUAL_FUNCTIONS_CONF, LIMIT, NULL, NULL);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autofree char *pf = NULL;
  g_autofree char *profile = NULL;
  g_autofree char *text = NULL;
  int count;

  if (unit == NULL || conf == NULL ||
      !g_key_file_load_from_data (keys, conf, -1, G_KEY_FILE_NONE, NULL))
    return TRUE;
  pf = g_key_file_get_string (keys, "virtual-functions", "pf", NULL);
  profile = g_key_file_get_string (keys, "virtual-functions", "profile", NULL);
  count = g_key_file_get_integer (keys, "virtual-functions", "count", NULL);
  if (g_strcmp0 (pf, self->pf) != 0 || count <= 0 ||
      count > fatia_replay_tree_read_number (self, totalvfs, 0))
    return TRUE;
  if (profile == NULL)
    profile = g_strdup (FATIA_SCHEDULING_DRIVER);
  text = g_strdup_printf ("%d\n", count);
  return fatia_replay_tree_write (self, autoprobe, "0\n", error) &&
         fatia_replay_tree_restore_turns (self, pf_folder, profile, count, FALSE, error) &&
         fatia_replay_tree_write (self, numvfs, text, error) &&
         fatia_replay_tree_sync_vfs (self, error) &&
         fatia_replay_tree_restore_turns (self, pf_folder, profile, count, TRUE, error) &&
         fatia_replay_tree_bind_vfs (self, "vfio-pci", error);
}

/* The blue screen was answered: the key that was asked for is among the owner's. */
static gboolean
boot_keys (FatiaReplayTree *self, GError **error)
{
  gsize length;
  g_autofree char *request = fatia_host_root_read (self->root, MOK_REQUEST, LIMIT, &length, NULL);

  if (request == NULL || length <= MOK_ATTRIBUTES)
    return TRUE;
  return fatia_replay_tree_set (self, MOK_LIST, request + MOK_ATTRIBUTES, error) &&
         fatia_replay_tree_remove (self, MOK_REQUEST, error);
}

/* Of a tree that has the kernel's own driver: whether one was installed that makes slices, and is
 * loaded. */
static gboolean
finds_module (FatiaReplayTree *self)
{
  g_autoptr (FatiaFacts) facts = fatia_facts_read (self->root);

  return facts->module_built == FATIA_YES &&
         (facts->secure_boot != FATIA_YES || facts->module_key_enrolled == FATIA_YES);
}

gboolean
fatia_replay_tree_boot (FatiaReplayTree *self, GError **error)
{
  g_autofree char *folder = self->pf ? fatia_replay_tree_device_folder (self, self->pf) : NULL;
  g_autofree char *driver = folder ? pf_driver (self, folder) : NULL;
  gboolean offered;

  if (folder != NULL && !boot_reset_vfs (self, folder, error))
    return FALSE;
  if (!boot_cmdline (self, error) || !boot_iommu (self, error) || !boot_keys (self, error) ||
      !fatia_replay_tree_boot_memory (self, error))
    return FALSE;
  self->sriov_module = self->module_comes || finds_module (self);
  if (driver != NULL && (!boot_parameter (self, driver, "enable_guc", TRUE, error) ||
                         !boot_parameter (self, driver, "max_vfs", self->sriov_module, error) ||
                         !boot_total (self, driver, folder, &offered, error) ||
                         !fatia_replay_tree_boot_turns (self, folder, offered, error) ||
                         !boot_restore_vfs (self, folder, error)))
    return FALSE;
  fatia_replay_tree_tidy (self);
  return TRUE;
}
