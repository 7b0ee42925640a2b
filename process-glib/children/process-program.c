/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-program.h"

#include <string.h>

#include <process-glib/children/process-service.h>
#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

/**
 * ProcessProgram:
 *
 * A program by its name, to be found and run to its end.
 *
 * This is the short way for programs that print an answer and end:
 *
 * ```c
 * g_autoptr (ProcessProgram) git = process_program_new ("git");
 * const char *args[] = { "describe", "--always", NULL };
 * g_autofree char *version = process_program_run (git, args, NULL, &error);
 * ```
 *
 * The program reads nothing from standard input. What it prints to standard
 * output and standard error comes back as one text, in the order in which it
 * was printed, without the white space at its end. When the run fails, that
 * text is still to be had from [property@Process.Program:last-output]. For
 * anything more, use a [class@Process.Service].
 *
 * It may run in several threads at once, and each run has its own process.
 * `notify` is emitted in the thread that made the blocking call, or where the
 * asynchronous one completes. The object keeps no process and no thread.
 *
 * Guide: [Running programs](running-programs.html).
 */

struct _ProcessProgram
{
  GObject parent_instance;

  char *name;        /* (owned) (nullable), never changes */

  GMutex lock;       /* guards what follows */
  char *path;        /* (owned) (nullable) */
  char *last_output; /* (owned) (nullable) */
};

typedef enum
{
  PROP_NAME = 1,
  PROP_PATH,
  PROP_LAST_OUTPUT,
} ProcessProgramProperty;

#define N_PROPERTIES (PROP_LAST_OUTPUT + 1)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessProgram, process_program, G_TYPE_OBJECT)

/* More than g_unichar_isspace () knows, and so all that Unicode calls white space. */
static gboolean
is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == '\v' || c == 0x85;
}

static char *
trim_end (char *text)
{
  char *end = text + strlen (text);

  while (end > text)
    {
      char *last = g_utf8_prev_char (end);

      if (!is_space (g_utf8_get_char (last)))
        break;

      end = last;
    }

  *end = '\0';

  return text;
}

/* Takes the value. */
static void
set_string (ProcessProgram          *self,
            ProcessProgramProperty   property,
            char                   **field,
            char                    *value)
{
  gboolean changed;

  g_mutex_lock (&self->lock);
  changed = g_strcmp0 (*field, value) != 0;
  if (changed)
    {
      char *old = *field;

      *field = value;
      value = old;
    }
  g_mutex_unlock (&self->lock);

  g_free (value);
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static char *
dup_string (ProcessProgram  *self,
            char           **field)
{
  char *copy;

  g_mutex_lock (&self->lock);
  copy = g_strdup (*field);
  g_mutex_unlock (&self->lock);

  return copy;
}

static ProcessRunOptions *
make_options (ProcessProgram     *self,
              const char         *cwd,
              const char * const *args)
{
  g_autofree char *path = dup_string (self, &self->path);
  ProcessRunOptions *options = process_run_options_new (path != NULL ? path : self->name, args);

  process_run_options_set_cwd (options, cwd);
  process_run_options_set_merge_stderr (options, TRUE);

  return options;
}

/* Keeps what the run printed, and gives it back if it succeeded; takes the output. A run that
 * failed has left its process in the list of its service, unless nothing was started. */
static char *
end_run (ProcessProgram *self,
         ProcessService *service,
         char           *output)
{
  if (output == NULL)
    {
      g_autoptr (GPtrArray) processes = process_service_list (service);
      g_autofree char *failed = processes->len > 0
                                  ? process_managed_process_get_output (processes->pdata[0])
                                  : g_strdup ("");

      set_string (self, PROP_LAST_OUTPUT, &self->last_output,
                  g_strdup (trim_end (failed)));
      return NULL;
    }

  trim_end (output);
  set_string (self, PROP_LAST_OUTPUT, &self->last_output, g_strdup (output));

  return output;
}

static void
run_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  ProcessService *service = PROCESS_SERVICE (source);
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  char *output = process_service_run_with_options_finish (service, result, &error);

  output = end_run (g_task_get_source_object (task), service, output);
  if (output != NULL)
    g_task_return_pointer (task, output, g_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
start_run (ProcessProgram      *self,
           const char          *cwd,
           const char * const  *args,
           GCancellable        *cancellable,
           GAsyncReadyCallback  callback,
           gpointer             user_data,
           gpointer             source_tag)
{
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (ProcessRunOptions) options = make_options (self, cwd, args);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  /* The run knows best whether it was cancelled or had ended before. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_object_ref (service), g_object_unref);

  process_service_run_with_options_async (service, options, cancellable, run_cb, task);
}

static char *
finish_run (ProcessProgram  *self,
            GAsyncResult    *result,
            gpointer         source_tag,
            GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
process_program_finalize (GObject *object)
{
  ProcessProgram *self = PROCESS_PROGRAM (object);

  g_free (self->name);
  g_free (self->path);
  g_free (self->last_output);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (process_program_parent_class)->finalize (object);
}

static void
process_program_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  ProcessProgram *self = PROCESS_PROGRAM (object);

  switch ((ProcessProgramProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_PATH:
      g_value_take_string (value, dup_string (self, &self->path));
      break;
    case PROP_LAST_OUTPUT:
      g_value_take_string (value, dup_string (self, &self->last_output));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_program_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  ProcessProgram *self = PROCESS_PROGRAM (object);

  switch ((ProcessProgramProperty) prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_PATH:
    case PROP_LAST_OUTPUT:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_program_class_init (ProcessProgramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = process_program_finalize;
  object_class->get_property = process_program_get_property;
  object_class->set_property = process_program_set_property;

  /**
   * ProcessProgram:name: (type filename)
   *
   * The name of the program, as it is typed in a shell, or a path with a slash.
   */
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL,
                         flags | G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY);

  /**
   * ProcessProgram:path: (type filename)
   *
   * The absolute path that [method@Process.Program.find] found, or %NULL.
   */
  properties[PROP_PATH] =
    g_param_spec_string ("path", NULL, NULL, NULL, flags | G_PARAM_READABLE);

  /**
   * ProcessProgram:last-output:
   *
   * What the last run that ended printed, without the white space at its end, also when that run
   * failed; %NULL before the first.
   */
  properties[PROP_LAST_OUTPUT] =
    g_param_spec_string ("last-output", NULL, NULL, NULL, flags | G_PARAM_READABLE);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_program_init (ProcessProgram *self)
{
  g_mutex_init (&self->lock);
}

/**
 * process_program_new:
 * @name: (type filename) (nullable): the name of a program, or a path with a slash
 *
 * Creates a program; whether there is such a one is not looked at yet.
 *
 * Returns: (transfer full): a new program
 */
ProcessProgram *
process_program_new (const char *name)
{
  return g_object_new (PROCESS_TYPE_PROGRAM, "name", name, NULL);
}

/**
 * process_program_get_name:
 * @self: a program
 *
 * Gets the name of the program.
 *
 * Returns: (type filename) (nullable): the name
 */
const char *
process_program_get_name (ProcessProgram *self)
{
  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), NULL);

  return self->name;
}

