/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advice and tables: arguments, boards, packages, GOP drivers. */
#include "host/fatia-advice.h"

#include <string.h>

#include "host-tree.h"
#include "host/fatia-tables.h"

#define PF "sys/bus/pci/devices/0000:00:02.0"

static char *
join_arguments (HostTree *tree)
{
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) arguments = fatia_advice_arguments (facts);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < arguments->len; i++)
    {
      const FatiaArgument *argument = g_ptr_array_index (arguments, i);

      g_string_append_printf (text, "%s%s", i ? " " : "", argument->argument);
      g_assert_cmpuint (strlen (argument->why), >, 10);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_arguments (HostTree *tree, const char *expected)
{
  g_autofree char *arguments = join_arguments (tree);

  g_assert_cmpstr (arguments, ==, expected);
}

static void
test_arguments (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (HostTree) amd = host_tree_new ("amd");

  assert_arguments (tree,
                    "intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=7 module_blacklist=xe");
  host_tree_put (tree, PF "/sriov_totalvfs", "0\n", -1);
  assert_arguments (tree,
                    "intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=7 module_blacklist=xe");
  host_tree_put (tree, PF "/sriov_totalvfs", "4\n", -1);
  assert_arguments (tree,
                    "intel_iommu=on iommu=pt i915.enable_guc=3 i915.max_vfs=4 module_blacklist=xe");
  assert_arguments (amd, "");
}

static void
test_arguments_xe (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");

  /* No release of the module for this kernel: its own xe. */
  host_tree_put (tree, "proc/sys/kernel/osrelease", "7.1.5\n", -1);
  assert_arguments (tree, "intel_iommu=on iommu=pt xe.max_vfs=7 xe.force_probe=4692 "
                          "module_blacklist=i915");
  /* Battlemage needs no force_probe. */
  host_tree_put (tree, PF "/device", "0xe20b\n", -1);
  host_tree_put (tree, PF "/sriov_totalvfs", "24\n", -1);
  assert_arguments (tree, "intel_iommu=on iommu=pt xe.max_vfs=24 module_blacklist=i915");
}

/* Where xe is loaded and makes virtual functions, advice does not lead away from it. */
static void
test_arguments_stay (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");

  host_tree_remove (tree, PF "/driver");
  host_tree_link (tree, PF "/driver", "../../drivers/xe");
  host_tree_put (tree, "sys/module/xe/parameters/max_vfs", "7\n", -1);
  assert_arguments (tree, "intel_iommu=on iommu=pt xe.max_vfs=7 xe.force_probe=46d1 "
                          "module_blacklist=i915");
}

static void
test_board (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (FatiaBoard) board = fatia_advice_board (facts);
  g_autoptr (HostTree) other = host_tree_new (NULL);
  g_autoptr (FatiaFacts) other_facts = host_tree_facts (other);
  g_autoptr (FatiaBoard) generic = fatia_advice_board (other_facts);

  g_assert_cmpstr (board->name, ==, "Radxa X4");
  g_assert_cmpuint (g_strv_length (board->bios_steps), >=, 3);
  g_assert_true (g_str_has_prefix (board->firmware_page, "https://docs.radxa.com/en/x/x4"));
  g_assert_nonnull (board->firmware_hint);
  g_assert_null (generic->name);
  g_assert_cmpuint (g_strv_length (generic->bios_steps), >=, 3);
  g_assert_null (generic->firmware_page);
  g_assert_nonnull (generic->firmware_hint);
}

/* A single board's row goes before its maker's; what a row does not have is the last one's. */
static void
test_makers (void)
{
  static const struct
  {
    const char *vendor, *product, *name, *page;
  } cases[] = {
    { "ASRock", "N100DC-ITX", "ASRock N100DC-ITX", "https://www.asrock.com/mb/Intel/N100DC-ITX/" },
    { "ASRock", "Z890 Pro RS", NULL, "https://www.asrock.com/support" },
    { "ASUSTeK COMPUTER INC.", "PRIME N100I-D D4", "ASUS PRIME N100I-D D4", "https://www.asus." },
    { "Micro-Star International Co., Ltd.", "PRO Z890-P WIFI (MS-7E34)", NULL, "https://www.msi" },
    { "HP", "HP EliteBook 840 G11", NULL, "https://support.hp.com" },
    { "LENOVO", "21AHCTO1WW", NULL, "https://pcsupport.lenovo.com" },
    { "Default string", "Default string", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HostTree) tree = host_tree_new (NULL);
      g_autoptr (FatiaFacts) facts = NULL;
      g_autoptr (FatiaBoard) board = NULL;

      host_tree_put (tree, "sys/class/dmi/id/board_vendor", cases[i].vendor, -1);
      host_tree_put (tree, "sys/class/dmi/id/board_name", cases[i].product, -1);
      facts = host_tree_facts (tree);
      board = fatia_advice_board (facts);
      g_assert_cmpstr (board->name, ==, cases[i].name);
      g_assert_cmpuint (g_strv_length (board->bios_steps), >=, 3);
      g_assert_nonnull (board->firmware_hint);
      if (cases[i].page)
        g_assert_true (g_str_has_prefix (board->firmware_page, cases[i].page));
      else
        g_assert_null (board->firmware_page);
    }
}

static void
test_packages (void)
{
  const struct
  {
    const char *os_release;
    const char *command;
  } cases[] = {
    { "ID=debian\n", "sudo apt install qemu-system-x86 qemu-system-modules-spice qemu-utils swtpm "
                     "swtpm-tools" },
    { "ID=neon\nID_LIKE=\"ubuntu debian\"\n",
      "sudo apt install qemu-system-x86 qemu-system-modules-spice qemu-utils swtpm "
      "swtpm-tools" },
    { "ID=fedora\n", "sudo dnf install qemu-kvm qemu-img swtpm swtpm-tools" },
    { "ID='arch'\n", "sudo pacman -S --needed qemu-desktop swtpm" },
    { "ID=opensuse-tumbleweed\nID_LIKE=\"opensuse suse\"\n",
      "sudo zypper install qemu-x86 qemu-spice qemu-tools swtpm" },
    { "ID=nixos\n", NULL },
  };
  g_autoptr (HostTree) tree = host_tree_new ("stock-i915");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FatiaFacts) facts = NULL;
      g_autoptr (GPtrArray) packages = NULL;
      g_autofree char *command = NULL;
      const FatiaPackage *first;

      host_tree_put (tree, "etc/os-release", cases[i].os_release, -1);
      facts = host_tree_facts (tree);
      command = fatia_advice_install_command (facts);
      g_assert_cmpstr (command, ==, cases[i].command);
      packages = fatia_advice_missing_packages (facts);
      g_assert_cmpuint (packages->len, ==, 2);
      first = g_ptr_array_index (packages, 0);
      g_assert_cmpstr (first->title, ==, "QEMU");
      g_assert_cmpuint (strlen (first->package), >, 0);
    }
}

