/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice/fatia-practice.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "host/fatia-fd.h"
#include "practice/fatia-practice-data.h"
#include "practice/fatia-practice-folder.h"
#include "practice/fatia-practice-store.h"
#include "practice/fatia-private-libvirt.h"
#include "practice/fatia-tree.h"

#define DEFAULT_TREE            "radxa-x4"
#define GUEST_STOP_MILLISECONDS 1000

/**
 * FatiaPractice:
 *
 * A practice host's folder: `root`, the host tree; `practice.ini`, which says the folder is one
 * and of which tree; `images`, the VM's disks; `v`, libvirt's own.
 */
struct _FatiaPractice
{
  GObject parent_instance;
  char *folder;
  gboolean temporary;
  int lock; /* held as long as we use the folder */
  char *root;
  char *images;
  char *firmware_image;
  char *iso;
  char *glass_path;
  GSubprocess *guest;           /* (nullable) */
  FatiaPrivateLibvirt *libvirt; /* (nullable) */
  FatiaPracticeStore *store;    /* (nullable): where the test driver has to do */
  DexFuture *uri;               /* (nullable) */
};

G_DEFINE_FINAL_TYPE (FatiaPractice, fatia_practice, G_TYPE_OBJECT)

static void
fatia_practice_finalize (GObject *object)
{
  FatiaPractice *self = FATIA_PRACTICE (object);

  fatia_practice_close (self);
  g_free (self->folder);
  g_free (self->root);
  g_free (self->images);
  g_free (self->firmware_image);
  g_free (self->iso);
  g_free (self->glass_path);
  G_OBJECT_CLASS (fatia_practice_parent_class)->finalize (object);
}

static void
fatia_practice_class_init (FatiaPracticeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fatia_practice_finalize;
}

static void
fatia_practice_init (FatiaPractice *self)
{
  self->lock = -1;
}

/* QEMU keeps shared memory in /dev/shm; each folder has a file of its own there. */
static char *
choose_glass_path (const char *folder)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, folder, -1);

  return g_strdup_printf ("/dev/shm/fatia-practice-%.12s", digest);
}

/**
 * fatia_practice_new:
 * @tree: (nullable): of fatia_practice_list_trees(); %NULL: a Radxa X4, or what @folder holds
 * @folder: (nullable): where; %NULL: a temporary folder that goes with fatia_practice_close()
 *
 * Returns: (transfer full) (nullable): a practice host, or %NULL where there is no such tree,
 *   @folder holds something else or is in use (%G_IO_ERROR, in words)
 */
FatiaPractice *
fatia_practice_new (const char *tree, const char *folder, GError **error)
{
  g_autoptr (FatiaPractice) self = g_object_new (FATIA_TYPE_PRACTICE, NULL);

  self->temporary = folder == NULL;
  if (folder != NULL)
    self->folder = g_canonicalize_filename (folder, NULL);
  else
    self->folder = g_dir_make_tmp ("fatia-XXXXXX", error);
  if (self->folder == NULL)
    return NULL;
  self->root = g_build_filename (self->folder, "root", NULL);
  self->images = g_build_filename (self->folder, "images", NULL);
  self->lock = fatia_practice_folder_open (self->folder, tree, error);
  if (self->lock < 0)
    {
      if (self->temporary)
        fatia_tree_remove (self->folder, NULL);
      return NULL;
    }
  self->firmware_image = fatia_practice_data_find ("practice-firmware.bin");
  self->iso = fatia_practice_data_find ("practice-windows.iso");
  self->glass_path = choose_glass_path (self->folder);
  return g_steal_pointer (&self);
}

/**
 * fatia_practice_get_folder:
 *
 * Returns: (transfer none): the folder nothing leaves
 */
const char *
fatia_practice_get_folder (FatiaPractice *self)
{
  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);
  return self->folder;
}

/**
 * fatia_practice_get_root:
 *
 * Returns: (transfer none): the host tree's path, for fatia_host_root_new()
 */
const char *
fatia_practice_get_root (FatiaPractice *self)
{
  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);
  return self->root;
}

/**
 * fatia_practice_get_firmware_image:
 *
 * Returns: (transfer none): the path of a firmware image of our own making, to try with
 */
const char *
fatia_practice_get_firmware_image (FatiaPractice *self)
{
  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);
  return self->firmware_image;
}

/**
 * fatia_practice_get_iso:
 *
 * Returns: (transfer none): the path of an image that stands in for Windows
 */
const char *
fatia_practice_get_iso (FatiaPractice *self)
{
  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);
  return self->iso;
}

/**
 * fatia_practice_make_driver_file:
 * @release: of i915-sriov-dkms
 *
 * Returns: (transfer full) (nullable): the path of a file that stands in for the release's, which
 *   the tools of a practice tree know
 */
char *
fatia_practice_make_driver_file (FatiaPractice *self, const char *release, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);
  g_return_val_if_fail (release != NULL, NULL);

  name = g_strdup_printf ("i915-sriov-dkms-%s.practice", release);
  path = g_build_filename (self->folder, name, NULL);
  text = g_strdup_printf ("i915-sriov-dkms %s\n", release);
  return g_file_set_contents (path, text, -1, error) ? g_steal_pointer (&path) : NULL;
}

/**
 * fatia_practice_get_glass_path:
 *
 * Returns: (transfer none): the file that is the Looking Glass memory of this practice host
 */
