/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What children print: as lines, as bytes, and as what is kept of it. */

#include "test-util.h"

#include <glib/gstdio.h>
#include <string.h>

static void
assert_bytes (GBytes *bytes, const void *data, gsize length)
{
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), data, length);
}

static void
assert_captured (ProcessManagedProcess *process, const void *data, gsize length)
{
  g_autoptr (GBytes) bytes = process_managed_process_get_output_bytes (process);

  assert_bytes (bytes, data, length);
}

/* A child that prints @bytes. */
static ProcessManagedProcess *
start_copy (TestFixture *self, GBytes *bytes)
{
  g_autoptr (ProcessRunOptions) options = test_options ("copy", NULL);

  process_run_options_set_input (options, bytes);
  process_run_options_set_buffer_size (options, 16 * 1024 * 1024);
  return test_start_with (self, options, NULL);
}

typedef struct
{
  const char *printed;
  gsize       length;
  const char *lines; /* each followed by a bar */
} Lines;

#define LINES(printed, lines) { printed, sizeof printed - 1, lines }

static const Lines lines[] = {
  LINES ("one\ntwo\n", "one|two|"),
  LINES ("one\r\ntwo", "one|two|"),
  LINES ("\n\r\n\n", "|||"),
  LINES ("a\rb\r\r\n", "a\rb\r|"),
  LINES (" \t blank \n", " \t blank |"),
  LINES ("gr\xc3\xbcn \xe2\x82\xac\n", "grün €|"),
  LINES ("a\0b\n\0\n", "a\uFFFDb|\uFFFD|"),
  LINES ("\xff\xfe\n\xc3\n\xe2\x82\n", "\uFFFD\uFFFD|\uFFFD|\uFFFD\uFFFD|"),
  LINES ("\xed\xa0\x80\n", "\uFFFD\uFFFD\uFFFD|"),
  LINES ("end\xc3", "end\uFFFD|"),
  LINES ("\xef\xbb\xbf" "first\n", "\uFEFF" "first|"),
  LINES ("", ""),
};

static void
append_line_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
                GString *text)
{
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_cmpint (stream, ==, PROCESS_STREAM_STDOUT);
  g_string_append (text, line);
  g_string_append_c (text, '|');
}

static void
append_service_line_cb (ProcessService *service, ProcessManagedProcess *process, const char *line,
                        ProcessStream stream, GString *text)
{
  append_line_cb (process, line, stream, text);
}

static void
append_batch_cb (ProcessManagedProcess *process, char **batch, ProcessStream stream,
                 GString *text)
{
  g_assert_cmpuint (g_strv_length (batch), >, 0);
  for (guint i = 0; batch[i] != NULL; i++)
    append_line_cb (process, batch[i], stream, text);
}

static void
append_data_cb (ProcessManagedProcess *process, GBytes *data, ProcessStream stream,
                GByteArray *all)
{
  g_assert_cmpuint (g_bytes_get_size (data), >, 0);
  g_byte_array_append (all, g_bytes_get_data (data, NULL), (guint) g_bytes_get_size (data));
}

/* All the ways to get at the output say the same. */
static void
test_lines (TestFixture *self, gconstpointer data)
{
  const Lines *expected = data;
  g_autoptr (GBytes) bytes = g_bytes_new_static (expected->printed, expected->length);
  g_autoptr (ProcessManagedProcess) process = start_copy (self, bytes);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) service_text = g_string_new (NULL);
  g_autoptr (GString) batches = g_string_new (NULL);
  g_autoptr (GByteArray) all = g_byte_array_new ();

  g_signal_connect (process, "output", G_CALLBACK (append_line_cb), text);
  g_signal_connect (process, "lines", G_CALLBACK (append_batch_cb), batches);
  g_signal_connect (process, "data", G_CALLBACK (append_data_cb), all);
  g_signal_connect (self->service, "output", G_CALLBACK (append_service_line_cb), service_text);
  test_finish_well (process);
  g_assert_cmpstr (text->str, ==, expected->lines);
  g_assert_cmpstr (service_text->str, ==, expected->lines);
  g_assert_cmpstr (batches->str, ==, expected->lines);
  g_assert_cmpmem (all->data, all->len, expected->printed, expected->length);
  if (expected->length > 0)
    assert_captured (process, expected->printed, expected->length);
  else
    g_assert_null (process_managed_process_get_output_bytes (process));
}

