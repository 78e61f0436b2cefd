/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/fatia-thread.h"

typedef struct
{
  FatiaThreadFunc func;
  gpointer data;
  GDestroyNotify free_data;
  DexPromise *promise;
  DexFuture *settled;
} Job;

static gboolean
settle (gpointer user_data)
{
  g_autofree Job *job = user_data;
  g_autoptr (DexFuture) settled = job->settled;
  g_autoptr (DexPromise) promise = job->promise;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (settled, &error);

  if (value != NULL)
    dex_promise_resolve (promise, value);
  else
    dex_promise_reject (promise, g_steal_pointer (&error));
  return G_SOURCE_REMOVE;
}

static gpointer
run_job (gpointer user_data)
{
  Job *job = user_data;

  job->settled = job->func (job->data);
  if (job->free_data)
    job->free_data (job->data);
  /* A promise rejected here would pass by every dex_future_then() and free what they hold, in this
   * thread. */
  g_idle_add_full (G_PRIORITY_DEFAULT, settle, job, NULL);
  return NULL;
}

/**
 * fatia_thread_run:
 * @name: of the thread, at most 15 letters
 * @func: blocks as long as it likes
 * @data: (transfer full): handed to @func
 * @free_data: (nullable): called in the thread, after @func
 *
 * Runs @func in a thread of its own. libvirt's calls wait for a daemon: a pool of few threads
 * would let one that hangs hold up the others.
 *
 * Returns: (transfer full): a future that settles as @func's does, in the main context
 */
DexFuture *
fatia_thread_run (const char *name, FatiaThreadFunc func, gpointer data, GDestroyNotify free_data)
{
  Job *job = g_new0 (Job, 1);
  DexPromise *promise = dex_promise_new ();

  job->func = func;
  job->data = data;
  job->free_data = free_data;
  job->promise = dex_ref (promise);
  g_thread_unref (g_thread_new (name, run_job, job));
  return DEX_FUTURE (promise);
}
