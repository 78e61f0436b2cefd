/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks: the GPU, its driver and its virtual functions. */
#include "host/fatia-checks-private.h"

#include <glib/gi18n-lib.h>

#include "host/fatia-platform.h"

#define MODULE_PAGE "https://github.com/strongtz/i915-sriov-dkms"

static const char *
vendor_name (guint16 vendor)
{
  switch (vendor)
    {
    case 0x8086:
      return "Intel";
    case 0x1002:
      return "AMD";
    case 0x10de:
      return "NVIDIA";
    default:
      return NULL;
    }
}

/* Names the graphics that can't be sliced: "AMD (1002:1638), NVIDIA (10de:2484)". */
static char *
name_gpus (const FatiaFacts *facts)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < facts->gpus->len && i < 8; i++)
    {
      const FatiaPciDevice *gpu = g_ptr_array_index (facts->gpus, i);
      const FatiaPlatform *platform =
        gpu->vendor == 0x8086 ? fatia_platform_find (gpu->device) : NULL;
      const char *vendor = vendor_name (gpu->vendor);

      if (names->len > 0)
        g_string_append (names, ", ");
      if (vendor)
        g_string_append_printf (names, "%s ", vendor);
      if (platform)
        g_string_append_printf (names, "%s ", platform->name);
      g_string_append_printf (names, "(%04x:%04x)", gpu->vendor, gpu->device);
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

void
fatia_check_gpu_sliceable (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  g_autofree char *names = name_gpus (facts);

  if (facts->pf && facts->platform)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("Intel %s graphics (%04x:%04x at %s) can be divided, so that Windows "
                          "gets a part of its own."),
                       facts->platform->name, facts->pf->vendor, facts->pf->device,
                       facts->pf->address);
  else if (facts->pf)
    fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                       _ ("These Intel graphics (%04x:%04x at %s) say that they can be divided, "
                          "but they are newer than what Fatia knows. They may work."),
                       facts->pf->vendor, facts->pf->device, facts->pf->address);
  else if (facts->gpus->len == 0)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN, _ ("No graphics device was found."));
      fatia_verdict_advise (verdict, _ ("If this computer has Intel graphics beside another card, "
                                        "switch them on in the BIOS."));
    }
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The graphics of this computer cannot be divided: %s. Fatia needs "
                            "the graphics of an Intel Core processor of the 11th generation or "
                            "newer, or of an N-series one such as N100."),
                         names);
      fatia_verdict_advise (verdict, _ ("If the processor has Intel graphics beside this card, "
                                        "switch them on in the BIOS."));
    }
}

static void
advise_module (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  const FatiaModuleRelease *release =
    fatia_module_release_for_kernel (facts->kernel_major, facts->kernel_minor);

  if (release)
    fatia_verdict_advise (verdict,
                          _ ("Install i915-sriov-dkms %s, which is made for this kernel, from "
                             "%s, together with the kernel’s headers and DKMS."),
                          release->name, MODULE_PAGE);
  else
    fatia_verdict_advise (verdict, _ ("Install i915-sriov-dkms from %s (see “Kernel version”)."),
                          MODULE_PAGE);
  fatia_verdict_advise (verdict, _ ("Let the initramfs be made anew, then restart."));
}

static void
check_i915 (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->driver_sriov == FATIA_YES)
    {
      fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                         _ ("The graphics driver is i915 from i915-sriov-dkms%s%s, which can "
                            "make virtual functions."),
                         facts->driver_version ? " " : "",
                         facts->driver_version ? facts->driver_version : "");
      return;
    }
  if (facts->driver_sriov == FATIA_UNKNOWN)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("The graphics driver is i915, but whether it can make virtual "
                            "functions could not be read."));
      return;
    }
  fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                     _ ("The graphics driver is the kernel’s own i915, which cannot make "
                        "virtual functions."));
  if (fatia_slicer_for (facts) == FATIA_SLICER_XE)
    fatia_verdict_advise (verdict,
                          _ ("This kernel’s other driver, xe, can (experimental): let the setup "
                             "set the kernel arguments for it, then restart."));
  else
    {
      fatia_verdict_advise (verdict, _ ("If i915-sriov-dkms is installed already: it was not "
                                        "built for this kernel (see “dkms status”), or the "
                                        "initramfs still holds the old driver."));
      advise_module (facts, verdict);
    }
}

static void
check_xe (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  gboolean proven = facts->platform && !facts->platform->i915;

  if (facts->driver_sriov == FATIA_YES)
    {
      fatia_verdict_say (verdict, proven ? FATIA_STATE_PASSED : FATIA_STATE_WARNING,
                         proven ? _ ("The graphics driver is xe, which can make virtual functions.")
                                : _ ("The graphics driver is xe, which can make virtual "
                                     "functions. With these graphics it is experimental: Windows "
                                     "does not start its driver on every computer."));
      if (!proven)
        fatia_verdict_advise (verdict,
                              _ ("If Windows shows Code 43, try i915-sriov-dkms "
                                 "instead: %s"),
                              MODULE_PAGE);
      return;
    }
  if (facts->driver_sriov == FATIA_UNKNOWN)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("The graphics driver is xe, but whether it can make virtual "
                            "functions could not be read."));
      return;
    }
  fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                     _ ("The graphics driver is xe, and this kernel’s xe cannot make virtual "
                        "functions of these graphics."));
  if (facts->platform && facts->platform->i915)
    advise_module (facts, verdict);
  else
    fatia_verdict_advise (verdict, _ ("Use a newer kernel: see “Kernel version”."));
}

