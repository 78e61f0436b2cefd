/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "change/fatia-change-private.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#define BYTES_FOLDER "/var/lib/fatia/"

struct _FatiaChangeSet
{
  GObject parent_instance;
  char *step;
  GPtrArray *changes;   /* (element-type FatiaChange) */
  FatiaExplain explain; /* (nullable) */
  gpointer explain_data;
  GDestroyNotify explain_destroy;
};

G_DEFINE_FINAL_TYPE (FatiaChangeSet, fatia_change_set, G_TYPE_OBJECT)

static const GDBusErrorEntry error_names[] = {
  { FATIA_CHANGE_ERROR_STALE, "dev.fatia.Helper1.Error.Stale" },
  { FATIA_CHANGE_ERROR_REFUSED, "dev.fatia.Helper1.Error.Refused" },
  { FATIA_CHANGE_ERROR_TOUCHED, "dev.fatia.Helper1.Error.Touched" },
  { FATIA_CHANGE_ERROR_COMMAND, "dev.fatia.Helper1.Error.Command" },
  { FATIA_CHANGE_ERROR_BUSY, "dev.fatia.Helper1.Error.Busy" },
  { FATIA_CHANGE_ERROR_NOT_FOUND, "dev.fatia.Helper1.Error.NotFound" },
  { FATIA_CHANGE_ERROR_INVALID, "dev.fatia.Helper1.Error.Invalid" },
  { FATIA_CHANGE_ERROR_UNSUPPORTED, "dev.fatia.Helper1.Error.Unsupported" },
  { FATIA_CHANGE_ERROR_CANCELLED, "dev.fatia.Helper1.Error.Cancelled" },
};

GQuark
fatia_change_error_quark (void)
{
  static gsize quark;

  g_dbus_error_register_error_domain ("fatia-change-error-quark", &quark, error_names,
                                      G_N_ELEMENTS (error_names));
  return (GQuark) quark;
}

void
fatia_change_set_errno (GError **error, const char *path, int error_number)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (error_number), "%s: %s", path,
               g_strerror (error_number));
}

gboolean
fatia_bytes_equal0 (GBytes *a, GBytes *b)
{
  return a == b || (a && b && g_bytes_equal (a, b));
}

static void
fatia_change_free (gpointer data)
{
  FatiaChange *change = data;

  g_free (change->path);
  g_clear_pointer (&change->before, g_bytes_unref);
  g_clear_pointer (&change->after, g_bytes_unref);
  g_strfreev (change->argv);
  g_strfreev (change->inverse);
  g_free (change->why);
  g_clear_pointer (&change->input, g_bytes_unref);
  g_free (change);
}

static void
fatia_change_set_finalize (GObject *object)
{
  FatiaChangeSet *self = FATIA_CHANGE_SET (object);

  fatia_change_set_set_explain (self, NULL, NULL, NULL);
  g_free (self->step);
  g_ptr_array_unref (self->changes);
  G_OBJECT_CLASS (fatia_change_set_parent_class)->finalize (object);
}

static void
fatia_change_set_class_init (FatiaChangeSetClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_change_set_finalize;
}

static void
fatia_change_set_init (FatiaChangeSet *self)
{
  self->changes = g_ptr_array_new_with_free_func (fatia_change_free);
}

/**
 * fatia_change_set_new:
 * @step: the step it belongs to, "boot", "vfs", "memory" or "gop"; part of the journal's ids
 *
 * Returns: (transfer full): an empty set
 */
FatiaChangeSet *
fatia_change_set_new (const char *step)
{
  FatiaChangeSet *self = g_object_new (FATIA_TYPE_CHANGE_SET, NULL);

  self->step = g_strdup (step);
  return self;
}

GPtrArray *
fatia_change_set_get_changes (FatiaChangeSet *self)
{
  return self->changes;
}

const char *
fatia_change_set_get_step (FatiaChangeSet *self)
{
  return self->step;
}

