/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The devices that libvirt lets QEMU open: cgroup_device_acl in qemu.conf. Where it is not set,
 * libvirt's own list counts; where it is, nothing but what it says: so our device comes with
 * libvirt's list, or into the one that is there. Every other byte stays.
 */
#include "memory/fatia-qemu-conf.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-change.h"
#include "memory/fatia-virt-conf.h"

#define SETTING "cgroup_device_acl"
#define COMMENT "# Added by Fatia: libvirt's own list, and the memory that Looking Glass shares."
/* Longer than any example of a list. */
#define EXAMPLE_LINES 64

/* What every version of libvirt has in its list, and then what the newest has (11.3). */
static const char *const needed[] = { "/dev/null",    "/dev/full", "/dev/zero", "/dev/random",
                                      "/dev/urandom", "/dev/ptmx", "/dev/kvm" };
static const char *const newest[] = { "/dev/userfaultfd" };

static const char *
end_of_line (const char *text, gsize length)
{
  const char *feed = memchr (text, '\n', length);

  return feed && feed > text && feed[-1] == '\r' ? "\r\n" : "\n";
}

/* The text of the comments from the line at @at on, without their marks, up to the list's end. */
static char *
uncomment (const char *text, gsize length, gsize at)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (guint i = 0; i < EXAMPLE_LINES && at < length && text[at] == '#'; i++)
    {
      const char *feed = memchr (text + at, '\n', length - at);
      gsize end = feed ? (gsize) (feed - text) + 1 : length;

      g_string_append_len (plain, text + at + 1, end - at - 1);
      if (memchr (text + at, ']', end - at))
        return g_string_free (g_steal_pointer (&plain), FALSE);
      at = end;
    }
  return NULL;
}

static gboolean
is_device (const char *path)
{
  return g_str_has_prefix (path, "/dev/") &&
         strspn (path, "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
           strlen (path);
}

/* The list that a commented example sets; NULL where it is no list of devices, or lacks what every
 * libvirt has: then other hands were at it. */
static GPtrArray *
read_example (const char *plain)
{
  g_auto (FatiaVirtList) list = { 0 };
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);

  if (!fatia_virt_conf_find_list (plain, strlen (plain), SETTING, &list, NULL) || !list.is_there)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (!fatia_virt_list_has (&list, plain, needed[i]))
      return NULL;
  for (guint i = 0; i < list.strings->len; i++)
    {
      const FatiaVirtString *string = &g_array_index (list.strings, FatiaVirtString, i);

      g_ptr_array_add (devices,
                       g_strndup (plain + string->value, string->value_end - string->value));
      if (!is_device (g_ptr_array_index (devices, i)))
        return NULL;
    }
  return g_steal_pointer (&devices);
}

static gboolean
is_example (const char *line, gsize length)
{
  gsize mark = length > 1 && line[0] == '#' ? (line[1] == ' ' ? 2 : 1) : 0;

  return mark > 0 && length - mark > strlen (SETTING) &&
         strncmp (line + mark, SETTING, strlen (SETTING)) == 0;
}

/* libvirt's own list, as the example in its file tells it for the version that is installed. */
static GPtrArray *
find_defaults (const char *text, gsize length)
{
  GPtrArray *devices;

  for (gsize at = 0; at < length;)
    {
      const char *feed = memchr (text + at, '\n', length - at);
      g_autofree char *plain = NULL;

      if (is_example (text + at, length - at))
        plain = uncomment (text, length, at);
      devices = plain ? read_example (plain) : NULL;
      if (devices)
        return devices;
      at = feed ? (gsize) (feed - text) + 1 : length;
    }
  devices = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    g_ptr_array_add (devices, g_strdup (needed[i]));
  for (guint i = 0; i < G_N_ELEMENTS (newest); i++)
    g_ptr_array_add (devices, g_strdup (newest[i]));
  return devices;
}

/* What is added where the setting is not there. */
static char *
make_block (const char *text, gsize length, const char *device)
{
  g_autoptr (GPtrArray) devices = find_defaults (text, length);
  const char *feed = end_of_line (text, length);
  GString *block = g_string_new (NULL);

  g_string_append_printf (block, "%s%s%s = [%s", COMMENT, feed, SETTING, feed);
  for (guint i = 0; i < devices->len; i++)
    if (!g_str_equal (g_ptr_array_index (devices, i), device))
      g_string_append_printf (block, "    \"%s\",%s", (char *) g_ptr_array_index (devices, i),
                              feed);
  g_string_append_printf (block, "    \"%s\"%s]%s", device, feed, feed);
  return g_string_free (block, FALSE);
}

