/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-kvmfr.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Parts of a frame's message that never moved. */
#define FRAME_SERIAL      4
#define FRAME_TYPE        8
#define FRAME_SCREEN      12
#define MAX_FRAME_MESSAGE 1216
#define MAX_DAMAGE        64

/* The recovery block of the virtual display driver, which is the same in all its versions. */
#define RECOVERY_PLACE (64 * 1024) /* from the memory's end */
#define RECOVERY_LGMP  16
#define RECOVERY_KVMFR 20

static const FatiaKvmfrLayout layouts[] = {
  { 19, 0, 20, 28, 44, 48, 1072, 1076, 4, 24, 0 },
  { 20, 24, 28, 36, 52, 56, 1080, 1084, 6, 24, 0 },
  { 34, 24, 28, 36, 56, 192, 52, 1216, 6, 28, 0x10 },
};

/* By the guest's number less 1. */
static const struct
{
  FatiaPixels format;
  guint bytes;
} formats[] = {
  { FATIA_PIXELS_BGRA, 4 },    { FATIA_PIXELS_RGBA, 4 },  { FATIA_PIXELS_RGBA10, 4 },
  { FATIA_PIXELS_RGBA16F, 8 }, { FATIA_PIXELS_BGR24, 3 }, { FATIA_PIXELS_RGB24, 3 },
};

/* Copied bytes of a message. */
static guint32
u32 (const guint8 *bytes, gsize at)
{
  guint32 value;

  memcpy (&value, bytes + at, sizeof value);
  return GUINT32_FROM_LE (value);
}

/**
 * fatia_kvmfr_read_host:
 * @user_data: (nullable): what fatia_lgmp_read_user_data() gave
 * @host: (out caller-allocates): what the host tells of itself
 *
 * Returns: whether a Looking Glass host wrote it, of whatever version
 */
gboolean
fatia_kvmfr_read_host (GBytes *user_data, FatiaKvmfrHost *host)
{
  gsize size = 0;
  const guint8 *bytes = user_data ? g_bytes_get_data (user_data, &size) : NULL;
  g_autofree char *version = NULL;

  memset (host, 0, sizeof *host);
  if (size < 48 || memcmp (bytes, "KVMFR---", 8) != 0)
    return FALSE;
  host->version = u32 (bytes, 8);
  version = g_utf8_make_valid ((const char *) bytes + 12, strnlen ((const char *) bytes + 12, 32));
  g_strlcpy (host->host, version, sizeof host->host);
  host->features = u32 (bytes, 44);
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    if (layouts[i].version == host->version)
      host->layout = &layouts[i];
  return TRUE;
}

/**
 * fatia_kvmfr_explain:
 * @lgmp: the version of LGMP that was found
 * @host: (nullable): what the host told of itself, where that could be read
 *
 * Returns: (transfer full): in words, that we can't read what the guest writes, and the way out
 */
char *
fatia_kvmfr_explain (FatiaGlassMemory *memory, guint32 lgmp, const FatiaKvmfrHost *host)
{
  guint32 kvmfr = host ? host->version : 0;
  guint8 recovery[24];
  g_autofree char *kvmfr_words = NULL;

  if (kvmfr == 0 && fatia_glass_memory_get_size (memory) >= RECOVERY_PLACE &&
      fatia_glass_memory_copy (memory, fatia_glass_memory_get_size (memory) - RECOVERY_PLACE,
                               recovery, sizeof recovery) &&
      memcmp (recovery, "KVMFRRCV", 8) == 0 && u32 (recovery, RECOVERY_LGMP) == lgmp)
    kvmfr = u32 (recovery, RECOVERY_KVMFR);
  /* Translators: stands for a number that could not be found out. */
  kvmfr_words = kvmfr ? g_strdup_printf ("%u", kvmfr) : g_strdup (_ ("unknown"));
  return g_strdup_printf (
    _ ("Looking Glass in Windows speaks a version that Fatia does not: LGMP %u with KVMFR %s. "
       "Fatia knows LGMP 5 and 6 with KVMFR 19 and 20 (Looking Glass B6 and B7), and LGMP 10 and "
       "12 with KVMFR 34. Install the Looking Glass host B7 in Windows, or a newer Fatia."),
    lgmp, kvmfr_words);
}

