/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tools say of a failure, as they say it, and what becomes of it. */
#include <string.h>

#include "host/fatia-tables.h"
#include "software/fatia-install-errors.h"

/* What is said, and the beginning of the words that are to come of it. */
static const struct
{
  const char *text;
  const char *words;
} cases[] = {
  { "Building module(s)...(bad exit status: 2)\n"
    "In file included from ./drivers/gpu/drm/i915/display/intel_display.c:44:\n"
    "error: implicit declaration of function ‘drm_helper_probe_detect’; did you mean "
    "‘drm_helper_probe_single’? [-Wimplicit-function-declaration]\n"
    "make[2]: *** [scripts/Makefile.build:229: i915_drv.o] Error 1\n",
    "The driver could not be compiled: its source does not fit" },
  { "Error! Bad return status for module build on kernel: 6.19.14-zabbly+ (x86_64)\n"
    "Consult /var/lib/dkms/i915-sriov-dkms/2026.03.05/build/make.log for more information.\n",
    "The driver could not be compiled: its source does not fit" },
  { "Error! The /var/lib/dkms/i915-sriov-dkms/2026.03.05/6.1.0-44-amd64/x86_64/dkms.conf for "
    "module "
    "i915-sriov-dkms includes a BUILD_EXCLUSIVE directive which does not match this "
    "kernel/arch/config.\nThis indicates that it should not be built.\n",
    "This release of the driver is not made for this kernel" },
  { "Error! Your kernel headers for kernel 6.12.48+deb13-amd64 cannot be found at "
    "/lib/modules/6.12.48+deb13-amd64/build or /lib/modules/6.12.48+deb13-amd64/source.\n",
    "The kernel’s headers, against which" },
  { "/bin/sh: 1: gcc: not found\nmake[3]: *** [scripts/Makefile.build:243: x.o] Error 127\n",
    "There is no compiler here" },
  { "gcc: error: unrecognized command-line option ‘-fmin-function-alignment=16’\n",
    "This computer’s compiler is not the one the kernel was made with" },
  { "x.c:9: fatal error: error writing to /tmp/ccX.s: No space left on device\n"
    "make: *** Error 1\nError! Bad return status for module build on kernel: 6.12\n",
    "The disk is full" },
  { "gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.\n",
    "There was too little memory" },
  { "modprobe: ERROR: could not insert 'i915': Exec format error\n",
    "The driver was compiled for another kernel" },
  { "modprobe: ERROR: could not insert 'i915': Key was rejected by service\n",
    "Secure Boot keeps the kernel from loading the driver" },
  { "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt)\n",
    "Another program installs software right now" },
  { "error: failed to init transaction (unable to lock database)\n",
    "Another program installs software right now" },
  { "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the "
    "problem.\n",
    "An earlier installation was interrupted" },
  { "Err:1 http://deb.debian.org/debian trixie InRelease\n"
    "  Temporary failure resolving 'deb.debian.org'\n",
    "The packages could not be fetched" },
  { "error: failed retrieving file 'swtpm-0.10.0-1-x86_64.pkg.tar.zst' from mirror : timed out\n",
    "The packages could not be fetched" },
  { "E: Unable to locate package swtpm\n", "This distribution does not offer one of the packages" },
  { "No match for argument: swtpm\nError: Unable to find a match: swtpm\n",
    "This distribution does not offer one of the packages" },
  { "error: target not found: swtpm\n", "This distribution does not offer one of the packages" },
  { "dpkg: dependency problems prevent removal of swtpm:\n gnome-boxes depends on swtpm.\n",
    "Other software that is installed now needs one" },
  { "error: Failed dependencies:\n\tswtpm is needed by (installed) gnome-boxes-47-1.x86_64\n",
    "Other software that is installed now needs one" },
  { ":: removing swtpm breaks dependency 'swtpm' required by gnome-boxes\n",
    "Other software that is installed now needs one" },
  { "E: Packages need to be removed but remove is disabled.\n",
    "The packages do not fit what is installed here" },
  { "EFI variables are not supported on this system\n",
    "The firmware’s variables can’t be reached" },
  { "everything went well\n", NULL },
  { "", NULL },
};

static void
test_words (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = fatia_install_errors_explain (cases[i].text);

      if (cases[i].words == NULL)
        g_assert_null (words);
      else if (words == NULL || !g_str_has_prefix (words, cases[i].words))
        g_error ("%s gave %s", cases[i].text, words);
    }
}

/* Each row has words, its translation, and a case above that leads to it. */
static void
test_every_row (void)
{
  g_autoptr (GKeyFile) table = fatia_tables_get ("install-errors");
  g_auto (GStrv) rows = g_key_file_get_groups (table, NULL);

  for (gsize i = 0; rows[i]; i++)
    {
      g_autofree char *words = g_key_file_get_string (table, rows[i], "Words", NULL);
      g_autofree char *translated = g_key_file_get_string (table, rows[i], "Words[pt_BR]", NULL);
      gboolean reached = FALSE;

      g_assert_nonnull (words);
      g_assert_nonnull (translated);
      for (gsize j = 0; j < G_N_ELEMENTS (cases); j++)
        reached |= cases[j].words && g_str_has_prefix (words, cases[j].words);
      if (!reached)
        g_error ("no case leads to [%s]", rows[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/install-errors/words", test_words);
  g_test_add_func ("/install-errors/every-row", test_every_row);
  return g_test_run ();
}
