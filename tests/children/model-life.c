/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model.h"

#include <signal.h>
#include <string.h>

#define BIG_LINES "20000"

static const ModelChild children[] = {
  { .verbs = { "stay" } },
  { .verbs = { "out", "one\\ntwo\\r\\n\\nthree", "exit", "3" },
    .out = "one\ntwo\r\n\nthree", .code = 3 },
  { .verbs = { "out", "a\\xc3", "err", "\\xe2\\x82\\n", "exit", "1" },
    .out = "a\xc3", .err = "\xe2\x82\n", .code = 1 },
  { .verbs = { "alternate", "3" }, .out = "out 1\nout 2\nout 3\n", .err = "err 1\nerr 2\nerr 3\n" },
  { .verbs = { "out", "x\\n", "close", "1", "err", "y\\n", "close", "2", "exit", "4" },
    .out = "x\n", .err = "y\n", .code = 4 },
  { .verbs = { "close", "1", "close", "2", "pause" }, .endless = TRUE },
  { .verbs = { "lines", BIG_LINES }, .big = TRUE },
  { .verbs = { "flood" }, .endless = TRUE },
  { .verbs = { "pause" }, .endless = TRUE },
  { .verbs = { "ignore", "TERM", "out", "deaf\\n", "pause" }, .out = "deaf\n", .endless = TRUE },
  { .verbs = { "catch", "TERM", "7", "out", "ready\\n", "pause" },
    .out = "ready\n", .endless = TRUE, .caught = 7 },
  { .verbs = { "catch", "TERM", "0", "out", "ready\\n", "err-lines", "10", "exit", "2" },
    .out = "ready\n",
    .err = "line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\nline 9\nline 10\n",
    .code = 2 },
  { .verbs = { "out", "last words", "die", "ABRT" }, .out = "last words", .signum = SIGABRT },
  { .verbs = { "die", "KILL" }, .signum = SIGKILL },
  { .verbs = { "copy" }, .reads = TRUE, .copies = TRUE },
  { .verbs = { "line", "exit", "5" }, .code = 5, .reads = TRUE },
  { .verbs = { "close", "0", "pause" }, .endless = TRUE },
  { .verbs = { "close", "0", "lines", "2" }, .out = "line 1\nline 2\n" },
  { .verbs = { "hold", "@report", "fork", "{", "await", "@orders", "out", "late\\n", "}", "out",
               "one\\n", "exit", "6" },
    .out = "one\n", .code = 6, .survived = TRUE },
  { .verbs = { "hold", "@report", "fork", "{", "setsid", "await", "@orders", "err", "late\\n", "}",
               "pause" },
    .endless = TRUE, .survived = TRUE },
  { .program = "/nonexistent/program", .missing = TRUE },
  { .program = "no-such-program-anywhere", .missing = TRUE },
  { .program = "/", .missing = TRUE },
  { .program = "", .refused = TRUE },
};

#define CHANCE(random, n) (g_rand_int_range (random, 0, n) == 0)

/* A line without an end. */
GBytes *
model_make_input (gsize size)
{
  char *text = g_malloc (size + 1);

  memset (text, 'x', size);
  text[size] = '\0';
  return g_bytes_new_take (text, size);
}

static void
set_program (ModelLife *self, const char *orders, const char *report)
{
  const char *args[G_N_ELEMENTS (self->child->verbs) + 1] = { NULL };
  g_autofree char *name = g_strdup_printf ("MODEL_LIFE=%u", self->index);
  const char *env[] = { name, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (self->child->verbs) && self->child->verbs[i] != NULL; i++)
    {
      args[i] = self->child->verbs[i];
      if (g_str_equal (args[i], "@orders"))
        args[i] = orders;
      else if (g_str_equal (args[i], "@report"))
        args[i] = report;
    }
  self->options = process_run_options_new (
    self->child->program != NULL ? self->child->program : test_get_child (), args);
  process_run_options_set_env (self->options, env);
}

