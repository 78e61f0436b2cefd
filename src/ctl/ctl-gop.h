/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "ctl/ctl-light.h"
#include "firmware/fatia-gop-findings.h"

G_BEGIN_DECLS

void ctl_gop_print_json (FatiaGopFindings *findings, FatiaBoardsVerdict verdict);
void ctl_gop_print (FatiaGopFindings *findings, FatiaBoardsVerdict verdict);
int ctl_firmware_print_tree (GBytes *image);

G_END_DECLS
