/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of qemu.conf. */
#include "memory/fatia-qemu-conf.h"

#include <string.h>

#include "change/fatia-change.h"
#include "qemu-conf-cases.h"

#define DEVICE "/dev/kvmfr0"

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
  return fatia_qemu_conf_allow (text, strlen (text), DEVICE, error);
}

static char *
forget (const char *text)
{
  g_autoptr (GError) error = NULL;
  char *after = fatia_qemu_conf_forget (text, strlen (text), DEVICE, &error);

  g_assert_no_error (error);
  return after;
}

/* Whether @after is @before with @words put into it at one place. */
static gboolean
is_insertion (const char *before, const char *after, const char *words)
{
  gsize same = 0, length = strlen (words);

  if (strlen (after) != strlen (before) + length)
    return FALSE;
  while (before[same] && before[same] == after[same])
    same++;
  /* What is inserted may begin as what follows it does. */
  for (gsize at = same + 1; at-- > 0;)
    if (strncmp (after + at, words, length) == 0 && g_str_equal (after + at + length, before + at))
      return TRUE;
  return FALSE;
}

/* Every byte stays, and another look finds nothing to do. */
static void
check_kept (const char *before, const char *after)
{
  g_autofree char *again = allow (after, NULL);
  g_autofree char *forgotten = forget (after);
  gsize length = strlen (before);

  say (after);
  g_assert_cmpstr (again, ==, after);
  if (!strstr (after, "Added by Fatia"))
    {
      g_assert_cmpstr (forgotten, ==, after);
      return;
    }
  /* A line that had no end has one now. */
  g_assert_true (strncmp (forgotten, before, length) == 0);
  g_assert_true (forgotten[length] == '\0' || g_str_equal (forgotten + length, "\n") ||
                 g_str_equal (forgotten + length, "\r\n"));
}

static void
check_appended (const char *before, const char *after, const char *device)
{
  g_autofree char *entry = g_strdup_printf ("    \"%s\",", device ? device : "/dev/kvm");
  const char *block;

  g_assert_true (g_str_has_prefix (after, before));
  block = after + strlen (before);
  g_assert_nonnull (strstr (block, "cgroup_device_acl = ["));
  g_assert_nonnull (strstr (block, entry));
  for (const char *const *path = (const char *const[]) { "null", "full", "zero", "random",
                                                         "urandom", "ptmx", "kvm", "kvmfr0", NULL };
       *path; path++)
    {
      g_autofree char *quoted = g_strdup_printf ("\"/dev/%s\"", *path);

      g_assert_nonnull (strstr (block, quoted));
    }
}

static void
test_cases (void)
{
  for (guint i = 0; i < n_qemu_conf_cases; i++)
    {
      const QemuConfCase *c = &qemu_conf_cases[i];
      g_autoptr (GError) error = NULL;
      g_autofree char *after = allow (c->text, &error);

      g_test_message ("%s", c->name);
      say (error ? error->message : after);
      if (c->kind == CASE_REFUSED || c->kind == CASE_STRICT)
        {
          g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
          g_assert_nonnull (strstr (error->message, FATIA_QEMU_CONF));
          g_assert_nonnull (strstr (error->message, c->words));
          continue;
        }
      g_assert_no_error (error);
      check_kept (c->text, after);
      if (c->kind == CASE_SAME)
        g_assert_cmpstr (after, ==, c->text);
      else if (c->kind == CASE_INSERTED)
        g_assert_true (is_insertion (c->text, after, c->words));
      else
        check_appended (c->text, after, c->words);
    }
}

/* A list that people wrote into since is theirs. */
static void
test_forget (void)
{
  g_autofree char *added = allow ("user = \"root\"\n", NULL);
  g_autofree char *changed = NULL;
  g_autofree char *after = NULL;
  g_auto (GStrv) parts = g_strsplit (added, "    \"/dev/kvm\",\n", 2);

  changed = g_strdup_printf ("%s    \"/dev/mouse\",\n    \"/dev/kvm\",\n%s", parts[0], parts[1]);
  after = forget (changed);
  g_assert_cmpstr (after, ==, changed);
}

static void
test_bytes (void)
{
  static const char nul[] = "user = \"root\"\n\0\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *nothing = fatia_qemu_conf_allow (NULL, 0, DEVICE, NULL);

  g_assert_null (fatia_qemu_conf_allow (nul, sizeof nul - 1, DEVICE, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "line 2"));
  g_assert_nonnull (nothing);
}

static void
test_mutations (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260807);
  guint taken = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = qemu_conf_mutate (rand);
      g_autofree char *after = allow (text, NULL);

      if (after == NULL)
        continue;
      taken++;
      check_kept (text, after);
    }
  g_assert_cmpuint (taken, >, 2000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qemu-conf/cases", test_cases);
  g_test_add_func ("/qemu-conf/forget", test_forget);
  g_test_add_func ("/qemu-conf/bytes", test_bytes);
  g_test_add_func ("/qemu-conf/mutations", test_mutations);
  return g_test_run ();
}