static void
set_options (ModelLife *self, GRand *random)
{
  ProcessRunOptions *options = self->options;

  process_run_options_set_kill_group (options, CHANCE (random, 4));
  process_run_options_set_merge_stderr (options, CHANCE (random, 6));
  process_run_options_set_disable_capture (options, CHANCE (random, 8));
  process_run_options_set_detach (options, !self->is_run && CHANCE (random, 20));
  process_run_options_set_die_with_parent (
    options, !process_run_options_get_detach (options) && CHANCE (random, 20));
  if (CHANCE (random, 6) || (self->is_run && (self->child->endless || CHANCE (random, 8))))
    process_run_options_set_timeout (options, g_rand_int_range (random, 1, 20000));
  if (CHANCE (random, 2))
    process_run_options_set_grace_period (options, g_rand_int_range (random, 0, 20000));
  if (CHANCE (random, 8))
    process_run_options_set_buffer_size (options, (guint) g_rand_int_range (random, 1, 100));
  if (CHANCE (random, 10))
    process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_NULL);
  else if (CHANCE (random, 8))
    {
      gsize size = (gsize) g_rand_int_range (random, 0, 100000);
      g_autoptr (GBytes) input = model_make_input (size);

      process_run_options_set_input (options, input);
      self->n_sent = (gint) size;
      model_life_note (self, MODEL_DONE_CLOSE);
    }
  if (self->is_run || process_run_options_get_stdin_mode (options) == PROCESS_STDIN_MODE_NULL)
    model_life_note (self, MODEL_DONE_CLOSE);
}

ModelLife *
model_life_new (guint index, GRand *random, gboolean is_run, const char *orders,
                const char *report)
{
  ModelLife *self = g_new0 (ModelLife, 1);

  self->index = index;
  self->is_run = is_run;
  self->child = &children[g_rand_int_range (random, 0, G_N_ELEMENTS (children))];
  self->text[0] = g_string_new (NULL);
  self->text[1] = g_string_new (NULL);
  set_program (self, orders, report);
  set_options (self, random);
  if (CHANCE (random, 3))
    self->cancellable = g_cancellable_new ();
  return self;
}

void
model_life_free (ModelLife *self)
{
  g_clear_object (&self->process);
  g_clear_object (&self->options);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_string_free (self->text[0], TRUE);
  g_string_free (self->text[1], TRUE);
  g_free (self);
}

void
model_life_note (ModelLife *self, ModelDone done)
{
  g_atomic_int_or ((guint *) &self->done, done);
}

gboolean
model_life_was (ModelLife *self, ModelDone done)
{
  return (g_atomic_int_get (&self->done) & (gint) done) != 0;
}

gboolean
model_life_is_mortal (ModelLife *self)
{
  if (process_run_options_get_timeout (self->options) > 0 ||
      model_life_was (self, MODEL_DONE_DYING) || self->child->missing)
    return TRUE;
  return !model_life_was (self, MODEL_DONE_STOP) && !self->child->endless &&
         (!self->child->reads || model_life_was (self, MODEL_DONE_CLOSE));
}

guint
model_get_index (ProcessManagedProcess *process)
{
  const char * const *env = process_managed_process_get_env (process);
  const char *number = g_environ_getenv ((char **) env, "MODEL_LIFE");

  g_assert_nonnull (number);
  return (guint) g_ascii_strtoull (number, NULL, 10);
}

/* Of the two, the process is always the first to tell. */
static void
count (ModelLife *self, guint counts[N_MODEL_EMITTERS], int emitter)
{
  g_assert_true (g_thread_self () == self->owner);
  counts[emitter]++;
  if (!self->attached)
    g_assert_cmpint (emitter, ==, MODEL_BY_SERVICE);
  else if (emitter == MODEL_BY_SERVICE)
    g_assert_cmpuint (counts[MODEL_BY_PROCESS], ==, counts[MODEL_BY_SERVICE]);
}

static gboolean
was_told (ModelLife *self, const guint counts[N_MODEL_EMITTERS], int emitter)
{
  return counts[emitter] > 0;
}

