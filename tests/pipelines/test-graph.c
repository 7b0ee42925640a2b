/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "process-glib/pipelines/process-graph-private.h"

#include <stdio.h>
#include <string.h>

#define N_LARGE 100000
#define N_SMALL 9

/* A graph as a matrix, and what follows from it by the plain definitions. */
typedef struct
{
  guint     n_nodes;
  char     *names[N_SMALL];
  char    **after[N_SMALL];
  gboolean  needs[N_SMALL][N_SMALL];
  gboolean  reaches[N_SMALL][N_SMALL];
  gboolean  missing[N_SMALL];
  gboolean  stuck[N_SMALL];

  gboolean  taken[N_SMALL];
  gboolean  done[N_SMALL];
  gboolean  failed[N_SMALL];
  gboolean  skipped[N_SMALL];
} Reference;

static void
reference_close (Reference *self)
{
  memcpy (self->reaches, self->needs, sizeof self->needs);
  for (guint k = 0; k < self->n_nodes; k++)
    for (guint i = 0; i < self->n_nodes; i++)
      for (guint j = 0; j < self->n_nodes; j++)
        if (self->reaches[i][k] && self->reaches[k][j])
          self->reaches[i][j] = TRUE;

  for (guint i = 0; i < self->n_nodes; i++)
    for (guint j = 0; j < self->n_nodes; j++)
      if ((i == j || self->reaches[i][j]) && (self->missing[j] || self->reaches[j][j]))
        self->stuck[i] = TRUE;
}

static void
reference_init (Reference *self)
{
  int density = g_test_rand_int_range (1, 10);
  int missing = g_test_rand_int_range (0, 3);
  gboolean cycles = g_test_rand_int_range (0, 2);

  memset (self, 0, sizeof *self);
  self->n_nodes = g_test_rand_int_range (0, N_SMALL + 1);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_autoptr (GStrvBuilder) after = g_strv_builder_new ();

      self->names[i] = g_strdup_printf ("n%u", i);
      for (guint j = 0; j < self->n_nodes; j++)
        {
          if (j == i || (j > i && !cycles) || g_test_rand_int_range (0, 20) >= density)
            continue;
          self->needs[i][j] = TRUE;
          g_strv_builder_add (after, (const char *[]) { "n0", "n1", "n2", "n3", "n4", "n5", "n6",
                                                        "n7", "n8" }[j]);
        }
      if (g_test_rand_int_range (0, 20) < missing)
        {
          self->missing[i] = TRUE;
          g_strv_builder_add (after, "gone");
        }
      self->after[i] = g_strv_builder_end (after);
    }

  reference_close (self);
}

static void
reference_clear (Reference *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    {
      g_free (self->names[i]);
      g_strfreev (self->after[i]);
    }
}

/* Every arrow between two names must be an edge. */
static void
check_cycle (Reference  *reference,
             guint       node,
             const char *message)
{
  const char *text = strstr (message, "is on a dependency cycle: ");
  g_autofree char *quoted = g_strdup_printf ("“n%u”", node);
  g_auto (GStrv) steps = NULL;
  guint n_steps = 0;

  g_assert_nonnull (text);
  text += strlen ("is on a dependency cycle: ");
  g_assert_true (g_str_has_prefix (text, quoted));
  g_assert_true (g_str_has_suffix (text, quoted));

  steps = g_strsplit (text, " → ", -1);
  n_steps = g_strv_length (steps);
  g_assert_cmpuint (n_steps, >=, 3);
  for (guint i = 0; i + 1 < n_steps; i++)
    {
      guint from = 0;
      guint to = 0;

      if (sscanf (steps[i], "“n%u”", &from) == 1 && sscanf (steps[i + 1], "“n%u”", &to) == 1)
        g_assert_true (reference->needs[from][to]);
      else
        g_assert_true (g_str_equal (steps[i], "…") || g_str_equal (steps[i + 1], "…"));
    }
}

static void
check_problem (Reference    *reference,
               ProcessGraph *graph,
               guint         node)
{
  g_autofree char *message = _process_graph_describe_problem (graph, node);
  g_autofree char *quoted = g_strdup_printf ("The spec “n%u” ", node);
  guint cause = 0;

  if (!reference->stuck[node])
    {
      g_assert_null (message);
      return;
    }

  g_assert_nonnull (message);
  g_assert_true (g_str_has_prefix (message, quoted));
  g_assert_cmpint (strstr (message, "“gone”, which is missing") != NULL, ==,
                   reference->missing[node]);

  if (reference->reaches[node][node])
    {
      check_cycle (reference, node, message);
    }
  else if (!reference->missing[node])
    {
      const char *waits = strstr (message, " waits for “n");

      g_assert_nonnull (waits);
      g_assert_cmpint (sscanf (waits, " waits for “n%u”, which cannot run", &cause), ==, 1);
      g_assert_true (reference->needs[node][cause]);
      g_assert_true (reference->stuck[cause]);
    }
}

