/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-locale.h"

#include <locale.h>
#include <stdlib.h>

#include <glib/gi18n-lib.h>

/**
 * fatia_locale_init:
 *
 * Lets a program of ours speak the person's language; first thing in main(). The translations
 * are where they are installed, or in the build folder, which then FATIA_LOCALE_DIR names (not
 * for a program that runs with more rights than its caller).
 */
void
fatia_locale_init (void)
{
  const char *folder = secure_getenv ("FATIA_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder ? folder : FATIA_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
