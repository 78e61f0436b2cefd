/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "glass/fatia-glass-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "glass/fatia-glass-guard.h"

/* QEMU's smallest ivshmem memory. */
#define MINIMUM_SIZE (1024 * 1024)

/* The kvmfr module: the memory's size is what the call returns. */
#define KVMFR_GETSIZE 0x7544

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* as the guest, whose words we change */

struct _FatiaGlassMemory
{
  FatiaGlassGuard guard;
  char *path;
  dev_t device;
  ino_t inode;
  off_t file_size;
};

static void
set_open_error (GError **error, const char *path, int saved_errno)
{
  GIOErrorEnum code = g_io_error_from_errno (saved_errno);

  if (saved_errno == ENOENT)
    g_set_error (error, G_IO_ERROR, code,
                 _ ("There is no shared memory at %s. It comes with the virtual machine: start "
                    "it, or check that Looking Glass memory is part of it."),
                 path);
  else if (saved_errno == EACCES || saved_errno == EPERM)
    g_set_error (error, G_IO_ERROR, code,
                 _ ("You may not read and write %s. Let the setup give your user access to it, "
                    "then start the virtual machine again."),
                 path);
  else if (saved_errno == EISDIR)
    g_set_error (error, G_IO_ERROR, code,
                 _ ("%s is a folder, not the memory of a virtual machine. Choose its file."), path);
  else
    g_set_error (error, G_IO_ERROR, code, _ ("%s cannot be opened: %s"), path,
                 g_strerror (saved_errno));
}

/* Where the virtual machine started before the kvmfr module was there, QEMU made a plain file
 * in the device's place. */
static gboolean
is_misplaced (const char *path, const struct stat *info)
{
  return S_ISREG (info->st_mode) && g_str_has_prefix (path, "/dev/kvmfr");
}

/* The size of the memory, or 0 with @error set. */
static guint64
measure (const char *path, int fd, const struct stat *info, GError **error)
{
  guint64 size = info->st_size;

  if (is_misplaced (path, info))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _ ("%s is a plain file, not the kvmfr module's device. Stop the virtual "
                      "machine, delete the file, load the module and start it again."),
                   path);
      return 0;
    }
  if (S_ISCHR (info->st_mode))
    {
      int answer = ioctl (fd, KVMFR_GETSIZE, 0);

      size = answer > 0 ? answer : 0;
    }
  if (!(S_ISREG (info->st_mode) || S_ISCHR (info->st_mode)) || (S_ISCHR (info->st_mode) && !size))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("%s is not the memory of a virtual machine. Choose its file."), path);
  else if (size == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                 _ ("%s is empty. The virtual machine gives it its size: start it."), path);
  else if (size < MINIMUM_SIZE)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                 _ ("%s has only %lu bytes, too few for any picture. Give the "
                    "virtual machine's Looking Glass memory its proper size."),
                 path, (gulong) size);
  else
    return size;
  return 0;
}

/**
 * fatia_glass_memory_open:
 * @path: the file of an ivshmem device, or a kvmfr module's device
 * @error: return location for a #GError in the domain %G_IO_ERROR, its words for people
 *
 * Maps the whole memory, for reading and writing: a reader has to write itself into the queues.
 *
 * Returns: (transfer full) (nullable): the memory
 */
FatiaGlassMemory *
fatia_glass_memory_open (const char *path, GError **error)
{
  g_autoptr (FatiaGlassMemory) self = NULL;
  g_autofd int fd = -1;
  struct stat info;
  guint64 size;
  void *data;

  /* O_NONBLOCK: a pipe or a device in its place must not hold us. */
  fd = open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat (fd, &info) < 0)
    {
      set_open_error (error, path, errno);
      return NULL;
    }
  size = measure (path, fd, &info, error);
  if (size == 0)
    return NULL;
  data =
    size > G_MAXSIZE ? MAP_FAILED : mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED)
    {
      set_open_error (error, path, errno);
      return NULL;
    }
  self = g_new0 (FatiaGlassMemory, 1);
  self->path = g_strdup (path);
  self->device = info.st_dev;
  self->inode = info.st_ino;
  self->file_size = info.st_size;
  self->guard.data = data;
  self->guard.size = size;
  fatia_glass_guard_add (&self->guard);
  return g_steal_pointer (&self);
}

/**
 * fatia_glass_memory_free:
 * @self: (transfer full): the memory
 */
void
fatia_glass_memory_free (FatiaGlassMemory *self)
{
  fatia_glass_guard_remove (&self->guard);
  munmap (self->guard.data, self->guard.size);
  g_free (self->path);
  g_free (self);
}

/**
 * fatia_glass_memory_get_size:
 *
 * Returns: bytes
 */
guint64
fatia_glass_memory_get_size (FatiaGlassMemory *self)
{
  return self->guard.size;
}

/**
 * fatia_glass_memory_is_lost:
 *
 * Returns: whether the file was shortened while it was read; what was read since is zeros
 */
gboolean
fatia_glass_memory_is_lost (FatiaGlassMemory *self)
{
  return g_atomic_int_get (&self->guard.lost);
}

/**
 * fatia_glass_memory_is_current:
 *
 * Returns: whether the path still names the file that is mapped, with the same size
 */
