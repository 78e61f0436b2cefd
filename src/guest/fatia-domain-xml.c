/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Windows and the Intel driver need of a machine: all of the definition but its devices. */
#include "guest/fatia-domain-xml.h"

/*
 * VT-d of these parts reaches 39 bits, also where the processor says 46 (desktop Alder Lake):
 * firmware that puts 64-bit BARs above that makes VFIO refuse to map them. 39 bits are 512 GiB.
 */
#define IOMMU_ADDRESS_BITS "39"

static void
add_metadata (xmlNode *domain, const FatiaDomainSpec *spec)
{
  xmlNode *metadata = fatia_xml_add (domain, "metadata", NULL);
  xmlNode *vm = fatia_xml_add (metadata, "vm", NULL);
  xmlNs *ns = xmlNewNs (vm, BAD_CAST FATIA_XML_NAMESPACE, BAD_CAST FATIA_XML_PREFIX);
  g_autofree char *width = g_strdup_printf ("%u", spec->width);
  g_autofree char *height = g_strdup_printf ("%u", spec->height);

  xmlSetNs (vm, ns);
  /* Children of an element take its namespace. */
  fatia_xml_add_text (vm, "stage", spec->iso ? "installing" : "installed");
  fatia_xml_add (vm, "glass", "path", spec->glass_path, "width", width, "height", height, NULL);
  if (spec->rom_sha256 != NULL)
    fatia_xml_add (vm, "rom", "sha256", spec->rom_sha256, NULL);
}

static void
add_os (xmlNode *domain)
{
  xmlNode *os = fatia_xml_add (domain, "os", "firmware", "efi", NULL);
  xmlNode *type = fatia_xml_add_text (os, "type", "hvm");
  xmlNode *firmware = fatia_xml_add (os, "firmware", NULL);

  xmlNewProp (type, BAD_CAST "arch", BAD_CAST "x86_64");
  xmlNewProp (type, BAD_CAST "machine", BAD_CAST "q35");
  fatia_xml_add (firmware, "feature", "enabled", "yes", "name", "secure-boot", NULL);
  fatia_xml_add (firmware, "feature", "enabled", "yes", "name", "enrolled-keys", NULL);
}

/*
 * Without them Intel's driver stops with Code 43. KVM is not hidden: what was a remedy years ago
 * causes the same error now.
 */
static void
add_hyperv (xmlNode *features)
{
  static const char *const simple[] = { "relaxed", "vapic",       "vpindex",  "runtime", "synic",
                                        "stimer",  "frequencies", "tlbflush", "ipi" };
  xmlNode *hyperv = fatia_xml_add (features, "hyperv", "mode", "custom", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (simple); i++)
    fatia_xml_add (hyperv, simple[i], "state", "on", NULL);
  fatia_xml_add (hyperv, "spinlocks", "state", "on", "retries", "8191", NULL);
  fatia_xml_add (hyperv, "vendor_id", "state", "on", "value", "GenuineIntel", NULL);
}

static void
add_features (xmlNode *domain, const FatiaDomainSpec *spec)
{
  xmlNode *features = fatia_xml_add (domain, "features", NULL);

  fatia_xml_add (features, "acpi", NULL);
  fatia_xml_add (features, "apic", NULL);
  if (!spec->tcg)
    add_hyperv (features);
  fatia_xml_add (features, "vmport", "state", "off", NULL);
  /* Secure Boot's variables are written in system management mode only. */
  fatia_xml_add (features, "smm", "state", "on", NULL);
}

static void
add_cpu (xmlNode *domain, const FatiaDomainSpec *spec)
{
  g_autofree char *cores = g_strdup_printf ("%u", spec->cpus);
  xmlNode *cpu;

  if (spec->tcg)
    cpu = fatia_xml_add (domain, "cpu", "mode", "maximum", NULL);
  else
    cpu = fatia_xml_add (domain, "cpu", "mode", "host-passthrough", "check", "none", "migratable",
                         "off", NULL);
  /* Windows Home uses one socket only. */
  fatia_xml_add (cpu, "topology", "sockets", "1", "cores", cores, "threads", "1", NULL);
  if (spec->tcg)
    return;
  fatia_xml_add (cpu, "maxphysaddr", "mode", "passthrough", "limit", IOMMU_ADDRESS_BITS, NULL);
  /* No Hyper-V inside Windows: virtualization-based security brings Code 43. */
  fatia_xml_add (cpu, "feature", "policy", "disable", "name", "vmx", NULL);
}

static void
add_clock (xmlNode *domain, const FatiaDomainSpec *spec)
{
  /* Windows takes the hardware clock for local time. */
  xmlNode *clock = fatia_xml_add (domain, "clock", "offset", "localtime", NULL);

  fatia_xml_add (clock, "timer", "name", "rtc", "tickpolicy", "catchup", NULL);
  fatia_xml_add (clock, "timer", "name", "pit", "tickpolicy", "delay", NULL);
  fatia_xml_add (clock, "timer", "name", "hpet", "present", "no", NULL);
  if (!spec->tcg)
    fatia_xml_add (clock, "timer", "name", "hypervclock", "present", "yes", NULL);
}

static void
add_power (xmlNode *domain)
{
  xmlNode *pm;

  fatia_xml_add_text (domain, "on_poweroff", "destroy");
  fatia_xml_add_text (domain, "on_reboot", "restart");
  fatia_xml_add_text (domain, "on_crash", "destroy");
  /* A virtual function does not come back from the guest's sleep. */
  pm = fatia_xml_add (domain, "pm", NULL);
  fatia_xml_add (pm, "suspend-to-mem", "enabled", "no", NULL);
  fatia_xml_add (pm, "suspend-to-disk", "enabled", "no", NULL);
}

/**
 * fatia_domain_xml_new:
 *
 * Returns: (transfer full): the domain's definition as a document
 */
xmlDoc *
fatia_domain_xml_new (const FatiaDomainSpec *spec)
{
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *domain = xmlNewDocNode (doc, NULL, BAD_CAST "domain", NULL);
  g_autofree char *memory = g_strdup_printf ("%" G_GUINT64_FORMAT, spec->memory_mib);
  g_autofree char *cpus = g_strdup_printf ("%u", spec->cpus);
  xmlNode *size;

  xmlDocSetRootElement (doc, domain);
  xmlNewProp (domain, BAD_CAST "type", BAD_CAST (spec->tcg ? "qemu" : "kvm"));
  fatia_xml_add_text (domain, "name", spec->name);
  add_metadata (domain, spec);
  size = fatia_xml_add_text (domain, "memory", memory);
  xmlNewProp (size, BAD_CAST "unit", BAD_CAST "MiB");
  fatia_xml_add_text (domain, "vcpu", cpus);
  add_os (domain);
  add_features (domain, spec);
  add_cpu (domain, spec);
  add_clock (domain, spec);
  add_power (domain);
  fatia_domain_xml_add_devices (domain, spec);
  return doc;
}

/**
 * fatia_domain_spec_to_xml:
 *
 * The libvirt definition of the VM. What it holds and why is told in docs and beside each part:
 * the program exists because these details decide whether Intel's driver starts.
 *
 * Returns: (transfer full): indented XML
 */
char *
fatia_domain_spec_to_xml (const FatiaDomainSpec *spec)
{
  g_autoptr (xmlDoc) doc = NULL;

  g_return_val_if_fail (spec != NULL, NULL);

  doc = fatia_domain_xml_new (spec);
  return fatia_xml_to_string (doc);
}
