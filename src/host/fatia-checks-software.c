/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks: the software a virtual machine needs, and Looking Glass' memory. */
#include "host/fatia-checks-private.h"

#include <glib/gi18n-lib.h>

#include "host/fatia-advice.h"

void
fatia_check_kvm (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->kvm == FATIA_YES && facts->vmx == FATIA_NO && facts->svm != FATIA_YES)
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("/dev/kvm is there, yet the processor offers no virtualization: "
                            "virtual machines would not start or be too slow to be used."));
      fatia_verdict_advise (verdict, _ ("See “Processor virtualization” first."));
    }
  else if (facts->kvm == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The kernel offers virtual machines the processor (/dev/kvm)."));
  else if (facts->kvm == FATIA_UNKNOWN)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("Whether there is /dev/kvm could not be seen."));
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_FAILED,
                         _ ("There is no /dev/kvm: virtual machines would be too slow to be "
                            "used."));
      if (facts->vmx == FATIA_NO && facts->svm != FATIA_YES)
        fatia_verdict_advise (verdict, _ ("See “Processor virtualization” first."));
      else
        fatia_verdict_advise (verdict, _ ("Load the module: sudo modprobe %s"),
                              facts->svm == FATIA_YES ? "kvm_amd" : "kvm_intel");
    }
}

static void
check_software (const FatiaFacts *facts,
                FatiaTruth truth,
                const char *name,
                const char *what_for,
                FatiaVerdict *verdict)
{
  g_autofree char *command = NULL;

  if (truth == FATIA_YES)
    {
      /* Translators: %s is a program's name. */
      fatia_verdict_say (verdict, FATIA_STATE_PASSED, _ ("%s is installed."), name);
      return;
    }
  if (truth == FATIA_UNKNOWN)
    {
      fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                         _ ("Whether %s is installed could not be seen."), name);
      return;
    }
  /* Translators: the first %s is a program's name, the second a sentence that says what for. */
  fatia_verdict_say (verdict, FATIA_STATE_FAILED, _ ("%s is not installed. %s"), name, what_for);
  command = fatia_advice_install_command (facts);
  if (command)
    fatia_verdict_advise (verdict, _ ("Install what is missing: %s"), command);
  else
    fatia_verdict_advise (verdict, _ ("Install %s with your distribution’s package manager."),
                          name);
}

void
fatia_check_libvirt (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  check_software (facts, facts->libvirt, "libvirt", _ ("It looks after the virtual machine."),
                  verdict);
}

void
fatia_check_qemu (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  check_software (facts, facts->qemu, "QEMU", _ ("It runs the virtual machine."), verdict);
}

void
fatia_check_ovmf (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  check_software (facts, facts->ovmf, "OVMF",
                  _ ("It is the firmware with Secure Boot that Windows 11 asks for."), verdict);
}

void
fatia_check_swtpm (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  check_software (facts, facts->swtpm, "swtpm", _ ("It is the TPM that Windows 11 asks for."),
                  verdict);
}

void
fatia_check_looking_glass_memory (const FatiaFacts *facts, FatiaVerdict *verdict)
{
  if (facts->kvmfr_path == FATIA_YES && facts->kvmfr_device == FATIA_NO)
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("/dev/kvmfr0 is a plain file, not a device: a virtual machine was "
                            "started before the module kvmfr was loaded. Pictures written there "
                            "reach nobody."));
      fatia_verdict_advise (verdict, _ ("Shut the virtual machine down."));
      fatia_verdict_advise (verdict,
                            _ ("Delete the file and load the module: sudo rm /dev/kvmfr0 && "
                               "sudo modprobe kvmfr. Setting the memory up again does the same."));
    }
  else if (facts->kvmfr_rule == FATIA_YES && facts->kvmfr_device == FATIA_NO)
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("The memory in which Windows’ picture arrives is set up, but its "
                            "device /dev/kvmfr0 is not there: the module kvmfr is not loaded."));
      if (facts->kvmfr_installed == FATIA_NO)
        fatia_verdict_advise (verdict, _ ("Install the module for the running kernel."));
      else
        fatia_verdict_advise (verdict, _ ("Restart the computer."));
    }
  else if (facts->kvmfr_device == FATIA_YES && facts->kvmfr_access == FATIA_NO)
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("The module kvmfr offers the memory in which Windows’ picture arrives, "
                            "but you may not open it as you are logged in now: who sits at the "
                            "computer may."));
      fatia_verdict_advise (verdict, _ ("Log in at the computer’s own screen."));
      fatia_verdict_advise (verdict,
                            _ ("Or join the group that may always, and log in again: sudo usermod "
                               "-aG kvm “your name”"));
    }
  else if (facts->memory_rule == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The memory in which Windows’ picture arrives is set up."));
  else if (facts->kvmfr_device == FATIA_YES)
    fatia_verdict_say (verdict, FATIA_STATE_PASSED,
                       _ ("The module kvmfr offers the memory in which Windows’ picture "
                          "arrives."));
  else if (facts->memory_rule == FATIA_UNKNOWN)
    fatia_verdict_say (verdict, FATIA_STATE_UNKNOWN,
                       _ ("Whether the memory for Windows’ picture is set up could not be seen."));
  else
    {
      fatia_verdict_say (verdict, FATIA_STATE_WARNING,
                         _ ("The memory in which Windows’ picture arrives is not set up yet."));
      fatia_verdict_advise (verdict, _ ("Let the setup prepare it."));
    }
}
