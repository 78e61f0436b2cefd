/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "step-kinds.h"

#include <string.h>

#include "boot/fatia-boot-loader.h"
#include "boot/fatia-initramfs.h"
#include "gpu/fatia-virtual-functions.h"
#include "memory/fatia-guest-memory.h"
#include "memory/fatia-rom.h"
#include "software/fatia-module-key.h"
#include "software/fatia-module.h"
#include "software/fatia-packages.h"

#define PF     "0000:00:02.0"
#define DEVICE "sys/bus/pci/devices/" PF "/"

/* A tool that dies half way, where that is tried. */
#define HALF "[ \"$FATIA_FAULT\" != half ] || kill -9 $$\n"
#define IOV  DEVICE "drm/card1/prelim_iov/"

/* One of each kind of change. */

static void
make_plain_host (Tree *tree, const StepKind *kind)
{
  tree_write_mode (tree, "etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n", 0640);
  tree_write (tree, "etc/gone", "gone\n");
  tree_write (tree, "sys/n", "0\n");
  tree_link (tree, "old", "etc/link");
  tree_link (tree, "old", "etc/link-gone");
}

static void
add_file (FatiaChangeSet *set, const char *path, const char *before, const char *after)
{
  g_autoptr (GBytes) a = before ? g_bytes_new (before, strlen (before)) : NULL;
  g_autoptr (GBytes) b = after ? g_bytes_new (after, strlen (after)) : NULL;

  fatia_change_set_add_file (set, path, a, b, 0644);
}

static gboolean
plan_plain (Tree *tree, FatiaChangeSet *set, GError **error)
{
  add_file (set, "/etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n",
            "GRUB_CMDLINE_LINUX=\"quiet intel_iommu=on\"\n");
  add_file (set, "/etc/gone", "gone\n", NULL);
  add_file (set, "/etc/deep/made", NULL, "made\n");
  fatia_change_set_add_link (set, "/etc/link", "new");
  fatia_change_set_add_link (set, "/etc/wants/unit", "unit");
  fatia_change_set_add_link (set, "/etc/link-gone", NULL);
  fatia_change_set_add_attribute (set, "/sys/n", "0", "2");
  return TRUE;
}

/* Kernel arguments, for each family of boot loaders. */

typedef struct
{
  const char *loader;      /* what LoaderInfo says, or NULL */
  const char *stub;        /* what StubInfo says, or NULL */
  const char *files[4][2]; /* paths and texts */
  const char *tool;        /* (nullable): a program that makes "made" of one of the files */
  const char *source;      /* which */
} BootHost;

/* Some have a tool of their own, whose arguments are the change. */
static const char rpm_ostree[] =
  "#!/bin/sh\n"
  "entry=$FATIA_HOST_ROOT/boot/loader/entries/ostree-1.conf\n"
  "line=; while read -r key value; do [ \"$key\" = options ] && line=$value; done <\"$entry\"\n"
  "[ \"$FATIA_FAULT\" != half ] || kill -9 $$\n"
  "shift\n"
  "for option; do\n"
  "  argument=${option#*=}; rest=\n"
  "  for word in $line; do [ \"$word\" = \"$argument\" ] || rest=\"$rest $word\"; done\n"
  "  line=${rest# }\n"
  "  case $option in --append*) line=\"$line $argument\" ;; esac\n"
  "done\n"
  "printf 'title x\\nversion 1\\nlinux /vmlinuz\\noptions %s\\n' \"$line\" >\"$entry.new\"\n"
  "mv \"$entry.new\" \"$entry\"\n";

static void
make_boot_host (Tree *tree, const StepKind *kind)
{
  const BootHost *host = kind->data;

  if (host->loader)
    tree_variable (tree, "LoaderInfo", host->loader);
  if (host->stub)
    tree_variable (tree, "StubInfo", host->stub);
  for (gsize i = 0; i < G_N_ELEMENTS (host->files) && host->files[i][0]; i++)
    tree_write (tree, host->files[i][0], host->files[i][1]);
  if (host->tool)
    {
      g_autofree char *script =
        g_strdup_printf ("#!/bin/sh\ncd \"$FATIA_HOST_ROOT\" || exit 1\n"
                         "[ \"$FATIA_FAULT\" != half ] || { head -c 9 %s >made; kill -9 $$; }\n"
                         "cat %s >made\n",
                         host->source, host->source);

      tree_write_mode (tree, host->tool, host->source ? script : rpm_ostree, 0755);
      if (host->source)
        {
          g_autofree char *text = tree_read (tree, host->source);

          tree_write (tree, "made", text);
        }
    }
}

