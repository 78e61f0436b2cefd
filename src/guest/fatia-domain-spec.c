/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/fatia-domain-spec.h"

#include <string.h>

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define GIB (G_GUINT64_CONSTANT (1) << 30)

#define DEFAULT_NAME   "Windows"
#define DEFAULT_WIDTH  1920
#define DEFAULT_HEIGHT 1080
#define ROM_FOLDER     "/var/lib/fatia/roms"

/**
 * fatia_glass_memory_mib:
 * @width: pixels
 * @height: pixels
 *
 * The Looking Glass memory a resolution needs: three frames (two that go round and one for what
 * is rounded up) whose lines are padded to 256 bytes, and 4 MiB for the pointer and the queues;
 * a power of two, as ivshmem demands.
 *
 * Returns: MiB; sizes above 32768 pixels count as 32768
 */
guint
fatia_glass_memory_mib (guint width, guint height)
{
  guint64 line = (MIN (width, 32768) * G_GUINT64_CONSTANT (4) + 255) / 256 * 256;
  guint64 bytes = line * MIN (height, 32768) * 3 + 4 * MIB;
  guint mib = 1;

  while (mib * MIB < bytes)
    mib *= 2;
  return mib;
}

/* Half of the host's memory in whole GiB, 4 to 16 of them, and never what leaves it under 2. */
static guint64
default_memory_mib (const FatiaFacts *facts)
{
  guint64 host = facts->memory / MIB;
  guint64 memory = CLAMP (host / 2 / 1024 * 1024, 4096, 16384);

  if (host > 0 && memory + 2048 > host)
    memory = host > 4096 ? (host - 2048) / 1024 * 1024 : 2048;
  return memory;
}

/* A quarter stays for the host, where there are four or more. */
static guint
default_cpus (const FatiaFacts *facts)
{
  if (facts->cpus == 0)
    return 2;
  return MIN (facts->cpus >= 4 ? facts->cpus - facts->cpus / 4 : facts->cpus, 12);
}

/* The ROM the host keeps; its name is its sha256 where Fatia put it there. */
static void
take_rom (FatiaDomainSpec *spec, const FatiaFacts *facts)
{
  g_autofree char *stem = NULL;

  if (facts->roms == NULL || facts->roms[0] == NULL)
    return;
  spec->rom = g_build_filename (ROM_FOLDER, facts->roms[0], NULL);
  stem = g_strndup (facts->roms[0], strcspn (facts->roms[0], "."));
  if (strlen (stem) == 64 && strspn (stem, "0123456789abcdef") == 64)
    spec->rom_sha256 = g_steal_pointer (&stem);
}

/**
 * fatia_domain_spec_new:
 * @facts: the host
 *
 * What fits this host: half its memory, three quarters of its processors, its first virtual
 * function and the ROM that lies there; a disk of 128 GiB in libvirt's own folder; 1920x1080, in
 * the memory that is set up.
 *
 * Returns: (transfer full): a spec to be changed and then given to fatia_virt_create()
 */
FatiaDomainSpec *
fatia_domain_spec_new (const FatiaFacts *facts)
{
  FatiaDomainSpec *spec;

  g_return_val_if_fail (facts != NULL, NULL);

  spec = g_new0 (FatiaDomainSpec, 1);
  spec->name = g_strdup (DEFAULT_NAME);
  spec->disk = g_strdup ("/var/lib/libvirt/images/" DEFAULT_NAME ".qcow2");
  spec->disk_bytes = 128 * GIB;
  spec->memory_mib = default_memory_mib (facts);
  spec->cpus = default_cpus (facts);
  spec->width = DEFAULT_WIDTH;
  spec->height = DEFAULT_HEIGHT;
  spec->glass_mib = fatia_glass_memory_mib (DEFAULT_WIDTH, DEFAULT_HEIGHT);
  spec->glass_path =
    g_strdup (facts->kvmfr_rule == FATIA_YES ? "/dev/kvmfr0" : "/dev/shm/looking-glass");
  if (facts->vfs != NULL && facts->vfs->len > 0)
    spec->vf = g_strdup (((const FatiaPciDevice *) g_ptr_array_index (facts->vfs, 0))->address);
  take_rom (spec, facts);
  return spec;
}

/**
 * fatia_domain_spec_copy:
 *
 * Returns: (transfer full): a deep copy of @spec
 */
FatiaDomainSpec *
fatia_domain_spec_copy (const FatiaDomainSpec *spec)
{
  FatiaDomainSpec *copy;

  g_return_val_if_fail (spec != NULL, NULL);

  copy = g_memdup2 (spec, sizeof *spec);
  copy->name = g_strdup (spec->name);
  copy->iso = g_strdup (spec->iso);
  copy->virtio_iso = g_strdup (spec->virtio_iso);
  copy->disk = g_strdup (spec->disk);
  copy->glass_path = g_strdup (spec->glass_path);
  copy->vf = g_strdup (spec->vf);
  copy->rom = g_strdup (spec->rom);
  copy->rom_sha256 = g_strdup (spec->rom_sha256);
  return copy;
}

/**
 * fatia_domain_spec_free:
 * @spec: (nullable) (transfer full):
 */
void
fatia_domain_spec_free (FatiaDomainSpec *spec)
{
  if (spec == NULL)
    return;
  g_free (spec->name);
  g_free (spec->iso);
  g_free (spec->virtio_iso);
  g_free (spec->disk);
  g_free (spec->glass_path);
  g_free (spec->vf);
  g_free (spec->rom);
  g_free (spec->rom_sha256);
  g_free (spec);
}
