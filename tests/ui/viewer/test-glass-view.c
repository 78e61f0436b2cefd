/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the widget draws, pixel by pixel, and where it says that the person points. */
#include "ui/viewer/fatia-glass-view.h"

#include <string.h>

#include "fatia-practice-picture.h"
#include "ui/viewer/fatia-frame-fit.h"

#define WIDTH  160
#define HEIGHT 96

/* A source that shows what the test hands it. */
#define TEST_TYPE_SOURCE (test_source_get_type ())
G_DECLARE_FINAL_TYPE (TestSource, test_source, TEST, SOURCE, GObject)

struct _TestSource
{
  GObject parent_instance;
  gboolean can_point;
};

static FatiaSourceState
test_source_get_state (FatiaFrameSource *source, const char **message)
{
  return FATIA_SOURCE_RUNNING;
}

static gboolean
test_source_can_point (FatiaFrameSource *source)
{
  return TEST_SOURCE (source)->can_point;
}

static void
test_source_interface_init (FatiaFrameSourceInterface *iface)
{
  iface->get_state = test_source_get_state;
  iface->can_point = test_source_can_point;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestSource,
                               test_source,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FATIA_TYPE_FRAME_SOURCE,
                                                      test_source_interface_init))

static void
test_source_class_init (TestSourceClass *klass)
{
}

static void
test_source_init (TestSource *self)
{
}

typedef struct
{
  GtkWidget *window;
  FatiaGlassView *view;
  FatiaFrameSource *source;
  guchar *drawn; /* as it was drawn last, R8G8B8A8 */
  int width, height;
} Fixture;

static void
iterate_until_drawn (Fixture *self, guint64 n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (fatia_glass_view_get_frames_shown (self->view) < n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
    }
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->source = g_object_new (TEST_TYPE_SOURCE, NULL);
  self->view = FATIA_GLASS_VIEW (fatia_glass_view_new ());
  self->window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (self->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (self->window), WIDTH, HEIGHT);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->view));
  fatia_glass_view_set_source (self->view, self->source);
  gtk_window_present (GTK_WINDOW (self->window));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (self->source);
  g_free (self->drawn);
}

static FatiaFrame *
make_frame (const PracticePicture *picture, guint32 format)
{
  const PracticeArea all = { 0, 0, picture->width, picture->height };
  FatiaFrame *frame = g_atomic_rc_box_new0 (FatiaFrame);
  guint8 *pixels;

  frame->width = picture->width;
  frame->height = picture->height;
  frame->pitch = picture->width * practice_picture_get_bytes (format) + 64;
  frame->format = format - 1;
  frame->serial = picture->number;
  pixels = g_malloc0 ((gsize) frame->pitch * frame->height);
  practice_picture_draw (picture, &all, format, pixels, frame->pitch);
  frame->pixels = g_bytes_new_take (pixels, (gsize) frame->pitch * frame->height);
  return frame;
}

/* (transfer full) @frame */
static void
show (Fixture *self, FatiaFrame *frame)
{
  guint64 n = fatia_glass_view_get_frames_shown (self->view);

  fatia_frame_source_emit_frame (self->source, frame);
  fatia_frame_unref (frame);
  iterate_until_drawn (self, n + 1);
}

/* (transfer full) (nullable) */
static GskRenderNode *
get_node (Fixture *self)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (self->view));
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  self->width = gtk_widget_get_width (GTK_WIDGET (self->view));
  self->height = gtk_widget_get_height (GTK_WIDGET (self->view));
  gdk_paintable_snapshot (paintable, snapshot, self->width, self->height);
  return gtk_snapshot_free_to_node (snapshot);
}

