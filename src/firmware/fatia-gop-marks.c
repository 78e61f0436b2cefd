/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rule by which Intel's GOP driver is known. Its name alone is no proof: AMI's Setup program
 * bears it too, and stands first. Found by comparing 28 known drivers, of the 4th generation to
 * Meteor Lake, with 1,068 PE images of seven firmware images.
 */
#include "fatia-gop-marks.h"

#include <glib/gi18n-lib.h>

#include "fatia-bytes.h"
#include "fatia-find.h"

/* "Intel(R) GOP Driver" */
static const char driver_name[] = "I\0n\0t\0e\0l\0(\0R\0)\0 \0G\0O\0P\0 \0D\0r\0i\0v\0e\0r";

/* Of each of these the byte that comes least often in programs: once in 600 to 2,000 */
#define NAME_RARE            20
#define GRAPHICS_OUTPUT_RARE 8
#define DRIVER_BINDING_RARE  14
#define PLATFORM_POLICY_RARE 0

static const FatiaGuid graphics_output =
  FATIA_GUID (0x9042A9DE, 0x23DC, 0x4A38, 0x96, 0xFB, 0x7A, 0xDE, 0xD0, 0x80, 0x51, 0x6A);
static const FatiaGuid driver_binding =
  FATIA_GUID (0x18A031AB, 0xB443, 0x4D1A, 0xA5, 0xC0, 0x0C, 0x09, 0x26, 0x1E, 0x9F, 0x71);
static const FatiaGuid platform_policy =
  FATIA_GUID (0xEC2E931B, 0x3281, 0x48A5, 0x81, 0x07, 0xDF, 0x8A, 0x8B, 0xEB, 0x3C, 0x5D);

/* AMI's setup program, which some makers leave without a name */
#define AMI_SETUP "899407D7-99FE-43D8-9A21-79EC328CAC21"

static const struct
{
  FatiaGopMarks mark;
  int score;
  const char *lacking; /* after "It lacks" */
} marks_table[] = {
  { FATIA_GOP_NAMED, 4, N_ ("the driver's name") },
  { FATIA_GOP_GRAPHICS_OUTPUT, 3, N_ ("the Graphics Output protocol") },
  { FATIA_GOP_DRIVER_BINDING, 3, N_ ("the Driver Binding protocol") },
  { FATIA_GOP_PLATFORM_POLICY, 3, N_ ("the Platform GOP Policy protocol") },
  { FATIA_GOP_BOOT_DRIVER, 2, N_ ("the form of an EFI boot driver") },
  { FATIA_GOP_X64, 1, N_ ("code for x64") },
  { FATIA_GOP_WHOLE, 1, N_ ("its end") },
};

/**
 * fatia_gop_marks_read:
 * @data: bytes of a PE image
 * @size: how many of them are there
 * @pe: its headers
 */
FatiaGopMarks
fatia_gop_marks_read (const guint8 *data, gsize size, const FatiaPe *pe)
{
  FatiaGopMarks marks = 0;

  if (fatia_find (data, size, driver_name, sizeof driver_name, NAME_RARE))
    marks |= FATIA_GOP_NAMED;
  if (fatia_find (data, size, &graphics_output, sizeof graphics_output, GRAPHICS_OUTPUT_RARE))
    marks |= FATIA_GOP_GRAPHICS_OUTPUT;
  if (fatia_find (data, size, &driver_binding, sizeof driver_binding, DRIVER_BINDING_RARE))
    marks |= FATIA_GOP_DRIVER_BINDING;
  if (fatia_find (data, size, &platform_policy, sizeof platform_policy, PLATFORM_POLICY_RARE))
    marks |= FATIA_GOP_PLATFORM_POLICY;
  if (pe->subsystem == FATIA_PE_EFI_BOOT_DRIVER)
    marks |= FATIA_GOP_BOOT_DRIVER;
  if (pe->machine == FATIA_PE_MACHINE_X64)
    marks |= FATIA_GOP_X64;
  if (pe->size <= size)
    marks |= FATIA_GOP_WHOLE;
  return marks;
}

