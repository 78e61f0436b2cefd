/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fatia-helper-call.h"

G_BEGIN_DECLS

GVariant *
fatia_helper_read_firmware (const FatiaHelperCall *call, GUnixFDList **fds, GError **error);

G_END_DECLS
