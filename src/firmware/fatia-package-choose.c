/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which member of a package is the firmware. Makers put tools, notes and firmware for other chips
 * beside it, so each member is scored by its name, its size and its bytes.
 */
#include "fatia-package-choose.h"

#include <glib/gi18n-lib.h>

#define KIB ((guint64) 1024)
#define MIB (1024 * KIB)
/* Members that differ by this much or less are told as equals. */
#define NEAR 1
/* How many names a message lists. */
#define NAMES_LIMIT 5

/* What makers call firmware files; "F12", "1A0" and "M3T" stand for whole series. */
static const char *const endings[] = { "cap", "rom", "bin", "fd",  "bio", "upd", "fl1", "fl2",
                                       "hdr", "ima", "img", "rcv", "wph", "bst", "isc", "fv" };
static const char *const others[] = { "txt", "pdf",    "htm", "html", "nsh", "bat", "cmd",
                                      "sh",  "inf",    "ini", "cat",  "sys", "dll", "msi",
                                      "jpg", "png",    "doc", "docx", "rtf", "xml", "sig",
                                      "md5", "sha256", "log", "cfg",  "md" };
static const char *const good_words[] = { "bios", "uefi", "firmware", "gop", "system" };
static const char *const bad_words[] = { "afu",  "fptw",  "flash", "setup",   "driver",
                                         "tool", "fwupd", "shell", "bootx64", "readme",
                                         "ec_",  "_ec",   "me_",   "_me",     "backup",
                                         "old",  "logo",  "pdr",   "gbe",     "tbt" };

