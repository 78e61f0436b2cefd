/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-setup.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib/gi18n.h>

/* A password from the terminal, or from a pipe; never from the command line, which all can see. */

#define LINE_LIMIT 256

/* FALSE: nothing came. The terminal does not show what is typed. */
static gboolean
read_line (const char *prompt, char *line)
{
  gboolean terminal = isatty (STDIN_FILENO);
  struct termios shown, hidden;
  gboolean read;

  if (terminal)
    {
      g_printerr ("%s ", prompt);
      tcgetattr (STDIN_FILENO, &shown);
      hidden = shown;
      hidden.c_lflag &= ~(tcflag_t) ECHO;
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &hidden);
    }
  read = fgets (line, LINE_LIMIT, stdin) != NULL;
  if (terminal)
    {
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &shown);
      g_printerr ("\n");
    }
  if (read)
    line[strcspn (line, "\n")] = '\0';
  return read;
}

/* On a terminal it is asked for twice: nobody saw what was typed. */
static gboolean
read_twice (char *first, char *second)
{
  if (!read_line (_ ("Password for the next start (letters and digits):"), first))
    return FALSE;
  if (!isatty (STDIN_FILENO))
    return TRUE;
  if (read_line (_ ("Once more:"), second) && g_str_equal (first, second))
    return TRUE;
  ctl_error (_ ("the two are not the same"));
  return FALSE;
}

/**
 * ctl_read_password:
 *
 * Gives the step the password that the next start asks for.
 *
 * Returns: the exit status where there is none, else %CTL_OK
 */
int
ctl_read_password (FatiaKeyStep *step)
{
  char first[LINE_LIMIT] = "";
  char second[LINE_LIMIT] = "";
  g_autoptr (GError) error = NULL;
  gboolean read = read_twice (first, second);
  gboolean taken = read && fatia_key_step_set_password (step, first, &error);

  explicit_bzero (first, sizeof first);
  explicit_bzero (second, sizeof second);
  if (error)
    ctl_error ("%s", error->message);
  return taken ? CTL_OK : CTL_ERROR;
}
