/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for Intel's GOP driver in a firmware image. */
#include "fatia-budget.h"
#include "fatia-find.h"
#include "fatia-firmware-private.h"
#include "fatia-gop-findings-private.h"
#include "fatia-gop-marks.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* How many programs like the driver an image may hold. Honest ones hold some ten. */
#define FOUND_LIMIT 1000
#define KEPT_LIMIT  (64 * 1024 * 1024)
/* How much of an image is looked through for marks outside volumes; flash chips are smaller. */
#define MARKS_LIMIT (64 * 1024 * 1024)

/* A notable PE image; the name of the file it is in may not be known yet. */
typedef struct
{
  FatiaWalkNode *node; /* (nullable) */
  FatiaPe headers;
  FatiaGopMarks marks;
  GBytes *pe;
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;

  g_clear_pointer (&found->node, fatia_walk_node_unref);
  g_bytes_unref (found->pe);
  g_free (found);
}

typedef struct
{
  GPtrArray *found;
  FatiaGopBeside beside;
  gsize kept; /* bytes of them */
  gboolean too_many;
} Search;

static void
search_init (Search *self)
{
  *self = (Search) { .found = g_ptr_array_new_with_free_func (found_free) };
  fatia_gop_beside_init (&self->beside);
}

static void
search_clear (Search *self)
{
  g_ptr_array_unref (self->found);
  fatia_gop_beside_clear (&self->beside);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static void
consider (Search *self, FatiaWalkNode *node, const FatiaPe *headers, const guint8 *data, gsize size)
{
  FatiaGopMarks marks;
  Found *found;

  if (!fatia_pe_is_efi (headers))
    return;
  marks = fatia_gop_marks_read (data, size, headers);
  if (!fatia_gop_marks_notable (marks))
    return;
  self->too_many |= self->found->len == FOUND_LIMIT || size > KEPT_LIMIT - self->kept;
  if (self->too_many)
    return;
  found = g_new0 (Found, 1);
  found->node = node ? fatia_walk_node_ref (node) : NULL;
  found->headers = *headers;
  found->marks = marks;
  /* A copy: a slice would keep the whole unpacked volume in memory. */
  found->pe = g_bytes_new (data, size);
  self->kept += size;
  g_ptr_array_add (self->found, found);
}

/* Returns the offset of the next PE image at or after @at, or @size. */
static gsize
find_pe (const guint8 *data, gsize at, gsize size, FatiaPe *headers)
{
  while (at < size)
    {
      const guint8 *hit = fatia_find (data + at, size - at, "MZ", 2, 1);

      if (hit == NULL)
        return size;
      at = hit - data;
      if (fatia_pe_read (hit, size - at, headers))
        return at;
      at++;
    }
  return size;
}

/* Drivers also stand in the middle of other bytes, beside video BIOS images for example. */
static void
consider_data (Search *self, FatiaWalkNode *node, const guint8 *data, gsize size)
{
  FatiaPe headers;
  gsize at = find_pe (data, 0, size, &headers);

  while (at < size)
    {
      FatiaPe next_headers;
      gsize whole = headers.size;
      gsize next;

      /* One that claims to go on after the end goes as far as the next one. */
      if (whole > size - at)
        whole = 2;
      next = find_pe (data, at + MAX (whole, 2), size, &next_headers);
      consider (self, node, &headers, data + at, whole == headers.size ? whole : next - at);
      at = next;
      headers = next_headers;
    }
}

static void
visit_leaf (FatiaWalkNode *node,
            FatiaWalkLeaf kind,
            GBytes *bytes,
            gsize offset,
            gsize length,
            gpointer user_data)
{
  const guint8 *data = (const guint8 *) g_bytes_get_data (bytes, NULL) + offset;
  Search *search = user_data;
  FatiaPe headers;

  if (kind == FATIA_WALK_DATA)
    {
      consider_data (search, node, data, length);
      fatia_gop_beside_read (&search->beside, node, data, length);
    }
  else if (fatia_pe_read (data, length, &headers))
    consider (search, node, &headers, data, length);
}

/* Some makers' marks stand outside volumes. */
static void
consider_outside (Search *self, GBytes *image)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (image, &size);

  fatia_gop_beside_read (&self->beside, NULL, data, MIN (size, MARKS_LIMIT));
}

