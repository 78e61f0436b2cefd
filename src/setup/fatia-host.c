/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-host-private.h"

#include <glib/gi18n-lib.h>

#include "practice/fatia-practice-store.h"
#include "practice/fatia-replay.h"
#include "setup/fatia-helper.h"
#include "guest/fatia-thread.h"

/* Somebody may have to type a password for libvirt's own polkit question meanwhile. */
#define OPEN_SECONDS 90

#define SYSTEM_URI "qemu:///system"
/* In a tree: the VMs that libvirt's test driver would forget with the process. */
#define DOMAINS_FOLDER ".fatia-domains"

/**
 * FatiaHost:
 *
 * The host a setup works on, and the two doors to it that change something: the helper and
 * libvirt.
 */
struct _FatiaHost
{
  GObject parent_instance;
  FatiaHostKind kind;
  FatiaHostRoot *root;
  FatiaPractice *practice; /* (nullable) */
  FatiaHelper *helper;
  FatiaVirt *virt;           /* (nullable): once asked for */
  FatiaPracticeStore *store; /* (nullable): a tree's */
  char *connect;             /* (nullable): a URI other than the kind's own */
};

G_DEFINE_FINAL_TYPE (FatiaHost, fatia_host, G_TYPE_OBJECT)

enum
{
  PROGRESS,
  FRACTION,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
fatia_host_dispose (GObject *object)
{
  FatiaHost *self = FATIA_HOST (object);

  if (self->helper)
    {
      g_signal_handlers_disconnect_by_data (self->helper, self);
      fatia_helper_close (self->helper);
    }
  g_clear_object (&self->helper);
  g_clear_pointer (&self->store, fatia_practice_store_close);
  g_clear_object (&self->virt);
  g_clear_object (&self->practice);
  g_clear_object (&self->root);
  g_clear_pointer (&self->connect, g_free);
  G_OBJECT_CLASS (fatia_host_parent_class)->dispose (object);
}

static void
fatia_host_class_init (FatiaHostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fatia_host_dispose;

  /**
   * FatiaHost::progress:
   * @text: what is being done, or a line that the host's own tool printed
   */
  signals[PROGRESS] = g_signal_new ("progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * FatiaHost::fraction:
   * @done: how much is done, from 0 to 1
   */
  signals[FRACTION] = g_signal_new ("fraction", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_DOUBLE);
}

static void
fatia_host_init (FatiaHost *self)
{
}

static void
on_progress (FatiaHelper *helper, const char *text, FatiaHost *self)
{
  g_signal_emit (self, signals[PROGRESS], 0, text);
}

static void
on_fraction (FatiaHelper *helper, double fraction, FatiaHost *self)
{
  g_signal_emit (self, signals[FRACTION], 0, fraction);
}

static FatiaHost *
host_new (FatiaHostKind kind, FatiaHostRoot *root)
{
  FatiaHost *self = g_object_new (FATIA_TYPE_HOST, NULL);

  self->kind = kind;
  self->root = g_object_ref (root);
  self->helper = fatia_helper_new (root);
  g_signal_connect (self->helper, "progress", G_CALLBACK (on_progress), self);
  g_signal_connect (self->helper, "fraction", G_CALLBACK (on_fraction), self);
  return self;
}

/**
 * fatia_host_new_system:
 *
 * Returns: (transfer full) (nullable): this computer
 */
FatiaHost *
fatia_host_new_system (GError **error)
{
  g_autoptr (FatiaHostRoot) root = fatia_host_root_new ("/", error);

  return root ? host_new (FATIA_HOST_SYSTEM, root) : NULL;
}

/**
 * fatia_host_new_tree:
 * @path: a folder that holds a host's files; not `/`
 *
 * Returns: (transfer full) (nullable): the host in that folder, or %NULL where it is none
 */
FatiaHost *
fatia_host_new_tree (const char *path, GError **error)
{
  g_autoptr (FatiaHostRoot) root = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  root = fatia_host_root_new (path, error);
  if (!root)
    return NULL;
  if (fatia_host_root_is_system (root))
    {
      /* Else the helper would run as the caller, past polkit. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   _ ("%s is this computer itself, not the folder of another. To set this computer "
                      "up, leave the folder out."),
                   path);
      return NULL;
    }
  return host_new (FATIA_HOST_TREE, root);
}

/**
 * fatia_host_new_practice:
 *
 * Returns: (transfer full) (nullable): a host that changes nothing on this computer
 */
FatiaHost *
fatia_host_new_practice (FatiaPractice *practice, GError **error)
{
  g_autoptr (FatiaHostRoot) root = NULL;
  FatiaHost *self;

  g_return_val_if_fail (FATIA_IS_PRACTICE (practice), NULL);

  root = fatia_host_root_new (fatia_practice_get_root (practice), error);
  if (!root)
    return NULL;
  self = host_new (FATIA_HOST_PRACTICE, root);
  self->practice = g_object_ref (practice);
  return self;
}

/**
 * fatia_host_get_kind:
 *
 * Returns: what kind of host this is
 */
FatiaHostKind
fatia_host_get_kind (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), FATIA_HOST_SYSTEM);
  return self->kind;
}

/**
 * fatia_host_get_root:
 *
 * Returns: (transfer none): the root below which its files are
 */
FatiaHostRoot *
fatia_host_get_root (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);
  return self->root;
}

/**
 * fatia_host_get_practice:
 *
 * Returns: (transfer none) (nullable): the practice host this is
 */
FatiaPractice *
fatia_host_get_practice (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);
  return self->practice;
}

