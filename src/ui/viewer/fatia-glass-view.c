/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/viewer/fatia-glass-view.h"

#include <glib/gi18n.h>

#include "ui/viewer/fatia-frame-fit.h"
#include "ui/viewer/fatia-frame-texture.h"

#define MAX_RECTANGLES 256

/**
 * FatiaGlassView:
 *
 * A guest's screen. It fills the widget as far as its proportions let it; the guest's pointer
 * is drawn on top, and the person's pointer moves it where the source takes that.
 */
struct _FatiaGlassView
{
  GtkWidget parent_instance;

  FatiaFrameSource *source;
  FatiaFrame *frame;       /* the newest */
  cairo_region_t *changed; /* between `texture` and `frame`; NULL: everywhere */
  gboolean fresh;          /* `frame` is not drawn yet */
  GdkTexture *texture;     /* of the frame drawn last */
  guint64 n_shown;

  FatiaCursor *cursor;
  guint32 shape_serial; /* of the textures below */
  GdkTexture *cursor_texture;
  GdkTexture *invert_texture;
};

enum
{
  PROP_0,
  PROP_SOURCE,
  PROP_FRAME_WIDTH,
  PROP_FRAME_HEIGHT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FatiaGlassView, fatia_glass_view, GTK_TYPE_WIDGET)

static void
get_frame_size (FatiaGlassView *self, guint *width, guint *height)
{
  FatiaFrame *frame = self->frame;
  gboolean turned = frame && frame->rotation % 180 != 0;

  *width = !frame ? 0 : turned ? frame->height : frame->width;
  *height = !frame ? 0 : turned ? frame->width : frame->height;
}

static double
get_screen_scale (FatiaGlassView *self)
{
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  GdkSurface *surface = native ? gtk_native_get_surface (native) : NULL;

  return surface ? gdk_surface_get_scale (surface)
                 : gtk_widget_get_scale_factor (GTK_WIDGET (self));
}

static void
get_fit (FatiaGlassView *self, FatiaFrameFit *fit)
{
  fatia_frame_fit_init (fit, self->frame->width, self->frame->height, self->frame->rotation,
                        gtk_widget_get_width (GTK_WIDGET (self)),
                        gtk_widget_get_height (GTK_WIDGET (self)), get_screen_scale (self));
}

/* Where the guest's pointer follows ours, seeing one of them is enough. */
static void
update_local_cursor (FatiaGlassView *self)
{
  gboolean follows = self->source && fatia_frame_source_can_point (self->source) && self->cursor &&
                     self->cursor->rgba;

  if (follows)
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "none");
  else
    gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
}

/* What is to be uploaded when the frame is drawn: frames that come faster than the screen shows
 * them are joined. */
static void
join_changes (FatiaGlassView *self, FatiaFrame *frame)
{
  if (frame->n_damage == 0)
    {
      g_clear_pointer (&self->changed, cairo_region_destroy);
      return;
    }
  if (!self->fresh && self->changed == NULL)
    self->changed = cairo_region_create ();
  for (guint i = 0; i < frame->n_damage && self->changed; i++)
    {
      const FatiaRectangle *damage = &frame->damage[i];

      cairo_region_union_rectangle (
        self->changed,
        &(cairo_rectangle_int_t) { damage->x, damage->y, damage->width, damage->height });
    }
  /* Nothing is drawn while the window is hidden; the region must not grow for hours. */
  if (self->changed && cairo_region_num_rectangles (self->changed) > MAX_RECTANGLES)
    g_clear_pointer (&self->changed, cairo_region_destroy);
}

