/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: which boot loader starts this host. */
#include "host/fatia-facts-private.h"

void
fatia_facts_read_boot_loader (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *name = NULL;

  facts->boot_loader = fatia_boot_loader_detect (root, &name);
  facts->boot_loader_name = name ? fatia_facts_clean (name) : NULL;
}