/* Draws the widget into memory, as it is now. */
static void
draw (Fixture *self)
{
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GdkTextureDownloader) downloader = NULL;
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (self->window));
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  /* There is none as long as something is to be drawn anew. */
  while ((node = get_node (self)) == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
    }
  texture = gsk_renderer_render_texture (renderer, node,
                                         &GRAPHENE_RECT_INIT (0, 0, self->width, self->height));
  downloader = gdk_texture_downloader_new (texture);
  gdk_texture_downloader_set_format (downloader, GDK_MEMORY_R8G8B8A8);
  g_free (self->drawn);
  self->drawn = g_malloc ((gsize) self->width * self->height * 4);
  gdk_texture_downloader_download_into (downloader, self->drawn, (gsize) self->width * 4);
}

static guint32
drawn_at (Fixture *self, int x, int y)
{
  const guchar *p = self->drawn + ((gsize) y * self->width + x) * 4;

  return p[0] << 16 | p[1] << 8 | p[2];
}

static gboolean
is_near (guint32 a, guint32 b)
{
  for (guint shift = 0; shift < 24; shift += 8)
    if (ABS ((int) (a >> shift & 255) - (int) (b >> shift & 255)) > 1)
      return FALSE;
  return TRUE;
}

static void
assert_drawn (Fixture *self, const PracticePicture *picture)
{
  draw (self);
  g_assert_cmpint (self->width, ==, picture->width);
  g_assert_cmpint (self->height, ==, picture->height);
  for (guint32 y = 0; y < picture->height; y++)
    for (guint32 x = 0; x < picture->width; x++)
      if (!is_near (drawn_at (self, x, y), practice_picture_get_colour (picture, x, y)))
        g_error ("%u,%u is %06x instead of %06x", x, y, drawn_at (self, x, y),
                 practice_picture_get_colour (picture, x, y));
}

static void
test_formats (Fixture *self, gconstpointer data)
{
  const guint32 formats[] = { PRACTICE_BGRA, PRACTICE_RGBA, PRACTICE_RGBA10, PRACTICE_BGR24,
                              PRACTICE_RGB24 };
  PracticePicture picture = { WIDTH, HEIGHT, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++, picture.number++)
    {
      show (self, make_frame (&picture, formats[i]));
      assert_drawn (self, &picture);
    }
}

/* Alpha 0 everywhere is what some games leave behind: it must not show. */
static void
test_alpha (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { WIDTH, HEIGHT, 1 };
  FatiaFrame *frame = make_frame (&picture, PRACTICE_BGRA);
  guint8 *pixels = (guint8 *) g_bytes_get_data (frame->pixels, NULL);

  for (gsize i = 3; i < g_bytes_get_size (frame->pixels); i += 4)
    pixels[i] = 0;
  show (self, frame);
  assert_drawn (self, &picture);
}

/* Half floats are linear light: half as much is 188 of 255. */
static void
test_floats (Fixture *self, gconstpointer data)
{
  const guint16 half[4] = { 0x3800, 0x3c00, 0, 0x3c00 };
  FatiaFrame *frame = make_frame (&(PracticePicture) { WIDTH, HEIGHT, 1 }, PRACTICE_RGBA16F);
  guint8 *pixels = (guint8 *) g_bytes_get_data (frame->pixels, NULL);

  for (gsize i = 0; i < g_bytes_get_size (frame->pixels); i += sizeof half)
    memcpy (pixels + i, half, sizeof half);
  show (self, frame);
  draw (self);
  g_assert_true (is_near (drawn_at (self, 50, 50), 0xbcff00));
}

/* Only what the damage names may change; frames that were never drawn are joined. */
static void
test_damage (Fixture *self, gconstpointer data)
{
  PracticePicture picture = { WIDTH, HEIGHT, 1 };

  show (self, make_frame (&picture, PRACTICE_BGRA));
  for (guint i = 0; i < 30; i++)
    {
      for (guint k = 0; k <= i % 3; k++)
        {
          FatiaFrame *frame;

          picture.number++;
          frame = make_frame (&picture, PRACTICE_BGRA);
          frame->n_damage = PRACTICE_AREAS;
          frame->damage = g_new (FatiaRectangle, PRACTICE_AREAS);
          practice_picture_get_areas (&picture, (PracticeArea *) frame->damage);
          if (k == i % 3)
            show (self, frame);
          else
            {
              fatia_frame_source_emit_frame (self->source, frame);
              fatia_frame_unref (frame);
            }
        }
      assert_drawn (self, &picture);
    }
}

