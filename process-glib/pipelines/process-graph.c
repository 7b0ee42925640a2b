/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-graph-private.h"

#define NOT_A_NODE G_MAXUINT

/* How many names of a cycle, or of what is missing, a message spells out: with all of them, the
 * messages about one long cycle would be longer together than any memory. */
#define MAX_NAMES 8

/* How it works
 *
 * Edges are kept twice, from each node to those it waits for (`needs`) and to
 * those that wait for it (`wanted_by`).
 *
 * What can never run is found first. Taking nodes off that wait for nothing
 * leaves the stuck ones. Of these, some name a missing node; some are on a
 * cycle, which is what a strongly connected component of more than one node
 * means (Tarjan's algorithm, with a stack of its own); the others wait for one
 * of these. `causes` leads from each to a node that it waits for: inside its
 * component for one on a cycle, so that following it walks round a cycle.
 *
 * The others go from WAITING to READY when nothing is left in `n_pending`, or
 * to SKIPPED with the node to blame in `causes`. Each enters one of the two
 * queues once, so that both are arrays as long as there are nodes.
 */

typedef enum
{
  NODE_WAITING,
  NODE_READY,
  NODE_SKIPPED,
  NODE_STUCK,
} NodeState;

enum
{
  PROBLEM_MISSING = 1 << 0,
  PROBLEM_IN_CYCLE = 1 << 1,
  PROBLEM_CAUSES_CIRCLE = 1 << 2, /* following `causes` comes back to this very node */
};

/* The neighbours of node n are nodes[starts[n]] to nodes[starts[n + 1] - 1]. */
typedef struct
{
  guint *starts;
  guint *nodes;
} Edges;

/* Every node enters once. */
typedef struct
{
  guint *nodes;
  guint  head;
  guint  tail;
} Queue;

struct _ProcessGraph
{
  guint                       n_nodes;
  const char * const         *names; /* (unowned) (nullable) */
  const char * const * const *after; /* (unowned) (nullable) */
  GHashTable                 *index; /* (nullable) name → node */

  Edges   needs;
  Edges   wanted_by;
  guint  *n_pending;
  guint  *causes;
  guint8 *states;   /* NodeState */
  guint8 *problems; /* PROBLEM_* */

  Queue ready;
  Queue skipped;
};

static void
push (Queue *queue,
      guint  node)
{
  queue->nodes[queue->tail++] = node;
}

static gboolean
take (Queue *queue,
      guint *node)
{
  if (queue->head == queue->tail)
    return FALSE;

  *node = queue->nodes[queue->head++];

  return TRUE;
}

static guint
find_node (ProcessGraph *self,
           const char   *name)
{
  gpointer value = NULL;

  if (!g_hash_table_lookup_extended (self->index, name, NULL, &value))
    return NOT_A_NODE;

  return GPOINTER_TO_UINT (value);
}

static const char * const *
get_after (ProcessGraph *self,
           guint         node)
{
  static const char * const nothing[] = { NULL };

  return self->after[node] != NULL ? self->after[node] : nothing;
}

/* Fills `needs` from the names, and marks what names a missing node. */
static void
resolve_names (ProcessGraph *self)
{
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (guint));

  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint node = 0; node < self->n_nodes; node++)
    g_hash_table_insert (self->index, (gpointer) self->names[node], GUINT_TO_POINTER (node));

  for (guint node = 0; node < self->n_nodes; node++)
    {
      const char * const *after = get_after (self, node);

      self->needs.starts[node] = nodes->len;
      for (guint i = 0; after[i] != NULL; i++)
        {
          guint needed = find_node (self, after[i]);

          if (needed == NOT_A_NODE)
            self->problems[node] |= PROBLEM_MISSING;
          else
            g_array_append_val (nodes, needed);
        }
    }

  self->needs.starts[self->n_nodes] = nodes->len;
  self->needs.nodes = (guint *) (void *) g_array_free (g_steal_pointer (&nodes), FALSE);
}

