/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few words of libxml2 that this room speaks. */
#include "guest/fatia-xml.h"

#include <stdarg.h>
#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <libxml/parser.h>

/* More than any domain's definition has; what is longer is not read. */
#define LIMIT (4 * 1024 * 1024)

/**
 * fatia_xml_parse:
 * @text: a document, from libvirt
 *
 * Reads it without loading anything it refers to.
 *
 * Returns: (transfer full) (nullable): the document, or %NULL with %G_IO_ERROR_INVALID_DATA
 */
xmlDoc *
fatia_xml_parse (const char *text, GError **error)
{
  gsize length = strlen (text);
  xmlDoc *doc = NULL;

  if (length <= LIMIT)
    doc = xmlReadMemory (text, length, NULL, NULL,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                           XML_PARSE_NOBLANKS);
  if (doc != NULL && xmlDocGetRootElement (doc) != NULL)
    return doc;
  g_clear_pointer (&doc, xmlFreeDoc);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _ ("libvirt sent a description that is not well-formed XML"));
  return NULL;
}

/**
 * fatia_xml_to_string:
 *
 * Returns: (transfer full): the root element and what it holds, indented, without declaration
 */
char *
fatia_xml_to_string (xmlDoc *doc)
{
  xmlBuffer *buffer = xmlBufferCreate ();
  char *text;

  xmlNodeDump (buffer, doc, xmlDocGetRootElement (doc), 0, 1);
  text = g_strconcat ((const char *) xmlBufferContent (buffer), "\n", NULL);
  xmlBufferFree (buffer);
  return text;
}

/**
 * fatia_xml_add:
 * @...: pairs of an attribute's name and its value, then %NULL. A value of %NULL ends the list.
 *
 * Returns: (transfer none): the new last child
 */
xmlNode *
fatia_xml_add (xmlNode *parent, const char *name, ...)
{
  xmlNode *node = xmlNewChild (parent, NULL, BAD_CAST name, NULL);
  const char *attribute;
  va_list args;

  va_start (args, name);
  while ((attribute = va_arg (args, const char *)) != NULL)
    {
      const char *value = va_arg (args, const char *);

      if (value == NULL)
        break;
      xmlNewProp (node, BAD_CAST attribute, BAD_CAST value);
    }
  va_end (args);
  return node;
}

/**
 * fatia_xml_add_text:
 *
 * Returns: (transfer none): the new last child, whose content is @text
 */
xmlNode *
fatia_xml_add_text (xmlNode *parent, const char *name, const char *text)
{
  return xmlNewTextChild (parent, NULL, BAD_CAST name, BAD_CAST text);
}

static xmlXPathObject *
evaluate (xmlDoc *doc, const char *xpath)
{
  g_autoptr (xmlXPathContext) context = xmlXPathNewContext (doc);

  xmlXPathRegisterNs (context, BAD_CAST FATIA_XML_PREFIX, BAD_CAST FATIA_XML_NAMESPACE);
  xmlXPathRegisterNs (context, BAD_CAST "qemu", BAD_CAST FATIA_QEMU_NAMESPACE);
  return xmlXPathEvalExpression (BAD_CAST xpath, context);
}

/**
 * fatia_xml_find:
 * @xpath: an expression for nodes; `fatia:` and `qemu:` are bound
 *
 * Returns: (transfer none) (nullable): the first node
 */
xmlNode *
fatia_xml_find (xmlDoc *doc, const char *xpath)
{
  g_autoptr (xmlXPathObject) found = evaluate (doc, xpath);

  if (found == NULL || found->type != XPATH_NODESET || xmlXPathNodeSetIsEmpty (found->nodesetval))
    return NULL;
  return found->nodesetval->nodeTab[0];
}

/**
 * fatia_xml_get:
 *
 * Returns: (transfer full) (nullable): the text of the first node @xpath finds; %NULL where there
 *   is none or it is empty
 */
char *
fatia_xml_get (xmlDoc *doc, const char *xpath)
{
  xmlNode *node = fatia_xml_find (doc, xpath);
  xmlChar *content = node ? xmlNodeGetContent (node) : NULL;
  char *text = content && *content ? g_strdup ((const char *) content) : NULL;

  xmlFree (content);
  return text;
}

/**
 * fatia_xml_has:
 *
 * Returns: whether @xpath finds a node
 */
gboolean
fatia_xml_has (xmlDoc *doc, const char *xpath)
{
  return fatia_xml_find (doc, xpath) != NULL;
}

/**
 * fatia_xml_remove:
 *
 * Removes every element or attribute @xpath finds.
 */
void
fatia_xml_remove (xmlDoc *doc, const char *xpath)
{
  xmlNode *node;

  while ((node = fatia_xml_find (doc, xpath)) != NULL)
    {
      if (node->type == XML_ATTRIBUTE_NODE)
        {
          xmlRemoveProp ((xmlAttr *) node);
          continue;
        }
      xmlUnlinkNode (node);
      xmlFreeNode (node);
    }
}
