/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-driver-group.h"

#include <glib/gi18n.h>

#include "ui/fatia-futures.h"
#include "ui/fatia-save.h"

struct _FatiaDriverGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *driver_row;
  AdwActionRow *rom_row;

  GBytes *driver; /* (nullable) */
  GBytes *rom;    /* (nullable): where there is no device it could be for */
};

G_DEFINE_FINAL_TYPE (FatiaDriverGroup, fatia_driver_group, ADW_TYPE_PREFERENCES_GROUP)

static void
save_driver (FatiaDriverGroup *self)
{
  fatia_save_bytes_soon (GTK_WIDGET (self), "IntelGopDriver.efi", self->driver);
}

static void
save_rom (FatiaDriverGroup *self)
{
  fatia_save_bytes_soon (GTK_WIDGET (self), "IntelGopDriver.rom", self->rom);
}

static void
copy_sum (FatiaDriverGroup *self, GBytes *bytes)
{
  g_autofree char *sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), sum);
  fatia_toast (GTK_WIDGET (self), _ ("SHA-256 copied"));
}

static void
copy_driver_sum (FatiaDriverGroup *self)
{
  copy_sum (self, self->driver);
}

static void
copy_rom_sum (FatiaDriverGroup *self)
{
  copy_sum (self, self->rom);
}

static void
fatia_driver_group_finalize (GObject *object)
{
  FatiaDriverGroup *self = FATIA_DRIVER_GROUP (object);

  g_clear_pointer (&self->driver, g_bytes_unref);
  g_clear_pointer (&self->rom, g_bytes_unref);
  G_OBJECT_CLASS (fatia_driver_group_parent_class)->finalize (object);
}

static void
fatia_driver_group_class_init (FatiaDriverGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fatia_driver_group_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-driver-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FatiaDriverGroup, driver_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaDriverGroup, rom_row);
  gtk_widget_class_bind_template_callback (widget_class, save_driver);
  gtk_widget_class_bind_template_callback (widget_class, save_rom);
  gtk_widget_class_bind_template_callback (widget_class, copy_driver_sum);
  gtk_widget_class_bind_template_callback (widget_class, copy_rom_sum);
}

static void
fatia_driver_group_init (FatiaDriverGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_sum (AdwActionRow *row, GBytes *bytes)
{
  g_autofree char *sum = NULL;

  gtk_widget_set_visible (GTK_WIDGET (row), bytes != NULL);
  if (bytes == NULL)
    return;
  sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  adw_action_row_set_subtitle (row, sum);
}

/**
 * fatia_driver_group_show:
 * @step: the step whose chosen driver it is; where none is chosen there is nothing to see
 */
void
fatia_driver_group_show (FatiaDriverGroup *self, FatiaGopStep *step)
{
  g_return_if_fail (FATIA_IS_DRIVER_GROUP (self));
  g_return_if_fail (FATIA_IS_GOP_STEP (step));

  g_clear_pointer (&self->driver, g_bytes_unref);
  g_clear_pointer (&self->rom, g_bytes_unref);
  self->driver = fatia_gop_step_get_driver (step, NULL);
  self->rom = self->driver != NULL ? fatia_gop_step_get_rom (step, NULL) : NULL;
  show_sum (self->driver_row, self->driver);
  show_sum (self->rom_row, self->rom);
  gtk_widget_set_visible (GTK_WIDGET (self), self->driver != NULL);
}
