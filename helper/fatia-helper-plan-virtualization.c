/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the topics GuestMemory and Rom would do. Everything from the caller is checked here, before
 * it is used. */
#include "fatia-helper-call.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "change/fatia-atomic.h"
#include "fatia-helper-memfd.h"

#define NAME_LENGTH 64
#define ROM_LIMIT   FATIA_FILE_LIMIT

#define MEMORY_RULE "/etc/tmpfiles.d/fatia-looking-glass.conf"
#define ROM_FOLDER  "/var/lib/fatia/roms"

/* A name tmpfiles.d can't misread; the number where the name is not one. */
static char *
user_word (uid_t uid)
{
  char buffer[4096];
  struct passwd entry, *found = NULL;

  if (getpwuid_r (uid, &entry, buffer, sizeof buffer, &found) == 0 && found &&
      g_regex_match_simple ("^[A-Za-z_][A-Za-z0-9_.-]{0,31}$", found->pw_name,
                            G_REGEX_DOLLAR_ENDONLY, 0))
    return g_strdup (found->pw_name);
  return g_strdup_printf ("%u", (guint) uid);
}

/* Adds @path with @text or bytes; FALSE where what is there can't be replaced. */
static gboolean
add_file (
  const FatiaHelperCall *call, FatiaChangeSet *set, const char *path, GBytes *after, GError **error)
{
  g_autoptr (FatiaFile) present = fatia_file_read (call->root, path, error);

  if (present == NULL)
    return FALSE;
  fatia_change_set_add_file (set, path, present->bytes, after, 0644);
  return TRUE;
}

FatiaChangeSet *
fatia_helper_plan_guest_memory (const FatiaHelperCall *call, GError **error)
{
  static const char *const argv[] = { "systemd-tmpfiles", "--create", MEMORY_RULE, NULL };
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("memory");
  g_autoptr (GBytes) after = NULL;
  g_autofree char *user = NULL;
  char *text;
  uid_t uid;

  if (!fatia_helper_call_get_uid (call, &uid, error))
    return NULL;
  user = user_word (uid);
  text =
    g_strdup_printf ("# Written by Fatia: the memory that Looking Glass and the virtual machine "
                     "share.\nf /dev/shm/looking-glass 0660 %s kvm -\n",
                     user);
  after = g_bytes_new_take (text, strlen (text));
  if (!add_file (call, set, MEMORY_RULE, after, error))
    return NULL;
  /* Else the rule takes effect at the next start. */
  if (!fatia_change_set_is_empty (set) &&
      (fatia_host_root_exists (call->root, "/usr/bin/systemd-tmpfiles") ||
       fatia_host_root_exists (call->root, "/bin/systemd-tmpfiles")))
    fatia_change_set_add_command_once (set, argv, _ ("Make the shared memory now"));
  return g_steal_pointer (&set);
}

static gboolean
is_rom_name (const char *name)
{
  return strlen (name) <= NAME_LENGTH &&
         g_regex_match_simple ("^[A-Za-z0-9][A-Za-z0-9.-]*\\.(rom|efi)$", name,
                               G_REGEX_DOLLAR_ENDONLY, 0);
}

FatiaChangeSet *
fatia_helper_plan_rom (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("gop");
  g_autoptr (GBytes) rom = NULL;
  g_autofree char *path = NULL;
  const char *name;
  gint32 handle;

  g_variant_get_child (call->parameters, 0, "&s", &name);
  g_variant_get_child (call->parameters, 1, "h", &handle);
  if (!is_rom_name (name))
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                           _ ("This is not a name for a ROM: letters, digits, “-” and “.”, with "
                              "“.rom” or “.efi” at the end."));
      return NULL;
    }
  rom = fatia_helper_memfd_read (call->fds, handle, ROM_LIMIT, error);
  path = g_build_filename (ROM_FOLDER, name, NULL);
  if (rom == NULL || !add_file (call, set, path, rom, error))
    return NULL;
  return g_steal_pointer (&set);
}
