/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ours is taken out, theirs stays; where it is not certain which is which, nothing is done. */
#include "change/fatia-merge.h"

#include <string.h>

static GBytes *
bytes_of (const char *text)
{
  return text ? g_bytes_new (text, strlen (text)) : NULL;
}

/* NULL: a conflict */
static char *
take_out (const char *before, const char *after, const char *present)
{
  g_autoptr (GBytes) a = bytes_of (before);
  g_autoptr (GBytes) b = bytes_of (after);
  g_autoptr (GBytes) c = bytes_of (present);
  g_autoptr (GBytes) result = fatia_merge_take_out (a, b, c);
  GString *text = result ? g_string_new (NULL) : NULL;

  if (text)
    g_string_append_len (text, g_bytes_get_data (result, NULL), g_bytes_get_size (result));
  return text ? g_string_free (text, FALSE) : NULL;
}

typedef struct
{
  const char *name;
  const char *before, *after, *present;
  const char *expected; /* NULL: a conflict */
} Case;

#define GRUB(line) "GRUB_TIMEOUT=5\n" line "\n# end\n"
#define ENTRY(kernel, options)                                                                     \
  "title Linux " kernel "\nversion " kernel "\nlinux /" kernel "/vmlinuz\noptions " options "\n"

static const Case cases[] = {
  /* GRUB's defaults */
  { "grub/appended", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1 theirs\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet theirs\"") },
  { "grub/before-ours", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"splash quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"splash quiet\"") },
  { "grub/between-ours", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A theirs B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet theirs\"") },
  { "grub/removed-theirs", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"splash A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"splash\"") },
  { "grub/removed-all-theirs", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"A B=1\""), GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"\"") },
  { "grub/removed-one-of-ours", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"") },
  { "grub/removed-all-of-ours", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    "GRUB_THEME=x\n" GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    "GRUB_THEME=x\n" GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"") },
  { "grub/value-of-ours-changed", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=2\""), NULL },
  { "grub/other-lines", GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\""),
    "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet A B=1\"\n# end\nGRUB_THEME=x\n",
    "GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n# end\nGRUB_THEME=x\n" },
  { "grub/empty-value", GRUB ("GRUB_CMDLINE_LINUX=\"\""), GRUB ("GRUB_CMDLINE_LINUX=\"A B=1\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"A B=1 theirs\""), GRUB ("GRUB_CMDLINE_LINUX=\"theirs\"") },
  { "grub/replaced-value", GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=2\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=3 A\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"i915.enable_guc=3 A theirs\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"i915.enable_guc=2 theirs\"") },
  { "grub/replaced-value-is-back", GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=2\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=3 A\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=2 A y\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=2 y\"") },
  { "grub/replaced-value-changed", GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=2\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=3 A\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"x i915.enable_guc=1 A\""), NULL },
  { "grub/list", GRUB ("GRUB_CMDLINE_LINUX=\"module_blacklist=nouveau\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"module_blacklist=nouveau,xe\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"module_blacklist=nouveau,xe,foo\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"module_blacklist=nouveau,foo\"") },
  { "grub/quotes-we-added", GRUB ("GRUB_CMDLINE_LINUX=quiet"),
    GRUB ("GRUB_CMDLINE_LINUX=\"quiet A\""), GRUB ("GRUB_CMDLINE_LINUX=\"quiet A theirs\""), NULL },
  { "grub/line-commented-out", GRUB ("GRUB_CMDLINE_LINUX=\"quiet\""),
    GRUB ("GRUB_CMDLINE_LINUX=\"quiet A\""),
    GRUB ("#GRUB_CMDLINE_LINUX=\"quiet A\"\nGRUB_CMDLINE_LINUX=\"other\""), NULL },
  { "grub/all-new", GRUB ("GRUB_CMDLINE_LINUX=\"quiet\""), GRUB ("GRUB_CMDLINE_LINUX=\"quiet A\""),
    "# all new\n", NULL },
  { "grub/line-we-made", "GRUB_TIMEOUT=5\n", "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"A\"\n",
    "GRUB_TIMEOUT=1\nGRUB_CMDLINE_LINUX=\"A\"\nGRUB_THEME=x\n", "GRUB_TIMEOUT=1\nGRUB_THEME=x\n" },
  { "grub/line-we-made-extended", "GRUB_TIMEOUT=5\n", "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"A\"\n",
    "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"A b\"\n", NULL },
  /* Boot entries */
  { "entry/appended", ENTRY ("6.1", "root=UUID=1 ro quiet"),
    ENTRY ("6.1", "root=UUID=1 ro quiet A B=1"), ENTRY ("6.1", "root=UUID=1 ro quiet A B=1 x=2"),
    ENTRY ("6.1", "root=UUID=1 ro quiet x=2") },
  { "entry/removed", ENTRY ("6.1", "root=UUID=1 ro quiet splash"),
    ENTRY ("6.1", "root=UUID=1 ro quiet splash A B=1"), ENTRY ("6.1", "root=UUID=1 ro A B=1"),
    ENTRY ("6.1", "root=UUID=1 ro") },
  { "entry/other-keys", ENTRY ("6.1", "root=UUID=1 ro quiet"),
    ENTRY ("6.1", "root=UUID=1 ro quiet A B=1"),
    "title Mine\nsort-key a\nversion 6.1\nlinux /6.1/vmlinuz\noptions root=UUID=1 ro quiet A B=1\n"
    "grub_users $grub_users\n",
    "title Mine\nsort-key a\nversion 6.1\nlinux /6.1/vmlinuz\noptions root=UUID=1 ro quiet\n"
    "grub_users $grub_users\n" },
  { "entry/options-we-made", "linux /vmlinuz\n", "linux /vmlinuz\noptions A B=1\n",
    "title x\nlinux /vmlinuz\noptions A B=1\n", "title x\nlinux /vmlinuz\n" },
  /* Files that are a command line */
  { "cmdline/appended", "root=/dev/sda1 ro\n", "root=/dev/sda1 ro A B\n",
    "root=/dev/sda1 ro A B theirs\n", "root=/dev/sda1 ro theirs\n" },
  { "cmdline/no-end-of-line", "root=/dev/sda1 ro", "root=/dev/sda1 ro A B",
    "root=/dev/sda1 rw ro A B\n", "root=/dev/sda1 rw ro\n" },
  { "cmdline/before-the-dashes", "ro -- init\n", "ro A -- init\n", "ro A theirs -- init more\n",
    "ro theirs -- init more\n" },
  /* Other loaders */
  { "limine/appended", "timeout: 5\n/Linux\n    protocol: linux\n    cmdline: ro quiet\n",
    "timeout: 5\n/Linux\n    protocol: linux\n    cmdline: ro quiet A B\n",
    "timeout: 9\n/Linux\n    protocol: linux\n    cmdline: ro A B rw\n/Other\n    protocol: efi\n",
    "timeout: 9\n/Linux\n    protocol: linux\n    cmdline: ro rw\n/Other\n    protocol: efi\n" },
  { "refind/appended", "\"Boot\"  \"ro quiet\"\n\"Single\"  \"ro single\"\n",
    "\"Boot\"  \"ro quiet A B\"\n\"Single\"  \"ro single\"\n",
    "\"Boot it\"  \"ro quiet A B rw\"\n\"Single\"  \"ro single\"\n",
    "\"Boot it\"  \"ro quiet rw\"\n\"Single\"  \"ro single\"\n" },
  { "kernelstub/appended", "{\"o\": [\"quiet\", \"splash\"], \"u\": true}\n",
    "{\"o\": [\"quiet\", \"splash\", \"A\", \"B\"], \"u\": true}\n",
    "{\"o\": [\"quiet\", \"splash\", \"A\", \"B\", \"x\"], \"u\": false}\n",
    "{\"o\": [\"quiet\", \"splash\", \"x\"], \"u\": false}\n" },
  { "kernelstub/in-between", "{\"o\": [\"quiet\", \"splash\"], \"u\": true}\n",
    "{\"o\": [\"quiet\", \"splash\", \"A\", \"B\"], \"u\": true}\n",
    "{\"o\": [\"quiet\", \"splash\", \"A\", \"x\", \"B\"], \"u\": true}\n", NULL },
  /* Blocks */
  { "block/neighbours", "a = 1\n}\n", "a = 1\nl = [\n  \"x\",\n  \"y\"\n]\n}\n",
    "a = 2\nl = [\n  \"x\",\n  \"y\"\n]\n}\nb\n", "a = 2\n}\nb\n" },
  { "block/inside", "a = 1\n}\n", "a = 1\nl = [\n  \"x\",\n  \"y\"\n]\n}\n",
    "a = 1\nl = [\n  \"x\",\n  \"theirs\",\n  \"y\"\n]\n}\n", NULL },
  { "block/alike", "B {\n y\n}\n", "B {\n y\n}\nA {\n x\n}\n", "# c\nB {\n y\n}\n",
    "# c\nB {\n y\n}\n" },
  /* What we removed */
  { "removed/comes-back", "a\ngone\nb\nc\n", "a\nb\nc\n", "a\nb\nc changed\n",
    "a\ngone\nb\nc changed\n" },
  { "removed/parted", "a\ngone\nb\nc\n", "a\nb\nc\n", "a\ntheirs\nb\nc\n", NULL },
  { "removed/is-back", "a\ngone\nb\nc\n", "a\nb\nc\n", "a\ngone\nb\nd\n", "a\ngone\nb\nd\n" },
  { "removed/neighbour-gone", "a\ngone\nb\nc\n", "a\nb\nc\n", "a\nc\n", NULL },
  { "removed/word", "k=\"a gone b\"\n", "k=\"a b\"\n", "k=\"a b c\"\n", "k=\"a gone b c\"\n" },
  /* Undone by hand, to the byte, where the words alone could be paired otherwise */
  { "back/to-the-byte",
    "root=UUID=11ubvol=root rhgb quiet A B module_blacklis=11 ro root[lags=subvol=root rhgb q "
    "quiet "
    "eirs A B module_bla ro rootflags=subvol=root rhgb quiet \n",
    "root=UUID=11 ro rootflags=subvol=root ,rhgb quiet A i915.max=xe \n",
    "root=UUID=11ubvol=root rhgb quiet A B module_blacklis=11 ro root[lags=subvol=root rhgb q "
    "quiet "
    "eirs A B module_bla ro rootflags=subvol=root rhgb quiet \n",
    "root=UUID=11ubvol=root rhgb quiet A B module_blacklis=11 ro root[lags=subvol=root rhgb q "
    "quiet "
    "eirs A B module_bla ro rootflags=subvol=root rhgb quiet \n" },
  /* No texts */
  { "none/no-before", NULL, "ours\n", "ours and theirs\n", NULL },
  { "none/no-after", "before\n", NULL, "theirs\n", NULL },
};