/* Turns every edge of `needs` round, and counts them. */
static void
reverse_edges (ProcessGraph *self)
{
  guint n_edges = self->needs.starts[self->n_nodes];
  g_autofree guint *ends = g_new0 (guint, self->n_nodes);
  guint start = 0;

  for (guint i = 0; i < n_edges; i++)
    ends[self->needs.nodes[i]]++;

  for (guint node = 0; node < self->n_nodes; node++)
    {
      self->wanted_by.starts[node] = start;
      start += ends[node];
      ends[node] = self->wanted_by.starts[node];
    }

  self->wanted_by.starts[self->n_nodes] = start;
  self->wanted_by.nodes = g_new (guint, n_edges);
  for (guint node = 0; node < self->n_nodes; node++)
    {
      self->n_pending[node] = self->needs.starts[node + 1] - self->needs.starts[node];
      for (guint i = self->needs.starts[node]; i < self->needs.starts[node + 1]; i++)
        self->wanted_by.nodes[ends[self->needs.nodes[i]]++] = node;
    }
}

/* Marks what is left when all that can run has run. The queue is only borrowed for it. */
static gboolean
mark_stuck (ProcessGraph *self)
{
  g_autofree guint *n_pending = g_memdup2 (self->n_pending, sizeof (guint) * self->n_nodes);
  Queue *queue = &self->ready;
  gboolean any = FALSE;
  guint node = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    {
      if (self->problems[i] & PROBLEM_MISSING)
        n_pending[i]++;
      if (n_pending[i] == 0)
        push (queue, i);
    }

  while (take (queue, &node))
    for (guint i = self->wanted_by.starts[node]; i < self->wanted_by.starts[node + 1]; i++)
      if (--n_pending[self->wanted_by.nodes[i]] == 0)
        push (queue, self->wanted_by.nodes[i]);

  queue->head = queue->tail = 0;
  for (guint i = 0; i < self->n_nodes; i++)
    if (n_pending[i] > 0)
      {
        self->states[i] = NODE_STUCK;
        any = TRUE;
      }

  return any;
}

typedef struct
{
  ProcessGraph *graph;
  guint         n_visited;
  guint        *orders;     /* 0 = not visited yet, else when */
  guint        *lows;       /* the earliest visit that can be reached from here */
  guint        *next_edges;
  guint        *parents;    /* where the search came from */
  guint        *open;       /* visited, component not known yet */
  guint         n_open;
  guint        *components; /* 0 = open or not visited */
  guint         n_components;
} Search;

static void
visit (Search *search,
       guint   node,
       guint   parent)
{
  search->orders[node] = search->lows[node] = ++search->n_visited;
  search->next_edges[node] = search->graph->needs.starts[node];
  search->parents[node] = parent;
  search->open[search->n_open++] = node;
}

/* Takes @node's component off the open nodes; more than one of them are on cycles. */
static void
close_component (Search *search,
                 guint   node)
{
  gboolean in_cycle = search->open[search->n_open - 1] != node;
  guint member = NOT_A_NODE;

  search->n_components++;
  do
    {
      member = search->open[--search->n_open];
      search->components[member] = search->n_components;
      if (in_cycle)
        search->graph->problems[member] |= PROBLEM_IN_CYCLE;
    }
  while (member != node);
}

/* Goes one edge on from @node, or back from it; returns where the search is then. */
static guint
step (Search *search,
      guint   node)
{
  ProcessGraph *self = search->graph;
  guint parent = search->parents[node];

  if (search->next_edges[node] < self->needs.starts[node + 1])
    {
      guint needed = self->needs.nodes[search->next_edges[node]++];

      if (self->states[needed] != NODE_STUCK || search->components[needed] != 0)
        return node;

      if (search->orders[needed] == 0)
        {
          visit (search, needed, node);
          return needed;
        }

      search->lows[node] = MIN (search->lows[node], search->orders[needed]);
      return node;
    }

  if (search->lows[node] == search->orders[node])
    close_component (search, node);
  if (parent != NOT_A_NODE)
    search->lows[parent] = MIN (search->lows[parent], search->lows[node]);

  return parent;
}

/* Points every node of a cycle at one that it waits for in its own component. */
static void
choose_causes (ProcessGraph *self,
               const guint  *components)
{
  for (guint node = 0; node < self->n_nodes; node++)
    {
      guint i = self->needs.starts[node];

      if ((self->problems[node] & PROBLEM_IN_CYCLE) == 0)
        continue;

      while (components[self->needs.nodes[i]] != components[node])
        i++;
      self->causes[node] = self->needs.nodes[i];
    }
}

