/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-menu-button.h"

struct _FatiaMenuButton
{
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (FatiaMenuButton, fatia_menu_button, ADW_TYPE_BIN)

static void
fatia_menu_button_class_init (FatiaMenuButtonClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/dev/fatia/Fatia/fatia-menu-button.ui");
}

static void
fatia_menu_button_init (FatiaMenuButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
