/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl.h"

#include <string.h>

#include <glib/gi18n.h>

/* The table of verbs and their options. */

CtlOptions ctl_options = { .count = -1 };

#define FLAG(name, field, words)                                                                   \
  { name, 0, 0, G_OPTION_ARG_NONE, &ctl_options.field, N_ (words), NULL }
#define TEXT(name, field, words, value)                                                            \
  { name, 0, 0, G_OPTION_ARG_STRING, &ctl_options.field, N_ (words), value }
#define FILENAME(name, field, words)                                                               \
  { name, 0, 0, G_OPTION_ARG_FILENAME, &ctl_options.field, N_ (words), "FILE" }
#define NUMBER(name, field, words)                                                                 \
  { name, 0, 0, G_OPTION_ARG_INT, &ctl_options.field, N_ (words), "N" }
/* clang-format off */
#define SPEC_OPTIONS \
  TEXT ("name", name, "the VM's name", "NAME"), \
  FILENAME ("iso", iso, "the Windows installation image"), \
  NUMBER ("cpus", cpus, "how many processors it has"), \
  TEXT ("memory", memory, "how much memory: 8G, 6144M", "SIZE"), \
  { "disk", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ctl_options.disk, \
    N_ ("how large the disk is (128G), or the path of its file; may be given twice"), "SIZE|FILE" }, \
  TEXT ("resolution", resolution, "the largest picture: 1920x1080", "WxH")
#define MEMORY_OPTIONS \
  FLAG ("kvmfr", kvmfr, "memory: the module kvmfr's, which the GPU reads itself"), \
  FLAG ("shm", shm, "memory: a plain file in /dev/shm")
#define VFS_OPTIONS \
  NUMBER ("count", count, "vfs: how many slices"), \
  FLAG ("no-keep", no_keep, "vfs: only until the next restart"), \
  TEXT ("profile", profile, \
        "vfs: how they share the GPU's time: driver, balanced, guest-first, host-first", "NAME"), \
  FLAG ("no-sleep-hook", no_sleep_hook, "vfs: do not put them away while the computer sleeps")
#define MEMBER \
  TEXT ("member", member, "of an archive, the file in it to take", "NAME")
#define CONNECT \
  TEXT ("connect", connect, "the libvirt to talk to", "URI")
#define YES \
  { "yes", 'y', 0, G_OPTION_ARG_NONE, &ctl_options.yes, N_ ("do not ask"), NULL }

