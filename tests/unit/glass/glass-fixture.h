/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-practice-host.h"
#include "fatia-practice-picture.h"
#include "glass/fatia-glass.h"

/* A memory file, a host that writes it in this very thread, and a source that reads it. */
typedef struct
{
  char *folder;
  char *path;
  PracticeHost *host; /* NULL: none; ticked while WAIT_FOR() waits */
  FatiaGlass *glass;

  guint n_frames, n_cursors, n_changes;
  FatiaFrame *frame; /* the last one */
  FatiaCursor *cursor;
} Fixture;

#define WAIT_FOR(fixture, condition) WAIT_LONG_FOR (fixture, condition, 10)
#define WAIT_LONG_FOR(fixture, condition, seconds)                                                 \
  do                                                                                               \
    {                                                                                              \
      gint64 wait_end = g_get_monotonic_time () + (seconds) * G_USEC_PER_SEC;                      \
      while (!(condition))                                                                         \
        {                                                                                          \
          fixture_turn (fixture);                                                                  \
          if (g_get_monotonic_time () > wait_end)                                                  \
            g_error ("%s: waited in vain for %s", G_STRLOC, #condition);                           \
        }                                                                                          \
    }                                                                                              \
  while (0)

void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);
void fixture_start (Fixture *self);
void fixture_open_host (Fixture *self, guint32 lgmp, guint32 kvmfr, guint64 size);
void fixture_turn (Fixture *self);
void fixture_turn_for (Fixture *self, guint milliseconds);
FatiaSourceState fixture_get_state (Fixture *self);
const char *fixture_get_message (Fixture *self);

guint8 *fixture_announce (Fixture *self, const PracticePicture *picture, PracticeFrame *frame);
void fixture_send (Fixture *self, const PracticePicture *picture, PracticeFrame *frame);
guint32 frame_get_colour (const FatiaFrame *frame, guint32 x, guint32 y);
void frame_assert_shows (const FatiaFrame *frame, const PracticePicture *picture);