static gboolean
plan_boot (Tree *tree, FatiaChangeSet *set, GError **error)
{
  static const char *const wanted[] = { "intel_iommu=on", "i915.max_vfs=7", "module_blacklist=xe",
                                        NULL };

  return fatia_boot_plan (tree->root, wanted, set, error);
}

/* A step that changes what the initramfs has a copy of. */
static gboolean
plan_initramfs (Tree *tree, FatiaChangeSet *set, GError **error)
{
  add_file (set, "/etc/modprobe.d/i915.conf", "options i915 enable_guc=2\n",
            "options i915 enable_guc=3\n");
  return fatia_initramfs_plan (tree->root, set, error);
}

#define ENTRY "title x\nlinux /vmlinuz\noptions root=1 quiet\n"
#define HOST(name, step, plan, ...)                                                                \
  {                                                                                                \
    name, step, make_boot_host, plan, &(const BootHost)                                            \
    {                                                                                              \
      __VA_ARGS__                                                                                  \
    }                                                                                              \
  }
#define BOOT(name, ...) HOST (name, "boot", plan_boot, __VA_ARGS__)

/* Virtual functions, kept over restarts, put away for sleep, and given turns. */

static void
make_gpu_host (Tree *tree, const StepKind *kind)
{
  tree_write (tree, DEVICE "vendor", "0x8086\n");
  tree_write (tree, DEVICE "class", "0x030000\n");
  tree_write (tree, DEVICE "sriov_totalvfs", "7\n");
  tree_write (tree, DEVICE "sriov_numvfs", "0\n");
  tree_write (tree, DEVICE "sriov_drivers_autoprobe", "1\n");
  tree_folder (tree, "sys/bus/pci/drivers/vfio-pci");
  tree_write (tree, "sys/bus/pci/drivers_probe", "");
  tree_folder (tree, "sys/bus/pci/drivers/i915");
  tree_link (tree, "../../drivers/i915", DEVICE "driver");
  tree_folder (tree, "sys/kernel/iommu_groups/2");
  tree_write (tree, IOV "pf/auto_provisioning", "1\n");
  tree_write (tree, IOV "pf/gt0/exec_quantum_ms", "0\n");
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *quantum = g_strdup_printf (IOV "vf%u/gt0/exec_quantum_ms", i);
      g_autofree char *timeout = g_strdup_printf (IOV "vf%u/gt0/preempt_timeout_us", i);

      tree_write (tree, quantum, "0\n");
      tree_write (tree, timeout, "0\n");
    }
}

static gboolean
plan_functions (Tree *tree, FatiaChangeSet *set, GError **error)
{
  const FatiaVirtualFunctions wish = { PF, 3, TRUE, "guest-first", TRUE };

  return fatia_virtual_functions_plan (tree->root, &wish, set, error);
}

/* Looking Glass' memory as a device, and from there to a file; a ROM that QEMU may read. */

static void
make_virtualization_host (Tree *tree, const StepKind *kind)
{
  static const char quiet[] = "#!/bin/sh\n" HALF "exit 0\n";

  tree_write (tree, "proc/sys/kernel/osrelease", "6.12\n");
  tree_write (tree, "lib/modules/6.12/modules.dep", "updates/dkms/kvmfr.ko.xz:\n");
  tree_folder (tree, "sys/module/kvmfr");
  tree_folder (tree, "dev/kvmfr0");
  tree_write_mode (tree, "etc/libvirt/qemu.conf", "user = \"root\"\n", 0600);
  tree_write (tree, "etc/apparmor.d/abstractions/libvirt-qemu",
              "include if exists <local/abstractions/libvirt-qemu>\n");
  tree_write_mode (tree, "etc/apparmor.d/local/abstractions/libvirt-qemu", "/dev/a rw,\n", 0640);
  tree_write (tree, "usr/lib/systemd/system/virtqemud.service", "");
  tree_write_mode (tree, "usr/bin/systemctl", quiet, 0755);
  tree_write_mode (tree, "usr/bin/udevadm", quiet, 0755);
  if (kind->data)
    {
      tree_write (tree, "etc/udev/rules.d/70-fatia-kvmfr.rules", "# ours\n");
      tree_write (tree, "etc/modprobe.d/fatia-kvmfr.conf", "# ours\n");
      tree_write (tree, "etc/modules-load.d/fatia-kvmfr.conf", "kvmfr\n");
      tree_write (tree, "etc/apparmor.d/local/abstractions/libvirt-qemu",
                  "/dev/a rw,\n/dev/kvmfr0 rw, # Fatia\n");
    }
}

static gboolean
plan_kvmfr (Tree *tree, FatiaChangeSet *set, GError **error)
{
  return fatia_guest_memory_plan (tree->root, FATIA_MEMORY_KVMFR, 64, "ana", set, error);
}