/* Each of the signals alone. */
static void
test_lines_alone (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) with_batches = test_start (self, "out", "1\\n2\\n3", NULL);
  g_autoptr (ProcessManagedProcess) with_data = test_start (self, "out", "1\\n2\\n3", NULL);
  g_autoptr (GString) batches = g_string_new (NULL);
  g_autoptr (GByteArray) all = g_byte_array_new ();

  g_signal_connect (with_batches, "lines", G_CALLBACK (append_batch_cb), batches);
  g_signal_connect (with_data, "data", G_CALLBACK (append_data_cb), all);
  test_finish_well (with_batches);
  test_finish_well (with_data);
  g_assert_cmpstr (batches->str, ==, "1|2|3|");
  g_assert_cmpmem (all->data, all->len, "1\n2\n3", 5);
}

static void
print_in_two (TestFixture *self, const char *first, const char *second, const char *line)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", first, "await", orders->path, "out", second, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GByteArray) all = g_byte_array_new ();

  g_signal_connect (process, "output", G_CALLBACK (append_line_cb), text);
  g_signal_connect (process, "data", G_CALLBACK (append_data_cb), all);
  test_run_until (all->len > 0);
  g_assert_cmpuint (text->len, ==, 0);
  test_fifo_send (orders);
  test_finish_well (process);
  g_assert_cmpstr (text->str, ==, line);
  g_assert_cmpint (g_unlink (orders->path), ==, 0);
}

/* What comes in two pieces is one line, one character, one end of a line. */
static void
test_in_two (TestFixture *self, gconstpointer data)
{
  print_in_two (self, "one ", "line\\n", "one line|");
  print_in_two (self, "caf\\xc3", "\\xa9\\n", "café|");
  print_in_two (self, "\\xe2\\x82", "\\xac\\n", "€|");
  print_in_two (self, "dos\\r", "\\n", "dos|");
  print_in_two (self, "mac\\r", "x\\n", "mac\rx|");
}

#define PIECE 65536

typedef struct
{
  GString *text;
  guint    n_pieces;
  gsize    character; /* how many bytes as printed a character of the text stands for */
} Pieces;

static void
piece_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Pieces *pieces)
{
  gsize printed = pieces->character > 0
                    ? (gsize) g_utf8_strlen (line, -1) * pieces->character
                    : strlen (line);

  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_cmpuint (printed, <=, PIECE);
  g_string_append (pieces->text, line);
  pieces->n_pieces++;
}

static void
print_long (TestFixture *self, const char *prefix, const char *character, gsize count,
            const char *expected_character)
{
  gsize invalid = strcmp (character, expected_character) != 0 ? strlen (character) : 0;
  g_autoptr (GString) printed = g_string_new (prefix);
  g_autoptr (GString) expected = g_string_new (prefix);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ProcessManagedProcess) process = NULL;
  Pieces pieces = { g_string_new (NULL), 0, invalid };

  for (gsize i = 0; i < count; i++)
    {
      g_string_append (printed, character);
      g_string_append (expected, expected_character);
    }
  g_string_append_c (printed, '\n');
  bytes = g_bytes_new (printed->str, printed->len);
  process = start_copy (self, bytes);
  g_signal_connect (process, "output", G_CALLBACK (piece_cb), &pieces);
  test_finish_well (process);
  g_assert_cmpuint (pieces.n_pieces, >=, printed->len / PIECE);
  g_assert_true (g_string_equal (pieces.text, expected));
  assert_captured (process, printed->str, printed->len);
  g_string_free (pieces.text, TRUE);
}

