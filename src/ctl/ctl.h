/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What scripts can rely on. */
enum
{
  CTL_OK = 0,
  CTL_NOTHING = 1, /* a finding failed, or there was nothing to be found */
  CTL_ERROR = 2,
  CTL_DENIED = 3, /* not authorised */
  CTL_USAGE = 64, /* EX_USAGE of sysexits.h */
};

/* One verb: "check", "vm create". */
typedef struct
{
  const char *name;
  const char *arguments; /* "IMAGE", "[STEP]" */
  guint min_arguments, max_arguments;
  const char *summary;         /* N_() */
  const char *details;         /* (nullable) N_() */
  const GOptionEntry *options; /* (nullable) */
  gboolean setup;              /* run by fatiactl-setup, which links libvirt */
} CtlVerb;

extern const CtlVerb ctl_verbs[];
extern const GOptionEntry ctl_common_options[];

/* What the command line said. */
typedef struct
{
  gboolean json, help, version;
  char *host_root;
  gboolean tree; /* firmware */
  char *search;
  gboolean list;                               /* check */
  char *output, *rom, *device, *vbts, *member; /* gop */
  int choose;
  char *file; /* plan, apply */
  char *image;
  gboolean from_this_computer;
  gboolean yes;
  int count; /* -1: not given */
  gboolean no_keep;
  gboolean kvmfr;
  gboolean shm;
  char *profile; /* (nullable): not given */
  gboolean no_sleep_hook;
  char *name, *iso, *memory, *resolution, *connect;
  int cpus;
  GStrv disk;
  GStrv keep, put_back; /* undo */
  gboolean force, with_disk;
} CtlOptions;

extern CtlOptions ctl_options;

/* The verb's work; @args: what stands behind it, NULL-terminated. Each program has its own. */
int ctl_run_verb (const CtlVerb *verb, char **args, char **argv);

const CtlVerb *ctl_find_verb (int *argc, char **argv, char **unknown);
void ctl_print_help (void);
void ctl_print_verb_help (const CtlVerb *verb);
int ctl_help (char **args);

/* Output. */
void ctl_error (const char *format, ...) G_GNUC_PRINTF (1, 2);
int ctl_fail (const GError *error);
int ctl_usage (const CtlVerb *verb, const char *format, ...) G_GNUC_PRINTF (2, 3);
void ctl_print_json (JsonBuilder *builder);
void ctl_json_add (JsonBuilder *builder, const char *name, const char *value);
void ctl_print_wrapped (const char *text, guint indent);
gboolean ctl_has_colour (void);
void ctl_progress (const char *text);
gboolean ctl_write_output (const char *path, const char *image, GBytes *bytes, GError **error);
void ctl_progress_end (void);

G_END_DECLS
