/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <stdio.h>

#include <glib/gi18n.h>

#include "host/fatia-scheduling.h"

/* What the command line says about a step, put into it. */

#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* "64G", "64GiB", "6144M", "1T"; a bare number counts in @unit bytes. 0: no size. */
static guint64
parse_size (const char *text, guint64 unit)
{
  static const char letters[] = "KMGT";
  guint64 number;
  char *end;

  if (!g_ascii_isdigit (*text))
    return 0;
  number = g_ascii_strtoull (text, &end, 10);
  if (*end)
    {
      const char *letter = strchr (letters, g_ascii_toupper (*end));

      if (!letter || (end[1] && g_ascii_strcasecmp (end + 1, "iB") != 0 &&
                      g_ascii_strcasecmp (end + 1, "B") != 0))
        return 0;
      unit = G_GUINT64_CONSTANT (1) << (10 * (letter - letters + 1));
    }
  return number > G_MAXUINT64 / unit ? 0 : number * unit;
}

static int
configure_disk (FatiaDomainSpec *spec)
{
  for (guint i = 0; ctl_options.disk && ctl_options.disk[i]; i++)
    {
      const char *disk = ctl_options.disk[i];
      guint64 bytes = parse_size (disk, 1024 * MIB);

      if (bytes > 0)
        {
          spec->disk_bytes = bytes;
          continue;
        }
      if (!strchr (disk, '/'))
        return ctl_usage (NULL, _ ("--disk %s: give a size (128G) or the path of a file"), disk);
      g_free (spec->disk);
      spec->disk = g_canonicalize_filename (disk, NULL);
    }
  return CTL_OK;
}

static int
configure_resolution (FatiaDomainSpec *spec)
{
  guint width, height;
  char rest;

  if (!ctl_options.resolution)
    return CTL_OK;
  if (sscanf (ctl_options.resolution, "%5ux%5u%c", &width, &height, &rest) != 2)
    return ctl_usage (NULL, _ ("--resolution %s: give it as 1920x1080"), ctl_options.resolution);
  spec->width = width;
  spec->height = height;
  spec->glass_mib = fatia_glass_memory_mib (width, height);
  return CTL_OK;
}

/**
 * ctl_spec_options_given:
 *
 * Returns: whether the command line says anything about a VM
 */
gboolean
ctl_spec_options_given (void)
{
  return ctl_options.name || ctl_options.iso || ctl_options.memory || ctl_options.resolution ||
         ctl_options.cpus != 0 || ctl_options.disk;
}

/**
 * ctl_configure_spec:
 * @spec: what fits the host
 *
 * Puts what the command line says about a VM into @spec.
 *
 * Returns: the exit status where it is none, else %CTL_OK
 */
int
ctl_configure_spec (FatiaDomainSpec *spec)
{
  int status;

  if (ctl_options.cpus < 0)
    return ctl_usage (NULL, _ ("--cpus %d: give a number above 0"), ctl_options.cpus);
  if (ctl_options.cpus > 0)
    spec->cpus = (guint) ctl_options.cpus;
  if (ctl_options.name)
    {
      g_autofree char *folder = g_path_get_dirname (spec->disk);
      g_autofree char *file = g_strconcat (ctl_options.name, ".qcow2", NULL);

      g_set_str (&spec->name, ctl_options.name);
      /* A name with a "/" in it is refused later, in the name's own words. */
      if (!strchr (file, '/'))
        {
          g_free (spec->disk);
          spec->disk = g_build_filename (folder, file, NULL);
        }
    }
  if (ctl_options.iso)
    {
      g_free (spec->iso);
      spec->iso = g_canonicalize_filename (ctl_options.iso, NULL);
    }
  if (ctl_options.memory)
    {
      guint64 bytes = parse_size (ctl_options.memory, MIB);

      if (bytes == 0)
        return ctl_usage (NULL, _ ("--memory %s: give a size such as 8G"), ctl_options.memory);
      spec->memory_mib = bytes / MIB;
    }
  if ((status = configure_disk (spec)) != CTL_OK)
    return status;
  return configure_resolution (spec);
}

/* Said, and no more: who asks here knows which file it is. */
static void
warn_of_other_board (FatiaGopStep *step)
{
  FatiaGopFindings *findings = fatia_gop_step_get_findings (step);
  g_autofree char *words = NULL;

  if (fatia_gop_step_compare_board (step) != FATIA_BOARDS_DIFFER)
    return;
  words = fatia_board_of_image_describe (findings->boards);
  ctl_error (_ ("the image says that it is for another board than this computer's: %s"), words);
}