/* Damage is told relative to the frame before it; none means all. */
static void
read_damage (const FatiaKvmfrLayout *layout, const guint8 *bytes, FatiaKvmfrFrame *frame)
{
  guint32 n = u32 (bytes, layout->n_damage);

  frame->damage.n = 0;
  frame->damage.full = n == 0 || n > MAX_DAMAGE;
  for (guint i = 0; i < n && !frame->damage.full; i++)
    {
      gsize at = layout->damage + 16 * i;
      FatiaRectangle rectangle = { u32 (bytes, at), u32 (bytes, at + 4), u32 (bytes, at + 8),
                                   u32 (bytes, at + 12) };

      if (fatia_rectangle_clip (&rectangle, frame->width, frame->height))
        fatia_damage_add (&frame->damage, &rectangle);
    }
  if (frame->damage.n == 0)
    frame->damage.full = TRUE;
}

/**
 * fatia_kvmfr_read_frame:
 * @frame: (out caller-allocates): the frame, its numbers checked against the memory
 *
 * Returns: whether the message tells of a picture that is within the memory
 */
gboolean
fatia_kvmfr_read_frame (const FatiaKvmfrLayout *layout,
                        FatiaGlassMemory *memory,
                        const FatiaLgmpMessage *message,
                        FatiaKvmfrFrame *frame)
{
  guint8 bytes[MAX_FRAME_MESSAGE];
  guint32 type, data_height;

  if (message->size < layout->size ||
      !fatia_glass_memory_copy (memory, message->offset, bytes, layout->size))
    return FALSE;
  type = u32 (bytes, FRAME_TYPE);
  if (type < 1 || type > layout->n_formats || u32 (bytes, layout->rotation) > 3)
    return FALSE;
  frame->serial = u32 (bytes, FRAME_SERIAL);
  frame->format = formats[type - 1].format;
  frame->bytes_per_pixel = formats[type - 1].bytes;
  frame->screen_width = u32 (bytes, FRAME_SCREEN);
  frame->screen_height = u32 (bytes, FRAME_SCREEN + 4);
  frame->width = u32 (bytes, layout->frame);
  frame->height = u32 (bytes, layout->frame + 4);
  frame->rotation = 90 * u32 (bytes, layout->rotation);
  frame->pitch = u32 (bytes, layout->rotation + 8);
  frame->write_pointer = (guint64) message->offset + u32 (bytes, layout->rotation + 12);
  frame->pixels = frame->write_pointer + 4;
  frame->flags = u32 (bytes, layout->flags);
  /* A picture too large for the memory has fewer lines there. */
  data_height = layout->data_height ? u32 (bytes, layout->data_height) : 0;
  if (data_height > 0)
    frame->height = MIN (frame->height, data_height);
  if (frame->width == 0 || frame->height == 0 || frame->width > G_MAXINT16 ||
      frame->height > G_MAXINT16 || frame->pitch < frame->width * frame->bytes_per_pixel ||
      !fatia_glass_memory_contains (memory, frame->pixels, (guint64) frame->pitch * frame->height))
    return FALSE;
  read_damage (layout, bytes, frame);
  return TRUE;
}

/**
 * fatia_kvmfr_is_complete:
 *
 * The host tells of a frame first and copies its pixels afterwards.
 *
 * Returns: whether all pixels of @frame are there
 */
gboolean
fatia_kvmfr_is_complete (FatiaGlassMemory *memory, const FatiaKvmfrFrame *frame)
{
  guint32 done = 0;

  if (!fatia_glass_memory_copy (memory, frame->write_pointer, &done, sizeof done))
    return FALSE;
  /* What the host wrote before it counted it is read after the count. */
  __atomic_thread_fence (__ATOMIC_ACQUIRE);
  return GUINT32_FROM_LE (done) >= (guint64) frame->pitch * frame->height;
}