/**
 * fatia_gop_marks_notable:
 *
 * Returns: whether a person should see it among the candidates: it bears the name, or has two
 *   of the three protocols
 */
gboolean
fatia_gop_marks_notable (FatiaGopMarks marks)
{
  int protocols = __builtin_popcount (marks & FATIA_GOP_PROTOCOLS);

  return marks & FATIA_GOP_NAMED || protocols >= 2;
}

/**
 * fatia_gop_marks_usable:
 *
 * Returns: whether a person may take it who knows better than the rule: a guest's firmware could
 *   load it, and it has all but one of what makes it Intel's GOP driver
 */
gboolean
fatia_gop_marks_usable (FatiaGopMarks marks)
{
  return (marks & FATIA_GOP_LOADABLE) == FATIA_GOP_LOADABLE &&
         __builtin_popcount (marks & FATIA_GOP_IDENTITY) >=
           __builtin_popcount (FATIA_GOP_IDENTITY) - 1;
}

int
fatia_gop_marks_score (FatiaGopMarks marks)
{
  int score = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (marks_table); i++)
    if (marks & marks_table[i].mark)
      score += marks_table[i].score;
  return score;
}

static char *
list_lacking (FatiaGopMarks marks)
{
  GString *list = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (marks_table); i++)
    if (!(marks & marks_table[i].mark))
      {
        if (list->len > 0)
          /* Translators: between the parts of a list, as in "its name, its end" */
          g_string_append (list, _ (", "));
        g_string_append (list, _ (marks_table[i].lacking));
      }
  return g_string_free_and_steal (list);
}

/**
 * fatia_gop_marks_explain:
 * @size: bytes of the image that are there
 * @file_guid: the GUID of the FFS file it is in
 * @file_name: (nullable): that file's name
 *
 * Returns: (transfer full): for people (translated): what it is, and why it is taken or not
 */
char *
fatia_gop_marks_explain (
  FatiaGopMarks marks, const FatiaPe *pe, gsize size, const char *file_guid, const char *file_name)
{
  g_autofree char *lacking = list_lacking (marks);

  if (marks == FATIA_GOP_EVERY_MARK)
    return g_strdup (_ ("It is Intel's GOP driver for x64: it bears the driver's name and has the "
                        "three protocols that only this driver has together."));
  if ((marks | FATIA_GOP_X64) == FATIA_GOP_EVERY_MARK)
    return g_strdup_printf (_ ("It is Intel's GOP driver, but for %s: a guest's x64 firmware can't "
                               "load it."),
                            fatia_pe_machine_name (pe->machine));
  if (!(marks & FATIA_GOP_WHOLE))
    {
      g_autofree char *there = g_strdup_printf ("%" G_GSIZE_FORMAT, size);
      g_autofree char *whole = g_strdup_printf ("%" G_GUINT64_FORMAT, pe->size);

      return g_strdup_printf (_ ("Its end is missing: %s of %s bytes are there."), there, whole);
    }
  if (marks & FATIA_GOP_NAMED &&
      (g_strcmp0 (file_name, "Setup") == 0 || g_str_equal (file_guid, AMI_SETUP)))
    return g_strdup (_ ("It is the BIOS setup program: it only mentions the driver."));
  if (marks & FATIA_GOP_NAMED && !(marks & FATIA_GOP_PROTOCOLS))
    return g_strdup (_ ("It only mentions the driver: it has none of a graphics driver's "
                        "protocols."));
  if (!(marks & FATIA_GOP_NAMED))
    return g_strdup (_ ("It works with graphics output, but it does not bear the name of Intel's "
                        "driver."));
  return g_strdup_printf (_ ("It is much like Intel's GOP driver, but it lacks %s."), lacking);
}
