/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-managed-process-private.h"

#include <process-glib/children/process-info-private.h>
#include <process-glib/children/process-ring-buffer-private.h>
#include <process-glib/children/process-run-options-private.h>
#include <process-glib/children/process-service-private.h>
#include <process-glib/process-text-private.h>

/**
 * ProcessManagedProcess:
 *
 * A child process, from its start to its end and after.
 *
 * A [class@Process.Service] makes it. It emits
 * [signal@Process.ManagedProcess::started], then an
 * [signal@Process.ManagedProcess::output] for each line that the child prints,
 * then [signal@Process.ManagedProcess::killed] if a signal ended it, then
 * [signal@Process.ManagedProcess::exited]; the service emits the same signals
 * right after. None of them is emitted before the call that started the process
 * has returned.
 *
 * **The end really ends.** When the child has ended but a descendant of it
 * holds its output open, `exited` follows after 100 ms of silence, 1 s at most,
 * and [property@Process.ManagedProcess:lingering] is %TRUE. The survivor is not
 * disturbed: its output is read, and captured, until it closes it.
 *
 * **Memory is bounded.** A process keeps the newest `buffer-size` bytes of its
 * output, and at most 1 MiB that was not delivered yet. When a handler is slow,
 * the child waits.
 *
 * **Threads.** Signals and notifications are emitted in the service's main
 * context only. All methods can be called from any thread.
 *
 * **Ownership.** While it runs, and while the service's main context is there, a
 * process holds its service and is held itself. Afterwards it belongs to the
 * service's list and to whoever holds a reference.
 *
 * What it does not do: it does not start again, and it has no terminal.
 *
 * Guides: [Running programs](running-programs.html), [Output and input](output-and-input.html),
 * [Ending things](ending-things.html).
 */

typedef enum
{
  PROP_ID = 1,
  PROP_COMMAND,
  PROP_ARGS,
  PROP_CWD,
  PROP_ENV,
  PROP_STARTED_AT,
  PROP_STATUS,
  PROP_RUNNING,
  PROP_EXIT_CODE,
  PROP_EXIT_REASON,
  PROP_TERM_SIGNAL,
  PROP_DURATION,
  PROP_PID,
  PROP_OUTPUT_TRUNCATED,
  PROP_LINGERING,
} ProcessManagedProcessProperty;

static GParamSpec *properties[PROP_LINGERING + 1];

enum
{
  SIGNAL_STARTED,
  SIGNAL_OUTPUT,
  SIGNAL_LINES,
  SIGNAL_DATA,
  SIGNAL_KILLED,
  SIGNAL_EXITED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];
static GQuark stream_quarks[2];

G_DEFINE_ENUM_TYPE (ProcessStream, process_stream,
                    G_DEFINE_ENUM_VALUE (PROCESS_STREAM_STDOUT, "stdout"),
                    G_DEFINE_ENUM_VALUE (PROCESS_STREAM_STDERR, "stderr"))

G_DEFINE_FINAL_TYPE (ProcessManagedProcess, process_managed_process, G_TYPE_OBJECT)