/**
 * process_program_get_path:
 * @self: a program
 *
 * Gets the path that was found.
 *
 * The string is valid until [method@Process.Program.find] is called again, in
 * whatever thread; reading the property gives a copy.
 *
 * Returns: (type filename) (nullable): an absolute path, or %NULL
 */
const char *
process_program_get_path (ProcessProgram *self)
{
  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), NULL);

  return self->path;
}

/**
 * process_program_get_last_output:
 * @self: a program
 *
 * Gets what the last run that ended printed, also when that run failed.
 *
 * The string is valid until another run ends, in whatever thread; reading the
 * property gives a copy.
 *
 * Returns: (nullable): the output without the white space at its end, or %NULL
 *   before the first run
 */
const char *
process_program_get_last_output (ProcessProgram *self)
{
  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), NULL);

  return self->last_output;
}

/**
 * process_program_find:
 * @self: a program
 * @error: return location for an error
 *
 * Looks the program up, and keeps its path for later runs.
 *
 * A name without a slash is looked up in the absolute folders of `PATH`; one
 * with a slash must be an executable file as it is, relative to the working
 * directory. A call that fails forgets the path found before. Without it,
 * running looks the name up each time.
 *
 * It fails with %PROCESS_ERROR_PROGRAM_NOT_FOUND when there is no such
 * program, and with %PROCESS_ERROR_INVALID_ARGUMENT when the name is empty.
 *
 * Returns: %TRUE if it was found
 */
gboolean
process_program_find (ProcessProgram  *self,
                      GError         **error)
{
  g_autofree char *path = NULL;
  gboolean found;

  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), FALSE);

  if (self->name == NULL || self->name[0] == '\0')
    {
      g_set_error_literal (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
                           "The program has no name");
      return FALSE;
    }

  path = _process_find_program (self->name, g_getenv ("PATH"));
  found = path != NULL;
  set_string (self, PROP_PATH, &self->path, g_steal_pointer (&path));

  if (!found)
    {
      g_autofree char *name = _process_make_valid (self->name, -1);

      g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND,
                   "There is no program “%s”", name);
    }

  return found;
}

/**
 * process_program_run:
 * @self: a program
 * @args: (array zero-terminated=1) (element-type filename) (nullable): arguments, without the
 *   program's own name
 * @cancellable: (nullable): a cancellable, which ends the program
 * @error: return location for an error
 *
 * Runs the program in the working directory of this one, and waits for its end.
 *
 * This is [method@Process.Program.run_dir] without a folder.
 *
 * Returns: (transfer full): what it printed, without the white space at its end
 */
