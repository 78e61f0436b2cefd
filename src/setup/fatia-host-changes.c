/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-host-private.h"

#include "host/fatia-flash.h"
#include "practice/fatia-replay.h"

/* A host's changes: the helper's methods as futures, with a kernel beside them where a practice
 * tree has none. */

#define PLAN_REPLY "(sa(ssss))"

static DexFuture *
plan_from_reply (DexFuture *future, gpointer user_data)
{
  g_autoptr (GVariant) items = NULL;
  GVariant *reply = g_value_get_variant (dex_future_get_value (future, NULL));
  const char *digest;

  g_variant_get (reply, "(&s@a(ssss))", &digest, &items);
  return dex_future_new_take_object (fatia_plan_new_from_variant (digest, items));
}

static DexFuture *
call_for_plan (FatiaHost *self, const char *method, GVariant *args, int fd)
{
  return dex_future_then (
    fatia_helper_call (fatia_host_get_helper (self), method, args, fd, PLAN_REPLY), plan_from_reply,
    NULL, NULL);
}

/**
 * fatia_host_plan:
 * @method: the step's name in the helper's interface, "KernelArguments"
 * @args: (nullable): its arguments, a tuple; floating references are taken
 * @fd: -1, or a descriptor sent along as the "h" of @args
 *
 * Returns: (transfer full): resolves to a #FatiaPlan (object)
 */
DexFuture *
fatia_host_plan (FatiaHost *self, const char *method, GVariant *args, int fd)
{
  g_autofree char *name = g_strconcat ("Plan", method, NULL);

  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);
  return call_for_plan (self, name, args, fd);
}

/* @args with @digest behind its last member. (transfer floating) */
static GVariant *
with_digest (GVariant *args, const char *digest)
{
  g_autoptr (GVariant) tuple = g_variant_ref_sink (args ? args : g_variant_new ("()"));
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  for (gsize i = 0; i < g_variant_n_children (tuple); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (tuple, i);

      g_variant_builder_add_value (&builder, child);
    }
  g_variant_builder_add (&builder, "s", digest);
  return g_variant_builder_end (&builder);
}

static void
kernel_free (gpointer data)
{
  FatiaReplay **kernel = data;

  g_clear_pointer (kernel, fatia_replay_stop);
  g_free (kernel);
}

static DexFuture *
stop_kernel (DexFuture *future, gpointer data)
{
  FatiaReplay **kernel = data;

  g_clear_pointer (kernel, fatia_replay_stop);
  return dex_ref (future);
}

/* The call changes the tree; a practice tree's kernel answers meanwhile. */
static DexFuture *
call_with_kernel (FatiaHost *self, const char *method, GVariant *args, int fd, const char *reply)
{
  FatiaHostRoot *root = fatia_host_get_root (self);
  FatiaReplay **kernel = g_new0 (FatiaReplay *, 1);

  if (fatia_host_get_kind (self) != FATIA_HOST_SYSTEM && fatia_replay_is_practice (root))
    *kernel = fatia_replay_start (root);
  return dex_future_finally (
    fatia_helper_call (fatia_host_get_helper (self), method, args, fd, reply), stop_kernel, kernel,
    kernel_free);
}

static DexFuture *
string_from_reply (DexFuture *future, gpointer user_data)
{
  const char *text;

  g_variant_get (g_value_get_variant (dex_future_get_value (future, NULL)), "(&s)", &text);
  return dex_future_new_for_string (text);
}

/**
 * fatia_host_apply:
 * @method: as for fatia_host_plan()
 * @args: (nullable): the same arguments the plan was made with
 * @fd: the same content
 * @digest: the plan's
 *
 * Returns: (transfer full): resolves to the change's id (string)
 */
DexFuture *
fatia_host_apply (FatiaHost *self, const char *method, GVariant *args, int fd, const char *digest)
{
  g_autofree char *name = g_strconcat ("Apply", method, NULL);

  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);
  return dex_future_then (call_with_kernel (self, name, with_digest (args, digest), fd, "(s)"),
                          string_from_reply, NULL, NULL);
}

/**
 * fatia_host_cancel:
 *
 * Ends what the helper was asked to do.
 */
void
fatia_host_cancel (FatiaHost *self)
{
  g_return_if_fail (FATIA_IS_HOST (self));
  fatia_helper_cancel (fatia_host_get_helper (self));
}

static DexFuture *
firmware_from_reply (DexFuture *future, gpointer user_data)
{
  GVariant *answer = g_value_get_variant (dex_future_get_value (future, NULL));
  g_autoptr (GVariant) bytes = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariantIter) unread = NULL;
  guint64 length, sum = 0;

  g_variant_get (answer, "(@ayv)", &bytes, &reply);
  g_variant_get (reply, "(ha(tt))", NULL, &unread);
  while (g_variant_iter_next (unread, "(tt)", NULL, &length))
    sum += length;
  return dex_future_new_take_variant (g_variant_ref_sink (g_variant_new ("(@ayt)", bytes, sum)));
}

/**
 * fatia_host_read_firmware:
 *
 * Reads what the board's flash chip holds. Where the kernel shows none, nobody is asked to
 * authenticate in vain.
 *
 * Returns: (transfer full): resolves to a variant "(ayt)"
 */