static FatiaChange *
add (FatiaChangeSet *self, FatiaChangeKind kind, const char *path, GBytes *before, GBytes *after)
{
  FatiaChange *change = g_new0 (FatiaChange, 1);

  change->kind = kind;
  change->path = g_strdup (path);
  change->before = before ? g_bytes_ref (before) : NULL;
  change->after = after ? g_bytes_ref (after) : NULL;
  g_ptr_array_add (self->changes, change);
  return change;
}

static FatiaChange *
add_text (FatiaChangeSet *self,
          FatiaChangeKind kind,
          const char *path,
          const char *before,
          const char *after)
{
  g_autoptr (GBytes) from = before ? g_bytes_new (before, strlen (before)) : NULL;
  g_autoptr (GBytes) to = after ? g_bytes_new (after, strlen (after)) : NULL;

  return add (self, kind, path, from, to);
}

/**
 * fatia_change_set_add_file:
 * @path: an absolute path
 * @before: (nullable): what the file has now, %NULL: it is not there
 * @after: (nullable): what it is to have, %NULL: it goes
 * @mode: permission bits, where the file is new; one that is there keeps its own. Of a file that
 *   not everyone may read, no line around a change is shown.
 *
 * Equal ones are left out.
 */
void
fatia_change_set_add_file (
  FatiaChangeSet *self, const char *path, GBytes *before, GBytes *after, guint mode)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (g_path_is_absolute (path));

  if (!fatia_bytes_equal0 (before, after))
    add (self, FATIA_CHANGE_FILE, path, before, after)->mode = mode & 0777;
}

/**
 * fatia_change_set_add_link:
 * @path: an absolute path
 * @target: (nullable): what the symbolic link is to say, %NULL: a link that is there goes
 */
void
fatia_change_set_add_link (FatiaChangeSet *self, const char *path, const char *target)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (g_path_is_absolute (path));

  add_text (self, FATIA_CHANGE_LINK, path, NULL, target);
}

/**
 * fatia_change_set_add_attribute:
 * @path: an absolute path below /sys
 * @before: (nullable): what it says now, without white space at its ends; %NULL: it comes into
 *   being by what stands before it in the set, is waited for, and left alone where the folder
 *   it is to be in appears without it
 * @after: the value to write
 */
void
fatia_change_set_add_attribute (FatiaChangeSet *self,
                                const char *path,
                                const char *before,
                                const char *after)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (g_path_is_absolute (path));
  g_return_if_fail (after != NULL);

  fatia_change_set_add_attribute_titled (self, path, before, after, NULL);
}

/**
 * fatia_change_set_add_attribute_titled:
 * @path: an absolute path below /sys
 * @before: (nullable): as in fatia_change_set_add_attribute()
 * @after: the value to write
 * @title: (nullable): what a person reads, a translated sentence, where the attribute's name and
 *   value would not tell enough
 */
void
fatia_change_set_add_attribute_titled (
  FatiaChangeSet *self, const char *path, const char *before, const char *after, const char *title)
{
  FatiaChange *change;

  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (g_path_is_absolute (path));
  g_return_if_fail (after != NULL);

  if (g_strcmp0 (before, after) == 0)
    return;
  change = add_text (self, FATIA_CHANGE_ATTRIBUTE, path, before, after);
  change->why = g_strdup (title);
}

/**
 * fatia_change_set_add_attribute_held:
 * @path: an absolute path below /sys
 * @value: what it says, without white space at its ends
 * @title: what a person reads, a translated sentence
 *
 * An attribute that the kernel changes by itself when what stands after it in the set is done:
 * its value is written once more, and put back by undo.
 */
void
fatia_change_set_add_attribute_held (FatiaChangeSet *self,
                                     const char *path,
                                     const char *value,
                                     const char *title)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (g_path_is_absolute (path));
  g_return_if_fail (value != NULL && title != NULL);

  add_text (self, FATIA_CHANGE_ATTRIBUTE, path, value, value)->why = g_strdup (title);
}

/**
 * fatia_change_set_add_driver:
 * @device: the absolute path of a PCI device below /sys, or of a link to it
 * @driver: the driver that is to have it, "vfio-pci"
 * @title: what a person reads, a translated sentence
 *
 * The device is made by what stands before in the set, is waited for, and goes when that is
 * undone: there is nothing to put back.
 */