static void
on_frame (FatiaGlassView *self, FatiaFrame *frame)
{
  guint width, height, old_width, old_height;

  join_changes (self, frame);
  get_frame_size (self, &old_width, &old_height);
  g_clear_pointer (&self->frame, fatia_frame_unref);
  self->frame = fatia_frame_ref (frame);
  self->fresh = TRUE;
  get_frame_size (self, &width, &height);
  if (width != old_width || height != old_height)
    {
      gtk_widget_queue_resize (GTK_WIDGET (self));
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRAME_WIDTH]);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRAME_HEIGHT]);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_cursor (FatiaGlassView *self, FatiaCursor *cursor)
{
  g_clear_pointer (&self->cursor, fatia_cursor_unref);
  self->cursor = fatia_cursor_ref (cursor);
  if (self->shape_serial != cursor->shape_serial)
    {
      self->shape_serial = cursor->shape_serial;
      g_clear_object (&self->cursor_texture);
      g_clear_object (&self->invert_texture);
      self->cursor_texture = fatia_cursor_make_texture (cursor);
      self->invert_texture = fatia_cursor_make_invert_texture (cursor);
      update_local_cursor (self);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_motion (FatiaGlassView *self, double x, double y)
{
  FatiaFrameFit fit;
  int frame_x, frame_y;

  if (self->frame == NULL || self->source == NULL || !fatia_frame_source_can_point (self->source))
    return;
  get_fit (self, &fit);
  fatia_frame_fit_to_frame (&fit, x, y, &frame_x, &frame_y);
  fatia_frame_source_point (self->source, frame_x, frame_y);
}

static void
refresh_texture (FatiaGlassView *self)
{
  GdkTexture *texture;

  if (!self->fresh)
    return;
  texture = fatia_frame_make_texture (self->frame, self->texture, self->changed);
  g_clear_object (&self->texture);
  self->texture = texture;
  g_clear_pointer (&self->changed, cairo_region_destroy);
  self->fresh = FALSE;
  self->n_shown++;
}

/* Inverting is a difference from white; only what is below the pointer is drawn twice. */
static void
snapshot_inversion (FatiaGlassView *self,
                    GtkSnapshot *snapshot,
                    const graphene_rect_t *picture,
                    const graphene_rect_t *at)
{
  gtk_snapshot_push_blend (snapshot, GSK_BLEND_MODE_DIFFERENCE);
  gtk_snapshot_push_clip (snapshot, at);
  gtk_snapshot_append_scaled_texture (snapshot, self->texture, GSK_SCALING_FILTER_NEAREST, picture);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_scaled_texture (snapshot, self->invert_texture, GSK_SCALING_FILTER_NEAREST,
                                      at);
  gtk_snapshot_pop (snapshot);
}

static void
snapshot_cursor (FatiaGlassView *self,
                 GtkSnapshot *snapshot,
                 GskScalingFilter filter,
                 const graphene_rect_t *picture)
{
  graphene_rect_t at;

  if (self->cursor == NULL || !self->cursor->visible || self->cursor_texture == NULL)
    return;
  graphene_rect_init (&at, self->cursor->x, self->cursor->y, self->cursor->width,
                      self->cursor->height);
  if (self->invert_texture)
    snapshot_inversion (self, snapshot, picture, &at);
  gtk_snapshot_append_scaled_texture (snapshot, self->cursor_texture, filter, &at);
}

static void
fatia_glass_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FatiaGlassView *self = FATIA_GLASS_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  GskScalingFilter filter;
  graphene_rect_t picture;
  FatiaFrameFit fit;

  gtk_snapshot_append_color (snapshot, &(GdkRGBA) { 0, 0, 0, 1 },
                             &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (self->frame == NULL || width == 0 || height == 0)
    return;
  refresh_texture (self);
  get_fit (self, &fit);
  filter = fit.crisp ? GSK_SCALING_FILTER_NEAREST : GSK_SCALING_FILTER_LINEAR;
  picture = GRAPHENE_RECT_INIT (0, 0, self->frame->width, self->frame->height);
  gtk_snapshot_save (snapshot);
  fatia_frame_fit_transform (&fit, snapshot);
  gtk_snapshot_push_clip (snapshot, &picture);
  gtk_snapshot_append_scaled_texture (snapshot, self->texture, filter, &picture);
  snapshot_cursor (self, snapshot, filter, &picture);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_restore (snapshot);
}

/* Naturally one of the screen's pixels for each of the guest's. */
static void
fatia_glass_view_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  FatiaGlassView *self = FATIA_GLASS_VIEW (widget);
  guint width, height;

  get_frame_size (self, &width, &height);
  *minimum = 0;
  *natural = (orientation == GTK_ORIENTATION_HORIZONTAL ? width : height) / get_screen_scale (self);
}

static void
fatia_glass_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaGlassView *self = FATIA_GLASS_VIEW (object);
  guint width, height;

  get_frame_size (self, &width, &height);
  switch (id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_FRAME_WIDTH:
      g_value_set_uint (value, width);
      break;
    case PROP_FRAME_HEIGHT:
      g_value_set_uint (value, height);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_glass_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SOURCE:
      fatia_glass_view_set_source (FATIA_GLASS_VIEW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* Forgets what the source showed. */
static void
clear (FatiaGlassView *self)
{
  g_clear_pointer (&self->frame, fatia_frame_unref);
  g_clear_pointer (&self->changed, cairo_region_destroy);
  g_clear_pointer (&self->cursor, fatia_cursor_unref);
  g_clear_object (&self->texture);
  g_clear_object (&self->cursor_texture);
  g_clear_object (&self->invert_texture);
  self->fresh = FALSE;
  self->shape_serial = 0;
}

static void
disconnect (FatiaGlassView *self)
{
  if (self->source)
    g_signal_handlers_disconnect_by_data (self->source, self);
  g_clear_object (&self->source);
}

static void
fatia_glass_view_dispose (GObject *object)
{
  FatiaGlassView *self = FATIA_GLASS_VIEW (object);

  disconnect (self);
  clear (self);
  G_OBJECT_CLASS (fatia_glass_view_parent_class)->dispose (object);
}

static void
fatia_glass_view_class_init (FatiaGlassViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fatia_glass_view_get_property;
  object_class->set_property = fatia_glass_view_set_property;
  object_class->dispose = fatia_glass_view_dispose;
  widget_class->snapshot = fatia_glass_view_snapshot;
  widget_class->measure = fatia_glass_view_measure;

  /**
   * FatiaGlassView:source:
   *
   * What is shown. Starting and stopping it is its owner's business.
   */
  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL, FATIA_TYPE_FRAME_SOURCE,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  /**
   * FatiaGlassView:frame-width:
   *
   * The guest's pixels from left to right, as the picture is shown; 0 before the first.
   */
  properties[PROP_FRAME_WIDTH] = g_param_spec_uint ("frame-width", NULL, NULL, 0, G_MAXUINT, 0,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * FatiaGlassView:frame-height:
   *
   * The guest's pixels from top to bottom, as the picture is shown; 0 before the first.
   */
  properties[PROP_FRAME_HEIGHT] = g_param_spec_uint ("frame-height", NULL, NULL, 0, G_MAXUINT, 0,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "glassview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fatia_glass_view_init (FatiaGlassView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  g_signal_connect_swapped (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_motion), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Screen of the virtual machine"), -1);
}

/**
 * fatia_glass_view_new:
 *
 * Returns: (transfer floating): a view that shows nothing yet
 */
GtkWidget *
fatia_glass_view_new (void)
{
  return g_object_new (FATIA_TYPE_GLASS_VIEW, NULL);
}

/**
 * fatia_glass_view_set_source:
 * @source: (nullable) (transfer none): what to show
 */
void
fatia_glass_view_set_source (FatiaGlassView *self, FatiaFrameSource *source)
{
  g_return_if_fail (FATIA_IS_GLASS_VIEW (self));
  g_return_if_fail (source == NULL || FATIA_IS_FRAME_SOURCE (source));

  if (self->source == source)
    return;
  disconnect (self);
  clear (self);
  if (source)
    {
      self->source = g_object_ref (source);
      g_signal_connect_swapped (source, "frame", G_CALLBACK (on_frame), self);
      g_signal_connect_swapped (source, "cursor", G_CALLBACK (on_cursor), self);
      g_signal_connect_swapped (source, "state-changed", G_CALLBACK (update_local_cursor), self);
    }
  update_local_cursor (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  for (guint i = PROP_SOURCE; i < N_PROPS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

/**
 * fatia_glass_view_get_source:
 *
 * Returns: (transfer none) (nullable): what is shown
 */
FatiaFrameSource *
fatia_glass_view_get_source (FatiaGlassView *self)
{
  g_return_val_if_fail (FATIA_IS_GLASS_VIEW (self), NULL);
  return self->source;
}

/**
 * fatia_glass_view_get_frames_shown:
 *
 * Returns: how many different frames were drawn so far
 */
guint64
fatia_glass_view_get_frames_shown (FatiaGlassView *self)
{
  g_return_val_if_fail (FATIA_IS_GLASS_VIEW (self), 0);
  return self->n_shown;
}
