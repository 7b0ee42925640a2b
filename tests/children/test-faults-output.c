/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Children that print, or read, what no well-bred one would. */

#include "faults-util.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static void
assert_told (FaultsLog *log, const char *expected)
{
  g_autofree char *told = faults_log_to_string (log);

  g_assert_cmpstr (told, ==, expected);
}

static void
kill_and_wait (FaultsLog *log)
{
  g_assert_true (process_managed_process_kill (log->process, NULL));
  faults_wait_exited (log);
  g_assert_error (log->error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
}

/* Blocks until a child writes to it. */
static void
await_fifo (const char *fifo)
{
  char byte;
  int fd = open (fifo, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  close (fd);
}

static void
run_pending (void)
{
  faults_begin_wait (G_STRLOC, "the main loop to have nothing to do");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  faults_end_wait ();
}

/* Its pipes are at their end, and must not be looked at again and again. */
static void
test_closed_output (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autoptr (ProcessRunOptions) options =
    faults_sh ("printf 'last words'; exec >&- 2>&-; echo x >fifo; read x; exit 7");
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (FaultsLog) log = NULL;

  g_assert_no_errno (mkfifo (fifo, 0600));
  process_run_options_set_cwd (options, folder);
  process = faults_start (service, options);
  log = faults_log_new (process);
  await_fifo (fifo);
  run_pending ();
  assert_told (log, "started\nline last words\n");
  g_assert_true (process_managed_process_is_running (process));
  g_assert_true (process_managed_process_send_signal (process, 0, NULL));
  g_assert_true (process_managed_process_send_input (process, "x\n", NULL));
  faults_wait_exited (log);
  assert_told (log, "started\nline last words\nexited 7\n");
  g_assert_false (process_managed_process_get_lingering (process));
  faults_remove_folder (folder);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  GError **error = data;

  g_assert_false (process_managed_process_send_bytes_finish (PROCESS_MANAGED_PROCESS (object),
                                                             result, error));
}

static GBytes *
make_bytes (gsize size)
{
  return g_bytes_new_take (g_strnfill (size, 'i'), size);
}

/* Whether the pipe broke first or the end was seen first is chance. */
static void
assert_not_read (GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE))
    g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
}

static void
test_death_with_input_queued (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("sleep", NULL);
  const char *const args[] = { "100", NULL };
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (FaultsLog) log = NULL;
  g_autoptr (GBytes) bytes = make_bytes (4 * MIB);
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (GError) error = NULL;

  process_run_options_set_args (options, args);
  process = faults_start (service, options);
  log = faults_log_new (process);
  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, &first);
  process_managed_process_send_bytes_async (process, bytes, NULL, sent_cb, &second);
  g_assert_true (process_managed_process_send_bytes (process, bytes, NULL));
  g_assert_true (process_managed_process_close_stdin (process, NULL));
  run_pending ();
  g_assert_null (first);
  kill_and_wait (log);
  faults_wait_for (first != NULL && second != NULL);
  assert_not_read (first);
  assert_not_read (second);
  g_assert_false (process_managed_process_send_bytes (process, bytes, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NOT_RUNNING);
  g_assert_true (process_managed_process_close_stdin (process, NULL));
}

/* SIGPIPE has its default effect in this program, and must not hit it. */
static void
test_input_that_nobody_reads (ProcessService *service)
{
  g_autoptr (GBytes) input = make_bytes (8 * MIB);

  /* Newer versions of GLib ignore it. */
  signal (SIGPIPE, SIG_DFL);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (ProcessRunOptions) options = faults_sh ("echo done");
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;

      process_run_options_set_input (options, input);
      output = process_service_run_with_options (service, options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, "done\n");
    }
}