static void
test_case (gconstpointer data)
{
  const Case *test = data;
  g_autofree char *result = take_out (test->before, test->after, test->present);

  g_assert_cmpstr (result, ==, test->expected);
}

static void
test_binary (void)
{
  g_autoptr (GBytes) before = g_bytes_new_static ("a\0b\n", 4);
  g_autoptr (GBytes) after = g_bytes_new_static ("a\0b\nours\n", 9);
  g_autoptr (GBytes) present = g_bytes_new_static ("a\0b\nours\ntheirs\n", 16);

  g_assert_null (fatia_merge_take_out (before, after, present));
}

/* Texts that no bound of memory or time would hold, were all of them compared. */
static void
test_bounds (void)
{
  g_autoptr (GString) before = g_string_new (NULL);
  g_autoptr (GString) present = g_string_new (NULL);
  g_autoptr (GString) long_text = g_string_new (NULL);
  g_autofree char *after = NULL;
  g_autofree char *result = NULL;
  g_autofree char *too_long = NULL;

  for (guint i = 0; i < 100000; i++)
    {
      g_string_append_printf (before, "%u ", i % 7);
      g_string_append_printf (present, "%u\n", i % 11);
    }
  after = g_strconcat (before->str, "ours", NULL);
  result = take_out (before->str, after, present->str);
  g_assert_null (result);

  while (long_text->len < 2 * 1024 * 1024)
    g_string_append (long_text, "line\n");
  too_long = take_out (long_text->str, "ours\n", "theirs\n");
  g_assert_null (too_long);
}

