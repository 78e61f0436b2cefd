/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts: the board and its firmware, processor, memory, system and kernel. */
#include "host/fatia-efi-variable.h"
#include "host/fatia-facts-private.h"

#include <string.h>

/* /proc/cpuinfo has about 1.5 KiB for each logical processor. */
#define CPUINFO_LIMIT    (8 * 1024 * 1024)
#define SMALL_FILE_LIMIT (64 * 1024)

static FatiaTruth
read_efi (FatiaHostRoot *root)
{
  g_auto (GStrv) names = fatia_host_root_list (root, "/sys/firmware", NULL);

  /* Containers see an empty folder there, which says nothing. */
  if (names == NULL || names[0] == NULL)
    return FATIA_UNKNOWN;
  return g_strv_contains ((const char *const *) names, "efi") ? FATIA_YES : FATIA_NO;
}

static FatiaTruth
read_secure_boot (FatiaHostRoot *root, FatiaTruth efi)
{
  g_autofree char *value = NULL;
  gsize length = 0;

  if (efi != FATIA_YES)
    return efi;
  value = fatia_efi_variable_read (root, "SecureBoot", FATIA_EFI_GLOBAL, &length);
  if (value == NULL || length != 1)
    return FATIA_UNKNOWN;
  return value[0] == 1 ? FATIA_YES : FATIA_NO;
}

void
fatia_facts_read_board (FatiaFacts *facts, FatiaHostRoot *root)
{
  facts->sys_vendor = fatia_facts_read_text (root, "/sys/class/dmi/id/sys_vendor");
  facts->product_name = fatia_facts_read_text (root, "/sys/class/dmi/id/product_name");
  facts->board_vendor = fatia_facts_read_text (root, "/sys/class/dmi/id/board_vendor");
  facts->board_name = fatia_facts_read_text (root, "/sys/class/dmi/id/board_name");
  facts->bios_vendor = fatia_facts_read_text (root, "/sys/class/dmi/id/bios_vendor");
  facts->bios_version = fatia_facts_read_text (root, "/sys/class/dmi/id/bios_version");
  facts->bios_date = fatia_facts_read_text (root, "/sys/class/dmi/id/bios_date");
  facts->efi = read_efi (root);
  facts->secure_boot = read_secure_boot (root, facts->efi);
  facts->dmar =
    fatia_facts_look (root, "/sys/firmware/acpi/tables/DMAR", "/sys/firmware/acpi/tables");
}

/* The value of a "name : value" line, (nullable), and where the next line begins. */
static char *
take_value (char *line, const char *name)
{
  gsize length = strlen (name);
  char *colon;

  if (!g_str_has_prefix (line, name))
    return NULL;
  colon = strchr (line, ':');
  if (colon == NULL || line + length + strspn (line + length, " \t") != colon)
    return NULL;
  return g_strstrip (colon + 1);
}

static FatiaTruth
has_flag (const char *flags, const char *flag)
{
  g_auto (GStrv) words = g_strsplit (flags, " ", -1);

  return g_strv_contains ((const char *const *) words, flag) ? FATIA_YES : FATIA_NO;
}

static void
read_cpuinfo_line (FatiaFacts *facts, char *line)
{
  char *value;

  if (take_value (line, "processor"))
    facts->cpus++;
  else if (facts->cpu_vendor == NULL && (value = take_value (line, "vendor_id")))
    facts->cpu_vendor = fatia_facts_clean (value);
  else if (facts->cpu_model == NULL && (value = take_value (line, "model name")))
    facts->cpu_model = fatia_facts_clean (value);
  else if (facts->vmx == FATIA_UNKNOWN && (value = take_value (line, "flags")))
    {
      facts->vmx = has_flag (value, "vmx");
      facts->svm = has_flag (value, "svm");
      facts->hypervisor = has_flag (value, "hypervisor");
    }
  else if (facts->physical_bits == 0 && (value = take_value (line, "address sizes")))
    {
      /* "39 bits physical, 48 bits virtual" */
      guint64 bits = g_ascii_strtoull (value, NULL, 10);

      facts->physical_bits = bits <= 64 ? (guint) bits : 0;
    }
}

