/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Video BIOS Tables, as the kernel's i915 driver reads them (intel_vbt_defs.h). */
#include "fatia-vbt.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"

/* The header */
#define SIGNATURE      "$VBT"
#define SIGNATURE_SIZE 20 /* its text goes on with a name, filled with spaces */
#define VERSION        20
#define HEADER_LENGTH  22
#define LENGTH         24
#define BDB_OFFSET     28
#define HEADER_SIZE    48
/* The block of data, from its own start on */
#define BDB_SIGNATURE "BIOS_DATA_BLOCK"
#define BDB_VERSION   16
#define BDB_SIZE      22

/* Text that a line can show, without the spaces at its ends; NULL where there is none. */
static char *
read_text (const guint8 *data, gsize size)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size && data[i] != '\0'; i++)
    g_string_append_c (text, g_ascii_isprint (data[i]) ? (char) data[i] : '?');
  return g_strstrip (g_string_free_and_steal (text));
}

static gboolean
is_zero_sum (const guint8 *data, gsize size)
{
  guint8 sum = 0;

  for (gsize i = 0; i < size; i++)
    sum += data[i];
  return sum == 0;
}

/**
 * fatia_vbt_read:
 * @data: bytes that begin with "$VBT"
 * @size: how many are there; more than the table's where others follow
 *
 * Returns: (transfer full) (nullable): the table, without the file it is in; %NULL where the
 *   bytes only look like the beginning of one
 */
FatiaVbt *
fatia_vbt_read (const guint8 *data, gsize size)
{
  gsize header, length, bdb, there;
  FatiaVbt *self;

  if (size < HEADER_SIZE || memcmp (data, SIGNATURE, strlen (SIGNATURE)) != 0)
    return NULL;
  header = fatia_read_u16 (data + HEADER_LENGTH);
  length = fatia_read_u16 (data + LENGTH);
  bdb = fatia_read_u32 (data + BDB_OFFSET);
  if (header < HEADER_SIZE || length < HEADER_SIZE + BDB_SIZE || bdb < header ||
      bdb > length - BDB_SIZE || bdb > size || size - bdb < BDB_SIZE ||
      memcmp (data + bdb, BDB_SIGNATURE, strlen (BDB_SIGNATURE)) != 0)
    return NULL;
  there = MIN (length, size);

  self = g_new0 (FatiaVbt, 1);
  self->name = read_text (data + strlen (SIGNATURE), SIGNATURE_SIZE - strlen (SIGNATURE));
  self->version = fatia_read_u16 (data + VERSION);
  self->bdb = fatia_read_u16 (data + bdb + BDB_VERSION);
  self->size = length;
  self->whole = there == length;
  self->sum_right = is_zero_sum (data, there);
  self->bytes = g_bytes_new (data, there);
  self->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, self->bytes);
  return self;
}

/**
 * fatia_vbt_describe:
 *
 * Returns: (transfer full): for people (translated): its versions and size, and what is wrong
 */
char *
fatia_vbt_describe (const FatiaVbt *self)
{
  g_autofree char *size = g_format_size (self->size);
  const char *wrong = "";

  if (!self->whole)
    wrong = _ (" Its end is missing.");
  else if (!self->sum_right)
    wrong = _ (" Its checksum is wrong.");
  /* Translators: 1: "1.00", 2: a number, 3: a size, 4: what is wrong, or nothing */
  return g_strdup_printf (_ ("Version %u.%02u, data block %u, %s.%s"), self->version / 100,
                          self->version % 100, self->bdb, size, wrong);
}

/**
 * fatia_vbt_file_name:
 * @number: which of the image's it is, from 1
 *
 * Returns: (transfer full): what to call a file with it, "vbt-1-ALDERLAKE-N.bin": its name comes
 *   from the image, so only letters, digits and "-" of it stay
 */
char *
fatia_vbt_file_name (const FatiaVbt *self, guint number)
{
  g_autofree char *name = g_strdup (self->name);

  g_strcanon (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-", '_');
  return g_strdup_printf ("vbt-%u%s%s.bin", number, *name ? "-" : "", name);
}

/**
 * fatia_vbt_free:
 * @self: (transfer full) (nullable):
 */
void
fatia_vbt_free (FatiaVbt *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->sha256);
  g_free (self->file);
  g_bytes_unref (self->bytes);
  g_free (self);
}
