/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection to libvirt, used by several threads, and what it tells by itself. */
#include "guest/fatia-virt-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <libvirt-glib/libvirt-glib.h>

/* Who is told, as long as they live. libvirt's callbacks hold references of their own. */
typedef struct
{
  gatomicrefcount refs;
  GWeakRef owner;
  FatiaVirtLinkFunc changed;
  FatiaVirtLinkFunc closed;
} Watch;

struct _FatiaVirtLink
{
  gatomicrefcount refs;
  char *uri;
  Watch *watch;
  GMutex mutex;
  virConnectPtr connection; /* (nullable) */
  int events;               /* libvirt's id of the registration, -1: none */
};

static Watch *
watch_ref (Watch *watch)
{
  g_atomic_ref_count_inc (&watch->refs);
  return watch;
}

static void
watch_unref (void *data)
{
  Watch *watch = data;

  if (!g_atomic_ref_count_dec (&watch->refs))
    return;
  g_weak_ref_clear (&watch->owner);
  g_free (watch);
}

static gboolean
tell (gpointer data, gboolean closed)
{
  Watch *watch = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&watch->owner);

  if (owner != NULL)
    (closed ? watch->closed : watch->changed) (owner);
  return G_SOURCE_REMOVE;
}

static gboolean
tell_changed (gpointer data)
{
  return tell (data, FALSE);
}

static gboolean
tell_closed (gpointer data)
{
  return tell (data, TRUE);
}

/* Drivers in-process may call in any thread. */
static void
tell_in_main (Watch *watch, GSourceFunc func)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, func, watch_ref (watch), watch_unref);
}

static int
on_lifecycle (virConnectPtr connection, virDomainPtr domain, int event, int detail, void *data)
{
  tell_in_main (data, tell_changed);
  return 0;
}

static void
on_close (virConnectPtr connection, int reason, void *data)
{
  tell_in_main (data, tell_closed);
}

static gpointer
initialize (gpointer data)
{
  fatia_virt_silence ();
  /* libvirt's sockets and timers become sources of the default main context. */
  gvir_event_register ();
  return NULL;
}

/**
 * fatia_virt_link_new:
 * @owner: who is told; no reference is held
 * @changed: called in the main context after a domain changed
 * @closed: called in the main context after the connection broke
 *
 * Returns: (transfer full): a link that is not open yet
 */
FatiaVirtLink *
fatia_virt_link_new (const char *uri,
                     GObject *owner,
                     FatiaVirtLinkFunc changed,
                     FatiaVirtLinkFunc closed)
{
  static GOnce once = G_ONCE_INIT;
  FatiaVirtLink *link = g_new0 (FatiaVirtLink, 1);

  g_once (&once, initialize, NULL);
  link->watch = g_new0 (Watch, 1);
  g_atomic_ref_count_init (&link->watch->refs);
  g_weak_ref_init (&link->watch->owner, owner);
  link->watch->changed = changed;
  link->watch->closed = closed;
  g_atomic_ref_count_init (&link->refs);
  g_mutex_init (&link->mutex);
  link->uri = g_strdup (uri);
  link->events = -1;
  return link;
}

FatiaVirtLink *
fatia_virt_link_ref (FatiaVirtLink *link)
{
  g_atomic_ref_count_inc (&link->refs);
  return link;
}

/* libvirt's callbacks hold the connection: it closes when they are gone. */
static void
drop_connection (FatiaVirtLink *link)
{
  if (link->connection == NULL)
    return;
  if (link->events >= 0)
    virConnectDomainEventDeregisterAny (link->connection, link->events);
  link->events = -1;
  virConnectUnregisterCloseCallback (link->connection, on_close);
  g_clear_pointer (&link->connection, virConnectClose);
}

/* Closing talks to the daemon, so it is done in a thread, too. */
static gpointer
finalize_in_thread (gpointer data)
{
  FatiaVirtLink *link = data;

  drop_connection (link);
  watch_unref (link->watch);
  g_mutex_clear (&link->mutex);
  g_free (link->uri);
  g_free (link);
  return NULL;
}

void
fatia_virt_link_unref (FatiaVirtLink *link)
{
  if (g_atomic_ref_count_dec (&link->refs))
    g_thread_unref (g_thread_new ("libvirt-close", finalize_in_thread, link));
}

static gboolean
open_connection (FatiaVirtLink *link, GError **error)
{
  link->connection = virConnectOpen (link->uri);
  if (link->connection == NULL)
    {
      fatia_virt_set_error (error, _ ("libvirt can't be reached."));
      return FALSE;
    }
  /* A daemon that hangs is noticed after a quarter of a minute. Drivers in-process know neither
   * this nor closing, and say "registered" without ever giving the data back: it is the link's. */
  virConnectSetKeepAlive (link->connection, 5, 3);
  virConnectRegisterCloseCallback (link->connection, on_close, link->watch, NULL);
  link->events = virConnectDomainEventRegisterAny (
    link->connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK (on_lifecycle),
    watch_ref (link->watch), watch_unref);
  if (link->events < 0)
    watch_unref (link->watch);
  virResetLastError ();
  return TRUE;
}

/**
 * fatia_virt_link_get:
 *
 * Opens the connection where it is not open or is broken. Blocks.
 *
 * Returns: (transfer full) (nullable): the connection
 */
virConnectPtr
fatia_virt_link_get (FatiaVirtLink *link, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&link->mutex);

  if (link->connection != NULL && virConnectIsAlive (link->connection) != 1)
    drop_connection (link);
  if (link->connection == NULL && !open_connection (link, error))
    return NULL;
  virConnectRef (link->connection);
  return link->connection;
}
