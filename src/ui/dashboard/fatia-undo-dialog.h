/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* Undoing one change: what that would change, then doing it. */
#define FATIA_TYPE_UNDO_DIALOG (fatia_undo_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FatiaUndoDialog, fatia_undo_dialog, FATIA, UNDO_DIALOG, AdwDialog)

AdwDialog *fatia_undo_dialog_new (FatiaSetup *setup, FatiaPastChange *change);

G_END_DECLS