static guint64
read_memory (FatiaHostRoot *root)
{
  g_autofree char *text =
    fatia_host_root_read (root, "/proc/meminfo", SMALL_FILE_LIMIT, NULL, NULL);
  const char *total = text ? strstr (text, "MemTotal:") : NULL;
  guint64 kib = total ? g_ascii_strtoull (total + strlen ("MemTotal:"), NULL, 10) : 0;

  return kib <= G_MAXUINT64 / 1024 ? kib * 1024 : 0;
}

void
fatia_facts_read_processor (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *text = fatia_host_root_read (root, "/proc/cpuinfo", CPUINFO_LIMIT, NULL, NULL);
  char *line = text;

  facts->vmx = FATIA_UNKNOWN;
  facts->svm = FATIA_UNKNOWN;
  facts->hypervisor = FATIA_UNKNOWN;
  facts->memory = read_memory (root);
  while (line != NULL && *line)
    {
      char *end = strchr (line, '\n');

      if (end)
        *end = '\0';
      read_cpuinfo_line (facts, line);
      line = end ? end + 1 : NULL;
    }
}

/* os-release(5): shell-like assignments, quoted or not. */
static void
read_os_release (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *text =
    fatia_host_root_read (root, "/etc/os-release", SMALL_FILE_LIMIT, NULL, NULL);
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    text = fatia_host_root_read (root, "/usr/lib/os-release", SMALL_FILE_LIMIT, NULL, NULL);
  if (text == NULL)
    return;
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i]; i++)
    {
      char *equals = strchr (lines[i], '=');
      g_autofree char *raw = NULL;
      g_autofree char *value = NULL;

      if (equals == NULL)
        continue;
      *equals = '\0';
      raw = g_shell_unquote (equals + 1, NULL);
      value = raw ? fatia_facts_clean (raw) : NULL;
      if (value == NULL)
        continue;
      if (g_str_equal (lines[i], "ID") && facts->os_id == NULL)
        facts->os_id = g_steal_pointer (&value);
      else if (g_str_equal (lines[i], "PRETTY_NAME") && facts->os_name == NULL)
        facts->os_name = g_steal_pointer (&value);
      else if (g_str_equal (lines[i], "ID_LIKE") && facts->os_like == NULL)
        facts->os_like = g_strsplit (value, " ", -1);
    }
}

/* Splits a command line as the kernel does (lib/cmdline.c, next_arg): at white space that is
 * not between double quotes. */
static GStrv
split_arguments (const char *line)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  const char *start = NULL;
  gboolean quoted = FALSE;

  for (const char *p = line;; p++)
    {
      gboolean ends = *p == '\0' || (g_ascii_isspace (*p) && !quoted);

      if (*p == '"')
        quoted = !quoted;
      if (ends && start)
        {
          g_ptr_array_add (arguments, g_strndup (start, p - start));
          start = NULL;
        }
      else if (!ends && start == NULL)
        start = p;
      if (*p == '\0')
        break;
    }
  g_ptr_array_add (arguments, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&arguments), FALSE);
}

static guint
take_number (const char **text)
{
  char *end = NULL;
  guint64 number = g_ascii_isdigit (**text) ? g_ascii_strtoull (*text, &end, 10) : 0;

  if (end)
    *text = end;
  return number <= 9999 ? (guint) number : 0;
}

void
fatia_facts_read_kernel (FatiaFacts *facts, FatiaHostRoot *root)
{
  g_autofree char *line = fatia_host_root_read_line (root, "/proc/cmdline");

  read_os_release (facts, root);
  facts->kernel_release = fatia_facts_read_text (root, "/proc/sys/kernel/osrelease");
  if (facts->kernel_release)
    {
      const char *p = facts->kernel_release;

      facts->kernel_major = take_number (&p);
      if (*p == '.')
        {
          p++;
          facts->kernel_minor = take_number (&p);
        }
    }
  if (line)
    facts->kernel_arguments = split_arguments (line);
}