static void
test_closed_input (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("exec <&-; echo closed; exec sleep 100");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (FaultsLog) log = faults_log_new (process);
  g_autoptr (GError) error = NULL;

  faults_wait_lines (log, 1);
  g_assert_false (process_managed_process_send_input (process, "input", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
  g_clear_error (&error);
  g_assert_false (process_managed_process_send_input (process, "input", &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_STDIN_NOT_AVAILABLE);
  g_assert_true (process_managed_process_close_stdin (process, NULL));
  run_pending ();
  kill_and_wait (log);
}

static void
test_full_input_queue (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("kill -STOP $$; wc -c");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (FaultsLog) log = faults_log_new (process);
  g_autoptr (GBytes) bytes = make_bytes (MIB);
  g_autoptr (GBytes) too_many = make_bytes (16 * MIB + 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;
  guint n = 0;

  g_assert_false (process_managed_process_send_bytes (process, too_many, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  g_clear_error (&error);
  while (process_managed_process_send_bytes (process, bytes, &error))
    n++;
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
  g_assert_cmpuint (n, ==, 16);
  g_assert_true (process_managed_process_close_stdin (process, NULL));
  run_pending ();
  /* It may not have stopped itself yet. */
  while (log->n_exits == 0)
    {
      process_managed_process_send_signal (process, SIGCONT, NULL);
      g_main_context_iteration (NULL, FALSE);
    }
  expected = g_strdup_printf ("started\nline %u\nexited 0\n", n * MIB);
  assert_told (log, expected);
}

typedef struct
{
  guint64 bytes;
  guint   pieces;
  guint   n_long;
} Count;

static void
count_xs_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Count *count)
{
  gsize length = strlen (line);

  g_assert_cmpuint (length, <=, 65536);
  g_assert_cmpuint (strspn (line, "x"), ==, length);
  count->bytes += length;
  count->pieces++;
}

static void
ended_cb (ProcessManagedProcess *process, int code, gint64 duration, GError *error,
          gboolean *ended)
{
  *ended = TRUE;
}

static void
run_to_end (ProcessManagedProcess *process)
{
  gboolean ended = FALSE;

  g_signal_connect (process, "exited", G_CALLBACK (ended_cb), &ended);
  faults_wait_for (ended);
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 0);
}

static void
test_long_line (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_child ("line", "104857600");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (GBytes) kept = NULL;
  Count count = { 0 };

  g_signal_connect (process, "output", G_CALLBACK (count_xs_cb), &count);
  run_to_end (process);
  g_assert_cmpuint (count.bytes, ==, 100 * MIB);
  g_assert_cmpuint (count.pieces, ==, 1600);
  kept = process_managed_process_get_output_bytes (process);
  g_assert_cmpuint (g_bytes_get_size (kept), ==, PROCESS_DEFAULT_BUFFER_SIZE);
  g_assert_true (process_managed_process_get_output_truncated (process));
}

static void
count_batch_cb (ProcessManagedProcess *process, char **lines, ProcessStream stream, Count *count)
{
  guint n = g_strv_length (lines);

  g_assert_cmpuint (n, >, 0);
  count->n_long += n;
}

static void
test_many_lines (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_child ("lines", "1000000");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  Count count = { 0 };

  g_signal_connect (process, "output", G_CALLBACK (count_xs_cb), &count);
  g_signal_connect (process, "lines", G_CALLBACK (count_batch_cb), &count);
  run_to_end (process);
  g_assert_cmpuint (count.pieces, ==, 1000000);
  g_assert_cmpuint (count.bytes, ==, 1000000);
  g_assert_cmpuint (count.n_long, ==, 1000000);
}

static void
collect_data_cb (ProcessManagedProcess *process, GBytes *bytes, ProcessStream stream,
                 GByteArray *all)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpuint (size, >, 0);
  g_byte_array_append (all, data, (guint) size);
}

static void
check_line_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               guint *n_lines)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_null (strchr (line, '\n'));
  (*n_lines)++;
}

static void
test_noise (ProcessService *service)
{
  const char *const args[] = { "-c", "4194304", "/dev/urandom", NULL };
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("head", args);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GBytes) captured = NULL;
  g_autofree char *text = NULL;
  guint n_lines = 0, n_newlines = 0;

  process_run_options_set_buffer_size (options, 4 * MIB);
  process = faults_start (service, options);
  g_signal_connect (process, "data", G_CALLBACK (collect_data_cb), all);
  g_signal_connect (process, "output", G_CALLBACK (check_line_cb), &n_lines);
  run_to_end (process);
  captured = process_managed_process_get_output_bytes (process);
  g_assert_cmpmem (all->data, all->len, g_bytes_get_data (captured, NULL),
                   g_bytes_get_size (captured));
  g_assert_cmpuint (all->len, ==, 4 * MIB);
  for (guint i = 0; i < all->len; i++)
    n_newlines += all->data[i] == '\n';
  g_assert_cmpuint (n_lines, >=, n_newlines);
  g_assert_cmpuint (n_lines, <=, n_newlines + 1);
  text = process_managed_process_get_output (process);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), >=, 4 * MIB);
  g_assert_false (process_managed_process_get_output_truncated (process));
}

