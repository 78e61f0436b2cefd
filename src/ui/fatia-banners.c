/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-banners.h"

#include <glib/gi18n.h>

struct _FatiaBanners
{
  GtkBox parent_instance;

  AdwBanner *place_banner;
  AdwBanner *restart_banner;
  FatiaSetup *setup;
};

G_DEFINE_FINAL_TYPE (FatiaBanners, fatia_banners, GTK_TYPE_BOX)

static void
update (FatiaBanners *self)
{
  gboolean restart = fatia_setup_is_restart_needed (self->setup);

  /* Not revealed alone it would still be told to screen readers. */
  gtk_widget_set_visible (GTK_WIDGET (self->restart_banner), restart);
  adw_banner_set_revealed (self->restart_banner, restart);
}

static void
fatia_banners_dispose (GObject *object)
{
  FatiaBanners *self = FATIA_BANNERS (object);

  g_clear_object (&self->setup);
  G_OBJECT_CLASS (fatia_banners_parent_class)->dispose (object);
}

static void
fatia_banners_class_init (FatiaBannersClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fatia_banners_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/dev/fatia/Fatia/fatia-banners.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaBanners, place_banner);
  gtk_widget_class_bind_template_child (widget_class, FatiaBanners, restart_banner);
}

static void
fatia_banners_init (FatiaBanners *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * fatia_banners_set_setup:
 * @self: the banners
 * @setup: the setup whose host they speak of; set once
 */
void
fatia_banners_set_setup (FatiaBanners *self, FatiaSetup *setup)
{
  FatiaHost *host;
  g_autofree char *title = NULL;

  g_return_if_fail (FATIA_IS_BANNERS (self));
  g_return_if_fail (FATIA_IS_SETUP (setup));
  g_return_if_fail (self->setup == NULL);

  self->setup = g_object_ref (setup);
  host = fatia_setup_get_host (setup);
  gtk_widget_set_visible (GTK_WIDGET (self->place_banner),
                          fatia_host_get_kind (host) != FATIA_HOST_SYSTEM);
  switch (fatia_host_get_kind (host))
    {
    case FATIA_HOST_PRACTICE:
      adw_banner_set_title (self->place_banner, _ ("Practice: nothing on this computer changes"));
      adw_banner_set_button_label (self->place_banner, _ ("_Leave Practice"));
      adw_banner_set_revealed (self->place_banner, TRUE);
      break;
    case FATIA_HOST_TREE:
      title = g_strdup_printf (_ ("The host in the folder %s, not this computer"),
                               fatia_host_root_get_path (fatia_host_get_root (host)));
      adw_banner_set_use_markup (self->place_banner, FALSE);
      adw_banner_set_title (self->place_banner, title);
      adw_banner_set_revealed (self->place_banner, TRUE);
      break;
    case FATIA_HOST_SYSTEM:
    default:
      break;
    }
  g_signal_connect_object (setup, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (setup, "notify::restart-needed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}
