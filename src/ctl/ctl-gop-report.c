/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/ctl-gop.h"

#include <glib/gi18n.h>

/* What the verb gop prints of an image. */

static const char *const verdicts[] = {
  [FATIA_BOARDS_UNKNOWN] = "unknown",
  [FATIA_BOARDS_SAME] = "same",
  [FATIA_BOARDS_DIFFER] = "differ",
};

static void
add_number (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_truth (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_candidate (JsonBuilder *builder, gconstpointer item)
{
  const FatiaGopCandidate *candidate = item;

  ctl_json_add (builder, "guid", candidate->guid);
  ctl_json_add (builder, "name", candidate->name);
  ctl_json_add (builder, "machine", candidate->machine);
  add_number (builder, "size", candidate->size);
  ctl_json_add (builder, "sha256", candidate->sha256);
  ctl_json_add (builder, "path", candidate->path);
  ctl_json_add (builder, "known", candidate->known);
  ctl_json_add (builder, "why", candidate->why);
  add_truth (builder, "driver", candidate->driver);
  add_truth (builder, "usable", candidate->usable);
  add_truth (builder, "chosen", candidate->chosen);
}

static void
add_vbt (JsonBuilder *builder, gconstpointer item)
{
  const FatiaVbt *vbt = item;

  ctl_json_add (builder, "name", vbt->name);
  add_number (builder, "version", vbt->version);
  add_number (builder, "bdb", vbt->bdb);
  add_number (builder, "size", vbt->size);
  add_truth (builder, "whole", vbt->whole);
  add_truth (builder, "sum_right", vbt->sum_right);
  ctl_json_add (builder, "sha256", vbt->sha256);
  ctl_json_add (builder, "file", vbt->file);
}

static void
add_board (JsonBuilder *builder, gconstpointer item)
{
  const FatiaBoardOfImage *board = item;

  ctl_json_add (builder, "source", board->source);
  ctl_json_add (builder, "vendor", board->vendor);
  ctl_json_add (builder, "product", board->product);
  ctl_json_add (builder, "version", board->version);
}

static void
add_layer (JsonBuilder *builder, gconstpointer item)
{
  const FatiaFirmwareLayer *layer = item;

  ctl_json_add (builder, "name", layer->name);
  ctl_json_add (builder, "format", layer->format);
  ctl_json_add (builder, "note", layer->note);
  add_number (builder, "size", layer->size);
}

static void
add_list (JsonBuilder *builder,
          const char *name,
          GPtrArray *items,
          void (*add) (JsonBuilder *builder, gconstpointer item))
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < items->len; i++)
    {
      json_builder_begin_object (builder);
      add (builder, g_ptr_array_index (items, i));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/**
 * ctl_gop_print_json:
 * @findings: of a source
 * @verdict: of comparing the image's board with this computer's
 */
void
ctl_gop_print_json (FatiaGopFindings *findings, FatiaBoardsVerdict verdict)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_list (builder, "opened", findings->source->trail, add_layer);
  add_list (builder, "candidates", findings->candidates, add_candidate);
  add_list (builder, "boards", findings->boards, add_board);
  ctl_json_add (builder, "this_board", verdicts[verdict]);
  add_list (builder, "vbts", findings->vbts, add_vbt);
  json_builder_end_object (builder);
  ctl_print_json (builder);
}

static void
print_candidate (guint number, const FatiaGopCandidate *candidate)
{
  g_print ("%u. %s  %s%s\n", number, candidate->guid, candidate->name ? candidate->name : "",
           candidate->chosen ? _ ("  (chosen)") : "");
  /* TRANSLATORS: the processor a driver is for ("x64") and its size in bytes */
  g_print (_ ("   %s, %lu bytes\n"), candidate->machine, (gulong) candidate->size);
  g_print ("   sha256 %s\n", candidate->sha256);
  if (candidate->known)
    g_print ("   %s\n", candidate->known);
  g_print ("   ");
  ctl_print_wrapped (candidate->why, 3);
  g_print ("   %s\n", candidate->path);
}

static void
print_boards (FatiaGopFindings *findings, FatiaBoardsVerdict verdict)
{
  g_autofree char *words = fatia_board_of_image_describe (findings->boards);
  g_auto (GStrv) lines = g_strsplit (words ? words : "", "\n", -1);

  if (!words)
    {
      g_print (_ ("The image does not say which board it is for.\n"));
      return;
    }
  g_print (_ ("What the image says of its board:\n"));
  for (guint i = 0; lines[i]; i++)
    g_print ("   %s\n", lines[i]);
  if (verdict == FATIA_BOARDS_SAME)
    g_print (_ ("   That is this computer's.\n"));
  else if (verdict == FATIA_BOARDS_DIFFER)
    g_print (_ ("   That is another board than this computer's.\n"));
}

static void
print_vbts (GPtrArray *vbts)
{
  if (vbts->len == 0)
    return;
  g_print (_ ("Video BIOS Tables in it:\n"));
  for (guint i = 0; i < vbts->len; i++)
    {
      g_autofree char *words = fatia_vbt_describe (g_ptr_array_index (vbts, i));
      const FatiaVbt *vbt = g_ptr_array_index (vbts, i);

      g_print ("%u. %s  %s\n", i + 1, vbt->name, vbt->file ? vbt->file : "");
      g_print ("   %s\n   sha256 %s\n", words, vbt->sha256);
    }
}

/* How the image was come by, where it was in something. */
static void
print_trail (const FatiaFirmwareSource *source)
{
  g_autofree char *words = NULL;

  if (source == NULL || source->trail->len < 2)
    return;
  words = fatia_firmware_source_describe (source);
  g_print ("%s\n", words);
  for (guint i = 0; i < source->trail->len; i++)
    {
      const FatiaFirmwareLayer *layer = g_ptr_array_index (source->trail, i);

      if (layer->note)
        {
          g_print ("   ");
          ctl_print_wrapped (layer->note, 3);
        }
    }
}

/**
 * ctl_gop_print:
 * @verdict: of comparing the image's board with this computer's
 */
void
ctl_gop_print (FatiaGopFindings *findings, FatiaBoardsVerdict verdict)
{
  print_trail (findings->source);
  for (guint i = 0; i < findings->candidates->len; i++)
    print_candidate (i + 1, g_ptr_array_index (findings->candidates, i));
  print_boards (findings, verdict);
  print_vbts (findings->vbts);
}