static void
test_long_lines (TestFixture *self, gconstpointer data)
{
  print_long (self, "", "x", 200000, "x");
  print_long (self, "", "x", PIECE, "x");
  print_long (self, "", "x", PIECE + 1, "x");
  print_long (self, "", "é", 100000, "é");
  print_long (self, "a", "é", 100000, "é");
  print_long (self, "ab", "€", 100000, "€");
  print_long (self, "abc", "😀", 100000, "😀");
  print_long (self, "", "\xff", 200000, "\uFFFD");
}

/* The lines by the words of the contract. */
static GString *
make_lines (const char *data, gsize length)
{
  GString *text = g_string_new (NULL);

  while (length > 0)
    {
      const char *newline = memchr (data, '\n', length);
      gsize n = newline != NULL ? (gsize) (newline - data) : length;
      gsize ended = newline != NULL && n > 0 && data[n - 1] == '\r' ? n - 1 : n;
      g_autofree char *line = g_utf8_make_valid (data, (gssize) ended);

      g_string_append (text, line);
      g_string_append_c (text, '|');
      n = newline != NULL ? n + 1 : n;
      data += n;
      length -= n;
    }
  return text;
}

static void
test_random_bytes (TestFixture *self, gconstpointer data)
{
  g_autoptr (GByteArray) noise = g_byte_array_new ();
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) expected = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ProcessManagedProcess) process = NULL;

  while (noise->len < 3 * 1024 * 1024)
    {
      guint32 word = (guint32) g_test_rand_int ();

      g_byte_array_append (noise, (const guint8 *) &word, sizeof word);
    }
  bytes = g_bytes_new (noise->data, noise->len);
  process = start_copy (self, bytes);
  g_signal_connect (process, "data", G_CALLBACK (append_data_cb), all);
  g_signal_connect (process, "output", G_CALLBACK (append_line_cb), text);
  test_finish_well (process);
  g_assert_cmpmem (all->data, all->len, noise->data, noise->len);
  assert_captured (process, noise->data, noise->len);
  expected = make_lines ((const char *) noise->data, noise->len);
  g_assert_true (g_string_equal (text, expected));
}

static void
count_batch_cb (ProcessManagedProcess *process, char **batch, ProcessStream stream, guint *n)
{
  (*n)++;
}

static void
test_batches (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process = test_start (self, "lines", "5000", NULL);
  g_autoptr (GString) batches = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  g_signal_connect (process, "lines", G_CALLBACK (count_batch_cb), &n);
  g_signal_connect (process, "lines", G_CALLBACK (append_batch_cb), batches);
  g_signal_connect (process, "output", G_CALLBACK (append_line_cb), text);
  test_finish_well (process);
  g_assert_cmpstr (text->str, ==, batches->str);
  g_assert_true (g_str_has_suffix (text->str, "line 4999|line 5000|"));
  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpuint (n, <, 1000);
}

static void
detail_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
           TestFixture *self)
{
  test_log (self, "%d: %s", stream, line);
}

static void
test_details (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "to out\\n", "err", "to err\\n", NULL);
  gulong handler;

  handler = g_signal_connect (process, "output::stderr", G_CALLBACK (detail_cb), self);
  test_finish_well (process);
  test_assert_log (self, "1: to err");
  g_clear_signal_handler (&handler, process);

  g_clear_object (&process);
  process = test_start (self, "out", "to out\\n", "err", "to err\\n", NULL);
  g_signal_connect (process, "output::stdout", G_CALLBACK (detail_cb), self);
  test_finish_well (process);
  test_assert_log (self, "0: to out");
}

static void
test_streams (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "1\\n2", "err", "3\\n4", NULL);

  test_log_process (self, process);
  test_log_service (self);
  test_finish_well (process);
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *entry = g_strdup_printf ("%s: %u", i <= 2 ? "stdout" : "stderr", i);
      g_autofree char *of_service = g_strdup_printf ("service %s", entry);

      g_assert_cmpuint (test_count_log (self, entry), ==, 1);
      g_assert_cmpuint (test_count_log (self, of_service), ==, 1);
    }
  g_assert_cmpuint (self->log->len, ==, 12);
}

