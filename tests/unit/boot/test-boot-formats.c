/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure edit of every kind of file: each case of cases/, and each of them broken at random. */
#include <string.h>

#include "boot-cases.h"
#include "boot/fatia-kernel-arguments.h"

static const char *const ours[] = { "intel_iommu=on", "i915.max_vfs=7", "module_blacklist=xe",
                                    NULL };

static char *
edit (const BootKind *kind, const char *text, GError **error)
{
  return fatia_boot_format_edit (kind->format, "the file", text, strlen (text), ours, error);
}

static GPtrArray *
read_lines (const BootKind *kind, const char *text)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *lines = fatia_boot_format_read (kind->format, "the file", text, strlen (text), &error);

  g_assert_no_error (error);
  return lines;
}

/* Once more changes nothing, and what is read has ours. */
static void
check_after (const BootKind *kind, const char *after)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *again = edit (kind, after, &error);
  g_autoptr (GPtrArray) lines = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, after);
  lines = read_lines (kind, after);
  for (guint i = 0; i < lines->len; i++)
    g_assert_true (fatia_kernel_arguments_cover (g_ptr_array_index (lines, i), ours));
}

static void
check_case (const BootKind *kind, const BootCase *test)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *after = edit (kind, test->before, &error);

  g_test_message ("%s: %s%s%s", kind->name, test->title, error ? ": " : "",
                  error ? error->message : "");
  if (test->refused)
    {
      g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
      if (strstr (error->message, test->refused) == NULL)
        g_error ("“%s” is not in: %s", test->refused, error->message);
      g_assert_nonnull (strstr (error->message, "the file, line "));
      return;
    }
  if (g_strcmp0 (after, test->after) != 0)
    {
      g_test_message ("“%s” in %s.cases is to become\n%s\n-- but became\n%s", test->title,
                      kind->name, test->after, after ? after : error->message);
      g_test_fail ();
      return;
    }
  check_after (kind, after);
}

static void
test_cases (gconstpointer data)
{
  const BootKind *kind = data;
  g_autoptr (GPtrArray) cases = boot_cases_load (kind);

  for (guint i = 0; i < cases->len; i++)
    check_case (kind, g_ptr_array_index (cases, i));
}

/* The same where lines end as on Windows, or the last one does not end. */
static void
test_line_ends (gconstpointer data)
{
  const BootKind *kind = data;
  g_autoptr (GPtrArray) cases = boot_cases_load (kind);

  for (guint i = 0; i < cases->len; i++)
    {
      const BootCase *test = g_ptr_array_index (cases, i);
      g_auto (GStrv) lines = g_strsplit (test->before, "\n", -1);
      g_autofree char *windows = g_strjoinv ("\r\n", lines);
      g_autofree char *open = g_strndup (test->before, MAX (strlen (test->before), 1) - 1);
      const char *const texts[] = { windows, open };

      for (gsize j = 0; j < G_N_ELEMENTS (texts) && !test->refused; j++)
        {
          g_autoptr (GError) error = NULL;
          g_autofree char *after = edit (kind, texts[j], &error);

          if (after)
            check_after (kind, after);
          else
            g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
        }
    }
}

static char *
mutate (GRand *random, const char *seed)
{
  static const char *const tokens[] = {
    "\"",
    "'",
    "\\",
    "$",
    "`",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "#",
    "\n",
    "\r\n",
    " ",
    "\t",
    "=",
    "+=",
    ":",
    "/",
    "//",
    ",",
    "--",
    "options ",
    "linux ",
    "cmdline:",
    "protocol: linux\n",
    "\xff",
    "!",
    "*",
    "[default]",
    "user",
    "\"\"",
    "xe",
    "i915",
    "intel_iommu=off",
    "module_blacklist=i915",
    "kernel_options",
    "menuentry x {\n",
    "disabled\n",
    "\\\"",
  };
  GString *text = g_string_new (seed);
  guint n = g_rand_int_range (random, 1, 6);

  for (guint i = 0; i < n; i++)
    {
      gsize at = g_rand_int_range (random, 0, text->len + 1);
      gsize length = g_rand_int_range (random, 0, 12);

      switch (g_rand_int_range (random, 0, 4))
        {
        case 0:
          g_string_erase (text, at, MIN (text->len - at, length));
          break;
        case 1:
          if (at < text->len)
            text->str[at] = (char) g_rand_int_range (random, 1, 256);
          break;
        default:
          g_string_insert (text, at, tokens[g_rand_int_range (random, 0, G_N_ELEMENTS (tokens))]);
        }
    }
  return g_string_free (text, FALSE);
}

