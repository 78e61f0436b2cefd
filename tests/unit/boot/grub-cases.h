/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define OURS "intel_iommu=on i915.max_vfs=7 module_blacklist=xe"

/* A text of /etc/default/grub, and what it is to become or why it is refused. */
typedef struct
{
  const char *name;
  const char *before;
  const char *after;   /* NULL: refused */
  const char *refused; /* words of the refusal */
  const char *wanted;  /* NULL: OURS */
} GrubCase;

extern const GrubCase grub_cases[];
extern const gsize n_grub_cases;