static gboolean
has_output (ProcessManagedProcess *process, const char *expected)
{
  g_autofree char *output = process_managed_process_get_output (process);

  return g_str_equal (output, expected);
}

/* A handler gets what comes after it was connected. */
static void
test_connect_later (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) orders = test_fifo_new_orders (self, "orders");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "out", "one\\n", "await", orders->path, "out", "two\\n", NULL);

  test_run_until (has_output (process, "one\n"));
  g_assert_true (process_managed_process_is_running (process));
  test_log_process (self, process);
  test_fifo_send (orders);
  test_finish_well (process);
  test_assert_log (self, "stdout: two", "exited 0");
}

static void
test_capture_keeps_the_newest (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("out", "0123456789é", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_buffer_size (options, 5);
  process = test_start_with (self, options, NULL);
  test_log_notify (self, process);
  test_finish_well (process);
  output = process_managed_process_get_output (process);
  g_assert_cmpstr (output, ==, "789é");
  assert_captured (process, "789\xc3\xa9", 5);
  g_assert_true (process_managed_process_get_output_truncated (process));
  g_assert_cmpuint (test_count_log (self, "notify output-truncated"), ==, 1);
}

/* The oldest character may have lost its first byte: the text is valid still. */
static void
test_capture_is_valid (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("out", "€\\x00\\xff", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_buffer_size (options, 4);
  process = test_start_with (self, options, NULL);
  test_finish_well (process);
  output = process_managed_process_get_output (process);
  g_assert_cmpstr (output, ==, "\uFFFD\uFFFD\uFFFD\uFFFD");
  assert_captured (process, "\x82\xac\0\xff", 4);
}

static void
test_capture_of_the_service (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessService) service = g_object_new (PROCESS_TYPE_SERVICE, "buffer-size", 3, NULL);
  const char *args[] = { "out", "12345", NULL };
  g_autoptr (ProcessManagedProcess) small =
    process_service_start (service, test_get_child (), args, NULL, NULL);
  g_autoptr (ProcessManagedProcess) normal =
    test_start (self, "bytes", "1048577", "x", "out", "end", NULL);

  g_assert_cmpuint (process_service_get_buffer_size (service), ==, 3);
  g_assert_cmpuint (process_service_get_buffer_size (self->service), ==, 1048576);
  test_finish_well (small);
  test_finish_well (normal);
  assert_captured (small, "345", 3);
  g_assert_true (process_managed_process_get_output_truncated (normal));
  {
    g_autofree char *output = process_managed_process_get_output (normal);

    g_assert_cmpuint (strlen (output), ==, 1048576);
    g_assert_true (g_str_has_suffix (output, "xend"));
  }
}

static void
test_not_truncated (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("out", "12345", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_buffer_size (options, 5);
  process = test_start_with (self, options, NULL);
  test_finish_well (process);
  assert_captured (process, "12345", 5);
  g_assert_false (process_managed_process_get_output_truncated (process));
}

static void
test_disable_capture (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("out", "hi\\n", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_disable_capture (options, TRUE);
  process = test_start_with (self, options, NULL);
  test_log_process (self, process);
  test_finish_well (process);
  test_assert_log (self, "started", "stdout: hi", "exited 0");
  g_assert_true (has_output (process, ""));
  g_assert_null (process_managed_process_get_output_bytes (process));
  g_assert_false (process_managed_process_get_output_truncated (process));
}

static char *
make_alternation (guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 1; i <= n; i++)
    g_string_append_printf (text, "out %u\nerr %u\n", i, i);
  return g_string_free (text, FALSE);
}

static void
test_merge_stderr (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = test_options ("alternate", "2000", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autofree char *expected = make_alternation (2000);

  process_run_options_set_merge_stderr (options, TRUE);
  process = test_start_with (self, options, NULL);
  test_log_process (self, process);
  test_finish_well (process);
  assert_captured (process, expected, strlen (expected));
  g_assert_cmpuint (self->log->len, ==, 4002);
  g_assert_cmpstr (self->log->pdata[3999], ==, "stdout: out 2000");
  g_assert_cmpstr (self->log->pdata[4000], ==, "stdout: err 2000");
}

static void
test_paths (TestFixture *self, gconstpointer data)
{
  g_autofree char *out_path = test_path (self, "out");
  g_autofree char *err_path = test_path (self, "err");
  g_autoptr (ProcessRunOptions) options =
    test_options ("out", "to out\\n", "err", "to err\\n", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;

  test_write_file (out_path, "before\n", 0600);
  process_run_options_set_stdout_path (options, out_path);
  process = test_start_with (self, options, NULL);
  test_log_process (self, process);
  test_finish_well (process);
  test_assert_log (self, "started", "stderr: to err", "exited 0");
  assert_captured (process, "to err\n", 7);
  test_assert_file (out_path, "before\nto out\n");

  process_run_options_set_stderr_path (options, err_path);
  g_clear_object (&process);
  process = test_start_with (self, options, NULL);
  test_log_process (self, process);
  test_finish_well (process);
  test_assert_log (self, "started", "exited 0");
  g_assert_true (has_output (process, ""));
  test_assert_file (out_path, "before\nto out\nto out\n");
  test_assert_file (err_path, "to err\n");
}

/* Both streams may go to one file: nothing is written over. */
static void
test_one_path (TestFixture *self, gconstpointer data)
{
  gboolean merge = GPOINTER_TO_INT (data);
  g_autofree char *path = test_path (self, "both");
  g_autofree char *expected = make_alternation (500);
  g_autoptr (ProcessRunOptions) options = test_options ("alternate", "500", NULL);
  g_autoptr (ProcessManagedProcess) process = NULL;

  process_run_options_set_stdout_path (options, path);
  if (merge)
    process_run_options_set_merge_stderr (options, TRUE);
  else
    process_run_options_set_stderr_path (options, path);
  process = test_start_with (self, options, NULL);
  test_finish_well (process);
  test_assert_file (path, expected);
}

static void
test_path_that_cannot_be (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("true", NULL);
  g_autoptr (GError) error = NULL;

  process_run_options_set_stderr_path (options, "/nonexistent/file");
  g_assert_null (process_service_start_with_options (self->service, options, NULL, &error));
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
  g_assert_nonnull (strstr (error->message, "“/nonexistent/file”"));
  g_assert_nonnull (strstr (error->message, "No such file or directory"));
}

static void
count_line_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               gsize *total)
{
  *total += strlen (line) + 1;
}

static void
test_much (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "lines", "1000000", "err-lines", "1000000", NULL);
  gsize out = 0, err = 0;

  g_signal_connect (process, "output::stdout", G_CALLBACK (count_line_cb), &out);
  g_signal_connect (process, "output::stderr", G_CALLBACK (count_line_cb), &err);
  test_finish_well (process);
  g_assert_cmpuint (out, ==, 11888896);
  g_assert_cmpuint (err, ==, 11888896);
}

/* What a child can get rid of while a handler of its is busy: what waits to be
 * delivered, what the pipe holds, and one reading more. */
#define PRESSED (8 * 1024 * 1024)
#define PRESSED_AT_MOST ((1024 + 256 + 128) * 1024)

typedef struct
{
  TestFixture *fixture;
  TestFifo    *report;
  gboolean     nested_loop;
  gsize        total;
} Press;

static void
busy_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream, Press *press)
{
  const char *args[] = { "relay", press->report->path, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;

  press->total += strlen (line) + 1;
  if (press->total > strlen (line) + 1)
    return;
  if (press->nested_loop)
    {
      test_run_until (test_fifo_has_line (press->report));
      told = test_fifo_take_line (press->report);
    }
  else
    told = process_service_run (press->fixture->service, test_get_child (), args, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_ascii_strtoll (told, NULL, 10), >, 0);
  g_assert_cmpint (g_ascii_strtoll (told, NULL, 10), <=, PRESSED_AT_MOST);
}

/* A handler that is busy, but lets things happen, costs bounded memory: the
 * child has to wait. When it is done, all the rest comes. */
static void
test_busy_handler (TestFixture *self, gconstpointer data)
{
  g_autoptr (TestFifo) report = test_fifo_new (self, "report");
  g_autoptr (ProcessManagedProcess) process =
    test_start (self, "press", G_STRINGIFY (8388608), report->path, NULL);
  Press press = { self, report, GPOINTER_TO_INT (data), 0 };

  g_signal_connect (process, "output", G_CALLBACK (busy_cb), &press);
  test_finish_well (process);
  g_assert_cmpuint (press.total, ==, PRESSED);
}

static gboolean
tick_cb (gpointer data)
{
  guint *ticks = data;

  (*ticks)++;
  return G_SOURCE_CONTINUE;
}

/* One that prints without a pause starves nobody else. */
static void
test_flood_starves_nobody (TestFixture *self, gconstpointer data)
{
  g_autoptr (ProcessManagedProcess) flood = test_start (self, "flood", NULL);
  g_autoptr (GSource) source = g_timeout_source_new (0);
  g_autoptr (GError) error = NULL;
  guint ticks = 0;
  gsize total = 0;

  g_signal_connect (flood, "output", G_CALLBACK (count_line_cb), &total);
  g_source_set_callback (source, tick_cb, &ticks, NULL);
  g_source_attach (source, NULL);
  test_run_until (ticks > 50 && total > 1000000);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (ProcessManagedProcess) process = test_start (self, "out", "hi\\n", NULL);

      test_log_process (self, process);
      test_finish_well (process);
      test_assert_log (self, "started", "stdout: hi", "exited 0");
    }
  g_source_destroy (source);
  process_managed_process_kill (flood, &error);
  g_assert_no_error (error);
  error = test_finish (flood);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
}

typedef struct
{
  const char *name;
  int         priority; /* of somebody else's source */
  gboolean    in_lines; /* the child prints a line a write, else in blocks */
} Rival;

static const Rival rivals[] = {
  { "drawing/blocks", G_PRIORITY_HIGH_IDLE + 20, FALSE },
  { "drawing/lines", G_PRIORITY_HIGH_IDLE + 20, TRUE },
  { "idle/blocks", G_PRIORITY_LOW, FALSE },
  { "idle/lines", G_PRIORITY_LOW, TRUE },
};

/* Slower than the child, and not always by the same. */
static void
work_cb (ProcessManagedProcess *process, GBytes *data, ProcessStream stream, guint *n_chunks)
{
  gint64 end = g_get_monotonic_time () + 200 + *n_chunks * 739 % 2300;

  (*n_chunks)++;
  while (g_get_monotonic_time () < end)
    continue;
}

static ProcessManagedProcess *
start_flood (TestFixture *self, const Rival *rival, guint *n_chunks)
{
  g_autoptr (GError) error = NULL;
  ProcessManagedProcess *flood =
    rival->in_lines ? test_start (self, "flood", NULL)
                    : process_service_start (self->service, "yes", NULL, NULL, &error);

  g_assert_no_error (error);
  g_signal_connect (flood, "data", G_CALLBACK (work_cb), n_chunks);
  return flood;
}

static void
kill_flood (ProcessManagedProcess *flood)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (process_managed_process_kill (flood, NULL));
  error = test_finish (flood);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_KILLED);
}

