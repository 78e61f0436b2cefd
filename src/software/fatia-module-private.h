/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define FATIA_MODULE_NAME "i915-sriov-dkms"
