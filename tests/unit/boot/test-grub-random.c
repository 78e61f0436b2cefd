/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files nobody wrote: random ones a shell must agree about, and broken ones that must not hurt. */
#include "boot/fatia-grub.h"

#include <string.h>

#include "boot/fatia-grub-edit.h"
#include "boot/fatia-kernel-words.h"
#include "grub-cases.h"
#include "grub-oracle.h"

static const char *
pick (GRand *random, const char *const *from, guint n)
{
  return from[g_rand_int_range (random, 0, n)];
}
#define PICK(random, list) pick (random, list, G_N_ELEMENTS (list))

static const char *const arguments[] = {
  "quiet",
  "splash",
  "ro",
  "loglevel=3",
  "console=ttyS0,115200n8",
  "resume=UUID=6d8f-33",
  "i915.max_vfs=3",
  "i915.max-vfs=7",
  "i915.enable_guc=2",
  "intel_iommu=off",
  "intel_iommu=sm_on",
  "module_blacklist=nouveau",
  "module_blacklist=i915,nouveau",
  "module_blacklist=a,xe,b",
  "xe.force_probe=!46d1",
  "xe.force_probe=46D0",
  "iommu=pt",
  "modprobe.blacklist=pcspkr",
  "acpi_osi=!",
  "rd.luks.options=discard",
  "#x",
  "--",
};
static const char *const wanted_choices[] = {
  OURS,
  "intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=7 module_blacklist=xe",
  "intel_iommu=on xe.max_vfs=7 xe.force_probe=46d1 module_blacklist=i915",
  "i915.enable_fbc=0 apparmor=1 security=apparmor",
  "module_blacklist=i915,xe",
};
static const char *const others[] = {
  "# GRUB_CMDLINE_LINUX_DEFAULT=\"not this\"\n",
  "\n",
  "   \n",
  "GRUB_TIMEOUT=5\n",
  "GRUB_DISTRIBUTOR=`lsb_release -i -s 2>/dev/null || echo Debian`\n",
  "GRUB_DISTRIBUTOR=\"$(sed 's, release .*$,,g' /etc/system-release)\"\n",
  "GRUB_GFXMODE='640x480' # or \"more\n",
  "export GRUB_COLOR=\"a\\\"b\"\n",
  "EXTRA=\"mitigations=auto\"\n",
  "EXTRA='a b'; GRUB_DEFAULT=0\n",
  "EXTRA=$GRUB_CMDLINE_LINUX\n",
  "if false; then GRUB_TIMEOUT=1; fi\n",
  "if true; then\n  EXTRA=x\nfi\n",
  "f () { GRUB_TIMEOUT=2; }\nf\n",
  "case a in a) EXTRA=y ;; esac\n",
  "true && EXTRA=z\n",
  "while false; do EXTRA=w; done\n",
  "printf '' <<EOF\nGRUB_CMDLINE_LINUX=\"x\"\nEOF\n",
};

/* Some kernel arguments, in what quotes @quote says. */
static void
append_arguments (GRand *random, GString *text, char quote)
{
  guint n = quote == 0 ? 1 : g_rand_int_range (random, 0, 5);

  for (guint i = 0; i < n; i++)
    {
      /* What is rare stays rare: half of the words are plain. */
      const char *argument =
        arguments[g_rand_boolean (random) ? g_rand_int_range (random, 0, 6)
                                          : g_rand_int_range (random, 0, G_N_ELEMENTS (arguments))];

      if (i > 0 || (quote != 0 && g_rand_int_range (random, 0, 4) == 0))
        g_string_append (text, g_rand_int_range (random, 0, 6) == 0 ? "  " : " ");
      if (quote == '"' && g_rand_int_range (random, 0, 8) == 0)
        g_string_append (text, "\\\n");
      if (quote == '"' && g_rand_int_range (random, 0, 8) == 0)
        g_string_append_printf (text, "a=\\\"%s b\\\" ", argument);
      g_string_append (text, argument);
    }
  if (quote != 0 && g_rand_int_range (random, 0, 5) == 0)
    g_string_append_c (text, ' ');
}