/* Where the frame's pixel x,y is in the picture turned clockwise. */
static void
turn (guint rotation, guint32 x, guint32 y, guint32 *to_x, guint32 *to_y)
{
  *to_x = rotation == 0 ? x : rotation == 90 ? HEIGHT - 1 - y : rotation == 180 ? WIDTH - 1 - x : y;
  *to_y = rotation == 0 ? y : rotation == 90 ? x : rotation == 180 ? HEIGHT - 1 - y : WIDTH - 1 - x;
}

/* The picture is turned, fits the height, lies in the middle, with black around it; and the
 * place of each pixel is that pixel's when one points at it. */
static void
test_rotation (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { WIDTH, HEIGHT, 1 };

  for (guint rotation = 0; rotation < 360; rotation += 90)
    {
      FatiaFrame *frame = make_frame (&picture, PRACTICE_BGRA);
      FatiaFrameFit fit;
      guint width, height;

      frame->rotation = rotation;
      show (self, frame);
      g_object_get (self->view, "frame-width", &width, "frame-height", &height, NULL);
      g_assert_cmpuint (width, ==, rotation % 180 ? HEIGHT : WIDTH);
      g_assert_cmpuint (height, ==, rotation % 180 ? WIDTH : HEIGHT);
      draw (self);
      fatia_frame_fit_init (&fit, WIDTH, HEIGHT, rotation, self->width, self->height, 1);
      for (guint32 y = 4; y < HEIGHT; y += 9)
        for (guint32 x = 4; x < WIDTH; x += 9)
          {
            guint32 to_x, to_y;
            int back_x, back_y;
            double at_x, at_y;

            turn (rotation, x, y, &to_x, &to_y);
            at_x = fit.x + (to_x + 0.5) * fit.scale;
            at_y = fit.y + (to_y + 0.5) * fit.scale;
            fatia_frame_fit_to_frame (&fit, at_x, at_y, &back_x, &back_y);
            g_assert_cmpint (back_x, ==, x);
            g_assert_cmpint (back_y, ==, y);
            /* Within the bars, where a shrunk picture has their colours. */
            if (y > 20 && y < HEIGHT / 2 - 2 && x % 20 > 2 && x % 20 < 18)
              g_assert_true (is_near (drawn_at (self, at_x, at_y),
                                      practice_picture_get_colour (&picture, x, y)));
          }
      if (rotation % 180 != 0)
        {
          g_assert_cmphex (drawn_at (self, 2, self->height / 2), ==, 0);
          g_assert_cmphex (drawn_at (self, self->width - 3, self->height / 2), ==, 0);
        }
    }
}

static void
test_fit (void)
{
  FatiaFrameFit fit;
  int x, y;

  /* Exactly as large, also on a screen of finer pixels. */
  fatia_frame_fit_init (&fit, 1920, 1080, 0, 960, 540, 2);
  g_assert_true (fit.crisp);
  g_assert_cmpfloat (fit.scale, ==, 0.5);
  g_assert_cmpfloat (fit.x, ==, 0);
  /* A little room around it: not blurred for that. */
  fatia_frame_fit_init (&fit, 1920, 1080, 0, 1930, 1090, 1);
  g_assert_true (fit.crisp);
  g_assert_cmpfloat (fit.x, ==, 5);
  g_assert_cmpfloat (fit.y, ==, 5);
  /* Wider than the picture. */
  fatia_frame_fit_init (&fit, 400, 300, 0, 1000, 450, 1);
  g_assert_false (fit.crisp);
  g_assert_cmpfloat (fit.width, ==, 600);
  g_assert_cmpfloat (fit.x, ==, 200);
  /* Beside the picture one points at its edge. */
  fatia_frame_fit_to_frame (&fit, 3, 500, &x, &y);
  g_assert_cmpint (x, ==, 0);
  g_assert_cmpint (y, ==, 299);
  fatia_frame_fit_to_frame (&fit, 999, -5, &x, &y);
  g_assert_cmpint (x, ==, 399);
  g_assert_cmpint (y, ==, 0);
}

