/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a host is offered, and what can't be, said in words. */
#include "guest/fatia-domain-spec.h"

#include <string.h>

#include <glib/gstdio.h>

#define GIB (G_GUINT64_CONSTANT (1) << 30)

static void
test_glass_memory (void)
{
  /* Looking Glass' own table, with this program's three frames. */
  g_assert_cmpuint (fatia_glass_memory_mib (1920, 1080), ==, 32);
  g_assert_cmpuint (fatia_glass_memory_mib (2560, 1440), ==, 64);
  g_assert_cmpuint (fatia_glass_memory_mib (3840, 2160), ==, 128);
  g_assert_cmpuint (fatia_glass_memory_mib (5120, 2880), ==, 256);
  /* 1366 * 4 is no multiple of 256. */
  g_assert_cmpuint (fatia_glass_memory_mib (1366, 768), ==, 32);
  g_assert_cmpuint (fatia_glass_memory_mib (0, 0), ==, 4);
  g_assert_cmpuint (fatia_glass_memory_mib (G_MAXUINT, G_MAXUINT), ==, 16384);
}

static void
assert_offer (guint64 memory_gib, guint cpus, guint64 memory_mib, guint vm_cpus)
{
  FatiaFacts facts = { .memory = memory_gib * GIB, .cpus = cpus };
  g_autoptr (FatiaDomainSpec) spec = fatia_domain_spec_new (&facts);

  g_assert_cmpuint (spec->memory_mib, ==, memory_mib);
  g_assert_cmpuint (spec->cpus, ==, vm_cpus);
}

static void
test_offer (void)
{
  assert_offer (0, 0, 4096, 2);
  assert_offer (4, 2, 2048, 2);
  assert_offer (8, 4, 4096, 3);
  assert_offer (16, 4, 8192, 3);
  assert_offer (64, 24, 16384, 12);
}

static void
test_offer_devices (void)
{
  FatiaPciDevice vf = { .address = (char *) "0000:00:02.1" };
  g_autoptr (GPtrArray) vfs = g_ptr_array_new ();
  const char *digest = "131c32cadb6716dba59d13891bb70213c6ee931dd1e8b1a5593dee6f3a4c2cbd";
  g_autofree char *name = g_strconcat (digest, ".rom", NULL);
  char *roms[] = { name, NULL };
  FatiaFacts facts = { .vfs = vfs, .roms = roms };
  g_autoptr (FatiaDomainSpec) spec = NULL;
  g_autoptr (FatiaDomainSpec) other = NULL;
  g_autoptr (FatiaDomainSpec) copy = NULL;

  g_ptr_array_add (vfs, &vf);
  spec = fatia_domain_spec_new (&facts);
  g_assert_cmpstr (spec->vf, ==, "0000:00:02.1");
  g_assert_cmpstr (spec->rom_sha256, ==, digest);
  g_assert_true (g_str_has_prefix (spec->rom, "/var/lib/fatia/roms/131c"));
  g_assert_cmpuint (spec->glass_mib, ==, 32);
  g_assert_cmpstr (spec->glass_path, ==, "/dev/shm/looking-glass");
  copy = fatia_domain_spec_copy (spec);
  g_assert_true (copy->rom != spec->rom);
  g_assert_cmpstr (copy->rom, ==, spec->rom);
  g_assert_cmpstr (copy->disk, ==, spec->disk);

  roms[0] = (char *) "mine.rom";
  other = fatia_domain_spec_new (&facts);
  g_assert_cmpstr (other->rom, ==, "/var/lib/fatia/roms/mine.rom");
  g_assert_null (other->rom_sha256);
}

static FatiaDomainSpec *
good_spec (void)
{
  FatiaFacts facts = { .memory = 16 * GIB, .cpus = 4 };
  FatiaDomainSpec *spec = fatia_domain_spec_new (&facts);

  spec->tcg = TRUE; /* the machine that tests may have little space */
  return spec;
}

static void
set (char **place, const char *text)
{
  g_free (*place);
  *place = g_strdup (text);
}

static void
assert_refused (FatiaDomainSpec *spec, const char *words)
{
  FatiaFacts facts = { .memory = 16 * GIB, .cpus = 4 };
  g_autoptr (GError) error = NULL;

  g_assert_false (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_IO_ERROR);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
  fatia_domain_spec_free (spec);
}

#define REFUSED(change, words)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    FatiaDomainSpec *spec = good_spec ();                                                          \
                                                                                                   \
    change;                                                                                        \
    assert_refused (spec, words);                                                                  \
  }                                                                                                \
  G_STMT_END