void
fatia_check_graphics_driver (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  const char *driver;

  if (fatia_verdict_needs_pf (verdict, facts))
    return;
  driver = facts->pf->driver;
  if (g_strcmp0 (driver, "i915") == 0)
    check_i915 (facts, verdict);
  else if (g_strcmp0 (driver, "xe") == 0)
    check_xe (facts, verdict);
  else if (driver != NULL)
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The graphics at %s are held by the driver %s, which cannot make "
                            "virtual functions."),
                         facts->pf->address, driver);
      fatia_verdict_advise (verdict,
                            _ ("Take out what binds the whole device to %s (such as "
                               "vfio-pci.ids= on the kernel command line): only "
                               "virtual functions may be given away."),
                            driver);
    }
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED, _ ("No driver has taken the graphics at %s."),
                         facts->pf->address);
      fatia_verdict_advise (verdict, _ ("Look whether module_blacklist= on the kernel command "
                                        "line names the driver that should be used, or "
                                        "nomodeset is there."));
      advise_module (facts, verdict);
    }
}

void
fatia_check_virtual_functions (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  const FatiaPciDevice *pf = facts->pf;

  if (fatia_verdict_needs_pf (verdict, facts))
    return;
  if (facts->vfs->len > 0)
    {
      fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                         g_dngettext (GETTEXT_PACKAGE, "There is %u virtual function.",
                                      "There are %u virtual functions.", facts->vfs->len),
                         facts->vfs->len);
    }
  else if (facts->driver_sriov == FATIA_NO)
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("There are no virtual functions, and the loaded driver cannot make "
                            "any."));
      fatia_verdict_advise (verdict, _ ("See “Graphics driver” first."));
    }
  else if (facts->driver_sriov == FATIA_UNKNOWN)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("There are no virtual functions, and whether the driver can make any "
                          "is not known."));
  else if (facts->driver_max_vfs == 0)
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("There are no virtual functions yet: the driver was started without "
                            "leave to make any (max_vfs is 0)."));
      fatia_verdict_advise (verdict, _ ("Let the setup set the kernel arguments, then restart."));
    }
  else if (pf->sriov_totalvfs <= 0)
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("The driver may make virtual functions, yet the graphics at %s offer "
                            "none: the firmware gave them no room, or the GuC is off."),
                         pf->address);
      fatia_verdict_advise (verdict, _ ("Look for “not enough MMIO resources for SR-IOV” in the "
                                        "kernel log (journalctl -k)."));
      fatia_verdict_advise (verdict, _ ("In the BIOS, switch “Above 4G Decoding” and “Resizable "
                                        "BAR” on and choose a smaller aperture; look for a newer "
                                        "BIOS."));
    }
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         g_dngettext (GETTEXT_PACKAGE,
                                      "There are no virtual functions yet; %d can be made.",
                                      "There are no virtual functions yet; up to %d can be made.",
                                      pf->sriov_totalvfs),
                         pf->sriov_totalvfs);
      fatia_verdict_advise (verdict, _ ("Let the setup make them."));
    }
}

/* The driver that has every virtual function; NULL: they have several, or one has none. */
static const char *
find_common_driver (const FatiaFacts *facts)
{
  const char *driver = NULL;

  for (guint i = 0; i < facts->vfs->len; i++)
    {
      const FatiaPciDevice *vf = g_ptr_array_index (facts->vfs, i);

      if (vf->driver == NULL || (driver && !g_str_equal (driver, vf->driver)))
        return NULL;
      driver = vf->driver;
    }
  return driver;
}

void
fatia_check_host_vfs_driver (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (fatia_verdict_needs_pf (verdict, facts))
    return;
  for (guint i = 0; i < facts->vfs->len; i++)
    {
      const FatiaPciDevice *vf = g_ptr_array_index (facts->vfs, i);

      if (vf->driver != NULL &&
          (g_str_equal (vf->driver, "i915") || g_str_equal (vf->driver, "xe")))
        {
          fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                             _ ("The virtual function %s is used by this computer’s own driver "
                                "(%s). The desktop can crash over it, and Windows cannot have "
                                "it."),
                             vf->address, vf->driver);
          fatia_verdict_advise (verdict, _ ("Let the setup make the virtual functions anew: it "
                                            "keeps the driver from taking them."));
          return;
        }
    }
  if (facts->vfs->len == 0 && facts->pf->sriov_drivers_autoprobe < 0)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("There are no virtual functions that the driver could take."));
  else if (find_common_driver (facts) != NULL)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("Every virtual function is left to virtual machines (%s)."),
                       find_common_driver (facts));
  else
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("No virtual function is used by this computer’s own graphics driver."));
}
