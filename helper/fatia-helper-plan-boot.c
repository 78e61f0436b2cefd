/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the topic KernelArguments would do. Everything from the caller is checked here, before it is
 * used. */
#include "fatia-helper-call.h"

#include <string.h>

#include <glib/gi18n.h>

#include "boot/fatia-boot-loader.h"
#include "boot/fatia-kernel-arguments.h"

#define ARGUMENTS_LIMIT 32
#define ARGUMENT_LENGTH 256

static gboolean
check_arguments (const char *const *arguments, GError **error)
{
  guint n = g_strv_length ((GStrv) arguments);

  if (n == 0 || n > ARGUMENTS_LIMIT)
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                           _ ("There are no kernel arguments in the call, or too many."));
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    if (strlen (arguments[i]) > ARGUMENT_LENGTH || !fatia_kernel_argument_is_known (arguments[i]))
      {
        g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                     _ ("“%.64s” is not a kernel argument Fatia sets."), arguments[i]);
        return FALSE;
      }
  return TRUE;
}

FatiaChangeSet *
fatia_helper_plan_kernel_arguments (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("boot");
  g_autofree const char **arguments = NULL;

  g_variant_get_child (call->parameters, 0, "^a&s", &arguments);
  if (!check_arguments (arguments, error) || !fatia_boot_plan (call->root, arguments, set, error))
    return NULL;
  return g_steal_pointer (&set);
}

/* Entries of other systems in the same menu, which stay as they are, are shown with the plan. */
void
fatia_helper_add_other_systems (const FatiaHelperCall *call, GVariantBuilder *items)
{
  g_autoptr (GPtrArray) paths = fatia_boot_find_others (call->root);

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *title =
        g_strdup_printf (_ ("Leave what starts another system in %s as it is"), path);

      g_variant_builder_add (items, "(ssss)", "kept", path, title, "");
    }
}
