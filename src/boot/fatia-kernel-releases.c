/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernels a host has: which modules were installed for one, and which initramfs it has. */
#include "boot/fatia-kernel-releases.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/fatia-fd.h"

/* People keep a handful; what is more is not looked at. */
#define MAX_RELEASES 32

static const char *const module_folders[] = { "/usr/lib/modules", "/lib/modules" };

/* Where distributions have DKMS put modules that are not the kernel's own. */
static const char *const places[] = { "updates/dkms", "updates", "extra", "extramodules" };
static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };

/* %s is the release, or what Arch calls the kernel (its file "pkgbase"). */
static const char *const images[] = { "/boot/initrd.img-%s", "/boot/initramfs-%s.img",
                                      "/boot/initrd-%s", "/efi/initramfs-%s.img" };
/* The same in folders of kernel-install, which have the machine's id first. */
static const char *const boots[] = { "/boot", "/efi", "/boot/efi" };
static const char *const in_folder[] = { "initrd", "initrd.img-%s" };

/*
 * fatia_kernel_release_path:
 * @pattern: a path with one "%s"
 *
 * Returns: (transfer full): the path for one kernel
 */
char *
fatia_kernel_release_path (const char *pattern, const char *release)
{
  g_auto (GStrv) parts = g_strsplit (pattern, "%s", 2);

  return g_strjoinv (release, parts);
}

/*
 * fatia_kernel_releases:
 *
 * Returns: (transfer full): the releases of the kernels that have modules here
 */
GStrv
fatia_kernel_releases (FatiaHostRoot *root)
{
  g_autoptr (GStrvBuilder) releases = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (gsize i = 0; names == NULL && i < G_N_ELEMENTS (module_folders); i++)
    names = fatia_host_root_list (root, module_folders[i], NULL);
  for (gsize i = 0; names != NULL && names[i] != NULL && i < MAX_RELEASES; i++)
    g_strv_builder_add (releases, names[i]);
  return g_strv_builder_end (releases);
}

/* When the file was written, -1: it is not there */
static gint64
written (FatiaHostRoot *root, const char *path)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_PATH, NULL);
  struct stat info;

  return fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) ? info.st_mtim.tv_sec : -1;
}

static gint64
module_written (FatiaHostRoot *root, const char *release, const char *module)
{
  gint64 newest = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (module_folders); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (places); j++)
      for (gsize k = 0; k < G_N_ELEMENTS (suffixes); k++)
        {
          g_autofree char *path = g_strdup_printf ("%s/%s/%s/%s.ko%s", module_folders[i], release,
                                                   places[j], module, suffixes[k]);

          newest = MAX (newest, written (root, path));
        }
  return newest;
}

static gint64
image_written_at (FatiaHostRoot *root, const char *pattern, const char *release)
{
  g_autofree char *path = fatia_kernel_release_path (pattern, release);

  return written (root, path);
}

static gint64
image_written (FatiaHostRoot *root, const char *release)
{
  g_autofree char *base_file = g_strdup_printf ("/usr/lib/modules/%s/pkgbase", release);
  g_autofree char *base = fatia_host_root_read_line (root, base_file);
  g_autofree char *machine = fatia_host_root_read_line (root, "/etc/machine-id");
  gint64 newest = -1;

  for (gsize i = 0; i < G_N_ELEMENTS (images); i++)
    {
      newest = MAX (newest, image_written_at (root, images[i], release));
      if (base && *base != '\0')
        newest = MAX (newest, image_written_at (root, images[i], base));
    }
  for (gsize i = 0; machine && *machine != '\0' && i < G_N_ELEMENTS (boots); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (in_folder); j++)
      {
        g_autofree char *pattern =
          g_build_filename (boots[i], machine, release, in_folder[j], NULL);

        newest = MAX (newest, image_written_at (root, pattern, release));
      }
  return newest;
}

/*
 * fatia_kernel_releases_have_newer_module:
 * @module: the name of a driver
 *
 * Returns: whether some kernel here has a @module that is not its own and newer than its initramfs
 */
gboolean
fatia_kernel_releases_have_newer_module (FatiaHostRoot *root, const char *module)
{
  g_auto (GStrv) releases = fatia_kernel_releases (root);

  for (gsize i = 0; releases[i] != NULL; i++)
    {
      gint64 image = image_written (root, releases[i]);

      if (image >= 0 && module_written (root, releases[i], module) > image)
        return TRUE;
    }
  return FALSE;
}
