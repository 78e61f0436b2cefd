/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  FATIA_FIRMWARE_ERROR_EMPTY,
  FATIA_FIRMWARE_ERROR_NO_VOLUME, /* nothing in it is a firmware volume */
  FATIA_FIRMWARE_ERROR_WRAPPED,   /* an update package: the message names it and what to do */
  FATIA_FIRMWARE_ERROR_TRUNCATED,
  FATIA_FIRMWARE_ERROR_DAMAGED,   /* an update package whose parts do not fit: where is told */
  FATIA_FIRMWARE_ERROR_NO_MEMBER, /* nothing in an archive is firmware, or has the name asked for */
  FATIA_FIRMWARE_ERROR_BUDGET,    /* larger, deeper or slower than any honest image */
  FATIA_FIRMWARE_ERROR_NOT_A_DRIVER, /* option ROM asked for something that is no x64 EFI driver */
} FatiaFirmwareError;
#define FATIA_FIRMWARE_ERROR (fatia_firmware_error_quark ())
GQuark fatia_firmware_error_quark (void);

/* Called from the thread that walks: bytes of the image done, of how many. */
typedef void (*FatiaFirmwareProgress) (guint64 done, guint64 total, gpointer data);

typedef struct
{
  char *guid;   /* upper case, "FF0C8745-…" */
  char *name;   /* (nullable): the user interface section's text */
  guint8 type;  /* FFS file type (PI specification) */
  guint64 size; /* bytes, the header included, as uefiextract counts */
  char *sha256; /* of the body, without the header; lower case */
  char *path;   /* where: volumes and files from the outside in, "/" between */
} FatiaFirmwareFile;

/* A PE found in the image that could be the GOP driver. */
typedef struct
{
  char *guid;          /* of the FFS file it is in */
  char *name;          /* (nullable) */
  const char *machine; /* "x64", "ia32", "aarch64", "unknown" */
  gsize size;          /* bytes of the PE */
  char *sha256;        /* of the PE, lower case */
  char *path;
  char *known; /* (nullable): what data/tables says of this sha256 */
  char *why;   /* in words (translated): which marks of a GOP driver it has and lacks */
  int score;
  gboolean driver; /* it has every mark */
  gboolean unused; /* it stands where this firmware itself takes nothing: see @why */
  gboolean usable; /* a person may take it all the same; @why says why not */
  gboolean chosen; /* the one to take; never set where two are equal */
  GBytes *pe;
} FatiaGopCandidate;

/* Maps @path. Errors in words for a folder, an empty file, what can't be read. */
GBytes *fatia_firmware_open (const char *path, GError **error);
/* (transfer full) (element-type FatiaFirmwareFile) */
GPtrArray *fatia_firmware_list (GBytes *image,
                                FatiaFirmwareProgress progress,
                                gpointer data,
                                GCancellable *cancellable,
                                GError **error);
/* (transfer full) (element-type FatiaGopCandidate), best first; empty where the image was read
 * and has none. @known maps sha256 to words and may be NULL. */
GPtrArray *fatia_gop_find (GBytes *image,
                           GHashTable *known,
                           FatiaFirmwareProgress progress,
                           gpointer data,
                           GCancellable *cancellable,
                           GError **error);
void fatia_gop_candidate_free (FatiaGopCandidate *candidate);

/* Wraps an EFI driver for a PCI function (PCI firmware specification 3.x; PCIR revision 3). */
GBytes *fatia_option_rom_build (GBytes *pe, guint16 vendor, guint16 device, GError **error);

G_END_DECLS
