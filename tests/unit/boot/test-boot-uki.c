/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hosts whose kernels are unified images, as their tools' documents set them up: what makes the
 * images, and from which file. Each is planned, applied, planned again and undone. */
#include <string.h>

#include "boot-expect.h"

typedef struct
{
  const char *title;
  const char *files[6][2];
  const char *programs[3];
  gboolean secure_boot;
  const char *planned;
  const char *refused; /* NULL: not */
} Host;

#define MKINITCPIO     { "usr/bin/mkinitcpio" }
#define KERNEL_INSTALL { "usr/bin/kernel-install", "usr/bin/ukify" }
#define DRACUT         { "usr/bin/dracut" }
#define LINE           { "etc/kernel/cmdline", "root=UUID=1 rw quiet\n" }
#define PRESET(text)   { "etc/mkinitcpio.d/linux.preset", text }
#define USUAL                                                                                      \
  PRESET ("ALL_kver=\"/boot/vmlinuz-linux\"\nPRESETS=('default' 'fallback')\n"                     \
          "default_uki=\"/efi/EFI/Linux/arch-linux.efi\"\n"                                        \
          "fallback_uki=\"/efi/EFI/Linux/arch-linux-fallback.efi\"\n"                              \
          "fallback_options=\"-S autodetect\"\n")
#define BY_MKINITCPIO     "/etc/kernel/cmdline\nmkinitcpio -P\n"
#define BY_KERNEL_INSTALL "/etc/kernel/cmdline\nkernel-install add-all\n"
#define BY_DRACUT(file)   "/etc/" file "\ndracut --regenerate-all --force\n"
#define LAYOUT            { "etc/kernel/install.conf", "layout=uki\n" }
#define UKI_CONF(text)    { "etc/kernel/uki.conf", text }

