/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The definition has everything Windows and Intel's driver need, and is valid to libvirt. */
#include "guest/fatia-domain-spec.h"

#include <libxml/relaxng.h>

#include "guest/fatia-xml.h"

#define SCHEMA "/usr/share/libvirt/schemas/domain.rng"

static FatiaDomainSpec *
make_spec (void)
{
  FatiaPciDevice vf = { .address = (char *) "0000:00:02.1" };
  g_autoptr (GPtrArray) vfs = g_ptr_array_new ();
  FatiaFacts facts = { .memory = G_GUINT64_CONSTANT (16) << 30, .cpus = 4, .vfs = vfs };
  FatiaDomainSpec *spec;

  g_ptr_array_add (vfs, &vf);
  spec = fatia_domain_spec_new (&facts);
  spec->iso = g_strdup ("/home/someone/Win11.iso");
  spec->virtio_iso = g_strdup ("/home/someone/virtio-win.iso");
  spec->rom = g_strdup ("/var/lib/fatia/roms/x.rom");
  spec->rom_sha256 = g_strdup ("0123");
  return spec;
}

static xmlDoc *
make_doc (const FatiaDomainSpec *spec)
{
  g_autofree char *text = fatia_domain_spec_to_xml (spec);
  g_autoptr (GError) error = NULL;
  xmlDoc *doc = fatia_xml_parse (text, &error);

  g_assert_no_error (error);
  return doc;
}

static const char *const required[] = {
  "/domain[@type='kvm']",
  "/domain/name[.='Windows']",
  "/domain/memory[@unit='MiB'][.='8192']",
  "/domain/vcpu[.='3']",
  "/domain/os[@firmware='efi']/type[@arch='x86_64'][@machine='q35'][.='hvm']",
  "/domain/os/firmware/feature[@enabled='yes'][@name='secure-boot']",
  "/domain/os/firmware/feature[@enabled='yes'][@name='enrolled-keys']",
  "/domain/features/smm[@state='on']",
  "/domain/features/hyperv/relaxed[@state='on']",
  "/domain/features/hyperv/vapic[@state='on']",
  "/domain/features/hyperv/spinlocks[@state='on'][@retries='8191']",
  "/domain/features/hyperv/vpindex[@state='on']",
  "/domain/features/hyperv/runtime[@state='on']",
  "/domain/features/hyperv/synic[@state='on']",
  "/domain/features/hyperv/stimer[@state='on']",
  "/domain/features/hyperv/frequencies[@state='on']",
  "/domain/features/hyperv/tlbflush[@state='on']",
  "/domain/features/hyperv/ipi[@state='on']",
  "/domain/features/hyperv/vendor_id[@state='on'][string-length(@value) <= 12]",
  "/domain/cpu[@mode='host-passthrough'][@migratable='off']",
  "/domain/cpu/topology[@sockets='1'][@cores='3'][@threads='1']",
  "/domain/cpu/maxphysaddr[@mode='passthrough'][@limit='39']",
  "/domain/cpu/feature[@policy='disable'][@name='vmx']",
  "/domain/clock[@offset='localtime']/timer[@name='hypervclock'][@present='yes']",
  "/domain/clock/timer[@name='hpet'][@present='no']",
  "/domain/devices/tpm[@model='tpm-crb']/backend[@type='emulator'][@version='2.0']",
  "/domain/devices/disk[@device='disk']/driver[@cache='none'][@io='native'][@discard='unmap']"
  "[@type='qcow2']",
  "/domain/devices/disk[@device='disk']/target[@bus='virtio']",
  "/domain/devices/disk[@device='disk']/boot[@order='1']",
  "/domain/devices/disk[@device='cdrom'][source/@file='/home/someone/Win11.iso']"
  "[target/@bus='sata'][readonly]/boot[@order='2']",
  "/domain/devices/disk[@device='cdrom'][source/@file='/home/someone/virtio-win.iso'][not(boot)]",
  "/domain/devices/interface[@type='network']/model[@type='virtio']",
  "/domain/devices/interface/source[@network='default']",
  "/domain/devices/channel[@type='unix']/target[@name='org.qemu.guest_agent.0']",
  "/domain/devices/channel[@type='spicevmc']/target[@name='com.redhat.spice.0']",
  "/domain/devices/sound[@model='ich9']",
  "/domain/devices/graphics[@type='spice']/listen[@type='none']",
  "/domain/devices/video/model[@type='vga']",
  "/domain/devices/input[@type='tablet']",
  "/domain/devices/input[@type='keyboard']",
  "/domain/devices/memballoon[@model='none']",
  "/domain/devices/shmem[@name='looking-glass']/model[@type='ivshmem-plain']",
  "/domain/devices/shmem/size[@unit='M'][.='32']",
  "/domain/devices/hostdev[@mode='subsystem'][@type='pci'][@managed='yes']",
  "/domain/devices/hostdev/source/address[@domain='0x0000'][@bus='0x00'][@slot='0x02']"
  "[@function='0x1']",
  "/domain/devices/hostdev/rom[@file='/var/lib/fatia/roms/x.rom']",
  "/domain/metadata/fatia:vm/fatia:rom[@sha256='0123']",
  "/domain/metadata/fatia:vm/fatia:stage[.='installing']",
  "/domain/metadata/fatia:vm/fatia:glass[@path='/dev/shm/looking-glass'][@width='1920']",
};