static void
test_nothing_missing (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (GPtrArray) packages = fatia_advice_missing_packages (facts);

  g_assert_cmpuint (packages->len, ==, 0);
  g_assert_null (fatia_advice_install_command (facts));
}

static void
test_emergency_exit (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  g_autoptr (HostTree) empty = host_tree_new (NULL);
  g_autoptr (FatiaFacts) facts = host_tree_facts (tree);
  g_autoptr (FatiaFacts) empty_facts = host_tree_facts (empty);
  g_autofree char *text = fatia_advice_emergency_exit (facts);
  g_autofree char *other = fatia_advice_emergency_exit (empty_facts);

  g_assert_nonnull (strstr (text, "module_blacklist=i915,xe"));
  g_assert_nonnull (strstr (text, "GRUB"));
  g_assert_nonnull (strstr (other, "module_blacklist=i915,xe"));
  g_assert_null (strstr (other, "GRUB"));
}

/* A unified kernel image's line is the image's own while Secure Boot is on. */
static void
test_emergency_exit_of_image (void)
{
  g_autoptr (HostTree) tree = host_tree_new ("radxa-x4");
  const char stub[] = "\6\0\0\0s\0y\0s\0t\0e\0m\0d\0-\0s\0t\0u\0b\0 \0002\0\0\0";
  g_autofree char *with = NULL;
  g_autofree char *without = NULL;

  host_tree_put (tree, "sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
                 stub, sizeof stub - 1);
  host_tree_put (tree, "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                 "\6\0\0\0\1", 5);
  {
    g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

    g_assert_cmpint (facts->boot_loader, ==, FATIA_BOOT_LOADER_UKI);
    with = fatia_advice_emergency_exit (facts);
  }
  host_tree_put (tree, "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                 "\6\0\0\0\0", 5);
  {
    g_autoptr (FatiaFacts) facts = host_tree_facts (tree);

    without = fatia_advice_emergency_exit (facts);
  }
  g_assert_nonnull (strstr (with, "Secure Boot"));
  g_assert_null (strstr (without, "Secure Boot"));
  g_assert_nonnull (strstr (with, "module_blacklist=i915,xe"));
}

/* Known ids of every platform, by the list in the driver's sources. */
static void
test_platforms (void)
{
  const struct
  {
    guint16 device;
    const char *platform;
    gboolean i915;
    guint xe_minor;
  } cases[] = {
    { 0x9a49, "tiger-lake", TRUE, 18 },    { 0x4692, "alder-lake-s", TRUE, 18 },
    { 0xa780, "raptor-lake-s", TRUE, 18 }, { 0xa783, "raptor-lake-s", TRUE, 18 },
    { 0xa78a, "raptor-lake-s", TRUE, 18 }, { 0x46a6, "alder-lake-p", TRUE, 18 },
    { 0x46c2, "alder-lake-p", TRUE, 18 },  { 0x46d1, "alder-lake-n", TRUE, 18 },
    { 0x46d4, "alder-lake-n", TRUE, 18 },  { 0xa7a9, "raptor-lake-p", TRUE, 18 },
    { 0x7d55, "meteor-lake", TRUE, 0 },    { 0x7d67, "arrow-lake", TRUE, 0 },
    { 0x64a0, "lunar-lake", FALSE, 0 },    { 0x4c8a, "rocket-lake", FALSE, 0 },
    { 0xb080, "panther-lake", FALSE, 16 }, { 0xe20b, "battlemage", FALSE, 17 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const FatiaPlatform *platform = fatia_platform_find (cases[i].device);

      g_assert_nonnull (platform);
      g_assert_cmpstr (platform->id, ==, cases[i].platform);
      g_assert_cmpint (platform->i915, ==, cases[i].i915);
      g_assert_cmpuint (platform->xe_minor, ==, cases[i].xe_minor);
      g_assert_cmpuint (strlen (platform->name), >, 0);
    }
  g_assert_null (fatia_platform_find (0xa784));
  g_assert_null (fatia_platform_find (0x46d5));
  g_assert_null (fatia_platform_find (0));
}

static void
test_gop_drivers (void)
{
  g_autoptr (GHashTable) drivers = fatia_tables_get_gop_drivers ();
  GHashTableIter iter;
  const char *sha256, *words;

  g_assert_cmpuint (g_hash_table_size (drivers), ==, 9);
  g_hash_table_iter_init (&iter, drivers);
  while (g_hash_table_iter_next (&iter, (gpointer *) &sha256, (gpointer *) &words))
    {
      g_assert_cmpuint (strlen (sha256), ==, 64);
      g_assert_cmpuint (strspn (sha256, "0123456789abcdef"), ==, 64);
      g_assert_true (g_str_has_prefix (words, "Known good: "));
    }
  g_assert_nonnull (g_hash_table_lookup (
    drivers, "fa12486d93bee383ad4d3719015efad09fc03352382f17c63df10b626755954b"));
}

/* Every word for people that is in a table is there in Portuguese too. */
static void
test_translated (void)
{
  const struct
  {
    const char *table;
    const char *keys[4];
  } cases[] = { { "boards", { "BiosSteps", "FirmwareHint" } } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GKeyFile) table = fatia_tables_get (cases[i].table);
      g_auto (GStrv) groups = g_key_file_get_groups (table, NULL);

      for (gsize j = 0; groups[j]; j++)
        {
          for (gsize k = 0; cases[i].keys[k]; k++)
            {
              g_auto (GStrv) own =
                g_key_file_get_string_list (table, groups[j], cases[i].keys[k], NULL, NULL);
              g_auto (GStrv) translated = g_key_file_get_locale_string_list (
                table, groups[j], cases[i].keys[k], "pt_BR", NULL, NULL);

              /* Steps a board does not have are the last one's. */
              if (!own && k == 0 && !g_str_equal (groups[j], "generic"))
                continue;
              g_assert_nonnull (own);
              g_assert_nonnull (translated);
              g_assert_cmpuint (g_strv_length (own), ==, g_strv_length (translated));
              for (gsize n = 0; own[n]; n++)
                g_assert_cmpstr (own[n], !=, translated[n]);
            }
        }
    }
}

static void
test_no_such_table (void)
{
  g_assert_null (fatia_tables_get ("nothing"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/advice/arguments", test_arguments);
  g_test_add_func ("/advice/arguments-xe", test_arguments_xe);
  g_test_add_func ("/advice/arguments-stay", test_arguments_stay);
  g_test_add_func ("/advice/board", test_board);
  g_test_add_func ("/advice/makers", test_makers);
  g_test_add_func ("/advice/packages", test_packages);
  g_test_add_func ("/advice/nothing-missing", test_nothing_missing);
  g_test_add_func ("/advice/emergency-exit", test_emergency_exit);
  g_test_add_func ("/advice/emergency-exit-of-image", test_emergency_exit_of_image);
  g_test_add_func ("/tables/platforms", test_platforms);
  g_test_add_func ("/tables/gop-drivers", test_gop_drivers);
  g_test_add_func ("/tables/translated", test_translated);
  g_test_add_func ("/tables/no-such-table", test_no_such_table);
  return g_test_run ();
}