static void
process_managed_process_get_property (GObject *object, guint prop_id, GValue *value,
                                      GParamSpec *pspec)
{
  ProcessManagedProcess *self = PROCESS_MANAGED_PROCESS (object);

  switch ((ProcessManagedProcessProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_COMMAND:
      g_value_set_string (value, self->command);
      break;
    case PROP_ARGS:
      g_value_set_boxed (value, self->args);
      break;
    case PROP_CWD:
      g_value_set_string (value, process_managed_process_get_cwd (self));
      break;
    case PROP_ENV:
      g_value_set_boxed (value, self->env);
      break;
    case PROP_STARTED_AT:
      g_value_set_boxed (value, self->started_at);
      break;
    case PROP_STATUS:
      g_value_set_enum (value, process_managed_process_get_status (self));
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, process_managed_process_get_running (self));
      break;
    case PROP_EXIT_CODE:
      g_value_set_int (value, process_managed_process_get_exit_code (self));
      break;
    case PROP_EXIT_REASON:
      g_value_set_enum (value, process_managed_process_get_exit_reason (self));
      break;
    case PROP_TERM_SIGNAL:
      g_value_set_int (value, process_managed_process_get_term_signal (self));
      break;
    case PROP_DURATION:
      g_value_set_int64 (value, process_managed_process_get_duration (self));
      break;
    case PROP_PID:
      g_value_set_int (value, process_managed_process_get_pid (self));
      break;
    case PROP_OUTPUT_TRUNCATED:
      g_value_set_boolean (value, process_managed_process_get_output_truncated (self));
      break;
    case PROP_LINGERING:
      g_value_set_boolean (value, process_managed_process_get_lingering (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_managed_process_dispose (GObject *object)
{
  _process_life_dispose (PROCESS_MANAGED_PROCESS (object));

  G_OBJECT_CLASS (process_managed_process_parent_class)->dispose (object);
}

static void
process_managed_process_finalize (GObject *object)
{
  ProcessManagedProcess *self = PROCESS_MANAGED_PROCESS (object);

  _process_output_discard (self);
  process_fd_clear (&self->pidfd);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->service);
  g_clear_object (&self->options);
  g_clear_error (&self->error);
  g_clear_pointer (&self->ring, process_ring_buffer_unref);
  g_clear_pointer (&self->started_at, g_date_time_unref);
  g_clear_pointer (&self->args, g_strfreev);
  g_clear_pointer (&self->env, g_strfreev);
  g_free (self->id);
  g_free (self->command);
  g_free (self->last_stderr);
  if (self->stderr_line != NULL)
    g_string_free (self->stderr_line, TRUE);
  _process_reactor_unref (self->reactor);

  G_OBJECT_CLASS (process_managed_process_parent_class)->finalize (object);
}

/* The signal of a line is emitted for each of millions. The line is lent, not
 * copied, and the call is made without a GValue or libffi. */
static void
marshal_output_va (GClosure *closure, GValue *return_value, gpointer instance, va_list args,
                   gpointer marshal_data, int n_params, GType *param_types)
{
  typedef void (*OutputFunc) (gpointer first, const char *line, int stream, gpointer last);
  GCClosure *c_closure = (GCClosure *) closure;
  OutputFunc func = (OutputFunc) (marshal_data != NULL ? marshal_data : c_closure->callback);
  const char *line;
  int stream;
  va_list copy;

  va_copy (copy, args);
  line = va_arg (copy, const char *);
  stream = va_arg (copy, int);
  va_end (copy);
  if (G_CCLOSURE_SWAP_DATA (closure))
    func (closure->data, line, stream, instance);
  else
    func (instance, line, stream, closure->data);
}

static GParamSpec *
install (ProcessManagedProcessProperty id, GParamSpec *pspec)
{
  return properties[id] = pspec;
}

static void
process_managed_process_class_init (ProcessManagedProcessClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = process_managed_process_get_property;
  object_class->dispose = process_managed_process_dispose;
  object_class->finalize = process_managed_process_finalize;
  stream_quarks[PROCESS_STREAM_STDOUT] = g_quark_from_static_string ("stdout");
  stream_quarks[PROCESS_STREAM_STDERR] = g_quark_from_static_string ("stderr");

  /**
   * ProcessManagedProcess:id: (getter get_id)
   *
   * What the service knows the process by; no two processes of a program have
   * the same.
   */
  install (PROP_ID, g_param_spec_string ("id", NULL, NULL, NULL, flags));
  /**
   * ProcessManagedProcess:command: (getter get_command)
   *
   * The program's name, as valid UTF-8.
   */
  install (PROP_COMMAND, g_param_spec_string ("command", NULL, NULL, NULL, flags));
  /**
   * ProcessManagedProcess:args: (getter get_args)
   *
   * The program's arguments, without its name, as valid UTF-8.
   */
  install (PROP_ARGS, g_param_spec_boxed ("args", NULL, NULL, G_TYPE_STRV, flags));
  /**
   * ProcessManagedProcess:cwd: (getter get_cwd) (type filename)
   *
   * The working directory, or %NULL for that of the program that started it.
   */
  install (PROP_CWD, g_param_spec_string ("cwd", NULL, NULL, NULL, flags));
  /**
   * ProcessManagedProcess:env: (getter get_env)
   *
   * The changes that were asked for in the environment, as valid UTF-8.
   */
  install (PROP_ENV, g_param_spec_boxed ("env", NULL, NULL, G_TYPE_STRV, flags));
  /**
   * ProcessManagedProcess:started-at: (getter get_started_at)
   *
   * When it was started, in UTC, to the microsecond.
   */
  install (PROP_STARTED_AT,
           g_param_spec_boxed ("started-at", NULL, NULL, G_TYPE_DATE_TIME, flags));
  /**
   * ProcessManagedProcess:status: (getter get_status)
   *
   * Where in its life the process is.
   */
  install (PROP_STATUS, g_param_spec_enum ("status", NULL, NULL, PROCESS_TYPE_STATUS,
                                           PROCESS_STATUS_PENDING, flags));
  /**
   * ProcessManagedProcess:running: (getter get_running)
   *
   * Whether it was started and has not ended.
   */
  install (PROP_RUNNING, g_param_spec_boolean ("running", NULL, NULL, FALSE, flags));
  /**
   * ProcessManagedProcess:exit-code: (getter get_exit_code)
   *
   * The exit code, 0 to 255; -1 until it is known, and when a signal ended the
   * process.
   */
  install (PROP_EXIT_CODE, g_param_spec_int ("exit-code", NULL, NULL, -1, 255, -1, flags));
  /**
   * ProcessManagedProcess:exit-reason: (getter get_exit_reason)
   *
   * Why it ended.
   */
  install (PROP_EXIT_REASON, g_param_spec_enum ("exit-reason", NULL, NULL,
                                                PROCESS_TYPE_EXIT_REASON,
                                                PROCESS_EXIT_REASON_NONE, flags));
  /**
   * ProcessManagedProcess:term-signal: (getter get_term_signal)
   *
   * The number of the signal that ended the process, or 0.
   */
  install (PROP_TERM_SIGNAL, g_param_spec_int ("term-signal", NULL, NULL, 0, 64, 0, flags));
  /**
   * ProcessManagedProcess:duration: (getter get_duration)
   *
   * How long it ran, in microseconds. It grows while the process runs, and is
   * notified once, at the end.
   */
  install (PROP_DURATION,
           g_param_spec_int64 ("duration", NULL, NULL, 0, G_MAXINT64, 0, flags));
  /**
   * ProcessManagedProcess:pid: (getter get_pid)
   *
   * The number of the child; 0 only when nothing was started. It is kept after
   * the end, when the system may have given it to another process.
   */
  install (PROP_PID, g_param_spec_int ("pid", NULL, NULL, 0, G_MAXINT, 0, flags));
  /**
   * ProcessManagedProcess:output-truncated: (getter get_output_truncated)
   *
   * Whether the child printed more than is kept, so that the oldest output is
   * lost.
   */
  install (PROP_OUTPUT_TRUNCATED,
           g_param_spec_boolean ("output-truncated", NULL, NULL, FALSE, flags));
  /**
   * ProcessManagedProcess:lingering: (getter get_lingering)
   *
   * Whether the process has ended but a descendant of it still holds its output
   * open.
   */
  install (PROP_LINGERING, g_param_spec_boolean ("lingering", NULL, NULL, FALSE, flags));
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * ProcessManagedProcess::started:
   * @self: the process
   *
   * The child runs. Not emitted when the start failed.
   */
  signals[SIGNAL_STARTED] = g_signal_new ("started", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  /**
   * ProcessManagedProcess::output:
   * @self: the process
   * @line: the line, without its end, as valid UTF-8
   * @stream: where it was printed
   *
   * The child printed a line. The detail is the stream: `output::stdout` or
   * `output::stderr`.
   *
   * A line ends at a `\n`; neither that nor a `\r` before it is part of the
   * text. What follows the last one is a line as well. A line of more than
   * 64 KiB comes in pieces of at most 64 KiB.
   */
  signals[SIGNAL_OUTPUT] = g_signal_new ("output", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2,
                                         G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE,
                                         PROCESS_TYPE_STREAM);
  g_signal_set_va_marshaller (signals[SIGNAL_OUTPUT], type, marshal_output_va);
  /**
   * ProcessManagedProcess::lines:
   * @self: the process
   * @lines: the lines, as in [signal@Process.ManagedProcess::output]
   * @stream: where they were printed
   *
   * The child printed lines: the same ones, all that are ready at once. Cheaper
   * than a signal for each line, above all in other languages than C.
   */
  signals[SIGNAL_LINES] = g_signal_new ("lines", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 2, G_TYPE_STRV | G_SIGNAL_TYPE_STATIC_SCOPE,
                                        PROCESS_TYPE_STREAM);
  /**
   * ProcessManagedProcess::data:
   * @self: the process
   * @bytes: the bytes
   * @stream: where they were printed
   *
   * The child printed something: the bytes as they were read, before they are
   * made into lines.
   */
  signals[SIGNAL_DATA] = g_signal_new ("data", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, G_TYPE_BYTES, PROCESS_TYPE_STREAM);
  /**
   * ProcessManagedProcess::killed:
   * @self: the process
   * @signal_name: the signal's name, such as `SIGKILL` or `SIGRTMIN+3`
   *
   * A signal ended the child, whoever sent it. Emitted right before
   * [signal@Process.ManagedProcess::exited].
   */
  signals[SIGNAL_KILLED] = g_signal_new ("killed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  /**
   * ProcessManagedProcess::exited:
   * @self: the process
   * @exit_code: the exit code, or -1 if a signal ended it or it was not started
   * @duration: how long it ran, in microseconds
   * @error: (nullable): what went wrong, or %NULL when the exit code is 0
   *
   * The process ended, or could not be started. The last of its signals.
   *
   * @error is what [method@Process.ManagedProcess.wait] fails with.
   */
  signals[SIGNAL_EXITED] = g_signal_new ("exited", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 3, G_TYPE_INT, G_TYPE_INT64, G_TYPE_ERROR);
}

/* Bindings let anybody make an object of any type. One that no service made
 * has no child and never will: it is as good as ended. */
static void
make_orphan (ProcessManagedProcess *self)
{
  static ProcessReactor *reactor;
  static ProcessRunOptions *options;

  if (g_once_init_enter (&reactor))
    {
      options = process_run_options_new ("", NULL);
      g_once_init_leave (&reactor, _process_reactor_new_orphaned ());
    }
  self->reactor = _process_reactor_ref (reactor);
  self->options = g_object_ref (options);
  self->id = g_strdup ("");
  self->command = g_strdup ("");
  self->reaped = TRUE;
  self->ended = TRUE;
  self->exited_emitted = TRUE;
}

static void
process_managed_process_init (ProcessManagedProcess *self)
{
  self->pidfd = -1;
  self->out.channel.fd = -1;
  self->out.stream = PROCESS_STREAM_STDOUT;
  self->err.channel.fd = -1;
  self->err.stream = PROCESS_STREAM_STDERR;
  self->in.channel.fd = -1;
  self->stop_timer.owner = self;
  self->linger_timer.owner = self;
  self->group_timer.owner = self;
  self->ward.owner = self;
  self->ward.func = _process_life_orphan;
  self->errand.owner = self;
  self->errand.func = _process_life_deliver;
  self->exit_code = -1;
  self->duration = -1;
  make_orphan (self);
}

static void
adopt (ProcessManagedProcess *self, ProcessReactor *reactor, ProcessRunOptions *options)
{
  _process_reactor_unref (self->reactor);
  self->reactor = _process_reactor_ref (reactor);
  g_set_object (&self->options, options);
  g_free (self->id);
  g_free (self->command);
  self->reaped = FALSE;
  self->ended = FALSE;
  self->exited_emitted = FALSE;
}

static char *
make_id (void)
{
  static gint counter;

  return g_strdup_printf ("id-%d-%06x", g_atomic_int_add (&counter, 1) + 1,
                          g_random_int () & 0xffffff);
}

/* @options is a snapshot that nobody else has. */
ProcessManagedProcess *
_process_managed_process_new (ProcessService *service, ProcessReactor *reactor,
                              ProcessRunOptions *options, guint buffer_size)
{
  ProcessManagedProcess *self = g_object_new (PROCESS_TYPE_MANAGED_PROCESS, NULL);

  adopt (self, reactor, options);
  self->service = g_object_ref (service);
  self->id = make_id ();
  self->command = _process_make_valid (process_run_options_get_command (options), -1);
  self->args = _process_make_valid_strv (process_run_options_get_args (options));
  self->env = _process_make_valid_strv (process_run_options_get_env (options));
  if (!process_run_options_get_disable_capture (options))
    self->ring = process_ring_buffer_new (buffer_size);
  self->started_at = g_date_time_new_now_utc ();
  return self;
}

void
_process_managed_process_notify_end (ProcessManagedProcess *self)
{
  static const ProcessManagedProcessProperty changed[] = {
    PROP_STATUS, PROP_RUNNING, PROP_EXIT_CODE, PROP_EXIT_REASON, PROP_TERM_SIGNAL, PROP_DURATION,
  };
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  for (gsize i = 0; i < G_N_ELEMENTS (changed); i++)
    g_object_notify_by_pspec (object, properties[changed[i]]);
  if (process_managed_process_get_lingering (self))
    g_object_notify_by_pspec (object, properties[PROP_LINGERING]);
  g_object_thaw_notify (object);
}

void
_process_managed_process_notify_truncated (ProcessManagedProcess *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OUTPUT_TRUNCATED]);
}

void
_process_managed_process_notify_lingering (ProcessManagedProcess *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LINGERING]);
}

void
_process_managed_process_emit_started (ProcessManagedProcess *self)
{
  g_signal_emit (self, signals[SIGNAL_STARTED], 0);
  _process_service_emit_started (self->service, self);
}

void
_process_managed_process_emit_killed (ProcessManagedProcess *self)
{
  g_autofree char *name = _process_signal_name (self->term_signal);

  g_signal_emit (self, signals[SIGNAL_KILLED], 0, name);
  _process_service_emit_killed (self->service, self, name);
}

void
_process_managed_process_emit_exited (ProcessManagedProcess *self)
{
  g_signal_emit (self, signals[SIGNAL_EXITED], 0, self->exit_code, self->duration, self->error);
  _process_service_emit_exited (self->service, self);
}

static gboolean
has_handler (ProcessManagedProcess *self, guint id, GQuark detail)
{
  return g_signal_has_handler_pending (self, signals[id], detail, TRUE);
}

/* A detail finds the handlers of that detail only, not those of all. */
static gboolean
has_output_handler (ProcessManagedProcess *self, ProcessStream stream)
{
  return has_handler (self, SIGNAL_OUTPUT, 0) ||
         has_handler (self, SIGNAL_OUTPUT, stream_quarks[stream]);
}

/* Whether the output would get to anybody now. */
gboolean
_process_managed_process_has_listeners (ProcessManagedProcess *self)
{
  return has_output_handler (self, PROCESS_STREAM_STDOUT) ||
         has_handler (self, SIGNAL_OUTPUT, stream_quarks[PROCESS_STREAM_STDERR]) ||
         has_handler (self, SIGNAL_LINES, 0) || has_handler (self, SIGNAL_DATA, 0) ||
         (self->service != NULL && _process_service_has_output_listeners (self->service));
}

static void
emit_lines (ProcessManagedProcess *self, ProcessStream stream, ProcessLines *lines,
            gboolean to_process, gboolean to_service, gboolean as_batch)
{
  GQuark detail = stream_quarks[stream];

  for (guint i = 0; i < lines->n_lines && (to_process || to_service); i++)
    {
      if (to_process)
        g_signal_emit (self, signals[SIGNAL_OUTPUT], detail, lines->lines[i], stream);
      if (to_service)
        _process_service_emit_output (self->service, self, lines->lines[i], stream);
    }
  if (as_batch && lines->n_lines > 0)
    g_signal_emit (self, signals[SIGNAL_LINES], 0, lines->lines, stream);
}

/* In the owner. No bytes mean the end of the stream. Who listens is asked once
 * a chunk: asking costs as much as emitting. */
void
_process_managed_process_emit_output (ProcessManagedProcess *self, ProcessOutput *output,
                                      char *bytes, gsize length, ProcessLines *lines)
{
  ProcessStream stream = output->stream;
  gboolean to_process = has_output_handler (self, stream);
  gboolean to_service = _process_service_has_output_listeners (self->service);
  gboolean as_batch = has_handler (self, SIGNAL_LINES, 0);

  if (length > 0 && has_handler (self, SIGNAL_DATA, 0))
    {
      g_autoptr (GBytes) data = g_bytes_new (bytes, length);

      g_signal_emit (self, signals[SIGNAL_DATA], 0, data, stream);
    }
  if (length == 0)
    _process_line_splitter_finish (&output->splitter, lines);
  else if (to_process || to_service || as_batch)
    _process_line_splitter_split (&output->splitter, bytes, length, lines);
  else
    _process_line_splitter_skip (&output->splitter, bytes, length);
  emit_lines (self, stream, lines, to_process, to_service, as_batch);
  _process_lines_clear (lines);
}

/* Before others may see the process. @func is called once, in whatever thread
 * sees the end, also that of a group that is being stopped; also when the owner's
 * context has gone and nobody may see it. */
void
_process_managed_process_set_ended_func (ProcessManagedProcess *self, ProcessEndedFunc func,
                                         gpointer user_data, GDestroyNotify destroy)
{
  self->ended_func = func;
  self->ended_data = user_data;
  self->ended_destroy = destroy;
}

/* Not under the lock. */
void
_process_managed_process_call_ended (ProcessManagedProcess *self)
{
  ProcessEndedFunc func;
  GDestroyNotify destroy;

  _process_reactor_lock (self->reactor);
  func = g_steal_pointer (&self->ended_func);
  destroy = g_steal_pointer (&self->ended_destroy);
  _process_reactor_unlock (self->reactor);
  if (func != NULL)
    func (self, self->ended_data);
  if (destroy != NULL)
    destroy (self->ended_data);
}

/* In the owner: its blocking calls emit the signals of this process, too. */
void
_process_managed_process_set_awaited (ProcessManagedProcess *self, gboolean awaited)
{
  _process_reactor_lock (self->reactor);
  if (awaited)
    self->errand.awaited++;
  else
    self->errand.awaited--;
  _process_reactor_unlock (self->reactor);
}

/**
 * process_managed_process_get_id:
 * @self: a process
 *
 * Gets what the service knows the process by.
 *
 * Returns: the id
 */
const char *
process_managed_process_get_id (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return self->id;
}

/**
 * process_managed_process_get_command:
 * @self: a process
 *
 * Gets the program's name, as valid UTF-8.
 *
 * Returns: the name
 */
const char *
process_managed_process_get_command (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return self->command;
}

/**
 * process_managed_process_get_args:
 * @self: a process
 *
 * Gets the program's arguments, without its name, as valid UTF-8.
 *
 * Returns: (array zero-terminated=1): the arguments
 */
const char * const *
process_managed_process_get_args (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return (const char * const *) self->args;
}

/**
 * process_managed_process_get_cwd:
 * @self: a process
 *
 * Gets the working directory.
 *
 * Returns: (type filename) (nullable): the directory, or %NULL for that of the
 *   program that started the process
 */
const char *
process_managed_process_get_cwd (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return process_run_options_get_cwd (self->options);
}

/**
 * process_managed_process_get_env:
 * @self: a process
 *
 * Gets the changes that were asked for in the environment, as valid UTF-8.
 *
 * Returns: (array zero-terminated=1): `NAME=value`, or `NAME` for one that was
 *   taken out
 */
const char * const *
process_managed_process_get_env (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return (const char * const *) self->env;
}

/**
 * process_managed_process_get_started_at:
 * @self: a process
 *
 * Gets when the process was started.
 *
 * Returns: (transfer none): the instant, in UTC
 */
GDateTime *
process_managed_process_get_started_at (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return self->started_at;
}

/* The value of a field that others may change meanwhile. */
#define READ_LOCKED(type, self, expression)     \
  G_STMT_START                                  \
    {                                           \
      type locked_value;                        \
                                                \
      _process_reactor_lock ((self)->reactor);  \
      locked_value = (expression);              \
      _process_reactor_unlock ((self)->reactor); \
      return locked_value;                      \
    }                                           \
  G_STMT_END

/**
 * process_managed_process_get_status:
 * @self: a process
 *
 * Gets where in its life the process is.
 *
 * Returns: the status
 */
ProcessStatus
process_managed_process_get_status (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), PROCESS_STATUS_PENDING);

  READ_LOCKED (ProcessStatus, self, self->status);
}