gboolean
fatia_glass_memory_is_current (FatiaGlassMemory *self)
{
  struct stat info;

  return !fatia_glass_memory_is_lost (self) && stat (self->path, &info) == 0 &&
         info.st_dev == self->device && info.st_ino == self->inode &&
         info.st_size == self->file_size;
}

/**
 * fatia_glass_memory_contains:
 *
 * Returns: whether @size bytes from @offset are within the memory
 */
gboolean
fatia_glass_memory_contains (FatiaGlassMemory *self, guint64 offset, guint64 size)
{
  return offset <= self->guard.size && size <= self->guard.size - offset;
}

/* A word's address, or NULL. */
static gpointer
word (FatiaGlassMemory *self, guint64 offset, gsize size)
{
  if (offset % size != 0 || !fatia_glass_memory_contains (self, offset, size))
    return NULL;
  return self->guard.data + offset;
}

/**
 * fatia_glass_memory_copy:
 * @to: room for @size bytes
 *
 * Copies out of the memory. Whatever is judged must be the copy: the guest may change the
 * original in between.
 *
 * Returns: whether the bytes were within the memory
 */
gboolean
fatia_glass_memory_copy (FatiaGlassMemory *self, guint64 offset, gpointer to, gsize size)
{
  if (!fatia_glass_memory_contains (self, offset, size))
    return FALSE;
  memcpy (to, self->guard.data + offset, size);
  /* Later reads of the same place must not be merged into this one. */
  __atomic_signal_fence (__ATOMIC_SEQ_CST);
  return TRUE;
}

/**
 * fatia_glass_memory_write:
 *
 * Returns: whether the @size bytes from @offset were within the memory, and are written
 */
gboolean
fatia_glass_memory_write (FatiaGlassMemory *self, guint64 offset, gconstpointer from, gsize size)
{
  if (!fatia_glass_memory_contains (self, offset, size))
    return FALSE;
  memcpy (self->guard.data + offset, from, size);
  return TRUE;
}

/**
 * fatia_glass_memory_load32:
 */
guint32
fatia_glass_memory_load32 (FatiaGlassMemory *self, guint64 offset)
{
  guint32 *p = word (self, offset, sizeof *p);

  return p ? __atomic_load_n (p, __ATOMIC_ACQUIRE) : 0;
}

/**
 * fatia_glass_memory_load64:
 */
guint64
fatia_glass_memory_load64 (FatiaGlassMemory *self, guint64 offset)
{
  guint64 *p = word (self, offset, sizeof *p);

  return p ? __atomic_load_n (p, __ATOMIC_ACQUIRE) : 0;
}

/**
 * fatia_glass_memory_store32:
 */
void
fatia_glass_memory_store32 (FatiaGlassMemory *self, guint64 offset, guint32 value)
{
  guint32 *p = word (self, offset, sizeof *p);

  if (p)
    __atomic_store_n (p, value, __ATOMIC_RELEASE);
}

/**
 * fatia_glass_memory_store64:
 */
void
fatia_glass_memory_store64 (FatiaGlassMemory *self, guint64 offset, guint64 value)
{
  guint64 *p = word (self, offset, sizeof *p);

  if (p)
    __atomic_store_n (p, value, __ATOMIC_RELEASE);
}

/**
 * fatia_glass_memory_add32:
 *
 * Returns: the word as it was before
 */
guint32
fatia_glass_memory_add32 (FatiaGlassMemory *self, guint64 offset, guint32 value)
{
  guint32 *p = word (self, offset, sizeof *p);

  return p ? __atomic_fetch_add (p, value, __ATOMIC_ACQ_REL) : 0;
}

/**
 * fatia_glass_memory_and32:
 *
 * Returns: the word as it is now
 */
guint32
fatia_glass_memory_and32 (FatiaGlassMemory *self, guint64 offset, guint32 mask)
{
  guint32 *p = word (self, offset, sizeof *p);

  return p ? __atomic_and_fetch (p, mask, __ATOMIC_ACQ_REL) : 0;
}

/**
 * fatia_glass_memory_try_lock:
 * @n_bytes: 1: a byte, taken by exchange; 4: a word, taken by comparison with 0
 *
 * Returns: whether the lock is ours now
 */
gboolean
fatia_glass_memory_try_lock (FatiaGlassMemory *self, guint64 offset, guint n_bytes)
{
  gpointer p = word (self, offset, n_bytes);
  guint32 free_value = 0;

  if (p == NULL)
    return FALSE;
  if (n_bytes == 1)
    return __atomic_exchange_n ((guint8 *) p, 1, __ATOMIC_ACQ_REL) == 0;
  return __atomic_compare_exchange_n ((guint32 *) p, &free_value, 1, FALSE, __ATOMIC_ACQ_REL,
                                      __ATOMIC_ACQUIRE);
}

/**
 * fatia_glass_memory_unlock:
 */
void
fatia_glass_memory_unlock (FatiaGlassMemory *self, guint64 offset, guint n_bytes)
{
  gpointer p = word (self, offset, n_bytes);

  if (p != NULL && n_bytes == 1)
    __atomic_store_n ((guint8 *) p, 0, __ATOMIC_RELEASE);
  else if (p != NULL)
    __atomic_store_n ((guint32 *) p, 0, __ATOMIC_RELEASE);
}
