/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The module kvmfr: a device whose memory a graphics processor can read from itself (a dmabuf),
 * where that of a file in /dev/shm has to be copied first.
 *
 * Who may open the device: QEMU, which every distribution runs in the group kvm, and who sits at
 * the computer, by systemd-logind's uaccess. So nobody is made a member of the group kvm, which
 * would give all programs of that person more than this for good; OWNER= would say less than it
 * seems to, since udev ignores it for people from systemd 258 on. Who comes from elsewhere (SSH,
 * a remote desktop) is told so by the checks.
 */
#include "memory/fatia-memory-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-atomic.h"
#include "host/fatia-fd.h"
#include "host/fatia-kernel-module.h"
#include "memory/fatia-qemu-conf.h"

#define OPTIONS "/etc/modprobe.d/fatia-kvmfr.conf"
#define LOAD    "/etc/modules-load.d/fatia-kvmfr.conf"
/* Below 73, where uaccess is looked at. */
#define UDEV "/etc/udev/rules.d/70-fatia-kvmfr.rules"

#define HEADER        "# Written by Fatia: the memory that Looking Glass and the virtual machine share.\n"
#define APPARMOR_RULE FATIA_KVMFR_DEVICE " rw,"

static const char load_text[] = HEADER "kvmfr\n";
static const char udev_text[] =
  HEADER "SUBSYSTEM==\"kvmfr\", GROUP=\"kvm\", MODE=\"0660\", TAG+=\"uaccess\"\n";

/* What is to change, and so is to be made effective. */
typedef struct
{
  gboolean options;
  gboolean rule;
  gboolean qemu_conf;
} Changed;

static gboolean
check_module (FatiaHostRoot *root, GError **error)
{
  if (fatia_kernel_module_look (root, "kvmfr") == FATIA_YES)
    return TRUE;
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                       _ ("The running kernel has no module kvmfr. Install it (Looking Glass’ "
                          "documentation says how; packages call it looking-glass-module-dkms), "
                          "or choose plain shared memory."));
  return FALSE;
}

static gboolean
plan_options (
  FatiaHostRoot *root, guint megabytes, FatiaChangeSet *set, gboolean *changed, GError **error)
{
  g_autofree char *text = g_strdup_printf (HEADER "options kvmfr static_size_mb=%u\n", megabytes);
  gboolean set_by_others;

  return fatia_modprobe_check_size (root, OPTIONS, megabytes, &set_by_others, error) &&
         fatia_memory_add_text (root, set, OPTIONS, set_by_others ? NULL : text, changed, error);
}

/* @allowed: whether QEMU is to open the device; else what we added goes. */
static gboolean
plan_qemu_conf (
  FatiaHostRoot *root, gboolean allowed, FatiaChangeSet *set, gboolean *changed, GError **error)
{
  g_autoptr (FatiaFile) present = fatia_file_read (root, FATIA_QEMU_CONF, error);
  g_autoptr (GBytes) bytes = NULL;
  gsize length = 0;
  const char *text;
  char *after;

  if (present == NULL || (present->bytes == NULL && !allowed))
    return present != NULL;
  if (present->bytes == NULL)
    {
      g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_UNSUPPORTED,
                   _ ("There is no %s, where QEMU’s devices are allowed: install libvirt first."),
                   FATIA_QEMU_CONF);
      return FALSE;
    }
  text = g_bytes_get_data (present->bytes, &length);
  after = allowed ? fatia_qemu_conf_allow (text, length, FATIA_KVMFR_DEVICE, error)
                  : fatia_qemu_conf_forget (text, length, FATIA_KVMFR_DEVICE, error);
  if (after == NULL)
    return FALSE;
  bytes = g_bytes_new_take (after, strlen (after));
  *changed = !g_bytes_equal (present->bytes, bytes);
  /* It may hold passwords: what is around a change is not shown. */
  fatia_change_set_add_file (set, FATIA_QEMU_CONF, present->bytes, bytes, 0600);
  return TRUE;
}

/* A virtual machine that started before the module was loaded left a plain file. */
static gboolean
is_plain_file (FatiaHostRoot *root)
{
  fatia_autofd int fd = fatia_host_root_open (root, FATIA_KVMFR_DEVICE, O_PATH, NULL);
  struct stat info;

  return fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode);
}