/**
 * process_managed_process_get_running:
 * @self: a process
 *
 * Gets whether the process was started and has not ended.
 *
 * Returns: %TRUE while it runs
 */
gboolean
process_managed_process_get_running (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);

  return process_managed_process_get_status (self) == PROCESS_STATUS_RUNNING;
}

/**
 * process_managed_process_is_running:
 * @self: a process
 *
 * Gets whether the process was started and has not ended; the same as
 * [method@Process.ManagedProcess.get_running].
 *
 * Returns: %TRUE while it runs
 */
gboolean
process_managed_process_is_running (ProcessManagedProcess *self)
{
  return process_managed_process_get_running (self);
}

/**
 * process_managed_process_get_exit_code:
 * @self: a process
 *
 * Gets the exit code.
 *
 * Returns: 0 to 255, or -1 until it is known, and when a signal ended the process
 */
int
process_managed_process_get_exit_code (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), -1);

  READ_LOCKED (int, self, self->exit_code);
}

/**
 * process_managed_process_get_exit_reason:
 * @self: a process
 *
 * Gets why the process ended.
 *
 * Returns: the reason, %PROCESS_EXIT_REASON_NONE before the end
 */
ProcessExitReason
process_managed_process_get_exit_reason (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), PROCESS_EXIT_REASON_NONE);

  READ_LOCKED (ProcessExitReason, self, self->exit_reason);
}

