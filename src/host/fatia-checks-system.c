/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks: kernel, boot loader, Secure Boot. */
#include "host/fatia-checks-private.h"

#include <glib/gi18n-lib.h>

#include "host/fatia-advice.h"
#include "host/fatia-platform.h"

/* The kernel outside what any release of the module is made for, and the kernel's own xe no way
 * out either. */
static void
say_kernel_unsupported (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  const FatiaPlatform *platform = facts->platform;
  const FatiaModuleRelease *newest = fatia_module_release_newest ();

  fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                     _ ("With kernel %s no driver is known that makes virtual functions of Intel "
                        "%s graphics."),
                     facts->kernel_release, platform->name);
  if (platform->i915)
    fatia_verdict_advise (verdict, _ ("Use a kernel from %u.%u to %u.%u with i915-sriov-dkms %s."),
                          newest->min_major, newest->min_minor, newest->max_major,
                          newest->max_minor, newest->name);
  if (platform->xe_major)
    fatia_verdict_advise (verdict, _ ("Kernel %u.%u and newer bring the driver xe, which can."),
                          platform->xe_major, platform->xe_minor);
}

/* A module that is loaded and can: what is left is whether it was made for this kernel. */
static void
check_loaded_module (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  const FatiaModuleRelease *loaded = fatia_module_release_find (facts->driver_version);
  const FatiaModuleRelease *fitting =
    fatia_module_release_for_kernel (facts->kernel_major, facts->kernel_minor);

  if (loaded && !fatia_module_release_fits (loaded, facts->kernel_major, facts->kernel_minor))
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("Kernel %s is outside what i915-sriov-dkms %s is made for (%u.%u to "
                            "%u.%u). It is loaded and may work."),
                         facts->kernel_release, loaded->name, loaded->min_major, loaded->min_minor,
                         loaded->max_major, loaded->max_minor);
      if (fitting)
        fatia_verdict_advise (verdict, _ ("Release %s is made for this kernel."), fitting->name);
    }
  else if (fitting || loaded)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED, _ ("Kernel %s suits i915-sriov-dkms %s."),
                       facts->kernel_release, (loaded ? loaded : fitting)->name);
  else
    fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                       _ ("No release of i915-sriov-dkms is known to be made for kernel %s. The "
                          "module is loaded and may work."),
                       facts->kernel_release);
}

void
fatia_check_kernel_version (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  const FatiaModuleRelease *release =
    fatia_module_release_for_kernel (facts->kernel_major, facts->kernel_minor);
  const FatiaPlatform *platform = facts->platform;
  gboolean xe;

  if (fatia_verdict_needs_pf (verdict, facts))
    return;
  if (facts->kernel_major == 0 || platform == NULL)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("Which kernel these graphics need is not known."));
      return;
    }
  xe = platform->xe_major && fatia_kernel_at_least (facts->kernel_major, facts->kernel_minor,
                                                    platform->xe_major, platform->xe_minor);
  if (facts->driver_sriov == FATIA_YES && g_strcmp0 (facts->pf->driver, "i915") == 0)
    check_loaded_module (facts, verdict);
  else if (xe && (!platform->i915 || facts->driver_sriov == FATIA_YES))
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("Kernel %s brings a driver, xe, that makes virtual functions of these "
                          "graphics."),
                       facts->kernel_release);
  else if (platform->i915 && release)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED, _ ("Kernel %s suits i915-sriov-dkms %s."),
                       facts->kernel_release, release->name);
  else if (xe)
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("No release of i915-sriov-dkms is made for kernel %s; its own driver "
                            "xe can make virtual functions, but is experimental with these "
                            "graphics."),
                         facts->kernel_release);
      fatia_verdict_advise (verdict, _ ("If Windows shows Code 43, use an older kernel with "
                                        "i915-sriov-dkms."));
    }
  else
    say_kernel_unsupported (facts, verdict);
}

void
fatia_check_boot_loader (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  switch (facts->boot_loader)
    {
    case FATIA_BOOT_LOADER_GRUB:
    case FATIA_BOOT_LOADER_SYSTEMD_BOOT:
    case FATIA_BOOT_LOADER_LIMINE:
    case FATIA_BOOT_LOADER_REFIND:
    case FATIA_BOOT_LOADER_UKI:
    case FATIA_BOOT_LOADER_KERNELSTUB:
    case FATIA_BOOT_LOADER_PROXMOX:
    case FATIA_BOOT_LOADER_RPM_OSTREE:
      fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                         _ ("This computer starts with %s, which Fatia can configure."),
                         facts->boot_loader_name);
      return;
    case FATIA_BOOT_LOADER_OTHER:
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("This computer starts with %s, whose configuration Fatia does not "
                            "change."),
                         facts->boot_loader_name);
      fatia_verdict_advise (verdict, _ ("Add the kernel arguments the setup shows to its "
                                        "configuration yourself, then restart."));
      return;
    case FATIA_BOOT_LOADER_UNKNOWN:
    default:
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("Which boot loader starts this computer could not be found out."));
      fatia_verdict_advise (verdict, _ ("Add the kernel arguments the setup shows to its "
                                        "configuration yourself, then restart."));
    }
}

void
fatia_check_secure_boot (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->secure_boot == FATIA_UNKNOWN)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("Whether Secure Boot is on could not be read."));
  else if (facts->secure_boot == FATIA_NO)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("Secure Boot is off: the kernel loads modules that were built on this "
                          "computer."));
  else if (fatia_slicer_for (facts) == FATIA_SLICER_XE)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("Secure Boot is on, and the kernel’s own driver needs no key."));
  else if (facts->driver_sriov == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("Secure Boot is on, and the module’s key is accepted: it is loaded."));
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("Secure Boot is on: the kernel refuses modules built on this "
                            "computer (“Key was rejected by service”) until their key is "
                            "enrolled."));
      fatia_verdict_advise (verdict, _ ("Enrol the key DKMS signs with: sudo mokutil --import "
                                        "/var/lib/dkms/mok.pub (on Ubuntu "
                                        "/var/lib/shim-signed/mok/MOK.der), and choose a "
                                        "password."));
      fatia_verdict_advise (verdict, _ ("Restart, choose “Enroll MOK” in the blue menu and type "
                                        "the password."));
      fatia_verdict_advise (verdict, _ ("Or switch Secure Boot off in the BIOS."));
    }
}
