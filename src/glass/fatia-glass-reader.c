/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-reader.h"

#include <glib/gi18n-lib.h>

#include "glass/fatia-glass-session.h"

#define MS G_TIME_SPAN_MILLISECOND

/* Within this time a host's clock must move (B6, B7: every 10 ms; newer ones: 250 ms). */
#define JOIN_PATIENCE (500 * MS)
#define JOIN_PAUSE    (5 * MS)
#define FILE_PAUSE    (250 * MS)
#define HOST_PAUSE    (100 * MS)

struct _FatiaGlassReader
{
  char *path;
  GSource *wake;
  GThread *thread;

  GMutex mutex; /* for what follows */
  GCond cond;
  gboolean stopping;
  gboolean hurried; /* there is something to do before the pause is over */
  FatiaGlassNews news;
  gboolean point_wanted;
  int point_x, point_y;

  /* Of the thread alone */
  gboolean ever_ran;
  gint64 file_checked_at;
};

/* Sleeps until the time is over or there is something to do; FALSE: the reader is to stop. */
static gboolean
pause_for (FatiaGlassReader *self, gint64 duration)
{
  gint64 end = g_get_monotonic_time () + duration;
  gboolean go_on;

  g_mutex_lock (&self->mutex);
  while (!self->stopping && !self->hurried && g_cond_wait_until (&self->cond, &self->mutex, end))
    ;
  self->hurried = FALSE;
  go_on = !self->stopping;
  g_mutex_unlock (&self->mutex);
  return go_on;
}

/* @message: (transfer full) (nullable) */
static void
report (FatiaGlassReader *self, FatiaSourceState state, char *message, gboolean can_point)
{
  gboolean changed;

  g_mutex_lock (&self->mutex);
  changed = self->news.state != state || self->news.can_point != can_point ||
            g_strcmp0 (self->news.message, message) != 0;
  self->news.state = state;
  self->news.can_point = can_point;
  g_free (self->news.message);
  self->news.message = message;
  /* A position for a host that is gone must not hurry us. */
  self->point_wanted &= can_point;
  g_mutex_unlock (&self->mutex);
  if (changed)
    g_source_set_ready_time (self->wake, 0);
}

static void
report_absence (FatiaGlassReader *self)
{
  if (self->ever_ran)
    report (self, FATIA_SOURCE_SILENT,
            g_strdup (_ ("Looking Glass in Windows stopped answering. The picture returns by "
                         "itself when Windows or its Looking Glass host is back.")),
            FALSE);
  else
    report (self, FATIA_SOURCE_WAITING,
            g_strdup (_ ("Waiting for the Looking Glass host in Windows.")), FALSE);
}

/* The frame nobody fetched yet is left out: the new one tells what changed since before it. */
static void
merge_frames (const FatiaFrame *old, FatiaFrame *frame)
{
  FatiaDamage damage = { 0 };

  if (old->n_damage > 0 && frame->n_damage > 0)
    {
      for (guint i = 0; i < old->n_damage; i++)
        fatia_damage_add (&damage, &old->damage[i]);
      for (guint i = 0; i < frame->n_damage; i++)
        fatia_damage_add (&damage, &frame->damage[i]);
    }
  g_free ((gpointer) frame->damage);
  frame->n_damage = damage.n;
  frame->damage = g_memdup2 (damage.rectangles, damage.n * sizeof (FatiaRectangle));
}

/* @frame, @cursor: (transfer full) (nullable) */
static void
publish (FatiaGlassReader *self, FatiaFrame *frame, FatiaCursor *cursor)
{
  if (frame == NULL && cursor == NULL)
    return;
  g_mutex_lock (&self->mutex);
  if (frame)
    {
      if (self->news.frame)
        merge_frames (self->news.frame, frame);
      g_clear_pointer (&self->news.frame, fatia_frame_unref);
      self->news.frame = frame;
    }
  if (cursor)
    {
      g_clear_pointer (&self->news.cursor, fatia_cursor_unref);
      self->news.cursor = cursor;
    }
  g_mutex_unlock (&self->mutex);
  g_source_set_ready_time (self->wake, 0);
}

/* Sends the position that is wanted. Where the guest's ring is full it waits for the next poll,
 * unless there is a newer one by then. */
static void
forward_point (FatiaGlassReader *self, FatiaGlassSession *session)
{
  gboolean wanted;
  int x, y;

  g_mutex_lock (&self->mutex);
  wanted = self->point_wanted;
  x = self->point_x;
  y = self->point_y;
  g_mutex_unlock (&self->mutex);
  if (!wanted || !fatia_glass_session_point (session, x, y))
    return;
  g_mutex_lock (&self->mutex);
  if (self->point_x == x && self->point_y == y)
    self->point_wanted = FALSE;
  g_mutex_unlock (&self->mutex);
}

static void
report_running (FatiaGlassReader *self, FatiaGlassSession *session)
{
  guint64 missing = fatia_glass_session_get_missing (session);
  char *message = NULL;

  if (missing > 0)
    message = g_strdup_printf (
      _ ("The shared memory is too small for the guest's screen, so its lower part is missing. "
         "Give the virtual machine %lu MiB of Looking Glass memory."),
      (gulong) (missing / (1024 * 1024)));
  report (self, FATIA_SOURCE_RUNNING, message, fatia_glass_session_can_point (session));
}

/* Looks now and then whether the file is still the one that is mapped. */
static gboolean
check_file (FatiaGlassReader *self, FatiaGlassMemory *memory)
{
  gint64 now = g_get_monotonic_time ();

  if (fatia_glass_memory_is_lost (memory))
    return FALSE;
  if (now - self->file_checked_at < FILE_PAUSE)
    return TRUE;
  self->file_checked_at = now;
  return fatia_glass_memory_is_current (memory);
}

