/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fatia-practice-picture.h"

#include <string.h>

#define SQUARE 4 /* the number's bits are squares of as many pixels */

static const guint32 bars[] = { 0xc0bfbc, 0xe5a50a, 0x2190a4, 0x26a269,
                                0x813d9c, 0xc01c28, 0x1c71d8, 0x241f31 };

static guint32
block_size (const PracticePicture *self)
{
  return MAX (MIN (self->width, self->height) / 8, 1);
}

/* @light: of 256 */
static guint32
fade (guint32 colour, guint32 light)
{
  return ((colour & 0xff00ff) * light >> 8 & 0xff00ff) |
         ((colour & 0x00ff00) * light >> 8 & 0x00ff00);
}

/* There and back again. */
static guint32
bounce (guint32 way, guint32 room)
{
  guint32 there = room > 0 ? way % (2 * room) : 0;

  return there > room ? 2 * room - there : there;
}

static PracticeArea
block (const PracticePicture *self)
{
  guint32 size = block_size (self);

  return (PracticeArea) { bounce (self->number * 3, self->width - size),
                          bounce (self->number * 2, self->height - size), size, size };
}

/**
 * practice_picture_get_colour:
 *
 * Returns: 0xRRGGBB
 */
guint32
practice_picture_get_colour (const PracticePicture *self, guint32 x, guint32 y)
{
  PracticeArea at = block (self);
  guint32 bar;

  if (y < SQUARE && x < 32 * SQUARE)
    return (self->number >> (31 - x / SQUARE)) & 1 ? 0xffffff : 0x000000;
  if (x - at.x < at.width && y - at.y < at.height)
    return 0xf6d32d ^ ((x - at.x) * 255 / at.width);
  bar = bars[x * G_N_ELEMENTS (bars) / self->width];
  /* The lower half fades, so that lines that change places show. */
  return y < self->height / 2 ? bar : fade (bar, 384 - 256 * y / self->height);
}

/**
 * practice_picture_get_areas:
 * @areas: (out caller-allocates): what is different from the picture with the number before
 */
void
practice_picture_get_areas (const PracticePicture *self, PracticeArea areas[PRACTICE_AREAS])
{
  PracticePicture before = *self;

  before.number--;
  areas[0] = block (&before);
  areas[1] = block (self);
  areas[2] = (PracticeArea) { 0, 0, MIN (32 * SQUARE, self->width), MIN (SQUARE, self->height) };
}

/**
 * practice_picture_get_bytes:
 *
 * Returns: how many bytes a pixel has
 */
guint
practice_picture_get_bytes (guint32 format)
{
  return format == PRACTICE_RGBA16F ? 8 : format >= PRACTICE_BGR24 ? 3 : 4;
}

/* A number from 0 to 255 as the half precision number that is it divided by 255, rounded
 * towards 0. */
static guint16
half (guint32 value)
{
  float f = value / 255.0f;
  guint32 bits;

  if (value == 0)
    return 0;
  memcpy (&bits, &f, sizeof bits);
  return (((bits >> 23) - 127 + 15) << 10) | ((bits >> 13) & 0x3ff);
}

static void
draw_pixel (guint32 colour, guint32 format, guint8 *to)
{
  guint32 red = colour >> 16, green = (colour >> 8) & 255, blue = colour & 255;
  guint32 word;
  guint16 halves[4];

  switch (format)
    {
    case PRACTICE_RGBA10:
      /* Eight bits spread over ten. */
      word = (red << 2 | red >> 6) | (green << 2 | green >> 6) << 10 |
             (blue << 2 | blue >> 6) << 20 | 3u << 30;
      memcpy (to, &word, sizeof word);
      return;
    case PRACTICE_RGBA16F:
      halves[0] = half (red);
      halves[1] = half (green);
      halves[2] = half (blue);
      halves[3] = 0x3c00; /* 1 */
      memcpy (to, halves, sizeof halves);
      return;
    case PRACTICE_BGRA:
    case PRACTICE_RGBA:
      to[3] = 255;
      break;
    default:
      break;
    }
  to[1] = green;
  to[0] = format == PRACTICE_BGRA || format == PRACTICE_BGR24 ? blue : red;
  to[2] = format == PRACTICE_BGRA || format == PRACTICE_BGR24 ? red : blue;
}

/**
 * practice_picture_draw:
 * @pixels: the whole picture's pixels
 *
 * Draws the part of the picture that is in @area.
 */
void
practice_picture_draw (const PracticePicture *self,
                       const PracticeArea *area,
                       guint32 format,
                       guint8 *pixels,
                       gsize pitch)
{
  guint bytes = practice_picture_get_bytes (format);

  for (guint32 y = area->y; y < area->y + area->height; y++)
    for (guint32 x = area->x; x < area->x + area->width; x++)
      draw_pixel (practice_picture_get_colour (self, x, y), format,
                  pixels + y * pitch + (gsize) x * bytes);
}