char *
process_program_run (ProcessProgram      *self,
                     const char * const  *args,
                     GCancellable        *cancellable,
                     GError             **error)
{
  return process_program_run_dir (self, NULL, args, cancellable, error);
}

/**
 * process_program_run_async:
 * @self: a program
 * @args: (array zero-terminated=1) (element-type filename) (nullable): arguments, without the
 *   program's own name
 * @cancellable: (nullable): a cancellable, which ends the program
 * @callback: (scope async) (closure user_data): called when it has ended
 * @user_data: data for @callback
 *
 * Runs the program in the working directory of this one.
 *
 * This is [method@Process.Program.run_dir_async] without a folder.
 */
void
process_program_run_async (ProcessProgram      *self,
                           const char * const  *args,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (PROCESS_IS_PROGRAM (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  start_run (self, NULL, args, cancellable, callback, user_data, process_program_run_async);
}

/**
 * process_program_run_finish:
 * @self: a program
 * @result: what the callback got
 * @error: return location for an error
 *
 * Gets the outcome of [method@Process.Program.run_async].
 *
 * Its errors are those of [method@Process.Program.run_dir].
 *
 * Returns: (transfer full): what it printed, without the white space at its end
 */
char *
process_program_run_finish (ProcessProgram  *self,
                            GAsyncResult    *result,
                            GError         **error)
{
  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), NULL);

  return finish_run (self, result, process_program_run_async, error);
}

/**
 * process_program_run_dir:
 * @self: a program
 * @cwd: (type filename) (nullable): the working directory, or %NULL for that of this program
 * @args: (array zero-terminated=1) (element-type filename) (nullable): arguments, without the
 *   program's own name
 * @cancellable: (nullable): a cancellable, which ends the program
 * @error: return location for an error
 *
 * Runs the program in a folder, and waits for its end.
 *
 * What was found by [method@Process.Program.find] is run, else what the name
 * stands for at the moment. Whatever the outcome, the output is in
 * [property@Process.Program:last-output] afterwards. Of more than 64 MiB only
 * the newest are kept.
 *
 * It fails with %PROCESS_ERROR_NON_ZERO_EXIT when the program ended with
 * another code than 0, with %PROCESS_ERROR_KILLED when a signal ended it, with
 * %G_IO_ERROR_CANCELLED when @cancellable did, and with
 * %PROCESS_ERROR_PROGRAM_NOT_FOUND or %PROCESS_ERROR_START_FAILED when it did
 * not start.
 *
 * Returns: (transfer full): what it printed, without the white space at its end
 */
char *
process_program_run_dir (ProcessProgram      *self,
                         const char          *cwd,
                         const char * const  *args,
                         GCancellable        *cancellable,
                         GError             **error)
{
  g_autoptr (GMainContext) context = NULL;
  g_autoptr (ProcessService) service = NULL;
  g_autoptr (ProcessRunOptions) options = NULL;
  char *output;

  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  /* In the default one, which others may be in, the end might never be told,
   * and the service be held for ever. */
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  service = process_service_new ();
  options = make_options (self, cwd, args);
  output = process_service_run_with_options (service, options, cancellable, error);
  g_main_context_pop_thread_default (context);

  return end_run (self, service, output);
}

/**
 * process_program_run_dir_async:
 * @self: a program
 * @cwd: (type filename) (nullable): the working directory, or %NULL for that of this program
 * @args: (array zero-terminated=1) (element-type filename) (nullable): arguments, without the
 *   program's own name
 * @cancellable: (nullable): a cancellable, which ends the program
 * @callback: (scope async) (closure user_data): called when it has ended
 * @user_data: data for @callback
 *
 * Runs the program in a folder, like [method@Process.Program.run_dir], without
 * waiting.
 */
void
process_program_run_dir_async (ProcessProgram      *self,
                               const char          *cwd,
                               const char * const  *args,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (PROCESS_IS_PROGRAM (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  start_run (self, cwd, args, cancellable, callback, user_data, process_program_run_dir_async);
}

/**
 * process_program_run_dir_finish:
 * @self: a program
 * @result: what the callback got
 * @error: return location for an error
 *
 * Gets the outcome of [method@Process.Program.run_dir_async].
 *
 * Its errors are those of [method@Process.Program.run_dir].
 *
 * Returns: (transfer full): what it printed, without the white space at its end
 */
char *
process_program_run_dir_finish (ProcessProgram  *self,
                                GAsyncResult    *result,
                                GError         **error)
{
  g_return_val_if_fail (PROCESS_IS_PROGRAM (self), NULL);

  return finish_run (self, result, process_program_run_dir_async, error);
}