static void
add_module_commands (FatiaHostRoot *root, FatiaChangeSet *set, const Changed *changed)
{
  gboolean loaded = fatia_host_root_exists (root, "/sys/module/kvmfr");
  gboolean plain = is_plain_file (root);
  gboolean device = !plain && fatia_host_root_exists (root, FATIA_KVMFR_DEVICE);
  gboolean anew = loaded && (!device || changed->options);

  /* find looks once more whether it is one: a device stays. */
  if (plain)
    fatia_memory_add_command (root, set, FALSE,
                              _ ("Delete the plain file /dev/kvmfr0, which a virtual machine made "
                                 "before the module was loaded. One that runs has to be shut "
                                 "down and started again."),
                              "find", FATIA_KVMFR_DEVICE, "-type", "f", "-delete", NULL);
  if (anew)
    fatia_memory_add_command (root, set, FALSE,
                              _ ("Unload the module kvmfr, which then comes with its new size. "
                                 "No virtual machine may use it now."),
                              "modprobe", "-r", "kvmfr", NULL);
  if (anew || !loaded)
    fatia_memory_add_command (root, set, FALSE, _ ("Load the module kvmfr"), "modprobe", "kvmfr",
                              NULL);
  else if (changed->rule)
    fatia_memory_add_command (root, set, TRUE, _ ("Give the device to those who may use it"),
                              "udevadm", "trigger", "--subsystem-match=kvmfr", NULL);
}

static void
add_udev_reload (FatiaHostRoot *root, FatiaChangeSet *set)
{
  fatia_memory_add_command (root, set, TRUE, _ ("Have udev read its rules again"), "udevadm",
                            "control", "--reload", NULL);
}

/* libvirt reads qemu.conf when it starts and at no other time. Its virtual machines are no
 * children of its unit's and go on. */
static void
add_libvirt_restart (FatiaHostRoot *root, FatiaChangeSet *set)
{
  static const char *const units[] = { "virtqemud.service", "libvirtd.service" };
  static const char *const folders[] = { "/etc/systemd/system", "/usr/lib/systemd/system",
                                         "/lib/systemd/system" };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    for (guint j = 0; j < G_N_ELEMENTS (folders); j++)
      {
        g_autofree char *path = g_build_filename (folders[j], units[i], NULL);

        if (!fatia_host_root_exists (root, path))
          continue;
        fatia_memory_add_command (root, set, TRUE,
                                  _ ("Have libvirt read its configuration again. Virtual machines "
                                     "that run go on; they may use the memory once they were shut "
                                     "down and started again."),
                                  "systemctl", "try-restart", units[i], NULL);
        break;
      }
}

/**
 * fatia_kvmfr_plan:
 * @megabytes: the size of the device's memory
 */
gboolean
fatia_kvmfr_plan (FatiaHostRoot *root, guint megabytes, FatiaChangeSet *set, GError **error)
{
  Changed changed = { FALSE };

  if (!check_module (root, error) ||
      !plan_options (root, megabytes, set, &changed.options, error) ||
      !fatia_memory_add_text (root, set, LOAD, load_text, NULL, error) ||
      !fatia_memory_add_text (root, set, UDEV, udev_text, &changed.rule, error) ||
      !fatia_apparmor_plan (root, set, "kvmfr", APPARMOR_RULE, TRUE, error) ||
      !plan_qemu_conf (root, TRUE, set, &changed.qemu_conf, error) ||
      !fatia_selinux_plan_kvmfr (root, set, TRUE, error))
    return FALSE;
  if (changed.rule)
    add_udev_reload (root, set);
  add_module_commands (root, set, &changed);
  if (changed.qemu_conf)
    add_libvirt_restart (root, set);
  return TRUE;
}

/**
 * fatia_kvmfr_plan_removal:
 *
 * Takes away what fatia_kvmfr_plan() set up. The module stays loaded until the next start.
 */
gboolean
fatia_kvmfr_plan_removal (FatiaHostRoot *root, FatiaChangeSet *set, GError **error)
{
  Changed changed = { FALSE };

  if (!fatia_memory_add_text (root, set, OPTIONS, NULL, &changed.options, error) ||
      !fatia_memory_add_text (root, set, LOAD, NULL, NULL, error) ||
      !fatia_memory_add_text (root, set, UDEV, NULL, &changed.rule, error) ||
      !fatia_apparmor_plan (root, set, "kvmfr", APPARMOR_RULE, FALSE, error) ||
      !fatia_selinux_plan_kvmfr (root, set, FALSE, error) ||
      /* What others wrote into it is not read for nothing. */
      (changed.rule && !plan_qemu_conf (root, FALSE, set, &changed.qemu_conf, error)))
    return FALSE;
  if (changed.rule)
    add_udev_reload (root, set);
  if (changed.qemu_conf)
    add_libvirt_restart (root, set);
  return TRUE;
}
