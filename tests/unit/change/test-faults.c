/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every system call of an apply and of an undo of each kind of step goes wrong once, the disk
 * fills up at each, each tool fails or is killed half way, and the power is cut before and after
 * each: the host is then as it was or as it was to be, never in between, the next run works, and
 * nothing of ours is left that should not be. Of the calls a part is tried; all of them with -m
 * thorough.
 */
#include "change/fatia-apply.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "step-kinds.h"
#include "tree.h"

#define JOURNAL "/var/lib/fatia"
/* How many of an act's calls go wrong where not all do. */
#define SAMPLE 12

typedef enum
{
  ACT_APPLY,
  ACT_UNDO,
} Act;

/* What goes wrong in which act. */
typedef struct
{
  const StepKind *kind;
  Act act;
  Fault fault;
  /* What the host is like before and after the act where nothing goes wrong, and how many calls
   * that takes. */
  char *before;
  char *after;
  guint calls;
  guint tools;
} Trial;

static guint n_tried;

static void
make_host (Tree *tree, const StepKind *kind)
{
  faults_set (FAULT_NONE, 0, 0);
  tree_set_up (tree, NULL);
  kind->make_host (tree, kind);
}

static gboolean
act_apply (Tree *tree, const StepKind *kind)
{
  g_autoptr (FatiaChangeSet) set = fatia_change_set_new (kind->step);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;

  /* Some ask the host's tools, which may not start just then: that changes nothing. */
  if (!kind->plan (tree, set, &error))
    {
      g_test_message ("%s", error->message);
      return FALSE;
    }
  id = fatia_change_set_apply (set, tree->root, NULL, NULL, NULL);
  return id != NULL;
}

static gboolean
act_undo (Tree *tree, const StepKind *kind)
{
  g_autofree char *id = g_strconcat ("0001-", kind->step, NULL);

  return fatia_changes_undo (tree->root, id, NULL, NULL, NULL, NULL, NULL);
}

static gboolean
act (Tree *tree, const Trial *trial)
{
  return trial->act == ACT_APPLY ? act_apply (tree, trial->kind) : act_undo (tree, trial->kind);
}

static void
settle (Tree *tree)
{
  g_autoptr (GError) error = NULL;

  faults_set (FAULT_NONE, 0, 0);
  fatia_changes_recover (tree->root, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* The host but for the journal. */
static char *
look (Tree *tree)
{
  return tree_snapshot (tree, JOURNAL);
}

/* A host before the act: plain for an apply, with the change applied for an undo. */
static void
prepare (Tree *tree, const Trial *trial)
{
  make_host (tree, trial->kind);
  if (trial->act == ACT_UNDO)
    g_assert_true (act_apply (tree, trial->kind));
}

static void
measure (Trial *trial)
{
  Tree tree;

  prepare (&tree, trial);
  trial->before = look (&tree);
  faults_set (FAULT_NONE, 0, 0);
  g_assert_true (act (&tree, trial));
  trial->calls = faults_get_calls ();
  trial->tools = faults_get_tools ();
  trial->after = look (&tree);
  tree_tear_down (&tree, NULL);
  g_assert_cmpstr (trial->before, !=, trial->after);
}

/* After anything at all: the journal is settled, the step can be made, and undone to the byte. */
static void
assert_works (Tree *tree, const Trial *trial)
{
  const char *plain = trial->act == ACT_APPLY ? trial->before : trial->after;
  const char *made = trial->act == ACT_APPLY ? trial->after : trial->before;
  g_autoptr (GVariant) changes = fatia_changes_list (tree->root, NULL);
  g_autofree char *applied = NULL;
  g_autofree char *undone = NULL;

  g_assert_nonnull (changes);
  if (g_variant_n_children (changes) == 0)
    g_assert_true (act_apply (tree, trial->kind));
  else if (trial->act == ACT_APPLY)
    {
      applied = look (tree);
      g_assert_cmpstr (applied, ==, made);
    }
  g_assert_true (act_undo (tree, trial->kind));
  undone = look (tree);
  g_assert_cmpstr (undone, ==, plain);
  g_assert_false (fatia_host_root_exists (tree->root, JOURNAL));
}

static gboolean
is_of_tools (Fault fault)
{
  return fault == FAULT_TOOL || fault == FAULT_HALF || fault == FAULT_GONE;
}

/* What is not as it was before stands in the journal, also where it can't be put right now. */
static void
assert_known (Tree *tree, const Trial *trial)
{
  g_autoptr (GVariant) changes = NULL;
  g_autofree char *now = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&changes, g_variant_unref);
      g_clear_pointer (&now, g_free);
      changes = fatia_changes_list (tree->root, NULL);
      now = look (tree);
      g_assert_nonnull (changes);
      if (g_variant_n_children (changes) == 0)
        g_assert_cmpstr (now, ==, trial->act == ACT_APPLY ? trial->before : trial->after);
      /* Once more, as the next start does. */
      fatia_changes_recover (tree->root, NULL, NULL, NULL);
    }
}