static char *
append_block (const char *text, gsize length, const char *device)
{
  g_autofree char *block = make_block (text, length, device);
  gboolean open = length > 0 && text[length - 1] != '\n' && text[length - 1] != '\r';

  return g_strdup_printf ("%.*s%s%s", (int) length, text, open ? end_of_line (text, length) : "",
                          block);
}

/* What goes between the last string and ours: a line of its own where that has one. */
static char *
make_joint (const char *text, gsize length, const FatiaVirtList *list, const FatiaVirtString *last)
{
  gsize start = last->start, indent;

  while (start > list->list && text[start - 1] != '\n')
    start--;
  if (start == list->list)
    return g_strdup (", ");
  indent = strspn (text + start, " \t");
  return g_strdup_printf (",%s%.*s", end_of_line (text, length), (int) indent, text + start);
}

static char *
insert_string (const char *text, gsize length, const FatiaVirtList *list, const char *device)
{
  const FatiaVirtString *last =
    list->strings->len > 0 ? &g_array_index (list->strings, FatiaVirtString, list->strings->len - 1)
                           : NULL;
  gsize at = last ? last->end : list->list;
  g_autofree char *joint = last ? make_joint (text, length, list, last) : g_strdup ("");

  return g_strdup_printf ("%.*s%s\"%s\"%.*s", (int) at, text, joint, device, (int) (length - at),
                          text + at);
}

/* Whether the new text is read as the old one with @device in its list. */
static gboolean
check_result (const char *text, const FatiaVirtList *before, const char *device, GError **error)
{
  g_auto (FatiaVirtList) list = { 0 };

  if (!fatia_virt_conf_find_list (text, strlen (text), SETTING, &list, error))
    return FALSE;
  if (list.is_there && fatia_virt_list_has (&list, text, device) &&
      (!before->is_there || list.strings->len == before->strings->len + 1))
    return TRUE;
  g_set_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED,
               _ ("%s could not be changed with certainty. Add “%s” to %s in it by hand."),
               FATIA_QEMU_CONF, device, SETTING);
  return FALSE;
}

/**
 * fatia_qemu_conf_allow:
 * @text: (array length=length): what qemu.conf holds
 * @device: a device's path, "/dev/kvmfr0"
 *
 * Lets QEMU open @device, and all it may open now.
 *
 * Returns: (transfer full) (nullable): the new text, the same where nothing is to be done; %NULL,
 *   %FATIA_CHANGE_ERROR_REFUSED, where @text can't be read with certainty
 */
char *
fatia_qemu_conf_allow (const char *text, gsize length, const char *device, GError **error)
{
  g_auto (FatiaVirtList) list = { 0 };
  g_autofree char *after = NULL;

  g_return_val_if_fail (text != NULL || length == 0, NULL);
  g_return_val_if_fail (device != NULL && is_device (device), NULL);

  if (length == 0)
    text = "";
  if (!fatia_virt_conf_find_list (text, length, SETTING, &list, error))
    return NULL;
  if (fatia_virt_list_has (&list, text, device))
    return g_strndup (text, length);
  after = list.is_there ? insert_string (text, length, &list, device)
                        : append_block (text, length, device);
  return check_result (after, &list, device, error) ? g_steal_pointer (&after) : NULL;
}

/**
 * fatia_qemu_conf_forget:
 *
 * Takes out again what fatia_qemu_conf_allow() added where nothing was set. A list that is of
 * other hands, or was changed by them, stays as it is: one device more in it does no harm.
 *
 * Returns: (transfer full) (nullable): the new text; %NULL as above
 */
char *
fatia_qemu_conf_forget (const char *text, gsize length, const char *device, GError **error)
{
  g_auto (FatiaVirtList) list = { 0 };
  g_autofree char *block = NULL;
  const char *place;
  gsize rest;

  g_return_val_if_fail (text != NULL || length == 0, NULL);
  g_return_val_if_fail (device != NULL && is_device (device), NULL);

  if (length == 0)
    text = "";
  if (!fatia_virt_conf_find_list (text, length, SETTING, &list, error))
    return NULL;
  block = make_block (text, length, device);
  place = g_strstr_len (text, length, block);
  if (place == NULL || (place > text && place[-1] != '\n' && place[-1] != '\r') || !list.is_there ||
      list.start < (gsize) (place - text) || list.end > (gsize) (place - text) + strlen (block))
    return g_strndup (text, length);
  rest = place - text + strlen (block);
  return g_strdup_printf ("%.*s%.*s", (int) (place - text), text, (int) (length - rest),
                          text + rest);
}
