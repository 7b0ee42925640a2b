/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What children cost us. A sanitizer or valgrind multiplies it, so there it is not asked. */

#include "faults-util.h"

#define KIB 1024
#define MIB (1024 * 1024)

#define FLOOD (G_GUINT64_CONSTANT (10) * 1024 * MIB)
#define MAX_GROWTH (8 * MIB)

#define MAX_IDLE (10 * KIB)

static void
count_data_cb (ProcessManagedProcess *process, GBytes *bytes, ProcessStream stream,
               guint64 *total)
{
  *total += g_bytes_get_size (bytes);
}

static void
ended_cb (ProcessManagedProcess *process, int code, gint64 duration, GError *error,
          gboolean *ended)
{
  g_assert_no_error (error);
  *ended = TRUE;
}

/* What our memory grows by while a child prints so much. */
static gsize
measure_flood (ProcessService *service, guint64 n_bytes, const char *signal_name,
               GCallback callback, gpointer data)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, n_bytes);
  g_autoptr (ProcessRunOptions) options = faults_child ("flood", size);
  g_autoptr (ProcessManagedProcess) process = NULL;
  g_autoptr (GBytes) captured = NULL;
  gboolean ended = FALSE;
  gsize before;

  faults_reset_peak ();
  before = faults_get_memory ();
  process = faults_start (service, options);
  if (callback != NULL)
    g_signal_connect (process, signal_name, callback, data);
  g_signal_connect (process, "exited", G_CALLBACK (ended_cb), &ended);
  /* Without a deadline: that of the test's runner will do. */
  while (!ended)
    g_main_context_iteration (NULL, TRUE);
  captured = process_managed_process_get_output_bytes (process);
  g_assert_cmpuint (g_bytes_get_size (captured), ==, PROCESS_DEFAULT_BUFFER_SIZE);
  return faults_get_peak () - before;
}

static void
check_growth (gsize growth)
{
  g_test_message ("Memory grew by %" G_GSIZE_FORMAT " KiB", growth / KIB);
  g_assert_cmpuint (growth, <=, MAX_GROWTH);
}

static void
test_flood (ProcessService *service)
{
  guint64 total = 0;

  check_growth (measure_flood (service, FLOOD, "data", G_CALLBACK (count_data_cb), &total));
  g_assert_cmpuint (total, ==, FLOOD);
}

static void
test_flood_unheard (ProcessService *service)
{
  check_growth (measure_flood (service, FLOOD / 20, NULL, NULL, NULL));
}

static void
count_line_cb (ProcessManagedProcess *process, const char *line, ProcessStream stream,
               guint *n_lines)
{
  (*n_lines)++;
}

static void
test_flood_of_lines (ProcessService *service)
{
  guint n_lines = 0;

  check_growth (
    measure_flood (service, FLOOD / 20, "output", G_CALLBACK (count_line_cb), &n_lines));
  g_assert_cmpuint (n_lines, ==, FLOOD / 20 / 64);
}

static void
start_idle (ProcessService *service, guint n)
{
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("cat", NULL);

  for (guint i = 0; i < n; i++)
    g_object_unref (faults_start (service, options));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Every one of them has five descriptors here, GLib's among them. */
static void
test_idle (ProcessService *service)
{
  guint n = MIN (1000, (faults_raise_descriptor_limit () - 100) / 6);
  gsize before, each;

  start_idle (service, 20);
  before = faults_get_memory ();
  start_idle (service, n);
  each = (faults_get_memory () - before) / n;
  g_test_message ("An idle child takes %" G_GSIZE_FORMAT " bytes", each);
  g_assert_cmpuint (process_service_get_n_running (service), ==, n + 20);
  g_assert_cmpuint (each, <=, MAX_IDLE);
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  if (faults_is_watched ())
    return 77;
  faults_add ("/faults/memory/flood", test_flood);
  faults_add ("/faults/memory/flood-unheard", test_flood_unheard);
  faults_add ("/faults/memory/flood-of-lines", test_flood_of_lines);
  faults_add ("/faults/memory/idle", test_idle);
  return g_test_run ();
}
