/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of qemu.conf, real shapes and nasty ones, with what becomes of each. */
#pragma once

#include <glib.h>

typedef enum
{
  CASE_APPENDED, /* libvirt's own list with our device, at the end */
  CASE_INSERTED, /* our device into the list that is there */
  CASE_SAME,
  CASE_REFUSED, /* libvirt refuses it too */
  CASE_STRICT,  /* libvirt takes it, and we do not: it is not certain what is meant */
} CaseKind;

typedef struct
{
  const char *name;
  CaseKind kind;
  const char *text;
  const char *words; /* what is inserted; a path in the appended list; words of the refusal */
} QemuConfCase;

extern const QemuConfCase qemu_conf_cases[];
extern const guint n_qemu_conf_cases;
char *qemu_conf_mutate (GRand *rand);
