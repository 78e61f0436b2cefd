/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

G_BEGIN_DECLS

/* Our own element in a domain's <metadata>. */
#define FATIA_XML_NAMESPACE  "https://fatia.dev/domain/1"
#define FATIA_XML_PREFIX     "fatia"
#define FATIA_QEMU_NAMESPACE "http://libvirt.org/schemas/domain/qemu/1.0"

xmlDoc *fatia_xml_parse (const char *text, GError **error);
char *fatia_xml_to_string (xmlDoc *doc);
xmlNode *fatia_xml_add (xmlNode *parent, const char *name, ...) G_GNUC_NULL_TERMINATED;
xmlNode *fatia_xml_add_text (xmlNode *parent, const char *name, const char *text);
xmlNode *fatia_xml_find (xmlDoc *doc, const char *xpath);
char *fatia_xml_get (xmlDoc *doc, const char *xpath);
gboolean fatia_xml_has (xmlDoc *doc, const char *xpath);
void fatia_xml_remove (xmlDoc *doc, const char *xpath);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlXPathContext, xmlXPathFreeContext)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlXPathObject, xmlXPathFreeObject)

G_END_DECLS
