/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of boot loaders from cases/NAME.cases: what each has, and what it is to become. */
#pragma once

#include "boot/fatia-boot-formats.h"

#define OURS "intel_iommu=on i915.max_vfs=7 module_blacklist=xe"

/* One file. In a .cases file it follows a line `=== TITLE`, or `=== TITLE | WORDS` where it is to
 * be refused with these words. `^` is where ours come, `<OLD|NEW>` what is replaced. */
typedef struct
{
  char *title;
  char *before;
  char *after;   /* NULL: refused */
  char *refused; /* NULL: not */
} BootCase;

/* A kind of file, with where a host has it and what else makes it that host. */
typedef struct
{
  const char *family;            /* of hosts */
  const char *name;              /* of the .cases file */
  const FatiaBootFormat *format; /* NULL: GRUB's, which has a reader of its own */
  const char *path;
  const char *loader;      /* what LoaderInfo says */
  const char *stub;        /* what StubInfo says, or NULL */
  const char *files[4][2]; /* more files: path and text */
  const char *tool;        /* NULL: none is run */
} BootKind;

extern const BootKind boot_kinds[];
extern const gsize n_boot_kinds;

GPtrArray *boot_cases_load (const BootKind *kind);