/*
 * Random texts. A text is lines of words; ours and theirs are edits of it, by word and by line,
 * on other words. What comes out is theirs applied to what was before, or a conflict.
 */
typedef enum
{
  EDIT_NONE,
  EDIT_APPEND, /* a word or line behind it */
  EDIT_REPLACE,
  EDIT_REMOVE,
} EditKind;

typedef struct
{
  char *word;
  EditKind ours, theirs;
  char *our_word, *their_word;
  gboolean theirs_first; /* where both append */
} Word;

typedef struct
{
  GPtrArray *words; /* of Word */
  EditKind ours, theirs;
  char *our_line, *their_line;
} Line;

static void
word_free (gpointer data)
{
  Word *word = data;

  g_free (word->word);
  g_free (word->our_word);
  g_free (word->their_word);
  g_free (word);
}

static void
line_free (gpointer data)
{
  Line *line = data;

  g_ptr_array_unref (line->words);
  g_free (line->our_line);
  g_free (line->their_line);
  g_free (line);
}

static EditKind
pick (guint one_in)
{
  return g_test_rand_int_range (0, one_in) == 0 ? g_test_rand_int_range (1, 4) : EDIT_NONE;
}

/* Ours are apart from each other, and no word we take away is there twice: else several places
 * are right for what others put beside it. */