static const Host hosts[] = {
  /* mkinitcpio (its mkinitcpio.8 and Arch's guide) */
  { "Arch guide", { USUAL, LINE }, MKINITCPIO, FALSE, BY_MKINITCPIO },
  { "archinstall",
    { PRESET ("ALL_kver=\"/boot/vmlinuz-linux\"\n#default_image=\"/boot/initramfs-linux.img\"\n"
              "default_uki=\"/boot/EFI/Linux/arch-linux.efi\"\n"
              "default_options=\"--splash /usr/share/systemd/bootctl/splash-arch.bmp\"\n"),
      LINE },
    MKINITCPIO,
    FALSE,
    BY_MKINITCPIO },
  { "before mkinitcpio 36",
    { PRESET ("default_efi_image=\"/efi/EFI/Linux/arch.efi\"\n"), LINE },
    MKINITCPIO,
    FALSE,
    BY_MKINITCPIO },
  { "two kernels",
    { USUAL,
      { "etc/mkinitcpio.d/linux-lts.preset", "default_uki=\"/efi/EFI/Linux/arch-lts.efi\"\n" },
      LINE },
    MKINITCPIO,
    FALSE,
    BY_MKINITCPIO },
  { "one kernel of two as an image",
    { PRESET ("default_image=\"/boot/initramfs-linux.img\"\n"),
      { "etc/mkinitcpio.d/linux-zen.preset", "default_uki=\"/efi/EFI/Linux/zen.efi\"\n" },
      LINE },
    MKINITCPIO,
    FALSE,
    BY_MKINITCPIO },
  { "a folder of lines",
    { USUAL,
      { "etc/cmdline.d/root.conf", "root=UUID=1 rw\n" },
      { "etc/cmdline.d/security.conf",
        "# enable apparmor\nlsm=landlock,lockdown,yama,apparmor\n" } },
    MKINITCPIO,
    FALSE,
    "/etc/cmdline.d/security.conf\nmkinitcpio -P\n" },
  { "a folder of lines, all but one of ours in one of them",
    { USUAL,
      { "etc/cmdline.d/10-root.conf", "root=UUID=1 rw intel_iommu=on\n" },
      { "etc/cmdline.d/20-gpu.conf", "i915.max_vfs=7 module_blacklist=nouveau\n" },
      { "etc/cmdline.d/quiet.conf", "# nothing yet\n" } },
    MKINITCPIO,
    FALSE,
    "/etc/cmdline.d/quiet.conf\nmkinitcpio -P\n" },
  { "a folder of lines, ours in one of them",
    { USUAL,
      { "etc/cmdline.d/10-gpu.conf", OURS "\n" },
      { "etc/cmdline.d/20-root.conf", "root=UUID=1 rw\n" } },
    MKINITCPIO,
    FALSE,
    "" },
  { "a folder of lines that ends early",
    { USUAL,
      { "etc/cmdline.d/10-root.conf", "root=UUID=1 rw -- single\n" },
      { "etc/cmdline.d/20.conf", "quiet\n" } },
    MKINITCPIO,
    FALSE,
    NULL,
    "ends in “--” before" },
  { "a folder of lines, one with a comment that some take for arguments",
    { USUAL,
      { "etc/cmdline.d/10-root.conf", "root=UUID=1 rw\n# intel_iommu=off\n" },
      { "etc/cmdline.d/20.conf", "quiet\n" } },
    MKINITCPIO,
    FALSE,
    NULL,
    "/etc/cmdline.d/10-root.conf, line 2" },
  { "a file and a folder",
    { USUAL, LINE, { "etc/cmdline.d/more.conf", "splash\n" } },
    MKINITCPIO,
    FALSE,
    "/etc/kernel/cmdline\n/etc/cmdline.d/more.conf\nmkinitcpio -P\n" },
  { "files in the folder that are not read",
    { USUAL, LINE, { "etc/cmdline.d/old.conf.bak", "splash\n" } },
    MKINITCPIO,
    FALSE,
    BY_MKINITCPIO },
  { "the usual file named in the preset",
    { PRESET ("default_uki=\"/efi/a.efi\"\ndefault_options=\"--cmdline /etc/kernel/cmdline\"\n"),
      LINE },
    MKINITCPIO,
    FALSE,
    BY_MKINITCPIO },
  { "a file of the preset's own",
    { PRESET ("default_uki=\"/efi/a.efi\"\ndefault_options=\"--cmdline /etc/my/cmdline\"\n"),
      LINE },
    MKINITCPIO,
    FALSE,
    NULL,
    "a file of its own" },
  { "a file of its own for the fallback alone",
    { PRESET ("default_uki=\"/efi/a.efi\"\nfallback_uki=\"/efi/b.efi\"\n"
              "fallback_options=\"-S autodetect --cmdline=/etc/kernel/cmdline_fallback\"\n"),
      LINE },
    MKINITCPIO,
    FALSE,
    NULL,
    "a file of its own" },
  { "commented out in the preset",
    { PRESET ("#default_uki=\"/efi/a.efi\"\ndefault_image=\"/boot/a.img\"\n"), LINE },
    MKINITCPIO,
    FALSE,
    NULL,
    "was not found" },
  { "no file at all", { USUAL }, MKINITCPIO, FALSE, NULL, "there is no file" },
  { "mkinitcpio is not there", { USUAL, LINE }, { NULL }, FALSE, NULL, "was not found" },
  { "Secure Boot, signed by sbctl",
    { USUAL, LINE, { "var/lib/sbctl/keys/db/db.key", "x" } },
    MKINITCPIO,
    TRUE,
    BY_MKINITCPIO },
  { "Secure Boot, sbctl before version 0.14",
    { USUAL, LINE, { "usr/share/secureboot/keys/db/db.key", "x" } },
    MKINITCPIO,
    TRUE,
    BY_MKINITCPIO },
  { "Secure Boot, and nothing that signs",
    { USUAL, LINE },
    MKINITCPIO,
    TRUE,
    NULL,
    "Secure Boot is on" },
  /* kernel-install with ukify (their manual pages) */
  { "kernel-install", { LAYOUT, LINE }, KERNEL_INSTALL, FALSE, BY_KERNEL_INSTALL },
  { "kernel-install, ukify by name",
    { { "etc/kernel/install.conf", "layout=uki\ninitrd_generator=dracut\nuki_generator=ukify\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, the distribution's setting",
    { { "usr/lib/kernel/install.conf", "layout=uki\n" }, LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, the distribution's setting overruled",
    { { "usr/lib/kernel/install.conf", "layout=uki\n" },
      { "etc/kernel/install.conf", "# ours\nlayout=bls\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    NULL,
    "was not found" },
  /* openSUSE and Gentoo put the layout into a file of its own; systemd.syntax(7) on whose counts */
  { "kernel-install, in a folder",
    { { "etc/kernel/install.conf.d/10.conf", "layout=uki\n" }, LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, Gentoo's sd-boot",
    { { "usr/lib/kernel/install.conf.d/010-sd-boot-install.conf",
        "layout=uki\ninitrd_generator=dracut\nuki_generator=ukify\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, composefs, blanks around the sign",
    { { "usr/lib/kernel/install.conf.d/37composefs.conf", "layout = uki\nuki_generator = ukify\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, the folder counts over the file",
    { { "etc/kernel/install.conf", "layout=uki\n" },
      { "usr/lib/kernel/install.conf.d/10.conf", "layout=bls\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    NULL,
    "was not found" },
  { "kernel-install, the last of the folders' files counts",
    { { "etc/kernel/install.conf.d/10.conf", "layout=bls\n" },
      { "run/kernel/install.conf.d/20.conf", "layout=uki\n" },
      { "usr/lib/kernel/install.conf.d/15.conf", "layout=other\n" },
      { "usr/local/lib/kernel/install.conf.d/30.txt", "layout=other\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, one of the same name stands for another",
    { { "etc/kernel/install.conf.d/50.conf", "# nothing\n" },
      { "usr/lib/kernel/install.conf.d/50.conf", "layout=other\n" },
      { "run/kernel/install.conf", "layout=uki\n" },
      { "usr/lib/kernel/install.conf", "layout=bls\n" },
      LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, the distribution's ukify has a line of its own",
    { LAYOUT, LINE, { "usr/lib/kernel/uki.conf", "[UKI]\nCmdline=root=UUID=1 quiet\n" } },
    KERNEL_INSTALL,
    FALSE,
    NULL,
    "/usr/lib/kernel/uki.conf has the kernel command line" },
  { "kernel-install, ours stands for the distribution's",
    { LAYOUT,
      LINE,
      UKI_CONF ("[UKI]\nSplash=/x.bmp\n"),
      { "usr/lib/kernel/uki.conf", "[UKI]\nCmdline=root=UUID=1 quiet\n" } },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "kernel-install, a line of ukify's in a folder",
    { LAYOUT, LINE, { "run/kernel/uki.conf.d/a.conf", "[UKI]\nCmdline = quiet\n" } },
    KERNEL_INSTALL,
    FALSE,
    NULL,
    "/run/kernel/uki.conf.d/a.conf has the kernel command line" },
  { "Secure Boot, signed by the distribution's ukify",
    { LAYOUT, LINE, { "usr/lib/kernel/uki.conf", "[UKI]\nSecureBootPrivateKey=/k.pem\n" } },
    KERNEL_INSTALL,
    TRUE,
    BY_KERNEL_INSTALL },
  { "kernel-install, blanks around",
    { { "etc/kernel/install.conf", "  layout=uki  \n" }, LINE },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "ukify's settings without a line",
    { LAYOUT, LINE, UKI_CONF ("[UKI]\nMicrocode=/boot/intel-ucode.img\n") },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "ukify's settings with the usual file",
    { LAYOUT, LINE, UKI_CONF ("[UKI]\nCmdline=@/etc/kernel/cmdline\n") },
    KERNEL_INSTALL,
    FALSE,
    BY_KERNEL_INSTALL },
  { "ukify's settings with another file",
    { LAYOUT, LINE, UKI_CONF ("[UKI]\nCmdline=@/etc/my/cmdline\n") },
    KERNEL_INSTALL,
    FALSE,
    NULL,
    "/etc/kernel/uki.conf" },
  { "ukify's settings with the line itself",
    { LAYOUT, LINE, UKI_CONF ("[UKI]\nCmdline = root=1 rw\n") },
    KERNEL_INSTALL,
    FALSE,
    NULL,
    "/etc/kernel/uki.conf" },
  { "Secure Boot, signed by ukify",
    { LAYOUT, LINE,
      UKI_CONF ("[UKI]\nSecureBootPrivateKey=/etc/kernel/db.key\n"
                "SecureBootCertificate=/etc/kernel/db.crt\n") },
    KERNEL_INSTALL,
    TRUE,
    BY_KERNEL_INSTALL },
  { "Secure Boot, ukify's key commented out",
    { LAYOUT, LINE, UKI_CONF ("[UKI]\n#SecureBootPrivateKey=/etc/kernel/db.key\n") },
    KERNEL_INSTALL,
    TRUE,
    NULL,
    "Secure Boot is on" },
  { "kernel-install without a file", { LAYOUT }, KERNEL_INSTALL, FALSE, NULL, "there is no file" },
  { "kernel-install runs mkinitcpio, which has no image in its presets",
    { LAYOUT, LINE, PRESET ("default_image=\"/boot/a.img\"\n") },
    { "usr/bin/kernel-install", "usr/bin/mkinitcpio" },
    FALSE,
    BY_KERNEL_INSTALL },
  /* dracut (dracut.conf.5) */
  { "dracut",
    { { "etc/dracut.conf.d/uefi.conf", "uefi=yes\nkernel_cmdline=\"root=1 rw\"\n" } },
    DRACUT,
    FALSE,
    BY_DRACUT ("dracut.conf.d/uefi.conf") },
  { "dracut, in two files",
    { { "etc/dracut.conf.d/10-uefi.conf", "uefi=\"yes\"\n" },
      { "etc/dracut.conf.d/20-line.conf", "kernel_cmdline=\"root=1 rw\"\n" } },
    DRACUT,
    FALSE,
    BY_DRACUT ("dracut.conf.d/20-line.conf") },
  { "dracut, in its main file",
    { { "etc/dracut.conf", "uefi=yes\nkernel_cmdline=\"root=1\"\n" } },
    DRACUT,
    FALSE,
    BY_DRACUT ("dracut.conf") },
  { "dracut finds the root by itself",
    { { "etc/dracut.conf.d/uefi.conf", "uefi=yes\n" } },
    DRACUT,
    FALSE,
    NULL,
    "there is no file" },
  { "dracut, set in more than one file",
    { { "etc/dracut.conf.d/a.conf", "uefi=yes\nkernel_cmdline=\"root=1\"\n" },
      { "etc/dracut.conf.d/b.conf", "kernel_cmdline+=\" debug\"\n" } },
    DRACUT,
    FALSE,
    NULL,
    "more than one" },
  { "dracut without images",
    { { "etc/dracut.conf.d/a.conf", "uefi=no\n" } },
    DRACUT,
    FALSE,
    NULL,
    "was not found" },
  { "Secure Boot, signed by dracut",
    { { "etc/dracut.conf.d/a.conf", "uefi=yes\nkernel_cmdline=\"root=1\"\n"
                                    "uefi_secureboot_key=\"/etc/keys/db.key\"\n" } },
    DRACUT,
    TRUE,
    BY_DRACUT ("dracut.conf.d/a.conf") },
};

static BootTree *
make_host (const Host *host)
{
  BootTree *tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put_variable (tree, "StubInfo", "systemd-stub 257");
  for (gsize i = 0; i < G_N_ELEMENTS (host->files) && host->files[i][0]; i++)
    boot_tree_put (tree, host->files[i][0], host->files[i][1]);
  for (gsize i = 0; i < G_N_ELEMENTS (host->programs) && host->programs[i]; i++)
    boot_tree_put_tool (tree, host->programs[i]);
  if (host->secure_boot)
    boot_tree_secure_boot (tree);
  return tree;
}

static void
assert_as_made (BootTree *tree, const Host *host)
{
  for (gsize i = 0; i < G_N_ELEMENTS (host->files) && host->files[i][0]; i++)
    assert_file (tree, host->files[i][0], host->files[i][1]);
}

static void
test_host (gconstpointer data)
{
  const Host *host = data;
  g_autoptr (BootTree) tree = make_host (host);
  g_autofree char *id = NULL;

  if (host->refused)
    {
      assert_refused (tree, FATIA_CHANGE_ERROR_REFUSED, host->refused);
      return;
    }
  assert_planned (tree, host->planned);
  if (*host->planned == '\0')
    return;
  id = apply (tree);
  assert_planned (tree, "");
  undo (tree, id);
  assert_as_made (tree, host);
  assert_planned (tree, host->planned);
}

/* What mkinitcpio makes one line of has ours once. */
static void
test_folder (void)
{
  g_autoptr (BootTree) tree = boot_tree_new ();

  boot_tree_put_variable (tree, "LoaderInfo", "systemd-boot 257");
  boot_tree_put_variable (tree, "StubInfo", "systemd-stub 257");
  boot_tree_put_tool (tree, "usr/bin/mkinitcpio");
  boot_tree_put (tree, "etc/mkinitcpio.d/linux.preset", "default_uki=\"/efi/a.efi\"\n");
  boot_tree_put (tree, "etc/cmdline.d/10.conf", "root=1 module_blacklist=nouveau\n# a comment\n");
  boot_tree_put (tree, "etc/cmdline.d/20.conf", "quiet\nintel_iommu=off\n");
  boot_tree_put (tree, "etc/cmdline.d/30.conf", "");
  assert_next (tree, "root=1 module_blacklist=nouveau quiet intel_iommu=off");
  g_free (apply (tree));
  assert_file (tree, "etc/cmdline.d/10.conf", "root=1 module_blacklist=nouveau\n# a comment\n");
  assert_file (tree, "etc/cmdline.d/20.conf", "quiet\nintel_iommu=off\n");
  assert_file (tree, "etc/cmdline.d/30.conf",
               "intel_iommu=on i915.max_vfs=7 module_blacklist=nouveau,xe\n");
  assert_next (tree, "root=1 module_blacklist=nouveau quiet intel_iommu=off intel_iommu=on "
                     "i915.max_vfs=7 module_blacklist=nouveau,xe");
}

int
main (int argc, char **argv)
{
  G_STATIC_ASSERT (G_N_ELEMENTS (hosts) >= 30);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *path = g_strdup_printf ("/boot-uki/%s", hosts[i].title);

      g_test_add_data_func (path, &hosts[i], test_host);
    }
  g_test_add_func ("/boot-uki/folder", test_folder);
  return g_test_run ();
}