/* Each of these has cost somebody an evening. */
static const char *const forbidden[] = {
  "//kvm/hidden",
  "//locked",
  "//commandline",
  "//hostdev/source/address[@function='0x0']",
  "//graphics[@port or @autoport or @listen]",
};

static void
test_required (void)
{
  g_autoptr (FatiaDomainSpec) spec = make_spec ();
  g_autoptr (xmlDoc) doc = make_doc (spec);

  for (gsize i = 0; i < G_N_ELEMENTS (required); i++)
    if (!fatia_xml_has (doc, required[i]))
      g_error ("%s is missing", required[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (forbidden); i++)
    if (fatia_xml_has (doc, forbidden[i]))
      g_error ("%s is there", forbidden[i]);
}

static void
clear (char **place)
{
  g_clear_pointer (place, g_free);
}

static void
test_less (void)
{
  g_autoptr (FatiaDomainSpec) spec = make_spec ();
  g_autoptr (xmlDoc) without_rom = NULL;
  g_autoptr (xmlDoc) without_vf = NULL;

  clear (&spec->rom);
  clear (&spec->rom_sha256);
  clear (&spec->iso);
  clear (&spec->virtio_iso);
  without_rom = make_doc (spec);
  g_assert_true (fatia_xml_has (without_rom, "//hostdev/rom[@bar='off'][not(@file)]"));
  g_assert_false (fatia_xml_has (without_rom, "//fatia:rom"));
  g_assert_false (fatia_xml_has (without_rom, "//disk[@device='cdrom']"));
  g_assert_true (fatia_xml_has (without_rom, "//fatia:stage[.='installed']"));
  clear (&spec->vf);
  without_vf = make_doc (spec);
  g_assert_false (fatia_xml_has (without_vf, "//hostdev"));
}

static void
test_practice (void)
{
  g_autoptr (FatiaDomainSpec) spec = make_spec ();
  g_autoptr (xmlDoc) doc = NULL;

  spec->tcg = TRUE;
  doc = make_doc (spec);
  g_assert_true (fatia_xml_has (doc, "/domain[@type='qemu']/cpu[@mode='maximum']"));
  g_assert_false (fatia_xml_has (doc, "//hostdev"));
  g_assert_false (fatia_xml_has (doc, "//hyperv"));
  g_assert_false (fatia_xml_has (doc, "//disk/driver[@io]"));
  g_assert_true (fatia_xml_has (doc, "//shmem"));
}

static void
test_kvmfr (void)
{
  g_autoptr (FatiaDomainSpec) spec = make_spec ();
  g_autoptr (xmlDoc) doc = NULL;

  g_free (spec->glass_path);
  spec->glass_path = g_strdup ("/dev/kvmfr0");
  doc = make_doc (spec);
  g_assert_false (fatia_xml_has (doc, "//shmem"));
  g_assert_true (fatia_xml_has (
    doc, "/domain/qemu:commandline/qemu:arg[contains(@value, '\"mem-path\":\"/dev/kvmfr0\"')]"
         "[contains(@value, '\"size\":33554432')]"));
  g_assert_true (
    fatia_xml_has (doc, "/domain/qemu:commandline/qemu:arg[contains(@value, 'ivshmem-plain')]"));
}

/* What a person types is text, never markup. */
static void
test_escapes (void)
{
  g_autoptr (FatiaDomainSpec) spec = make_spec ();
  const char *evil = "/tmp/a&b<x y='\"'/>]]>&amp;.iso";
  g_autoptr (xmlDoc) doc = NULL;
  g_autofree char *iso = NULL;
  g_autofree char *name = NULL;

  g_free (spec->iso);
  spec->iso = g_strdup (evil);
  g_free (spec->name);
  spec->name = g_strdup ("</name><devices/>&lt;");
  doc = make_doc (spec);
  iso = fatia_xml_get (doc, "//disk[target/@dev='sda']/source/@file");
  g_assert_cmpstr (iso, ==, evil);
  name = fatia_xml_get (doc, "/domain/name");
  g_assert_cmpstr (name, ==, "</name><devices/>&lt;");
}

static void
ignore (void *data, const char *format, ...)
{
}

static void
test_schema (void)
{
  xmlRelaxNGParserCtxt *parser = xmlRelaxNGNewParserCtxt (SCHEMA);
  xmlRelaxNG *schema = xmlRelaxNGParse (parser);
  xmlRelaxNGValidCtxt *context;
  g_autoptr (xmlDoc) bad = NULL;

  g_assert_nonnull (schema);
  context = xmlRelaxNGNewValidCtxt (schema);
  for (guint bits = 0; bits < 128; bits++)
    {
      g_autoptr (FatiaDomainSpec) spec = make_spec ();
      g_autoptr (xmlDoc) doc = NULL;

      if (bits & 1)
        clear (&spec->iso);
      if (bits & 2)
        clear (&spec->virtio_iso);
      if (bits & 4)
        clear (&spec->vf);
      if (bits & 8)
        clear (&spec->rom);
      if (bits & 16)
        clear (&spec->rom_sha256);
      spec->tcg = (bits & 32) != 0;
      if (bits & 64)
        {
          clear (&spec->glass_path);
          spec->glass_path = g_strdup ("/dev/kvmfr0");
        }
      doc = make_doc (spec);
      g_assert_cmpint (xmlRelaxNGValidateDoc (context, doc), ==, 0);
      if (bits == 0)
        bad = g_steal_pointer (&doc);
    }
  /* The schema does refuse. */
  xmlNewProp (fatia_xml_find (bad, "/domain/cpu"), BAD_CAST "colour", BAD_CAST "red");
  xmlRelaxNGSetValidErrors (context, ignore, ignore, NULL);
  g_assert_cmpint (xmlRelaxNGValidateDoc (context, bad), >, 0);
  xmlRelaxNGFreeValidCtxt (context);
  xmlRelaxNGFree (schema);
  xmlRelaxNGFreeParserCtxt (parser);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/domain-xml/required", test_required);
  g_test_add_func ("/domain-xml/less", test_less);
  g_test_add_func ("/domain-xml/practice", test_practice);
  g_test_add_func ("/domain-xml/kvmfr", test_kvmfr);
  g_test_add_func ("/domain-xml/escapes", test_escapes);
  g_test_add_func ("/domain-xml/schema", test_schema);
  return g_test_run ();
}
