/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small sections of text in an EFI program (the PE format, learn.microsoft.com/windows/win32/
 * debug/pe-format): a unified kernel image has its command line in ".cmdline" (uapi-group.org,
 * "Unified Kernel Image"), and most loaders say in ".sbat" what they are (shim's SBAT.md). Of a
 * file of any size only the headers and the one section are read.
 */
#include "host/fatia-pe-section.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/fatia-fd.h"

#define DOS_HEADER      64
#define DOS_NEW_HEADER  0x3c
#define PE_HEADER       24
#define PE_N_SECTIONS   6
#define PE_OPTIONAL     20
#define SECTION         40
#define SECTION_NAME    8
#define SECTION_VIRTUAL 8
#define SECTION_RAW     16
#define SECTION_OFFSET  20

/* The DOS program before the header has some hundred bytes. */
#define HEADER_LIMIT (1024 * 1024)
#define MAX_SECTIONS 256
/* The kernel reads 2048 bytes of its command line. */
#define TEXT_LIMIT (64 * 1024)

typedef struct
{
  int fd;
  goffset size;
} Image;

static guint32
get32 (const guint8 *bytes)
{
  return bytes[0] | (guint32) bytes[1] << 8 | (guint32) bytes[2] << 16 | (guint32) bytes[3] << 24;
}

static guint16
get16 (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8;
}

static gboolean
read_at (const Image *image, goffset where, void *bytes, gsize length)
{
  return where >= 0 && where + (goffset) length <= image->size &&
         pread (image->fd, bytes, length, where) == (gssize) length;
}

static gboolean
is_named (const guint8 *section, const char *name)
{
  return strncmp ((const char *) section, name, SECTION_NAME) == 0 && strlen (name) <= SECTION_NAME;
}

/* (transfer full) (nullable): up to a NUL */
static char *
read_text (const Image *image, const guint8 *section)
{
  /* What is in the file is padded; the other size is the text's own. */
  gsize length = MIN (get32 (section + SECTION_VIRTUAL), get32 (section + SECTION_RAW));
  g_autofree char *text = length <= TEXT_LIMIT ? g_malloc0 (length + 1) : NULL;

  if (text == NULL || !read_at (image, get32 (section + SECTION_OFFSET), text, length))
    return NULL;
  return g_steal_pointer (&text);
}

static char *
find_text (const Image *image, const char *name)
{
  guint8 dos[DOS_HEADER], pe[PE_HEADER], section[SECTION];
  goffset where;
  guint n;

  if (!read_at (image, 0, dos, sizeof dos) || memcmp (dos, "MZ", 2) != 0)
    return NULL;
  where = get32 (dos + DOS_NEW_HEADER);
  if (where > HEADER_LIMIT || !read_at (image, where, pe, sizeof pe) || memcmp (pe, "PE\0", 4) != 0)
    return NULL;
  n = MIN (get16 (pe + PE_N_SECTIONS), MAX_SECTIONS);
  where += PE_HEADER + get16 (pe + PE_OPTIONAL);
  for (guint i = 0; i < n; i++, where += SECTION)
    {
      /* What comes after a ".profile" is of a variant that is only started when chosen. */
      if (!read_at (image, where, section, sizeof section) || is_named (section, ".profile"))
        return NULL;
      if (is_named (section, name))
        return read_text (image, section);
    }
  return NULL;
}

/*
 * fatia_pe_section_read:
 * @path: a file
 * @name: a section's name, at most eight characters
 *
 * Returns: (transfer full) (nullable): the section's text; %NULL: the file can't be read, is no
 *   EFI program or has no such section, or one that is too long for a text
 */
char *
fatia_pe_section_read (FatiaHostRoot *root, const char *path, const char *name)
{
  /* O_NONBLOCK: a pipe somebody left there must not hold us. */
  fatia_autofd int fd = fatia_host_root_open (root, path, O_RDONLY | O_NONBLOCK, NULL);
  struct stat info;
  Image image;

  if (fd < 0 || fstat (fd, &info) < 0 || !S_ISREG (info.st_mode))
    return NULL;
  image = (Image) { fd, info.st_size };
  return find_text (&image, name);
}
