/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-kernel-keys.h"

#include <string.h>

#define FUNCTIONS "[0-9]|[1-5][0-9]|6[0-3]"

/*
 * What Fatia knows how to set. The kernel's documents: admin-guide/kernel-parameters.txt
 * (intel_iommu, iommu, module_blacklist, apparmor, security, i915 and xe parameters by modinfo);
 * i915.max_vfs comes with i915-sriov-dkms.
 */
static const FatiaKernelKey keys[] = {
  { "intel_iommu", FATIA_KERNEL_KEY_FLAGS, "on" },
  { "iommu", FATIA_KERNEL_KEY_FLAGS, "pt" },
  { "i915.enable_guc", FATIA_KERNEL_KEY_SCALAR, "[0-3]" },
  { "i915.max_vfs", FATIA_KERNEL_KEY_SCALAR, FUNCTIONS },
  { "i915.enable_fbc", FATIA_KERNEL_KEY_SCALAR, "[01]" },
  { "xe.max_vfs", FATIA_KERNEL_KEY_SCALAR, FUNCTIONS },
  { "xe.force_probe", FATIA_KERNEL_KEY_LIST, "[0-9a-fA-F]{4}(,[0-9a-fA-F]{4}){0,15}" },
  { "module_blacklist", FATIA_KERNEL_KEY_LIST, "(i915|xe)(,(i915|xe))?" },
  { "apparmor", FATIA_KERNEL_KEY_SCALAR, "1" },
  { "security", FATIA_KERNEL_KEY_SCALAR, "apparmor" },
};

static char
fold (char c)
{
  return c == '-' ? '_' : c;
}

/*
 * fatia_kernel_key_is_same:
 * @a: an argument, or the key of one
 * @b: another
 *
 * Returns: whether both have the same key. The kernel takes '-' and '_' in it for the same
 *   (kernel/params.c parameq ()).
 */
gboolean
fatia_kernel_key_is_same (const char *a, const char *b)
{
  for (; *a != '\0' && *a != '=' && fold (*a) == fold (*b); a++, b++)
    ;
  return (*a == '\0' || *a == '=') && (*b == '\0' || *b == '=');
}

/*
 * fatia_kernel_key_find:
 *
 * Returns: (nullable): what is known of the key of @argument
 */
const FatiaKernelKey *
fatia_kernel_key_find (const char *argument)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (fatia_kernel_key_is_same (keys[i].key, argument))
      return &keys[i];
  return NULL;
}

/*
 * fatia_kernel_key_is_same_item:
 *
 * Returns: whether two items of the list of @key say the same; device ids are hexadecimal
 */
gboolean
fatia_kernel_key_is_same_item (const char *key, const char *a, const char *b)
{
  if (fatia_kernel_key_is_same (key, "xe.force_probe"))
    return g_ascii_strcasecmp (a, b) == 0;
  return g_str_equal (a, b);
}

static gboolean
has_item (const char *key, const char *const *items, const char *item)
{
  for (; *items != NULL; items++)
    if (fatia_kernel_key_is_same_item (key, *items, item))
      return TRUE;
  return FALSE;
}

/*
 * fatia_kernel_key_is_opposed:
 *
 * Returns: whether @item, where it stands in the list of @key, works against @wanted_items. The
 *   two graphics drivers are each other's alternative: where one is to be left out, the other is
 *   to load.
 */
gboolean
fatia_kernel_key_is_opposed (const char *key, const char *item, const char *const *wanted_items)
{
  if (fatia_kernel_key_is_same (key, "module_blacklist"))
    return (g_str_equal (item, "i915") || g_str_equal (item, "xe")) &&
           !has_item (key, wanted_items, item);
  if (fatia_kernel_key_is_same (key, "intel_iommu"))
    return g_str_equal (item, "off");
  if (fatia_kernel_key_is_same (key, "iommu"))
    return g_str_equal (item, "off") || g_str_equal (item, "nopt");
  if (fatia_kernel_key_is_same (key, "xe.force_probe"))
    return item[0] == '!' && (g_str_equal (item, "!*") || has_item (key, wanted_items, item + 1));
  return FALSE;
}

/* (nullable): what stands after the key. */
static const char *
get_value (const char *argument)
{
  const char *equals = strchr (argument, '=');

  return equals ? equals + 1 : NULL;
}