/**
 * process_managed_process_get_term_signal:
 * @self: a process
 *
 * Gets which signal ended the process.
 *
 * Returns: the signal's number, or 0
 */
int
process_managed_process_get_term_signal (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), 0);

  READ_LOCKED (int, self, self->term_signal);
}

static gint64
get_duration (ProcessManagedProcess *self)
{
  return self->ended ? self->duration : g_get_monotonic_time () - self->started_time;
}

/**
 * process_managed_process_get_duration:
 * @self: a process
 *
 * Gets how long the process has been running, or ran.
 *
 * Returns: microseconds
 */
gint64
process_managed_process_get_duration (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), 0);

  READ_LOCKED (gint64, self, get_duration (self));
}

/**
 * process_managed_process_get_pid:
 * @self: a process
 *
 * Gets the number of the child.
 *
 * After the end the system may give the number to another process: use
 * [method@Process.ManagedProcess.send_signal], which cannot reach a stranger.
 *
 * Returns: the number, 0 when nothing was started
 */
int
process_managed_process_get_pid (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), 0);

  READ_LOCKED (int, self, self->pid);
}

/**
 * process_managed_process_get_output_truncated:
 * @self: a process
 *
 * Gets whether the oldest output is lost, because the child printed more than
 * is kept.
 *
 * Returns: %TRUE if some is lost
 */
