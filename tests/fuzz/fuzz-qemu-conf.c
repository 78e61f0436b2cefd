/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libvirt's qemu.conf: a device more in its list, and every other byte as it was. */
#include "fuzz.h"

#include <string.h>

#include "memory/fatia-qemu-conf.h"

#define DEVICE "/dev/kvmfr0"

/* One piece was put in: the rest, before it and after it, is the old text. */
static void
check_kept (const char *before, const char *after)
{
  gsize same = 0, old = strlen (before), new = strlen (after);

  g_assert_cmpuint (new, >=, old);
  while (before[same] && before[same] == after[same])
    same++;
  g_assert_cmpstr (before + same, ==, after + new - (old - same));
}

static void
check_forgotten (const char *before, const char *after)
{
  g_autofree char *forgotten = fatia_qemu_conf_forget (after, strlen (after), DEVICE, NULL);

  g_assert_nonnull (forgotten);
  g_assert_true (g_str_has_prefix (forgotten, before) || g_str_equal (forgotten, after));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *before = fuzz_text (data, size);
  g_autoptr (GError) error = NULL;
  g_autofree char *after = fatia_qemu_conf_allow (before, strlen (before), DEVICE, &error);
  g_autofree char *again = NULL;

  if (after == NULL)
    {
      fuzz_assert_refused (error);
      return 0;
    }
  g_assert_nonnull (strstr (after, DEVICE));
  check_kept (before, after);
  again = fatia_qemu_conf_allow (after, strlen (after), DEVICE, NULL);
  g_assert_cmpstr (again, ==, after);
  if (!strstr (before, "Added by Fatia"))
    check_forgotten (before, after);
  return 0;
}
