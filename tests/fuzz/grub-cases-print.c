/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints every case of GRUB's defaults, for make-seeds. */
#include "../unit/boot/grub-cases.h"

int
main (void)
{
  for (gsize i = 0; i < n_grub_cases; i++)
    {
      g_print ("%s\f\n", grub_cases[i].before);
      if (grub_cases[i].after)
        g_print ("%s\f\n", grub_cases[i].after);
    }
  return 0;
}