/* A shell word in one of the ways there are to write one. */
static void
append_value (GRand *random, GString *text)
{
  static const char *const references[] = {
    "$GRUB_CMDLINE_LINUX_DEFAULT",
    "${GRUB_CMDLINE_LINUX}",
    "$EXTRA",
    "${EXTRA}",
    "$(echo x)",
    "${EXTRA:-y}",
  };
  guint runs = g_rand_int_range (random, 0, 12) == 0 ? 2 : 1;

  for (guint i = 0; i < runs; i++)
    switch (g_rand_int_range (random, 0, 5))
      {
      case 0:
        append_arguments (random, text, 0);
        break;
      case 1:
        g_string_append_c (text, '\'');
        append_arguments (random, text, '\'');
        g_string_append_c (text, '\'');
        break;
      default:
        g_string_append_c (text, '"');
        append_arguments (random, text, '"');
        if (g_rand_int_range (random, 0, 4) == 0)
          g_string_append_printf (text, " %s", PICK (random, references));
        g_string_append_c (text, '"');
      }
}

static void
append_assignment (GRand *random, GString *text)
{
  static const char *const before[] = { "", "", "", "", " ", "\t", "export ", "GRUB_TIMEOUT=3; " };
  static const char *const after[] = { "\n", "\n", "\n", " # ours\n", " \n", "; X=1\n", "\r\n" };

  g_string_append (text, PICK (random, before));
  g_string_append (text, g_rand_int_range (random, 0, 3) == 0 ? "GRUB_CMDLINE_LINUX="
                                                              : "GRUB_CMDLINE_LINUX_DEFAULT=");
  append_value (random, text);
  g_string_append (text, PICK (random, after));
}

static char *
make_file (GRand *random)
{
  GString *text = g_string_new (NULL);
  guint n = g_rand_int_range (random, 1, 8);

  for (guint i = 0; i < n; i++)
    if (g_rand_int_range (random, 0, 5) < 2)
      append_assignment (random, text);
    else
      g_string_append (text, PICK (random, others));
  if (text->len > 0 && g_rand_int_range (random, 0, 6) == 0)
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

static char *
edit (const char *text, GStrv wanted, GError **error)
{
  return fatia_grub_edit ("grub", text, strlen (text), (const char *const *) wanted, error);
}

/* What the product reads of a text; (transfer full) (nullable) */
static GStrv
read_arguments (const char *text)
{
  g_autoptr (FatiaGrubReading) reading = fatia_grub_reading_new ();
  g_autofree char *line = NULL;
  g_autoptr (GPtrArray) words = NULL;
  g_autoptr (GStrvBuilder) result = g_strv_builder_new ();

  if (fatia_grub_reading_add (reading, "grub", text, strlen (text), NULL))
    line = fatia_grub_reading_get_line (reading, NULL);
  if (line == NULL)
    return NULL;
  words = fatia_kernel_words_new (line, FATIA_QUOTING_GRUB, NULL);
  for (guint i = 0; i < words->len; i++)
    g_strv_builder_add (result, ((FatiaKernelWord *) g_ptr_array_index (words, i))->text);
  return g_strv_builder_end (result);
}

/* All but one line, or one more at the end, is as it was. */
static void
check_lines (const char *before, const char *after)
{
  g_auto (GStrv) old_lines = g_strsplit (before, "\n", -1);
  g_auto (GStrv) new_lines = g_strsplit (after, "\n", -1);
  guint n_old = g_strv_length (old_lines), n_new = g_strv_length (new_lines);
  guint same_start = 0, same_end = 0;

  while (same_start < MIN (n_old, n_new) &&
         g_str_equal (old_lines[same_start], new_lines[same_start]))
    same_start++;
  while (same_end < MIN (n_old, n_new) - same_start &&
         g_str_equal (old_lines[n_old - 1 - same_end], new_lines[n_new - 1 - same_end]))
    same_end++;
  /* A value may go over several lines. */
  for (guint i = same_start; i < n_old - same_end; i++)
    if (strstr (old_lines[i], "GRUB_CMDLINE_LINUX") == NULL &&
        (i == 0 || !g_str_has_suffix (old_lines[i - 1], "\\")) && *old_lines[i] != '\0')
      g_assert_true (n_new == n_old + 1 || g_str_has_prefix (new_lines[i], old_lines[i]));
}

static void
check (const char *shell, const char *before, const char *after, GStrv wanted)
{
  g_auto (GStrv) read_after = read_arguments (after);
  g_auto (GStrv) arguments_before = NULL;
  g_auto (GStrv) arguments_after = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *joined_after = NULL;

  g_assert_nonnull (read_after);
  joined = g_strjoinv ("\n", read_after);
  /* They mean nothing to GRUB, which the judge's shell stands in for. */
  if (strpbrk (joined, "()~`") != NULL)
    return;
  arguments_before = oracle_arguments (shell, before);
  arguments_after = oracle_arguments (shell, after);
  oracle_check ((const char *const *) arguments_before, (const char *const *) arguments_after,
                (const char *const *) wanted);
  joined_after = g_strjoinv ("\n", arguments_after);
  /* The judge has none of GRUB's variables, and leaves the kernel its quotation marks. */
  if (strpbrk (joined, "$\"") == NULL && strchr (joined_after, '"') == NULL)
    g_assert_cmpstr (joined, ==, joined_after);
  check_lines (before, after);
}

static void
check_again (const char *after, GStrv wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *again = edit (after, wanted, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, after);
}

static void
test_property (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261);
  guint accepted = 0;
  const guint n = 300;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *before = make_file (random);
      g_auto (GStrv) wanted = g_strsplit (PICK (random, wanted_choices), " ", -1);
      g_autoptr (GError) error = NULL;
      g_autofree char *after = edit (before, wanted, &error);

      g_test_message ("file %u:\n%s\n-- becomes\n%s", i, before, after ? after : error->message);
      if (after == NULL)
        {
          g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
          continue;
        }
      check (g_rand_boolean (random) ? "sh" : "bash", before, after, wanted);
      check_again (after, wanted);
      accepted++;
    }
  g_test_message ("%u of %u accepted", accepted, n);
  /* To refuse all would be no art. */
  g_assert_cmpuint (accepted, >, n / 2);
}

