/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of FatiaVirt share: the object with its list, and its calls. */
#pragma once

#include "guest/fatia-virt-work.h"

G_BEGIN_DECLS

/* What is done to one domain, in a thread. */
typedef gboolean (*FatiaVirtWork) (virConnectPtr connection, const char *uuid, GError **error);

/* What a thread works on. */
typedef struct
{
  FatiaVirtLink *link;
  char *uuid;            /* (nullable) */
  FatiaDomainSpec *spec; /* (nullable) */
  FatiaVirtWork work;    /* (nullable) */
} FatiaVirtTask;

FatiaVirtTask *fatia_virt_task_new (FatiaVirt *self, FatiaDomain *domain);
void fatia_virt_task_free (gpointer data);

/* (transfer none): the domain of @record, which is new in the list where it was not known */
FatiaDomain *fatia_virt_take_record (FatiaVirt *self, const FatiaDomainRecord *record);

G_END_DECLS