static void
test_good (void)
{
  FatiaFacts facts = { .memory = 16 * GIB, .cpus = 4, .kvmfr_device = FATIA_YES };
  g_autoptr (FatiaDomainSpec) spec = good_spec ();
  g_autoptr (GError) error = NULL;

  set (&spec->vf, "0000:00:02.7");
  g_assert_true (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_no_error (error);
  g_assert_true (fatia_domain_spec_validate (spec, NULL, &error));
  g_assert_no_error (error);
  set (&spec->glass_path, "/dev/kvmfr0");
  set (&spec->name, "a");
  g_assert_true (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_no_error (error);
}

/* The device of kvmfr has to be there, and large enough. */
static void
test_kvmfr (void)
{
  FatiaFacts facts = { .memory = 16 * GIB, .cpus = 4, .kvmfr_rule = FATIA_YES };
  g_autoptr (FatiaDomainSpec) fresh = fatia_domain_spec_new (&facts);
  g_autoptr (FatiaDomainSpec) spec = good_spec ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (fresh->glass_path, ==, "/dev/kvmfr0");
  set (&spec->glass_path, "/dev/kvmfr0");
  g_assert_false (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_nonnull (strstr (error->message, "restart the computer"));
  g_clear_error (&error);
  facts.kvmfr_device = FATIA_YES;
  facts.kvmfr_mib = 16;
  g_assert_false (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_nonnull (strstr (error->message, "32 MiB"));
  g_clear_error (&error);
  facts.kvmfr_mib = 32;
  g_assert_true (fatia_domain_spec_validate (spec, &facts, &error));
  g_assert_no_error (error);
}

static void
test_names (void)
{
  g_autofree char *long_name = g_strnfill (51, 'a');

  REFUSED (set (&spec->name, NULL), "Give the VM a name");
  REFUSED (set (&spec->name, ""), "Give the VM a name");
  REFUSED (set (&spec->name, "../../etc"), "must begin with a letter");
  REFUSED (set (&spec->name, "-x"), "must begin with a letter");
  REFUSED (set (&spec->name, "a/b"), "may hold");
  REFUSED (set (&spec->name, "a b"), "may hold");
  REFUSED (set (&spec->name, "a\n"), "may hold");
  REFUSED (set (&spec->name, "<name>"), "may hold");
  REFUSED (set (&spec->name, "Fenêtres"), "may hold");
  REFUSED (set (&spec->name, long_name), "too long");
}

static void
test_files (void)
{
  REFUSED (set (&spec->iso, "windows.iso"), "absolute path");
  REFUSED (set (&spec->iso, "/nowhere/windows.iso"), "/nowhere/windows.iso");
  REFUSED (set (&spec->iso, "/tmp"), "Choose the .iso file itself");
  REFUSED (set (&spec->iso, "/dev/null"), "Choose the .iso file itself");
  REFUSED (set (&spec->virtio_iso, "/nowhere"), "virtio driver image");
  REFUSED (set (&spec->disk, NULL), "absolute path");
  REFUSED (set (&spec->disk, "disk.qcow2"), "absolute path");
  REFUSED (set (&spec->disk, "/a/../../b.qcow2"), "absolute path");
  REFUSED (set (&spec->disk, "/a/\xff.qcow2"), "absolute path");
  REFUSED (set (&spec->disk, "/"), "absolute path");
  REFUSED (set (&spec->rom, "../rom"), "ROM");
}

static void
test_sizes (void)
{
  REFUSED (spec->memory_mib = 2048, "at least 4096 MiB");
  REFUSED (spec->memory_mib = 15 * 1024, "14336 at most");
  REFUSED (spec->memory_mib = G_MAXUINT64, "14336 at most");
  REFUSED (spec->cpus = 1, "at least 2");
  REFUSED (spec->cpus = 5, "has 4 processors");
  REFUSED (spec->disk_bytes = 63 * GIB, "at least 64 GiB");
  REFUSED (spec->disk_bytes = G_MAXUINT64, "16 TiB at most");
  REFUSED (spec->width = 320, "320x1080");
  REFUSED (spec->height = 100000, "1920x100000");
  REFUSED (spec->glass_mib = 16, "needs 32 MiB");
  REFUSED (spec->glass_mib = 48, "needs 32 MiB");
  REFUSED (spec->width = 3840, "needs 64 MiB");
}

static void
test_devices (void)
{
  REFUSED (set (&spec->glass_path, NULL), "/dev/shm");
  REFUSED (set (&spec->glass_path, "/dev/shm/"), "/dev/shm");
  REFUSED (set (&spec->glass_path, "/dev/shm/a/b"), "/dev/shm");
  REFUSED (set (&spec->glass_path, "/dev/shm/.."), "/dev/shm");
  REFUSED (set (&spec->glass_path, "/etc/passwd"), "/dev/shm");
  REFUSED (set (&spec->vf, "00:02.1"), "not a PCI address");
  REFUSED (set (&spec->vf, "0000:00:02.1 "), "not a PCI address");
  REFUSED (set (&spec->vf, "0000:00:02.9"), "not a PCI address");
  REFUSED (set (&spec->vf, "0000:00:02.0"), "would go dark");
}

static void
test_free_space (void)
{
  g_autoptr (FatiaDomainSpec) spec = good_spec ();
  g_autoptr (GError) error = NULL;

  /* A file system that has no room at all. */
  spec->tcg = FALSE;
  set (&spec->disk, "/proc/images/Windows.qcow2");
  g_assert_false (fatia_domain_spec_validate (spec, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "/proc has 0 GiB free"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/domain-spec/glass-memory", test_glass_memory);
  g_test_add_func ("/domain-spec/offer", test_offer);
  g_test_add_func ("/domain-spec/offer-devices", test_offer_devices);
  g_test_add_func ("/domain-spec/good", test_good);
  g_test_add_func ("/domain-spec/kvmfr", test_kvmfr);
  g_test_add_func ("/domain-spec/names", test_names);
  g_test_add_func ("/domain-spec/files", test_files);
  g_test_add_func ("/domain-spec/sizes", test_sizes);
  g_test_add_func ("/domain-spec/devices", test_devices);
  g_test_add_func ("/domain-spec/free-space", test_free_space);
  return g_test_run ();
}