/* Nor does it keep the main loop from what is less urgent, which is how GTK draws,
 * whether the pipe is always full or only never empty. And though the rival is
 * always ready, it goes on. */
static void
test_flood_and_rival (TestFixture *self, gconstpointer data)
{
  const Rival *rival = data;
  g_autoptr (GSource) source = g_timeout_source_new (0);
  guint ticks = 0;
  guint n_chunks = 0;
  g_autoptr (ProcessManagedProcess) one = start_flood (self, rival, &n_chunks);
  g_autoptr (ProcessManagedProcess) other = start_flood (self, rival, &n_chunks);

  test_run_until (n_chunks > 100);
  n_chunks = 0;
  g_source_set_priority (source, rival->priority);
  g_source_set_callback (source, tick_cb, &ticks, NULL);
  g_source_attach (source, NULL);
  test_run_until (n_chunks >= 20 && (ticks >= 20 || n_chunks > 1000));
  g_assert_cmpuint (ticks, >=, 20);
  g_source_destroy (source);
  kill_flood (one);
  kill_flood (other);
}

/* Services take their rests together. */
static void
test_floods_of_many (TestFixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSource) source = g_timeout_source_new (0);
  guint ticks = 0;
  guint n_chunks = 0;

  for (guint i = 0; i < 8; i++)
    {
      ProcessService *service = process_service_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (ProcessManagedProcess) flood = process_service_start (service, "yes", NULL, NULL,
                                                                       &error);

      g_assert_no_error (error);
      g_ptr_array_add (services, service);
      g_signal_connect (flood, "data", G_CALLBACK (work_cb), &n_chunks);
      /* Each begins at a moment of its own. */
      test_run_until (n_chunks >= 7 * (i + 1));
    }
  n_chunks = 0;
  g_source_set_priority (source, G_PRIORITY_DEFAULT_IDLE);
  g_source_set_callback (source, tick_cb, &ticks, NULL);
  g_source_attach (source, NULL);
  test_run_until (n_chunks >= 20 && (ticks >= 50 || n_chunks > 500));
  g_assert_cmpuint (ticks, >=, 50);
  g_source_destroy (source);
  for (guint i = 0; i < services->len; i++)
    g_assert_true (process_service_shutdown (services->pdata[i], 0, NULL, NULL));
}