/* People also keep the driver alone, as a file taken from an image before. */
static void
consider_whole (Search *self, GBytes *image)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (image, &size);
  FatiaPe headers;

  if (fatia_pe_read (data, size, &headers))
    consider (self, NULL, &headers, data, size);
}

static gboolean
is_unused (const Found *found)
{
  return found->node && found->node->unused;
}

static void
add_unused (FatiaGopCandidate *self)
{
  g_autofree char *why = g_steal_pointer (&self->why);

  self->why = g_strdup_printf ("%s %s", why,
                               _ ("It stands in a file that is deleted or in padding, so this "
                                  "firmware does not use it."));
}

static FatiaGopCandidate *
candidate_new (const Found *found, GHashTable *known)
{
  FatiaGopCandidate *self = g_new0 (FatiaGopCandidate, 1);

  self->guid = g_strdup (found->node && found->node->file ? found->node->label : "");
  self->name = found->node ? g_strdup (found->node->name) : NULL;
  self->machine = fatia_pe_machine_name (found->headers.machine);
  self->size = g_bytes_get_size (found->pe);
  self->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, found->pe);
  self->path = found->node ? fatia_walk_node_path (found->node) : g_strdup ("");
  self->known = known ? g_strdup (g_hash_table_lookup (known, self->sha256)) : NULL;
  self->why =
    fatia_gop_marks_explain (found->marks, &found->headers, self->size, self->guid, self->name);
  self->unused = is_unused (found);
  if (self->unused)
    add_unused (self);
  self->score = fatia_gop_marks_score (found->marks);
  self->driver = found->marks == FATIA_GOP_EVERY_MARK;
  self->usable = fatia_gop_marks_usable (found->marks);
  self->pe = g_bytes_ref (found->pe);
  return self;
}

/**
 * fatia_gop_candidate_free:
 * @candidate: (transfer full) (nullable):
 */
void
fatia_gop_candidate_free (FatiaGopCandidate *candidate)
{
  if (candidate == NULL)
    return;
  g_free (candidate->guid);
  g_free (candidate->name);
  g_free (candidate->sha256);
  g_free (candidate->path);
  g_free (candidate->known);
  g_free (candidate->why);
  g_clear_pointer (&candidate->pe, g_bytes_unref);
  g_free (candidate);
}

static int
compare_use (gconstpointer a, gconstpointer b)
{
  return is_unused (*(Found *const *) a) - is_unused (*(Found *const *) b);
}

/* Drivers first, of these the ones that the firmware uses, of these the ones people have run a
 * guest with; the rest by what they have. */
static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const FatiaGopCandidate *left = *(FatiaGopCandidate *const *) a;
  const FatiaGopCandidate *right = *(FatiaGopCandidate *const *) b;

  if (left->driver != right->driver)
    return right->driver - left->driver;
  if (left->driver && left->unused != right->unused)
    return left->unused - right->unused;
  if (left->driver && (left->known == NULL) != (right->known == NULL))
    return (left->known == NULL) - (right->known == NULL);
  return right->score - left->score;
}

/* The same bytes twice are one candidate: makers keep spare copies of whole volumes. It stands
 * where the firmware uses it, where it does so at all. */
static GPtrArray *
make_candidates (GPtrArray *list, GHashTable *known)
{
  g_autoptr (GPtrArray) candidates =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_gop_candidate_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_ptr_array_sort (list, compare_use);
  for (guint i = 0; i < list->len; i++)
    {
      FatiaGopCandidate *candidate = candidate_new (list->pdata[i], known);

      if (g_hash_table_contains (seen, candidate->sha256))
        {
          fatia_gop_candidate_free (candidate);
          continue;
        }
      g_hash_table_add (seen, candidate->sha256);
      g_ptr_array_add (candidates, candidate);
    }
  g_ptr_array_sort (candidates, compare_candidates);
  return g_steal_pointer (&candidates);
}

static FatiaGopCandidate *
nth (GPtrArray *candidates, guint n)
{
  return n < candidates->len ? candidates->pdata[n] : NULL;
}

/* One is chosen only where no other could be meant. */
static void
choose (GPtrArray *candidates)
{
  FatiaGopCandidate *best = nth (candidates, 0);
  FatiaGopCandidate *second = nth (candidates, 1);

  if (best && best->driver)
    best->chosen = second == NULL || !second->driver || (!best->unused && second->unused);
}