DexFuture *
fatia_host_read_firmware (FatiaHost *self)
{
  g_autoptr (GError) error = NULL;
  FatiaFlash flash;

  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);

  if (!fatia_flash_find (fatia_host_get_root (self), &flash, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_then (
    fatia_helper_call_for_bytes (fatia_host_get_helper (self), "ReadFirmware", "(ha(tt))"),
    firmware_from_reply, NULL, NULL);
}

static DexFuture *
changes_from_reply (DexFuture *future, gpointer user_data)
{
  g_autoptr (GVariant) changes = NULL;

  changes =
    g_variant_get_child_value (g_value_get_variant (dex_future_get_value (future, NULL)), 0);
  return dex_future_new_take_object (fatia_past_changes_new_from_variant (changes));
}

/**
 * fatia_host_list_changes:
 *
 * Returns: (transfer full): resolves to a #GListModel (object) of #FatiaPastChange, oldest first
 */
DexFuture *
fatia_host_list_changes (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);
  return dex_future_then (
    fatia_helper_call (fatia_host_get_helper (self), "ListChanges", NULL, -1, "(a(ssxss))"),
    changes_from_reply, NULL, NULL);
}

static GVariant *
some_decisions (GVariant *decisions)
{
  return decisions ? decisions : g_variant_new ("a{sb}", NULL);
}

/**
 * fatia_host_plan_undo:
 * @change: a change's id
 * @decisions: (nullable): a{sb}: of files that others changed too, by path, whether what was
 *   there before comes back; floating references are taken
 *
 * Returns: (transfer full): resolves to the #FatiaPlan (object) of its undoing; it has an item of
 *   kind "conflict" for each file that a decision lacks about
 */
DexFuture *
fatia_host_plan_undo (FatiaHost *self, const char *change, GVariant *decisions)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);
  return call_for_plan (self, "PlanUndo",
                        g_variant_new ("(s@a{sb})", change, some_decisions (decisions)), -1);
}

static DexFuture *
true_from_reply (DexFuture *future, gpointer user_data)
{
  return dex_future_new_true ();
}

/**
 * fatia_host_undo:
 * @change: a change's id
 * @decisions: (nullable): those of fatia_host_plan_undo(); floating references are taken
 * @digest: its plan's
 *
 * Returns: (transfer full): a boolean; %FATIA_CHANGE_ERROR_TOUCHED where a decision is lacking
 */
DexFuture *
fatia_host_undo (FatiaHost *self, const char *change, GVariant *decisions, const char *digest)
{
  GVariant *args;

  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);

  args = g_variant_new ("(s@a{sb}s)", change, some_decisions (decisions), digest);
  return dex_future_then (call_with_kernel (self, "Undo", args, -1, "()"), true_from_reply, NULL,
                          NULL);
}

typedef struct
{
  FatiaHost *host;
  char *change;
  GVariant *decisions; /* (nullable) */
} Undo;

static void
undo_free (gpointer data)
{
  Undo *undo = data;

  g_object_unref (undo->host);
  g_free (undo->change);
  g_clear_pointer (&undo->decisions, g_variant_unref);
  g_free (undo);
}

/* Of the decisions about any change's files, those that @plan lacks; it may lack more. (transfer
 * full) */
static GVariant *
choose_decisions (Undo *undo, FatiaPlan *plan)
{
  g_auto (GStrv) conflicts = fatia_plan_get_conflicts (plan);
  GVariantBuilder builder;
  GVariantIter iter;
  const char *path;
  gboolean put_back;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sb}"));
  if (undo->decisions)
    {
      g_variant_iter_init (&iter, undo->decisions);
      while (g_variant_iter_next (&iter, "{&sb}", &path, &put_back))
        if (g_strv_contains ((const char *const *) conflicts, path))
          g_variant_builder_add (&builder, "{sb}", path, put_back);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static DexFuture *
undo_fiber (gpointer user_data)
{
  Undo *undo = user_data;
  g_autoptr (FatiaPlan) plan = NULL;
  g_autoptr (GVariant) decisions = NULL;
  g_autoptr (GError) error = NULL;

  plan = dex_await_object (fatia_host_plan_undo (undo->host, undo->change, NULL), &error);
  if (!plan)
    return dex_future_new_for_error (g_steal_pointer (&error));
  decisions = choose_decisions (undo, plan);
  if (g_variant_n_children (decisions) > 0)
    {
      g_clear_object (&plan);
      plan = dex_await_object (fatia_host_plan_undo (undo->host, undo->change, decisions), &error);
      if (!plan)
        return dex_future_new_for_error (g_steal_pointer (&error));
    }
  return fatia_host_undo (undo->host, undo->change, decisions, fatia_plan_get_digest (plan));
}

/**
 * fatia_host_undo_change:
 * @change: a change's id
 * @decisions: (nullable): as for fatia_host_plan_undo(); those about files of other changes do
 *   not count
 *
 * Plans the undoing of @change and does it at once.
 *
 * Returns: (transfer full): a boolean; %FATIA_CHANGE_ERROR_TOUCHED where a decision is lacking
 */
DexFuture *
fatia_host_undo_change (FatiaHost *self, const char *change, GVariant *decisions)
{
  Undo *undo = g_new0 (Undo, 1);

  undo->host = g_object_ref (self);
  undo->change = g_strdup (change);
  undo->decisions = decisions ? g_variant_ref_sink (decisions) : NULL;
  return dex_scheduler_spawn (NULL, 0, undo_fiber, undo, undo_free);
}
