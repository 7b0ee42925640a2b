/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/daemons/process-health-checks-private.h>

G_BEGIN_DECLS

/* How an answer is to be given; see RFC 9112. */
typedef struct
{
  guint8   minor;      /* of the version of the request */
  gboolean head_only;  /* without the body */
  gboolean close;      /* and then the connection ends */
  gboolean json;       /* the draft “Health Check Response Format for HTTP APIs” */
  gboolean verbose;    /* a line for each check */
} ProcessAnswerForm;

/* The value of a Date field, made once a second. */
typedef struct
{
  gint64 second;
  char   text[32];
} ProcessHttpDate;

/* Each appends one whole answer. */
void     _process_answer_status  (GString                 *out,
                                  ProcessHttpDate         *date,
                                  const ProcessAnswerForm *form,
                                  guint                    status);
void     _process_answer_ready   (GString                 *out,
                                  ProcessHttpDate         *date,
                                  const ProcessAnswerForm *form,
                                  gboolean                 ready);
/* @inquiry is NULL when there are no checks. */
void     _process_answer_health  (GString                 *out,
                                  ProcessHttpDate         *date,
                                  const ProcessAnswerForm *form,
                                  ProcessInquiry          *inquiry,
                                  gboolean                 ready);

G_END_DECLS
