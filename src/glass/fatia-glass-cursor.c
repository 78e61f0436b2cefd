/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-cursor.h"

#include <string.h>

/* Bits of the message's number. */
#define HAS_POSITION 1
#define IS_VISIBLE   2
#define HAS_SHAPE    4

#define MAX_SIDE 512

typedef enum
{
  SHAPE_COLOUR,
  SHAPE_MONO,
  SHAPE_MASKED,
} ShapeType;

/* A shape as the guest sends it, copied out of the memory. */
typedef struct
{
  guint32 type, width, height, pitch;
  const guint8 *bytes;
} Shape;

static guint32
u32 (const guint8 *bytes, gsize at)
{
  guint32 value;

  memcpy (&value, bytes + at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static int
i16 (const guint8 *bytes, gsize at)
{
  return (gint16) (bytes[at] | bytes[at + 1] << 8);
}

static void
set_pixel (guint8 *pixel, guint8 red, guint8 green, guint8 blue, guint8 alpha)
{
  pixel[0] = red;
  pixel[1] = green;
  pixel[2] = blue;
  pixel[3] = alpha;
}

static gboolean
get_bit (const Shape *shape, guint32 x, guint32 y)
{
  return (shape->bytes[(gsize) y * shape->pitch + x / 8] >> (7 - x % 8)) & 1;
}

/* Two planes, one below the other: AND 0 paints black or white by XOR; AND 1 leaves the screen
 * (XOR 0) or inverts it (XOR 1). */
static void
convert_mono (const Shape *shape, guint32 x, guint32 y, guint8 *rgba, guint8 *invert)
{
  gboolean and = get_bit (shape, x, y);
  gboolean xor = get_bit (shape, x, y + shape->height);
  guint8 grey = xor ? 255 : 0;

  if (and)
    *invert = grey;
  else
    set_pixel (rgba, grey, grey, grey, 255);
}

/* Alpha 0 paints; else the colour is XORed with the screen. Inverting is all we do of that:
 * Windows' own pointers use white and black alone. */
static void
convert_masked (const guint8 *bgra, guint8 *rgba, guint8 *invert)
{
  if (bgra[3] == 0)
    set_pixel (rgba, bgra[2], bgra[1], bgra[0], 255);
  else if (bgra[0] + bgra[1] + bgra[2] >= 3 * 128)
    *invert = 255;
}

static void
convert (const Shape *shape, guint8 *rgba, guint8 *invert)
{
  for (guint32 y = 0; y < shape->height; y++)
    for (guint32 x = 0; x < shape->width; x++, rgba += 4, invert++)
      {
        const guint8 *bgra = shape->bytes + (gsize) y * shape->pitch + 4 * x;

        if (shape->type == SHAPE_MONO)
          convert_mono (shape, x, y, rgba, invert);
        else if (shape->type == SHAPE_MASKED)
          convert_masked (bgra, rgba, invert);
        else
          set_pixel (rgba, bgra[2], bgra[1], bgra[0], bgra[3]);
      }
}

static void
take_shape (FatiaGlassCursor *self, const Shape *shape)
{
  gsize n = (gsize) shape->width * shape->height;
  g_autofree guint8 *rgba = g_malloc0 (4 * n);
  g_autofree guint8 *invert = g_malloc0 (n);

  convert (shape, rgba, invert);
  g_clear_pointer (&self->rgba, g_bytes_unref);
  g_clear_pointer (&self->invert, g_bytes_unref);
  self->width = shape->width;
  self->height = shape->height;
  self->shape_serial++;
  self->rgba = g_bytes_new_take (g_steal_pointer (&rgba), 4 * n);
  if (memchr (invert, 255, n))
    self->invert = g_bytes_new_take (g_steal_pointer (&invert), n);
}

static gboolean
read_shape (FatiaGlassCursor *self,
            FatiaGlassMemory *memory,
            guint64 offset,
            const guint8 *bytes,
            gsize header_size)
{
  guint32 height = u32 (bytes, 16);
  Shape shape = { .type = u32 (bytes, 4), .width = u32 (bytes, 12), .pitch = u32 (bytes, 20) };
  g_autofree guint8 *copy = NULL;
  gsize line = shape.type == SHAPE_MONO ? (shape.width + 7) / 8 : 4 * (gsize) shape.width;

  shape.height = shape.type == SHAPE_MONO ? height / 2 : height;
  if (shape.type > SHAPE_MASKED || shape.width == 0 || shape.height == 0 ||
      shape.width > MAX_SIDE || shape.height > MAX_SIDE || shape.pitch < line ||
      shape.pitch > 4 * MAX_SIDE)
    return FALSE;
  copy = g_malloc ((gsize) shape.pitch * height);
  if (!fatia_glass_memory_copy (memory, offset + header_size, copy, (gsize) shape.pitch * height))
    return FALSE;
  shape.bytes = copy;
  self->hotspot_x = (gint8) bytes[8];
  self->hotspot_y = (gint8) bytes[9];
  take_shape (self, &shape);
  return TRUE;
}

/**
 * fatia_glass_cursor_clear:
 *
 * Frees what belongs to the cursor.
 */
void
fatia_glass_cursor_clear (FatiaGlassCursor *self)
{
  g_clear_pointer (&self->rgba, g_bytes_unref);
  g_clear_pointer (&self->invert, g_bytes_unref);
}

/**
 * fatia_glass_cursor_read:
 * @message: a message of the pointer queue
 *
 * Returns: whether the message said anything
 */
gboolean
fatia_glass_cursor_read (FatiaGlassCursor *self,
                         const FatiaKvmfrLayout *layout,
                         FatiaGlassMemory *memory,
                         const FatiaLgmpMessage *message)
{
  guint8 bytes[32];
  gboolean changed = FALSE;

  if (!fatia_glass_memory_copy (memory, message->offset, bytes, layout->cursor_size))
    return FALSE;
  if (message->udata & HAS_POSITION)
    {
      self->x = i16 (bytes, 0);
      self->y = i16 (bytes, 2);
      changed = TRUE;
    }
  if (!layout->visible_valid || (message->udata & layout->visible_valid))
    {
      self->visible = (message->udata & IS_VISIBLE) != 0;
      changed = TRUE;
    }
  if (message->udata & HAS_SHAPE)
    changed |= read_shape (self, memory, message->offset, bytes, layout->cursor_size);
  return changed;
}

/**
 * fatia_glass_cursor_make:
 * @scale_x: how many pixels of the frame one of the guest's screen is
 * @scale_y: the same
 *
 * Returns: (transfer full): the cursor as it is now
 */
FatiaCursor *
fatia_glass_cursor_make (const FatiaGlassCursor *self, double scale_x, double scale_y)
{
  FatiaCursor *cursor = g_atomic_rc_box_new0 (FatiaCursor);

  cursor->visible = self->visible;
  cursor->x = self->x * scale_x;
  cursor->y = self->y * scale_y;
  cursor->hotspot_x = self->hotspot_x;
  cursor->hotspot_y = self->hotspot_y;
  cursor->width = self->width;
  cursor->height = self->height;
  cursor->shape_serial = self->shape_serial;
  cursor->rgba = self->rgba ? g_bytes_ref (self->rgba) : NULL;
  cursor->invert = self->invert ? g_bytes_ref (self->invert) : NULL;
  return cursor;
}