static EditKind
pick_ours (guint one_in, guint *apart)
{
  EditKind kind = *apart >= 2 ? pick (one_in) : EDIT_NONE;

  *apart = kind == EDIT_NONE ? *apart + 1 : 0;
  return kind;
}

static Word *
make_word (const Line *line, guint *serial, guint *apart)
{
  static const char *const common[] = { "quiet", "ro", "=", "{", "}", "#", "on", "x" };
  Word *word = g_new0 (Word, 1);

  word->word = g_test_rand_bit ()
                 ? g_strdup (common[g_test_rand_int_range (0, G_N_ELEMENTS (common))])
                 : g_strdup_printf ("w%u", ++*serial);
  /* Who removes or replaces a line has the whole of it. */
  if (line->theirs < EDIT_REPLACE && line->ours == EDIT_NONE)
    word->ours = pick_ours (8, apart);
  if (line->ours < EDIT_REPLACE && word->ours < EDIT_REPLACE)
    word->theirs = pick (8);
  if (word->theirs >= EDIT_REPLACE || (word->ours >= EDIT_REPLACE && word->word[0] != 'w'))
    word->ours = EDIT_NONE;
  word->our_word = g_strdup_printf ("o%u", ++*serial);
  word->their_word = g_strdup_printf ("t%u", ++*serial);
  word->theirs_first = g_test_rand_bit ();
  return word;
}

static GPtrArray *
make_text (guint *serial)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (line_free);
  guint apart = 2;

  for (int i = g_test_rand_int_range (1, 8); i > 0; i--)
    {
      Line *line = g_new0 (Line, 1);
      Word *unlike;

      line->words = g_ptr_array_new_with_free_func (word_free);
      line->ours = pick_ours (12, &apart);
      line->theirs = line->ours == EDIT_NONE ? pick (12) : EDIT_NONE;
      line->our_line = g_strdup_printf ("O%u ours", ++*serial);
      line->their_line = g_strdup_printf ("T%u theirs", ++*serial);
      for (int j = g_test_rand_int_range (1, 7); j > 0; j--)
        g_ptr_array_add (line->words, make_word (line, serial, &apart));
      /* One empty line is as good as another, and so is one of two that are alike. */
      g_ptr_array_add (line->words, make_word (line, serial, &apart));
      unlike = g_ptr_array_index (line->words, line->words->len - 1);
      unlike->ours = unlike->theirs = EDIT_NONE;
      g_free (unlike->word);
      unlike->word = g_strdup_printf ("w%u", ++*serial);
      g_ptr_array_add (lines, line);
    }
  return lines;
}

