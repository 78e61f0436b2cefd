/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-text.h"

/**
 * fatia_group_set_description:
 * @group: a group
 * @text: (nullable): plain text
 */
void
fatia_group_set_description (AdwPreferencesGroup *group, const char *text)
{
  g_autofree char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_preferences_group_set_description (group, markup);
}

/**
 * fatia_status_set_description:
 * @page: a status page
 * @text: (nullable): plain text
 */
void
fatia_status_set_description (AdwStatusPage *page, const char *text)
{
  g_autofree char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_status_page_set_description (page, markup);
}
