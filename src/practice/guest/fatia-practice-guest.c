/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plays the Looking Glass host (B7: LGMP 6, KVMFR 20) of a guest with a moving picture, and moves
 * its pointer to where it is asked to. */
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "fatia-practice-host.h"
#include "fatia-practice-picture.h"

#define TICK_MS 4
#define BUFFERS 3
#define OBEY_US (3 * G_USEC_PER_SEC) /* how long the pointer stays where it was put */

typedef struct
{
  PracticeHost *host;
  PracticePicture picture;
  guint32 pitch;
  guint fps;
  gint64 next_frame_at;
  guint n_drawn; /* how many frames: each buffer is drawn whole at first */
  PracticeArea areas[BUFFERS][PRACTICE_AREAS]; /* of the last frames */
  guint8 shape[32 * 32 * 4];
  PracticePointer pointer;
  gboolean shape_wanted;
  gint64 obey_until;
} Guest;

/* An arrow: white with a black edge, BGRA. */
static void
draw_arrow (guint8 *shape)
{
  for (int y = 0; y < 24; y++)
    for (int x = 0; x <= y * 2 / 3; x++)
      {
        guint8 *pixel = shape + (y * 32 + x) * 4;
        guint8 grey = x == 0 || x == y * 2 / 3 || y == 23 ? 0 : 255;

        pixel[0] = pixel[1] = pixel[2] = grey;
        pixel[3] = 255;
      }
}

/* A buffer was last drawn three frames ago: what changed since is drawn into it. */
static void
draw (Guest *self, guint8 *pixels)
{
  const PracticeArea all = { 0, 0, self->picture.width, self->picture.height };

  if (self->n_drawn < BUFFERS)
    practice_picture_draw (&self->picture, &all, PRACTICE_BGRA, pixels, self->pitch);
  for (guint i = 0; i < BUFFERS * PRACTICE_AREAS && self->n_drawn >= BUFFERS; i++)
    practice_picture_draw (&self->picture, &self->areas[i / PRACTICE_AREAS][i % PRACTICE_AREAS],
                           PRACTICE_BGRA, pixels, self->pitch);
  practice_host_set_written (self->host, self->pitch * self->picture.height);
}

static void
send_frame (Guest *self)
{
  PracticeArea *areas = self->areas[(self->n_drawn + 1) % BUFFERS];
  PracticeFrame frame = { .format = PRACTICE_BGRA,
                          .width = self->picture.width,
                          .height = self->picture.height,
                          .pitch = self->pitch,
                          .n_areas = self->n_drawn > 0 ? PRACTICE_AREAS : 0,
                          .areas = areas };
  guint8 *pixels;

  if (!practice_host_can_send_frame (self->host))
    return;
  self->picture.number++;
  practice_picture_get_areas (&self->picture, areas);
  frame.serial = self->picture.number;
  pixels = practice_host_send_frame (self->host, &frame);
  if (pixels == NULL)
    return;
  draw (self, pixels);
  self->n_drawn++;
}

static void
move_pointer (Guest *self, gint64 now)
{
  double turn = now % (8 * G_USEC_PER_SEC) * 2 * G_PI / (8 * G_USEC_PER_SEC);
  int x, y;

  if (practice_host_get_wanted_position (self->host, &x, &y))
    self->obey_until = now + OBEY_US;
  else if (now < self->obey_until)
    return;
  else
    {
      x = self->picture.width * (0.5 + 0.4 * cos (turn));
      y = self->picture.height * (0.5 + 0.4 * sin (turn));
    }
  self->pointer.x = CLAMP (x, 0, (int) self->picture.width - 1);
  self->pointer.y = CLAMP (y, 0, (int) self->picture.height - 1);
}

static void
send_pointer (Guest *self, gint64 now)
{
  PracticePointer before = self->pointer;
  guint32 what = PRACTICE_POSITION | PRACTICE_VISIBLE;

  move_pointer (self, now);
  self->shape_wanted |= practice_host_wants_pointer (self->host);
  if (self->shape_wanted)
    what |= PRACTICE_SHAPE;
  else if (before.x == self->pointer.x && before.y == self->pointer.y)
    return;
  if (practice_host_send_pointer (self->host, what, &self->pointer))
    self->shape_wanted = FALSE;
}

static gboolean
tick (gpointer data)
{
  Guest *self = data;
  gint64 now = g_get_monotonic_time ();

  practice_host_tick (self->host);
  send_pointer (self, now);
  if (practice_host_wants_frame (self->host))
    {
      /* Whoever is new has no picture this one could be told relative to. */
      self->n_drawn = 0;
      self->next_frame_at = now;
    }
  if (practice_host_has_viewer (self->host) && now >= self->next_frame_at)
    {
      send_frame (self);
      self->next_frame_at = MAX (self->next_frame_at + G_USEC_PER_SEC / self->fps, now - 20000);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
parse_size (const char *text, PracticePicture *picture)
{
  char rest;

  return text == NULL || (sscanf (text, "%ux%u%c", &picture->width, &picture->height, &rest) == 2 &&
                          picture->width >= 160 && picture->width <= 7680 &&
                          picture->height >= 120 && picture->height <= 4320);
}

int
main (int argc, char **argv)
{
  g_autofree char *size = NULL;
  g_auto (GStrv) files = NULL;
  int fps = 60;
  const GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_STRING, &size, N_ ("The screen's size (1280x720)"), "WxH" },
    { "fps", 0, 0, G_OPTION_ARG_INT, &fps, N_ ("Pictures a second (60)"), "N" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, NULL, N_ ("FILE") },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Guest guest = { .picture = { 1280, 720, 0 },
                  .pointer = { .type = PRACTICE_COLOUR, .width = 32, .height = 32, .pitch = 128 } };

  setlocale (LC_ALL, "");
  g_option_context_set_summary (context, _ ("Plays a guest's Looking Glass host in FILE."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 64;
    }
  if (files == NULL || files[1] != NULL || !parse_size (size, &guest.picture) || fps < 1 ||
      fps > 240)
    {
      g_printerr (_ ("One FILE is needed, a size from 160x120 to 7680x4320 and 1 to 240 fps.\n"));
      return 64;
    }
  guest.fps = fps;
  guest.pitch = (guest.picture.width * 4 + 255) / 256 * 256;
  guest.pointer.shape = guest.shape;
  draw_arrow (guest.shape);
  guest.host = practice_host_open (
    files[0], 6, 20, practice_host_measure (guest.picture.width, guest.picture.height, 4), &error);
  if (guest.host == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_timeout_add (TICK_MS, tick, &guest);
  g_unix_signal_add (SIGTERM, quit, loop);
  g_unix_signal_add (SIGINT, quit, loop);
  g_main_loop_run (loop);
  practice_host_close (guest.host);
  return 0;
}