const char *
fatia_practice_get_glass_path (FatiaPractice *self)
{
  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);
  return self->glass_path;
}

static void
replace (char **place, char *text)
{
  g_free (*place);
  *place = text;
}

/**
 * fatia_practice_adapt_spec:
 * @spec: a VM for the host the tree plays; changed in place
 *
 * Makes of it one that runs here: emulated, its disk and its memory in what belongs to practice,
 * no device passed through.
 */
void
fatia_practice_adapt_spec (FatiaPractice *self, FatiaDomainSpec *spec)
{
  g_autofree char *name = NULL;

  g_return_if_fail (FATIA_IS_PRACTICE (self));
  g_return_if_fail (spec != NULL);

  name = g_strdup_printf ("%s.qcow2", spec->name ? spec->name : "disk");
  replace (&spec->disk, g_build_filename (self->images, g_strdelimit (name, "/", '-'), NULL));
  replace (&spec->glass_path, g_strdup (self->glass_path));
  spec->tcg = TRUE;
}

/* Without QEMU, or a daemon that starts: libvirt's test driver. */
static DexFuture *
use_test_driver (DexFuture *future, gpointer data)
{
  GWeakRef *weak = data;
  g_autoptr (FatiaPractice) self = g_weak_ref_get (weak);
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;

  dex_future_get_value (future, &error);
  if (self == NULL || self->lock < 0)
    return dex_ref (future);
  g_message (_ ("Practice uses libvirt’s test driver: %s"), error->message);
  folder = g_build_filename (self->folder, "domains", NULL);
  self->store = fatia_practice_store_open (folder, self->glass_path);
  return dex_future_new_for_string (FATIA_PRACTICE_STORE_URI);
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* (transfer full): what becomes the private daemon's URI, or an error */
static DexFuture *
start_daemon (FatiaPractice *self)
{
  g_autofree char *qemu = fatia_private_libvirt_find ("qemu-system-x86_64");
  GError *error = NULL;

  if (qemu == NULL)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("QEMU is not installed"));
  if (g_mkdir_with_parents (self->images, 0700) < 0)
    return dex_future_new_for_errno (errno);
  self->libvirt = fatia_private_libvirt_start (self->folder, &error);
  return self->libvirt ? fatia_private_libvirt_get_uri (self->libvirt)
                       : dex_future_new_for_error (error);
}

/**
 * fatia_practice_start_libvirt:
 *
 * Starts the private daemon, once. Call it in the main thread: the daemon ends with the thread
 * that started it.
 *
 * Returns: (transfer full): a string: the URI for fatia_virt_new()
 */
DexFuture *
fatia_practice_start_libvirt (FatiaPractice *self)
{
  g_return_val_if_fail (FATIA_IS_PRACTICE (self), NULL);

  if (self->uri == NULL)
    {
      GWeakRef *weak = g_new (GWeakRef, 1);

      g_weak_ref_init (weak, self);
      self->uri = dex_future_catch (start_daemon (self), use_test_driver, weak, free_weak);
    }
  return dex_ref (self->uri);
}

static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

/**
 * fatia_practice_start_guest:
 * @width: pixels
 * @height: pixels
 *
 * Starts the process that writes fatia_practice_get_glass_path() as the Looking Glass host in
 * Windows would. One that runs already is replaced.
 */
gboolean
fatia_practice_start_guest (FatiaPractice *self, guint width, guint height, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autofree char *program = NULL;
  g_autofree char *size = NULL;

  g_return_val_if_fail (FATIA_IS_PRACTICE (self), FALSE);

  fatia_practice_stop_guest (self);
  program = fatia_practice_data_get_guest ();
  size = g_strdup_printf ("%ux%u", width, height);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  self->guest =
    g_subprocess_launcher_spawn (launcher, error, program, self->glass_path, "--size", size, NULL);
  return self->guest != NULL;
}

/**
 * fatia_practice_stop_guest:
 *
 * Ends it, where it runs; its last picture stays in the memory.
 */
void
fatia_practice_stop_guest (FatiaPractice *self)
{
  g_return_if_fail (FATIA_IS_PRACTICE (self));

  if (self->guest == NULL)
    return;
  g_subprocess_send_signal (self->guest, SIGTERM);
  for (guint i = 0; i < GUEST_STOP_MILLISECONDS && g_subprocess_get_identifier (self->guest); i++)
    g_usleep (1000);
  g_subprocess_force_exit (self->guest);
  g_clear_object (&self->guest);
}

/**
 * fatia_practice_close:
 *
 * Ends what was started, and removes a temporary folder with the shared memory. A folder that was
 * named stays and can be taken up again.
 */
void
fatia_practice_close (FatiaPractice *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (FATIA_IS_PRACTICE (self));

  fatia_practice_stop_guest (self);
  g_clear_pointer (&self->libvirt, fatia_private_libvirt_stop);
  g_clear_pointer (&self->store, fatia_practice_store_close);
  dex_clear (&self->uri);
  if (self->lock < 0)
    return;
  if (self->glass_path != NULL)
    g_unlink (self->glass_path);
  if (self->temporary && !fatia_tree_remove (self->folder, &error))
    g_message (_ ("The practice folder could not be removed: %s"), error->message);
  fatia_clear_fd (&self->lock);
}
