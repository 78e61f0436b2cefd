/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libdex.h>

G_BEGIN_DECLS

/* What is done in the thread. Returns: (transfer full): an already settled future */
typedef DexFuture *(*FatiaThreadFunc) (gpointer data);

DexFuture *
fatia_thread_run (const char *name, FatiaThreadFunc func, gpointer data, GDestroyNotify free_data);

G_END_DECLS
