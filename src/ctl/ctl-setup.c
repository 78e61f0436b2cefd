/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <signal.h>

/* fatiactl-setup: the verbs that need the helper or libvirt. */

static const struct
{
  const char *name;
  int (*run) (char **args);
} runs[] = {
  { "read-firmware", ctl_read_firmware },
  { "status", ctl_status },
  { "plan", ctl_plan },
  { "apply", ctl_apply },
  { "changes", ctl_changes },
  { "undo", ctl_undo },
  { "restart", ctl_restart },
  { "vm xml", ctl_vm_xml },
  { "vm create", ctl_vm_create },
  { "vm list", ctl_vm_list },
  { "vm start", ctl_vm_start },
  { "vm stop", ctl_vm_stop },
  { "vm delete", ctl_vm_delete },
};

/**
 * ctl_run_verb:
 *
 * Runs one of fatiactl-setup's verbs; fatiactl starts it for no others.
 *
 * Returns: the exit status
 */
int
ctl_run_verb (const CtlVerb *verb, char **args, char **argv)
{
  /* A libvirt that goes away while it is written to is an error to tell, not the end. */
  signal (SIGPIPE, SIG_IGN);
  dex_init ();
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    if (g_str_equal (runs[i].name, verb->name))
      return runs[i].run (args);
  return ctl_usage (verb, "fatiactl %s", verb->name);
}
