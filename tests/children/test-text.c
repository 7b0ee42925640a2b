/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/process-text-private.h>

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

static void
test_make_valid (void)
{
  const char *mixed[] = { "plain", "caf\xe9", NULL };
  g_autofree char *plain = _process_make_valid ("grün", -1);
  g_autofree char *part = _process_make_valid ("grün", 2);
  g_autofree char *with_nuls = _process_make_valid ("\0a\0\xff\0", 5);
  g_autofree char *long_nul = _process_make_valid ("€\0", 4);
  g_autofree char *nothing = _process_make_valid ("", 0);
  g_auto (GStrv) strv = _process_make_valid_strv (mixed);
  g_auto (GStrv) none = _process_make_valid_strv (NULL);

  g_assert_cmpstr (plain, ==, "grün");
  g_assert_cmpstr (part, ==, "gr");
  g_assert_cmpstr (with_nuls, ==, "\uFFFDa\uFFFD\uFFFD\uFFFD");
  g_assert_cmpstr (long_nul, ==, "€\uFFFD");
  g_assert_cmpstr (nothing, ==, "");
  g_assert_cmpuint (g_strv_length (strv), ==, 2);
  g_assert_cmpstr (strv[0], ==, "plain");
  g_assert_cmpstr (strv[1], ==, "caf\uFFFD");
  g_assert_nonnull (none);
  g_assert_null (none[0]);
}

static void
assert_parsed (const char *text,
               const char *expected)
{
  g_autoptr (GDateTime) time = _process_parse_time (text);
  g_autofree char *again = time != NULL ? _process_format_time (time) : NULL;

  g_assert_cmpstr (again, ==, expected);
}

static void
test_parse_time (void)
{
  const char *bad[] = {
    "", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z",
    "2026-02-29T03:04:05Z", "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z",
    "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05+0100",
    "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+01:60", "2026-01-02T03:04:05Z ",
    " 2026-01-02T03:04:05Z", "2026-1-02T03:04:05Z", "02026-01-02T03:04:05Z", "20260102T030405Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01", "Z",
    "2026-01-02T03:04:0५Z", "-026-01-02T03:04:05Z",
  };

  assert_parsed ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z");
  assert_parsed ("2026-01-02t03:04:05z", "2026-01-02T03:04:05Z");
  assert_parsed ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z");
  assert_parsed ("2026-01-02T03:04:05.5+05:30", "2026-01-01T21:34:05.5Z");
  assert_parsed ("2026-12-31T23:30:00.000001-01:00", "2027-01-01T00:30:00.000001Z");
  assert_parsed ("2024-02-29T00:00:00+00:00", "2024-02-29T00:00:00Z");
  assert_parsed ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z");
  assert_parsed ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_parsed (bad[i], NULL);
}

/* What was written once stays as it is. */
static void
test_time_rounds (void)
{
  for (int microseconds = 0; microseconds < 1000000; microseconds += 997)
    {
      g_autofree char *text = g_strdup_printf ("2026-01-02T03:04:59.%06d1Z", microseconds);
      g_autoptr (GDateTime) time = _process_parse_time (text);

      g_assert_cmpint (g_date_time_get_microsecond (time), ==, microseconds);
      g_assert_cmpint (g_date_time_get_second (time), ==, 59);
    }
}

static void
assert_time (const char *given,
             const char *expected)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (given, NULL);
  g_autofree char *text = NULL;

  g_assert_nonnull (time);
  text = _process_format_time (time);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_format_time (void)
{
  assert_time ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z");
  assert_time ("2026-01-02T03:04:05.250Z", "2026-01-02T03:04:05.25Z");
  assert_time ("2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z");
  assert_time ("2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456Z");
  assert_time ("2026-01-02T00:30:00+01:00", "2026-01-01T23:30:00Z");
  assert_time ("0044-03-15T12:00:00Z", "0044-03-15T12:00:00Z");
}

static void
assert_signal_name (int         signum,
                    const char *expected)
{
  g_autofree char *name = _process_signal_name (signum);

  g_assert_cmpstr (name, ==, expected);
}

/* No control character stays as it is, and none is lost. */
static void
test_json (void)
{
  for (char c = 1; c < 0x7f; c++)
    {
      const char text[] = { 'a', c, c, 'z', '\0' };
      g_autoptr (JsonNode) root = json_node_init_string (json_node_alloc (), text);
      g_autofree char *json = _process_json_to_string (root, FALSE);
      g_autoptr (JsonNode) again = json_from_string (json, NULL);

      for (const char *each = json; *each != '\0'; each++)
        g_assert_cmpint (*each, >=, ' ');
      g_assert_cmpstr (json_node_get_string (again), ==, text);
    }
}

