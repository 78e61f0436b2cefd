/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks: what processor, firmware and memory offer. */
#include "host/fatia-checks-private.h"

#include <glib/gi18n-lib.h>

#define GIB (G_GUINT64_CONSTANT (1) << 30)
/* Windows 11 asks for 4 GiB; a desktop beside it needs about as much. Firmware and graphics take
 * up to 1 GiB before the kernel counts. */
#define MEMORY_ENOUGH (7 * GIB)
#define MEMORY_LEAST  (5 * GIB)

/* No menu of a BIOS helps in there. */
static void
advise_virtual_machine (FatiaVerdict *verdict)
{
  fatia_verdict_advise (verdict, _ ("Use Fatia on the computer itself, not in a virtual machine on "
                                    "it."));
  fatia_verdict_advise (verdict, _ ("To look around here, open the practice host: fatia "
                                    "--practice"));
}

void
fatia_check_cpu_virtualization (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->vmx == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The processor’s virtualization (VT-x) is switched on."));
  else if (facts->svm == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The processor’s virtualization (AMD-V) is switched on."));
  else if (facts->vmx == FATIA_UNKNOWN)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("What the processor can do could not be read from /proc/cpuinfo."));
  else if (facts->hypervisor == FATIA_YES)
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("This computer is a virtual machine itself and is given no "
                            "virtualization (VT-x). Without it a virtual machine is too slow to "
                            "be used."));
      advise_virtual_machine (verdict);
    }
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The processor’s virtualization (VT-x) is switched off in the "
                            "firmware, or the processor has none. Without it a virtual machine "
                            "is too slow to be used."));
      fatia_verdict_advise_bios (verdict, facts);
    }
}

void
fatia_check_vt_d (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->dmar == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The firmware offers VT-d, with which a part of the graphics can be "
                          "given to Windows safely."));
  else if (facts->svm == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("VT-d is a feature of Intel processors, and this one is AMD’s."));
  else if (facts->dmar == FATIA_UNKNOWN)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("Whether the firmware offers VT-d could not be read (the ACPI tables "
                          "are not visible from here)."));
  else if (facts->hypervisor == FATIA_YES)
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("This computer is a virtual machine itself and is given no VT-d. "
                            "Without it nothing can be given to Windows."));
      advise_virtual_machine (verdict);
    }
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The firmware does not offer VT-d: it is switched off in the BIOS, "
                            "or the board has none. Without it nothing can be given to Windows."));
      fatia_verdict_advise_bios (verdict, facts);
    }
}

void
fatia_check_iommu_active (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->iommu_groups > 0)
    fatia_verdict_say (
      verdict, FATIA_STATE_PASSED,
      g_dngettext (GETTEXT_PACKAGE, "The kernel uses the IOMMU: devices form %u group.",
                   "The kernel uses the IOMMU: devices form %u groups.", facts->iommu_groups),
      facts->iommu_groups);
  else if (facts->dmar == FATIA_NO && facts->svm != FATIA_YES)
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The kernel does not use the IOMMU, because the firmware offers "
                            "none."));
      fatia_verdict_advise (verdict, _ ("Switch VT-d on first: see “VT-d in the firmware”."));
    }
  else if (facts->kernel_arguments == NULL)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("Whether the kernel uses the IOMMU could not be read."));
  else if (facts->svm == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("No groups of devices are visible. With AMD processors the IOMMU is "
                          "switched on in the BIOS."));
  else if (fatia_facts_has_argument (facts, "intel_iommu=on"))
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The kernel was told to use the IOMMU (intel_iommu=on), yet there "
                            "are no groups of devices."));
      fatia_verdict_advise (verdict, _ ("Look for a newer BIOS from the maker of the board."));
      fatia_verdict_advise_bios (verdict, facts);
    }
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("The kernel does not use the IOMMU yet: it has to be told to at the "
                            "start (intel_iommu=on)."));
      fatia_verdict_advise (verdict, _ ("Let the setup set the kernel arguments, then restart."));
    }
}

void
fatia_check_memory_size (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  g_autofree char *size = g_format_size_full (facts->memory, G_FORMAT_SIZE_IEC_UNITS);

  if (facts->memory == 0)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("The size of the memory could not be read from /proc/meminfo."));
  else if (facts->memory >= MEMORY_ENOUGH)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("%s of memory are enough for this computer and a Windows beside it."),
                       size);
  else
    {
      fatia_verdict_say (verdict,
                         facts->memory >= MEMORY_LEAST ? FATIA_STATE_WARNING : FATIA_STATE_FAILED,
                         _ ("This computer has %s of memory. Windows asks for 4 GiB, and the "
                            "desktop beside it needs its own."),
                         size);
      fatia_verdict_advise (verdict, _ ("Have 8 GiB of memory or more, or close other programs "
                                        "while Windows runs."));
    }
}