static void
show_cursor (Fixture *self, gboolean visible, int x, int y)
{
  static const guint8 rgba[] = { 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255 };
  static const guint8 invert[] = { 0, 255, 0, 0 };
  FatiaCursor *cursor = g_atomic_rc_box_new0 (FatiaCursor);

  cursor->visible = visible;
  cursor->x = x;
  cursor->y = y;
  cursor->width = cursor->height = 2;
  cursor->shape_serial = 1;
  cursor->rgba = g_bytes_new_static (rgba, sizeof rgba);
  cursor->invert = g_bytes_new_static (invert, sizeof invert);
  fatia_frame_source_emit_cursor (self->source, cursor);
  fatia_cursor_unref (cursor);
}

static void
test_cursor (Fixture *self, gconstpointer data)
{
  const PracticePicture picture = { WIDTH, HEIGHT, 1 };
  guint32 below;

  show (self, make_frame (&picture, PRACTICE_BGRA));
  show_cursor (self, TRUE, 30, 40);
  draw (self);
  below = practice_picture_get_colour (&picture, 31, 40);
  g_assert_cmphex (drawn_at (self, 30, 40), ==, 0xff0000);
  g_assert_true (is_near (drawn_at (self, 31, 40), 0xffffff ^ below));
  g_assert_true (is_near (drawn_at (self, 30, 41), below));
  g_assert_cmphex (drawn_at (self, 31, 41), ==, 0x00ff00);
  g_assert_true (is_near (drawn_at (self, 32, 40), below));
  show_cursor (self, FALSE, 30, 40);
  assert_drawn (self, &picture);
}

/* Where the guest follows, its own pointer is enough. */
static void
test_local_cursor (Fixture *self, gconstpointer data)
{
  GdkCursor *cursor;

  show (self, make_frame (&(PracticePicture) { WIDTH, HEIGHT, 1 }, PRACTICE_BGRA));
  show_cursor (self, TRUE, 0, 0);
  g_assert_null (gtk_widget_get_cursor (GTK_WIDGET (self->view)));
  TEST_SOURCE (self->source)->can_point = TRUE;
  fatia_frame_source_emit_state_changed (self->source);
  cursor = gtk_widget_get_cursor (GTK_WIDGET (self->view));
  g_assert_nonnull (cursor);
  g_assert_cmpstr (gdk_cursor_get_name (cursor), ==, "none");
}

/* Another source, or none: nothing of the one before is left. */
static void
test_source (Fixture *self, gconstpointer data)
{
  guint width;

  show (self, make_frame (&(PracticePicture) { WIDTH, HEIGHT, 1 }, PRACTICE_BGRA));
  g_assert_true (fatia_glass_view_get_source (self->view) == self->source);
  fatia_glass_view_set_source (self->view, NULL);
  g_object_get (self->view, "frame-width", &width, NULL);
  g_assert_cmpuint (width, ==, 0);
  draw (self);
  for (int i = 0; i < self->width; i++)
    g_assert_cmphex (drawn_at (self, i, 1), ==, 0);
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Screen of the virtual machine");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/view/fit", test_fit);
  ADD ("/view/formats", test_formats);
  ADD ("/view/alpha", test_alpha);
  ADD ("/view/floats", test_floats);
  ADD ("/view/damage", test_damage);
  ADD ("/view/rotation", test_rotation);
  ADD ("/view/cursor", test_cursor);
  ADD ("/view/local-cursor", test_local_cursor);
  ADD ("/view/source", test_source);
  return g_test_run ();
}
