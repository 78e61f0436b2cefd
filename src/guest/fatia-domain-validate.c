/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a spec is possible on a host, in words that say what to change. */
#include "guest/fatia-domain-spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define GIB (G_GUINT64_CONSTANT (1) << 30)

/* libvirt makes folders and sockets of the name. */
#define NAME_LIMIT 50
/* Windows 11's own demands. */
#define MIN_MEMORY_MIB 4096
#define MIN_DISK_BYTES (64 * GIB)
#define MAX_DISK_BYTES (16 * 1024 * GIB)
#define MIN_CPUS       2
/* What the host keeps for itself. */
#define HOST_MEMORY_MIB 2048
/* A sparse disk grows; with less than this the installation itself does not fit. */
#define MIN_FREE_BYTES (30 * GIB)

static gboolean refuse (GError **error, int code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, int code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (G_IO_ERROR, code, format, args));
  va_end (args);
  return FALSE;
}

static gboolean
validate_name (const char *name, GError **error)
{
  if (name == NULL || *name == '\0')
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT, _ ("Give the VM a name."));
  if (strlen (name) > NAME_LIMIT)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("The VM's name is too long: %d letters at most."), NAME_LIMIT);
  for (const char *c = name; *c; c++)
    if (!g_ascii_isalnum (*c) && (c == name || strchr ("._-+", *c) == NULL))
      return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                     _ ("The VM's name may hold the letters A to Z, digits, and . _ - + but must "
                        "begin with a letter or a digit."));
  return TRUE;
}

static gboolean
is_plain_path (const char *path)
{
  g_autofree char *canonical = NULL;

  if (path == NULL || !g_path_is_absolute (path) || !g_utf8_validate (path, -1, NULL))
    return FALSE;
  canonical = g_canonicalize_filename (path, NULL);
  return g_str_equal (canonical, path);
}

static gboolean
validate_file (const char *path, const char *what, GError **error)
{
  struct stat info;

  if (path == NULL)
    return TRUE;
  if (!is_plain_path (path))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("%s: “%s” is not an absolute path. Give it from / on."), what, path);
  if (stat (path, &info) < 0)
    return refuse (error, g_io_error_from_errno (errno), _ ("%s: %s can't be opened: %s."), what,
                   path, g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    return refuse (error, G_IO_ERROR_NOT_REGULAR_FILE,
                   _ ("%s: %s is not a file. Choose the .iso file itself."), what, path);
  if (access (path, R_OK) < 0)
    return refuse (error, G_IO_ERROR_PERMISSION_DENIED,
                   _ ("%s: you may not read %s. Change its permissions or copy it to a folder of "
                      "yours."),
                   what, path);
  return TRUE;
}

static gboolean
validate_memory (const FatiaDomainSpec *spec, const FatiaFacts *facts, GError **error)
{
  guint64 host = facts ? facts->memory / MIB : 0;

  if (spec->memory_mib < MIN_MEMORY_MIB)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("Windows 11 needs at least %d MiB of memory."), MIN_MEMORY_MIB);
  if (host > 0 && (spec->memory_mib > host || host - spec->memory_mib < HOST_MEMORY_MIB))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("This computer has %lu MiB of memory and keeps %d for itself: give the VM "
                      "%lu at most."),
                   (gulong) host, HOST_MEMORY_MIB,
                   (gulong) (host > HOST_MEMORY_MIB ? host - HOST_MEMORY_MIB : 0));
  return TRUE;
}

static gboolean
validate_cpus (const FatiaDomainSpec *spec, const FatiaFacts *facts, GError **error)
{
  if (spec->cpus < MIN_CPUS)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("Windows 11 needs at least %d processors."), MIN_CPUS);
  if (facts != NULL && facts->cpus > 0 && spec->cpus > facts->cpus)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("This computer has %u processors: the VM can't have %u."), facts->cpus,
                   spec->cpus);
  return TRUE;
}

/* (transfer full): the nearest folder above @path that is there */
static char *
nearest_folder (const char *path)
{
  char *folder = g_path_get_dirname (path);

  while (strlen (folder) > 1 && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      char *parent = g_path_get_dirname (folder);

      g_free (folder);
      folder = parent;
    }
  return folder;
}

