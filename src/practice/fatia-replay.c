/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice/fatia-replay.h"

#include "practice/fatia-replay-tree.h"

/* The helper waits seconds for what the kernel does in milliseconds. */
#define POLL_MILLISECONDS 10

/* A boot and the thread must not write one tree at once. */
static GMutex lock;

/**
 * fatia_replay_is_practice:
 *
 * Returns: whether @root is a practice tree and may be replayed; the system itself never is
 */
gboolean
fatia_replay_is_practice (FatiaHostRoot *root)
{
  g_autoptr (FatiaReplayTree) tree = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);

  tree = fatia_replay_tree_load (root, NULL);
  return tree != NULL;
}

/**
 * fatia_replay_boot:
 *
 * Replays a boot: the command line is what the boot loader's configuration says, the driver's
 * parameters and the IOMMU follow it, virtual functions go and come back where they are kept.
 * What a boot without the same arguments finds is as it was at first, byte for byte.
 *
 * Returns: %FALSE with @error where @root is no practice tree, or can't be written
 */
gboolean
fatia_replay_boot (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (FatiaReplayTree) tree = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);

  locker = g_mutex_locker_new (&lock);
  tree = fatia_replay_tree_load (root, error);
  return tree != NULL && fatia_replay_tree_boot (tree, error);
}

/**
 * fatia_replay_virtual_functions:
 *
 * Makes the virtual functions' folders and links agree with sriov_numvfs. A number that can't be
 * is put back, as it is where the driver makes none at all.
 */
gboolean
fatia_replay_virtual_functions (FatiaHostRoot *root, GError **error)
{
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (FatiaReplayTree) tree = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);

  locker = g_mutex_locker_new (&lock);
  tree = fatia_replay_tree_load (root, error);
  return tree != NULL && fatia_replay_tree_sync_vfs (tree, error);
}

struct _FatiaReplay
{
  FatiaHostRoot *root;
  GThread *thread;
  GMutex mutex;
  GCond cond;
  gboolean stopping;
};

static gpointer
run (gpointer data)
{
  FatiaReplay *replay = data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&replay->mutex);

  for (;;)
    {
      g_autoptr (GError) error = NULL;

      /* A tree that is gone, or can't be written now, may be back the next time. */
      if (!fatia_replay_virtual_functions (replay->root, &error))
        g_debug ("The virtual functions can't be replayed: %s", error->message);
      if (replay->stopping)
        break;
      g_cond_wait_until (&replay->cond, &replay->mutex,
                         g_get_monotonic_time () + POLL_MILLISECONDS * 1000);
    }
  return NULL;
}

/**
 * fatia_replay_start:
 *
 * Returns: (transfer full): a thread that keeps the virtual functions in agreement with
 *   sriov_numvfs, until fatia_replay_stop()
 */
FatiaReplay *
fatia_replay_start (FatiaHostRoot *root)
{
  FatiaReplay *replay;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), NULL);

  replay = g_new0 (FatiaReplay, 1);
  replay->root = g_object_ref (root);
  g_mutex_init (&replay->mutex);
  g_cond_init (&replay->cond);
  replay->thread = g_thread_new ("practice-kernel", run, replay);
  return replay;
}

/**
 * fatia_replay_stop:
 * @replay: (transfer full) (nullable):
 *
 * What sriov_numvfs says by now is made so before.
 */
void
fatia_replay_stop (FatiaReplay *replay)
{
  if (replay == NULL)
    return;
  g_mutex_lock (&replay->mutex);
  replay->stopping = TRUE;
  g_cond_signal (&replay->cond);
  g_mutex_unlock (&replay->mutex);
  g_thread_join (replay->thread);
  g_object_unref (replay->root);
  g_mutex_clear (&replay->mutex);
  g_cond_clear (&replay->cond);
  g_free (replay);
}
