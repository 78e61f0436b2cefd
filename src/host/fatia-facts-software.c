/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: virtualization software, Looking Glass' memory, and what Fatia left here. */
#include "host/fatia-facts-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/fatia-fd.h"
#include "host/fatia-kernel-module.h"
#include "host/fatia-tables.h"

#define ROMS          "/var/lib/fatia/roms"
#define TMPFILES_RULE "/etc/tmpfiles.d/fatia-looking-glass.conf"
#define UDEV_RULE     "/etc/udev/rules.d/70-fatia-kvmfr.rules"
#define KVMFR_OPTIONS "/etc/modprobe.d/fatia-kvmfr.conf"
#define KVMFR_DEVICE  "/dev/kvmfr0"
#define KEPT_CONF     "/etc/fatia/virtual-functions.conf"
#define KEPT_LINK     "/etc/systemd/system/multi-user.target.wants/fatia-virtual-functions.service"
#define KEPT_SLEEP    "/etc/systemd/system/sleep.target.requires/fatia-virtual-functions-sleep.service"
/* No PCI function has more virtual ones than its bus has places (routing ids are 16 bits wide),
 * and no GPU of ours more than this. */
#define KEPT_LIMIT 255

/* Where a distribution puts programs; NixOS has its own place. */
static const char *const program_folders[] = { "/usr/bin", "/usr/sbin", "/usr/local/bin",
                                               "/usr/local/sbin", "/run/current-system/sw/bin" };

/* One of several places was looked at: it is there where any has it, and not there only where
 * every place could be looked at. @looked: whether any was before. */
static void
combine (FatiaTruth *truth, FatiaTruth here, gboolean *looked)
{
  if (here == FATIA_YES || *truth == FATIA_YES)
    *truth = FATIA_YES;
  else if (here == FATIA_UNKNOWN || (*truth == FATIA_UNKNOWN && *looked))
    *truth = FATIA_UNKNOWN;
  else
    *truth = FATIA_NO;
  *looked = TRUE;
}

static FatiaTruth
look_for_program (FatiaHostRoot *root, const char *name)
{
  FatiaTruth truth = FATIA_UNKNOWN;
  gboolean looked = FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (program_folders); i++)
    {
      g_autofree char *path = g_build_filename (program_folders[i], name, NULL);

      if (fatia_host_root_exists (root, program_folders[i]))
        combine (&truth, fatia_facts_look (root, path, program_folders[i]), &looked);
    }
  return truth;
}

FatiaTruth
fatia_facts_look_for_software (FatiaHostRoot *root, const char *id)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("packages");
  g_autofree char *group = g_strdup_printf ("software %s", id);
  g_auto (GStrv) files = g_key_file_get_string_list (table, group, "Files", NULL, NULL);
  FatiaTruth truth = FATIA_UNKNOWN;
  gboolean looked = FALSE;

  for (gsize i = 0; files && files[i] && truth != FATIA_YES; i++)
    {
      FatiaTruth here = files[i][0] == '/' ? fatia_facts_look (root, files[i], "/usr/bin")
                                           : look_for_program (root, files[i]);

      combine (&truth, here, &looked);
    }
  return truth;
}

void
fatia_facts_read_software (FatiaFacts *facts, FatiaHostRoot *root)
{
  facts->kvm = fatia_facts_look (root, "/dev/kvm", "/dev");
  facts->libvirt = fatia_facts_look_for_software (root, "libvirt");
  facts->qemu = fatia_facts_look_for_software (root, "qemu");
  facts->ovmf = fatia_facts_look_for_software (root, "ovmf");
  facts->swtpm = fatia_facts_look_for_software (root, "swtpm");
}

/* A plain file is what a virtual machine left that was started too early. */
static void
read_kvmfr_device (FatiaFacts *facts, FatiaHostRoot *root)
{
  fatia_autofd int fd = fatia_host_root_open (root, KVMFR_DEVICE, O_PATH, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  struct stat info;

  facts->kvmfr_path = fatia_facts_look (root, KVMFR_DEVICE, "/dev");
  facts->kvmfr_device = facts->kvmfr_path == FATIA_NO ? FATIA_NO : FATIA_UNKNOWN;
  facts->kvmfr_access = FATIA_UNKNOWN;
  if (fd < 0 || fstat (fd, &info) < 0)
    return;
  facts->kvmfr_device = S_ISREG (info.st_mode) ? FATIA_NO : FATIA_YES;
  facts->kvmfr_access = access (path, R_OK | W_OK) == 0 ? FATIA_YES : FATIA_NO;
}

static guint
read_kvmfr_size (FatiaHostRoot *root)
{
  g_autofree char *text = fatia_host_root_read (root, KVMFR_OPTIONS, 4096, NULL, NULL);
  const char *size = text ? strstr (text, "static_size_mb=") : NULL;
  guint64 mib = size ? g_ascii_strtoull (strchr (size, '=') + 1, NULL, 10) : 0;

  return mib <= G_MAXUINT16 ? (guint) mib : 0;
}

void
fatia_facts_read_glass_memory (FatiaFacts *facts, FatiaHostRoot *root)
{
  facts->kvmfr_installed = fatia_kernel_module_look (root, "kvmfr");
  facts->kvmfr_module = fatia_facts_look (root, "/sys/module/kvmfr", "/sys/module");
  read_kvmfr_device (facts, root);
  facts->kvmfr_rule = fatia_facts_look (root, UDEV_RULE, "/etc");
  facts->kvmfr_mib = read_kvmfr_size (root);
  facts->memory_rule = fatia_facts_look (root, TMPFILES_RULE, "/etc");
}

static GStrv
read_roms (FatiaHostRoot *root)
{
  g_autoptr (GPtrArray) roms = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) names = fatia_host_root_list (root, ROMS, NULL);

  for (gsize i = 0; names && names[i]; i++)
    {
      /* Without the temporary files of a write that was cut short. */
      if (g_utf8_validate (names[i], -1, NULL) && names[i][0] != '.' &&
          (g_str_has_suffix (names[i], ".rom") || g_str_has_suffix (names[i], ".efi")))
        g_ptr_array_add (roms, g_strdup (names[i]));
    }
  g_ptr_array_add (roms, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&roms), FALSE);
}

/* How many virtual functions return at each boot, -1 where none are kept: it needs both the
 * count and systemd's link to the unit that enables them. */
static int
read_kept (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *link = fatia_host_root_read_link (root, KEPT_LINK);
  g_autofree char *text = fatia_host_root_read (root, KEPT_CONF, 4096, NULL, NULL);
  g_autoptr (GKeyFile) conf = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *pf = NULL;
  int count;

  if (link == NULL || text == NULL ||
      !g_key_file_load_from_data (conf, text, strlen (text), G_KEY_FILE_NONE, NULL))
    return -1;
  pf = g_key_file_get_string (conf, "virtual-functions", "pf", NULL);
  count = g_key_file_get_integer (conf, "virtual-functions", "count", &error);
  if (error || count < 0 || count > KEPT_LIMIT)
    return -1;
  if (facts->pf && g_strcmp0 (pf, facts->pf->address) != 0)
    return -1;
  facts->kept_scheduling = g_key_file_get_string (conf, "virtual-functions", "profile", NULL);
  return count;
}

void
fatia_facts_read_kept (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *sleep = NULL;

  facts->roms = read_roms (root);
  facts->kept_vfs = read_kept (facts, root);
  sleep = fatia_host_root_read_link (root, KEPT_SLEEP);
  facts->kept_sleep = facts->kept_vfs > 0 && sleep != NULL;
}