void
fatia_change_set_add_driver (FatiaChangeSet *self,
                             const char *device,
                             const char *driver,
                             const char *title)
{
  g_autofree char *path = NULL;

  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (g_path_is_absolute (device));
  g_return_if_fail (driver != NULL && title != NULL);

  path = g_build_filename (device, "driver", NULL);
  add_text (self, FATIA_CHANGE_DRIVER, path, NULL, driver)->why = g_strdup (title);
}

static void
add_command (FatiaChangeSet *self, const char *const *argv, const char *why, gboolean again)
{
  FatiaChange *change = add (self, FATIA_CHANGE_COMMAND, NULL, NULL, NULL);

  change->argv = g_strdupv ((GStrv) argv);
  change->why = g_strdup (why);
  change->again = again;
  change->seconds = FATIA_COMMAND_SECONDS;
}

static FatiaChange *
last_command (FatiaChangeSet *self)
{
  FatiaChange *last =
    self->changes->len ? g_ptr_array_index (self->changes, self->changes->len - 1) : NULL;

  return last && last->kind == FATIA_CHANGE_COMMAND ? last : NULL;
}

/**
 * fatia_change_set_allow_command:
 * @seconds: how long it, and after undo its inverse, may take
 * @network: whether it may talk to other computers, which no other tool may
 *
 * Of the command that was added last.
 */
void
fatia_change_set_allow_command (FatiaChangeSet *self, guint seconds, gboolean network)
{
  FatiaChange *command;

  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  command = last_command (self);
  g_return_if_fail (command != NULL);

  command->seconds = seconds;
  command->network = network;
}

/**
 * fatia_change_set_feed_command:
 * @input: what the command that was added last reads from its standard input
 *
 * For what must not be seen: it is part of the digest, but neither shown nor kept in the journal,
 * and it never lies in a file.
 */
void
fatia_change_set_feed_command (FatiaChangeSet *self, GBytes *input)
{
  FatiaChange *command;

  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (input != NULL);
  command = last_command (self);
  g_return_if_fail (command != NULL && command->input == NULL);

  command->input = g_bytes_ref (input);
}

/**
 * fatia_change_set_trust_command:
 *
 * Says of the command that was added last that it does all of its work or nothing: where it fails
 * there is nothing for its inverse to take back.
 */
void
fatia_change_set_trust_command (FatiaChangeSet *self)
{
  FatiaChange *command;

  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  command = last_command (self);
  g_return_if_fail (command != NULL);

  command->whole = TRUE;
}

/**
 * fatia_change_set_set_explain:
 * @explain: (nullable): finds words for the failure of one of the set's commands
 *
 * It is asked before anything is put back, while what the tool left (its log) is still there.
 */
void
fatia_change_set_set_explain (FatiaChangeSet *self,
                              FatiaExplain explain,
                              gpointer user_data,
                              GDestroyNotify destroy)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));

  if (self->explain_destroy)
    self->explain_destroy (self->explain_data);
  self->explain = explain;
  self->explain_data = user_data;
  self->explain_destroy = destroy;
}

char *
fatia_change_set_explain (FatiaChangeSet *self, FatiaHostRoot *root, const char *message)
{
  return self->explain ? self->explain (root, message, self->explain_data) : NULL;
}

/**
 * fatia_change_set_add_command:
 * @argv: a tool of the host and its arguments; it is looked for in the host's own bin folders
 * @why: what it is run for, a translated sentence
 *
 * The tool is run once the files and links are made, in its turn among the attributes, and again
 * after undo. Never by a shell.
 */
void
fatia_change_set_add_command (FatiaChangeSet *self, const char *const *argv, const char *why)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (argv != NULL && argv[0] != NULL);

  add_command (self, argv, why, TRUE);
}

/**
 * fatia_change_set_add_command_pair:
 * @argv: a tool of the host and its arguments
 * @inverse: the tool and the arguments that take back what @argv does; it does no harm where
 *   there is nothing to take back
 * @why: what it is run for, a translated sentence
 *
 * Like fatia_change_set_add_command(), for a tool that keeps its own state: after undo @inverse is
 * run in its place.
 */