static int
configure_gop (FatiaGopStep *step)
{
  const char *image = ctl_options.image ? ctl_options.image : _ ("this computer's firmware");
  g_autoptr (GError) error = NULL;
  GPtrArray *candidates;

  if (!ctl_options.image && !ctl_options.from_this_computer)
    return CTL_OK;
  if (ctl_options.image && ctl_options.from_this_computer)
    return ctl_usage (NULL, _ ("--image and --from-this-computer: give one of the two"));
  if (!ctl_wait (ctl_options.image
                   ? fatia_gop_step_read (step, ctl_options.image, ctl_options.member)
                   : fatia_gop_step_read_chip (step),
                 &error))
    return ctl_fail_setup (error);
  ctl_progress_end ();
  warn_of_other_board (step);
  candidates = fatia_gop_step_get_candidates (step);
  if (ctl_options.choose < 0 || (guint) ctl_options.choose > candidates->len)
    return ctl_usage (NULL, _ ("--choose %d: there are %u candidates"), ctl_options.choose,
                      candidates->len);
  if (ctl_options.choose > 0)
    fatia_gop_step_choose (step, ctl_options.choose - 1);
  if (fatia_gop_step_get_chosen (step) >= 0)
    return CTL_OK;
  if (candidates->len > 0)
    ctl_error (
      _ ("none of the drivers found in %s stands out: look at them with “fatiactl gop” and "
         "say which with --choose N"),
      image);
  else
    ctl_error (_ ("%s holds no Intel graphics driver"), image);
  return CTL_NOTHING;
}

static int
configure_module (FatiaModuleStep *step)
{
  g_autoptr (GError) error = NULL;

  if (!ctl_options.file || fatia_module_step_set_path (step, ctl_options.file, &error))
    return CTL_OK;
  ctl_error ("%s: %s", ctl_options.file, error->message);
  return CTL_ERROR;
}

/* The size follows the resolution of the VM that is to be. */
static int
configure_memory (FatiaMemoryStep *step)
{
  FatiaSetup *setup = fatia_step_get_setup (FATIA_STEP (step));
  FatiaVmStep *vm = FATIA_VM_STEP (fatia_setup_get_step (setup, "vm"));
  int status = configure_resolution (fatia_vm_step_get_spec (vm));

  if (status != CTL_OK)
    return status;
  if (ctl_options.kvmfr && ctl_options.shm)
    return ctl_usage (NULL, _ ("--kvmfr and --shm: give one of the two"));
  if (ctl_options.kvmfr || ctl_options.shm)
    fatia_memory_step_set_kvmfr (step, ctl_options.kvmfr);
  if ((ctl_options.kvmfr || ctl_options.shm) &&
      fatia_memory_step_get_kvmfr (step) != ctl_options.kvmfr)
    {
      ctl_error (_ ("the VM was made for the other kind of memory: delete it first"));
      return CTL_NOTHING;
    }
  return CTL_OK;
}

static int
configure_vfs (FatiaVfsStep *step)
{
  if (ctl_options.count < -1)
    return ctl_usage (NULL, _ ("--count %d: give 0 or more"), ctl_options.count);
  if (ctl_options.profile && !fatia_scheduling_has_profile (ctl_options.profile))
    {
      g_auto (GStrv) profiles = fatia_scheduling_list_profiles ();
      g_autofree char *list = g_strjoinv (", ", profiles);

      return ctl_usage (NULL, _ ("--profile %s: give one of %s"), ctl_options.profile, list);
    }
  if (ctl_options.profile && !fatia_vfs_step_offers_profiles (step) &&
      !g_str_equal (ctl_options.profile, FATIA_SCHEDULING_DRIVER))
    {
      ctl_error (_ ("the graphics driver that is loaded does not let the slices be given turns"));
      return CTL_ERROR;
    }
  if (ctl_options.count >= 0)
    fatia_vfs_step_set_count (step, (guint) ctl_options.count);
  if (ctl_options.profile)
    fatia_vfs_step_set_profile (step, ctl_options.profile);
  fatia_vfs_step_set_keep (step, !ctl_options.no_keep);
  fatia_vfs_step_set_sleep (step, !ctl_options.no_sleep_hook);
  return CTL_OK;
}

/**
 * ctl_configure_step:
 *
 * Puts what the command line says about a step into it.
 *
 * Returns: the exit status where that is not possible, else %CTL_OK
 */
int
ctl_configure_step (FatiaStep *step)
{
  if (FATIA_IS_MODULE_STEP (step))
    return configure_module (FATIA_MODULE_STEP (step));
  if (FATIA_IS_GOP_STEP (step))
    return configure_gop (FATIA_GOP_STEP (step));
  if (FATIA_IS_VM_STEP (step))
    return ctl_configure_spec (fatia_vm_step_get_spec (FATIA_VM_STEP (step)));
  if (FATIA_IS_MEMORY_STEP (step))
    return configure_memory (FATIA_MEMORY_STEP (step));
  if (FATIA_IS_VFS_STEP (step))
    return configure_vfs (FATIA_VFS_STEP (step));
  return CTL_OK;
}
