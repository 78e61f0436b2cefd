/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot/fatia-splices.h"

typedef struct
{
  gsize start;
  gsize end;
  char *text;
} Splice;

static void
splice_clear (Splice *splice)
{
  g_free (splice->text);
}

/* (transfer full) */
FatiaSplices *
fatia_splices_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (Splice));

  g_array_set_clear_func (self, (GDestroyNotify) splice_clear);
  return self;
}

/*
 * fatia_splices_add:
 * @start: the place of the first byte that goes
 * @end: the place behind the last that goes: @start where @text is only put in
 *
 * No two splices may overlap. Of those at one place, what is put in comes before what replaces,
 * and else what was added first.
 */
void
fatia_splices_add (FatiaSplices *self, gsize start, gsize end, const char *text)
{
  const Splice splice = { start, end, g_strdup (text) };

  g_array_append_val (self, splice);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Splice *first = a, *second = b;

  if (first->start != second->start)
    return first->start < second->start ? -1 : 1;
  return first->end < second->end ? -1 : first->end > second->end;
}

/*
 * fatia_splices_apply:
 * @text: (array length=length): what the places are in
 *
 * Returns: (transfer full): @text with the changes made
 */
char *
fatia_splices_apply (FatiaSplices *self, const char *text, gsize length)
{
  GString *result = g_string_new (NULL);
  gsize done = 0;

  /* A stable sort, by its documentation. */
  g_array_sort (self, compare);
  for (guint i = 0; i < self->len; i++)
    {
      const Splice *splice = &g_array_index (self, Splice, i);

      g_assert (splice->start >= done && splice->end >= splice->start && splice->end <= length);
      g_string_append_len (result, text + done, splice->start - done);
      g_string_append (result, splice->text);
      done = splice->end;
    }
  g_string_append_len (result, text + done, length - done);
  return g_string_free (result, FALSE);
}
