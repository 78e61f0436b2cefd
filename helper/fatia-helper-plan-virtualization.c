/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the topics GuestMemory and Rom would do. What comes from the caller is checked by the room
 * it goes to, before it is used. */
#include "fatia-helper-call.h"

#include <pwd.h>

#include "change/fatia-atomic.h"
#include "fatia-helper-memfd.h"
#include "memory/fatia-guest-memory.h"
#include "memory/fatia-rom.h"

#define ROM_LIMIT FATIA_FILE_LIMIT

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

FatiaChangeSet *
fatia_helper_plan_guest_memory (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("memory");
  g_autofree char *user = NULL;
  FatiaMemoryKind kind;
  const char *kind_word;
  guint32 megabytes;
  uid_t uid;

  g_variant_get_child (call->parameters, 0, "&s", &kind_word);
  g_variant_get_child (call->parameters, 1, "u", &megabytes);
  if (!fatia_memory_kind_from_string (kind_word, &kind, error) ||
      !fatia_helper_call_get_uid (call, &uid, error))
    return NULL;
  user = user_word (uid);
  if (!fatia_guest_memory_plan (call->root, kind, megabytes, user, set, error))
    return NULL;
  return g_steal_pointer (&set);
}

FatiaChangeSet *
fatia_helper_plan_rom (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("gop");
  g_autoptr (GBytes) rom = NULL;
  const char *name;
  gint32 handle;

  g_variant_get_child (call->parameters, 0, "&s", &name);
  g_variant_get_child (call->parameters, 1, "h", &handle);
  rom = fatia_helper_memfd_read (call->fds, handle, ROM_LIMIT, error);
  if (rom == NULL || !fatia_rom_plan (call->root, name, rom, set, error))
    return NULL;
  return g_steal_pointer (&set);
}
