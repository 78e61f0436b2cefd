/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass.h"

#include "glass/fatia-glass-reader.h"

/**
 * FatiaGlass:
 *
 * The Looking Glass memory of one guest as a source of frames. A thread reads it; what is new
 * is fetched from there in the main context, at most one frame and one cursor at a time.
 */
struct _FatiaGlass
{
  GObject parent_instance;
  char *path;

  FatiaGlassReader *reader; /* NULL: not started */
  GSource *wake;
  FatiaSourceState state;
  char *message;
  gboolean can_point;
};

enum
{
  PROP_0,
  PROP_PATH,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void fatia_glass_source_init (FatiaFrameSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FatiaGlass,
                               fatia_glass,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FATIA_TYPE_FRAME_SOURCE,
                                                      fatia_glass_source_init))

/* (transfer full) @message; returns whether anything changed */
static gboolean
set_state (FatiaGlass *self, FatiaSourceState state, char *message, gboolean can_point)
{
  gboolean changed =
    self->state != state || self->can_point != can_point || g_strcmp0 (self->message, message) != 0;

  self->state = state;
  self->can_point = can_point;
  g_free (self->message);
  self->message = message;
  return changed;
}

static gboolean
deliver (gpointer data)
{
  /* Whoever is told may stop us or let go of us. */
  g_autoptr (FatiaGlass) self = g_object_ref (data);
  FatiaFrameSource *source = FATIA_FRAME_SOURCE (self);
  g_auto (FatiaGlassNews) news = { 0 };
  FatiaGlassReader *reader = self->reader;

  fatia_glass_reader_take_news (reader, &news);
  if (set_state (self, news.state, g_steal_pointer (&news.message), news.can_point))
    fatia_frame_source_emit_state_changed (source);
  if (news.frame && self->reader == reader)
    fatia_frame_source_emit_frame (source, news.frame);
  if (news.cursor && self->reader == reader)
    fatia_frame_source_emit_cursor (source, news.cursor);
  return G_SOURCE_CONTINUE;
}

static gboolean
wake_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  /* Before the news is taken: what comes after that makes the source ready again. */
  g_source_set_ready_time (source, -1);
  return callback (data);
}

static GSourceFuncs wake_funcs = { .dispatch = wake_dispatch };

static void
fatia_glass_start (FatiaFrameSource *source)
{
  FatiaGlass *self = FATIA_GLASS (source);

  if (self->reader)
    return;
  self->wake = g_source_new (&wake_funcs, sizeof (GSource));
  g_source_set_static_name (self->wake, "looking-glass");
  g_source_set_callback (self->wake, deliver, self, NULL);
  g_source_attach (self->wake, g_main_context_get_thread_default ());
  self->reader = fatia_glass_reader_start (self->path, self->wake);
}

static void
end (FatiaGlass *self)
{
  if (self->wake)
    g_source_destroy (self->wake);
  g_clear_pointer (&self->reader, fatia_glass_reader_stop);
  g_clear_pointer (&self->wake, g_source_unref);
}

static void
fatia_glass_stop (FatiaFrameSource *source)
{
  FatiaGlass *self = FATIA_GLASS (source);

  end (self);
  set_state (self, FATIA_SOURCE_WAITING, NULL, FALSE);
}

static FatiaSourceState
fatia_glass_get_state (FatiaFrameSource *source, const char **message)
{
  FatiaGlass *self = FATIA_GLASS (source);

  *message = self->message;
  return self->state;
}

static gboolean
fatia_glass_can_point (FatiaFrameSource *source)
{
  return FATIA_GLASS (source)->can_point;
}

static void
fatia_glass_point (FatiaFrameSource *source, int x, int y)
{
  FatiaGlass *self = FATIA_GLASS (source);

  if (self->reader && self->can_point)
    fatia_glass_reader_point (self->reader, x, y);
}

static void
fatia_glass_source_init (FatiaFrameSourceInterface *iface)
{
  iface->start = fatia_glass_start;
  iface->stop = fatia_glass_stop;
  iface->get_state = fatia_glass_get_state;
  iface->can_point = fatia_glass_can_point;
  iface->point = fatia_glass_point;
}

static void
fatia_glass_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaGlass *self = FATIA_GLASS (object);

  switch (id)
    {
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_glass_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FatiaGlass *self = FATIA_GLASS (object);

  switch (id)
    {
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_glass_dispose (GObject *object)
{
  end (FATIA_GLASS (object));
  G_OBJECT_CLASS (fatia_glass_parent_class)->dispose (object);
}

static void
fatia_glass_finalize (GObject *object)
{
  FatiaGlass *self = FATIA_GLASS (object);

  g_free (self->message);
  g_free (self->path);
  G_OBJECT_CLASS (fatia_glass_parent_class)->finalize (object);
}

static void
fatia_glass_class_init (FatiaGlassClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fatia_glass_get_property;
  object_class->set_property = fatia_glass_set_property;
  object_class->dispose = fatia_glass_dispose;
  object_class->finalize = fatia_glass_finalize;

  /**
   * FatiaGlass:path:
   *
   * The memory's file, or a kvmfr module's device.
   */
  properties[PROP_PATH] = g_param_spec_string (
    "path", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_glass_init (FatiaGlass *self)
{
  self->state = FATIA_SOURCE_WAITING;
}

/**
 * fatia_glass_new:
 * @path: the memory's file, or a kvmfr module's device; it need not be there yet
 *
 * Returns: (transfer full): a source that is not started
 */
FatiaGlass *
fatia_glass_new (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  return g_object_new (FATIA_TYPE_GLASS, "path", path, NULL);
}

/**
 * fatia_glass_get_path:
 *
 * Returns: (transfer none): the memory's file
 */
const char *
fatia_glass_get_path (FatiaGlass *self)
{
  g_return_val_if_fail (FATIA_IS_GLASS (self), NULL);
  return self->path;
}
