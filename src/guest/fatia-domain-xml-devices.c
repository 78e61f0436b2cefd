/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices of the Windows VM. */
#include "guest/fatia-domain-xml.h"

#include <stdio.h>
#include <string.h>

#define SHARED_MEMORY_FOLDER "/dev/shm/"
#define SHMEM_ID             "looking-glass"

/*
 * The disk comes first: while it is empty, firmware goes on to the installation image, and
 * after that nobody is asked to press a key for a CD.
 */
static void
add_disk (xmlNode *devices, const FatiaDomainSpec *spec)
{
  xmlNode *disk = fatia_xml_add (devices, "disk", "type", "file", "device", "disk", NULL);

  /* Where practice keeps its folder the file system may know no O_DIRECT. */
  if (spec->tcg)
    fatia_xml_add (disk, "driver", "name", "qemu", "type", "qcow2", "discard", "unmap", NULL);
  else
    fatia_xml_add (disk, "driver", "name", "qemu", "type", "qcow2", "cache", "none", "io", "native",
                   "discard", "unmap", NULL);
  fatia_xml_add (disk, "source", "file", spec->disk, NULL);
  fatia_xml_add (disk, "target", "dev", "vda", "bus", "virtio", NULL);
  fatia_xml_add (disk, "boot", "order", "1", NULL);
}

static void
add_cdrom (xmlNode *devices, const char *path, const char *target, const char *boot_order)
{
  xmlNode *disk;

  if (path == NULL)
    return;
  disk = fatia_xml_add (devices, "disk", "type", "file", "device", "cdrom", NULL);
  fatia_xml_add (disk, "driver", "name", "qemu", "type", "raw", NULL);
  fatia_xml_add (disk, "source", "file", path, NULL);
  fatia_xml_add (disk, "target", "dev", target, "bus", "sata", NULL);
  fatia_xml_add (disk, "readonly", NULL);
  if (boot_order != NULL)
    fatia_xml_add (disk, "boot", "order", boot_order, NULL);
}

