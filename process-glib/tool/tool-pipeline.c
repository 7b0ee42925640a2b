/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-pipeline-private.h"

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How it works
 *
 * Two threads, as for the command run. The work thread runs the context of the service, shows what
 * goes on, and blocks where whoever reads that is slow. The main thread runs the default context
 * meanwhile, so that a signal stops the programs however long that takes; a second one kills them,
 * and gives a reader that takes nothing up by making `hurry_fd` readable.
 *
 * Everything is set up by the main thread before the work thread starts; `done` ends the main
 * thread's loop, and what comes after it has everything for itself.
 */
typedef struct
{
  const ToolPipelineArguments *arguments;
  GPtrArray                   *specs;       /* (owned) */
  ToolLook                     look;
  ToolOutput                   output;
  gboolean                     view_is_shown;
  int                          hurry_fd;    /* an eventfd */
  GCancellable                *cancellable; /* (owned) */
  GMainContext                *context;     /* (owned), of the service */
  ProcessService              *service;     /* (owned) */
  ProcessRunner               *runner;      /* (owned) */
  ToolView                    *view;        /* (owned) (nullable) */

  GAsyncResult                *result;      /* (owned) (nullable) */
  ProcessRunAllResult         *all;         /* (owned) (nullable) */
  GError                      *error;       /* (owned) (nullable) */

  int                          stopped_by;  /* the first signal, or 0 */

  int                          done;        /* (atomic) */
} Pipeline;

static void
pipeline_clear (Pipeline *self)
{
  g_clear_pointer (&self->view, tool_view_free);
  g_clear_object (&self->result);
  g_clear_object (&self->all);
  g_clear_error (&self->error);
  g_clear_object (&self->runner);
  g_clear_object (&self->service);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->specs, g_ptr_array_unref);
  close (self->hurry_fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pipeline, pipeline_clear)

static void
finished_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Pipeline *self = user_data;

  self->result = g_object_ref (result);
}

static void
run (Pipeline *self)
{
  ProcessRunSpec **specs = (ProcessRunSpec **) self->specs->pdata;
  gsize n_specs = self->specs->len;
  ToolPipelineMode mode = self->arguments->mode;

  if (mode == TOOL_PIPELINE_SEQUENTIAL)
    process_runner_run_sequential_async (self->runner, specs, n_specs, self->cancellable,
                                         finished_cb, self);
  else if (mode == TOOL_PIPELINE_PARALLEL)
    process_runner_run_parallel_async (self->runner, specs, n_specs, self->cancellable,
                                       finished_cb, self);
  else
    process_runner_run_all_async (self->runner, specs, n_specs, self->cancellable, finished_cb,
                                  self);

  while (self->result == NULL)
    g_main_context_iteration (self->context, TRUE);

  if (mode == TOOL_PIPELINE_SEQUENTIAL)
    self->all = process_runner_run_sequential_finish (self->runner, self->result, &self->error);
  else if (mode == TOOL_PIPELINE_PARALLEL)
    self->all = process_runner_run_parallel_finish (self->runner, self->result, &self->error);
  else
    self->all = process_runner_run_all_finish (self->runner, self->result, &self->error);
}

static void
show_results (Pipeline *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *json = NULL;

  if (self->arguments->json)
    {
      json = process_run_all_result_to_json (self->all);
      tool_append_escaped (text, json);
      g_string_append_c (text, '\n');
    }
  else
    {
      /* Elsewhere it was passed on already. */
      if (self->look.terminal)
        tool_append_failures (text, &self->look, self->all);
      else
        g_string_append_c (text, '\n');
      tool_append_table (text, &self->look, self->all);
    }

  tool_output_write (&self->output, text->str, text->len);
}

static gpointer
work (gpointer user_data)
{
  Pipeline *self = user_data;

  g_main_context_push_thread_default (self->context);
  if (!self->arguments->json)
    self->view = tool_view_new (self->runner, self->specs->len, &self->look, &self->output);
  run (self);
  if (self->view != NULL)
    tool_view_hide (self->view);
  if (self->all != NULL)
    show_results (self);
  g_main_context_pop_thread_default (self->context);

  g_atomic_int_set (&self->done, TRUE);
  g_main_context_wakeup (NULL);

  return NULL;
}

static void
signal_all (Pipeline *self,
            int       signum)
{
  g_autoptr (GPtrArray) running = process_service_running (self->service);

  for (guint i = 0; i < running->len; i++)
    process_managed_process_send_signal (running->pdata[i], signum, NULL);
}