static char *
mutate (GRand *random, const char *seed)
{
  static const char *const tokens[] = {
    "\"",
    "'",
    "\\",
    "\\\n",
    "$",
    "`",
    "$(",
    ")",
    "${",
    "}",
    "(",
    "{ ",
    "\n}",
    ";",
    "&&",
    "||",
    "\n",
    "#",
    " ",
    "=",
    "+=",
    "<<EOF\n",
    "\nEOF\n",
    "if ",
    "\nthen ",
    "\nfi\n",
    "case x in ",
    ") ",
    ";;",
    "\nesac\n",
    "export ",
    "eval ",
    "GRUB_CMDLINE_LINUX_DEFAULT=",
    "\r\n",
    "--",
    "~",
    "do ",
    "done",
    "\xff",
    "$GRUB_CMDLINE_LINUX_DEFAULT",
    "function f ",
    "[[ ",
    " ]]",
    "! ",
    ">",
    "2>&1",
    "*",
  };
  GString *text = g_string_new (seed);
  guint n = g_rand_int_range (random, 1, 5);

  for (guint i = 0; i < n; i++)
    {
      gsize at = g_rand_int_range (random, 0, text->len + 1);
      gsize length;

      switch (g_rand_int_range (random, 0, 4))
        {
        case 0:
          length = g_rand_int_range (random, 0, 9);
          g_string_erase (text, at, MIN (text->len - at, length));
          break;
        case 1:
          if (at < text->len)
            text->str[at] = (char) g_rand_int_range (random, 1, 256);
          break;
        default:
          g_string_insert (text, at, PICK (random, tokens));
        }
    }
  return g_string_free (text, FALSE);
}

/* A shell may run what it does without a program, a file, another process or an end. */
static gboolean
is_harmless (const char *text)
{
  return strpbrk (text, "`<>|&") == NULL && strstr (text, "$(") == NULL &&
         strstr (text, "while") == NULL;
}

static void
test_mutations (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_thorough () ? g_test_rand_int () : 20262);
  g_auto (GStrv) wanted = g_strsplit (OURS, " ", -1);
  const guint n = g_test_thorough () ? 1000000 : 12000;
  guint judged = 0;

  for (guint i = 0; i < n; i++)
    {
      const GrubCase *test = &grub_cases[g_rand_int_range (random, 0, n_grub_cases)];
      g_autofree char *before = mutate (random, test->before);
      g_autoptr (GError) error = NULL;
      g_autofree char *after = edit (before, wanted, &error);

      if (after == NULL)
        {
          g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED);
          continue;
        }
      check_again (after, wanted);
      if (i % (n / 600) == 0 && is_harmless (before) && oracle_can_read (before))
        {
          g_test_message ("text %u:\n%s\n-- becomes\n%s", i, before, after);
          check ("bash", before, after, wanted);
          judged++;
        }
    }
  g_assert_cmpuint (judged, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grub/random/property", test_property);
  g_test_add_func ("/grub/random/mutations", test_mutations);
  return g_test_run ();
}
