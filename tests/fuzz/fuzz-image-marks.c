/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file's body, for what it says of the board, and for Video BIOS Tables. */
#include "fuzz.h"

#include "firmware/fatia-board-of-image.h"
#include "firmware/fatia-vbt.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const FatiaBoardOfComputer computer = { "Radxa X4", "X4", "DNKBLi7v.86A.0062.2018" };
  g_autoptr (GPtrArray) boards =
    g_ptr_array_new_with_free_func ((GDestroyNotify) fatia_board_of_image_free);
  g_autofree char *words = NULL;

  fatia_board_of_image_read_smbios (boards, data, size);
  for (size_t at = 0; at < size; at++)
    if (data[at] == '$')
      {
        g_autoptr (FatiaVbt) vbt = fatia_vbt_read (data + at, size - at);

        fatia_board_of_image_read_mark (boards, data + at, size - at);
        if (vbt)
          {
            g_assert_cmpuint (g_bytes_get_size (vbt->bytes), <=, size - at);
            g_assert_true (g_utf8_validate (vbt->name, -1, NULL));
          }
      }
  words = fatia_board_of_image_describe (boards);
  g_assert_true ((words == NULL) == (boards->len == 0));
  g_assert_true (words == NULL || g_utf8_validate (words, -1, NULL));
  fatia_board_of_image_compare (boards, &computer);
  return 0;
}
