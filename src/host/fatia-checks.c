/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/fatia-checks-private.h"

#include <glib/gi18n-lib.h>

#include "host/fatia-advice.h"

/* In the order people should read them: what can't be changed first, then firmware, kernel,
 * graphics, software. */
static const struct
{
  const char *id;
  const char *title;
  FatiaCheckFunc check;
} checks[] = {
  { "gpu-sliceable", N_ ("Graphics"), fatia_check_gpu_sliceable },
  { "cpu-virtualization", N_ ("Processor virtualization"), fatia_check_cpu_virtualization },
  { "vt-d", N_ ("VT-d in the firmware"), fatia_check_vt_d },
  { "memory-size", N_ ("Memory"), fatia_check_memory_size },
  { "kernel-version", N_ ("Kernel version"), fatia_check_kernel_version },
  { "graphics-driver", N_ ("Graphics driver"), fatia_check_graphics_driver },
  { "secure-boot", N_ ("Secure Boot"), fatia_check_secure_boot },
  { "boot-loader", N_ ("Boot loader"), fatia_check_boot_loader },
  { "kernel-arguments", N_ ("Kernel arguments"), fatia_check_kernel_arguments },
  { "iommu-active", N_ ("IOMMU in use"), fatia_check_iommu_active },
  { "virtual-functions", N_ ("Virtual functions"), fatia_check_virtual_functions },
  { "host-vfs-driver", N_ ("Virtual functions left to guests"), fatia_check_host_vfs_driver },
  { "kvm", N_ ("KVM"), fatia_check_kvm },
  { "libvirt", N_ ("libvirt"), fatia_check_libvirt },
  { "qemu", N_ ("QEMU"), fatia_check_qemu },
  { "ovmf", N_ ("UEFI for virtual machines"), fatia_check_ovmf },
  { "swtpm", N_ ("TPM for virtual machines"), fatia_check_swtpm },
  { "looking-glass-memory", N_ ("Looking Glass memory"), fatia_check_looking_glass_memory },
};

void
fatia_verdict_say (FatiaVerdict *verdict, FatiaState state, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  verdict->state = state;
  g_free (verdict->meaning);
  verdict->meaning = g_strdup_vprintf (format, args);
  va_end (args);
}

void
fatia_verdict_advise (FatiaVerdict *verdict, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (verdict->remedy, g_strdup_vprintf (format, args));
  va_end (args);
}

void
fatia_verdict_advise_bios (FatiaVerdict *verdict, const FatiaFacts *facts)
{
  g_autoptr (FatiaBoard) board = fatia_advice_board (facts);

  for (gsize i = 0; board->bios_steps[i]; i++)
    fatia_verdict_advise (verdict, "%s", board->bios_steps[i]);
}

gboolean
fatia_verdict_needs_pf (FatiaVerdict *verdict, const FatiaFacts *facts)
{
  if (facts->pf != NULL)
    return FALSE;
  fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                     _ ("This only matters with Intel graphics that can be divided, and none "
                        "was found here."));
  return TRUE;
}

/**
 * fatia_checks_run:
 *
 * Runs every check. They look at nothing but @facts.
 *
 * Returns: (transfer full) (element-type FatiaFinding): a finding of each check, in the order
 *   people should read them
 */
GPtrArray *
fatia_checks_run (const FatiaFacts *facts)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_val_if_fail (facts != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autoptr (GPtrArray) remedy = g_ptr_array_new_with_free_func (g_free);
      FatiaVerdict verdict = { FATIA_STATE_UNKNOWN, NULL, remedy };

      checks[i].check (facts, &verdict);
      g_ptr_array_add (remedy, NULL);
      g_ptr_array_add (findings,
                       fatia_finding_new (checks[i].id, _ (checks[i].title), verdict.state,
                                          verdict.meaning, (const char *const *) remedy->pdata));
      g_free (verdict.meaning);
    }
  return g_steal_pointer (&findings);
}

/**
 * fatia_checks_list:
 *
 * Returns: (transfer full) (element-type FatiaFinding): every finding there can be, with its id
 *   and title alone
 */
GPtrArray *
fatia_checks_list (void)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func (g_object_unref);

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    g_ptr_array_add (findings, fatia_finding_new (checks[i].id, _ (checks[i].title),
                                                  FATIA_STATE_UNKNOWN, NULL, NULL));
  return g_steal_pointer (&findings);
}

/**
 * fatia_checks_worst:
 * @findings: (element-type FatiaFinding): findings
 *
 * Returns: failed where one failed, else warning where one warns, else unknown where one is
 *   unknown, else passed
 */
FatiaState
fatia_checks_worst (GPtrArray *findings)
{
  static const FatiaState order[] = { FATIA_STATE_FAILED, FATIA_STATE_WARNING,
                                      FATIA_STATE_UNKNOWN };

  g_return_val_if_fail (findings != NULL, FATIA_STATE_UNKNOWN);

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    {
      for (guint j = 0; j < findings->len; j++)
        {
          if (fatia_finding_get_state (g_ptr_array_index (findings, j)) == order[i])
            return order[i];
        }
    }
  return FATIA_STATE_PASSED;
}
