/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "host/fatia-host-root.h"

G_BEGIN_DECLS

typedef enum
{
  FATIA_CHANGE_ERROR_STALE,   /* what was shown is no longer what would be done: look again */
  FATIA_CHANGE_ERROR_REFUSED, /* a link, an odd file, a text not understood: nothing was touched */
  FATIA_CHANGE_ERROR_TOUCHED, /* undo: other hands changed it since */
  FATIA_CHANGE_ERROR_COMMAND, /* the boot loader's tool failed; everything was put back */
  FATIA_CHANGE_ERROR_BUSY,    /* another change is under way */
  FATIA_CHANGE_ERROR_NOT_FOUND,   /* no change of that id */
  FATIA_CHANGE_ERROR_INVALID,     /* an argument no caller should send */
  FATIA_CHANGE_ERROR_UNSUPPORTED, /* a boot loader or device Fatia can't change */
  FATIA_CHANGE_ERROR_CANCELLED,   /* as the caller asked; everything is as it was */
} FatiaChangeError;
#define FATIA_CHANGE_ERROR (fatia_change_error_quark ())
/* Registered with GDBus as dev.fatia.Helper1.Error.NAME, so that callers see the same codes. */
GQuark fatia_change_error_quark (void);

/*
 * What a step will do: an ordered list of typed changes, built from the host's present state
 * and digested, so that what is applied is what was shown. Plain data: building one touches
 * nothing.
 */
#define FATIA_TYPE_CHANGE_SET (fatia_change_set_get_type ())
G_DECLARE_FINAL_TYPE (FatiaChangeSet, fatia_change_set, FATIA, CHANGE_SET, GObject)

/* @step: "boot", "vfs", "memory", "gop" */
FatiaChangeSet *fatia_change_set_new (const char *step);
/* @before NULL: the file is not there; @after NULL: it goes. Equal ones are left out. @mode
 * counts where the file is new; of one that others may not read, no line around a change is
 * shown. */
void fatia_change_set_add_file (
  FatiaChangeSet *self, const char *path, GBytes *before, GBytes *after, guint mode);
/* A symbolic link that is to be there (systemd's .wants); @target NULL: it goes. */
void fatia_change_set_add_link (FatiaChangeSet *self, const char *path, const char *target);
/* An attribute below /sys: @before is what it says now. NULL: an earlier change of the set makes
 * it appear; it is waited for. */
void fatia_change_set_add_attribute (FatiaChangeSet *self,
                                     const char *path,
                                     const char *before,
                                     const char *after);
/* The same, with a title of its own, a translated sentence. */
void fatia_change_set_add_attribute_titled (
  FatiaChangeSet *self, const char *path, const char *before, const char *after, const char *title);
/* One that says @value already, and that what follows changes by itself: undo puts it back. */
void fatia_change_set_add_attribute_held (FatiaChangeSet *self,
                                          const char *path,
                                          const char *value,
                                          const char *title);
/* @driver is to have a PCI device that an earlier change of the set makes appear, and that goes
 * with it; @title is a translated sentence. */
void fatia_change_set_add_driver (FatiaChangeSet *self,
                                  const char *device,
                                  const char *driver,
                                  const char *title);
/* A tool of the host to run once the files are written, in its turn among the attributes, and
 * again after undo; @why is a translated sentence. Run with a clean environment, never by a shell.
 */
void fatia_change_set_add_command (FatiaChangeSet *self, const char *const *argv, const char *why);
/* The same for a tool that keeps its own state: @inverse is run after undo. */
void fatia_change_set_add_command_pair (FatiaChangeSet *self,
                                        const char *const *argv,
                                        const char *const *inverse,
                                        const char *why);
/* The same for a tool that has nothing to do after undo. */
void
fatia_change_set_add_command_once (FatiaChangeSet *self, const char *const *argv, const char *why);
/* Of the command that was added last: a longer time than the usual for it and its inverse, and
 * whether it may use the network. */
void fatia_change_set_allow_command (FatiaChangeSet *self, guint seconds, gboolean network);
/* Of the same: what it reads from its standard input. It is neither shown nor journalled. */
void fatia_change_set_feed_command (FatiaChangeSet *self, GBytes *input);
void fatia_change_set_trust_command (FatiaChangeSet *self);
/* Finds words for a command's failure; called before anything is put back. (nullable) */
typedef char *(*FatiaExplain) (FatiaHostRoot *root, const char *message, gpointer user_data);
void fatia_change_set_set_explain (FatiaChangeSet *self,
                                   FatiaExplain explain,
                                   gpointer user_data,
                                   GDestroyNotify destroy);
gboolean fatia_change_set_is_empty (FatiaChangeSet *self);
/* (transfer full): sha256 over everything that would be done */
char *fatia_change_set_get_digest (FatiaChangeSet *self);
/* (transfer full): a(ssss): kind ("file", "link", "attribute", "command", "driver"; of undoing
 * also "conflict" and "kept"), target, title for people, unified diff (or the command's words) */
GVariant *fatia_change_set_describe (FatiaChangeSet *self);

/* (transfer full): unified diff of two texts, three lines of context; "" where equal */
char *fatia_diff (const char *path, GBytes *before, GBytes *after);
/* (transfer full): the same without context, for what not everyone may read */
char *fatia_diff_alone (const char *path, GBytes *before, GBytes *after);
/* (transfer full): for what is no text whatever its bytes look like: one line; "" where equal */
char *fatia_diff_bytes (GBytes *before, GBytes *after);

G_END_DECLS
