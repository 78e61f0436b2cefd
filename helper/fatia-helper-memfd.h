/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

GBytes *fatia_helper_memfd_read (GUnixFDList *fds, int handle, gsize limit, GError **error);

G_END_DECLS