static void
add_rival_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rivals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/output/flood-and-%s", rivals[i].name);

      test_add_with (path, &rivals[i], test_flood_and_rival);
    }
}

static void
add_lines_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *path = g_strdup_printf ("/output/lines/%" G_GSIZE_FORMAT, i);

      test_add_with (path, &lines[i], test_lines);
    }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  add_lines_tests ();
  test_add ("/output/lines-alone", test_lines_alone);
  test_add ("/output/in-two", test_in_two);
  test_add ("/output/long-lines", test_long_lines);
  test_add ("/output/random-bytes", test_random_bytes);
  test_add ("/output/batches", test_batches);
  test_add ("/output/details", test_details);
  test_add ("/output/streams", test_streams);
  test_add ("/output/connect-later", test_connect_later);
  test_add ("/output/capture-keeps-the-newest", test_capture_keeps_the_newest);
  test_add ("/output/capture-is-valid", test_capture_is_valid);
  test_add ("/output/capture-of-the-service", test_capture_of_the_service);
  test_add ("/output/not-truncated", test_not_truncated);
  test_add ("/output/disable-capture", test_disable_capture);
  test_add ("/output/merge-stderr", test_merge_stderr);
  test_add ("/output/paths", test_paths);
  test_add_with ("/output/one-path", GINT_TO_POINTER (FALSE), test_one_path);
  test_add_with ("/output/one-path-merged", GINT_TO_POINTER (TRUE), test_one_path);
  test_add ("/output/path-that-cannot-be", test_path_that_cannot_be);
  test_add ("/output/much", test_much);
  test_add_with ("/output/busy-handler", GINT_TO_POINTER (FALSE), test_busy_handler);
  test_add_with ("/output/busy-handler-with-a-loop", GINT_TO_POINTER (TRUE), test_busy_handler);
  test_add ("/output/flood-starves-nobody", test_flood_starves_nobody);
  add_rival_tests ();
  test_add ("/output/floods-of-many", test_floods_of_many);

  return g_test_run ();
}
