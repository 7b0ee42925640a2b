/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <process-glib/process-glib.h>

/* A service with a runner, and an array of specs to fill. */
typedef struct
{
  ProcessService *service;
  ProcessRunner  *runner;
  GPtrArray      *specs;
  GString        *log; /* what the signals told, a word each */
} Fixture;

typedef enum
{
  RUN_ALL,
  RUN_SEQUENTIAL,
  RUN_PARALLEL,
} RunMode;

static inline void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->service = process_service_new ();
  self->runner = process_runner_new (self->service);
  self->specs = g_ptr_array_new_with_free_func (g_object_unref);
  self->log = g_string_new (NULL);
}

static inline void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_ptr_array_unref (self->specs);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (self->runner);
  g_assert_finalize_object (self->service);
  g_string_free (self->log, TRUE);
}

/* A spec that runs @script in a shell, after those in @after, which are separated by spaces. */
static inline ProcessRunSpec *
add_spec (Fixture    *self,
          const char *name,
          const char *after,
          const char *script)
{
  const char *args[] = { "-c", script, NULL };
  ProcessRunSpec *spec = process_run_spec_new (name, "sh", args);

  if (*after != '\0')
    {
      g_auto (GStrv) names = g_strsplit (after, " ", -1);

      process_run_spec_set_after (spec, (const char * const *) names);
    }
  g_ptr_array_add (self->specs, spec);

  return spec;
}

static inline ProcessRunAllResult *
try_run (Fixture       *self,
         RunMode        mode,
         GCancellable  *cancellable,
         GError       **error)
{
  ProcessRunSpec **specs = (ProcessRunSpec **) self->specs->pdata;
  gsize n = self->specs->len;

  if (mode == RUN_SEQUENTIAL)
    return process_runner_run_sequential (self->runner, specs, n, cancellable, error);
  if (mode == RUN_PARALLEL)
    return process_runner_run_parallel (self->runner, specs, n, cancellable, error);

  return process_runner_run_all (self->runner, specs, n, cancellable, error);
}

static inline ProcessRunAllResult *
run (Fixture      *self,
     RunMode       mode,
     GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  ProcessRunAllResult *result = try_run (self, mode, cancellable, &error);

  g_assert_no_error (error);
  g_assert_nonnull (result);

  return result;
}

static inline void
store_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  GAsyncResult **stored = user_data;

  *stored = g_object_ref (result);
  g_main_context_wakeup (NULL);
}

static inline ProcessRunAllResult *
run_async (Fixture      *self,
           RunMode       mode,
           GCancellable *cancellable)
{
  ProcessRunSpec **specs = (ProcessRunSpec **) self->specs->pdata;
  gsize n = self->specs->len;
  g_autoptr (GAsyncResult) stored = NULL;
  g_autoptr (GError) error = NULL;
  ProcessRunAllResult *result = NULL;

  if (mode == RUN_SEQUENTIAL)
    process_runner_run_sequential_async (self->runner, specs, n, cancellable, store_cb, &stored);
  else if (mode == RUN_PARALLEL)
    process_runner_run_parallel_async (self->runner, specs, n, cancellable, store_cb, &stored);
  else
    process_runner_run_all_async (self->runner, specs, n, cancellable, store_cb, &stored);

  while (stored == NULL)
    g_main_context_iteration (NULL, TRUE);

  if (mode == RUN_SEQUENTIAL)
    result = process_runner_run_sequential_finish (self->runner, stored, &error);
  else if (mode == RUN_PARALLEL)
    result = process_runner_run_parallel_finish (self->runner, stored, &error);
  else
    result = process_runner_run_all_finish (self->runner, stored, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);

  return result;
}

static inline ProcessRunResult *
get_result (ProcessRunAllResult *all,
            guint                position)
{
  g_autoptr (ProcessRunResult) result = g_list_model_get_item (G_LIST_MODEL (all), position);

  g_assert_nonnull (result);

  return result; /* @all keeps it */
}

static inline void
spec_started_cb (ProcessRunner         *runner,
                 ProcessRunSpec        *spec,
                 ProcessManagedProcess *process,
                 Fixture               *self)
{
  g_string_append_printf (self->log, "+%s ", process_run_spec_get_name (spec));
}

static inline void
spec_finished_cb (ProcessRunner    *runner,
                  ProcessRunResult *result,
                  Fixture          *self)
{
  g_string_append_printf (self->log, "%s%s ",
                          process_run_result_get_passed (result)    ? "-"
                          : process_run_result_get_skipped (result) ? "/"
                                                                    : "!",
                          process_run_result_get_name (result));
}

static inline void
log_signals (Fixture *self)
{
  g_signal_connect (self->runner, "spec-started", G_CALLBACK (spec_started_cb), self);
  g_signal_connect (self->runner, "spec-finished", G_CALLBACK (spec_finished_cb), self);
}
