/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "setup/fatia-step-private.h"
#include "setup/fatia-steps.h"

G_BEGIN_DECLS

/**
 * FatiaGopStep:
 *
 * The GOP driver: a firmware image is read, a candidate is chosen, its option ROM is installed.
 */
struct _FatiaGopStep
{
  FatiaStep parent_instance;
  char *image;                /* (nullable): none was read, or the chip */
  guint64 unread;             /* bytes of the chip that could not be read */
  FatiaGopFindings *findings; /* (nullable) */
  int chosen;
};

G_END_DECLS
