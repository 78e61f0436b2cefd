/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "host/fatia-checks.h"

G_BEGIN_DECLS

/* What a check found: its state as icon and word, what it means, what to do. */
#define FATIA_TYPE_FINDING_ROW (fatia_finding_row_get_type ())
G_DECLARE_FINAL_TYPE (FatiaFindingRow, fatia_finding_row, FATIA, FINDING_ROW, AdwExpanderRow)

GtkWidget *fatia_finding_row_new (FatiaFinding *finding);

/* A state's icon, style class and word, the same wherever one is shown. */
const char *fatia_state_icon (FatiaState state);
const char *fatia_state_style (FatiaState state);
const char *fatia_state_word (FatiaState state);

/* A row whose text is @text and whose prefix is the number @number, for lists of things to do. */
GtkWidget *fatia_numbered_row_new (guint number, const char *text);

/* Fills both lists with rows for @findings (FatiaFinding); whether @attention has any. */
gboolean fatia_findings_fill (GtkListBox *attention, GtkListBox *good, GListModel *findings);
/* (transfer full): "2 of 14 need your attention", in words. */
char *fatia_findings_summarize (GListModel *findings, FatiaState *worst);

G_END_DECLS
