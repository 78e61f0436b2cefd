/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * first-paint CMD…: starts CMD and prints the milliseconds until something it drew is on the X
 * screen, then ends it. Looks at the root window's pixels from outside, so that no toolkit's own
 * idea of "shown" counts. The screen must be empty and of one colour (a fresh Xvfb).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <X11/Xlib.h>
#include <X11/Xutil.h>

#define TIMEOUT_MS 30000.0

static double
now_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* A window without a manager appears at the top left corner or in the middle; a grid of points
 * over the whole screen sees it in either place, and costs little to fetch. A window counts as
 * painted when it shows more than one colour: GTK maps it black before its first frame. */
static int
painted (Display *display, unsigned long empty)
{
  Window root = DefaultRootWindow (display);
  int screen = DefaultScreen (display);
  XImage *image = XGetImage (display, root, 0, 0, DisplayWidth (display, screen),
                             DisplayHeight (display, screen), AllPlanes, ZPixmap);
  unsigned long first = empty;
  int result = 0;

  if (image == NULL)
    return 0;
  for (int y = 0; y < image->height && !result; y += 4)
    for (int x = 0; x < image->width && !result; x += 4)
      {
        unsigned long pixel = XGetPixel (image, x, y) & 0xffffff;

        if (pixel == empty || pixel == 0)
          continue;
        if (first == empty)
          first = pixel;
        result = pixel != first;
      }
  XDestroyImage (image);
  return result;
}

int
main (int argc, char **argv)
{
  Display *display = XOpenDisplay (NULL);
  double begin;
  pid_t pid;

  if (argc < 2 || display == NULL)
    {
      fputs ("first-paint: needs a command and an X display\n", stderr);
      return 64;
    }
  XSetWindowBackground (display, DefaultRootWindow (display), 0x123456);
  XClearWindow (display, DefaultRootWindow (display));
  XSync (display, False);
  begin = now_ms ();
  pid = fork ();
  if (pid == 0)
    {
      setpgid (0, 0);
      execvp (argv[1], argv + 1);
      _exit (127);
    }
  while (!painted (display, 0x123456))
    {
      if (now_ms () - begin > TIMEOUT_MS || waitpid (pid, NULL, WNOHANG) == pid)
        {
          fprintf (stderr, "first-paint: %s drew nothing\n", argv[1]);
          kill (-pid, SIGKILL);
          return 1;
        }
      usleep (500);
    }
  printf ("%.1f\n", now_ms () - begin);
  kill (-pid, SIGKILL);
  waitpid (pid, NULL, 0);
  return 0;
}
