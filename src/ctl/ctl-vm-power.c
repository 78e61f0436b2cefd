/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <unistd.h>

#include <glib/gi18n.h>

/* The verbs vm start, vm stop and vm delete. */

/* The VM called @name, or the only one. (transfer full) */
static FatiaDomain *
find_domain (FatiaVirt *virt, const char *name, GError **error)
{
  GListModel *domains = fatia_virt_get_domains (virt);
  guint n = g_list_model_get_n_items (domains);

  if (!name && n == 1)
    return g_list_model_get_item (domains, 0);
  for (guint i = 0; name && i < n; i++)
    {
      g_autoptr (FatiaDomain) domain = g_list_model_get_item (domains, i);

      if (g_str_equal (fatia_domain_get_name (domain), name))
        return g_steal_pointer (&domain);
    }
  if (name)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("there is no VM “%s” that Fatia made"),
                 name);
  else if (n == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("there is no VM that Fatia made"));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("there are %u VMs: say which"),
                 n);
  return NULL;
}

static void
print_result (FatiaVirt *virt, const char *name, gboolean deleted)
{
  g_autoptr (FatiaDomain) domain = deleted ? NULL : find_domain (virt, name, NULL);
  g_autoptr (JsonBuilder) builder = NULL;
  const char *state = deleted ? "deleted" : "unknown";

  if (!ctl_options.json)
    {
      g_print ("%s: %s\n", name,
               domain    ? fatia_domain_get_state_word (domain)
               : deleted ? _ ("Deleted")
                         : _ ("Not there"));
      return;
    }
  if (domain)
    state = fatia_domain_state_to_string (fatia_domain_get_state (domain));
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_add (builder, "name", name);
  ctl_json_add (builder, "state", state);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

typedef DexFuture *(*Action) (FatiaVirt *virt, FatiaDomain *domain);

static DexFuture *delete (FatiaVirt *virt, FatiaDomain *domain)
{
  return fatia_virt_delete (virt, domain, ctl_options.with_disk);
}

static gboolean
may_delete (FatiaDomain *domain)
{
  const char *disk = fatia_domain_get_disk (domain);
  g_autofree char *question = NULL;

  if (ctl_options.with_disk && disk)
    {
      /* What is on a disk no undo brings back. */
      if (!ctl_options.yes && !isatty (STDIN_FILENO))
        {
          ctl_error (_ ("--disk deletes everything on %s for good: say --yes too where nobody can "
                        "be asked"),
                     disk);
          return FALSE;
        }
      question = g_strdup_printf (_ ("Delete the VM “%s” and everything on its disk %s?"),
                                  fatia_domain_get_name (domain), disk);
    }
  else
    question =
      g_strdup_printf (_ ("Delete the VM “%s”? Its disk stays."), fatia_domain_get_name (domain));
  return ctl_ask (question);
}

static int
act (const char *name, Action action)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (FatiaVirt) virt = NULL;
  g_autoptr (FatiaDomain) domain = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  host = ctl_open_host (&error);
  if (host)
    virt = ctl_wait_object (fatia_host_open_virt (host), &error);
  if (virt)
    domain = find_domain (virt, name, &error);
  if (!domain)
    {
      ctl_fail_setup (error);
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ? CTL_DENIED
             : virt                                                            ? CTL_NOTHING
                                                                               : CTL_ERROR;
    }
  found = g_strdup (fatia_domain_get_name (domain));
  if (action == delete && !may_delete (domain))
    return CTL_NOTHING;
  if (!ctl_wait (action (virt, domain), &error) || !ctl_wait (fatia_virt_refresh (virt), &error))
    return ctl_fail_setup (error);
  print_result (virt, found, action == delete);
  return CTL_OK;
}

/**
 * ctl_vm_start:
 * @args: a VM's name, or nothing where there is one
 *
 * The verb "vm start".
 *
 * Returns: the exit status
 */
int
ctl_vm_start (char **args)
{
  return act (args[0], fatia_virt_start);
}

/**
 * ctl_vm_stop:
 * @args: a VM's name, or nothing where there is one
 *
 * The verb "vm stop".
 *
 * Returns: the exit status
 */
int
ctl_vm_stop (char **args)
{
  return act (args[0], ctl_options.force ? fatia_virt_force_off : fatia_virt_shut_down);
}

/**
 * ctl_vm_delete:
 * @args: a VM's name, or nothing where there is one
 *
 * The verb "vm delete".
 *
 * Returns: the exit status
 */
int
ctl_vm_delete (char **args)
{
  return act (args[0], delete);
}
