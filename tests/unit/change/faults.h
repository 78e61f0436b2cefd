/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the system calls that change a host go wrong. The linker sends our own objects' calls
 * through here (--wrap), so the code under test is what is shipped.
 */
#pragma once

#include <glib.h>

typedef enum
{
  FAULT_NONE, /* calls are counted only */
  FAULT_ONCE, /* the call of that number fails, the others work */
  FAULT_FULL, /* from that call on, whatever needs room on the disk fails */
  FAULT_TOOL, /* the tool of that number fails at once */
  FAULT_GONE, /* that tool and all that follow fail, as when the computer is being switched off */
  FAULT_HALF, /* the tool of that number is killed half way: FATIA_FAULT tells it */
  FAULT_CUT,  /* the process ends in place of that call */
  FAULT_TORN, /* the process ends after it; a write is half done */
} Fault;

#define FAULT_EXIT 99

/* @at: the number of the call, or of the tool, from 1 */
void faults_set (Fault fault, guint at, int error_number);
guint faults_get_calls (void);
guint faults_get_tools (void);