void
model_life_started (ModelLife *self, ProcessManagedProcess *process, int emitter)
{
  count (self, self->n_started, emitter);
  g_assert_cmpuint (self->n_started[emitter], ==, 1);
  g_assert_false (was_told (self, self->n_output, emitter));
  g_assert_false (was_told (self, self->n_killed, emitter));
  g_assert_false (was_told (self, self->n_exited, emitter));
  g_assert_false (self->child->missing);
  g_assert_false (self->child->refused);
  g_assert_cmpint (process_managed_process_get_pid (process), >, 0);
}

void
model_life_output (ModelLife *self, const char *line, ProcessStream stream, int emitter)
{
  count (self, self->n_output, emitter);
  g_assert_cmpuint (self->n_started[emitter], ==, 1);
  g_assert_false (was_told (self, self->n_killed, emitter));
  g_assert_false (was_told (self, self->n_exited, emitter));
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_null (strchr (line, '\n'));
  g_assert_cmpuint (strlen (line), <=, 3 * 65536);
  if (process_run_options_get_merge_stderr (self->options))
    g_assert_cmpint (stream, ==, PROCESS_STREAM_STDOUT);
  if (emitter == (self->attached ? MODEL_BY_PROCESS : MODEL_BY_SERVICE))
    g_string_append_printf (self->text[stream], "%s\n", line);
}

void
model_life_killed (ModelLife *self, ProcessManagedProcess *process, const char *name, int emitter)
{
  int signum = process_managed_process_get_term_signal (process);

  count (self, self->n_killed, emitter);
  g_assert_cmpuint (self->n_started[emitter], ==, 1);
  g_assert_cmpuint (self->n_killed[emitter], ==, 1);
  g_assert_false (was_told (self, self->n_exited, emitter));
  g_assert_cmpint (signum, !=, 0);
  g_assert_true (g_str_has_prefix (name, "SIG"));
  if (signum == SIGKILL)
    g_assert_cmpstr (name, ==, "SIGKILL");
  if (signum == SIGTERM)
    g_assert_cmpstr (name, ==, "SIGTERM");
}

static void
check_own_end (ModelLife *self, int signum)
{
  if (signum != 0)
    g_assert_cmpint (signum, ==, self->child->signum);
  else
    g_assert_false (self->child->endless && self->child->caught == 0);
}

/* Which of the reasons it can have. */
static void
check_reason (ModelLife *self, ProcessManagedProcess *process, gint64 duration)
{
  int signum = process_managed_process_get_term_signal (process);
  gint64 timeout = process_run_options_get_timeout (self->options);

  switch (self->reason)
    {
    case PROCESS_EXIT_REASON_START_FAILED:
      g_assert_true (self->child->missing);
      break;
    case PROCESS_EXIT_REASON_EXITED:
      g_assert_cmpint (signum, ==, 0);
      check_own_end (self, 0);
      break;
    case PROCESS_EXIT_REASON_SIGNALED:
      g_assert_cmpint (signum, !=, 0);
      check_own_end (self, signum);
      break;
    case PROCESS_EXIT_REASON_KILLED:
      g_assert_true (model_life_was (self, MODEL_DONE_KILL) ||
                     (model_life_was (self, MODEL_DONE_SIGNAL) && signum != 0 &&
                      g_atomic_int_get (&self->signals) & (1 << signum)));
      break;
    case PROCESS_EXIT_REASON_TIMED_OUT:
      g_assert_cmpint (timeout, >, 0);
      g_assert_cmpint (duration, >=, timeout);
      break;
    case PROCESS_EXIT_REASON_CANCELLED:
      g_assert_true (model_life_was (self, MODEL_DONE_CANCEL));
      break;
    case PROCESS_EXIT_REASON_NONE:
    default:
      g_assert_not_reached ();
    }
}

static void
check_code (ModelLife *self, int signum)
{
  if (self->reason == PROCESS_EXIT_REASON_START_FAILED || signum != 0)
    g_assert_cmpint (self->code, ==, -1);
  else if (self->code != self->child->code || self->child->endless)
    g_assert_cmpint (self->code, ==, self->child->caught);
}

