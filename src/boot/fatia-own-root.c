/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a kernel command line starts this system or another one on the same computer: by its
 * root=, next to that of the running kernel. One device has several names (the kernel's
 * admin-guide/kernel-parameters, root=), which udev's links in /dev/disk bring together.
 */
#include "boot/fatia-own-root.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/fatia-fd.h"

#define CMDLINE       "/proc/cmdline"
#define CMDLINE_LIMIT 65536

/* The kinds of names that udev makes links for. It writes those in lower case that have no case of
 * their own, but for those of FAT and NTFS. */
static const struct
{
  const char *prefix;
  const char *folder;
  gboolean caseless;
} kinds[] = {
  { "UUID=", "/dev/disk/by-uuid", TRUE },
  { "PARTUUID=", "/dev/disk/by-partuuid", TRUE },
  { "LABEL=", "/dev/disk/by-label", FALSE },
  { "PARTLABEL=", "/dev/disk/by-partlabel", FALSE },
};

/* (transfer full) (nullable): the value of root=, the last one where there are several */
static char *
find_root (GPtrArray *words)
{
  for (guint i = fatia_kernel_words_find_end (words); i > 0; i--)
    {
      const FatiaKernelWord *word = g_ptr_array_index (words, i - 1);

      if (g_str_has_prefix (word->text, "root="))
        return g_strdup (word->text + strlen ("root="));
    }
  return NULL;
}

/* What is at @path is looked at, never opened: a disk that sleeps is not waked. */
static gboolean
look (FatiaHostRoot *root, const char *path, struct stat *info)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);

  return fd >= 0 && fstat (fd, info) == 0;
}

/* FALSE: that is the name of no device which is there. */
static gboolean
find_device (FatiaHostRoot *root, const char *name, struct stat *info)
{
  if (g_str_has_prefix (name, "/dev/"))
    return look (root, name, info);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (name, kinds[i].prefix))
      {
        const char *value = name + strlen (kinds[i].prefix);
        g_autofree char *lower = g_ascii_strdown (value, -1);
        g_autofree char *path = g_build_filename (kinds[i].folder, value, NULL);
        g_autofree char *lower_path = g_build_filename (kinds[i].folder, lower, NULL);

        return *value != '\0' && strchr (value, '/') == NULL &&
               (look (root, path, info) || (kinds[i].caseless && look (root, lower_path, info)));
      }
  return FALSE;
}

static gboolean
is_same_device (FatiaHostRoot *root, const char *a, const char *b)
{
  struct stat first, second;

  if (!find_device (root, a, &first) || !find_device (root, b, &second))
    return FALSE;
  if (S_ISBLK (first.st_mode) && S_ISBLK (second.st_mode))
    return first.st_rdev == second.st_rdev;
  /* Practice has files in their place. */
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/*
 * fatia_own_root_is_other:
 * @words: (element-type FatiaKernelWord): the line of an entry in a boot loader's menu
 *
 * A line without root= is this system's, whose initramfs or partition table knows where it is;
 * so is every line where the running kernel's can't be read. Names of which one is of no device
 * that is there can't be compared: then it is another's.
 *
 * Returns: whether it starts another system
 */
gboolean
fatia_own_root_is_other (FatiaHostRoot *root, GPtrArray *words)
{
  g_autofree char *theirs = find_root (words);
  g_autofree char *line = NULL;
  g_autoptr (GPtrArray) running = NULL;
  g_autofree char *ours = NULL;

  if (theirs == NULL)
    return FALSE;
  line = fatia_host_root_read (root, CMDLINE, CMDLINE_LIMIT, NULL, NULL);
  if (line == NULL)
    return FALSE;
  running = fatia_kernel_words_new (line, FATIA_QUOTING_KERNEL, NULL);
  ours = find_root (running);
  return ours == NULL || (!g_str_equal (ours, theirs) && !is_same_device (root, ours, theirs));
}
