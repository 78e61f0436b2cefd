/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard/fatia-vm-page.h"

#include <glib/gi18n.h>

#include "setup/fatia-steps.h"
#include "ui/fatia-futures.h"
#include "ui/fatia-step-panel.h"
#include "ui/wizard/fatia-vm-choices.h"

#define MIB_PER_GIB 1024
#define GIB         (G_GUINT64_CONSTANT (1) << 30)

struct _FatiaVmPage
{
  FatiaWizardPage parent_instance;

  GtkWidget *windows_group;
  AdwEntryRow *name_row;
  AdwActionRow *iso_row;
  GtkWidget *practice_row;
  GtkWidget *size_group;
  AdwSpinRow *cpus_row;
  AdwSpinRow *memory_row;
  AdwSpinRow *disk_row;
  GtkWidget *screen_group;
  AdwComboRow *resolution_row;
  AdwComboRow *kind_row;
  AdwComboRow *vf_row;
  AdwComboRow *rom_row;
  FatiaStepPanel *memory_panel;
  FatiaStepPanel *vm_panel;

  gboolean updating; /* the rows are being filled: what they say is no choice */
  char *iso_problem; /* (nullable): why the image can't be used */
};

G_DEFINE_FINAL_TYPE (FatiaVmPage, fatia_vm_page, FATIA_TYPE_WIZARD_PAGE)

static const char *const step_ids[] = { "memory", "vm", NULL };

static FatiaVmStep *
get_step (FatiaVmPage *self)
{
  return FATIA_VM_STEP (fatia_wizard_page_get_step (FATIA_WIZARD_PAGE (self), "vm"));
}

static FatiaMemoryStep *
get_memory_step (FatiaVmPage *self)
{
  return FATIA_MEMORY_STEP (fatia_wizard_page_get_step (FATIA_WIZARD_PAGE (self), "memory"));
}

static FatiaDomainSpec *
get_spec (FatiaVmPage *self)
{
  return fatia_vm_step_get_spec (get_step (self));
}

static const FatiaFacts *
get_facts (FatiaVmPage *self)
{
  return fatia_setup_get_facts (fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self)));
}

static gboolean
is_created (FatiaVmPage *self)
{
  return fatia_step_get_state (FATIA_STEP (get_step (self))) == FATIA_STEP_DONE;
}

static void
set_invalid (GtkWidget *row, gboolean invalid)
{
  if (invalid)
    gtk_widget_add_css_class (row, "error");
  else
    gtk_widget_remove_css_class (row, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               invalid ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

/* Says what is wrong with the choices as they stand, and asks for the preview anew. */
static void
validate (FatiaVmPage *self)
{
  const FatiaDomainSpec *spec = get_spec (self);
  g_autoptr (GError) error = NULL;

  set_invalid (GTK_WIDGET (self->iso_row), self->iso_problem != NULL);
  if (is_created (self))
    fatia_step_panel_set_problem (self->vm_panel, NULL);
  else if (self->iso_problem != NULL)
    fatia_step_panel_set_problem (self->vm_panel, self->iso_problem);
  else if (spec->iso == NULL)
    fatia_step_panel_set_problem (self->vm_panel, _ ("Choose the Windows installation image."));
  else if (!fatia_domain_spec_validate (spec, get_facts (self), &error))
    fatia_step_panel_set_problem (self->vm_panel, error->message);
  else
    fatia_step_panel_set_problem (self->vm_panel, NULL);
  fatia_step_panel_preview (self->vm_panel);
}

static void
name_changed (FatiaVmPage *self)
{
  FatiaDomainSpec *spec;
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;

  if (self->updating)
    return;
  spec = get_spec (self);
  g_set_str (&spec->name, gtk_editable_get_text (GTK_EDITABLE (self->name_row)));
  /* The disk's file is called as the VM is, in the folder it would be in. */
  folder = g_path_get_dirname (spec->disk);
  file = g_strdup_printf ("%s.qcow2", spec->name);
  g_free (spec->disk);
  spec->disk = g_build_filename (folder, file, NULL);
  set_invalid (GTK_WIDGET (self->name_row), *spec->name == '\0');
  validate (self);
}

static void
size_changed (FatiaVmPage *self)
{
  FatiaDomainSpec *spec;

  if (self->updating)
    return;
  spec = get_spec (self);
  spec->cpus = (guint) adw_spin_row_get_value (self->cpus_row);
  spec->memory_mib = (guint64) adw_spin_row_get_value (self->memory_row) * MIB_PER_GIB;
  spec->disk_bytes = (guint64) adw_spin_row_get_value (self->disk_row) * GIB;
  validate (self);
}

static void
show_glass_memory (FatiaVmPage *self)
{
  g_autofree char *text =
    /* Translators: the size of the memory the picture is handed over in. */
    g_strdup_printf (_ ("Takes %u MiB of shared memory"), get_spec (self)->glass_mib);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->resolution_row), text);
}