/* Also what is left of the group of one that has ended. */
static void
kill_all (Pipeline *self)
{
  g_autoptr (GPtrArray) listed = process_service_list (self->service);

  for (guint i = 0; i < listed->len; i++)
    process_managed_process_kill (listed->pdata[i], NULL);
}

/* The programs are in groups of their own, and not stopped together with us. */
static void
stop_and_go_on (Pipeline *self)
{
  signal_all (self, SIGTSTP);
  /* What the shell says now goes below what we show, and we go on below that. */
  if (self->view_is_shown)
    (void) !write (STDOUT_FILENO, "\n", 1);
  raise (SIGSTOP);
  g_atomic_int_set (&self->output.displaced, TRUE);
  signal_all (self, SIGCONT);
}

static void
signal_cb (int      signum,
           gboolean from_terminal,
           gpointer user_data)
{
  Pipeline *self = user_data;

  if (signum == SIGTSTP)
    {
      stop_and_go_on (self);
    }
  else if (self->stopped_by == 0)
    {
      self->stopped_by = signum;
      g_cancellable_cancel (self->cancellable);
    }
  else
    {
      kill_all (self);
      eventfd_write (self->hurry_fd, 1);
    }
}

static void
set_up (Pipeline *self)
{
  self->hurry_fd = eventfd (0, EFD_CLOEXEC);
  self->cancellable = g_cancellable_new ();
  self->output.hurry_fd = self->hurry_fd;
  self->output.cancellable = self->cancellable;
  self->look = tool_look_get ();
  self->view_is_shown = self->look.terminal && !self->arguments->json;
  self->context = g_main_context_new ();

  g_main_context_push_thread_default (self->context);
  self->service = process_service_new ();
  self->runner = process_runner_new (self->service);
  process_runner_set_max_parallel (self->runner, self->arguments->jobs);
  g_main_context_pop_thread_default (self->context);
}

static int
get_exit_code (Pipeline *self)
{
  if (self->error != NULL)
    {
      tool_pipeline_print_error (self->arguments, self->error);
      return TOOL_PIPELINE_BAD_FILE;
    }
  if (tool_output_get_exit_code (&self->output) != 0)
    return tool_output_get_exit_code (&self->output);
  if (self->stopped_by != 0)
    return TOOL_EXIT_SIGNALED + self->stopped_by;

  return process_run_all_result_get_success (self->all) ? TOOL_PIPELINE_PASSED
                                                        : TOOL_PIPELINE_FAILED;
}

static int
run_pipeline (const ToolPipelineArguments *arguments,
              GPtrArray                   *specs)
{
  static const int signums[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
  g_auto (Pipeline) self = { .arguments = arguments, .specs = g_ptr_array_ref (specs) };
  GThread *thread = NULL;

  set_up (&self);
  tool_watch_signals (signums, G_N_ELEMENTS (signums), signal_cb, &self);

  thread = g_thread_new ("work", work, &self);
  while (!g_atomic_int_get (&self.done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);

  return get_exit_code (&self);
}

/* A run that is cancelled before it begins tells whether the names are in order. */
static int
print_order (const ToolPipelineArguments *arguments,
             GPtrArray                   *specs)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunner) runner = process_runner_new (service);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ProcessRunAllResult) all = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  all = process_runner_run_parallel (runner, (ProcessRunSpec **) specs->pdata, specs->len,
                                     cancellable, &error);
  if (all != NULL)
    return tool_pipeline_print_order (specs, arguments->mode);

  tool_pipeline_print_error (arguments, error);

  return TOOL_PIPELINE_BAD_FILE;
}

int
tool_pipeline (int    argc,
               char **argv)
{
  g_auto (ToolPipelineArguments) arguments = { 0 };
  g_autoptr (GPtrArray) specs = NULL;
  g_autoptr (GError) error = NULL;

  if (!tool_pipeline_arguments_parse (&arguments, argc, argv, &error))
    {
      tool_fail_usage ("pipeline", error);
      return TOOL_PIPELINE_BAD_FILE;
    }
  if (arguments.help)
    {
      g_print ("%s", arguments.help_text);
      return tool_finish_printing ();
    }

  specs = tool_pipeline_load (&arguments, &error);
  if (specs == NULL)
    {
      tool_print_error ("%s", error->message);
      return TOOL_PIPELINE_BAD_FILE;
    }

  return arguments.dry_run ? print_order (&arguments, specs) : run_pipeline (&arguments, specs);
}