static void
add_word (GString *out, const char *word)
{
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append_c (out, ' ');
  g_string_append (out, word);
}

static void
render_word (GString *out, const Word *word, gboolean ours, gboolean theirs)
{
  EditKind our = ours ? word->ours : EDIT_NONE, their = theirs ? word->theirs : EDIT_NONE;

  if (our < EDIT_REPLACE && their < EDIT_REPLACE)
    add_word (out, word->word);
  if (their == EDIT_APPEND && word->theirs_first)
    add_word (out, word->their_word);
  if (our == EDIT_APPEND || our == EDIT_REPLACE)
    add_word (out, word->our_word);
  if (their == EDIT_REPLACE || (their == EDIT_APPEND && !word->theirs_first))
    add_word (out, word->their_word);
}

static char *
render (GPtrArray *lines, gboolean ours, gboolean theirs)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = g_ptr_array_index (lines, i);
      EditKind our = ours ? line->ours : EDIT_NONE, their = theirs ? line->theirs : EDIT_NONE;

      if (our < EDIT_REPLACE && their < EDIT_REPLACE)
        {
          for (guint j = 0; j < line->words->len; j++)
            render_word (out, g_ptr_array_index (line->words, j), ours, theirs);
          g_string_append_c (out, '\n');
        }
      if (our == EDIT_APPEND || our == EDIT_REPLACE)
        g_string_append_printf (out, "%s\n", line->our_line);
      if (their == EDIT_APPEND || their == EDIT_REPLACE)
        g_string_append_printf (out, "%s\n", line->their_line);
    }
  return g_string_free (out, FALSE);
}

static void
test_random (void)
{
  guint clean = 0, runs = 60000;

  for (guint i = 0; i < runs; i++)
    {
      guint serial = 0;
      g_autoptr (GPtrArray) lines = make_text (&serial);
      g_autofree char *before = render (lines, FALSE, FALSE);
      g_autofree char *after = render (lines, TRUE, FALSE);
      g_autofree char *present = render (lines, TRUE, TRUE);
      g_autofree char *expected = render (lines, FALSE, TRUE);
      g_autofree char *result = take_out (before, after, present);

      if (result == NULL)
        continue;
      if (!g_str_equal (result, expected))
        g_test_message ("before\n%safter\n%spresent\n%s", before, after, present);
      g_assert_cmpstr (result, ==, expected);
      clean++;
    }
  g_test_message ("%u of %u are no conflict", clean, runs);
  g_assert_cmpuint (clean, >, runs / 2);
}

/* Nothing of theirs: always what was before. Nothing of ours: always what is there. */
static void
test_one_hand (void)
{
  for (guint i = 0; i < 5000; i++)
    {
      guint serial = 0;
      g_autoptr (GPtrArray) lines = make_text (&serial);
      g_autofree char *before = render (lines, FALSE, FALSE);
      g_autofree char *after = render (lines, TRUE, FALSE);
      g_autofree char *theirs = render (lines, FALSE, TRUE);
      g_autofree char *back = take_out (before, after, after);
      g_autofree char *kept = take_out (before, before, theirs);

      g_assert_cmpstr (back, ==, before);
      g_assert_cmpstr (kept, ==, theirs);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/merge/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/merge/binary", test_binary);
  g_test_add_func ("/merge/bounds", test_bounds);
  g_test_add_func ("/merge/random", test_random);
  g_test_add_func ("/merge/one-hand", test_one_hand);
  return g_test_run ();
}
