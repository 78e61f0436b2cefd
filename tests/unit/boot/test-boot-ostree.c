/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fedora's atomic desktops: the state of deployments, and what rpm-ostree is told. Its stand-in
 * does to the entry what `rpm-ostree kargs` does to a deployment's arguments. */
#include <string.h>

#include "boot-expect.h"
#include "boot/fatia-kernel-arguments.h"
#include "change/fatia-apply.h"

#define ENTRIES "boot/loader/entries/"
#define STAGED  "run/ostree/staged-deployment"

/* A deployment's arguments as they are, and what is asked of rpm-ostree. */
typedef struct
{
  const char *title;
  const char *line;
  const char *change;  /* the options, "": nothing; NULL: refused */
  const char *refused; /* words */
} Line;

#define ADD_IOMMU      "--append-if-missing=intel_iommu=on"
#define ADD_VFS        "--append-if-missing=i915.max_vfs=7"
#define ADD_XE         "--append-if-missing=module_blacklist=xe"
#define ADD_ALL        ADD_IOMMU " " ADD_VFS " " ADD_XE
#define TAKE(argument) "--delete-if-present=" argument " "

static const Line lines[] = {
  { "Silverblue", "rhgb quiet root=UUID=7 rootflags=subvol=root rw ostree=/ostree/boot.0/f/8f/0",
    ADD_ALL },
  { "Silverblue, LUKS", "rd.luks.uuid=luks-7 rhgb quiet root=UUID=7 rootflags=subvol=root rw",
    ADD_ALL },
  { "Kinoite", "rhgb quiet root=UUID=7 rootflags=subvol=root rw ostree=/ostree/boot.1/f/1/0",
    ADD_ALL },
  { "Sway Atomic", "root=UUID=7 rw rootflags=subvol=root", ADD_ALL },
  { "Bazzite",
    "rhgb quiet root=UUID=7 rootflags=subvol=root rw bluetooth.disable_ertm=1 "
    "preempt=full iomem=relaxed",
    ADD_ALL },
  { "Bazzite, NVIDIA",
    "rd.driver.blacklist=nouveau,nova_core modprobe.blacklist=nouveau,nova_core "
    "nvidia-drm.modeset=1 root=UUID=7 rw",
    ADD_ALL },
  { "Bluefin", "rhgb quiet root=UUID=7 rw zswap.enabled=1", ADD_ALL },
  { "Aurora, passthrough recipe",
    "root=UUID=7 rw amd_iommu=on intel_iommu=on iommu=pt "
    "rd.driver.pre=vfio_pci vfio_pci.disable_vga=1",
    ADD_VFS " " ADD_XE },
  { "secureblue",
    "root=UUID=7 rw init_on_alloc=1 init_on_free=1 slab_nomerge lockdown=confidentiality "
    "module.sig_enforce=1 mitigations=auto,nosmt intel_iommu=on iommu=force",
    ADD_VFS " " ADD_XE },
  { "CoreOS",
    "mitigations=auto,nosmt ignition.platform.id=metal $ignition_firstboot "
    "ostree=/ostree/boot.1/fcos/5c/0 root=UUID=9 rw rootflags=prjquota boot=UUID=0",
    ADD_ALL },
  { "IoT", "console=tty0 console=ttyS0,115200n8 root=UUID=3 rw", ADD_ALL },
  { "Endless OS", "rw splash plymouth.ignore-serial-consoles quiet loglevel=0 root=UUID=3",
    ADD_ALL },
  { "CentOS bootc", "root=UUID=3 rw crashkernel=1G-4G:192M,4G-64G:256M", ADD_ALL },
  { "hibernation", "root=UUID=7 rw resume=UUID=8 resume_offset=38912", ADD_ALL },
  { "huge pages", "root=UUID=7 rw hugepagesz=1G hugepages=8 default_hugepagesz=1G", ADD_ALL },
  { "no arguments at all", "", ADD_ALL },
  { "done", "root=UUID=7 rw intel_iommu=on i915.max_vfs=7 module_blacklist=xe", "" },
  { "done in another order", "module_blacklist=nouveau,xe i915.max_vfs=7 root=1 intel_iommu=on",
    "" },
  { "one is there", "root=1 i915.max_vfs=7", ADD_IOMMU " " ADD_XE },
  { "another number", "root=1 i915.max_vfs=3",
    ADD_IOMMU " " TAKE ("i915.max_vfs=3") ADD_VFS " " ADD_XE },
  { "switched off", "root=1 intel_iommu=off i915.max_vfs=7 module_blacklist=xe",
    TAKE ("intel_iommu=off") ADD_IOMMU },
  { "the other driver", "root=1 module_blacklist=i915 intel_iommu=on i915.max_vfs=7",
    TAKE ("module_blacklist=i915") ADD_XE },
  { "a list", "root=1 module_blacklist=nouveau intel_iommu=on i915.max_vfs=7",
    TAKE ("module_blacklist=nouveau") "--append-if-missing=module_blacklist=nouveau,xe" },
  { "a dash in the key", "root=1 i915.max-vfs=3 intel_iommu=on module_blacklist=xe",
    TAKE ("i915.max-vfs=3") ADD_VFS },
  { "twice, the last counts", "i915.max_vfs=7 i915.max_vfs=2 intel_iommu=on module_blacklist=xe",
    "--delete-if-present=i915.max_vfs=2" },
  { "quotes elsewhere", "root=1 dyndbg=\"file drivers/gpu/* +p\"", ADD_ALL },
  { "a key without a value", "root=1 i915.max_vfs intel_iommu=on module_blacklist=xe", NULL,
    "odd characters" },
  { "a list with a quotation mark", "root=1 module_blacklist=\"a b\"", NULL, "odd characters" },
  { "a list with a shell's characters", "root=1 module_blacklist=a;reboot", NULL,
    "odd characters" },
  { "a list with a percent sign", "root=1 module_blacklist=%n", NULL, "odd characters" },
  { "two blanks", "root=1  rw   quiet", ADD_ALL },
  { "no such graphics", "root=1 nomodeset", ADD_ALL },
};

