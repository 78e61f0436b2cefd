/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How well a mark names a board. */
typedef enum
{
  FATIA_BOARD_NAMED,    /* by the names that DMI shows on the running computer */
  FATIA_BOARD_BY_ID,    /* by Intel's BIOS ID, with which the version in DMI begins */
  FATIA_BOARD_BY_OTHER, /* by its maker's or its firmware's maker's own mark */
} FatiaBoardNaming;

/* One thing an image says of the board it is for. */
typedef struct
{
  FatiaBoardNaming naming;
  char *source;  /* where it says so, a term of the field: "SMBIOS", "$FID" */
  char *vendor;  /* (nullable) */
  char *product; /* (nullable): the board's or the computer's name, or a mark */
  char *version; /* (nullable): of the firmware */
} FatiaBoardOfImage;

/* What DMI says of a computer; what it does not say is NULL. */
typedef struct
{
  const char *product;
  const char *board;
  const char *bios_version;
} FatiaBoardOfComputer;

typedef enum
{
  FATIA_BOARDS_UNKNOWN, /* the image does not say, or not in words that can be compared */
  FATIA_BOARDS_SAME,
  FATIA_BOARDS_DIFFER,
} FatiaBoardsVerdict;

void fatia_board_of_image_free (FatiaBoardOfImage *self);
char *fatia_board_of_image_describe (GPtrArray *boards);
FatiaBoardsVerdict fatia_board_of_image_compare (GPtrArray *boards,
                                                 const FatiaBoardOfComputer *computer);

/* Whether a name is there and is not what makers leave in who fill in none. */
gboolean fatia_board_name_says (const char *name);

/* For the search: the mark that begins with the "$" at @data, the tables in a file's body. Both
 * add to an array of FatiaBoardOfImage. */
void fatia_board_of_image_read_mark (GPtrArray *boards, const guint8 *data, gsize size);
void fatia_board_of_image_read_smbios (GPtrArray *boards, const guint8 *data, gsize size);

G_END_DECLS
