/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grub-oracle.h"

#include <string.h>

#include <glib/gstdio.h>

/* No program is found while a file is read: what is tried out here may call any.
 * GRUB drops carriage returns, and reads quotes in its configuration as a shell does. */
static const char arguments_script[] =
  ". \"$1\" >/dev/null 2>&1 </dev/null; set -f; PATH=/usr/bin:/bin\n"
  "line=$(printf '%s' \"$GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT\" | tr -d '\\r')\n"
  "eval \"set -- $line\"\n"
  "for argument; do printf '%s\\n' \"$argument\"; done\n";

static const char others_script[] =
  ". \"$1\" >/dev/null 2>&1 </dev/null\n"
  "unset GRUB_CMDLINE_LINUX GRUB_CMDLINE_LINUX_DEFAULT\n"
  "for name in ${!GRUB_@}; do printf '%s=%s\\n' \"$name\" \"${!name}\"; done\n";

static char *
run (const char *shell, const char *script, const char *text)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  char *environment[] = { (char *) "PATH=/nowhere", (char *) "LC_ALL=C", NULL };
  char *output = NULL;
  int status;
  int fd = g_file_open_tmp ("fatia-oracle-XXXXXX", &path, &error);
  g_autofree char *program = g_find_program_in_path (shell);
  const char *argv[] = { program, "-c", script, program, path, NULL };

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_spawn_sync ("/", (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s can't read what was accepted:\n%s", shell, text);
  g_unlink (path);
  return output;
}

GStrv
oracle_arguments (const char *shell, const char *text)
{
  g_autofree char *output = run (shell, arguments_script, text);
  gsize length = strlen (output);

  if (length > 0)
    output[length - 1] = '\0';
  return g_strsplit (output, "\n", -1);
}

gboolean
oracle_can_read (const char *text)
{
  g_autofree char *output = run ("bash", "\"$0\" -n \"$1\" 2>/dev/null && echo yes; :", text);

  return g_str_equal (output, "yes\n");
}

char *
oracle_others (const char *text)
{
  return run ("bash", others_script, text);
}

/* An argument's key, with the kernel's indifference to '-' and '_'; (transfer full) */
static char *
get_key (const char *argument)
{
  char *key = g_strndup (argument, strcspn (argument, "="));

  return g_strdelimit (key, "-", '_');
}

static gboolean
is_list (const char *key)
{
  const char *const lists[] = { "module_blacklist", "xe.force_probe", "intel_iommu", "iommu",
                                NULL };

  return g_strv_contains (lists, key);
}

/* The last of @key that is the kernel's; (nullable) */
static const char *
find_last (const char *const *arguments, const char *key)
{
  const char *last = NULL;

  for (; *arguments != NULL && strcmp (*arguments, "--") != 0; arguments++)
    {
      g_autofree char *other = get_key (*arguments);

      if (g_str_equal (key, other))
        last = *arguments;
    }
  return last;
}

static gboolean
has_item (const char *argument, const char *item)
{
  g_auto (GStrv) items = g_strsplit (strchr (argument, '=') + 1, ",", -1);

  for (gsize i = 0; items[i] != NULL; i++)
    if (g_ascii_strcasecmp (items[i], item) == 0)
      return TRUE;
  return FALSE;
}

/* Every item of @argument that works not against us is in @other. */
static void
check_items (const char *argument, const char *other)
{
  const char *const against[] = { "i915", "xe", "off", "nopt", "", NULL };
  const char *equals = strchr (argument, '=');
  g_auto (GStrv) items = g_strsplit (equals ? equals + 1 : "", ",", -1);

  for (gsize i = 0; items[i] != NULL; i++)
    if (!g_strv_contains (against, items[i]) && items[i][0] != '!' && !has_item (other, items[i]))
      g_error ("%s is gone from %s", items[i], other);
}

static GStrv
without (const char *const *arguments, const char *const *wanted)
{
  g_autoptr (GStrvBuilder) rest = g_strv_builder_new ();

  for (; *arguments != NULL; arguments++)
    {
      g_autofree char *key = get_key (*arguments);
      gboolean ours = FALSE;

      for (gsize i = 0; wanted[i] != NULL; i++)
        {
          g_autofree char *other = get_key (wanted[i]);

          ours |= g_str_equal (key, other);
        }
      if (!ours)
        g_strv_builder_add (rest, *arguments);
    }
  return g_strv_builder_end (rest);
}

void
oracle_check (const char *const *before, const char *const *after, const char *const *wanted)
{
  g_auto (GStrv) others_before = without (before, wanted);
  g_auto (GStrv) others_after = without (after, wanted);

  g_assert_cmpstrv (others_before, others_after);
  for (gsize i = 0; wanted[i] != NULL; i++)
    {
      g_autofree char *key = get_key (wanted[i]);
      const char *last = find_last (after, key);
      const char *old = find_last (before, key);

      g_assert_nonnull (last);
      if (!is_list (key))
        {
          g_autofree char *dashless = g_strconcat (key, strchr (wanted[i], '='), NULL);
          g_autofree char *last_key = get_key (last);
          g_autofree char *last_dashless = g_strconcat (last_key, strchr (last, '='), NULL);

          g_assert_cmpstr (last_dashless, ==, dashless);
          continue;
        }
      check_items (wanted[i], last);
      if (old != NULL)
        check_items (old, last);
      for (const char *item = strchr (wanted[i], '=') + 1; *item != '\0';)
        {
          g_autofree char *one = g_strndup (item, strcspn (item, ","));

          g_assert_true (has_item (last, one) || has_item (last, "*"));
          item += strlen (one) + (item[strlen (one)] == ',');
        }
    }
}
