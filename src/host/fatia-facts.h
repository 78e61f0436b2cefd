/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-boot-loader-kind.h"
#include "host/fatia-host-root.h"

G_BEGIN_DECLS

/* What a fact that is yes or no says: a file that can't be read is no "no". */
typedef enum
{
  FATIA_UNKNOWN = -1,
  FATIA_NO = 0,
  FATIA_YES = 1,
} FatiaTruth;

/* A PCI function of the display class (0x03), or a virtual function of one. */
typedef struct
{
  char *address; /* "0000:00:02.0" */
  guint16 vendor;
  guint16 device;
  char *driver; /* (nullable): the bound driver's name */
  char *physfn; /* (nullable): the physical function's address, where this is a virtual function */
  char *drm_card;    /* (nullable): "card0" */
  char *iommu_group; /* (nullable): "7" */
  gboolean boot_vga;
  int sriov_totalvfs;          /* -1 where the attribute is not there */
  int sriov_numvfs;            /* the same */
  int sriov_drivers_autoprobe; /* the same */
} FatiaPciDevice;

typedef struct _FatiaPlatform FatiaPlatform;

/* An immutable snapshot of the host. Strings are NULL where the host does not tell. */
typedef struct
{
  /* Board and firmware (DMI; never a serial number) */
  char *sys_vendor;
  char *product_name;
  char *board_vendor;
  char *board_name;
  char *bios_vendor;
  char *bios_version;
  char *bios_date;
  FatiaTruth efi;
  FatiaTruth secure_boot;

  /* Processor and memory */
  char *cpu_vendor; /* "GenuineIntel" */
  char *cpu_model;
  guint cpus;          /* logical processors */
  guint physical_bits; /* physical address width, 0: unknown */
  FatiaTruth vmx;      /* Intel VT-x: the flag in /proc/cpuinfo */
  FatiaTruth svm;
  FatiaTruth hypervisor; /* this computer is a virtual machine itself (the flag) */
  guint64 memory;        /* bytes, 0: unknown */

  /* System and kernel */
  char *os_id;   /* os-release ID */
  GStrv os_like; /* ID_LIKE */
  char *os_name; /* PRETTY_NAME */
  char *kernel_release;
  char *kernel_base; /* (nullable): what Arch and its kin call the running kernel ("linux-lts") */
  guint kernel_major;
  guint kernel_minor;
  GStrv kernel_arguments; /* of the running kernel, split */
  char *boot_loader_name; /* for people: "GRUB" */
  FatiaBootLoader boot_loader;

  /* IOMMU */
  FatiaTruth dmar; /* the ACPI table with which firmware offers VT-d */
  guint iommu_groups;

  /* Graphics */
  GPtrArray *gpus;          /* (element-type FatiaPciDevice): physical functions */
  GPtrArray *vfs;           /* (element-type FatiaPciDevice): virtual functions of pf, by address */
  const FatiaPciDevice *pf; /* (nullable): the Intel GPU that can, or could, be sliced */
  const FatiaPlatform *platform; /* (nullable): pf's row in the platform table */
  char *driver_version;          /* (nullable): /sys/module/DRIVER/version */
  gboolean driver_scheduling;    /* it lets virtual functions be given turns */
  char *scheduling;        /* (nullable): the profile they have now, where it is one of ours */
  FatiaTruth driver_sriov; /* whether pf's loaded driver can make virtual functions */
  int driver_max_vfs;      /* its module parameter, -1: none */

  /* i915-sriov-dkms and what it needs */
  FatiaTruth dkms;
  FatiaTruth headers; /* of the running kernel */
  FatiaTruth mokutil;
  GStrv newer_kernels;  /* releases of kernels that are installed and newer than the running one */
  char *module_present; /* (nullable): the version DKMS knows of */
  FatiaTruth module_built;        /* for the running kernel and every newer one */
  char *module_key;               /* (nullable): the certificate DKMS signs modules for */
  FatiaTruth module_key_enrolled; /* whether the kernel trusts it */
  FatiaTruth module_key_waiting;  /* whether the next start asks for it */
  FatiaTruth keys_waiting;        /* whether it asks for any */

  /* Virtualization */
  FatiaTruth kvm;     /* /dev/kvm */
  FatiaTruth libvirt; /* a libvirt daemon is installed */
  FatiaTruth qemu;
  FatiaTruth ovmf;
  FatiaTruth swtpm;

  /* Looking Glass memory */
  FatiaTruth kvmfr_installed; /* the running kernel has the module, loaded or not */
  FatiaTruth kvmfr_module;    /* it is loaded */
  FatiaTruth kvmfr_device;    /* NO where /dev/kvmfr0 is a plain file */
  FatiaTruth kvmfr_path;      /* something is at /dev/kvmfr0 */
  FatiaTruth kvmfr_access;    /* whoever reads the facts may open it */
  FatiaTruth kvmfr_rule;      /* our udev rule is there: the memory is set up as kvmfr's */
  guint kvmfr_mib;            /* the size we gave it; 0: none, or others gave it */
  FatiaTruth memory_rule;     /* our tmpfiles rule is there: it is set up as a file's */

  /* What Fatia left here */
  GStrv roms;            /* file names in /var/lib/fatia/roms, sorted */
  int kept_vfs;          /* VFs kept over restarts, -1: not kept */
  char *kept_scheduling; /* (nullable): the profile that is kept with them */
  gboolean kept_sleep;   /* kept ones are put away while the computer sleeps */
} FatiaFacts;

/* One platform of data/tables/platforms.ini. */
struct _FatiaPlatform
{
  char *id;                 /* "alder-lake-n" */
  char *name;               /* "Alder Lake-N" */
  gboolean i915;            /* i915-sriov-dkms makes its virtual functions */
  guint xe_major, xe_minor; /* the first kernel whose xe does, 0.0: none */
  gboolean xe_needs_force_probe;
};

#define FATIA_TYPE_FACTS (fatia_facts_get_type ())
GType fatia_facts_get_type (void);
FatiaFacts *fatia_facts_read (FatiaHostRoot *root);
FatiaFacts *fatia_facts_ref (FatiaFacts *facts);
void fatia_facts_unref (FatiaFacts *facts);
gboolean fatia_facts_has_argument (const FatiaFacts *facts, const char *argument);

const FatiaPlatform *fatia_platform_find (guint16 device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FatiaFacts, fatia_facts_unref)

G_END_DECLS
