/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the topics Software, Module and ModuleKey would do. Everything from the caller is checked
 * here, before it is used. */
#include "fatia-helper-call.h"

#include <glib/gi18n.h>

#include "change/fatia-atomic.h"
#include "fatia-helper-memfd.h"
#include "software/fatia-module-key.h"
#include "software/fatia-module.h"
#include "software/fatia-packages.h"

#define NEEDS_LIMIT 16

FatiaChangeSet *
fatia_helper_plan_software (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("software");
  g_autofree const char **needs = NULL;
  gsize n;

  g_variant_get_child (call->parameters, 0, "^a&s", &needs);
  n = g_strv_length ((GStrv) needs);
  if (n == 0 || n > NEEDS_LIMIT)
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                           _ ("The call names no software, or too much."));
      return NULL;
    }
  if (!fatia_packages_plan (call->root, needs, set, error))
    return NULL;
  return g_steal_pointer (&set);
}

/* Anybody may ask what would be done; only for who may do it has a tool of the host look into the
 * file. */
FatiaChangeSet *
fatia_helper_plan_module (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("module");
  g_autoptr (GBytes) file = NULL;
  const char *release;
  gint32 handle;

  g_variant_get_child (call->parameters, 0, "&s", &release);
  g_variant_get_child (call->parameters, 1, "h", &handle);
  file = fatia_helper_memfd_read (call->fds, handle, FATIA_FILE_LIMIT, error);
  if (file == NULL)
    return NULL;
  if (!fatia_module_plan (call->root, release, file, set, error))
    return NULL;
  if (fatia_helper_call_changes (call) && !fatia_change_set_is_empty (set) &&
      !fatia_module_check_file (call->root, release, file, error))
    return NULL;
  return g_steal_pointer (&set);
}

FatiaChangeSet *
fatia_helper_plan_module_key (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("key");
  const char *hash;

  g_variant_get_child (call->parameters, 0, "&s", &hash);
  if (!fatia_module_key_plan (call->root, hash, set, error))
    return NULL;
  return g_steal_pointer (&set);
}