/* Does what it is told to the newest entry: words are taken out once, and put to the end. */
#define RPM_OSTREE                                                                                 \
  "#!/bin/sh\n"                                                                                    \
  "cd \"$FATIA_HOST_ROOT\" || exit 1\n"                                                            \
  "echo \"rpm-ostree $*\" >>runs\n"                                                                \
  "file=boot/loader/entries/ostree-2.conf\n"                                                       \
  "line=$(sed -n 's/^options //p' $file)\n"                                                        \
  "shift\n"                                                                                        \
  "for option; do\n"                                                                               \
  "  word=${option#*=}\n"                                                                          \
  "  case \" $line \" in *\" $word \"*) there=1 ;; *) there= ;; esac\n"                            \
  "  case $option in\n"                                                                            \
  "  --append-if-missing=*) [ \"$there\" ] || line=\"$line $word\" ;;\n"                           \
  "  --delete-if-present=*)\n"                                                                     \
  "    [ ! \"$there\" ] || line=$(printf '%s' \" $line \" | sed \"s| $word | |; s|^ ||; s| $||\")" \
  " ;;\n"                                                                                          \
  "  *) echo unknown option $option; exit 1 ;;\n"                                                  \
  "  esac\n"                                                                                       \
  "done\n"                                                                                         \
  "printf 'title x\\nversion 2\\noptions %s\\nlinux /ostree/vmlinuz\\n' \"$line\" >$file\n"

static void
put_entry (BootTree *tree, int version, const char *line)
{
  g_autofree char *path = g_strdup_printf (ENTRIES "ostree-%d.conf", version);
  g_autofree char *text =
    g_strdup_printf ("title x\nversion %d\noptions %s\nlinux /ostree/vmlinuz\n", version, line);

  boot_tree_put (tree, path, text);
}