static void
find_cycles (ProcessGraph *self)
{
  g_autofree guint *orders = g_new0 (guint, self->n_nodes);
  g_autofree guint *lows = g_new (guint, self->n_nodes);
  g_autofree guint *next_edges = g_new (guint, self->n_nodes);
  g_autofree guint *parents = g_new (guint, self->n_nodes);
  g_autofree guint *open = g_new (guint, self->n_nodes);
  g_autofree guint *components = g_new0 (guint, self->n_nodes);
  Search search = { .graph = self, .orders = orders, .lows = lows, .next_edges = next_edges,
                    .parents = parents, .open = open, .components = components };

  for (guint root = 0; root < self->n_nodes; root++)
    {
      guint node = root;

      if (self->states[root] != NODE_STUCK || orders[root] != 0)
        continue;

      visit (&search, root, NOT_A_NODE);
      while (node != NOT_A_NODE)
        node = step (&search, node);
    }

  choose_causes (self, components);
}

/* Marks the nodes whose causes lead back to them, so that a message can walk round. */
static void
mark_circles (ProcessGraph *self)
{
  g_autofree guint *walks = g_new0 (guint, self->n_nodes);

  for (guint start = 0; start < self->n_nodes; start++)
    {
      guint node = start;

      if ((self->problems[start] & PROBLEM_IN_CYCLE) == 0)
        continue;

      while (walks[node] == 0)
        {
          walks[node] = start + 1;
          node = self->causes[node];
        }

      if (walks[node] != start + 1)
        continue;

      while ((self->problems[node] & PROBLEM_CAUSES_CIRCLE) == 0)
        {
          self->problems[node] |= PROBLEM_CAUSES_CIRCLE;
          node = self->causes[node];
        }
    }
}

/* Gives those that only wait for a stuck node the one that is nearest to the trouble. */
static void
spread_causes (ProcessGraph *self)
{
  Queue *queue = &self->ready;
  guint node = 0;

  for (guint i = 0; i < self->n_nodes; i++)
    if (self->problems[i] != 0)
      push (queue, i);

  while (take (queue, &node))
    for (guint i = self->wanted_by.starts[node]; i < self->wanted_by.starts[node + 1]; i++)
      {
        guint waiting = self->wanted_by.nodes[i];

        if (self->problems[waiting] == 0 && self->causes[waiting] == NOT_A_NODE)
          {
            self->causes[waiting] = node;
            push (queue, waiting);
          }
      }

  queue->head = queue->tail = 0;
}

static void
queue_first (ProcessGraph *self)
{
  for (guint node = 0; node < self->n_nodes; node++)
    if (self->states[node] == NODE_WAITING && self->n_pending[node] == 0)
      {
        self->states[node] = NODE_READY;
        push (&self->ready, node);
      }
}

static ProcessGraph *
allocate (guint n_nodes)
{
  ProcessGraph *self = g_new0 (ProcessGraph, 1);

  self->n_nodes = n_nodes;
  self->needs.starts = g_new0 (guint, (gsize) n_nodes + 1);
  self->wanted_by.starts = g_new0 (guint, (gsize) n_nodes + 1);
  self->n_pending = g_new0 (guint, n_nodes);
  self->causes = g_new (guint, n_nodes);
  self->states = g_new0 (guint8, n_nodes);
  self->problems = g_new0 (guint8, n_nodes);
  self->ready.nodes = g_new (guint, n_nodes);
  self->skipped.nodes = g_new (guint, n_nodes);

  for (guint node = 0; node < n_nodes; node++)
    self->causes[node] = NOT_A_NODE;

  return self;
}

ProcessGraph *
_process_graph_new (guint                       n_nodes,
                    const char * const         *names,
                    const char * const * const *after)
{
  ProcessGraph *self = allocate (n_nodes);

  self->names = names;
  self->after = after;
  resolve_names (self);
  reverse_edges (self);

  if (mark_stuck (self))
    {
      find_cycles (self);
      mark_circles (self);
      spread_causes (self);
    }
  queue_first (self);

  return self;
}

ProcessGraph *
_process_graph_new_sequence (guint n_nodes)
{
  ProcessGraph *self = allocate (n_nodes);

  self->needs.nodes = g_new (guint, n_nodes);
  for (guint node = 1; node < n_nodes; node++)
    {
      self->needs.nodes[node - 1] = node - 1;
      self->needs.starts[node + 1] = node;
    }
  reverse_edges (self);
  queue_first (self);

  return self;
}

ProcessGraph *
_process_graph_new_independent (guint n_nodes)
{
  ProcessGraph *self = allocate (n_nodes);

  reverse_edges (self);
  queue_first (self);

  return self;
}