static gboolean
plan_shm (Tree *tree, FatiaChangeSet *set, GError **error)
{
  return fatia_guest_memory_plan (tree->root, FATIA_MEMORY_SHM, 64, "ana", set, error);
}

static gboolean
plan_rom (Tree *tree, FatiaChangeSet *set, GError **error)
{
  g_autoptr (GBytes) rom = g_bytes_new_static ("\x55\xaa\0", 3);

  return fatia_rom_plan (tree->root, "a.rom", rom, set, error);
}

/* Software: tools that keep their own state, which their inverses take back. */

#define KERNEL "6.12.48-1"

/* Without programs of its own: it is run thousands of times. */
static const char pacman[] =
  "#!/bin/sh\n"
  "db=$FATIA_HOST_ROOT/db; how=$1; shift\n"
  "for package; do case $package in -*) continue ;; esac\n"
  "rest=; found=; while read -r line; do\n"
  "  if [ \"$line\" = \"$package\" ]; then found=yes; else rest=\"$rest$line\\n\"; fi\n"
  "done <\"$db\"\n"
  "case $how in\n"
  "--query) " HALF " [ -n \"$found\" ] && echo \"$package\" ||\n"
  "  echo \"error: package '$package' was not found\" ;;\n"
  "--sync) echo \"$package\" >>\"$db\"; " HALF ";;\n"
  "--remove) printf \"$rest\" >\"$db\"; " HALF ";;\n"
  "esac; done\nexit 0\n";

static const char dkms[] = "#!/bin/sh\n"
                           "lib=$FATIA_HOST_ROOT/var/lib/dkms/${2%/*}\n"
                           "case $1 in\n"
                           "ldtarball) mkdir -p \"$FATIA_HOST_ROOT/usr/src/m\"; " HALF ";;\n"
                           "install) mkdir -p \"$FATIA_HOST_ROOT/var/lib/dkms/$2/$4\"; " HALF ";;\n"
                           "remove) rm -rf \"$lib\"; " HALF ";;\n"
                           "esac\n";

static const char rm[] = "#!/bin/sh\nrm -rf \"$FATIA_HOST_ROOT/usr/src/m\"\n" HALF;

static const char mokutil[] = "#!/bin/sh\n"
                              "case $1 in\n"
                              "--import) cat >\"$FATIA_HOST_ROOT/request\"; " HALF ";;\n"
                              "*) rm -f \"$FATIA_HOST_ROOT/request\"; " HALF ";;\n"
                              "esac\n";

static void
make_software_host (Tree *tree, const StepKind *kind)
{
  static const struct
  {
    const char *name;
    const char *text;
  } tools[] = { { "usr/bin/pacman", pacman },
                { "usr/bin/dkms", dkms },
                { "usr/bin/rm", rm },
                { "usr/bin/mokutil", mokutil },
                { "usr/bin/test", "#!/bin/sh\n" HALF } };

  for (gsize i = 0; i < G_N_ELEMENTS (tools); i++)
    tree_write_mode (tree, tools[i].name, tools[i].text, 0755);
  tree_write (tree, "etc/os-release", "ID=arch\n");
  tree_write (tree, "proc/sys/kernel/osrelease", KERNEL "\n");
  tree_write (tree, "db", "libvirt\nlinux\n");
  tree_write (tree, "usr/src/linux/Makefile", "\n");
  tree_write (tree, "var/lib/dkms/mok.pub", "certificate");
  tree_write (tree, "lib/modules/" KERNEL "/build/Makefile", "\n");
  tree_write (tree, DEVICE "vendor", "0x8086\n");
  tree_write (tree, DEVICE "device", "0x46d1\n");
  tree_write (tree, DEVICE "class", "0x030000\n");
  tree_write_bytes (tree,
                    "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
                    "\6\0\0\0\1", 5, 0644);
}

static gboolean
plan_packages (Tree *tree, FatiaChangeSet *set, GError **error)
{
  static const char *const needs[] = { "libvirt", "swtpm", NULL };

  return fatia_packages_plan (tree->root, needs, set, error);
}

static gboolean
plan_module (Tree *tree, FatiaChangeSet *set, GError **error)
{
  g_autoptr (GBytes) file = g_bytes_new_static ("source", 6);

  return fatia_module_plan (tree->root, "2026.03.05.1", file, set, error);
}

static gboolean
plan_module_key (Tree *tree, FatiaChangeSet *set, GError **error)
{
  g_autofree char *hash =
    g_strconcat ("$6$abcdefgh$", "0123456789012345678901234567890123456789012",
                 "0123456789012345678901234567890123456789012", NULL);

  return fatia_module_key_plan (tree->root, hash, set, error);
}