static gboolean
reference_is_ready (Reference *self,
                    guint      node)
{
  for (guint j = 0; j < self->n_nodes; j++)
    if (self->needs[node][j] && (!self->done[j] || self->failed[j]))
      return FALSE;

  return !self->stuck[node] && !self->skipped[node];
}

/* Takes all that is ready, and checks that it is exactly what should be. */
static void
take_all_ready (Reference    *reference,
                ProcessGraph *graph)
{
  guint node = 0;

  while (_process_graph_take_ready (graph, &node))
    {
      g_assert_false (reference->taken[node]);
      g_assert_true (reference_is_ready (reference, node));
      reference->taken[node] = TRUE;
    }

  for (guint i = 0; i < reference->n_nodes; i++)
    g_assert_cmpint (reference->taken[i], ==, reference_is_ready (reference, i));
}

static void
take_all_skipped (Reference    *reference,
                  ProcessGraph *graph,
                  guint         failed)
{
  guint node = 0;
  guint blamed = 0;

  while (_process_graph_take_skipped (graph, &node, &blamed))
    {
      g_assert_cmpuint (blamed, ==, failed);
      g_assert_true (reference->reaches[node][failed]);
      g_assert_false (reference->skipped[node]);
      reference->skipped[node] = TRUE;
    }

  for (guint i = 0; i < reference->n_nodes; i++)
    if (reference->failed[failed] && reference->reaches[i][failed] && !reference->stuck[i])
      g_assert_true (reference->skipped[i]);
}

static void
test_random (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr (ProcessGraph) graph = NULL;
      Reference reference;
      guint n_running = 0;

      reference_init (&reference);
      graph = _process_graph_new (reference.n_nodes, (const char * const *) reference.names,
                                  (const char * const * const *) reference.after);
      for (guint i = 0; i < reference.n_nodes; i++)
        check_problem (&reference, graph, i);

      for (;;)
        {
          guint node = 0;

          take_all_ready (&reference, graph);
          n_running = 0;
          for (guint i = 0; i < reference.n_nodes; i++)
            if (reference.taken[i] && !reference.done[i] &&
                (guint) g_test_rand_int_range (0, ++n_running) == 0)
              node = i;
          if (n_running == 0)
            break;

          reference.done[node] = TRUE;
          reference.failed[node] = g_test_rand_int_range (0, 5) == 0;
          _process_graph_finish (graph, node, !reference.failed[node]);
          take_all_skipped (&reference, graph, node);
        }

      for (guint i = 0; i < reference.n_nodes; i++)
        g_assert_cmpint (reference.done[i] + reference.skipped[i] + reference.stuck[i], ==, 1);
      reference_clear (&reference);
    }
}

/* Names and dependencies of many nodes; after[i] has one name, or none. */
typedef struct
{
  char       **names;
  const char ***after;
} Many;

static void
many_init (Many *self)
{
  self->names = g_new0 (char *, N_LARGE + 1);
  self->after = g_new0 (const char **, N_LARGE);
  for (guint i = 0; i < N_LARGE; i++)
    {
      self->names[i] = g_strdup_printf ("spec-%u", i);
      self->after[i] = g_new0 (const char *, 2);
    }
}

static void
many_clear (Many *self)
{
  for (guint i = 0; i < N_LARGE; i++)
    g_free (self->after[i]);
  g_free (self->after);
  g_strfreev (self->names);
}

static ProcessGraph *
many_build (Many *self)
{
  return _process_graph_new (N_LARGE, (const char * const *) self->names,
                             (const char * const * const *) self->after);
}

static void
check_chain (ProcessGraph *graph,
             guint         fails_at)
{
  guint node = 0;
  guint blamed = 0;
  guint n_done = 0;

  for (; _process_graph_take_ready (graph, &node); n_done++)
    {
      g_assert_cmpuint (node, ==, n_done);
      _process_graph_finish (graph, node, node != fails_at);
    }

  g_assert_cmpuint (n_done, ==, MIN (fails_at + 1, N_LARGE));
  for (; _process_graph_take_skipped (graph, &node, &blamed); n_done++)
    {
      g_assert_cmpuint (node, ==, n_done);
      g_assert_cmpuint (blamed, ==, fails_at);
    }
  g_assert_cmpuint (n_done, ==, N_LARGE);
}

static void
test_deep (void)
{
  Many many;

  many_init (&many);
  for (guint i = 1; i < N_LARGE; i++)
    many.after[i][0] = many.names[i - 1];

  for (guint fails_at = 0; fails_at <= N_LARGE; fails_at += N_LARGE / 2)
    {
      g_autoptr (ProcessGraph) graph = many_build (&many);
      g_autoptr (ProcessGraph) sequence = _process_graph_new_sequence (N_LARGE);

      check_chain (graph, fails_at);
      check_chain (sequence, fails_at);
    }
  many_clear (&many);
}