/* Another one may be in what was left out, so none is chosen; each says why. */
static void
doubt (GPtrArray *candidates, const FatiaWalkSummary *summary)
{
  g_autofree char *unread = fatia_budget_explain (summary->unread);

  for (guint i = 0; i < candidates->len; i++)
    {
      FatiaGopCandidate *candidate = candidates->pdata[i];
      g_autofree char *why = g_steal_pointer (&candidate->why);

      candidate->why = g_strconcat (why, " ", unread, NULL);
    }
}

static gboolean
walk (Search *self,
      GBytes *image,
      FatiaFirmwareProgress progress,
      gpointer data,
      GCancellable *cancellable,
      FatiaWalkSummary *summary,
      GError **error)
{
  const FatiaWalkVisitor visitor = { .leaf = visit_leaf };

  if (!fatia_firmware_check_size (image, error) ||
      !fatia_walk (image, &visitor, self, progress, data, cancellable, summary, error))
    return FALSE;
  if (!self->too_many)
    return TRUE;
  g_set_error_literal (error, FATIA_FIRMWARE_ERROR, FATIA_FIRMWARE_ERROR_BUDGET,
                       _ ("This file has far more programs like the driver than any "
                          "computer's firmware. Get it again from the maker's page."));
  return FALSE;
}

/**
 * fatia_gop_search:
 * @image: a firmware image
 * @known: (nullable) (element-type utf8 utf8): sha256 in lower case to words
 * @progress: (nullable): called in this thread
 * @cancellable: (nullable):
 * @error: return location for a #FatiaFirmwareError or %G_IO_ERROR_CANCELLED
 *
 * Looks for Intel's GOP driver among all PE images in @image. Every one that is like it is
 * reported, and one is chosen only where no other could be meant. @image may also be the driver
 * itself, a single PE image; its GUID and path are empty then. The same walk collects what the
 * image says of its board, and its Video BIOS Tables.
 *
 * Returns: (transfer full) (nullable): what was found; %NULL where the image could not be read,
 *   or is an update package no driver was found in
 */
FatiaGopFindings *
fatia_gop_search (GBytes *image,
                  GHashTable *known,
                  FatiaFirmwareProgress progress,
                  gpointer data,
                  GCancellable *cancellable,
                  GError **error)
{
  g_auto (Search) search;
  g_autoptr (GPtrArray) candidates = NULL;
  FatiaGopCandidate *best;
  FatiaWalkSummary summary;

  g_return_val_if_fail (image != NULL, NULL);

  search_init (&search);
  if (!walk (&search, image, progress, data, cancellable, &summary, error))
    return NULL;
  if (summary.volumes == 0)
    consider_whole (&search, image);
  candidates = make_candidates (search.found, known);
  best = nth (candidates, 0);
  if ((best == NULL || !best->driver) &&
      fatia_firmware_explain (image, &summary, best != NULL, error))
    return NULL;
  consider_outside (&search, image);
  if (summary.unread)
    doubt (candidates, &summary);
  else
    choose (candidates);
  return fatia_gop_findings_new (image, candidates, &search.beside);
}

/**
 * fatia_gop_search_source:
 * @source: (transfer full): what was opened
 *
 * As fatia_gop_search(), in what @source led to; the findings keep the way there.
 *
 * Returns: (transfer full) (nullable): what was found
 */
FatiaGopFindings *
fatia_gop_search_source (FatiaFirmwareSource *source,
                         GHashTable *known,
                         FatiaFirmwareProgress progress,
                         gpointer data,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (FatiaFirmwareSource) own = source;
  FatiaGopFindings *findings;

  g_return_val_if_fail (source != NULL, NULL);

  findings = fatia_gop_search (source->image, known, progress, data, cancellable, error);
  if (findings)
    findings->source = g_steal_pointer (&own);
  return findings;
}

/**
 * fatia_gop_find:
 *
 * As fatia_gop_search(), for who wants the candidates alone.
 *
 * Returns: (transfer full) (nullable) (element-type FatiaGopCandidate): the candidates, best
 *   first, which the array frees
 */
GPtrArray *
fatia_gop_find (GBytes *image,
                GHashTable *known,
                FatiaFirmwareProgress progress,
                gpointer data,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (FatiaGopFindings) findings =
    fatia_gop_search (image, known, progress, data, cancellable, error);

  return findings ? g_ptr_array_ref (findings->candidates) : NULL;
}