const StepKind step_kinds[] = {
  { "plain", "boot", make_plain_host, plan_plain, NULL },
  BOOT ("grub",
        "GRUB 2.12",
        NULL,
        { { "etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n" },
          { "boot/grub/grub.cfg", "linux /vmlinuz quiet\n" } },
        "usr/sbin/update-grub",
        "etc/default/grub"),
  BOOT ("grub-entries",
        "GRUB 2.12",
        NULL,
        { { "etc/default/grub", "GRUB_CMDLINE_LINUX=\"rhgb\"\nGRUB_ENABLE_BLSCFG=true\n" },
          { "boot/loader/entries/a.conf", ENTRY },
          { "boot/loader/entries/b.conf", ENTRY } }),
  BOOT ("systemd-boot",
        "systemd-boot 257",
        NULL,
        { { "boot/loader/entries/a.conf", ENTRY },
          { "boot/loader/entries/b.conf", ENTRY },
          { "etc/kernel/cmdline", "root=1 quiet\n" } }),
  BOOT ("sdboot-manage",
        "systemd-boot 257",
        NULL,
        { { "etc/sdboot-manage.conf", "LINUX_OPTIONS=\"quiet\"\n" } },
        "usr/bin/sdboot-manage",
        "etc/sdboot-manage.conf"),
  BOOT ("limine",
        "Limine 9",
        NULL,
        { { "boot/limine.conf", "/A\nprotocol: linux\ncmdline: root=1\n" } }),
  BOOT ("limine-tool",
        "Limine 9",
        NULL,
        { { "etc/default/limine", "KERNEL_CMDLINE[default]+=\"quiet\"\n" } },
        "usr/bin/limine-update",
        "etc/default/limine"),
  BOOT (
    "refind",
    "rEFInd 0.14.2",
    NULL,
    { { "boot/refind_linux.conf", "\"A\" \"root=1 ro\"\n" },
      { "efi/EFI/refind/refind.conf", "menuentry A {\nloader /vmlinuz\noptions \"rw\"\n}\n" } }),
  BOOT ("unified-images",
        NULL,
        "systemd-stub 257",
        { { "etc/mkinitcpio.d/linux.preset", "default_uki=\"/efi/a.efi\"\n" },
          { "etc/kernel/cmdline", "root=1 quiet\n" } },
        "usr/bin/mkinitcpio",
        "etc/kernel/cmdline"),
  BOOT ("kernelstub",
        "systemd-boot 249.11",
        NULL,
        { { "etc/kernelstub/configuration", "{\"user\": {\"kernel_options\": [\"quiet\"]}}" } },
        "usr/bin/kernelstub",
        "etc/kernelstub/configuration"),
  BOOT ("proxmox",
        "systemd-boot 252",
        NULL,
        { { "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n" },
          { "etc/kernel/cmdline", "root=ZFS=rpool/ROOT/pve-1 boot=zfs\n" } },
        "usr/sbin/proxmox-boot-tool",
        "etc/kernel/cmdline"),
  BOOT ("proxmox-grub",
        "GRUB 2.12-9+pmx2",
        NULL,
        { { "etc/kernel/proxmox-boot-uuids", "A1B2-C3D4\n" },
          { "etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n" } },
        "usr/sbin/proxmox-boot-tool",
        "etc/default/grub"),
  BOOT (
    "rpm-ostree",
    NULL,
    NULL,
    { { "run/ostree-booted", "" },
      { "boot/loader/entries/ostree-1.conf",
        "title x\nversion 1\nlinux /vmlinuz\noptions root=1 quiet module_blacklist=nouveau\n" } },
    "usr/bin/rpm-ostree"),
  BOOT ("unified-images-dracut",
        NULL,
        "systemd-stub 257",
        { { "etc/dracut.conf.d/uefi.conf", "uefi=yes\nkernel_cmdline=\"root=1\"\n" } },
        "usr/bin/dracut",
        "etc/dracut.conf.d/uefi.conf"),
  HOST ("initramfs",
        "driver",
        plan_initramfs,
        NULL,
        NULL,
        { { "etc/modprobe.d/i915.conf", "options i915 enable_guc=2\n" } },
        "usr/sbin/update-initramfs",
        "etc/modprobe.d/i915.conf"),
  { "virtual-functions", "vfs", make_gpu_host, plan_functions, NULL },
  { "kvmfr", "memory", make_virtualization_host, plan_kvmfr, NULL },
  { "shared-memory", "memory", make_virtualization_host, plan_shm, "from kvmfr" },
  { "rom", "gop", make_virtualization_host, plan_rom, NULL },
  { "packages", "software", make_software_host, plan_packages, NULL },
  { "module", "module", make_software_host, plan_module, NULL },
  { "module-key", "key", make_software_host, plan_module_key, NULL },
};
const gsize n_step_kinds = G_N_ELEMENTS (step_kinds);