const GOptionEntry ctl_common_options[] = {
  FLAG ("json", json, "print JSON"),
  { "host-root", 0, 0, G_OPTION_ARG_FILENAME, &ctl_options.host_root,
    N_ ("work on the host in this folder, not on this computer"), "DIR" },
  { "help", 'h', 0, G_OPTION_ARG_NONE, &ctl_options.help, N_ ("print help"), NULL },
  FLAG ("version", version, "print the version"),
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry check_options[] = {
  FLAG ("list", list, "list every finding there can be"),
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry firmware_options[] = {
  FLAG ("tree", tree, "print all that the walk through it met and passed over, as a tree"),
  TEXT ("search", search, "of the tree, only what has these words, and what that is in", "WORDS"),
  MEMBER,
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry gop_options[] = {
  FILENAME ("output", output, "write the driver there, as it is in the image"),
  FILENAME ("rom", rom, "write it there as option ROM"),
  TEXT ("device", device, "the PCI device the option ROM is for: 8086:46d1", "VENDOR:DEVICE"),
  NUMBER ("choose", choose, "take the Nth of the drivers found"),
  MEMBER,
  { "vbts", 0, 0, G_OPTION_ARG_FILENAME, &ctl_options.vbts,
    N_ ("write the Video BIOS Tables into that folder"), "DIR" },
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry plan_options[] = {
  FILENAME ("file", file, "module: the file of the driver's release"),
  FILENAME ("image", image, "gop: the firmware image to take the driver from"),
  FLAG ("from-this-computer", from_this_computer, "gop: take it from this computer's own firmware"),
  NUMBER ("choose", choose, "gop: take the Nth of the drivers found"),
  TEXT ("member", member, "gop: of an archive, the file in it to take", "NAME"),
  VFS_OPTIONS,
  MEMORY_OPTIONS,
  SPEC_OPTIONS,
  CONNECT,
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry apply_options[] = {
  FILENAME ("file", file, "module: the file of the driver's release"),
  FILENAME ("image", image, "gop: the firmware image to take the driver from"),
  FLAG ("from-this-computer", from_this_computer, "gop: take it from this computer's own firmware"),
  NUMBER ("choose", choose, "gop: take the Nth of the drivers found"),
  TEXT ("member", member, "gop: of an archive, the file in it to take", "NAME"),
  VFS_OPTIONS,
  MEMORY_OPTIONS,
  SPEC_OPTIONS,
  CONNECT,
  YES,
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry undo_options[] = {
  { "keep", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ctl_options.keep,
    N_ ("of a file that others changed too: keep what is there now"), "FILE" },
  { "put-back", 0, 0, G_OPTION_ARG_STRING_ARRAY, &ctl_options.put_back,
    N_ ("of such a file: put back what was there before"), "FILE" },
  YES,
  CONNECT,
  G_OPTION_ENTRY_NULL,
};
static const GOptionEntry connect_options[] = { CONNECT, G_OPTION_ENTRY_NULL };
static const GOptionEntry xml_options[] = { SPEC_OPTIONS, G_OPTION_ENTRY_NULL };
static const GOptionEntry create_options[] = { SPEC_OPTIONS, CONNECT, YES, G_OPTION_ENTRY_NULL };

static const GOptionEntry stop_options[] = {
  FLAG ("force", force, "switch it off, as by pulling the plug"),
  CONNECT,
  G_OPTION_ENTRY_NULL,
};

static const GOptionEntry delete_options[] = {
  FLAG ("disk", with_disk, "delete its disk too"),
  CONNECT,
  YES,
  G_OPTION_ENTRY_NULL,
};

#define STEPS N_ ("The steps are software, module, key, gop, boot, vfs, memory and vm.")

const CtlVerb ctl_verbs[] = {
  { "check", "", 0, 0, N_ ("Say whether this computer can do it, and what is missing"), NULL,
    check_options, FALSE },
  { "report", "", 0, 0, N_ ("Print what was found, to be posted: it names no person and no number"),
    NULL, NULL, FALSE },
  { "gop", "IMAGE", 1, 1, N_ ("Find the graphics driver in a firmware image"), NULL, gop_options,
    FALSE },
  { "firmware", "IMAGE", 1, 1, N_ ("List the files of a firmware image"), NULL,
    firmware_options, FALSE },
  { "read-firmware", "FILE", 1, 1, N_ ("Read this computer's firmware into a file"), NULL, NULL,
    TRUE },
  { "status", "", 0, 0, N_ ("Say where each step of the setup stands"), NULL, connect_options, TRUE },
  { "plan", "[STEP]", 0, 1, N_ ("Show what a step would change; changes nothing"), STEPS,
    plan_options, TRUE },
  { "apply", "[STEP|all]", 0, 1, N_ ("Show what a step, or each, would change, ask, and change it"),
    STEPS, apply_options, TRUE },
  { "changes", "", 0, 0, N_ ("List what was changed"), NULL, NULL, TRUE },
  { "undo", "[ID|all]", 0, 1, N_ ("Undo the newest change, one by its ID, or all of them"), NULL,
    undo_options, TRUE },
  { "restart", "", 0, 0, N_ ("Play a restart through, on a practice computer"), NULL, NULL, TRUE },
  { "vm xml", "", 0, 0, N_ ("Print the libvirt domain that a VM would be"), NULL, xml_options, TRUE },
  { "vm create", "", 0, 0, N_ ("Make the VM"), NULL, create_options, TRUE },
  { "vm list", "", 0, 0, N_ ("List the VMs that Fatia made"), NULL, connect_options, TRUE },
  { "vm start", "[NAME]", 0, 1, N_ ("Start a VM"), NULL, connect_options, TRUE },
  { "vm stop", "[NAME]", 0, 1, N_ ("Ask a VM to shut down"), NULL, stop_options, TRUE },
  { "vm delete", "[NAME]", 0, 1, N_ ("Delete a VM; its disk stays unless asked otherwise"), NULL,
    delete_options, TRUE },
  { "help", "[VERB]", 0, 2, N_ ("Print help"), NULL, NULL, FALSE },
  { NULL, NULL, 0, 0, NULL, NULL, NULL, FALSE },
};
/* clang-format on */

/* Whether an option of this name is in @entries: 0 no, 1 as a flag, 2 with a value. */
static int
find_option (const GOptionEntry *entries, const char *name)
{
  for (guint i = 0; entries && entries[i].long_name; i++)
    if (g_str_equal (entries[i].long_name, name))
      return entries[i].arg == G_OPTION_ARG_NONE ? 1 : 2;
  return 0;
}

static gboolean
is_word_of_a_verb (const char *word)
{
  for (guint i = 0; ctl_verbs[i].name; i++)
    {
      g_auto (GStrv) words = g_strsplit (ctl_verbs[i].name, " ", 2);

      if (g_strv_contains ((const char *const *) words, word))
        return TRUE;
    }
  return FALSE;
}

/* Whether the word after @option is its value. "--disk" is a flag to one verb and takes a value
 * with others: there a verb's word decides. */
static gboolean
takes_value (const char *option, const char *next)
{
  gboolean flag = FALSE, value = find_option (ctl_common_options, option) == 2;

  for (guint i = 0; ctl_verbs[i].name; i++)
    {
      flag |= find_option (ctl_verbs[i].options, option) == 1;
      value |= find_option (ctl_verbs[i].options, option) == 2;
    }
  return value && next && !(flag && is_word_of_a_verb (next));
}

/* The first word from @start that is neither an option nor an option's value; @argc: none. */
static int
next_word (int argc, char **argv, int start)
{
  for (int i = start; i < argc; i++)
    {
      if (argv[i][0] != '-' || argv[i][1] == '\0')
        return i;
      if (g_str_equal (argv[i], "--"))
        return argc;
      if (g_str_has_prefix (argv[i], "--") && !strchr (argv[i], '=') &&
          takes_value (argv[i] + 2, argv[i + 1]))
        i++;
    }
  return argc;
}

static const CtlVerb *
verb_named (const char *name)
{
  for (guint i = 0; ctl_verbs[i].name; i++)
    if (g_str_equal (ctl_verbs[i].name, name))
      return &ctl_verbs[i];
  return NULL;
}

static void
remove_argument (int *argc, char **argv, int position)
{
  g_free (argv[position]);
  memmove (&argv[position], &argv[position + 1], sizeof *argv * (gsize) (*argc - position));
  (*argc)--;
}

/**
 * ctl_find_verb:
 * @argc: (inout): how many arguments
 * @argv: (inout): NULL-terminated; the verb's words are taken out
 * @unknown: (out) (transfer full): the words where no verb is called so
 *
 * Finds the verb wherever it stands between the options.
 *
 * Returns: (nullable): the verb; %NULL with @unknown unset where there is none at all
 */
const CtlVerb *
ctl_find_verb (int *argc, char **argv, char **unknown)
{
  int position = next_word (*argc, argv, 1);
  g_autofree char *name = NULL;
  const CtlVerb *verb;

  if (position == *argc)
    return NULL;
  name = g_strdup (argv[position]);
  if (g_str_equal (name, "vm"))
    {
      int second = next_word (*argc, argv, position + 1);

      if (second < *argc)
        {
          g_free (name);
          name = g_strdup_printf ("vm %s", argv[second]);
          remove_argument (argc, argv, second);
        }
    }
  verb = verb_named (name);
  if (verb)
    remove_argument (argc, argv, position);
  else
    *unknown = g_steal_pointer (&name);
  return verb;
}
