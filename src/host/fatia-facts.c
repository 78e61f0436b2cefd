/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-facts.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/fatia-facts-private.h"

/* Longer than any name a vendor gave a board; a hostile one must not fill the window. */
#define TEXT_LIMIT 200

/**
 * FatiaFacts:
 *
 * An immutable snapshot of the host. Once read it may be used from any thread.
 */
G_DEFINE_BOXED_TYPE (FatiaFacts, fatia_facts, fatia_facts_ref, fatia_facts_unref)

static void
fatia_facts_clear (gpointer data)
{
  FatiaFacts *self = data;
  char *strings[] = {
    self->sys_vendor,       self->product_name,   self->board_vendor, self->board_name,
    self->bios_vendor,      self->bios_version,   self->bios_date,    self->cpu_vendor,
    self->cpu_model,        self->os_id,          self->os_name,      self->kernel_release,
    self->boot_loader_name, self->driver_version, self->scheduling,   self->kept_scheduling,
    self->kernel_base,      self->module_present, self->module_key
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
  g_strfreev (self->os_like);
  g_strfreev (self->kernel_arguments);
  g_strfreev (self->roms);
  g_strfreev (self->newer_kernels);
  g_clear_pointer (&self->gpus, g_ptr_array_unref);
  g_clear_pointer (&self->vfs, g_ptr_array_unref);
}

/**
 * fatia_facts_read:
 * @root: the host
 *
 * Reads the host's facts. Takes a few milliseconds, and never fails: a file that is missing,
 * odd or not readable leaves its fact unknown.
 *
 * Returns: (transfer full): the facts
 */
FatiaFacts *
fatia_facts_read (FatiaHostRoot *root)
{
  FatiaFacts *self;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), NULL);

  self = g_atomic_rc_box_new0 (FatiaFacts);
  fatia_facts_read_board (self, root);
  fatia_facts_read_processor (self, root);
  fatia_facts_read_kernel (self, root);
  fatia_facts_read_boot_loader (self, root);
  fatia_facts_read_graphics (self, root);
  fatia_facts_read_driver (self, root);
  fatia_facts_read_software (self, root);
  fatia_facts_read_glass_memory (self, root);
  fatia_facts_read_module (self, root);
  fatia_facts_read_kept (self, root);
  return self;
}

/**
 * fatia_facts_ref:
 *
 * Returns: (transfer full): @facts
 */
FatiaFacts *
fatia_facts_ref (FatiaFacts *facts)
{
  return g_atomic_rc_box_acquire (facts);
}

/**
 * fatia_facts_unref:
 * @facts: (transfer full): the facts
 */
void
fatia_facts_unref (FatiaFacts *facts)
{
  g_atomic_rc_box_release_full (facts, fatia_facts_clear);
}

/* The kernel takes "-" and "_" in the names of parameters for the same (kernel/params.c,
 * parameq). @length: of the key in @wanted. */
static gboolean
key_equals (const char *argument, const char *wanted, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      char a = argument[i] == '-' ? '_' : argument[i];
      char b = wanted[i] == '-' ? '_' : wanted[i];

      if (a == '\0' || a != b)
        return FALSE;
    }
  return argument[length] == wanted[length];
}

static gboolean
has_every_item (const char *value, const char *wanted)
{
  g_auto (GStrv) items = g_strsplit (value, ",", -1);
  g_auto (GStrv) wanted_items = g_strsplit (wanted, ",", -1);

  for (gsize i = 0; wanted_items[i]; i++)
    {
      if (!g_strv_contains ((const char *const *) items, wanted_items[i]))
        return FALSE;
    }
  return TRUE;
}

/**
 * fatia_facts_has_argument:
 * @argument: "key" or "key=value"
 *
 * Whether the running kernel was started with @argument in effect: of a key that is there more
 * than once the last counts; of a value that is a list, such as in "module_blacklist=i915,xe",
 * each item counts by itself.
 *
 * Returns: whether it is; %FALSE too where the command line can't be read
 */
gboolean
fatia_facts_has_argument (const FatiaFacts *facts, const char *argument)
{
  const char *equals;
  const char *value = NULL;

  g_return_val_if_fail (facts != NULL, FALSE);
  g_return_val_if_fail (argument != NULL && *argument != '\0', FALSE);

  if (facts->kernel_arguments == NULL)
    return FALSE;
  equals = strchr (argument, '=');
  for (gsize i = 0; facts->kernel_arguments[i]; i++)
    {
      const char *have = facts->kernel_arguments[i];

      if (equals == NULL && key_equals (have, argument, strlen (argument)))
        return TRUE;
      if (equals != NULL && key_equals (have, argument, equals - argument))
        value = have + (equals - argument) + 1;
    }
  return value != NULL && has_every_item (value, equals + 1);
}

FatiaTruth
fatia_facts_look (FatiaHostRoot *root, const char *path, const char *beside)
{
  g_autoptr (GError) error = NULL;
  int fd = fatia_host_root_open (root, path, O_PATH, &error);

  if (fd >= 0)
    {
      close (fd);
      return FATIA_YES;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) &&
      fatia_host_root_exists (root, beside))
    return FATIA_NO;
  return FATIA_UNKNOWN;
}

/*
 * fatia_facts_clean:
 *
 * Returns: (transfer full) (nullable): @text as one line, or %NULL where nothing is left
 */
char *
fatia_facts_clean (const char *text)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  glong count = 0;

  for (const char *p = valid; *p && count < TEXT_LIMIT; p = g_utf8_next_char (p), count++)
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (line, g_unichar_isprint (c) ? c : ' ');
    }
  g_strstrip (line->str);
  return line->str[0] ? g_strdup (line->str) : NULL;
}

char *
fatia_facts_read_text (FatiaHostRoot *root, const char *path)
{
  g_autofree char *text = fatia_host_root_read (root, path, 64 * 1024, NULL, NULL);

  return text ? fatia_facts_clean (text) : NULL;
}

/*
 * fatia_facts_read_number:
 *
 * Returns: the decimal number in the attribute @path, -1 where there is none
 */
int
fatia_facts_read_number (FatiaHostRoot *root, const char *path)
{
  g_autofree char *text = fatia_host_root_read_line (root, path);
  guint64 number;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL))
    return -1;
  return (int) number;
}
