/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guest/fatia-domain-spec.h"
#include "guest/fatia-xml.h"

G_BEGIN_DECLS

xmlDoc *fatia_domain_xml_new (const FatiaDomainSpec *spec);
void fatia_domain_xml_add_devices (xmlNode *domain, const FatiaDomainSpec *spec);

G_END_DECLS
