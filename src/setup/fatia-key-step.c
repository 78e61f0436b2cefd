/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fatia-steps.h"

#include <crypt.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "setup/fatia-step-private.h"

#define PASSWORD_MIN 8
#define PASSWORD_MAX 64

/**
 * FatiaKeyStep:
 *
 * The key of the graphics driver, which Secure Boot asks for: the firmware's helper (shim) is asked
 * to trust it, and asks at the next start, with a password chosen now. The password stays in this
 * process; its hash goes to the helper.
 */
struct _FatiaKeyStep
{
  FatiaStep parent_instance;
  char *hash; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (FatiaKeyStep, fatia_key_step, FATIA_TYPE_STEP)

static void
fatia_key_step_update (FatiaStep *step)
{
  const FatiaFacts *facts = fatia_step_get_facts (step);

  if (!fatia_advice_needs_module (facts) || facts->secure_boot != FATIA_YES ||
      facts->module_key_enrolled == FATIA_YES)
    fatia_step_set_state (step, FATIA_STEP_DONE, NULL);
  else if (facts->module_key_waiting == FATIA_YES)
    fatia_step_set_state (step, FATIA_STEP_RESTART,
                          _ ("The next start asks for the password on a blue screen: press a key "
                             "within ten seconds, choose “Enroll MOK”, “Continue”, “Yes”, type the "
                             "password, and choose “Reboot”."));
  else if (facts->module_key == NULL)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("The key is made when the driver is compiled: install the driver "
                             "first."));
  else if (facts->keys_waiting == FATIA_YES)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("Another key waits to be confirmed at the next start. Restart and "
                             "answer that question first."));
  else if (facts->mokutil == FATIA_NO)
    fatia_step_set_state (step, FATIA_STEP_BLOCKED,
                          _ ("mokutil, which asks for the key to be trusted, is not installed: "
                             "install the missing software first."));
  else
    fatia_step_set_state (step, FATIA_STEP_TODO, NULL);
}

static DexFuture *
fatia_key_step_plan (FatiaStep *step)
{
  FatiaKeyStep *self = FATIA_KEY_STEP (step);
  g_autoptr (FatiaPlan) plan = NULL;

  if (fatia_step_get_state (step) == FATIA_STEP_TODO && self->hash)
    return fatia_host_plan (fatia_step_get_host (step), "ModuleKey",
                            g_variant_new ("(s)", self->hash), -1);
  plan = fatia_plan_new (NULL);
  if (fatia_step_get_state (step) == FATIA_STEP_TODO)
    fatia_plan_add (plan, "advice", "mokutil",
                    _ ("Choose a password. The next start asks for it once, on a blue screen."),
                    "");
  return dex_future_new_take_object (g_steal_pointer (&plan));
}

static DexFuture *
fatia_key_step_apply (FatiaStep *step, FatiaPlan *plan)
{
  FatiaKeyStep *self = FATIA_KEY_STEP (step);

  if (fatia_plan_is_empty (plan))
    return dex_future_new_true ();
  if (!self->hash)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("Choose a password first"));
  return fatia_host_apply (fatia_step_get_host (step), "ModuleKey",
                           g_variant_new ("(s)", self->hash), -1, fatia_plan_get_digest (plan));
}

static void
fatia_key_step_finalize (GObject *object)
{
  g_free (FATIA_KEY_STEP (object)->hash);
  G_OBJECT_CLASS (fatia_key_step_parent_class)->finalize (object);
}

static void
fatia_key_step_class_init (FatiaKeyStepClass *klass)
{
  FatiaStepClass *step_class = FATIA_STEP_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fatia_key_step_finalize;
  step_class->id = "key";
  step_class->title = N_ ("Key for Secure Boot");
  step_class->skippable = TRUE;
  step_class->skipping_means =
    N_ ("While Secure Boot is on, the kernel does not load the driver without it.");
  step_class->change_step = "key";
  step_class->may_be_found = TRUE;
  step_class->update = fatia_key_step_update;
  step_class->plan = fatia_key_step_plan;
  step_class->apply = fatia_key_step_apply;
}

static void
fatia_key_step_init (FatiaKeyStep *self)
{
}

/**
 * fatia_key_password_check:
 * @password: what the person typed
 *
 * The blue screen has a keyboard of the United States: letters, digits and what else is on it in
 * the same places on most.
 *
 * Returns: whether it can be typed there
 */
gboolean
fatia_key_password_check (const char *password, GError **error)
{
  gsize length;

  g_return_val_if_fail (password != NULL, FALSE);

  length = strlen (password);
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (password[i]))
      {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             _ ("Only letters without accents and digits: the blue screen knows no "
                                "other keyboard than that of the United States."));
        return FALSE;
      }
  if (length >= PASSWORD_MIN && length <= PASSWORD_MAX)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("From %d to %d letters and digits."),
               PASSWORD_MIN, PASSWORD_MAX);
  return FALSE;
}

/**
 * fatia_key_step_set_password:
 * @password: (nullable): what the next start asks for; %NULL: none is chosen
 *
 * Keeps its hash (crypt(5), SHA-512), which is what mokutil takes.
 *
 * Returns: whether the password is one that can be typed then
 */
gboolean
fatia_key_step_set_password (FatiaKeyStep *self, const char *password, GError **error)
{
  struct crypt_data data = { 0 };
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  const char *hash;

  g_return_val_if_fail (FATIA_IS_KEY_STEP (self), FALSE);

  g_clear_pointer (&self->hash, g_free);
  if (password == NULL)
    return TRUE;
  if (!fatia_key_password_check (password, error))
    return FALSE;
  if (!crypt_gensalt_rn ("$6$", 0, NULL, 0, setting, sizeof setting) ||
      !(hash = crypt_r (password, setting, &data)) || !g_str_has_prefix (hash, "$6$"))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("This computer's libcrypt can't make the hash of a password."));
      return FALSE;
    }
  self->hash = g_strdup (hash);
  explicit_bzero (&data, sizeof data);
  return TRUE;
}
