/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "glass/fatia-frame-source.h"

G_BEGIN_DECLS

/* The thread that reads a guest's memory. */
typedef struct _FatiaGlassReader FatiaGlassReader;

/* What is new since the last time it was asked. */
typedef struct
{
  FatiaSourceState state;
  char *message; /* (nullable) */
  gboolean can_point;
  FatiaFrame *frame;   /* (nullable) */
  FatiaCursor *cursor; /* (nullable) */
} FatiaGlassNews;

FatiaGlassReader *fatia_glass_reader_start (const char *path, GSource *wake);
void fatia_glass_reader_stop (FatiaGlassReader *self);
void fatia_glass_reader_take_news (FatiaGlassReader *self, FatiaGlassNews *news);
void fatia_glass_news_clear (FatiaGlassNews *news);
void fatia_glass_reader_point (FatiaGlassReader *self, int x, int y);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FatiaGlassNews, fatia_glass_news_clear)

G_END_DECLS