static void
resolution_changed (FatiaVmPage *self)
{
  FatiaChoice *choice = fatia_choices_get_selected (self->resolution_row);
  guint width, height;

  if (self->updating || choice == NULL)
    return;
  fatia_choice_get_size (choice, &width, &height);
  fatia_vm_step_set_resolution (get_step (self), width, height);
  show_glass_memory (self);
  fatia_step_panel_preview (self->memory_panel);
  validate (self);
}

/* Which one, and why the other is not better, or not possible. */
static void
show_kind (FatiaVmPage *self)
{
  FatiaMemoryStep *step = get_memory_step (self);
  gboolean kvmfr = fatia_memory_step_get_kvmfr (step);
  const char *text;

  if (kvmfr)
    text = _ ("Recommended: the GPU reads the picture where it is");
  else if (get_facts (self)->kvmfr_installed == FATIA_NO)
    text = _ ("With the module kvmfr the GPU could read the picture where it is; it is not "
              "installed");
  else
    text = _ ("The picture is copied once more than with the module kvmfr");
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->kind_row), text);
  adw_combo_row_set_selected (self->kind_row, kvmfr ? 1 : 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->kind_row), fatia_memory_step_can_choose (step));
}

static void
kind_changed (FatiaVmPage *self)
{
  if (self->updating)
    return;
  fatia_memory_step_set_kvmfr (get_memory_step (self),
                               adw_combo_row_get_selected (self->kind_row) == 1);
  self->updating = TRUE;
  show_kind (self);
  self->updating = FALSE;
  fatia_step_panel_preview (self->memory_panel);
}

static void
vf_changed (FatiaVmPage *self)
{
  FatiaChoice *choice = fatia_choices_get_selected (self->vf_row);

  if (self->updating || choice == NULL)
    return;
  g_set_str (&get_spec (self)->vf, fatia_choice_get_value (choice));
  validate (self);
}

static void
rom_changed (FatiaVmPage *self)
{
  FatiaChoice *choice = fatia_choices_get_selected (self->rom_row);

  if (self->updating || choice == NULL)
    return;
  fatia_vm_step_set_rom (get_step (self), fatia_choice_get_value (choice));
  validate (self);
}

static void
show_iso (FatiaVmPage *self)
{
  const char *iso = get_spec (self)->iso;

  adw_action_row_set_subtitle (self->iso_row,
                               iso != NULL ? iso : _ ("The .iso file from Microsoft’s page"));
}

static DexFuture *
check_iso_fiber (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!fatia_media_check_windows (data, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_for_boolean (TRUE);
}

/* Takes the image; whether it can be used is read from it in a thread. Waits: for fibers. */
static void
take_iso (FatiaVmPage *self, const char *path)
{
  g_autofree char *checked = g_strdup (path);
  g_autoptr (GError) error = NULL;

  g_set_str (&get_spec (self)->iso, path);
  show_iso (self);
  dex_await (dex_scheduler_spawn (dex_thread_pool_scheduler_get_default (), 0, check_iso_fiber,
                                  g_strdup (path), g_free),
             &error);
  /* The window may have gone on to another host, the person to another image. */
  if (fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (self)) == NULL)
    return;
  if (g_strcmp0 (get_spec (self)->iso, checked) != 0)
    return;
  g_set_str (&self->iso_problem, error != NULL ? error->message : NULL);
  validate (self);
}

static DexFuture *
choose_iso_fiber (gpointer data)
{
  FatiaVmPage *self = FATIA_VM_PAGE (data);
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;

  gtk_file_filter_add_suffix (filter, "iso");
  gtk_file_filter_set_name (filter, _ ("Disc images"));
  gtk_file_dialog_set_default_filter (dialog, filter);
  gtk_file_dialog_set_title (dialog, _ ("Choose the Windows Installation Image"));
  file = dex_await_object (fatia_open_file (dialog, GTK_WIDGET (self)), &error);
  if (file == NULL)
    fatia_toast_error (GTK_WIDGET (self), error);
  else if (g_file_peek_path (file) == NULL)
    fatia_toast (GTK_WIDGET (self), _ ("The image must be a file on this computer"));
  else
    take_iso (self, g_file_peek_path (file));
  return dex_future_new_for_boolean (file != NULL);
}

static void
choose_iso (FatiaVmPage *self)
{
  fatia_run (choose_iso_fiber, self);
}

