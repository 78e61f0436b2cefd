/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report a person can post: only what is written out here, nothing copied as a whole. */
#include "host/fatia-checks.h"

#include <string.h>

/* Kernel arguments that matter here and tell nothing of the person: others name disks, hosts,
 * addresses. */
static const char *const shown_arguments[] = {
  "intel_iommu",
  "iommu",
  "iommu.passthrough",
  "i915.enable_guc",
  "i915.max_vfs",
  "i915.enable_fbc",
  "i915.force_probe",
  "i915.modeset",
  "xe.max_vfs",
  "xe.force_probe",
  "module_blacklist",
  "modprobe.blacklist",
  "nomodeset",
  "apparmor",
  "security",
  "lsm",
  "pci",
  "pcie_acs_override",
  "vfio-pci.ids",
  "kvm.ignore_msrs",
  "quiet",
  "splash",
  NULL,
};

static const char *
truth_word (FatiaTruth truth)
{
  switch (truth)
    {
    case FATIA_YES:
      return "yes";
    case FATIA_NO:
      return "no";
    case FATIA_UNKNOWN:
    default:
      return "unknown";
    }
}

static const char *
text_word (const char *text)
{
  return text ? text : "unknown";
}

/* The end of a line: a number, or the word for what is below 0. */
static void
append_number (GString *report, int number, const char *otherwise)
{
  if (number >= 0)
    g_string_append_printf (report, "%d\n", number);
  else
    g_string_append_printf (report, "%s\n", otherwise);
}

/* A value of these letters can hold no path and no UUID worth hiding. */
static gboolean
is_harmless_value (const char *value)
{
  return strlen (value) <= 64 &&
         value[strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_,.:*!+-")] == '\0';
}

static void
append_arguments (GString *report, const FatiaFacts *facts)
{
  g_string_append (report, "Kernel arguments:");
  if (facts->kernel_arguments == NULL)
    g_string_append (report, " unknown");
  for (gsize i = 0; facts->kernel_arguments && facts->kernel_arguments[i]; i++)
    {
      const char *argument = facts->kernel_arguments[i];
      const char *equals = strchr (argument, '=');
      g_autofree char *key = equals ? g_strndup (argument, equals - argument) : g_strdup (argument);

      if (g_strv_contains (shown_arguments, key) &&
          (equals == NULL || is_harmless_value (equals + 1)))
        g_string_append_printf (report, " %s", argument);
    }
  g_string_append_c (report, '\n');
}

static void
append_gpu (GString *report, const char *kind, const FatiaPciDevice *device)
{
  g_string_append_printf (report, "%s: %s %04x:%04x, driver %s, IOMMU group %s", kind,
                          device->address, device->vendor, device->device,
                          device->driver ? device->driver : "none",
                          device->iommu_group ? device->iommu_group : "none");
  if (device->sriov_totalvfs >= 0)
    g_string_append_printf (report, ", %d of %d virtual functions", MAX (device->sriov_numvfs, 0),
                            device->sriov_totalvfs);
  g_string_append_c (report, '\n');
}

static void
append_graphics (GString *report, const FatiaFacts *facts)
{
  for (guint i = 0; i < facts->gpus->len; i++)
    append_gpu (report, "GPU", g_ptr_array_index (facts->gpus, i));
  for (guint i = 0; i < facts->vfs->len; i++)
    append_gpu (report, "Virtual function", g_ptr_array_index (facts->vfs, i));
  if (facts->platform)
    g_string_append_printf (report, "Platform: %s\n", facts->platform->name);
  g_string_append_printf (report, "Driver: version %s, can slice: %s, max_vfs ",
                          text_word (facts->driver_version), truth_word (facts->driver_sriov));
  append_number (report, facts->driver_max_vfs, "unknown");
}

static void
append_facts (GString *report, const FatiaFacts *facts)
{
  g_string_append_printf (report, "System: %s\n", text_word (facts->os_name));
  g_string_append_printf (report, "Computer: %s, %s\n", text_word (facts->sys_vendor),
                          text_word (facts->product_name));
  g_string_append_printf (report, "Board: %s, %s\n", text_word (facts->board_vendor),
                          text_word (facts->board_name));
  g_string_append_printf (report, "Firmware: %s, %s, %s; UEFI: %s, Secure Boot: %s\n",
                          text_word (facts->bios_vendor), text_word (facts->bios_version),
                          text_word (facts->bios_date), truth_word (facts->efi),
                          truth_word (facts->secure_boot));
  g_string_append_printf (
    report, "Processor: %s, %u logical, %u address bits; VT-x: %s; virtual machine: %s\n",
    text_word (facts->cpu_model), facts->cpus, facts->physical_bits, truth_word (facts->vmx),
    truth_word (facts->hypervisor));
  g_string_append_printf (report, "Memory: %" G_GUINT64_FORMAT " MiB\n", facts->memory >> 20);
  g_string_append_printf (report, "Kernel: %s\n", text_word (facts->kernel_release));
  append_arguments (report, facts);
  g_string_append_printf (report, "Boot loader: %s\n", text_word (facts->boot_loader_name));
  g_string_append_printf (report, "VT-d table: %s, IOMMU groups: %u\n", truth_word (facts->dmar),
                          facts->iommu_groups);
  append_graphics (report, facts);
  g_string_append_printf (report, "KVM: %s, libvirt: %s, QEMU: %s, OVMF: %s, swtpm: %s\n",
                          truth_word (facts->kvm), truth_word (facts->libvirt),
                          truth_word (facts->qemu), truth_word (facts->ovmf),
                          truth_word (facts->swtpm));
  g_string_append_printf (report,
                          "kvmfr: installed %s, module %s, device %s, rule %s; memory rule: %s\n",
                          truth_word (facts->kvmfr_installed), truth_word (facts->kvmfr_module),
                          truth_word (facts->kvmfr_device), truth_word (facts->kvmfr_rule),
                          truth_word (facts->memory_rule));
  /* Their number alone: a person named them. */
  g_string_append_printf (report,
                          "ROMs: %u, kept virtual functions: ", g_strv_length (facts->roms));
  append_number (report, facts->kept_vfs, "none");
}

/**
 * fatia_report:
 * @findings: (element-type FatiaFinding): what fatia_checks_run() found in @facts
 *
 * The facts and findings as text a person can post. The facts' names are in English whatever
 * the session's language, because those who read reports compare them. There is no serial
 * number, host name, user name, MAC address or disk UUID in it.
 *
 * Returns: (transfer full): the text
 */
char *
fatia_report (const FatiaFacts *facts, GPtrArray *findings)
{
  g_autoptr (GString) report = g_string_new (NULL);

  g_return_val_if_fail (facts != NULL, NULL);
  g_return_val_if_fail (findings != NULL, NULL);

  append_facts (report, facts);
  g_string_append_c (report, '\n');
  for (guint i = 0; i < findings->len; i++)
    {
      FatiaFinding *finding = g_ptr_array_index (findings, i);

      g_string_append_printf (report, "%s %s: %s\n",
                              fatia_state_to_string (fatia_finding_get_state (finding)),
                              fatia_finding_get_id (finding), fatia_finding_get_meaning (finding));
    }
  return g_string_free (g_steal_pointer (&report), FALSE);
}
