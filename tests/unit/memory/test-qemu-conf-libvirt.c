/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt itself says to what becomes of qemu.conf. */
#include "memory/fatia-qemu-conf.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "qemu-conf-cases.h"

#define MUTATIONS 100

/* Also what is no UTF-8. */
static void
say (const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  g_test_message ("%s", escaped);
}

static char *
allow (const char *text, GError **error)
{
  return fatia_qemu_conf_allow (text, strlen (text), "/dev/kvmfr0", error);
}

/* libvirt's QEMU driver on a folder of its own, as its embedded form has it: it reads qemu.conf
 * and opens. */
typedef struct
{
  char *folder;
  char *conf;
  char *uri;
} Oracle;

static void
oracle_set_up (Oracle *oracle, gconstpointer data)
{
  g_autofree char *etc = NULL;

  oracle->folder = g_dir_make_tmp ("fatia-qemu-conf-XXXXXX", NULL);
  etc = g_build_filename (oracle->folder, "etc", NULL);
  g_assert_no_errno (g_mkdir (etc, 0700));
  oracle->conf = g_build_filename (etc, "qemu.conf", NULL);
  oracle->uri = g_strdup_printf ("qemu:///embed?root=%s", oracle->folder);
}

static void
oracle_tear_down (Oracle *oracle, gconstpointer data)
{
  g_autofree char *quoted = g_shell_quote (oracle->folder);
  g_autofree char *command = g_strdup_printf ("rm -r %s", quoted);

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
  g_free (oracle->folder);
  g_free (oracle->conf);
  g_free (oracle->uri);
}

static gboolean
libvirt_takes (Oracle *oracle, const char *text)
{
  const char *argv[] = { "virsh", "-c", oracle->uri, "uri", NULL };
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_true (g_file_set_contents (oracle->conf, text, -1, NULL));
  g_spawn_sync (NULL, (GStrv) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                NULL, NULL, &said, &status, &error);
  g_assert_no_error (error);
  if (g_spawn_check_wait_status (status, NULL))
    return TRUE;
  g_test_message ("%s", said);
  /* What can't be read has a line. That a user does not exist, say, is found once all is read. */
  return !g_regex_match_simple ("qemu\\.conf:[0-9]+:|'cgroup_device_acl'", said, 0, 0);
}

static void
test_libvirt_cases (Oracle *oracle, gconstpointer data)
{
  for (guint i = 0; i < n_qemu_conf_cases; i++)
    {
      const QemuConfCase *c = &qemu_conf_cases[i];
      g_autofree char *after = allow (c->text, NULL);

      g_test_message ("%s", c->name);
      if (after)
        g_assert_true (libvirt_takes (oracle, after));
      else
        g_assert_true (libvirt_takes (oracle, c->text) == (c->kind == CASE_STRICT));
    }
}

/* What libvirt does not take we do not either, and what we write it takes. */
static void
test_libvirt_mutations (Oracle *oracle, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1128);

  for (guint i = 0; i < MUTATIONS; i++)
    {
      g_autofree char *text = qemu_conf_mutate (rand);
      g_autoptr (GError) error = NULL;
      g_autofree char *after = allow (text, &error);

      if (after == NULL)
        continue;
      say (after);
      g_assert_true (libvirt_takes (oracle, after));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/qemu-conf-libvirt/cases", Oracle, NULL, oracle_set_up, test_libvirt_cases,
              oracle_tear_down);
  g_test_add ("/qemu-conf-libvirt/mutations", Oracle, NULL, oracle_set_up, test_libvirt_mutations,
              oracle_tear_down);
  return g_test_run ();
}
