/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Words, JSON and progress on the terminal. */

#define WIDTH_WITHOUT_TERMINAL 80
#define WIDTH_TO_READ          100

static gboolean progress_shown;

/**
 * ctl_error:
 * @format: a sentence for people
 *
 * Prints an error in the form all of them have.
 */
void
ctl_error (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  ctl_progress_end ();
  g_printerr ("fatiactl: %s\n", text);
}

/**
 * ctl_fail:
 *
 * Returns: the exit status for something that went wrong, once it is told
 */
int
ctl_fail (const GError *error)
{
  ctl_error ("%s", error->message);
  return CTL_ERROR;
}

/**
 * ctl_print_json:
 * @builder: holds one finished value
 */
void
ctl_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);

  g_print ("%s\n", text);
}

/**
 * ctl_json_add:
 * @value: (nullable): null in JSON
 *
 * Adds a member that is text.
 */
void
ctl_json_add (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static guint
terminal_width (void)
{
  struct winsize size;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
    return MIN (size.ws_col, WIDTH_TO_READ);
  return WIDTH_WITHOUT_TERMINAL;
}

/**
 * ctl_print_wrapped:
 * @text: words
 * @indent: how many columns are left free before each line but the first, which stands there
 *   already
 */
void
ctl_print_wrapped (const char *text, guint indent)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  guint width = terminal_width ();
  guint column = indent;

  for (guint i = 0; words[i]; i++)
    {
      guint length = (guint) g_utf8_strlen (words[i], -1);

      if (length == 0)
        continue;
      if (column > indent && column + 1 + length > width)
        {
          g_print ("\n%*s", (int) indent, "");
          column = indent;
        }
      g_print ("%s%s", column > indent ? " " : "", words[i]);
      column += length + (column > indent ? 1 : 0);
    }
  g_print ("\n");
}

/**
 * ctl_has_colour:
 *
 * Returns: whether standard output is a terminal that shows colours (see no-color.org)
 */
gboolean
ctl_has_colour (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && !(no_color && *no_color) &&
         g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/**
 * ctl_progress:
 * @text: what is being done
 *
 * Shows it on the terminal, in place of what stood there; elsewhere nothing is printed.
 */
void
ctl_progress (const char *text)
{
  if (!isatty (STDERR_FILENO))
    return;
  /* Erases the line (ECMA-48 EL). */
  g_printerr ("\r\033[K%.*s", (int) MIN (strcspn (text, "\n"), terminal_width () - 1), text);
  progress_shown = TRUE;
}

/**
 * ctl_progress_end:
 *
 * Takes the progress off the terminal.
 */
void
ctl_progress_end (void)
{
  if (progress_shown)
    g_printerr ("\r\033[K");
  progress_shown = FALSE;
}
