/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Archives, by libarchive. Two readings: the first looks at every member's bytes as they come and
 * keeps none, the second takes the chosen one out. So no more than that one is ever in memory.
 */
#include "fatia-archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <glib/gi18n-lib.h>

#include "fatia-package-choose.h"
#include "fatia-package-formats.h"
#include "fatia-sink.h"

#define PIECE_SIZE (128 * 1024)
/* Members; makers' packages have some hundred. */
#define MEMBERS_LIMIT 10000

typedef struct archive Archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_read_free)

typedef struct
{
  FatiaUnpacking *work;
  Archive *archive;
  const guint8 *data;
  gsize size;
  guint64 told;
  guint encrypted; /* members */
} Reading;

/* What libarchive says goes behind words of ours: it is not translated. */
static void
fail (Reading *self, const char *name, GError **error)
{
  const char *words = archive_error_string (self->archive);
  g_autofree char *stripped = g_strstrip (g_strdup (words ? words : "?"));
  g_autofree char *reason = fatia_package_name (stripped);

  if (archive_read_has_encrypted_entries (self->archive) > 0)
    fatia_archive_refuse_encrypted (self->work, error);
  else if (name)
    fatia_package_damaged (self->work, archive_filter_bytes (self->archive, -1), error,
                           _ ("“%s” can't be unpacked: %s"), name, reason);
  else
    fatia_package_damaged (self->work, archive_filter_bytes (self->archive, -1), error, "%s",
                           reason);
}

/* (transfer full) (nullable) */
static Archive *
open_archive (Reading *self, GError **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  int code = self->work->format->archive;

  if (code == FATIA_ARCHIVE_COMPRESSED)
    {
      archive_read_support_filter_gzip (archive);
      archive_read_support_filter_xz (archive);
      archive_read_support_filter_bzip2 (archive);
      archive_read_support_filter_zstd (archive);
      archive_read_support_format_tar (archive);
      archive_read_support_format_raw (archive);
    }
  else
    archive_read_support_format_by_code (archive, code);
  self->archive = archive;
  if (archive_read_open_memory (archive, self->data, self->size) == ARCHIVE_OK)
    return g_steal_pointer (&archive);
  fail (self, NULL, error);
  return NULL;
}

static char *
read_name (struct archive_entry *entry)
{
  const char *name = archive_entry_pathname_utf8 (entry);

  if (name == NULL)
    name = archive_entry_pathname (entry);
  return fatia_package_name (name ? name : "?");
}

/* Both readings together are the whole of what is told. */
static void
tell (Reading *self, gboolean second)
{
  guint64 done = MIN ((guint64) MAX (archive_filter_bytes (self->archive, -1), 0), self->size);

  done = second ? (self->size + done) / 2 : done / 2;
  if (self->work->progress && done > self->told)
    self->work->progress (self->told = done, self->size, self->work->progress_data);
}

/* Reads a member to its end. The probe's work counts as much as if the bytes were kept. */
static gboolean
probe_member (Reading *self, FatiaProbe *probe, const char *name, GError **error)
{
  g_autofree guint8 *piece = g_malloc (PIECE_SIZE);
  la_ssize_t n;

  while ((n = archive_read_data (self->archive, piece, PIECE_SIZE)) > 0)
    {
      if (!fatia_budget_take_output (&self->work->budget, n))
        return FALSE;
      fatia_probe_feed (probe, piece, n);
      tell (self, FALSE);
    }
  if (n < 0)
    fail (self, name, error);
  return n == 0;
}

/* Moves on to the next file with bytes; @index counts all members. 1, 0 at the end, -1 */
static int
next_file (Reading *self, struct archive_entry **entry, gint64 *index, GError **error)
{
  for (;;)
    {
      int status;

      if (!fatia_budget_goes_on (&self->work->budget))
        return -1;
      status = archive_read_next_header (self->archive, entry);
      if (status == ARCHIVE_EOF)
        return 0;
      if (status < ARCHIVE_WARN)
        {
          fail (self, NULL, error);
          return -1;
        }
      if (++*index > MEMBERS_LIMIT)
        {
          fatia_archive_refuse_many (self->work, error);
          return -1;
        }
      if (archive_entry_filetype (*entry) == AE_IFREG && !archive_entry_hardlink (*entry))
        return 1;
    }
}

static gboolean
list_members (Reading *self, GPtrArray *members, GError **error)
{
  struct archive_entry *entry;
  gint64 index = 0;
  int status;

  while ((status = next_file (self, &entry, &index, error)) > 0)
    {
      FatiaProbe probe = { 0 };
      g_autofree char *name = read_name (entry);

      if (archive_entry_is_encrypted (entry))
        {
          self->encrypted++;
          continue;
        }
      if (!probe_member (self, &probe, name, error))
        return FALSE;
      if (probe.size > 0)
        fatia_members_add (members, g_steal_pointer (&name), probe.size,
                           fatia_probe_finish (&probe), index);
    }
  return status == 0;
}

static GBytes *
take_out (Reading *self, const FatiaMember *member, GError **error)
{
  g_auto (FatiaSink) sink = { 0 };
  struct archive_entry *entry;
  gint64 index = 0;
  la_ssize_t n = 0;

  while (index < member->index)
    if (next_file (self, &entry, &index, error) <= 0)
      return NULL;
  fatia_sink_init (&sink, &self->work->budget, member->size, self->size);
  while (fatia_sink_grow (&sink) &&
         (n = archive_read_data (self->archive, sink.data + sink.size,
                                 MIN (sink.capacity - sink.size, PIECE_SIZE))) > 0)
    {
      sink.size += n;
      tell (self, TRUE);
    }
  if (fatia_budget_failed (&self->work->budget, NULL))
    return NULL;
  if (n < 0)
    {
      fail (self, member->name, error);
      return NULL;
    }
  return fatia_package_hand_over (self->work, fatia_sink_finish (&sink));
}

static const FatiaMember *
choose (Reading *self, GPtrArray *members, GError **error)
{
  g_autoptr (Archive) archive = open_archive (self, error);

  if (archive == NULL || !list_members (self, members, error))
    return NULL;
  if (members->len == 0 && self->encrypted > 0)
    {
      fail (self, NULL, error);
      return NULL;
    }
  return fatia_members_choose (members, self->work, error);
}

/**
 * fatia_archive_unpack:
 *
 * Takes the member that is most likely the firmware out of an archive of the kind that the
 * format's row names.
 */
GBytes *
fatia_archive_unpack (FatiaUnpacking *work, GBytes *package, gsize at, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (package, &size);
  Reading self = { .work = work, .data = data + at, .size = size - at };
  g_autoptr (GPtrArray) members = fatia_members_new ();
  g_autoptr (Archive) archive = NULL;
  const FatiaMember *member;

  if (!fatia_archive_check (work, self.data, self.size, error))
    return NULL;
  member = choose (&self, members, error);
  archive = member ? open_archive (&self, error) : NULL;
  return archive ? take_out (&self, member, error) : NULL;
}