static void
check_end_error (ModelLife *self, int signum)
{
  if (self->reason == PROCESS_EXIT_REASON_START_FAILED)
    g_assert_true (g_error_matches (self->error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED) ||
                   g_error_matches (self->error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND));
  else if (self->reason == PROCESS_EXIT_REASON_TIMED_OUT)
    g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_TIMED_OUT);
  else if (self->reason == PROCESS_EXIT_REASON_CANCELLED)
    g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else if (signum != 0)
    g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
  else if (self->code != 0)
    g_assert_error (self->error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  else
    g_assert_no_error (self->error);
}

static void
check_status (ModelLife *self, ProcessManagedProcess *process, int signum)
{
  ProcessStatus status = process_managed_process_get_status (process);

  g_assert_false (process_managed_process_is_running (process));
  if (self->reason == PROCESS_EXIT_REASON_START_FAILED)
    g_assert_cmpint (status, ==, PROCESS_STATUS_FAILED);
  else
    g_assert_cmpint (status, ==, signum != 0 ? PROCESS_STATUS_KILLED : PROCESS_STATUS_EXITED);
}

void
model_life_exited (ModelLife *self, ProcessManagedProcess *process, int code, gint64 duration,
                   const GError *error, int emitter)
{
  int signum = process_managed_process_get_term_signal (process);
  gboolean failed = process_managed_process_get_status (process) == PROCESS_STATUS_FAILED;

  count (self, self->n_exited, emitter);
  g_assert_cmpuint (self->n_exited[emitter], ==, 1);
  g_assert_cmpuint (self->n_started[emitter], ==, failed ? 0 : 1);
  g_assert_cmpuint (self->n_killed[emitter], ==, signum != 0 ? 1 : 0);
  g_assert_cmpint (code, ==, process_managed_process_get_exit_code (process));
  g_assert_cmpint (duration, ==, process_managed_process_get_duration (process));
  g_assert_cmpint (duration, >=, 0);
  if (self->attached)
    g_assert_cmpuint (self->n_notified, ==, 1);
  if (self->ended)
    return;
  self->ended = TRUE;
  self->reason = process_managed_process_get_exit_reason (process);
  self->code = code;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  check_status (self, process, signum);
  check_reason (self, process, duration);
  check_code (self, signum);
  check_end_error (self, signum);
}

static void
started_cb (ProcessManagedProcess *process, ModelLife *self)
{
  model_life_started (self, process, MODEL_BY_PROCESS);
}

static void
output_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, ModelLife *self)
{
  model_life_output (self, line, stream, MODEL_BY_PROCESS);
}

static void
killed_cb (ProcessManagedProcess *process, const char *name, ModelLife *self)
{
  model_life_killed (self, process, name, MODEL_BY_PROCESS);
}

static void
exited_cb (ProcessManagedProcess *process, int code, gint64 duration, const GError *error,
           ModelLife *self)
{
  model_life_exited (self, process, code, duration, error, MODEL_BY_PROCESS);
}

static void
notify_running_cb (ProcessManagedProcess *process, GParamSpec *pspec, ModelLife *self)
{
  g_assert_true (g_thread_self () == self->owner);
  if (process_managed_process_is_running (process))
    return;
  self->n_notified++;
  g_assert_false (was_told (self, self->n_exited, MODEL_BY_PROCESS));
  g_assert_false (was_told (self, self->n_killed, MODEL_BY_PROCESS));
}

/* In the owner's thread, before or when it is told of the start. */
void
model_life_attach (ModelLife *self, ProcessManagedProcess *process)
{
  self->attached = TRUE;
  self->n_started[MODEL_BY_PROCESS] = self->n_started[MODEL_BY_SERVICE];
  g_signal_connect (process, "started", G_CALLBACK (started_cb), self);
  g_signal_connect (process, "output", G_CALLBACK (output_cb), self);
  g_signal_connect (process, "killed", G_CALLBACK (killed_cb), self);
  g_signal_connect (process, "exited", G_CALLBACK (exited_cb), self);
  g_signal_connect (process, "notify::running", G_CALLBACK (notify_running_cb), self);
}

