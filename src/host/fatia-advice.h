/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-facts.h"

G_BEGIN_DECLS

/* A kernel argument this computer needs, and why, in words for its owner. */
typedef struct
{
  char *argument; /* "i915.max_vfs=7" */
  char *why;
} FatiaArgument;

/* What this computer's maker calls things, from data/tables/boards.ini. */
typedef struct
{
  char *name;          /* (nullable): "Radxa X4"; NULL where the board is not known */
  GStrv bios_steps;    /* the BIOS menus to go through, in the board's own words */
  char *firmware_page; /* (nullable): where the maker offers the firmware file (https) */
  char *firmware_hint; /* (nullable): what the file is called, what it looks like */
} FatiaBoard;

typedef struct
{
  char *id;    /* the table's name for it, "qemu" */
  char *title; /* "QEMU" */
  char *package;
} FatiaPackage;

/* (transfer full) (element-type FatiaArgument): empty where there is nothing to slice. */
GPtrArray *fatia_advice_arguments (const FatiaFacts *facts);
/* (transfer full): the board's row, else the generic one, never NULL. */
FatiaBoard *fatia_advice_board (const FatiaFacts *facts);
void fatia_board_free (FatiaBoard *board);
/* (transfer full) (element-type FatiaPackage): what this distribution calls what is missing. */
GPtrArray *fatia_advice_missing_packages (const FatiaFacts *facts);
/* Whether this host is to get i915-sriov-dkms, which it does not run yet. */
gboolean fatia_advice_needs_module (const FatiaFacts *facts);
/* (transfer full) (nullable): the command line that installs them, for a person to run; NULL
 * where nothing is missing or the distribution is not in the table. */
char *fatia_advice_install_command (const FatiaFacts *facts);
/* (transfer full): the emergency exit, to show before the first restart. */
char *fatia_advice_emergency_exit (const FatiaFacts *facts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaBoard, fatia_board_free)

G_END_DECLS
