/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory/fatia-guest-memory.h"

#include <glib/gi18n-lib.h>

#include "memory/fatia-memory-private.h"

#define RULE "/etc/tmpfiles.d/fatia-looking-glass.conf"
#define FILE "/dev/shm/looking-glass"

/**
 * fatia_memory_kind_from_string:
 * @text: "shm" or "kvmfr"
 *
 * Returns: whether it is one of them, else %FATIA_CHANGE_ERROR_INVALID
 */
gboolean
fatia_memory_kind_from_string (const char *text, FatiaMemoryKind *kind, GError **error)
{
  g_return_val_if_fail (text != NULL && kind != NULL, FALSE);

  if (g_str_equal (text, "shm"))
    *kind = FATIA_MEMORY_SHM;
  else if (g_str_equal (text, "kvmfr"))
    *kind = FATIA_MEMORY_KVMFR;
  else
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                           _ ("The memory is either “shm” or “kvmfr”."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_size (guint megabytes, GError **error)
{
  if (megabytes >= FATIA_GUEST_MEMORY_MIN && megabytes <= FATIA_GUEST_MEMORY_MAX &&
      (megabytes & (megabytes - 1)) == 0)
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
               _ ("The memory's size is a power of two from %d to %d MiB."), FATIA_GUEST_MEMORY_MIN,
               FATIA_GUEST_MEMORY_MAX);
  return FALSE;
}

/* QEMU gives the file its size. SELinux lets it open what has the label its own would have. */
static char *
make_rule (FatiaHostRoot *root, const char *user)
{
  const char *label = fatia_selinux_is_enabled (root)
                        ? "t " FILE " - - - - security.selinux=system_u:object_r:svirt_tmpfs_t:s0\n"
                        : "";

  return g_strdup_printf ("# Written by Fatia: the memory that Looking Glass and the virtual "
                          "machine share.\nf " FILE " 0660 %s kvm -\n%s",
                          user, label);
}

static gboolean
plan_shm (FatiaHostRoot *root, const char *user, FatiaChangeSet *set, GError **error)
{
  g_autofree char *rule = make_rule (root, user);
  gboolean changed = FALSE;

  if (!fatia_memory_add_text (root, set, RULE, rule, &changed, error) ||
      !fatia_kvmfr_plan_removal (root, set, error))
    return FALSE;
  if (changed)
    fatia_memory_add_command (root, set, FALSE, _ ("Make the shared memory now"),
                              "systemd-tmpfiles", "--create", RULE, NULL);
  return TRUE;
}

/**
 * fatia_guest_memory_plan:
 * @megabytes: the size, a power of two; a file in /dev/shm has no size before the virtual
 *   machine starts
 * @user: who may open the file in /dev/shm, as systemd-tmpfiles takes it. The device of kvmfr is
 *   given to who sits at the computer.
 * @set: gets the changes
 *
 * Sets up the memory that Looking Glass shares with the virtual machine; what was set up as the
 * other kind goes.
 *
 * Returns: whether it can be done, else %FATIA_CHANGE_ERROR_INVALID for a size that is none,
 *   %FATIA_CHANGE_ERROR_UNSUPPORTED where the host lacks what it takes,
 *   %FATIA_CHANGE_ERROR_REFUSED for a file that is not understood
 */
gboolean
fatia_guest_memory_plan (FatiaHostRoot *root,
                         FatiaMemoryKind kind,
                         guint megabytes,
                         const char *user,
                         FatiaChangeSet *set,
                         GError **error)
{
  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (user != NULL, FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (!check_size (megabytes, error))
    return FALSE;
  if (kind == FATIA_MEMORY_SHM)
    return plan_shm (root, user, set, error);
  return fatia_memory_add_text (root, set, RULE, NULL, NULL, error) &&
         fatia_kvmfr_plan (root, megabytes, set, error);
}
