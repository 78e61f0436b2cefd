/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the PCI core does when sriov_numvfs and drivers_probe are written
 * (linux/drivers/pci/iov.c, linux/drivers/base/bus.c). */
#include "practice/fatia-replay-tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRIVERS "/sys/bus/pci/drivers"
#define PROBE   "/sys/bus/pci/drivers_probe"

/* (transfer full) (nullable): the address of the virtual function @index, counted from 0 */
static char *
vf_address (FatiaReplayTree *self, const char *pf_folder, guint index)
{
  g_autofree char *offset = g_build_filename (pf_folder, "sriov_offset", NULL);
  g_autofree char *stride = g_build_filename (pf_folder, "sriov_stride", NULL);
  guint domain, bus, slot, function;
  int id;

  if (sscanf (self->pf, "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4)
    return NULL;
  id = slot * 8 + function + fatia_replay_tree_read_number (self, offset, 1) +
       index * fatia_replay_tree_read_number (self, stride, 1);
  return g_strdup_printf ("%04x:%02x:%02x.%x", domain, bus, (id / 8) & 31, id % 8);
}

static char *
virtfn_path (const char *pf_folder, guint index)
{
  return g_strdup_printf ("%s/virtfn%u", pf_folder, index);
}

static guint
count_vfs (FatiaReplayTree *self, const char *pf_folder)
{
  for (guint n = 0;; n++)
    {
      g_autofree char *link = virtfn_path (pf_folder, n);
      g_autofree char *target = fatia_host_root_read_link (self->root, link);

      if (target == NULL)
        return n;
    }
}

static gboolean
write_in (
  FatiaReplayTree *self, const char *folder, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return fatia_replay_tree_write (self, path, text, error);
}

static gboolean
link_in (
  FatiaReplayTree *self, const char *folder, const char *name, const char *target, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return fatia_replay_tree_link (self, path, target, error);
}

/* Each VF is an IOMMU group of its own. */
static gboolean
add_group (
  FatiaReplayTree *self, const char *built, const char *folder, const char *address, GError **error)
{
  g_auto (GStrv) groups = fatia_host_root_list (self->root, FATIA_REPLAY_GROUPS, NULL);
  g_autofree char *group = NULL;
  g_autofree char *devices = NULL;
  g_autofree char *entry = NULL;
  g_autofree char *to_device = NULL;
  g_autofree char *link = g_build_filename (folder, "iommu_group", NULL);
  g_autofree char *to_group = NULL;
  int number = -1;

  for (guint i = 0; groups && groups[i]; i++)
    number = MAX (number, atoi (groups[i]));
  if (number < 0)
    return TRUE;
  group = g_strdup_printf (FATIA_REPLAY_GROUPS "/%d", number + 1);
  devices = g_build_filename (group, "devices", NULL);
  entry = g_build_filename (devices, address, NULL);
  to_device = fatia_replay_relative (entry, folder);
  to_group = fatia_replay_relative (link, group);
  return fatia_replay_tree_make_folder (self, devices, error) &&
         fatia_replay_tree_link (self, entry, to_device, error) &&
         link_in (self, built, "iommu_group", to_group, error);
}

static gboolean
copy_attribute (
  FatiaReplayTree *self, const char *from, const char *to, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (from, name, NULL);
  g_autofree char *text = fatia_host_root_read (self->root, path, 4096, NULL, NULL);

  return text == NULL || write_in (self, to, name, text, error);
}

/* The driver that driver_override names takes a function that has none; vfio-pci takes none
 * without an IOMMU. */
static gboolean
probe (FatiaReplayTree *self, const char *address, GError **error)
{
  g_autofree char *folder = fatia_replay_tree_device_folder (self, address);
  g_autofree char *override = g_build_filename (folder, "driver_override", NULL);
  g_autofree char *name = fatia_host_root_read_line (self->root, override);
  g_autofree char *driver = name ? g_build_filename (DRIVERS, name, NULL) : NULL;
  g_autofree char *group = g_build_filename (folder, "iommu_group", NULL);
  g_autofree char *link = g_build_filename (folder, "driver", NULL);
  g_autofree char *target = NULL;

  if (driver == NULL || strchr (name, '/') || !fatia_host_root_exists (self->root, driver) ||
      !fatia_host_root_exists (self->root, group))
    return TRUE;
  target = fatia_replay_relative (link, driver);
  return fatia_replay_tree_link (self, link, target, error);
}

/* Emptied first: who wrote it may write the next as soon as the driver is there. */
static gboolean
sync_probe (FatiaReplayTree *self, GError **error)
{
  g_autofree char *address = fatia_host_root_read_line (self->root, PROBE);
  g_autofree char *physfn = NULL;

  if (address == NULL || *address == '\0')
    return TRUE;
  physfn = g_build_filename (FATIA_REPLAY_DEVICES, address, "physfn", NULL);
  return fatia_replay_tree_write (self, PROBE, "", error) &&
         (strchr (address, '/') || !fatia_host_root_exists (self->root, physfn) ||
          probe (self, address, error));
}

/* Unless told otherwise, the kernel offers a new VF to the driver the PF has. */
static gboolean
bind_driver (FatiaReplayTree *self, const char *built, const char *pf_folder, GError **error)
{
  g_autofree char *autoprobe = g_build_filename (pf_folder, "sriov_drivers_autoprobe", NULL);
  g_autofree char *link = g_build_filename (pf_folder, "driver", NULL);
  g_autofree char *target = fatia_host_root_read_link (self->root, link);

  if (target == NULL || fatia_replay_tree_read_number (self, autoprobe, 1) == 0)
    return TRUE;
  return link_in (self, built, "driver", target, error);
}

static gboolean
add_vf (FatiaReplayTree *self, const char *pf_folder, guint index, GError **error)
{
  g_autofree char *address = vf_address (self, pf_folder, index);
  g_autofree char *parent = g_path_get_dirname (pf_folder);
  g_autofree char *folder = g_build_filename (parent, address, NULL);
  g_autofree char *physfn = g_strconcat ("../", self->pf, NULL);
  g_autofree char *to_vf = g_strconcat ("../", address, NULL);
  g_autofree char *virtfn = virtfn_path (pf_folder, index);
  g_autofree char *entry = g_build_filename (FATIA_REPLAY_DEVICES, address, NULL);
  g_autofree char *to_folder = fatia_replay_relative (entry, folder);
  const char *built = fatia_replay_tree_get_workshop (self, error);

  /* Built aside and moved: who reads the tree meanwhile finds all of it or nothing. */
  if (address == NULL || built == NULL ||
      !copy_attribute (self, pf_folder, built, "vendor", error) ||
      !copy_attribute (self, pf_folder, built, "device", error) ||
      !copy_attribute (self, pf_folder, built, "revision", error) ||
      !write_in (self, built, "class", "0x030000\n", error) ||
      !write_in (self, built, "driver_override", "(null)\n", error) ||
      !write_in (self, built, "enable", "0\n", error) ||
      !write_in (self, built, "boot_vga", "0\n", error) ||
      !link_in (self, built, "physfn", physfn, error) ||
      !bind_driver (self, built, pf_folder, error) ||
      !add_group (self, built, folder, address, error))
    return FALSE;
  if (!fatia_replay_tree_move (self, built, folder, error) ||
      (!g_str_equal (entry, folder) && !fatia_replay_tree_link (self, entry, to_folder, error)))
    return FALSE;
  return fatia_replay_tree_link (self, virtfn, to_vf, error);
}

static gboolean
remove_vf (FatiaReplayTree *self, const char *pf_folder, guint index, GError **error)
{
  g_autofree char *virtfn = virtfn_path (pf_folder, index);
  g_autofree char *address = vf_address (self, pf_folder, index);
  g_autofree char *folder = NULL;
  g_autofree char *entry = NULL;
  g_autofree char *link = NULL;
  g_autofree char *to_group = NULL;

  if (address == NULL)
    return FALSE;
  folder = fatia_replay_tree_device_folder (self, address);
  entry = g_build_filename (FATIA_REPLAY_DEVICES, address, NULL);
  link = g_build_filename (folder, "iommu_group", NULL);
  to_group = fatia_host_root_read_link (self->root, link);
  if (to_group != NULL)
    {
      g_autofree char *number = g_path_get_basename (to_group);
      g_autofree char *group = g_build_filename (FATIA_REPLAY_GROUPS, number, NULL);

      if (!fatia_replay_tree_remove (self, group, error))
        return FALSE;
    }
  return fatia_replay_tree_remove (self, virtfn, error) &&
         fatia_replay_tree_remove (self, entry, error) &&
         fatia_replay_tree_remove (self, folder, error);
}

/* A write of "7" reads back as "7\n". Appended, so that a number written meanwhile stays. */
static void
end_line (FatiaReplayTree *self, const char *path)
{
  g_autofree char *text = fatia_host_root_read (self->root, path, 64, NULL, NULL);
  int fd;

  if (text == NULL || *text == '\0' || g_str_has_suffix (text, "\n"))
    return;
  fd = fatia_host_root_open (self->root, path, O_WRONLY | O_APPEND, NULL);
  if (fd < 0)
    return;
  (void) !write (fd, "\n", 1);
  close (fd);
}

/* The kernel refuses what can't be; the attribute then says what is. */
static gboolean
refuse (FatiaReplayTree *self, const char *path, guint have, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%u\n", have);

  return fatia_replay_tree_write (self, path, text, error);
}

static gboolean
sync_count (FatiaReplayTree *self, GError **error)
{
  g_autofree char *folder = self->pf ? fatia_replay_tree_device_folder (self, self->pf) : NULL;
  g_autofree char *numvfs = NULL;
  g_autofree char *totalvfs = NULL;
  guint have;
  int wanted;

  if (folder == NULL)
    return TRUE;
  numvfs = g_build_filename (folder, "sriov_numvfs", NULL);
  totalvfs = g_build_filename (folder, "sriov_totalvfs", NULL);
  have = count_vfs (self, folder);
  wanted = fatia_replay_tree_read_number (self, numvfs, have);
  end_line (self, numvfs);
  if (wanted == (int) have)
    return fatia_replay_tree_sync_turns (self, folder, error);
  if (wanted < 0 || !self->sriov_module ||
      wanted > fatia_replay_tree_read_number (self, totalvfs, 0))
    return refuse (self, numvfs, have, error);
  if ((have > 0 && !fatia_replay_tree_unshare (self, folder, have, error)) ||
      (wanted > 0 && !fatia_replay_tree_share (self, folder, wanted, error)))
    return FALSE;
  for (; have > (guint) wanted; have--)
    if (!remove_vf (self, folder, have - 1, error))
      return FALSE;
  for (; have < (guint) wanted; have++)
    if (!add_vf (self, folder, have, error))
      return FALSE;
  fatia_replay_tree_tidy (self);
  return TRUE;
}

gboolean
fatia_replay_tree_sync_vfs (FatiaReplayTree *self, GError **error)
{
  return sync_count (self, error) && sync_probe (self, error);
}

gboolean
fatia_replay_tree_bind_vfs (FatiaReplayTree *self, const char *driver, GError **error)
{
  g_autofree char *pf_folder = fatia_replay_tree_device_folder (self, self->pf);
  g_autofree char *line = g_strconcat (driver, "\n", NULL);
  guint have = count_vfs (self, pf_folder);

  for (guint i = 0; i < have; i++)
    {
      g_autofree char *address = vf_address (self, pf_folder, i);
      g_autofree char *folder = address ? fatia_replay_tree_device_folder (self, address) : NULL;

      if (folder == NULL || !write_in (self, folder, "driver_override", line, error) ||
          !probe (self, address, error))
        return FALSE;
    }
  return TRUE;
}
