/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-guard.h"

#include <signal.h>
#include <sys/mman.h>

/* The thread's own list: the signal comes to the thread that made the access, so the handler
 * needs no lock. */
static _Thread_local FatiaGlassGuard *guards;
static struct sigaction previous;

/* What SIGBUS did before us: where nobody cared, the access is tried again and kills us as it
 * would have. */
static void
chain (int number, siginfo_t *info, void *context)
{
  if (previous.sa_flags & SA_SIGINFO)
    previous.sa_sigaction (number, info, context);
  else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
    previous.sa_handler (number);
  else
    signal (number, SIG_DFL);
}

static void
on_sigbus (int number, siginfo_t *info, void *context)
{
  const guint8 *address = info->si_addr;

  for (FatiaGlassGuard *guard = guards; guard != NULL; guard = guard->next)
    {
      if (address < guard->data || address >= guard->data + guard->size)
        continue;
      if (mmap (guard->data, guard->size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
        break;
      __atomic_store_n (&guard->lost, 1, __ATOMIC_RELEASE);
      return;
    }
  chain (number, info, context);
}

/**
 * fatia_glass_guard_add:
 * @guard: (transfer none): a mapping of the calling thread, kept until it is removed
 */
void
fatia_glass_guard_add (FatiaGlassGuard *guard)
{
  static gsize installed;

  if (g_once_init_enter (&installed))
    {
      struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_ONSTACK };

      sigemptyset (&action.sa_mask);
      sigaction (SIGBUS, &action, &previous);
      g_once_init_leave (&installed, 1);
    }
  guard->next = guards;
  guards = guard;
}

/**
 * fatia_glass_guard_remove:
 * @guard: what fatia_glass_guard_add() was called with, in the same thread
 */
void
fatia_glass_guard_remove (FatiaGlassGuard *guard)
{
  for (FatiaGlassGuard **link = &guards; *link != NULL; link = &(*link)->next)
    if (*link == guard)
      {
        *link = guard->next;
        return;
      }
}
