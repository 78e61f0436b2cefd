/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-vm-choices.h"

#include <glib/gi18n.h>

#define ROM_FOLDER "/var/lib/fatia/roms"

struct _FatiaChoice
{
  GObject parent_instance;

  char *title;
  char *value;
  guint width, height;
};

enum
{
  PROP_0,
  PROP_TITLE,
  N_PROPS
};
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FatiaChoice, fatia_choice, G_TYPE_OBJECT)

static void
fatia_choice_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FatiaChoice *self = FATIA_CHOICE (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fatia_choice_finalize (GObject *object)
{
  FatiaChoice *self = FATIA_CHOICE (object);

  g_free (self->title);
  g_free (self->value);
  G_OBJECT_CLASS (fatia_choice_parent_class)->finalize (object);
}

static void
fatia_choice_class_init (FatiaChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fatia_choice_get_property;
  object_class->finalize = fatia_choice_finalize;
  /**
   * FatiaChoice:title:
   *
   * What a person reads.
   */
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fatia_choice_init (FatiaChoice *self)
{
}

static void
add (GListStore *store, const char *title, const char *value)
{
  g_autoptr (FatiaChoice) choice = g_object_new (FATIA_TYPE_CHOICE, NULL);

  choice->title = g_strdup (title);
  choice->value = g_strdup (value);
  g_list_store_append (store, choice);
}

static void
add_size (GListStore *store, guint width, guint height)
{
  g_autoptr (FatiaChoice) choice = g_object_new (FATIA_TYPE_CHOICE, NULL);

  choice->title = g_strdup_printf ("%u × %u", width, height);
  choice->width = width;
  choice->height = height;
  g_list_store_append (store, choice);
}

static void
show (AdwComboRow *row, GListStore *store, guint selected)
{
  g_autoptr (GtkExpression) title = gtk_property_expression_new (FATIA_TYPE_CHOICE, NULL, "title");

  adw_combo_row_set_expression (row, title);
  adw_combo_row_set_model (row, G_LIST_MODEL (store));
  adw_combo_row_set_selected (row, selected);
}

/* The position of @value, which may be none. */
static guint
find (GListStore *store, const char *value)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (store)); i++)
    {
      g_autoptr (FatiaChoice) choice = g_list_model_get_item (G_LIST_MODEL (store), i);

      if (g_strcmp0 (choice->value, value) == 0)
        return i;
    }
  return 0;
}

/**
 * fatia_choice_get_value:
 * @self: a choice
 *
 * Returns: (transfer none) (nullable): what it stands for
 */
const char *
fatia_choice_get_value (FatiaChoice *self)
{
  g_return_val_if_fail (FATIA_IS_CHOICE (self), NULL);

  return self->value;
}

/**
 * fatia_choice_get_size:
 * @self: a choice of resolutions
 * @width: (out): pixels
 * @height: (out): pixels
 */
void
fatia_choice_get_size (FatiaChoice *self, guint *width, guint *height)
{
  g_return_if_fail (FATIA_IS_CHOICE (self));

  *width = self->width;
  *height = self->height;
}

/**
 * fatia_choices_show_resolutions:
 * @row: the row
 * @spec: whose resolution is selected; it is added where it is none of the usual ones
 */
void
fatia_choices_show_resolutions (AdwComboRow *row, const FatiaDomainSpec *spec)
{
  static const struct
  {
    guint width, height;
  } usual[] = {
    { 1280, 720 },  { 1280, 800 },  { 1600, 900 },  { 1920, 1080 }, { 1920, 1200 },
    { 2560, 1440 }, { 2560, 1600 }, { 3440, 1440 }, { 3840, 2160 },
  };
  g_autoptr (GListStore) store = g_list_store_new (FATIA_TYPE_CHOICE);
  guint selected = G_N_ELEMENTS (usual);

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      add_size (store, usual[i].width, usual[i].height);
      if (usual[i].width == spec->width && usual[i].height == spec->height)
        selected = i;
    }
  if (selected == G_N_ELEMENTS (usual))
    add_size (store, spec->width, spec->height);
  show (row, store, selected);
}

/**
 * fatia_choices_show_vfs:
 * @row: the row
 * @facts: the host, whose slices are offered
 * @spec: whose slice is selected
 */
void
fatia_choices_show_vfs (AdwComboRow *row, const FatiaFacts *facts, const FatiaDomainSpec *spec)
{
  g_autoptr (GListStore) store = g_list_store_new (FATIA_TYPE_CHOICE);

  for (guint i = 0; facts->vfs != NULL && i < facts->vfs->len; i++)
    {
      const FatiaPciDevice *vf = g_ptr_array_index (facts->vfs, i);
      /* Translators: the number of a GPU slice and its PCI address. */
      g_autofree char *title = g_strdup_printf (_ ("Slice %u (%s)"), i + 1, vf->address);

      add (store, title, vf->address);
    }
  add (store, _ ("None: no GPU for this VM"), NULL);
  show (row, store, find (store, spec->vf));
}

/**
 * fatia_choices_show_roms:
 * @row: the row
 * @facts: the host, whose option ROMs are offered
 * @spec: whose ROM is selected
 */
void
fatia_choices_show_roms (AdwComboRow *row, const FatiaFacts *facts, const FatiaDomainSpec *spec)
{
  g_autoptr (GListStore) store = g_list_store_new (FATIA_TYPE_CHOICE);

  for (guint i = 0; facts->roms != NULL && facts->roms[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (ROM_FOLDER, facts->roms[i], NULL);
      add (store, facts->roms[i], path);
    }
  add (store, _ ("None: black until Windows has its driver"), NULL);
  show (row, store, find (store, spec->rom));
}

/**
 * fatia_choices_get_selected:
 * @row: a row filled by the functions above
 *
 * Returns: (transfer none) (nullable): what is selected
 */
FatiaChoice *
fatia_choices_get_selected (AdwComboRow *row)
{
  return adw_combo_row_get_selected_item (row);
}