static BootTree *
make_host (const char *line)
{
  BootTree *tree = boot_tree_new ();

  boot_tree_put (tree, "run/ostree-booted", "");
  tree_write_mode (tree, "usr/bin/rpm-ostree", RPM_OSTREE, 0755);
  put_entry (tree, 1, "root=old");
  put_entry (tree, 2, line);
  return tree;
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The entry's arguments by name: what comes back is put to the end. (transfer full) */
static char *
sorted_words (BootTree *tree)
{
  g_autofree char *text = boot_tree_get (tree, ENTRIES "ostree-2.conf");
  g_auto (GStrv) rows = g_strsplit (text, "\n", -1);
  g_auto (GStrv) words = fatia_kernel_arguments_split (rows[2] + strlen ("options "));

  qsort (words, g_strv_length (words), sizeof *words, compare_words);
  return g_strjoinv (" ", words);
}

static void
test_line (gconstpointer data)
{
  const Line *line = data;
  g_autoptr (BootTree) tree = make_host (line->line);
  g_autofree char *before = sorted_words (tree);
  g_autofree char *planned = NULL;
  g_autofree char *after = NULL;
  g_autofree char *id = NULL;

  if (line->change == NULL)
    {
      assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, line->refused);
      return;
    }
  planned = *line->change ? g_strdup_printf ("rpm-ostree kargs %s\n", line->change) : g_strdup ("");
  assert_planned (tree, planned);
  id = apply (tree);
  assert_planned (tree, "");
  if (*id == '\0')
    return;
  undo (tree, id);
  after = sorted_words (tree);
  g_assert_cmpstr (after, ==, before);
  assert_planned (tree, planned);
}

/* As ostree writes it: a serialised a{sv}. @locked: a key of it, or NULL */
static void
put_staged (BootTree *tree, const char *const *arguments, const char *locked)
{
  g_autoptr (GVariant) staged = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, "kargs", g_variant_new_strv (arguments, -1));
  if (locked)
    g_variant_dict_insert (&dict, locked, "b", TRUE);
  staged = g_variant_ref_sink (g_variant_dict_end (&dict));
  boot_tree_put_bytes (tree, STAGED, g_variant_get_data (staged), g_variant_get_size (staged));
}

static void
test_missing (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put (tree, "run/ostree-booted", "");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "not installed");
  boot_tree_put_tool (tree, "usr/bin/rpm-ostree");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/boot mounted");
  /* Entries of other systems on the same partition. */
  boot_tree_put (tree, ENTRIES "arch.conf", "version 9\nlinux /vmlinuz\noptions root=9\n");
  assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, "/boot mounted");
}

/* Of the deployments the newest is started next, but one that waits comes before it. */
static void
test_pending (void)
{
  g_autoptr (BootTree) tree = make_host ("root=1");
  const char *const arguments[] = { "root=1", "intel_iommu=on", "i915.max_vfs=7",
                                    "module_blacklist=nouveau,xe", NULL };

  assert_next (tree, "root=1");
  put_entry (tree, 10, "root=10");
  assert_next (tree, "root=10");
  put_staged (tree, arguments, NULL);
  assert_next (tree, "root=1 intel_iommu=on i915.max_vfs=7 module_blacklist=nouveau,xe");
  assert_planned (tree, "");
  /* Broken: it is as good as none. */
  boot_tree_put (tree, STAGED, "\xff\xff\xff not what it should be");
  assert_next (tree, "root=10");
}

/* One that is locked waits for more than a start. */
static void
test_locked (void)
{
  g_autoptr (BootTree) tree = make_host ("root=1");
  const char *const arguments[] = { "root=1", OURS, NULL };

  put_staged (tree, arguments, "locked");
  assert_next (tree, "root=1");
  put_staged (tree, arguments, NULL);
  assert_next (tree, "root=1 " OURS);
  boot_tree_put (tree, STAGED "-locked", "");
  assert_next (tree, "root=1");
}

/* Another change of the system is under way: nothing is changed, and its words are told. */
static void
test_busy (void)
{
  g_autoptr (BootTree) tree = make_host ("root=1");
  g_autoptr (FatiaChangeSet) set = plan (tree);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = boot_tree_get (tree, ENTRIES "ostree-2.conf");

  tree_write_mode (tree, "usr/bin/rpm-ostree",
                   "#!/bin/sh\necho error: Transaction in progress: upgrade >&2\nexit 1\n", 0755);
  g_assert_null (fatia_change_set_apply (set, tree->root, NULL, NULL, &error));
  g_assert_error (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_COMMAND);
  g_assert_nonnull (strstr (error->message, "Transaction in progress"));
  assert_file (tree, ENTRIES "ostree-2.conf", before);
}

int
main (int argc, char **argv)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (lines) >= 30);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/boot-ostree/%s", lines[i].title);

      g_test_add_data_func (path, &lines[i], test_line);
    }
  g_test_add_func ("/boot-ostree/missing", test_missing);
  g_test_add_func ("/boot-ostree/pending", test_pending);
  g_test_add_func ("/boot-ostree/locked", test_locked);
  g_test_add_func ("/boot-ostree/busy", test_busy);
  return g_test_run ();
}
