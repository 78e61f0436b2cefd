/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Under Secure Boot the kernel loads only modules whose key it trusts. DKMS signs with a key it
 * made itself; mokutil asks shim to take its certificate among the owner's keys (MOK), and shim's
 * MokManager asks the person at the next start, who shows by a password chosen now that it is the
 * same one. The password's hash (crypt(3), "$6$") goes to mokutil by its standard input: it is in
 * no argument list, no file and no journal. Sources: mokutil(1), shim's MokVars.txt.
 */
#include "software/fatia-module-key.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "change/fatia-command.h"
#include "host/fatia-facts.h"
#include "software/fatia-install-errors.h"

/* SHA-512 of crypt(5): a salt of up to 16 characters, 86 of the hash. */
#define HASH_PATTERN "^\\$6\\$[./A-Za-z0-9]{8,16}\\$[./A-Za-z0-9]{86}$"

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_REFUSED, message);
  return FALSE;
}

static gboolean
check_host (FatiaHostRoot *root, const FatiaFacts *facts, GError **error)
{
  if (facts->secure_boot != FATIA_YES)
    return refuse (error, _ ("Secure Boot is not on: the kernel loads the driver without a key."));
  if (facts->module_key == NULL)
    return refuse (error, _ ("There is no key yet: DKMS makes it when it compiles the driver. "
                             "Install the driver first."));
  if (facts->module_key_waiting == FATIA_YES)
    return TRUE;
  if (facts->keys_waiting != FATIA_NO)
    return refuse (error, _ ("Another key waits to be confirmed at the next start. Restart and "
                             "answer that question first."));
  return fatia_command_is_there (root, "mokutil", error);
}

static void
add_request (const FatiaFacts *facts, const char *hash, FatiaChangeSet *set)
{
  const char *import[] = { "mokutil",     "--import",   facts->module_key,
                           "--hash-file", "/dev/stdin", NULL };
  static const char *const revoke[] = { "mokutil", "--revoke-import", NULL };
  /* mokutil wants the end of the text in it. */
  g_autoptr (GBytes) input = g_bytes_new (hash, strlen (hash) + 1);

  fatia_change_set_add_command_pair (
    set, import, revoke,
    _ ("Ask for this computer's key to be trusted. At the next start a blue screen (“MOK "
       "management”) waits ten seconds: press a key there, choose “Enroll MOK”, “Continue”, “Yes”, "
       "type the password and choose “Reboot”. Undo takes the question back while it is not "
       "answered; afterwards “mokutil --delete” does."));
  fatia_change_set_feed_command (set, input);
  /* It writes one variable of the firmware. */
  fatia_change_set_trust_command (set);
  fatia_install_errors_explain_set (set, NULL);
}

/**
 * fatia_module_key_plan:
 * @hash: of the one-time password, by crypt(3) with SHA-512
 * @set: gets mokutil's command; none where the key is trusted, or waits for the next start
 *
 * Returns: whether it can be planned: %FATIA_CHANGE_ERROR_INVALID for what is no such hash,
 *   %FATIA_CHANGE_ERROR_REFUSED in words where there is no need or no key
 */
gboolean
fatia_module_key_plan (FatiaHostRoot *root, const char *hash, FatiaChangeSet *set, GError **error)
{
  g_autoptr (FatiaFacts) facts = NULL;

  g_return_val_if_fail (FATIA_IS_HOST_ROOT (root), FALSE);
  g_return_val_if_fail (FATIA_IS_CHANGE_SET (set), FALSE);

  if (!g_regex_match_simple (HASH_PATTERN, hash, G_REGEX_DOLLAR_ENDONLY, 0))
    {
      g_set_error_literal (error, FATIA_CHANGE_ERROR, FATIA_CHANGE_ERROR_INVALID,
                           _ ("This is not the hash of a password."));
      return FALSE;
    }
  facts = fatia_facts_read (root);
  if (!check_host (root, facts, error))
    return FALSE;
  if (facts->module_key_enrolled != FATIA_YES && facts->module_key_waiting != FATIA_YES)
    add_request (facts, hash, set);
  return TRUE;
}
