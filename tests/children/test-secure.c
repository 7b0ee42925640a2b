/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A program that has more rights than whoever starts it, and chooses its environment. */

#include <process-glib/process-glib.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define PLAIN "--plain"
#define SECURE "--secure"
#define IMPOSSIBLE 77

static const char *own_path;

/* The program itself. */
static int
run_child (gboolean secure)
{
  g_autoptr (ProcessService) service = process_service_new ();
  const char *const args[] = { "hello", NULL };
  g_autofree char *output = NULL;

  if (secure && getauxval (AT_SECURE) == 0)
    return IMPOSSIBLE;
  output = process_service_run (service, "echo", args, NULL, NULL);
  return g_strcmp0 (output, "hello\n") == 0 ? 0 : 1;
}

typedef struct
{
  char *folder;  /* (owned) */
  char *program; /* (owned) */
  char *helper;  /* (owned), that of an attacker */
  char *marker;  /* (owned), which is there once that has run */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *script = NULL;
  g_autofree char *content = NULL;
  gsize length;

  self->folder = g_dir_make_tmp ("process-glib-XXXXXX", NULL);
  self->program = g_build_filename (self->folder, "program", NULL);
  self->helper = g_build_filename (self->folder, "helper", NULL);
  self->marker = g_build_filename (self->folder, "marker", NULL);
  script = g_strdup_printf ("#!/bin/sh\n: >'%s'\n", self->marker);
  g_assert_true (g_file_set_contents_full (self->helper, script, -1, 0, 0755, NULL));
  g_assert_true (g_file_get_contents (own_path, &content, &length, NULL));
  g_assert_true (g_file_set_contents_full (self->program, content, (gssize) length, 0, 0755, NULL));
  g_assert_no_errno (g_chmod (self->folder, 0777));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->program);
  g_unlink (self->helper);
  g_unlink (self->marker);
  g_assert_no_errno (g_rmdir (self->folder));
  g_free (self->folder);
  g_free (self->program);
  g_free (self->helper);
  g_free (self->marker);
}

static int
run_program (Fixture *self, const char *mode)
{
  char *argv[] = { self->program, (char *) mode, NULL };
  g_auto (GStrv) envp =
    g_environ_setenv (g_get_environ (), "PROCESS_GLIB_EXEC", self->helper, TRUE);
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, argv, envp, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* What stands in for the helper is for those who have the rights already. */
static void
test_exec_helper (Fixture *self, gconstpointer data)
{
  int code;

  if (getuid () != 0)
    {
      g_test_skip ("Only root can give a program to another user");
      return;
    }
  g_assert_cmpint (run_program (self, PLAIN), ==, 1);
  g_assert_true (g_file_test (self->marker, G_FILE_TEST_EXISTS));
  g_unlink (self->marker);

  g_assert_no_errno (chown (self->program, NOBODY, NOBODY));
  g_assert_no_errno (g_chmod (self->program, 04755));
  code = run_program (self, SECURE);
  if (code == IMPOSSIBLE)
    {
      g_test_skip ("A program cannot get the rights of its owner here");
      return;
    }
  g_assert_cmpint (code, ==, 0);
  g_assert_false (g_file_test (self->marker, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  if (argc == 2 && (g_str_equal (argv[1], PLAIN) || g_str_equal (argv[1], SECURE)))
    return run_child (g_str_equal (argv[1], SECURE));
  own_path = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/secure/exec-helper", Fixture, NULL, set_up, test_exec_helper, tear_down);
  return g_test_run ();
}