/* What an edit never does, whatever the file: to take a line away, or to touch one that has
 * nothing to do with ours. */
static gboolean
has_ours (const char *line)
{
  return strstr (line, "intel_iommu=") || strstr (line, "i915.max_vfs=") ||
         strstr (line, "module_blacklist=");
}

/* Whether what is new in @after is a line with ours, or stands in one's place. */
static gboolean
others_stay (char **before, char **after)
{
  for (; *before != NULL && g_strcmp0 (*before, *after) == 0; before++, after++)
    ;
  if (*before == NULL)
    return TRUE;
  return *after != NULL && has_ours (*after) &&
         (others_stay (before, after + 1) || others_stay (before + 1, after + 1));
}

static void
check_others_stay (const char *before, const char *after)
{
  g_auto (GStrv) old_lines = g_strsplit (before, "\n", -1);
  g_auto (GStrv) new_lines = g_strsplit (after, "\n", -1);

  if (others_stay (old_lines, new_lines))
    return;
  g_test_message ("lost:\n%s\n-- becomes\n%s", before, after);
  g_test_fail ();
}

static void
test_random (gconstpointer data)
{
  const BootKind *kind = data;
  g_autoptr (GPtrArray) cases = boot_cases_load (kind);
  g_autoptr (GRand) random = g_rand_new_with_seed (20263);
  guint accepted = 0;
  /* ./dev fuzz has more. */
  const guint n = 6000;

  for (guint i = 0; i < n; i++)
    {
      const BootCase *test = g_ptr_array_index (cases, g_rand_int_range (random, 0, cases->len));
      g_autofree char *before = mutate (random, test->before);
      g_autoptr (GError) error = NULL;
      g_autofree char *after = edit (kind, before, &error);

      if (after == NULL)
        {
          g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
          continue;
        }
      check_after (kind, after);
      if (kind->format != &fatia_kernelstub_format)
        check_others_stay (before, after);
      accepted++;
    }
  g_test_message ("%s: %u of %u accepted", kind->name, accepted, n);
  /* To refuse all would be no art. */
  g_assert_cmpuint (accepted, >, n / 20);
}

/* A file that is no text, and one that is too long. */
static void
test_hostile (void)
{
  g_autofree char *longest = g_strnfill (FATIA_BOOT_FILE_LIMIT + 1, 'a');

  for (gsize i = 0; i < n_boot_kinds; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;

      if (boot_kinds[i].format == NULL)
        continue;
      after = fatia_boot_format_edit (boot_kinds[i].format, "f", "a\0b", 3, ours, &error);

      g_assert_null (after);
      g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
      g_clear_error (&error);
      after =
        fatia_boot_format_edit (boot_kinds[i].format, "f", longest, strlen (longest), ours, &error);
      g_assert_null (after);
      g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
    }
}

static void
add_kind (const BootKind *kind, gsize number)
{
  g_autofree char *base = g_strdup_printf ("/boot-formats/%s-%zu", kind->name, number);
  g_autofree char *cases = g_strconcat (base, "/cases", NULL);
  g_autofree char *line_ends = g_strconcat (base, "/line-ends", NULL);
  g_autofree char *random = g_strconcat (base, "/random", NULL);

  g_test_add_data_func (cases, kind, test_cases);
  g_test_add_data_func (line_ends, kind, test_line_ends);
  g_test_add_data_func (random, kind, test_random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < n_boot_kinds; i++)
    if (boot_kinds[i].format != NULL)
      add_kind (&boot_kinds[i], i);
  g_test_add_func ("/boot-formats/hostile", test_hostile);
  return g_test_run ();
}
