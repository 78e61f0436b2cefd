/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What SELinux wants before a confined QEMU (svirt_t) may open what is not libvirt's. Written
 * from what Fedora's users do; nobody could try it where this was written.
 */
#include "memory/fatia-memory-private.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"
#include "host/fatia-fd.h"

#define MODULE "fatia-kvmfr"
#define POLICY "/etc/fatia/" MODULE ".cil"

/* A device node that no policy names has the type device_t. */
static const char policy[] =
  "; Written by Fatia: the memory that Looking Glass and the virtual machine share.\n"
  "(allow svirt_t device_t (chr_file (open read write map)))\n";

gboolean
fatia_selinux_is_enabled (FatiaHostRoot *root)
{
  return fatia_host_root_exists (root, "/sys/fs/selinux/enforce");
}

static const char *const install[] = { "semodule", "-i", POLICY, NULL };
static const char *const removal[] = { "semodule", "-r", MODULE, NULL };

static gboolean
plan_policy (FatiaHostRoot *root, FatiaChangeSet *set, GError **error)
{
  gboolean changed = FALSE;

  if (!fatia_command_is_there (root, install[0], NULL))
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                   _ ("SELinux is on, and its tool semodule is not installed: without it QEMU may "
                      "not open %s. Install policycoreutils, or choose plain shared memory."),
                   FATIA_KVMFR_DEVICE);
      return FALSE;
    }
  if (!fatia_memory_add_text (root, set, POLICY, policy, &changed, error))
    return FALSE;
  if (changed)
    fatia_change_set_add_command_pair (set, install, removal,
                                       _ ("Let virtual machines use kvmfr’s memory under SELinux"));
  return TRUE;
}

static gboolean
plan_policy_removal (FatiaHostRoot *root, FatiaChangeSet *set, GError **error)
{
  gboolean changed = FALSE;

  if (!fatia_memory_add_text (root, set, POLICY, NULL, &changed, error))
    return FALSE;
  if (changed && fatia_command_is_there (root, removal[0], NULL))
    fatia_change_set_add_command_pair (set, removal, install,
                                       _ ("Take the rule for kvmfr’s memory out of SELinux’s"));
  return TRUE;
}

/**
 * fatia_selinux_plan_kvmfr:
 * @allowed: whether QEMU is to open kvmfr's device
 */
gboolean
fatia_selinux_plan_kvmfr (FatiaHostRoot *root,
                          FatiaChangeSet *set,
                          gboolean allowed,
                          GError **error)
{
  if (!allowed)
    return plan_policy_removal (root, set, error);
  return !fatia_selinux_is_enabled (root) || plan_policy (root, set, error);
}

static gboolean
has_type (FatiaHostRoot *root, const char *path, const char *type)
{
  fatia_autofd int fd = fatia_host_root_open (root, path, O_RDONLY | O_NONBLOCK, NULL);
  char label[256];
  gssize length = fd < 0 ? -1 : fgetxattr (fd, "security.selinux", label, sizeof label - 1);
  g_auto (GStrv) parts = NULL;

  if (length < 0)
    return FALSE;
  label[length] = '\0';
  /* user:role:type:level */
  parts = g_strsplit (label, ":", 4);
  return g_strv_length (parts) >= 3 && g_str_equal (parts[2], type);
}

/**
 * fatia_selinux_plan_label:
 * @type: what confined virtual machines may read
 * @changes: whether @path is new, or written anew
 */
void
fatia_selinux_plan_label (
  FatiaHostRoot *root, FatiaChangeSet *set, const char *path, const char *type, gboolean changes)
{
  if (fatia_selinux_is_enabled (root) && (changes || !has_type (root, path, type)))
    fatia_memory_add_command (root, set, FALSE,
                              _ ("Give the file the label that virtual machines may read"), "chcon",
                              "-t", type, path, NULL);
}
