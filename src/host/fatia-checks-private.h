/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-checks.h"

G_BEGIN_DECLS

/* What a check comes to. It starts as unknown and without words. */
typedef struct
{
  FatiaState state;
  char *meaning;
  GPtrArray *remedy; /* (element-type utf8) */
} FatiaVerdict;

/* A check is a pure function: facts in, a verdict out. It always says what its state means. */
typedef void (*FatiaCheckFunc) (const FatiaFacts *facts, FatiaVerdict *verdict);

void fatia_verdict_say (FatiaVerdict *verdict, FatiaState state, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
/* One step of what to do, a sentence. */
void fatia_verdict_advise (FatiaVerdict *verdict, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The way through this board's BIOS menus. */
void fatia_verdict_advise_bios (FatiaVerdict *verdict, const FatiaFacts *facts);
/* For checks that make no sense without a GPU that can be sliced: says so and returns TRUE. */
gboolean fatia_verdict_needs_pf (FatiaVerdict *verdict, const FatiaFacts *facts);

FatiaFinding *fatia_finding_new (const char *id,
                                 const char *title,
                                 FatiaState state,
                                 const char *meaning,
                                 const char *const *remedy);

/* fatia-checks-processor.c */
void fatia_check_cpu_virtualization (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_vt_d (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_iommu_active (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_memory_size (const FatiaFacts *facts, FatiaVerdict *verdict);
/* fatia-checks-graphics.c */
void fatia_check_gpu_sliceable (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_graphics_driver (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_virtual_functions (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_host_vfs_driver (const FatiaFacts *facts, FatiaVerdict *verdict);
/* fatia-checks-arguments.c */
void fatia_check_kernel_arguments (const FatiaFacts *facts, FatiaVerdict *verdict);
/* fatia-checks-system.c */
void fatia_check_kernel_version (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_boot_loader (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_secure_boot (const FatiaFacts *facts, FatiaVerdict *verdict);
/* fatia-checks-software.c */
void fatia_check_kvm (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_libvirt (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_qemu (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_ovmf (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_swtpm (const FatiaFacts *facts, FatiaVerdict *verdict);
void fatia_check_looking_glass_memory (const FatiaFacts *facts, FatiaVerdict *verdict);

G_END_DECLS