static void
add_vf (xmlNode *devices, const FatiaDomainSpec *spec)
{
  guint domain, bus, slot, function;
  g_autofree char *domain_text = NULL;
  g_autofree char *bus_text = NULL;
  g_autofree char *slot_text = NULL;
  g_autofree char *function_text = NULL;
  xmlNode *hostdev, *source;

  if (spec->tcg || spec->vf == NULL ||
      sscanf (spec->vf, "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4)
    return;
  domain_text = g_strdup_printf ("0x%04x", domain);
  bus_text = g_strdup_printf ("0x%02x", bus);
  slot_text = g_strdup_printf ("0x%02x", slot);
  function_text = g_strdup_printf ("0x%x", function);
  hostdev =
    fatia_xml_add (devices, "hostdev", "mode", "subsystem", "type", "pci", "managed", "yes", NULL);
  source = fatia_xml_add (hostdev, "source", NULL);
  fatia_xml_add (source, "address", "domain", domain_text, "bus", bus_text, "slot", slot_text,
                 "function", function_text, NULL);
  if (spec->rom != NULL)
    fatia_xml_add (hostdev, "rom", "file", spec->rom, NULL);
  else
    fatia_xml_add (hostdev, "rom", "bar", "off", NULL);
}

static void
add_channels (xmlNode *devices)
{
  xmlNode *channel = fatia_xml_add (devices, "channel", "type", "unix", NULL);

  fatia_xml_add (channel, "target", "type", "virtio", "name", "org.qemu.guest_agent.0", NULL);
  channel = fatia_xml_add (devices, "channel", "type", "spicevmc", NULL);
  fatia_xml_add (channel, "target", "type", "virtio", "name", "com.redhat.spice.0", NULL);
}

/*
 * The emulated screen, for the installation and as a rescue display. No port is opened: the
 * program asks libvirt for a connected socket.
 */
static void
add_screen (xmlNode *devices)
{
  xmlNode *graphics = fatia_xml_add (devices, "graphics", "type", "spice", NULL);
  xmlNode *video;

  fatia_xml_add (graphics, "listen", "type", "none", NULL);
  fatia_xml_add (graphics, "image", "compression", "off", NULL);
  video = fatia_xml_add (devices, "video", NULL);
  fatia_xml_add (video, "model", "type", "vga", NULL);
  fatia_xml_add (devices, "sound", "model", "ich9", NULL);
  fatia_xml_add (devices, "audio", "id", "1", "type", "spice", NULL);
  fatia_xml_add (devices, "input", "type", "tablet", "bus", "usb", NULL);
  fatia_xml_add (devices, "input", "type", "keyboard", "bus", "usb", NULL);
}

static void
add_argument (xmlNode *commandline, xmlNs *ns, const char *value)
{
  xmlNode *arg = xmlNewChild (commandline, ns, BAD_CAST "arg", NULL);

  xmlNewProp (arg, BAD_CAST "value", BAD_CAST value);
}

/* libvirt has no element for memory that a device file gives (the kvmfr module). */
static void
add_kvmfr (xmlNode *domain, const FatiaDomainSpec *spec)
{
  xmlNs *ns = xmlNewNs (domain, BAD_CAST FATIA_QEMU_NAMESPACE, BAD_CAST "qemu");
  xmlNode *commandline = xmlNewChild (domain, ns, BAD_CAST "commandline", NULL);
  g_autofree char *object = g_strdup_printf (
    "{\"qom-type\":\"memory-backend-file\",\"id\":\"" SHMEM_ID "\",\"mem-path\":\"/dev/kvmfr0\","
    "\"size\":%" G_GUINT64_FORMAT ",\"share\":true}",
    (guint64) spec->glass_mib << 20);

  add_argument (commandline, ns, "-object");
  add_argument (commandline, ns, object);
  add_argument (commandline, ns, "-device");
  add_argument (commandline, ns,
                "{\"driver\":\"ivshmem-plain\",\"id\":\"shmem0\",\"memdev\":\"" SHMEM_ID "\"}");
}

static void
add_glass_memory (xmlNode *domain, xmlNode *devices, const FatiaDomainSpec *spec)
{
  g_autofree char *mib = g_strdup_printf ("%u", spec->glass_mib);
  xmlNode *shmem, *size;

  if (g_strcmp0 (spec->glass_path, "/dev/kvmfr0") == 0)
    {
      add_kvmfr (domain, spec);
      return;
    }
  if (spec->glass_path == NULL || !g_str_has_prefix (spec->glass_path, SHARED_MEMORY_FOLDER))
    return;
  /* QEMU keeps what is called N in /dev/shm/N. */
  shmem = fatia_xml_add (devices, "shmem", "name", spec->glass_path + strlen (SHARED_MEMORY_FOLDER),
                         NULL);
  fatia_xml_add (shmem, "model", "type", "ivshmem-plain", NULL);
  size = fatia_xml_add_text (shmem, "size", mib);
  xmlNewProp (size, BAD_CAST "unit", BAD_CAST "M");
}

/**
 * fatia_domain_xml_add_devices:
 * @domain: the root element
 */
void
fatia_domain_xml_add_devices (xmlNode *domain, const FatiaDomainSpec *spec)
{
  xmlNode *devices = fatia_xml_add (domain, "devices", NULL);
  xmlNode *node;

  add_disk (devices, spec);
  add_cdrom (devices, spec->iso, "sda", "2");
  add_cdrom (devices, spec->virtio_iso, "sdb", NULL);
  fatia_xml_add (devices, "controller", "type", "usb", "model", "qemu-xhci", NULL);
  node = fatia_xml_add (devices, "interface", "type", "network", NULL);
  fatia_xml_add (node, "source", "network", "default", NULL);
  fatia_xml_add (node, "model", "type", "virtio", NULL);
  add_channels (devices);
  node = fatia_xml_add (devices, "tpm", "model", "tpm-crb", NULL);
  fatia_xml_add (node, "backend", "type", "emulator", "version", "2.0", NULL);
  add_screen (devices);
  add_vf (devices, spec);
  /* Memory a device may write to can't be given back to the host. */
  fatia_xml_add (devices, "memballoon", "model", "none", NULL);
  add_glass_memory (domain, devices, spec);
}
