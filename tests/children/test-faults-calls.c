/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What went wrong when a certain system call failed, before it was mended; NEWS names each. */

#include "faults-util.h"

#include <errno.h>
#include <string.h>

#include "faults/fault-shim.h"

/* More than a pipe holds, and than is written at once. */
#define INPUT_SIZE (200 * 1000)

static void
fail_calls (const char *name, int problem, guint first, guint last)
{
  fault_shim_arm (fault_shim_find (name), problem, first, last, FAULT_SCOPE_GLIB);
}

static ProcessRunOptions *
make_echo (void)
{
  return faults_sh ("echo hello");
}

/* All of the input, or an error. */
static void
test_input (ProcessService *service)
{
  g_autofree char *text = g_strnfill (INPUT_SIZE, 'x');
  g_autoptr (GBytes) input = g_bytes_new_static (text, INPUT_SIZE);
  g_autoptr (ProcessRunOptions) options = process_run_options_new ("cat", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  process_run_options_set_input (options, input);
  fail_calls ("write", ENOMEM, 1, 1);
  output = process_service_run_with_options (service, options, NULL, &error);
  g_assert_cmpuint (fault_shim_disarm (), ==, 1);
  g_assert_null (output);
  g_assert_error (error, G_IO_ERROR, (int) g_io_error_from_errno (ENOMEM));
  g_assert_nonnull (strstr (error->message, "could not be given all of its standard input"));
}

static void
test_wait_for_start (ProcessService *service)
{
  g_autoptr (ProcessRunOptions) options = make_echo ();
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  fault_shim_arm (fault_shim_find ("poll"), ENOMEM, 1, 1, FAULT_SCOPE_LIBRARY);
  output = process_service_run_with_options (service, options, NULL, &error);
  g_assert_cmpuint (fault_shim_disarm (), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpstr (output, ==, "hello\n");
}

/* Each call that can be interrupted, one after the other. */
static void
run_interrupted (ProcessService *service, const char *call, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "output", NULL);
  guint n_fired = 1;

  for (guint n = 1; n_fired > 0; n++)
    {
      g_autoptr (ProcessRunOptions) options = make_echo ();
      g_autoptr (GError) error = NULL;
      g_autofree char *output = NULL;

      process_run_options_set_stdout_path (options, path);
      process_run_options_set_stdin_mode (options, PROCESS_STDIN_MODE_PIPE);
      fail_calls (call, EINTR, n, n);
      output = process_service_run_with_options (service, options, NULL, &error);
      n_fired = fault_shim_disarm ();
      g_assert_no_error (error);
      g_assert_cmpstr (output, ==, "");
    }
}

static void
test_interrupted (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();

  run_interrupted (service, "open", folder);
  run_interrupted (service, "send", folder);
  run_interrupted (service, "poll", folder);
  faults_remove_folder (folder);
}

/* GLib would abort for want of a descriptor; whoever asks is told what there is none of. */
static void
test_first_start (ProcessService *service)
{
  static const int problems[] = { ENOMEM, EMFILE };

  for (gsize i = 0; i < G_N_ELEMENTS (problems); i++)
    {
      g_autoptr (ProcessRunOptions) options = make_echo ();
      g_autoptr (GError) error = NULL;

      fault_shim_arm (fault_shim_find ("eventfd"), problems[i], 1, 1, FAULT_SCOPE_LIBRARY);
      error = faults_fail_to_start (service, options);
      g_assert_cmpuint (fault_shim_disarm (), ==, 1);
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_START_FAILED);
      g_assert_nonnull (strstr (error->message, g_strerror (problems[i])));
    }
}

/* What is wrong with a file is said with its name. */
static void
test_specs (ProcessService *service)
{
  g_autofree char *folder = faults_make_folder ();
  g_autofree char *path = faults_write_file (folder, "specs.json", "[]", 0600);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GPtrArray) specs = NULL;
  g_autoptr (GError) error = NULL;

  fail_calls ("read from a file", EIO, 1, 1);
  specs = process_run_spec_list_from_file (file, NULL, &error);
  g_assert_cmpuint (fault_shim_disarm (), ==, 1);
  g_assert_null (specs);
  g_assert_error (error, G_IO_ERROR, (int) g_io_error_from_errno (EIO));
  g_assert_nonnull (strstr (error->message, path));
  faults_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  faults_init (&argc, &argv);
  faults_add ("/faults/calls/input", test_input);
  faults_add ("/faults/calls/wait-for-start", test_wait_for_start);
  faults_add ("/faults/calls/interrupted", test_interrupted);
  faults_add ("/faults/calls/first-start", test_first_start);
  faults_add ("/faults/calls/specs", test_specs);
  return g_test_run ();
}