/* Shows a host's screen until the host, the memory or the reader ends. */
static void
run_session (FatiaGlassReader *self,
             FatiaGlassMemory *memory,
             const FatiaLgmpLayout *layout,
             const FatiaKvmfrHost *host)
{
  g_autoptr (FatiaGlassSession) session = fatia_glass_session_new (memory, layout, host);
  FatiaFrame *frame;
  FatiaCursor *cursor;

  self->ever_ran = TRUE;
  do
    {
      forward_point (self, session);
      fatia_glass_session_poll (session, &frame, &cursor);
      publish (self, frame, cursor);
      report_running (self, session);
    }
  while (pause_for (self, fatia_glass_session_get_pause (session)) && check_file (self, memory) &&
         fatia_glass_session_is_alive (session));
}

/* Whether the host's clock moves; a dead host's memory looks like a living one's. */
static gboolean
wait_for_clock (FatiaGlassReader *self, FatiaGlassMemory *memory, const FatiaLgmpLayout *layout)
{
  guint64 timestamp = fatia_glass_memory_load64 (memory, layout->timestamp);
  gint64 end = g_get_monotonic_time () + JOIN_PATIENCE;

  while (g_get_monotonic_time () < end && pause_for (self, JOIN_PAUSE))
    if (fatia_glass_memory_load64 (memory, layout->timestamp) != timestamp)
      return TRUE;
  return FALSE;
}

/* Joins the host in the guest, if there is one, and stays with it. */
static void
meet_host (FatiaGlassReader *self, FatiaGlassMemory *memory)
{
  const FatiaLgmpLayout *layout = NULL;
  guint32 version = 0;
  FatiaLgmpFound found = fatia_lgmp_find (memory, &layout, &version);
  g_autoptr (GBytes) user_data = NULL;
  FatiaKvmfrHost host;

  if (found == FATIA_LGMP_UNKNOWN)
    report (self, FATIA_SOURCE_INCOMPATIBLE, fatia_kvmfr_explain (memory, version, NULL), FALSE);
  if (found != FATIA_LGMP_FOUND || !wait_for_clock (self, memory, layout))
    {
      if (found != FATIA_LGMP_UNKNOWN)
        report_absence (self);
      return;
    }
  user_data = fatia_lgmp_read_user_data (memory, layout);
  if (!fatia_kvmfr_read_host (user_data, &host))
    report_absence (self);
  else if (host.layout == NULL)
    report (self, FATIA_SOURCE_INCOMPATIBLE, fatia_kvmfr_explain (memory, version, &host), FALSE);
  else
    run_session (self, memory, layout, &host);
}

static gpointer
run (gpointer data)
{
  FatiaGlassReader *self = data;

  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FatiaGlassMemory) memory = fatia_glass_memory_open (self->path, &error);

      self->file_checked_at = g_get_monotonic_time ();
      if (memory == NULL)
        report (self, FATIA_SOURCE_FAILED, g_strdup (error->message), FALSE);
      while (memory && check_file (self, memory))
        {
          meet_host (self, memory);
          if (!pause_for (self, HOST_PAUSE))
            break;
        }
    }
  while (pause_for (self, FILE_PAUSE));
  return NULL;
}

/**
 * fatia_glass_reader_start:
 * @path: the memory's file
 * @wake: a source that is made ready, from the reader's thread, when there is news
 *
 * Returns: (transfer full): the running reader
 */
FatiaGlassReader *
fatia_glass_reader_start (const char *path, GSource *wake)
{
  FatiaGlassReader *self = g_new0 (FatiaGlassReader, 1);

  self->path = g_strdup (path);
  self->wake = g_source_ref (wake);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->thread = g_thread_new ("looking-glass", run, self);
  return self;
}

/**
 * fatia_glass_reader_stop:
 * @self: (transfer full): the reader
 *
 * Ends the thread and waits for that, which takes milliseconds at most.
 */
void
fatia_glass_reader_stop (FatiaGlassReader *self)
{
  g_mutex_lock (&self->mutex);
  self->stopping = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  fatia_glass_news_clear (&self->news);
  g_source_unref (self->wake);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->path);
  g_free (self);
}

/**
 * fatia_glass_reader_take_news:
 * @news: (out caller-allocates): the state as it is now, and the frame and cursor that came
 *   since the last call
 */
void
fatia_glass_reader_take_news (FatiaGlassReader *self, FatiaGlassNews *news)
{
  g_mutex_lock (&self->mutex);
  *news = self->news;
  news->message = g_strdup (self->news.message);
  self->news.frame = NULL;
  self->news.cursor = NULL;
  g_mutex_unlock (&self->mutex);
}

/**
 * fatia_glass_news_clear:
 *
 * Frees what belongs to @news.
 */
void
fatia_glass_news_clear (FatiaGlassNews *news)
{
  g_clear_pointer (&news->message, g_free);
  g_clear_pointer (&news->frame, fatia_frame_unref);
  g_clear_pointer (&news->cursor, fatia_cursor_unref);
}

/**
 * fatia_glass_reader_point:
 * @x: in pixels of the frame
 * @y: the same
 *
 * Sends the position to the guest at once; of several only the last counts.
 */
void
fatia_glass_reader_point (FatiaGlassReader *self, int x, int y)
{
  g_mutex_lock (&self->mutex);
  self->point_wanted = TRUE;
  self->hurried = TRUE;
  self->point_x = x;
  self->point_y = y;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}