gboolean
process_managed_process_get_output_truncated (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);

  return self->ring != NULL && _process_ring_buffer_has_dropped (self->ring);
}

/**
 * process_managed_process_get_lingering:
 * @self: a process
 *
 * Gets whether the process has ended but a descendant of it still holds its
 * output open.
 *
 * Returns: %TRUE as long as that is so
 */
gboolean
process_managed_process_get_lingering (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), FALSE);

  READ_LOCKED (gboolean, self, self->lingering);
}

/**
 * process_managed_process_get_info:
 * @self: a process
 *
 * Takes a snapshot of the process.
 *
 * Returns: (transfer full): the snapshot
 */
ProcessInfo *
process_managed_process_get_info (ProcessManagedProcess *self)
{
  ProcessInfoValues values = { 0 };

  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  values.id = self->id;
  values.command = self->command;
  values.args = (const char * const *) self->args;
  values.cwd = process_run_options_get_cwd (self->options);
  values.started_at = self->started_at;
  _process_reactor_lock (self->reactor);
  values.status = self->status;
  values.exit_code = self->exit_code;
  values.duration = get_duration (self);
  values.pid = self->pid;
  values.exit_reason = self->exit_reason;
  _process_reactor_unlock (self->reactor);
  return _process_info_new (&values);
}

/**
 * process_managed_process_get_output:
 * @self: a process
 *
 * Gets the newest output that was captured, both streams together, as valid
 * UTF-8.
 *
 * The order of the streams among each other is approximate, since they are two
 * pipes; [property@Process.RunOptions:merge-stderr] makes it exact.
 *
 * Returns: (transfer full): the text, "" when nothing is captured
 */
char *
process_managed_process_get_output (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return self->ring != NULL ? process_ring_buffer_to_string (self->ring) : g_strdup ("");
}

/**
 * process_managed_process_get_output_bytes:
 * @self: a process
 *
 * Gets the newest output that was captured, both streams together, byte for
 * byte.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL when there are none
 */
GBytes *
process_managed_process_get_output_bytes (ProcessManagedProcess *self)
{
  g_return_val_if_fail (PROCESS_IS_MANAGED_PROCESS (self), NULL);

  return self->ring != NULL ? process_ring_buffer_get_bytes (self->ring) : NULL;
}
