/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

/* What each file of facts reads; all beneath @root, none of them fails: what can't be read
 * stays unknown. */
void fatia_facts_read_board (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_processor (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_kernel (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_boot_loader (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_graphics (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_driver (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_software (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_glass_memory (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_module (FatiaFacts *facts, FatiaHostRoot *root);
void fatia_facts_read_kept (FatiaFacts *facts, FatiaHostRoot *root);

/* YES where @path is there, NO where it is not but @beside is, else UNKNOWN. */
FatiaTruth fatia_facts_look (FatiaHostRoot *root, const char *path, const char *beside);
/* A line of text as people may be shown it: without control characters, of bounded length.
 * (transfer full) (nullable) */
char *fatia_facts_read_text (FatiaHostRoot *root, const char *path);
int fatia_facts_read_number (FatiaHostRoot *root, const char *path);
char *fatia_facts_clean (const char *text);
/* Whether the software @id of data/tables/packages.ini is installed. */
FatiaTruth fatia_facts_look_for_software (FatiaHostRoot *root, const char *id);

G_END_DECLS