void
_process_graph_free (ProcessGraph *self)
{
  g_clear_pointer (&self->index, g_hash_table_unref);
  g_free (self->needs.starts);
  g_free (self->needs.nodes);
  g_free (self->wanted_by.starts);
  g_free (self->wanted_by.nodes);
  g_free (self->n_pending);
  g_free (self->causes);
  g_free (self->states);
  g_free (self->problems);
  g_free (self->ready.nodes);
  g_free (self->skipped.nodes);
  g_free (self);
}

static void
append_missing (ProcessGraph *self,
                guint         node,
                GString      *message)
{
  const char * const *after = get_after (self, node);
  guint n_missing = 0;

  for (guint i = 0; after[i] != NULL; i++)
    {
      if (find_node (self, after[i]) != NOT_A_NODE)
        continue;

      if (n_missing < MAX_NAMES)
        g_string_append_printf (message, "%s“%s”", n_missing == 0 ? " waits for " : ", ", after[i]);
      n_missing++;
    }

  if (n_missing > MAX_NAMES)
    g_string_append_printf (message, " and %u more", n_missing - MAX_NAMES);
  g_string_append (message, n_missing == 1 ? ", which is missing" : ", which are missing");
}

static void
append_cycle (ProcessGraph *self,
              guint         node,
              GString      *message)
{
  gboolean circle = (self->problems[node] & PROBLEM_CAUSES_CIRCLE) != 0;
  guint at = self->causes[node];
  guint n_names = 1;

  g_string_append_printf (message, " is on a dependency cycle: “%s”", self->names[node]);
  while (at != node && n_names < (circle ? MAX_NAMES : 2))
    {
      g_string_append_printf (message, " → “%s”", self->names[at]);
      at = self->causes[at];
      n_names++;
    }

  if (at != node)
    g_string_append (message, " → …");
  g_string_append_printf (message, " → “%s”", self->names[node]);
}

char *
_process_graph_describe_problem (ProcessGraph *self,
                                 guint         node)
{
  GString *message = NULL;

  if (self->states[node] != NODE_STUCK)
    return NULL;

  message = g_string_new (NULL);
  g_string_printf (message, "The spec “%s”", self->names[node]);
  if (self->problems[node] & PROBLEM_MISSING)
    append_missing (self, node, message);
  if ((self->problems[node] & PROBLEM_MISSING) && (self->problems[node] & PROBLEM_IN_CYCLE))
    g_string_append (message, ", and");
  if (self->problems[node] & PROBLEM_IN_CYCLE)
    append_cycle (self, node, message);
  if (self->problems[node] == 0)
    g_string_append_printf (message, " waits for “%s”, which cannot run",
                            self->names[self->causes[node]]);

  return g_string_free (message, FALSE);
}

gboolean
_process_graph_take_ready (ProcessGraph *self,
                           guint        *node)
{
  return take (&self->ready, node);
}

static void
skip_dependants (ProcessGraph *self,
                 guint         node,
                 guint         blamed)
{
  for (guint i = self->wanted_by.starts[node]; i < self->wanted_by.starts[node + 1]; i++)
    {
      guint waiting = self->wanted_by.nodes[i];

      if (self->states[waiting] != NODE_WAITING)
        continue;

      self->states[waiting] = NODE_SKIPPED;
      self->causes[waiting] = blamed;
      push (&self->skipped, waiting);
    }
}

void
_process_graph_finish (ProcessGraph *self,
                       guint         node,
                       gboolean      go_on)
{
  g_assert (self->states[node] == NODE_READY);

  if (!go_on)
    {
      guint first = self->skipped.tail;

      skip_dependants (self, node, node);
      while (first < self->skipped.tail)
        skip_dependants (self, self->skipped.nodes[first++], node);
      return;
    }

  for (guint i = self->wanted_by.starts[node]; i < self->wanted_by.starts[node + 1]; i++)
    {
      guint waiting = self->wanted_by.nodes[i];

      if (--self->n_pending[waiting] == 0 && self->states[waiting] == NODE_WAITING)
        {
          self->states[waiting] = NODE_READY;
          push (&self->ready, waiting);
        }
    }
}

gboolean
_process_graph_take_skipped (ProcessGraph *self,
                             guint        *node,
                             guint        *blamed)
{
  if (!take (&self->skipped, node))
    return FALSE;

  *blamed = self->causes[*node];

  return TRUE;
}
