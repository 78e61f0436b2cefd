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

/* What libvirt says where its codes say no more than "internal error"; the first that fits. */
typedef struct
{
  const char *says;
  const char *and; /* (nullable) */
  int code;
  const char *words;
} Hint;

#define JOIN_GROUP                                                                                 \
  N_ ("You may not use libvirt. Add yourself to its group with “sudo usermod -aG libvirt $USER”, " \
      "then log out and in again.")
#define NO_MEMORY                                                                                  \
  N_ ("There is not enough free memory for the VM. Close other programs or give the VM less.")

static const Hint hints[] = {
  { "Failed to connect socket", "Permission denied", G_IO_ERROR_PERMISSION_DENIED, JOIN_GROUP },
  { "Failed to connect socket", NULL, G_IO_ERROR_NOT_CONNECTED,
    N_ (
      "libvirt is not running. Start it with “sudo systemctl enable --now libvirtd.socket” (where "
      "there is no such unit: virtqemud.socket); if it is not installed, install it first.") },
  { "authentication unavailable", NULL, G_IO_ERROR_PERMISSION_DENIED, JOIN_GROUP },
  { "authentication failed", NULL, G_IO_ERROR_PERMISSION_DENIED, JOIN_GROUP },
  { "client socket is closed", NULL, G_IO_ERROR_CONNECTION_CLOSED,
    N_ ("The connection to libvirt broke off. Was it restarted? Try again.") },
  { "/dev/kvmfr0", NULL, G_IO_ERROR_FAILED,
    N_ ("The Looking Glass memory /dev/kvmfr0 can't be used. If it is a plain file, a VM was "
        "started before the kvmfr module was loaded: stop the VM, delete the file, load the "
        "module. If access was denied, allow it in AppArmor and in qemu.conf's "
        "cgroup_device_acl.") },
  { "/dev/shm/", NULL, G_IO_ERROR_FAILED,
    N_ ("QEMU can't open the Looking Glass memory in /dev/shm. It may belong to someone else, or "
        "have another size: stop what uses it, delete the file, and start the VM again.") },
  { "Cannot access storage file", "Permission denied", G_IO_ERROR_PERMISSION_DENIED,
    N_ ("QEMU runs as a user of its own and can't reach the file. Move it to "
        "/var/lib/libvirt/images, or let others pass through the folders it is in (chmod o+x).") },
  { "Cannot access storage file", "No such file", G_IO_ERROR_NOT_FOUND,
    N_ ("A file of the VM is gone. Put it back where it was, or remove it from the VM.") },
  { "aw-bits", NULL, G_IO_ERROR_NOT_SUPPORTED,
    N_ ("The VM's address width is larger than this computer's IOMMU can do. Set up the VM anew: "
        "its definition then limits the width.") },
  { "dma_map", "Cannot allocate memory", G_IO_ERROR_FAILED,
    N_ ("The VM's memory may not be locked, which a passed-through device needs. Use the system's "
        "libvirt (qemu:///system), which has no such limit.") },
  { "Cannot allocate memory", NULL, G_IO_ERROR_FAILED, NO_MEMORY },
  { "cannot set up guest memory", NULL, G_IO_ERROR_FAILED, NO_MEMORY },
  { "in use by driver", NULL, G_IO_ERROR_BUSY,
    N_ ("The slice of the GPU belongs to another running VM. Shut that one down first.") },
  { "romfile", NULL, G_IO_ERROR_FAILED,
    N_ ("QEMU can't read the GPU driver's ROM. Install it again in the GOP driver step.") },
  { "vfio", NULL, G_IO_ERROR_FAILED,
    N_ ("The slice of the GPU could not be handed to the VM. See whether the IOMMU is on and the "
        "virtual functions are there; the dashboard's checks tell.") },
  { "swtpm", NULL, G_IO_ERROR_FAILED,
    N_ ("The VM's TPM could not be started. Install swtpm and its tools and try again.") },
  { "Unable to find any firmware", NULL, G_IO_ERROR_NOT_SUPPORTED,
    N_ ("There is no UEFI firmware with Secure Boot for VMs. Install OVMF (package ovmf or "
        "edk2-ovmf).") },
  { "virt type 'kvm'", NULL, G_IO_ERROR_NOT_SUPPORTED,
    N_ ("This computer offers no hardware virtualization. Turn on Intel VT-x in the firmware "
        "setup.") },
  { "without qemu-img", NULL, G_IO_ERROR_NOT_SUPPORTED,
    N_ ("qemu-img is missing, which makes disks. Install it (package qemu-utils or qemu-img).") },
  { "Failed to get \"write\" lock", NULL, G_IO_ERROR_BUSY,
    N_ ("The VM's disk is in use by another program. Close that first.") },
};

static const Hint *
find_hint (const char *message)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hints); i++)
    if (strstr (message, hints[i].says) != NULL &&
        (hints[i].and == NULL || strstr (message, hints[i].and) != NULL))
      return &hints[i];
  return NULL;
}

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
  const Hint *hint = find_hint (message);

  if (hint != NULL)
    g_set_error (error, G_IO_ERROR, hint->code, "%s %s\n%s", what, gettext (hint->words), message);
  else
    g_set_error (error, G_IO_ERROR, virt ? code_of (virt) : G_IO_ERROR_FAILED, "%s %s", what,
                 *message ? message : _ ("libvirt does not say why."));
}