static DexFuture *
practice_iso_fiber (gpointer data)
{
  FatiaSetup *setup = fatia_wizard_page_get_setup (FATIA_WIZARD_PAGE (data));
  FatiaPractice *practice = fatia_host_get_practice (fatia_setup_get_host (setup));

  take_iso (data, fatia_practice_get_iso (practice));
  return dex_future_new_for_boolean (TRUE);
}

static void
use_practice_iso (FatiaVmPage *self)
{
  fatia_run (practice_iso_fiber, self);
}

static void
fatia_vm_page_update (FatiaWizardPage *page)
{
  FatiaVmPage *self = FATIA_VM_PAGE (page);
  const FatiaFacts *facts = get_facts (self);
  const FatiaDomainSpec *spec = get_spec (self);
  gboolean open = !is_created (self);

  self->updating = TRUE;
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (self->name_row)), spec->name) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->name_row), spec->name);
  adw_spin_row_set_value (self->cpus_row, spec->cpus);
  adw_spin_row_set_value (self->memory_row, (double) (spec->memory_mib / MIB_PER_GIB));
  adw_spin_row_set_value (self->disk_row, (double) (spec->disk_bytes / GIB));
  fatia_choices_show_resolutions (self->resolution_row, spec);
  show_kind (self);
  fatia_choices_show_vfs (self->vf_row, facts, spec);
  fatia_choices_show_roms (self->rom_row, facts, spec);
  self->updating = FALSE;
  show_iso (self);
  show_glass_memory (self);

  /* What is defined already is changed in libvirt, not here. */
  gtk_widget_set_sensitive (self->windows_group, open);
  gtk_widget_set_sensitive (self->size_group, open);
  gtk_widget_set_sensitive (self->screen_group, open);
  validate (self);
}

static gboolean
fatia_vm_page_is_complete (FatiaWizardPage *page)
{
  FatiaStepState state = fatia_step_get_state (fatia_wizard_page_get_step (page, "vm"));

  return state == FATIA_STEP_DONE || state == FATIA_STEP_SKIPPED;
}

static void
fatia_vm_page_constructed (GObject *object)
{
  FatiaVmPage *self = FATIA_VM_PAGE (object);
  FatiaWizardPage *page = FATIA_WIZARD_PAGE (self);
  FatiaHost *host = fatia_setup_get_host (fatia_wizard_page_get_setup (page));

  G_OBJECT_CLASS (fatia_vm_page_parent_class)->constructed (object);
  fatia_step_panel_set_step (self->memory_panel, fatia_wizard_page_get_step (page, "memory"));
  fatia_step_panel_set_step (self->vm_panel, fatia_wizard_page_get_step (page, "vm"));
  gtk_widget_set_visible (self->practice_row, fatia_host_get_kind (host) == FATIA_HOST_PRACTICE);
}

static void
fatia_vm_page_finalize (GObject *object)
{
  g_free (FATIA_VM_PAGE (object)->iso_problem);
  G_OBJECT_CLASS (fatia_vm_page_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, windows_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, iso_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, practice_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, size_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, cpus_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, memory_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, disk_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, screen_group);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, resolution_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, kind_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, vf_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, rom_row);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, memory_panel);
  gtk_widget_class_bind_template_child (widget_class, FatiaVmPage, vm_panel);
  gtk_widget_class_bind_template_callback (widget_class, name_changed);
  gtk_widget_class_bind_template_callback (widget_class, choose_iso);
  gtk_widget_class_bind_template_callback (widget_class, use_practice_iso);
  gtk_widget_class_bind_template_callback (widget_class, size_changed);
  gtk_widget_class_bind_template_callback (widget_class, resolution_changed);
  gtk_widget_class_bind_template_callback (widget_class, kind_changed);
  gtk_widget_class_bind_template_callback (widget_class, vf_changed);
  gtk_widget_class_bind_template_callback (widget_class, rom_changed);
}

static void
fatia_vm_page_class_init (FatiaVmPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  FatiaWizardPageClass *page_class = FATIA_WIZARD_PAGE_CLASS (klass);

  object_class->constructed = fatia_vm_page_constructed;
  object_class->finalize = fatia_vm_page_finalize;
  page_class->steps = step_ids;
  page_class->update = fatia_vm_page_update;
  page_class->is_complete = fatia_vm_page_is_complete;

  g_type_ensure (FATIA_TYPE_STEP_PANEL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/dev/fatia/Fatia/wizard/fatia-vm-page.ui");
  bind_template (widget_class);
}

static void
fatia_vm_page_init (FatiaVmPage *self)
{
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->updating = FALSE;
}