/* What run () returns is the newest 64 MiB. */
static void
test_long_run (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_child ("line", "104857600");
  g_autoptr (GError) error = NULL;
  g_autofree char *output =
    process_service_run_with_options (service, options, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (output), ==, 64 * MIB);
  g_assert_cmpint (output[64 * MIB - 1], ==, '\n');
}

/* An error's message may end in what the child printed, but not in all of it. */
static void
test_long_last_words (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options =
    faults_sh ("head -c 3000000 /dev/zero | tr '\\0' '\\377' >&2; exit 1");
  g_autoptr (GError) error = NULL;

  g_assert_null (process_service_run_with_options (service, options, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_NON_ZERO_EXIT);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (g_str_has_suffix (error->message, "�"));
  g_assert_cmpuint (strlen (error->message), <, 8192);
}

static void
find_number_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, int *pid)
{
  g_assert_true (process_managed_process_is_running (process) ||
                 process_managed_process_get_exit_code (process) == 3);
  if (g_ascii_isdigit (*line))
    *pid = (int) g_ascii_strtoll (line, NULL, 10);
}

static void
count_line_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               guint *n_lines)
{
  (*n_lines)++;
}

/* The leader ends, a descendant goes on and on. */
static void
test_flooding_survivor (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("yes & echo $!; exit 3");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  g_autoptr (GBytes) captured = NULL;
  gboolean ended = FALSE;
  guint n_later = 0;
  int pid = 0;

  g_signal_connect (process, "output", G_CALLBACK (find_number_cb), &pid);
  g_signal_connect (process, "exited", G_CALLBACK (ended_cb), &ended);
  faults_wait_for (ended);
  g_assert_cmpint (pid, >, 0);
  g_assert_true (process_managed_process_get_lingering (process));
  g_assert_cmpint (process_managed_process_get_exit_code (process), ==, 3);
  g_signal_connect (process, "output", G_CALLBACK (count_line_cb), &n_later);
  g_signal_connect (process, "lines", G_CALLBACK (count_line_cb), &n_later);

  /* It is read still, or it would be stuck by now. */
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (faults_is_gone (pid));
  g_assert_no_errno (kill (pid, SIGKILL));
  faults_wait_for (!process_managed_process_get_lingering (process));
  faults_wait_gone (pid);
  g_assert_cmpuint (n_later, ==, 0);
  captured = process_managed_process_get_output_bytes (process);
  g_assert_cmpuint (g_bytes_get_size (captured), ==, PROCESS_DEFAULT_BUFFER_SIZE);
}

