/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libvirt's errors in words that help. */
#include "guest/fatia-virt-private.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

static void
ignore_error (void *data, virErrorPtr error)
{
}

/**
 * fatia_virt_silence:
 *
 * Keeps libvirt from writing its errors to stderr: they reach the person as words.
 */
void
fatia_virt_silence (void)
{
  virSetErrorFunc (NULL, ignore_error);
}

/* What libvirt says where its codes say no more than "internal error". */
typedef struct
{
  const char *says;
  int code;
  const char *words;
} Hint;

static const Hint hints[] = {
  { "Failed to connect socket", G_IO_ERROR_NOT_CONNECTED,
    N_ (
      "libvirt is not running. Start it with “sudo systemctl enable --now libvirtd.socket” (where "
      "there is no such unit: virtqemud.socket); if it is not installed, install it first.") },
  { "authentication unavailable", G_IO_ERROR_PERMISSION_DENIED,
    N_ ("You may not use libvirt. Add yourself to its group with “sudo usermod -aG libvirt $USER”, "
        "then log out and in again.") },
  { "authentication failed", G_IO_ERROR_PERMISSION_DENIED,
    N_ ("You may not use libvirt. Add yourself to its group with “sudo usermod -aG libvirt $USER”, "
        "then log out and in again.") },
  { "/dev/kvmfr0", G_IO_ERROR_FAILED,
    N_ ("The Looking Glass memory /dev/kvmfr0 can't be used. If it is a plain file, a VM was "
        "started before the kvmfr module was loaded: stop the VM, delete the file, load the "
        "module. If access was denied, allow it in AppArmor and in qemu.conf's "
        "cgroup_device_acl.") },
  { "/dev/shm/", G_IO_ERROR_FAILED,
    N_ ("QEMU can't open the Looking Glass memory in /dev/shm. It may belong to someone else: stop "
        "what uses it, delete the file, and start the VM again.") },
  { "aw-bits", G_IO_ERROR_NOT_SUPPORTED,
    N_ ("The VM's address width is larger than this computer's IOMMU can do. Set up the VM anew: "
        "its definition then limits the width.") },
  { "Cannot allocate memory", G_IO_ERROR_FAILED,
    N_ ("There is not enough free memory for the VM. Close other programs or give the VM less.") },
  { "cannot set up guest memory", G_IO_ERROR_FAILED,
    N_ ("There is not enough free memory for the VM. Close other programs or give the VM less.") },
  { "vfio", G_IO_ERROR_FAILED,
    N_ ("The slice of the GPU could not be handed to the VM. See whether the IOMMU is on and the "
        "virtual functions are there; the dashboard's checks tell.") },
  { "in use by driver", G_IO_ERROR_BUSY,
    N_ ("The slice of the GPU belongs to another running VM. Shut that one down first.") },
  { "romfile", G_IO_ERROR_FAILED,
    N_ ("QEMU can't read the GPU driver's ROM. Install it again in the GOP driver step.") },
  { "swtpm", G_IO_ERROR_FAILED,
    N_ ("The VM's TPM could not be started. Install swtpm and its tools and try again.") },
  { "Unable to find any firmware", G_IO_ERROR_NOT_SUPPORTED,
    N_ ("There is no UEFI firmware with Secure Boot for VMs. Install OVMF (package ovmf or "
        "edk2-ovmf).") },
  { "does not support virt type 'kvm'", G_IO_ERROR_NOT_SUPPORTED,
    N_ ("This computer offers no hardware virtualization. Turn on Intel VT-x in the firmware "
        "setup.") },
  { "invalid argument: could not find capabilities", G_IO_ERROR_NOT_SUPPORTED,
    N_ ("This computer offers no hardware virtualization, or QEMU is not installed. Turn on Intel "
        "VT-x in the firmware setup and install QEMU for x86.") },
  { "Failed to get \"write\" lock", G_IO_ERROR_BUSY,
    N_ ("The VM's disk is in use by another program. Close that first.") },
  { "client socket is closed", G_IO_ERROR_CONNECTION_CLOSED,
    N_ ("The connection to libvirt broke off. Was it restarted? Try again.") },
};

static int
code_of (const virError *virt)
{
  switch (virt->code)
    {
    case VIR_ERR_NO_DOMAIN:
    case VIR_ERR_NO_STORAGE_VOL:
    case VIR_ERR_NO_STORAGE_POOL:
      return G_IO_ERROR_NOT_FOUND;
    case VIR_ERR_DOM_EXIST:
    case VIR_ERR_STORAGE_VOL_EXIST:
      return G_IO_ERROR_EXISTS;
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
    case VIR_ERR_ACCESS_DENIED:
    case VIR_ERR_OPERATION_DENIED:
      return G_IO_ERROR_PERMISSION_DENIED;
    case VIR_ERR_OPERATION_TIMEOUT:
      return G_IO_ERROR_TIMED_OUT;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_CONFIG_UNSUPPORTED:
      return G_IO_ERROR_NOT_SUPPORTED;
    default:
      return G_IO_ERROR_FAILED;
    }
}

/**
 * fatia_virt_set_error:
 * @error: (out) (optional):
 * @what: a translated sentence's beginning: what could not be done
 *
 * Sets @error from libvirt's last error in this thread: in our words where we know the cause,
 * with libvirt's own after them, for those who search for them.
 */
void
fatia_virt_set_error (GError **error, const char *what)
{
  const virError *virt = virGetLastError ();
  const char *message = virt && virt->message ? virt->message : "";

  for (gsize i = 0; i < G_N_ELEMENTS (hints); i++)
    if (strstr (message, hints[i].says) != NULL)
      {
        const char *words = gettext (hints[i].words);

        g_set_error (error, G_IO_ERROR, hints[i].code, "%s %s\n%s", what, words, message);
        return;
      }
  g_set_error (error, G_IO_ERROR, virt ? code_of (virt) : G_IO_ERROR_FAILED, "%s %s", what,
               *message ? message : _ ("libvirt does not say why."));
}
