/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <glib/gi18n.h>

/* The verbs vm xml, vm create and vm list. */

/**
 * ctl_add_domain:
 *
 * Adds an object that is a VM.
 */
void
ctl_add_domain (JsonBuilder *builder, FatiaDomain *domain)
{
  json_builder_begin_object (builder);
  ctl_json_add (builder, "name", fatia_domain_get_name (domain));
  ctl_json_add (builder, "uuid", fatia_domain_get_uuid (domain));
  ctl_json_add (builder, "state", fatia_domain_state_to_string (fatia_domain_get_state (domain)));
  ctl_json_add (builder, "vf", fatia_domain_get_vf (domain));
  ctl_json_add (builder, "disk", fatia_domain_get_disk (domain));
  ctl_json_add (builder, "glass", fatia_domain_get_glass_path (domain));
  json_builder_end_object (builder);
}

/**
 * ctl_vm_xml:
 *
 * The verb "vm xml": what the host's facts and the command line give; libvirt is not asked.
 *
 * Returns: the exit status
 */
int
ctl_vm_xml (char **args)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (FatiaFacts) facts = NULL;
  g_autoptr (FatiaDomainSpec) spec = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  int status;

  host = ctl_open_host (&error);
  if (!host)
    return ctl_fail_setup (error);
  facts = fatia_facts_read (fatia_host_get_root (host));
  spec = fatia_domain_spec_new (facts);
  if ((status = ctl_configure_spec (spec)) != CTL_OK)
    return status;
  /* To be looked at, the domain need not be possible here; to be made, it must be. */
  if (!fatia_domain_spec_validate (spec, facts, &error))
    g_printerr (_ ("fatiactl: this VM could not be made here: %s\n"), error->message);

  xml = fatia_domain_spec_to_xml (spec);
  if (!ctl_options.json)
    {
      g_print ("%s", xml);
      return CTL_OK;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  ctl_json_add (builder, "xml", xml);
  json_builder_end_object (builder);
  ctl_print_json (builder);
  return CTL_OK;
}

/**
 * ctl_vm_create:
 *
 * The verb "vm create".
 *
 * Returns: the exit status
 */
int
ctl_vm_create (char **args)
{
  g_autoptr (FatiaSetup) setup = NULL;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;
  FatiaDomain *domain;
  FatiaStep *step;
  int status;

  setup = ctl_open_setup (&error);
  if (!setup)
    return ctl_fail_setup (error);
  step = fatia_setup_get_step (setup, "vm");
  domain = fatia_setup_get_domain (setup);
  if (domain)
    {
      ctl_error (_ ("there is the VM “%s” already"), fatia_domain_get_name (domain));
      return CTL_ERROR;
    }
  if ((status = ctl_configure_step (step)) != CTL_OK ||
      (status = ctl_apply_step (setup, step)) != CTL_OK)
    return status;
  domain = fatia_setup_get_domain (setup);
  if (!ctl_options.json || !domain)
    return CTL_OK;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "domain");
  ctl_add_domain (builder, domain);
  json_builder_end_object (builder);
  ctl_print_json (builder);
  return CTL_OK;
}

static void
print_domain (FatiaDomain *domain)
{
  const char *vf = fatia_domain_get_vf (domain);
  const char *word = fatia_domain_get_state_word (domain);
  int width = 13 - (int) g_utf8_strlen (word, -1);

  g_print ("%-20s %s%*s %-13s %s\n", fatia_domain_get_name (domain), word, MAX (width, 0), "",
           vf ? vf : "-", fatia_domain_get_uuid (domain));
}

/**
 * ctl_vm_list:
 *
 * The verb "vm list".
 *
 * Returns: the exit status
 */
int
ctl_vm_list (char **args)
{
  g_autoptr (FatiaHost) host = NULL;
  g_autoptr (FatiaVirt) virt = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;
  GListModel *domains;

  host = ctl_open_host (&error);
  if (host)
    virt = ctl_wait_object (fatia_host_open_virt (host), &error);
  if (!virt)
    return ctl_fail_setup (error);

  domains = fatia_virt_get_domains (virt);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "domains");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (domains); i++)
    {
      g_autoptr (FatiaDomain) domain = g_list_model_get_item (domains, i);

      if (ctl_options.json)
        ctl_add_domain (builder, domain);
      else
        print_domain (domain);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (ctl_options.json)
    ctl_print_json (builder);
  else if (g_list_model_get_n_items (domains) == 0)
    g_print ("%s\n", _ ("There is no VM that Fatia made."));
  return CTL_OK;
}
