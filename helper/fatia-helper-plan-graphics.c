/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the topic VirtualFunctions would do. Everything from the caller is checked here, before it
 * is used. */
#include "fatia-helper-call.h"

#include "gpu/fatia-virtual-functions.h"

FatiaChangeSet *
fatia_helper_plan_virtual_functions (const FatiaHelperCall *call, GError **error)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new ("vfs");
  FatiaVirtualFunctions wish;

  g_variant_get_child (call->parameters, 0, "&s", &wish.pf);
  g_variant_get_child (call->parameters, 1, "u", &wish.count);
  g_variant_get_child (call->parameters, 2, "b", &wish.keep);
  g_variant_get_child (call->parameters, 3, "&s", &wish.profile);
  g_variant_get_child (call->parameters, 4, "b", &wish.sleep);
  if (!fatia_virtual_functions_plan (call->root, &wish, set, error))
    return NULL;
  return g_steal_pointer (&set);
}
