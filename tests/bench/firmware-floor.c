/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * firmware-floor IMAGE: unpacks every LZMA section of IMAGE and looks at nothing in it. No program
 * that reads what is packed in an image can be faster, so ./dev bench measures us against it.
 * Sections are found by their GUID alone: it is for images that are known to be whole.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <lzma.h>

#define DEPTH_LIMIT 16
#define HEADER_SIZE 13 /* of the .lzma format */
#define DATA_OFFSET                                                                                \
  16 /* from the GUID on: where the packed data begin, from the section's start                    \
      */

static const unsigned char guid[] = { 0x98, 0x58, 0x4E, 0xEE, 0x14, 0x39, 0x59, 0x42,
                                      0x9D, 0x6E, 0xDC, 0x7B, 0xD7, 0x94, 0x03, 0xCF };

static uint64_t
read_number (const unsigned char *p, int n)
{
  uint64_t value = 0;

  while (n-- > 0)
    value = value << 8 | p[n];
  return value;
}

/* The section that has its GUID at @at: 4 bytes before it, or 8 where it is large. */
static unsigned char *
unpack (const unsigned char *data, size_t at, size_t *size)
{
  size_t header = at >= 8 && read_number (data + at - 8, 3) == 0xFFFFFF ? 8 : 4;
  const unsigned char *section = data + at - header;
  size_t length = header == 8 ? read_number (section + 4, 4) : read_number (section, 3);
  size_t offset = read_number (data + at + DATA_OFFSET, 2);
  lzma_stream stream = LZMA_STREAM_INIT;
  unsigned char *output;

  *size = read_number (section + offset + 5, 8);
  output = malloc (*size);
  if (output == NULL || lzma_alone_decoder (&stream, UINT64_MAX) != LZMA_OK)
    exit (1);
  stream.next_in = section + offset;
  stream.avail_in = length - offset;
  stream.next_out = output;
  stream.avail_out = *size;
  while (lzma_code (&stream, LZMA_RUN) == LZMA_OK && stream.avail_out > 0)
    ;
  if (stream.avail_out > 0)
    exit (1);
  lzma_end (&stream);
  return output;
}

/* Returns how many bytes came out. What is packed in what is packed is unpacked right away. */
static size_t
unpack_all (const unsigned char *image, size_t image_size)
{
  struct
  {
    unsigned char *owned;
    const unsigned char *data;
    size_t size, at;
  } stack[DEPTH_LIMIT] = { { NULL, image, image_size, 8 } };
  size_t depth = 1, total = 0;

  while (depth > 0)
    {
      const unsigned char *data = stack[depth - 1].data;
      size_t at = stack[depth - 1].at;
      const unsigned char *hit = NULL;

      if (at < stack[depth - 1].size)
        hit = memmem (data + at, stack[depth - 1].size - at, guid, sizeof guid);
      if (hit == NULL)
        {
          free (stack[--depth].owned);
          continue;
        }
      stack[depth - 1].at = hit - data + sizeof guid;
      if (depth == DEPTH_LIMIT)
        exit (1);
      stack[depth].owned = unpack (data, hit - data, &stack[depth].size);
      stack[depth].data = stack[depth].owned;
      stack[depth].at = 8;
      total += stack[depth++].size;
    }
  return total;
}

int
main (int argc, char **argv)
{
  struct stat info;
  int fd = argc == 2 ? open (argv[1], O_RDONLY | O_CLOEXEC) : -1;
  void *data;

  if (fd < 0 || fstat (fd, &info) < 0)
    return 2;
  data = mmap (NULL, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED)
    return 2;
  printf ("%zu\n", unpack_all (data, info.st_size));
  return 0;
}