static void
test_signal_names (void)
{
  assert_signal_name (SIGKILL, "SIGKILL");
  assert_signal_name (SIGTERM, "SIGTERM");
  assert_signal_name (SIGABRT, "SIGABRT");
  assert_signal_name (SIGSYS, "SIGSYS");
  assert_signal_name (SIGRTMIN, "SIGRTMIN");
  assert_signal_name (SIGRTMIN + 3, "SIGRTMIN+3");
  assert_signal_name (SIGRTMAX, "SIGRTMAX");
  assert_signal_name (32, "SIG32");

  for (int i = 1; i < 32; i++)
    {
      g_autofree char *name = _process_signal_name (i);
#ifdef __GLIBC__
      g_autofree char *expected = g_strconcat ("SIG", sigabbrev_np (i), NULL);

      /* The C library calls SIGIO by its other name. */
      g_assert_cmpstr (name, ==, i == SIGIO ? "SIGIO" : expected);
#endif
      g_assert_false (g_ascii_isdigit (name[3]));
    }
}

static void
test_signal_is_valid (void)
{
  g_assert_false (_process_signal_is_valid (-1));
  g_assert_false (_process_signal_is_valid (0));
  g_assert_true (_process_signal_is_valid (1));
  g_assert_true (_process_signal_is_valid (64));
  g_assert_false (_process_signal_is_valid (65));
}

typedef struct
{
  char *folder;
  char *program;
  char *plain_file;
  char *inner;
} Files;

static void
set_up (Files         *files,
        gconstpointer  user_data)
{
  files->folder = g_dir_make_tmp ("process-glib-XXXXXX", NULL);
  files->program = g_build_filename (files->folder, "prog", NULL);
  files->plain_file = g_build_filename (files->folder, "text", NULL);
  files->inner = g_build_filename (files->folder, "inner", NULL);

  g_assert_true (g_file_set_contents (files->program, "#!/bin/sh\n", -1, NULL));
  g_assert_no_errno (g_chmod (files->program, 0755));
  g_assert_true (g_file_set_contents (files->plain_file, "", -1, NULL));
  g_assert_no_errno (g_chmod (files->plain_file, 0644));
  g_assert_no_errno (g_mkdir (files->inner, 0755));
}

static void
tear_down (Files         *files,
           gconstpointer  user_data)
{
  g_assert_no_errno (g_unlink (files->program));
  g_assert_no_errno (g_unlink (files->plain_file));
  g_assert_no_errno (g_rmdir (files->inner));
  g_assert_no_errno (g_rmdir (files->folder));
  g_free (files->program);
  g_free (files->plain_file);
  g_free (files->inner);
  g_free (files->folder);
}

static void
assert_found (const char *name,
              const char *path,
              const char *expected)
{
  g_autofree char *found = _process_find_program (name, path);

  g_assert_cmpstr (found, ==, expected);
}

static void
test_find_in_path (Files         *files,
                   gconstpointer  user_data)
{
  g_autofree char *first = g_strconcat (files->folder, ":/nonexistent", NULL);
  g_autofree char *last = g_strconcat ("/nonexistent:", files->folder, NULL);
  g_autofree char *slash = g_strconcat (files->folder, "/", NULL);
  g_autofree char *sh = NULL;

  assert_found ("prog", files->folder, files->program);
  assert_found ("prog", first, files->program);
  assert_found ("prog", last, files->program);
  assert_found ("prog", slash, files->program);
  assert_found ("prog", "/nonexistent", NULL);
  assert_found ("prog", "", NULL);
  assert_found ("text", files->folder, NULL);
  assert_found ("inner", files->folder, NULL);
  assert_found ("", files->folder, NULL);

  sh = _process_find_program ("sh", NULL);
  g_assert_nonnull (sh);
  g_assert_true (g_path_is_absolute (sh));
}

static void
test_find_not_here (Files         *files,
                    gconstpointer  user_data)
{
  g_autofree char *before = g_get_current_dir ();
  g_autofree char *base = g_path_get_basename (files->folder);
  g_autofree char *relative = g_strconcat (base, "/prog", NULL);
  g_autofree char *parent = g_path_get_dirname (files->folder);

  g_assert_no_errno (g_chdir (files->folder));
  assert_found ("prog", ":", NULL);
  assert_found ("prog", ".", NULL);
  assert_found ("prog", "./:", NULL);
  assert_found ("prog", "/nonexistent::/nonexistent", NULL);

  g_assert_no_errno (g_chdir (parent));
  assert_found ("prog", base, NULL);
  assert_found (relative, "/nonexistent", files->program);

  g_assert_no_errno (g_chdir (before));
}

static void
test_find_by_path (Files         *files,
                   gconstpointer  user_data)
{
  assert_found (files->program, "", files->program);
  assert_found (files->plain_file, "", NULL);
  assert_found (files->inner, "", NULL);
  assert_found ("/nonexistent/prog", files->folder, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/text/make-valid", test_make_valid);
  g_test_add_func ("/text/format-time", test_format_time);
  g_test_add_func ("/text/parse-time", test_parse_time);
  g_test_add_func ("/text/time-rounds", test_time_rounds);
  g_test_add_func ("/text/json", test_json);
  g_test_add_func ("/text/signal-names", test_signal_names);
  g_test_add_func ("/text/signal-is-valid", test_signal_is_valid);
  g_test_add ("/text/find-in-path", Files, NULL, set_up, test_find_in_path, tear_down);
  g_test_add ("/text/find-not-here", Files, NULL, set_up, test_find_not_here, tear_down);
  g_test_add ("/text/find-by-path", Files, NULL, set_up, test_find_by_path, tear_down);

  return g_test_run ();
}