static gboolean
validate_disk (const FatiaDomainSpec *spec, GError **error)
{
  g_autofree char *folder = NULL;
  struct statvfs info;

  if (!is_plain_path (spec->disk) || g_str_equal (spec->disk, "/"))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("The disk needs an absolute path, such as "
                      "/var/lib/libvirt/images/Windows.qcow2."));
  if (spec->disk_bytes < MIN_DISK_BYTES)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("Windows 11 needs a disk of at least 64 GiB."));
  if (spec->disk_bytes > MAX_DISK_BYTES)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT, _ ("The disk can have 16 TiB at most."));
  folder = nearest_folder (spec->disk);
  /* What can't be asked is left to libvirt. */
  if (!spec->tcg && statvfs (folder, &info) == 0 &&
      (guint64) info.f_bavail * info.f_frsize < MIN_FREE_BYTES)
    return refuse (error, G_IO_ERROR_NO_SPACE,
                   _ ("%s has %lu GiB free; installing Windows takes at least %lu. Free some, or "
                      "put the disk elsewhere."),
                   folder, (gulong) ((guint64) info.f_bavail * info.f_frsize / GIB),
                   (gulong) (MIN_FREE_BYTES / GIB));
  return TRUE;
}

/* With the memory of kvmfr the VM is only right where the device is there: QEMU would make a plain
 * file in its place. */
static gboolean
validate_kvmfr (const FatiaDomainSpec *spec, const FatiaFacts *facts, GError **error)
{
  if (facts == NULL)
    return TRUE;
  if (facts->kvmfr_device == FATIA_NO)
    return refuse (error, G_IO_ERROR_NOT_FOUND,
                   _ ("The Looking Glass memory /dev/kvmfr0 is not there: restart the computer, so "
                      "that the module kvmfr is loaded."));
  if (facts->kvmfr_mib > 0 && facts->kvmfr_mib < spec->glass_mib)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("%ux%u needs %u MiB of Looking Glass memory, and kvmfr’s has %u: set the "
                      "memory up again."),
                   spec->width, spec->height, spec->glass_mib, facts->kvmfr_mib);
  return TRUE;
}

static gboolean
validate_glass (const FatiaDomainSpec *spec, const FatiaFacts *facts, GError **error)
{
  const char *name = spec->glass_path;

  if (spec->width < 640 || spec->height < 480 || spec->width > 7680 || spec->height > 4320)
    return refuse (
      error, G_IO_ERROR_INVALID_ARGUMENT,
      _ ("The resolution %ux%u is not possible: choose between 640x480 and 7680x4320."),
      spec->width, spec->height);
  if ((spec->glass_mib & (spec->glass_mib - 1)) != 0 ||
      spec->glass_mib < fatia_glass_memory_mib (spec->width, spec->height))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("%ux%u needs %u MiB of Looking Glass memory, not %u."), spec->width,
                   spec->height, fatia_glass_memory_mib (spec->width, spec->height),
                   spec->glass_mib);
  if (g_strcmp0 (name, "/dev/kvmfr0") == 0)
    return validate_kvmfr (spec, facts, error);
  if (name == NULL || !g_str_has_prefix (name, "/dev/shm/") || !is_plain_path (name) ||
      strchr (name + strlen ("/dev/shm/"), '/') != NULL)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("The Looking Glass memory is a file right in /dev/shm, or /dev/kvmfr0."));
  return TRUE;
}

static gboolean
validate_vf (const FatiaDomainSpec *spec, GError **error)
{
  guint domain, bus, slot, function;
  int length = 0;

  if (spec->vf != NULL &&
      (sscanf (spec->vf, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &length) != 4 ||
       length != 12 || spec->vf[length] != '\0' || function > 7))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("“%s” is not a PCI address, which looks like 0000:00:02.1."), spec->vf);
  /* Function 0 is the GPU itself: the host's screen would go dark. */
  if (spec->vf != NULL && slot == 2 && bus == 0 && function == 0)
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("%s is the graphics card itself, not a slice of it: the screen of this "
                      "computer would go dark. Choose a virtual function, 0000:00:02.1 to .7."),
                   spec->vf);
  if (spec->rom != NULL && !is_plain_path (spec->rom))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT, _ ("The ROM “%s” is no absolute path."),
                   spec->rom);
  return TRUE;
}

/**
 * fatia_domain_spec_validate:
 * @facts: (nullable): the host whose memory and processors count
 * @error: return location for a #GError in the domain %G_IO_ERROR: words for the person
 *
 * Returns: whether the VM can be made; the first thing that is not possible is told in @error
 */
gboolean
fatia_domain_spec_validate (const FatiaDomainSpec *spec, const FatiaFacts *facts, GError **error)
{
  g_return_val_if_fail (spec != NULL, FALSE);

  return validate_name (spec->name, error) &&
         validate_file (spec->iso, _ ("The Windows image"), error) &&
         validate_file (spec->virtio_iso, _ ("The virtio driver image"), error) &&
         validate_memory (spec, facts, error) && validate_cpus (spec, facts, error) &&
         validate_disk (spec, error) && validate_glass (spec, facts, error) &&
         validate_vf (spec, error);
}
