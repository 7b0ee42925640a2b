/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which of some nodes may go ahead, given which ones each waits for.
 *
 * It knows neither processes nor threads: nodes are numbered from 0 in the
 * order they were given, and whoever runs them tells when one is done. All of
 * it together takes time linear in the nodes and edges, and no recursion.
 */
typedef struct _ProcessGraph ProcessGraph;

/* Each node waits for those named in its vector; a NULL vector is empty. The names are non-empty
 * and unique, also within a vector, and no vector has its own node. All is borrowed and must
 * outlive the graph. */
ProcessGraph *_process_graph_new              (guint                       n_nodes,
                                               const char * const         *names,
                                               const char * const * const *after);

/* Each node waits for the one before it. */
ProcessGraph *_process_graph_new_sequence     (guint                       n_nodes);

/* No node waits. */
ProcessGraph *_process_graph_new_independent  (guint                       n_nodes);

void          _process_graph_free             (ProcessGraph               *self);

/* Why @node can never run, as a sentence, or NULL when it can. Only nodes without a problem are
 * ever ready or skipped. */
char         *_process_graph_describe_problem (ProcessGraph               *self,
                                               guint                       node);

/* Takes the next node that may run. */
gboolean      _process_graph_take_ready       (ProcessGraph               *self,
                                               guint                      *node);

/* A node that was taken is done. Either that lets those that wait for it go on, or they, and all
 * that wait for them, are skipped. */
void          _process_graph_finish           (ProcessGraph               *self,
                                               guint                       node,
                                               gboolean                    go_on);

/* Takes the next node that is skipped, with the finished one that is to blame. */
gboolean      _process_graph_take_skipped     (ProcessGraph               *self,
                                               guint                      *node,
                                               guint                      *blamed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProcessGraph, _process_graph_free)

G_END_DECLS