/**
 * fatia_host_set_connect:
 * @uri: (nullable): a libvirt URI; %NULL for the one this kind of host has
 *
 * Says which libvirt to open; counts until it is open.
 */
void
fatia_host_set_connect (FatiaHost *self, const char *uri)
{
  g_return_if_fail (FATIA_IS_HOST (self));
  g_set_str (&self->connect, uri);
}

/* libvirt's test driver, with what was kept in the tree. */
static const char *
open_tree_driver (FatiaHost *self)
{
  g_autofree char *folder =
    g_build_filename (fatia_host_root_get_path (self->root), DOMAINS_FOLDER, NULL);

  if (!self->store)
    self->store = fatia_practice_store_open (folder, NULL);
  return FATIA_PRACTICE_STORE_URI;
}

static DexFuture *
open_virt_fiber (gpointer user_data)
{
  FatiaHost *self = user_data;
  g_autoptr (FatiaVirt) virt = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = g_strdup (self->connect);

  if (!uri && self->practice)
    {
      uri = dex_await_string (fatia_practice_start_libvirt (self->practice), &error);
      if (!uri)
        return dex_future_new_for_error (g_steal_pointer (&error));
    }
  if (!uri)
    uri = g_strdup (self->kind == FATIA_HOST_SYSTEM ? SYSTEM_URI : open_tree_driver (self));
  virt = fatia_virt_new (uri);
  if (!dex_await (
        dex_future_first (fatia_virt_connect (virt), dex_timeout_new_seconds (OPEN_SECONDS), NULL),
        &error))
    {
      if (g_error_matches (error, DEX_ERROR, DEX_ERROR_TIMED_OUT))
        return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                      _ ("libvirt does not answer at %s. Restart its service or "
                                         "the computer."),
                                      uri);
      return dex_future_new_for_error (g_steal_pointer (&error));
    }
  /* Two may have asked at once: they are to share one. */
  if (!self->virt)
    self->virt = g_object_ref (virt);
  return dex_future_new_for_object (self->virt);
}

/**
 * fatia_host_owns_virt:
 *
 * Returns: whether the VMs there are belong to this host alone: in practice, and in a tree whose
 *   libvirt is the test driver. Those of a libvirt that runs VMs are somebody's.
 */
gboolean
fatia_host_owns_virt (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), FALSE);
  return self->kind != FATIA_HOST_SYSTEM && self->connect == NULL;
}

/**
 * fatia_host_open_virt:
 *
 * Opens libvirt where it is not open yet.
 *
 * Returns: (transfer full): resolves to the #FatiaVirt (object)
 */
DexFuture *
fatia_host_open_virt (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);

  if (self->virt)
    return dex_future_new_for_object (self->virt);
  return dex_scheduler_spawn (NULL, 0, open_virt_fiber, g_object_ref (self), g_object_unref);
}

static DexFuture *
restart_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!fatia_replay_boot (data, &error))
    return dex_future_new_for_error (g_steal_pointer (&error));
  return dex_future_new_true ();
}

static DexFuture *
system_restart_fiber (gpointer user_data)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  bus = dex_await_object (dex_bus_get (G_BUS_TYPE_SYSTEM), &error);
  if (bus)
    reply =
      dex_await_variant (dex_dbus_connection_call (
                           bus, "org.freedesktop.login1", "/org/freedesktop/login1",
                           "org.freedesktop.login1.Manager", "Reboot", g_variant_new ("(b)", TRUE),
                           NULL, G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, G_MAXINT),
                         &error);
  if (reply)
    return dex_future_new_true ();
  if (fatia_helper_error_is_refusal (error))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                  _ ("The system does not let you restart it."));
  g_dbus_error_strip_remote_error (error);
  return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_FAILED,
                                _ ("The restart could not be asked for (%s). Restart the computer "
                                   "as you always do."),
                                error->message);
}

/**
 * fatia_host_restart:
 *
 * Restarts the host: a practice tree by replaying what a boot does, this computer by asking
 * logind (org.freedesktop.login1.Manager.Reboot), which asks the person.
 *
 * Returns: (transfer full): a boolean; %G_IO_ERROR_NOT_SUPPORTED for a tree that is no practice
 *   tree
 */
DexFuture *
fatia_host_restart (FatiaHost *self)
{
  g_return_val_if_fail (FATIA_IS_HOST (self), NULL);

  if (self->kind == FATIA_HOST_SYSTEM)
    return dex_scheduler_spawn (NULL, 0, system_restart_fiber, NULL, NULL);
  if (!fatia_replay_is_practice (self->root))
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                  _ ("%s is not a practice computer, so there is no restart to "
                                     "play through"),
                                  fatia_host_root_get_path (self->root));
  return fatia_thread_run ("restart", restart_thread, g_object_ref (self->root), g_object_unref);
}

/**
 * fatia_host_get_helper:
 *
 * Returns: (transfer none): the helper's other side
 */
FatiaHelper *
fatia_host_get_helper (FatiaHost *self)
{
  return self->helper;
}