/* The same when everybody has let go of it meanwhile. */
static void
test_flooding_survivor_alone (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = faults_sh ("yes & echo $!");
  g_autoptr (ProcessManagedProcess) process = faults_start (service, options);
  gpointer weak = process;
  int pid = 0;

  g_object_add_weak_pointer (G_OBJECT (process), &weak);
  g_signal_connect (process, "output", G_CALLBACK (find_number_cb), &pid);
  g_assert_true (process_managed_process_wait (process, NULL, NULL));
  g_assert_true (process_managed_process_get_lingering (process));
  g_assert_true (process_service_remove (service, process_managed_process_get_id (process), NULL));
  g_clear_object (&process);
  g_assert_nonnull (weak);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (faults_is_gone (pid));
  g_assert_no_errno (kill (pid, SIGKILL));
  faults_wait_for (weak == NULL);
}

typedef struct
{
  ProcessManagedProcess *process;
  guint                  n_lines;
  gsize                  read_meanwhile;
} Slow;

/* Blocks at the first line until as much has been read as may be read ahead. */
static void
block_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Slow *slow)
{
  g_assert_cmpuint (strlen (line), ==, 63);
  if (slow->n_lines++ > 0)
    return;
  while (slow->read_meanwhile < MIB)
    {
      g_autoptr (GBytes) captured = process_managed_process_get_output_bytes (process);

      slow->read_meanwhile = captured != NULL ? g_bytes_get_size (captured) : 0;
      g_thread_yield ();
    }
}

static gpointer
wait_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_wait (data, NULL, &error));
  g_assert_no_error (error);
  return NULL;
}

static void
test_handler_that_blocks (ProcessService *service)
{
  g_autofree char *size = g_strdup_printf ("%d", 8 * MIB);
  g_autoptr (ProcessRunOptions) options = faults_child ("flood", size);
  g_autoptr (ProcessManagedProcess) process = NULL;
  Slow slow = { 0 };
  GThread *thread;

  process_run_options_set_buffer_size (options, 8 * MIB);
  process = faults_start (service, options);
  g_signal_connect (process, "output", G_CALLBACK (block_cb), &slow);
  thread = g_thread_new ("waits", wait_thread, process);
  run_to_end (process);
  g_thread_join (thread);
  g_assert_cmpuint (slow.n_lines, ==, 8 * MIB / 64);
  /* What may wait, and the chunk that was being delivered. */
  g_assert_cmpuint (slow.read_meanwhile, <=, MIB + 2 * 65536);
}

static void
test_tiny_and_vast_captures (ProcessService *service)
{
  static const guint sizes[] = { 1, 2, G_MAXUINT };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (ProcessRunOptions) options = faults_sh ("printf 12345; printf 67890 >&2");
      g_autofree char *output = NULL;
      g_autoptr (GError) error = NULL;

      process_run_options_set_buffer_size (options, sizes[i]);
      process_run_options_set_merge_stderr (options, TRUE);
      output = process_service_run_with_options (service, options, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, &"1234567890"[10 - MIN (sizes[i], 10)]);
    }
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  faults_add ("/faults/output/closed", test_closed_output);
  faults_add ("/faults/output/death-with-input-queued", test_death_with_input_queued);
  faults_add ("/faults/output/input-that-nobody-reads", test_input_that_nobody_reads);
  faults_add ("/faults/output/closed-input", test_closed_input);
  faults_add ("/faults/output/full-input-queue", test_full_input_queue);
  faults_add ("/faults/output/long-line", test_long_line);
  faults_add ("/faults/output/many-lines", test_many_lines);
  faults_add ("/faults/output/noise", test_noise);
  faults_add ("/faults/output/long-run", test_long_run);
  faults_add ("/faults/output/long-last-words", test_long_last_words);
  faults_add ("/faults/output/flooding-survivor", test_flooding_survivor);
  faults_add ("/faults/output/flooding-survivor-alone", test_flooding_survivor_alone);
  faults_add ("/faults/output/handler-that-blocks", test_handler_that_blocks);
  faults_add ("/faults/output/tiny-and-vast-captures", test_tiny_and_vast_captures);
  return g_test_run ();
}
