/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "setup/fatia-setup.h"

G_BEGIN_DECLS

/* What the command line asks for. */
typedef struct
{
  gboolean practice;
  char *tree;            /* (nullable): the practice tree's name */
  char *practice_folder; /* (nullable): where practice is kept; NULL: a temporary folder */
  char *host_root;       /* (nullable): a folder that stands for the computer */
} FatiaOptions;

void fatia_options_clear (FatiaOptions *options);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaOptions, fatia_options_clear)

#define FATIA_TYPE_APPLICATION (fatia_application_get_type ())
G_DECLARE_FINAL_TYPE (FatiaApplication, fatia_application, FATIA, APPLICATION, AdwApplication)

FatiaApplication *fatia_application_new (const FatiaOptions *options);

G_END_DECLS
