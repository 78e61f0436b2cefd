/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for a future in a test: the main loop turns meanwhile. */
#pragma once

#include <libdex.h>

#define AWAIT_SECONDS 60

G_NORETURN static inline gboolean
await_timeout (gpointer data)
{
  g_error ("%s did not come in %d seconds", data ? (const char *) data : "A future", AWAIT_SECONDS);
}

static inline DexFuture *
await_done (DexFuture *future, gpointer loop)
{
  g_main_loop_quit (loop);
  return dex_ref (future);
}

/* Returns: (nullable): the value of @future, which owns it */
static inline const GValue *
await_value (DexFuture *future, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint timeout = g_timeout_add_seconds (AWAIT_SECONDS, await_timeout, NULL);
  g_autoptr (DexFuture) done = dex_future_finally (
    dex_ref (future), await_done, g_main_loop_ref (loop), (GDestroyNotify) g_main_loop_unref);

  if (dex_future_is_pending (done))
    g_main_loop_run (loop);
  g_source_remove (timeout);
  return dex_future_get_value (future, error);
}

static inline void
await_true (DexFuture *future)
{
  g_autoptr (DexFuture) owned = future;
  g_autoptr (GError) error = NULL;
  const GValue *value = await_value (owned, &error);

  g_assert_no_error (error);
  g_assert_true (g_value_get_boolean (value));
}

static inline gpointer
await_object (DexFuture *future)
{
  g_autoptr (DexFuture) owned = future;
  g_autoptr (GError) error = NULL;
  const GValue *value = await_value (owned, &error);

  g_assert_no_error (error);
  return g_value_dup_object (value);
}

static inline char *
await_string (DexFuture *future)
{
  g_autoptr (DexFuture) owned = future;
  g_autoptr (GError) error = NULL;
  const GValue *value = await_value (owned, &error);

  g_assert_no_error (error);
  return g_value_dup_string (value);
}

/* Returns: (transfer full): the error of a future that must be rejected with @code */
static inline GError *
await_error (DexFuture *future, int code)
{
  g_autoptr (DexFuture) owned = future;
  GError *error = NULL;

  g_assert_null (await_value (owned, &error));
  g_assert_error (error, G_IO_ERROR, code);
  return error;
}

/* Takes @object, which goes as soon as what it has under way is done. */
static inline void
await_finalized (gpointer object)
{
  guint timeout = g_timeout_add_seconds (AWAIT_SECONDS, await_timeout, (gpointer) "An end");

  g_object_add_weak_pointer (object, &object);
  g_object_unref (object);
  while (object != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}
