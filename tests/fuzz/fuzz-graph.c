/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The graph against a simple one.
 *
 * The first byte is the number of nodes, and each of the next ones, up to a 0xff,
 * an edge: who waits, and for whom, which may be nobody there is. The rest says
 * which of the nodes that run is done next, and whether well.
 */

#include "fuzz.h"

#include <string.h>

#include <process-glib/pipelines/process-graph-private.h>

#define MAX_NODES 12
#define N_NAMES 16 /* those that are too many are missing */

typedef enum
{
  WAITING,
  STUCK,
  RUNNING,
  DONE,
  FAILED,
  SKIPPED,
} State;

typedef struct
{
  guint    n_nodes;
  char     names[N_NAMES][8];
  gboolean needs[MAX_NODES][N_NAMES];
  gboolean reaches[MAX_NODES][MAX_NODES]; /* through at least one edge */
  State    states[MAX_NODES];
} Model;

static gsize
read_edges (Model *self, const guint8 *data, gsize size)
{
  gsize i = 1;

  self->n_nodes = data[0] % MAX_NODES + 1;
  for (guint n = 0; n < N_NAMES; n++)
    g_snprintf (self->names[n], sizeof self->names[n], "<%u>", n);
  for (; i < size && data[i] != 0xff; i++)
    if (data[i] / 16u < self->n_nodes && data[i] / 16 != data[i] % 16)
      self->needs[data[i] / 16][data[i] % 16] = TRUE;
  return MIN (i + 1, size);
}

static void
find_ways (Model *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    memcpy (self->reaches[i], self->needs[i], sizeof self->reaches[i]);
  for (guint via = 0; via < self->n_nodes; via++)
    for (guint i = 0; i < self->n_nodes; i++)
      for (guint j = 0; j < self->n_nodes; j++)
        self->reaches[i][j] |= self->reaches[i][via] && self->reaches[via][j];
}

static gboolean
has_missing (Model *self, guint node)
{
  for (guint i = self->n_nodes; i < N_NAMES; i++)
    if (self->needs[node][i])
      return TRUE;
  return FALSE;
}

static gboolean
has_trouble (Model *self, guint node)
{
  return has_missing (self, node) || self->reaches[node][node];
}

static void
find_stuck (Model *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      gboolean stuck = has_trouble (self, i);

      for (guint j = 0; j < self->n_nodes; j++)
        stuck |= self->reaches[i][j] && has_trouble (self, j);
      self->states[i] = stuck ? STUCK : WAITING;
    }
}

static ProcessGraph *
make_graph (Model *self, const char **names, const char *(*after)[N_NAMES + 1],
            const char * const **vectors)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      guint n = 0;

      names[i] = self->names[i];
      for (guint j = 0; j < N_NAMES; j++)
        if (self->needs[i][j])
          after[i][n++] = self->names[j];
      vectors[i] = n > 0 ? after[i] : NULL;
    }
  return _process_graph_new (self->n_nodes, names, vectors);
}

/* What is next to each other in the message does wait so. */
static void
check_cycle (Model *self, const char *message, guint node)
{
  g_auto (GStrv) parts = g_strsplit (strstr (message, "cycle: ") + strlen ("cycle: "), " → ", -1);
  guint last = N_NAMES;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint next = N_NAMES;

      if (!g_str_equal (parts[i], "…"))
        next = (guint) g_ascii_strtoull (parts[i] + strlen ("“<"), NULL, 10);
      if (last != N_NAMES && next != N_NAMES)
        g_assert_true (self->needs[last][next]);
      if (next != N_NAMES)
        g_assert_true (self->reaches[node][next] && self->reaches[next][node]);
      last = next;
    }
  g_assert_cmpuint (last, ==, node);
}

static void
check_problem (Model *self, ProcessGraph *graph, guint node)
{
  g_autofree char *message = _process_graph_describe_problem (graph, node);

  g_assert_true ((message != NULL) == (self->states[node] == STUCK));
  if (message == NULL)
    return;
  g_assert_true ((strstr (message, " missing") != NULL) == has_missing (self, node));
  g_assert_true ((strstr (message, "cycle") != NULL) == self->reaches[node][node]);
  g_assert_true ((strstr (message, "cannot run") != NULL) == !has_trouble (self, node));
  if (self->reaches[node][node])
    check_cycle (self, message, node);
}

static gboolean
is_ready (Model *self, guint node)
{
  for (guint i = 0; i < self->n_nodes; i++)
    if (self->needs[node][i] && self->states[i] != DONE)
      return FALSE;
  return self->states[node] == WAITING;
}

static void
take_ready (Model *self, ProcessGraph *graph)
{
  guint node;

  while (_process_graph_take_ready (graph, &node))
    {
      g_assert_true (is_ready (self, node));
      self->states[node] = RUNNING;
    }
  for (guint i = 0; i < self->n_nodes; i++)
    g_assert_false (is_ready (self, i));
}

static void
take_skipped (Model *self, ProcessGraph *graph, guint failed)
{
  guint node, blamed;

  while (_process_graph_take_skipped (graph, &node, &blamed))
    {
      g_assert_cmpuint (blamed, ==, failed);
      g_assert_true (self->reaches[node][failed]);
      g_assert_cmpint (self->states[node], ==, WAITING);
      self->states[node] = SKIPPED;
    }
  for (guint i = 0; i < self->n_nodes; i++)
    g_assert_false (self->states[failed] == FAILED && self->reaches[i][failed] &&
                    self->states[i] == WAITING);
}

/* The n-th of those that run, counted round. */
static gboolean
choose (Model *self, guint n, guint *node)
{
  guint running[MAX_NODES], n_running = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    if (self->states[i] == RUNNING)
      running[n_running++] = i;
  if (n_running > 0)
    *node = running[n % n_running];
  return n_running > 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  Model model = { 0 };
  const char *names[MAX_NODES] = { NULL };
  const char *after[MAX_NODES][N_NAMES + 1] = { { NULL } };
  const char * const *vectors[MAX_NODES] = { NULL };
  g_autoptr (ProcessGraph) graph = NULL;
  gsize next;
  guint node;

  if (size == 0)
    return 0;
  next = read_edges (&model, data, size);
  find_ways (&model);
  find_stuck (&model);
  graph = make_graph (&model, names, after, vectors);
  for (guint i = 0; i < model.n_nodes; i++)
    check_problem (&model, graph, i);
  for (take_ready (&model, graph);; take_ready (&model, graph))
    {
      guint8 byte = next < size ? data[next++] : 0;

      if (!choose (&model, byte / 4u, &node))
        break;
      model.states[node] = byte % 4 == 3 ? FAILED : DONE;
      _process_graph_finish (graph, node, model.states[node] == DONE);
      take_skipped (&model, graph, node);
    }
  for (guint i = 0; i < model.n_nodes; i++)
    g_assert_true (model.states[i] != WAITING && model.states[i] != RUNNING);
  return 0;
}
