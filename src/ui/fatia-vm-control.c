/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/fatia-vm-control.h"

#include <glib/gi18n.h>

#include "setup/fatia-steps.h"

typedef enum
{
  START,
  SHUT_DOWN,
  FORCE_OFF,
  DELETE,
} Verb;

typedef struct
{
  FatiaSetup *setup;
  Verb verb;
  gboolean with_disk;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_object_unref (order->setup);
  g_free (order);
}

static FatiaPractice *
get_practice (FatiaSetup *setup)
{
  return fatia_host_get_practice (fatia_setup_get_host (setup));
}

static gboolean
start_guest (FatiaSetup *setup, GError **error)
{
  FatiaStep *step = fatia_setup_get_step (setup, "vm");
  const FatiaDomainSpec *spec = fatia_vm_step_get_spec (FATIA_VM_STEP (step));

  return fatia_practice_start_guest (get_practice (setup), spec->width, spec->height, error);
}

static DexFuture *
send (const Order *order, FatiaVirt *virt, FatiaDomain *domain)
{
  switch (order->verb)
    {
    case START:
      return fatia_virt_start (virt, domain);
    case SHUT_DOWN:
      /* No operating system in a practice VM hears the request; its guest obeys at once. */
      if (get_practice (order->setup) != NULL)
        return fatia_virt_force_off (virt, domain);
      return fatia_virt_shut_down (virt, domain);
    case FORCE_OFF:
      return fatia_virt_force_off (virt, domain);
    case DELETE:
      return fatia_virt_delete (virt, domain, order->with_disk);
    default:
      g_assert_not_reached ();
    }
}

static DexFuture *
order_fiber (gpointer data)
{
  const Order *order = data;
  FatiaPractice *practice = get_practice (order->setup);
  FatiaDomain *found = fatia_setup_get_domain (order->setup);
  g_autoptr (FatiaDomain) domain = found != NULL ? g_object_ref (found) : NULL;
  g_autoptr (FatiaVirt) virt = NULL;
  GError *error = NULL;

  if (domain == NULL)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
                                  _ ("There is no virtual machine yet."));
  virt = dex_await_object (fatia_host_open_virt (fatia_setup_get_host (order->setup)), &error);
  if (virt == NULL || !dex_await (send (order, virt, domain), &error))
    return dex_future_new_for_error (error);
  if (practice != NULL && order->verb == START && !start_guest (order->setup, &error))
    return dex_future_new_for_error (error);
  if (practice != NULL && order->verb != START)
    fatia_practice_stop_guest (practice);
  if (order->verb == DELETE && !dex_await (fatia_setup_refresh (order->setup), &error))
    return dex_future_new_for_error (error);
  return dex_future_new_for_boolean (TRUE);
}

static DexFuture *
order_new (FatiaSetup *setup, Verb verb, gboolean with_disk)
{
  Order *order = g_new0 (Order, 1);

  order->setup = g_object_ref (setup);
  order->verb = verb;
  order->with_disk = with_disk;
  return dex_scheduler_spawn (NULL, 0, order_fiber, order, order_free);
}

/**
 * fatia_vm_start:
 * @setup: the setup whose VM it is
 *
 * Returns: (transfer full): a future that resolves once it runs
 */
DexFuture *
fatia_vm_start (FatiaSetup *setup)
{
  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  return order_new (setup, START, FALSE);
}

/**
 * fatia_vm_shut_down:
 * @setup: the setup whose VM it is
 *
 * Asks Windows to shut down.
 *
 * Returns: (transfer full): a future that resolves once it is asked
 */
DexFuture *
fatia_vm_shut_down (FatiaSetup *setup)
{
  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  return order_new (setup, SHUT_DOWN, FALSE);
}

/**
 * fatia_vm_force_off:
 * @setup: the setup whose VM it is
 *
 * Returns: (transfer full): a future that resolves once it is off
 */
DexFuture *
fatia_vm_force_off (FatiaSetup *setup)
{
  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  return order_new (setup, FORCE_OFF, FALSE);
}

/**
 * fatia_vm_delete:
 * @setup: the setup whose VM it is
 * @with_disk: whether Windows' disk goes too
 *
 * Returns: (transfer full): a future that resolves once it is gone and the setup knows
 */
DexFuture *
fatia_vm_delete (FatiaSetup *setup, gboolean with_disk)
{
  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  return order_new (setup, DELETE, with_disk);
}

/**
 * fatia_vm_get_glass_path:
 * @setup: the setup whose VM it is
 *
 * Returns: (transfer none) (nullable): the file the VM's picture is in; in practice the
 *   practice guest's
 */
const char *
fatia_vm_get_glass_path (FatiaSetup *setup)
{
  FatiaDomain *domain;

  g_return_val_if_fail (FATIA_IS_SETUP (setup), NULL);

  if (get_practice (setup) != NULL)
    return fatia_practice_get_glass_path (get_practice (setup));
  domain = fatia_setup_get_domain (setup);
  return domain != NULL ? fatia_domain_get_glass_path (domain) : NULL;
}

/**
 * fatia_vm_state_word:
 * @domain: (nullable): a VM
 *
 * Returns: what it does, for people
 */
const char *
fatia_vm_state_word (FatiaDomain *domain)
{
  return domain != NULL ? fatia_domain_get_state_word (domain) : _ ("Not there");
}

/**
 * fatia_vm_is_on:
 * @domain: (nullable): a VM
 *
 * Returns: whether there is something to see or to stop
 */
gboolean
fatia_vm_is_on (FatiaDomain *domain)
{
  return domain != NULL && fatia_domain_is_on (domain);
}

/**
 * fatia_vm_follow:
 * @setup: the setup whose VM it is
 * @domain: (inout) (nullable): the VM that is watched (transfer full)
 * @update: what is called, with @object alone, when the VM's state changes
 * @object: whose @domain it is
 *
 * Brings @domain up to date with @setup.
 */
void
fatia_vm_follow (FatiaSetup *setup, FatiaDomain **domain, GCallback update, gpointer object)
{
  FatiaDomain *now = fatia_setup_get_domain (setup);

  if (now == *domain)
    return;
  if (*domain != NULL)
    g_signal_handlers_disconnect_by_func (*domain, update, object);
  g_set_object (domain, now);
  if (now != NULL)
    g_signal_connect_object (now, "notify::state", update, object, G_CONNECT_SWAPPED);
}
