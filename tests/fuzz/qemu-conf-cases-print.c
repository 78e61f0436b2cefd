/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints every case of qemu.conf, for make-seeds. */
#include "../unit/memory/qemu-conf-cases.h"

#include <stdio.h>

int
main (void)
{
  for (guint i = 0; i < n_qemu_conf_cases; i++)
    printf ("%s\f\n", qemu_conf_cases[i].text);
  return 0;
}