void
fatia_change_set_add_command_pair (FatiaChangeSet *self,
                                   const char *const *argv,
                                   const char *const *inverse,
                                   const char *why)
{
  FatiaChange *change;

  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (argv != NULL && argv[0] != NULL);
  g_return_if_fail (inverse != NULL && inverse[0] != NULL);

  add_command (self, argv, why, TRUE);
  change = g_ptr_array_index (self->changes, self->changes->len - 1);
  change->inverse = g_strdupv ((GStrv) inverse);
}

/**
 * fatia_change_set_add_command_once:
 *
 * Like fatia_change_set_add_command(), for a tool that has nothing to do after undo.
 */
void
fatia_change_set_add_command_once (FatiaChangeSet *self, const char *const *argv, const char *why)
{
  g_return_if_fail (FATIA_IS_CHANGE_SET (self));
  g_return_if_fail (argv != NULL && argv[0] != NULL);

  add_command (self, argv, why, FALSE);
}

void
fatia_change_set_add_link_undo (FatiaChangeSet *self,
                                const char *path,
                                const char *before,
                                const char *after)
{
  if (g_strcmp0 (before, after) != 0)
    add_text (self, FATIA_CHANGE_LINK, path, before, after);
}

void
fatia_change_set_add_decision (FatiaChangeSet *self,
                               FatiaChangeKind kind,
                               const char *path,
                               GBytes *before,
                               GBytes *after,
                               guint mode)
{
  add (self, kind, path, before, after)->mode = mode;
}

/* (nullable) (transfer none): the path of the first change that a person has yet to decide about */
const char *
fatia_change_set_get_conflict (FatiaChangeSet *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (self->changes, i);

      if (change->kind == FATIA_CHANGE_CONFLICT)
        return change->path;
    }
  return NULL;
}

/**
 * fatia_change_set_is_empty:
 *
 * Returns: whether there is nothing to do
 */
gboolean
fatia_change_set_is_empty (FatiaChangeSet *self)
{
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (self), TRUE);
  return self->changes->len == 0;
}

/* With its length, so that no two lists of fields give the same bytes. */
static void
digest_field (GChecksum *sum, const void *data, gssize length)
{
  gint64 size = GINT64_TO_LE (data ? length : -1);

  g_checksum_update (sum, (const guchar *) &size, sizeof size);
  if (data)
    g_checksum_update (sum, data, length);
}

static void
digest_text (GChecksum *sum, const char *text)
{
  digest_field (sum, text, text ? strlen (text) : 0);
}

static void
digest_bytes (GChecksum *sum, GBytes *bytes)
{
  gsize length = 0;
  const void *data = bytes ? g_bytes_get_data (bytes, &length) : NULL;

  /* GBytes has NULL for its data where it is empty. */
  digest_field (sum, bytes && !data ? "" : data, length);
}

static void
digest_change (GChecksum *sum, const FatiaChange *change)
{
  guint32 numbers[] = { GUINT32_TO_LE (change->kind), GUINT32_TO_LE (change->mode),
                        GUINT32_TO_LE (change->again) };

  digest_field (sum, numbers, sizeof numbers);
  digest_text (sum, change->path);
  digest_bytes (sum, change->before);
  digest_bytes (sum, change->after);
  for (guint i = 0; change->argv && change->argv[i]; i++)
    digest_text (sum, change->argv[i]);
  for (guint i = 0; change->inverse && change->inverse[i]; i++)
    digest_text (sum, change->inverse[i]);
  digest_bytes (sum, change->input);
}

/**
 * fatia_change_set_get_digest:
 *
 * Returns: (transfer full): sha256 over everything that would be done and what it would
 *   replace, in hexadecimal digits
 */
char *
fatia_change_set_get_digest (FatiaChangeSet *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_return_val_if_fail (FATIA_IS_CHANGE_SET (self), NULL);

  digest_text (sum, self->step);
  for (guint i = 0; i < self->changes->len; i++)
    digest_change (sum, g_ptr_array_index (self->changes, i));
  return g_strdup (g_checksum_get_string (sum));
}

