/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/viewer/fatia-frame-texture.h"

/* By FatiaPixels. The guest's alpha means nothing: where GDK has a format that skips it, that is
 * taken; with half floats it is, the picture being drawn on black, as good as skipped. */
static const GdkMemoryFormat memory_formats[] = {
  [FATIA_PIXELS_BGRA] = GDK_MEMORY_B8G8R8X8,
  [FATIA_PIXELS_RGBA] = GDK_MEMORY_R8G8B8X8,
  [FATIA_PIXELS_RGBA10] = GDK_MEMORY_R16G16B16, /* converted: GDK has no format of ten bits */
  [FATIA_PIXELS_RGBA16F] = GDK_MEMORY_R16G16B16A16_FLOAT_PREMULTIPLIED,
  [FATIA_PIXELS_BGR24] = GDK_MEMORY_B8G8R8,
  [FATIA_PIXELS_RGB24] = GDK_MEMORY_R8G8B8,
};

/* Ten bits of a colour, spread over sixteen. */
static guint16
spread (guint32 ten)
{
  ten &= 1023;
  return ten << 6 | ten >> 4;
}

static GBytes *
convert_rgba10 (FatiaFrame *frame)
{
  const guint8 *from = g_bytes_get_data (frame->pixels, NULL);
  gsize size = (gsize) frame->width * frame->height * 6;
  guint16 *pixels = g_malloc (size);
  guint16 *to = pixels;

  for (guint32 y = 0; y < frame->height; y++)
    {
      const guint32 *line = (const guint32 *) (from + (gsize) y * frame->pitch);

      for (guint32 x = 0; x < frame->width; x++)
        {
          *to++ = spread (line[x]);
          *to++ = spread (line[x] >> 10);
          *to++ = spread (line[x] >> 20);
        }
    }
  return g_bytes_new_take (pixels, size);
}

/* Windows gives half floats as scRGB, whose light is linear, and ten bits, with HDR, as PQ. */
static GdkColorState *
get_color_state (FatiaFrame *frame)
{
  if (frame->format == FATIA_PIXELS_RGBA16F)
    return gdk_color_state_get_srgb_linear ();
  if (frame->format == FATIA_PIXELS_RGBA10 && frame->hdr)
    return gdk_color_state_get_rec2100_pq ();
  return gdk_color_state_get_srgb ();
}

/**
 * fatia_frame_make_texture:
 * @before: (nullable): the texture shown before
 * @changed: (nullable): in which pixels @frame differs from it; %NULL: everywhere
 *
 * The texture keeps the frame's pixels, without a copy. Of a texture that differs little from
 * the one before GTK uploads little.
 *
 * Returns: (transfer full): @frame as a texture, not rotated
 */
GdkTexture *
fatia_frame_make_texture (FatiaFrame *frame, GdkTexture *before, cairo_region_t *changed)
{
  g_autoptr (GdkMemoryTextureBuilder) builder = gdk_memory_texture_builder_new ();
  gboolean converted = frame->format == FATIA_PIXELS_RGBA10;
  g_autoptr (GBytes) bytes = converted ? convert_rgba10 (frame) : g_bytes_ref (frame->pixels);

  gdk_memory_texture_builder_set_bytes (builder, bytes);
  gdk_memory_texture_builder_set_stride (builder,
                                         converted ? (gsize) frame->width * 6 : frame->pitch);
  gdk_memory_texture_builder_set_width (builder, frame->width);
  gdk_memory_texture_builder_set_height (builder, frame->height);
  gdk_memory_texture_builder_set_format (builder, memory_formats[frame->format]);
  gdk_memory_texture_builder_set_color_state (builder, get_color_state (frame));
  if (before && changed && gdk_texture_get_width (before) == (int) frame->width &&
      gdk_texture_get_height (before) == (int) frame->height)
    {
      gdk_memory_texture_builder_set_update_texture (builder, before);
      gdk_memory_texture_builder_set_update_region (builder, changed);
    }
  return gdk_memory_texture_builder_build (builder);
}

/**
 * fatia_cursor_make_texture:
 *
 * Returns: (transfer full) (nullable): the pointer's colours
 */
GdkTexture *
fatia_cursor_make_texture (FatiaCursor *cursor)
{
  if (cursor->rgba == NULL)
    return NULL;
  return gdk_memory_texture_new (cursor->width, cursor->height, GDK_MEMORY_R8G8B8A8, cursor->rgba,
                                 (gsize) cursor->width * 4);
}

/**
 * fatia_cursor_make_invert_texture:
 *
 * Returns: (transfer full) (nullable): white where the pointer inverts the screen
 */
GdkTexture *
fatia_cursor_make_invert_texture (FatiaCursor *cursor)
{
  gsize n;
  const guint8 *invert = cursor->invert ? g_bytes_get_data (cursor->invert, &n) : NULL;
  g_autoptr (GBytes) bytes = NULL;
  guint32 *white;

  if (invert == NULL)
    return NULL;
  white = g_new (guint32, n);
  for (gsize i = 0; i < n; i++)
    white[i] = invert[i] ? 0xffffffff : 0;
  bytes = g_bytes_new_take (white, n * 4);
  return gdk_memory_texture_new (cursor->width, cursor->height, GDK_MEMORY_R8G8B8A8_PREMULTIPLIED,
                                 bytes, (gsize) cursor->width * 4);
}