/* Of a start that returned. */
void
model_life_check_start (ModelLife *self, const GError *error, gboolean shut)
{
  gboolean failed = g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED) ||
                    g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_PROGRAM_NOT_FOUND);

  if (error == NULL || failed)
    {
      g_assert_false (self->child->refused);
      g_assert_true (self->child->missing == failed);
      return;
    }
  self->refused = TRUE;
  if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING))
    g_assert_true (shut);
  else if (g_error_matches (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT))
    g_assert_true (self->child->refused);
  else
    g_assert_no_error (error);
}

void
model_life_check_error (ModelLife *self, const GError *error)
{
  if (self->error == NULL)
    g_assert_no_error (error);
  else
    g_assert_error (error, self->error->domain, self->error->code);
}

static char *
get_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  GString *result = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL && (lines[i + 1] != NULL || *lines[i] != '\0'); i++)
    {
      g_autofree char *valid = g_utf8_make_valid (lines[i], -1);

      if (lines[i + 1] != NULL && g_str_has_suffix (valid, "\r"))
        valid[strlen (valid) - 1] = '\0';
      g_string_append_printf (result, "%s\n", valid);
    }
  return g_string_free (result, FALSE);
}

static char *
make_big (void)
{
  GString *text = g_string_new (NULL);

  for (int i = 1; i <= atoi (BIG_LINES); i++)
    g_string_append_printf (text, "line %d\n", i);
  return g_string_free (text, FALSE);
}

static void
check_lines (ModelLife *self)
{
  g_autofree char *big = self->child->big ? make_big () : NULL;
  g_autofree char *out = get_lines (big != NULL ? big : self->child->out);
  g_autofree char *err = get_lines (self->child->err);
  gsize n_lines = self->text[0]->len;

  if (self->child->survived)
    g_assert_true (g_str_has_prefix (self->text[0]->str, out));
  else if (process_run_options_get_merge_stderr (self->options) && *err != '\0')
    g_assert_cmpuint (n_lines, >=, strlen (out) + strlen (err) - 1);
  else
    {
      g_assert_cmpstr (self->text[0]->str, ==, out);
      g_assert_cmpstr (self->text[1]->str, ==, err);
    }
}

static gboolean
ended_alone (ModelLife *self)
{
  return (self->reason == PROCESS_EXIT_REASON_EXITED ||
          self->reason == PROCESS_EXIT_REASON_SIGNALED) &&
         !self->child->endless && self->code == (self->child->signum != 0 ? -1 : self->child->code);
}

/* A long line comes in pieces. */
static void
check_copy (ModelLife *self)
{
  gsize n = 0;

  for (const char *each = self->text[0]->str; *each != '\0'; each++)
    n += *each == 'x';
  g_assert_cmpuint (n, ==, (gsize) g_atomic_int_get (&self->n_sent));
}

/* When all is over. */
void
model_life_check (ModelLife *self, gboolean disposed)
{
  gboolean silent = process_run_options_get_detach (self->options) &&
                    process_run_options_get_disable_capture (self->options);

  if (self->refused)
    {
      g_assert_cmpuint (self->n_started[MODEL_BY_SERVICE], ==, 0);
      g_assert_cmpuint (self->n_exited[MODEL_BY_SERVICE], ==, 0);
      return;
    }
  if (disposed && !self->attached)
    return;
  g_assert_true (self->ended);
  if (self->attached)
    g_assert_cmpuint (self->n_exited[MODEL_BY_PROCESS], ==, 1);
  if (!disposed)
    g_assert_cmpuint (self->n_exited[MODEL_BY_SERVICE], ==, 1);
  if (!ended_alone (self) || silent)
    return;
  if (self->child->copies)
    check_copy (self);
  else if (!self->child->reads)
    check_lines (self);
}