static gboolean
is_one_of (const char *text, const char *const *words, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_one_of (const char *text, const char *const *words, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (strstr (text, words[i]))
      return TRUE;
  return FALSE;
}

/* "F7", "F12d", "1A0", "204": makers count in the ending. */
static gboolean
counts (const char *ending)
{
  gsize length = strlen (ending);
  gboolean digit = FALSE;

  for (const char *p = ending; *p; p++)
    {
      if (!g_ascii_isalnum (*p))
        return FALSE;
      digit |= g_ascii_isdigit (*p);
    }
  return digit && length >= 2 && length <= 4;
}

static int
score_name (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  const char *base = strrchr (lower, '/');
  const char *ending;
  int score = 0;

  base = base ? base + 1 : lower;
  ending = strrchr (base, '.');
  ending = ending ? ending + 1 : "";
  if (is_one_of (ending, endings, G_N_ELEMENTS (endings)))
    score += 3;
  else if (is_one_of (ending, others, G_N_ELEMENTS (others)))
    score -= 6;
  else if (counts (ending))
    score += 2;
  if (has_one_of (base, good_words, G_N_ELEMENTS (good_words)))
    score += 2;
  if (has_one_of (base, bad_words, G_N_ELEMENTS (bad_words)))
    score -= 2;
  return score;
}

static int
score_size (guint64 size, FatiaTraits traits)
{
  if (size == 4 * MIB || size == 8 * MIB || size == 16 * MIB || size == 32 * MIB)
    return 3;
  if (size > 64 * MIB)
    return -20; /* no flash chip is so large */
  if (size >= 2 * MIB && size <= 40 * MIB)
    return 2;
  /* Drivers and option ROMs are small; a volume need not be large. */
  return size < 256 * KIB && traits == 0 ? -4 : 0;
}

static int
score_traits (FatiaTraits traits)
{
  int score = 0;

  if (traits & FATIA_TRAIT_DESCRIPTOR)
    score += 4;
  if (traits & FATIA_TRAIT_VOLUME)
    score += 4;
  if (traits & FATIA_TRAIT_PACKAGE)
    score += 4;
  if (traits & FATIA_TRAIT_EFI)
    score += 2;
  return traits & FATIA_TRAIT_PROGRAM ? MIN (score, 1) : score;
}

static void
member_free (gpointer data)
{
  FatiaMember *member = data;

  g_free (member->name);
  g_free (member);
}

GPtrArray *
fatia_members_new (void)
{
  return g_ptr_array_new_with_free_func (member_free);
}

/**
 * fatia_members_add:
 * @name: (transfer full): printable
 * @size: bytes
 */
void
fatia_members_add (GPtrArray *self, char *name, guint64 size, FatiaTraits traits, gint64 index)
{
  FatiaMember *member = g_new0 (FatiaMember, 1);

  member->name = name;
  member->size = size;
  member->index = index;
  member->score = score_name (name) + score_size (size, traits) + score_traits (traits);
  g_ptr_array_add (self, member);
}

/* Best first; of equals the larger, then the earlier. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const FatiaMember *left = *(FatiaMember *const *) a;
  const FatiaMember *right = *(FatiaMember *const *) b;

  if (left->score != right->score)
    return right->score - left->score;
  if (left->size != right->size)
    return left->size < right->size ? 1 : -1;
  return left->index < right->index ? -1 : left->index > right->index;
}

/* "a", "b" and more */
static char *
list_names (GPtrArray *self, guint from, guint to)
{
  GString *names = g_string_new (NULL);

  for (guint i = from; i < MIN (to, from + NAMES_LIMIT); i++)
    g_string_append_printf (names, i > from ? ", “%s”" : "“%s”",
                            ((FatiaMember *) self->pdata[i])->name);
  if (to > from + NAMES_LIMIT)
    g_string_append (names, ", …");
  return g_string_free_and_steal (names);
}

static const FatiaMember *
find_wanted (GPtrArray *self, const char *wanted)
{
  for (guint i = 0; i < self->len; i++)
    {
      const FatiaMember *member = self->pdata[i];
      const char *base = strrchr (member->name, '/');

      if (g_ascii_strcasecmp (member->name, wanted) == 0 ||
          (base && g_ascii_strcasecmp (base + 1, wanted) == 0))
        return member;
    }
  return NULL;
}

static void
tell_equals (GPtrArray *self, FatiaUnpacking *work)
{
  const FatiaMember *best = self->pdata[0];
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree char *listed = NULL;
  guint n = 1;

  while (n < self->len && best->score - ((FatiaMember *) self->pdata[n])->score <= NEAR)
    g_strv_builder_add (names, ((FatiaMember *) self->pdata[n++])->name);
  if (n == 1)
    {
      work->note =
        self->len == 1
          ? NULL
          : g_strdup_printf (ngettext ("chosen from %u file", "chosen from %u files", self->len),
                             self->len);
      return;
    }
  listed = list_names (self, 1, n);
  work->others = g_strv_builder_end (names);
  /* TRANSLATORS: a list of file names */
  work->note =
    g_strdup_printf (_ ("could as well be %s: say which one is for this computer"), listed);
}

/**
 * fatia_members_choose:
 * @self: (element-type FatiaMember): sorted by this
 * @work: gets the name of the one chosen, and what is to be told of the others
 *
 * Returns: (transfer none) (nullable): the member that is most likely the firmware
 */
const FatiaMember *
fatia_members_choose (GPtrArray *self, FatiaUnpacking *work, GError **error)
{
  const FatiaMember *chosen;

  g_ptr_array_sort (self, compare);
  chosen = work->member && !work->member_found ? find_wanted (self, work->member) : NULL;
  if (chosen)
    work->member_found = TRUE;
  else if (self->len > 0 && ((FatiaMember *) self->pdata[0])->score > 0)
    {
      chosen = self->pdata[0];
      tell_equals (self, work);
    }
  if (chosen)
    {
      work->name = g_strdup (chosen->name);
      return chosen;
    }
  if (self->len == 0)
    g_set_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_MEMBER,
                 _ ("There is no file in this package (%s). Download it again."),
                 _ (work->format->title));
  else
    {
      g_autofree char *listed = list_names (self, 0, self->len);

      g_set_error (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_NO_MEMBER,
                   _ ("Nothing in this package (%s) is like firmware; it has %s. Choose the "
                      "maker's firmware (BIOS) download."),
                   _ (work->format->title), listed);
    }
  return NULL;
}