/* All the items wanted of one key, and the items of one argument, as (transfer full). */
static GStrv
collect_items (const char *const *arguments, const char *key)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  for (; *arguments != NULL; arguments++)
    {
      g_auto (GStrv) parts = NULL;

      if (!fatia_kernel_key_is_same (*arguments, key) || get_value (*arguments) == NULL)
        continue;
      parts = g_strsplit (get_value (*arguments), ",", -1);
      for (gsize i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0')
          g_ptr_array_add (items, g_strdup (parts[i]));
    }
  g_ptr_array_add (items, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&items), FALSE);
}

/* Items in the order in which the kernel reads them. */
static gboolean
items_are_in_effect (const FatiaKernelKey *key, const char *const *have, const char *const *wanted)
{
  /* xe's force_probe=* stands alone or means nothing (xe_pci.c device_id_in_list ()). */
  if (g_str_equal (key->key, "xe.force_probe") && have[0] && !have[1] && g_str_equal (have[0], "*"))
    return TRUE;
  if (key->kind == FATIA_KERNEL_KEY_LIST)
    for (gsize i = 0; have[i] != NULL; i++)
      if (fatia_kernel_key_is_opposed (key->key, have[i], wanted))
        return FALSE;
  for (; *wanted != NULL; wanted++)
    {
      gboolean present = FALSE;

      for (gsize i = 0; have[i] != NULL; i++)
        if (fatia_kernel_key_is_same_item (key->key, have[i], *wanted))
          present = TRUE;
        else if (fatia_kernel_key_is_opposed (key->key, have[i], wanted))
          present = FALSE;
      if (!present)
        return FALSE;
    }
  return TRUE;
}

/* @last: (nullable): the argument that counts now. */
static char *
extend (const FatiaKernelKey *key, const char *last, const char *const *wanted)
{
  const char *const arguments[] = { last, NULL };
  g_auto (GStrv) have = collect_items (arguments, key->key);
  g_autoptr (GString) text = g_string_new (key->key);
  char separator = '=';

  for (gsize i = 0; have[i] != NULL; i++)
    if (!fatia_kernel_key_is_opposed (key->key, have[i], wanted))
      {
        g_string_append_printf (text, "%c%s", separator, have[i]);
        separator = ',';
      }
  for (; *wanted != NULL; wanted++)
    if (!has_item (key->key, (const char *const *) have, *wanted))
      {
        g_string_append_printf (text, "%c%s", separator, *wanted);
        separator = ',';
      }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
settle_list (const FatiaKernelKey *key,
             const char *const *have,
             const char *const *wanted,
             FatiaKernelSettlement *result)
{
  g_auto (GStrv) wanted_items = collect_items (wanted, key->key);
  g_auto (GStrv) have_items = NULL;
  const char *last[] = { NULL, NULL };

  for (int i = 0; have[i] != NULL; i++)
    if (fatia_kernel_key_is_same (have[i], key->key) && get_value (have[i]) != NULL)
      {
        result->where = i;
        last[0] = have[i];
      }
  have_items = collect_items (key->kind == FATIA_KERNEL_KEY_FLAGS ? have : last, key->key);
  result->in_effect =
    items_are_in_effect (key, (const char *const *) have_items, (const char *const *) wanted_items);
  if (!result->in_effect)
    result->text = extend (key, last[0], (const char *const *) wanted_items);
}

static void
settle_scalar (const char *const *have, const char *wanted, FatiaKernelSettlement *result)
{
  for (int i = 0; have[i] != NULL; i++)
    if (fatia_kernel_key_is_same (have[i], wanted))
      result->where = i;
  result->in_effect =
    result->where >= 0 && g_strcmp0 (get_value (have[result->where]), get_value (wanted)) == 0;
  if (!result->in_effect)
    result->text = g_strdup (wanted);
}

/*
 * fatia_kernel_settle:
 * @have: the arguments the kernel reads, none of init's
 * @wanted: those that are to be in effect
 * @which: the number of one of @wanted: all of its key are settled together
 * @result: (out caller-allocates): what is to be done; its text is (transfer full)
 */
void
fatia_kernel_settle (const char *const *have,
                     const char *const *wanted,
                     guint which,
                     FatiaKernelSettlement *result)
{
  const FatiaKernelKey *key = fatia_kernel_key_find (wanted[which]);

  result->where = -1;
  result->text = NULL;
  if (key != NULL && key->kind != FATIA_KERNEL_KEY_SCALAR && get_value (wanted[which]) != NULL)
    settle_list (key, have, wanted, result);
  else
    settle_scalar (have, wanted[which], result);
}