const char *
fatia_change_kind_to_string (FatiaChangeKind kind)
{
  static const char *const names[] = { "file",   "link",     "attribute", "command",
                                       "driver", "conflict", "kept" };

  return names[kind];
}

static char *
make_title (const FatiaChange *change)
{
  g_autofree char *name = NULL;
  gsize length = 0;
  const char *value = change->after ? g_bytes_get_data (change->after, &length) : "";

  switch (change->kind)
    {
    case FATIA_CHANGE_LINK:
      return g_strdup_printf (change->after ? _ ("Create the link %s") : _ ("Remove the link %s"),
                              change->path);
    case FATIA_CHANGE_ATTRIBUTE:
      if (change->why)
        return g_strdup (change->why);
      name = g_path_get_basename (change->path);
      /* Translators: an attribute of a device and its new value, "Set sriov_numvfs to 2" */
      return g_strdup_printf (_ ("Set %s to %.*s"), name, (int) length, value);
    case FATIA_CHANGE_COMMAND:
    case FATIA_CHANGE_DRIVER:
      return g_strdup (change->why);
    case FATIA_CHANGE_CONFLICT:
      return g_strdup_printf (_ ("Decide about %s: others changed it where Fatia did"),
                              change->path);
    case FATIA_CHANGE_KEPT:
      return g_strdup_printf (_ ("Leave %s as it is now"), change->path);
    case FATIA_CHANGE_FILE:
    default:
      return g_strdup_printf (change->before == NULL ? _ ("Create %s")
                              : change->after        ? _ ("Change %s")
                                                     : _ ("Remove %s"),
                              change->path);
    }
}

/* A value as the line that the attribute shows. */
static GBytes *
as_line (GBytes *bytes)
{
  gsize length;
  const char *data;
  g_autofree char *line = NULL;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &length);
  line = g_strdup_printf ("%.*s\n", (int) length, data ? data : "");
  return g_bytes_new (line, length + 1);
}

static char *
make_file_text (const FatiaChange *change)
{
  /* ROMs and packages lie there: no texts, whatever the bytes that somebody sent look like. */
  if (g_str_has_prefix (change->path, BYTES_FOLDER))
    return fatia_diff_bytes (change->before, change->after);
  return (change->mode & S_IROTH ? fatia_diff : fatia_diff_alone) (change->path, change->before,
                                                                   change->after);
}

static char *
make_text (const FatiaChange *change)
{
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  if (change->kind == FATIA_CHANGE_COMMAND)
    return g_strjoinv (" ", change->argv);
  if (change->kind == FATIA_CHANGE_KEPT)
    return g_strdup ("");
  if (change->kind == FATIA_CHANGE_CONFLICT && !(change->mode & S_IROTH))
    return g_strdup (_ ("Not everyone may read this file, so what others wrote to it is not shown "
                        "here. Look at it as administrator."));
  if (change->kind == FATIA_CHANGE_FILE || change->kind == FATIA_CHANGE_CONFLICT)
    return make_file_text (change);
  before = as_line (change->before);
  after = as_line (change->after);
  return fatia_diff (change->path, before, after);
}

/**
 * fatia_change_set_describe:
 *
 * Returns: (transfer full): an a(ssss): kind, target, title for people, and a unified
 *   diff, or the command's words. A "conflict" has the diff from what is there to what was there
 *   before; what is "kept" has none.
 */
GVariant *
fatia_change_set_describe (FatiaChangeSet *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (FATIA_IS_CHANGE_SET (self), NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssss)"));
  for (guint i = 0; i < self->changes->len; i++)
    {
      const FatiaChange *change = g_ptr_array_index (self->changes, i);
      const char *kind = fatia_change_kind_to_string (change->kind);
      g_autofree char *title = make_title (change);
      g_autofree char *text = make_text (change);

      g_variant_builder_add (&builder, "(ssss)", kind,
                             change->path ? change->path : change->argv[0], title, text);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