static void
test_wide (void)
{
  g_autoptr (ProcessGraph) graph = NULL;
  g_autoptr (ProcessGraph) independent = _process_graph_new_independent (N_LARGE);
  guint node = 0;
  Many many;

  many_init (&many);
  for (guint i = 1; i < N_LARGE; i++)
    many.after[i][0] = many.names[0];
  graph = many_build (&many);

  g_assert_true (_process_graph_take_ready (graph, &node));
  g_assert_cmpuint (node, ==, 0);
  g_assert_false (_process_graph_take_ready (graph, &node));
  _process_graph_finish (graph, 0, TRUE);
  for (guint i = 1; i < N_LARGE; i++)
    {
      g_assert_true (_process_graph_take_ready (graph, &node));
      g_assert_cmpuint (node, ==, i);
      _process_graph_finish (graph, node, FALSE);
    }
  g_assert_false (_process_graph_take_ready (graph, &node));

  for (guint i = 0; i < N_LARGE; i++)
    {
      g_assert_true (_process_graph_take_ready (independent, &node));
      g_assert_cmpuint (node, ==, i);
    }
  g_assert_false (_process_graph_take_ready (independent, &node));
  many_clear (&many);
}

/* The messages about a long cycle stay short. */
static void
test_large_cycle (void)
{
  g_autoptr (ProcessGraph) graph = NULL;
  g_autofree char *first = NULL;
  guint node = 0;
  Many many;

  many_init (&many);
  for (guint i = 0; i < N_LARGE; i++)
    many.after[i][0] = many.names[(i + 1) % N_LARGE];
  graph = many_build (&many);

  g_assert_false (_process_graph_take_ready (graph, &node));
  first = _process_graph_describe_problem (graph, 0);
  g_assert_cmpstr (first, ==,
                   "The spec “spec-0” is on a dependency cycle: “spec-0” → “spec-1” → “spec-2” → "
                   "“spec-3” → “spec-4” → “spec-5” → “spec-6” → “spec-7” → … → “spec-0”");
  for (guint i = 0; i < N_LARGE; i++)
    {
      g_autofree char *message = _process_graph_describe_problem (graph, i);

      g_assert_cmpuint (strlen (message), <, 300);
    }
  many_clear (&many);
}

/* A hundred thousand wait, one behind the other, for one that is missing. */
static void
test_large_stuck (void)
{
  g_autoptr (ProcessGraph) graph = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  guint node = 0;
  Many many;

  many_init (&many);
  many.after[0][0] = "nowhere";
  for (guint i = 1; i < N_LARGE; i++)
    many.after[i][0] = many.names[i - 1];
  graph = many_build (&many);

  g_assert_false (_process_graph_take_ready (graph, &node));
  first = _process_graph_describe_problem (graph, 0);
  g_assert_cmpstr (first, ==, "The spec “spec-0” waits for “nowhere”, which is missing");
  last = _process_graph_describe_problem (graph, N_LARGE - 1);
  g_assert_cmpstr (last, ==, "The spec “spec-99999” waits for “spec-99998”, which cannot run");
  many_clear (&many);
}

static void
test_messages (void)
{
  const char *names[] = { "a", "b", "c", "d" };
  const char *a[] = { "x", "b", "y", NULL };
  const char *b[] = { "a", NULL };
  const char *d[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", NULL };
  const char * const *after[] = { a, b, NULL, d };
  g_autoptr (ProcessGraph) graph = _process_graph_new (4, names, after);
  g_autofree char *of_a = _process_graph_describe_problem (graph, 0);
  g_autofree char *of_b = _process_graph_describe_problem (graph, 1);
  g_autofree char *of_d = _process_graph_describe_problem (graph, 3);
  guint node = 0;

  g_assert_cmpstr (of_a, ==, "The spec “a” waits for “x”, “y”, which are missing, and is on a "
                             "dependency cycle: “a” → “b” → “a”");
  g_assert_cmpstr (of_b, ==, "The spec “b” is on a dependency cycle: “b” → “a” → “b”");
  g_assert_cmpstr (of_d, ==, "The spec “d” waits for “1”, “2”, “3”, “4”, “5”, “6”, “7”, “8” and 2 "
                             "more, which are missing");
  g_assert_null (_process_graph_describe_problem (graph, 2));
  g_assert_true (_process_graph_take_ready (graph, &node));
  g_assert_cmpuint (node, ==, 2);
  g_assert_false (_process_graph_take_ready (graph, &node));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/graph/random", test_random);
  g_test_add_func ("/graph/deep", test_deep);
  g_test_add_func ("/graph/wide", test_wide);
  g_test_add_func ("/graph/large-cycle", test_large_cycle);
  g_test_add_func ("/graph/large-stuck", test_large_stuck);
  g_test_add_func ("/graph/messages", test_messages);

  return g_test_run ();
}