/* The act fails and nothing has changed, or it works all the same. An undo that fails may be half
 * done, and is then still to be undone. */
static void
fail_at (const Trial *trial, guint at)
{
  g_autofree char *settled = NULL;
  gboolean done;
  Tree tree;

  prepare (&tree, trial);
  faults_set (trial->fault, at, trial->fault == FAULT_FULL ? ENOSPC : EIO);
  done = act (&tree, trial);
  if (is_of_tools (trial->fault))
    g_assert_false (done);
  /* A disk that is full stays it, and a computer that is being switched off runs no tool. */
  if (!done && (trial->fault == FAULT_FULL || trial->fault == FAULT_GONE))
    assert_known (&tree, trial);
  settle (&tree);
  settled = look (&tree);
  if (done || trial->act == ACT_APPLY)
    g_assert_cmpstr (settled, ==, done ? trial->after : trial->before);
  assert_works (&tree, trial);
  tree_tear_down (&tree, NULL);
}

/* Runs @work in a process of its own, which ends at the call @at. Whether it came that far. */
static gboolean
run_cut (Tree *tree, const Trial *trial, void (*work) (Tree *, const Trial *), guint at)
{
  int status;
  pid_t child = fork ();

  if (child == 0)
    {
      faults_set (trial->fault, at, 0);
      work (tree, trial);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status) == FAULT_EXIT;
}

static void
work_act (Tree *tree, const Trial *trial)
{
  act (tree, trial);
}

static void
work_recover (Tree *tree, const Trial *trial)
{
  fatia_changes_recover (tree->root, NULL, NULL, NULL);
}

static void
cut_at (const Trial *trial, guint at)
{
  g_autofree char *settled = NULL;
  Tree tree;

  prepare (&tree, trial);
  g_assert_true (run_cut (&tree, trial, work_act, at));
  settle (&tree);
  settled = look (&tree);
  if (!g_str_equal (settled, trial->before))
    g_assert_cmpstr (settled, ==, trial->after);
  assert_works (&tree, trial);
  tree_tear_down (&tree, NULL);
}

static void
test_fault (gconstpointer data)
{
  Trial trial = *(const Trial *) data;
  guint step;

  measure (&trial);
  if (is_of_tools (trial.fault))
    trial.calls = trial.tools;
  step = g_test_thorough () ? 1 : MAX (1, trial.calls / SAMPLE);
  for (guint at = 1; at <= trial.calls; at += step, n_tried++)
    if (trial.fault == FAULT_CUT || trial.fault == FAULT_TORN)
      cut_at (&trial, at);
    else
      fail_at (&trial, at);
  g_free (trial.before);
  g_free (trial.after);
}

/* The power goes again while the first cut is being settled. */
static void
test_twice (gconstpointer data)
{
  Trial trial = *(const Trial *) data;
  guint step;

  measure (&trial);
  step = g_test_thorough () ? 1 : MAX (1, trial.calls / SAMPLE);
  for (guint first = 1 + step / 2; first <= trial.calls; first += 1 + trial.calls / 6)
    for (guint second = 1;; second += step, n_tried++)
      {
        Tree tree;
        gboolean came;

        prepare (&tree, &trial);
        g_assert_true (run_cut (&tree, &trial, work_act, first));
        came = run_cut (&tree, &trial, work_recover, second);
        settle (&tree);
        assert_works (&tree, &trial);
        tree_tear_down (&tree, NULL);
        if (!came)
          break;
      }
  g_free (trial.before);
  g_free (trial.after);
}

static void
report (void)
{
  g_test_message ("%u hosts went through a fault", n_tried);
  g_assert_cmpuint (n_tried, >, 1000);
}

static void
add (const StepKind *kind, Act what, Fault fault, GTestDataFunc test, const char *name)
{
  g_autofree char *path =
    g_strdup_printf ("/faults/%s/%s/%s", kind->name, what == ACT_APPLY ? "apply" : "undo", name);
  Trial *trial = g_new0 (Trial, 1);

  trial->kind = kind;
  trial->act = what;
  trial->fault = fault;
  g_test_add_data_func_full (path, trial, test, g_free);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < n_step_kinds; i++)
    for (Act what = ACT_APPLY; what <= ACT_UNDO; what++)
      {
        const StepKind *kind = &step_kinds[i];

        add (kind, what, FAULT_ONCE, test_fault, "once");
        add (kind, what, FAULT_FULL, test_fault, "disk-full");
        add (kind, what, FAULT_TOOL, test_fault, "tool");
        add (kind, what, FAULT_HALF, test_fault, "tool-half");
        add (kind, what, FAULT_GONE, test_fault, "tools-from-then-on");
        add (kind, what, FAULT_CUT, test_fault, "power-cut");
        add (kind, what, FAULT_TORN, test_fault, "power-cut-after");
        add (kind, what, FAULT_CUT, test_twice, "power-cut-twice");
      }
  g_test_add_func ("/faults-in-all/count", report);
  return g_test_run ();
}
