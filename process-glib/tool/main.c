/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-text-private.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct
{
  const char *name;
  const char *summary;
  ToolMain    main;
} commands[] = {
  { "run", "Run a command, pass on what it prints and end as it ends", tool_run },
  { "pipeline", "Run the programs of a file, each after those it waits for", tool_pipeline },
  { "daemon", "Run a command as a daemon that others can find and ask", tool_daemon },
  { "daemons", "List the daemons that run, and how they are", tool_daemons },
  { "stop", "Stop a daemon", tool_stop },
  { "health", "Ask a program whether it is healthy", tool_health },
};

void
tool_print_error (const char *format, ...)
{
  g_autoptr (GString) line = g_string_new ("process-glib: ");
  g_autofree char *message = NULL;
  g_autofree char *valid = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  /* It may quote what somebody else has written, and a terminal may read it. */
  valid = g_utf8_make_valid (message, -1);
  tool_append_escaped (line, valid);
  g_printerr ("%s\n", line->str);
}

/* For a command line that cannot be understood; @command is NULL for that of the whole tool. */
int
tool_fail_usage (const char *command, const GError *error)
{
  tool_print_error ("%s", error->message);
  g_printerr ("Try “process-glib %s%s--help”.\n", command != NULL ? command : "",
              command != NULL ? " " : "");
  return TOOL_EXIT_FAILED;
}

static void
print_help (void)
{
  g_print ("Usage:\n"
           "  process-glib COMMAND [OPTION…]\n"
           "\n"
           "Starts, watches and ends processes.\n"
           "\n"
           "Commands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, commands[i].summary);
  g_print ("\n"
           "Options:\n"
           "  --help     Show this text, or that of a command: process-glib COMMAND --help\n"
           "  --version  Show the version\n");
}

/* g_print() ignores a failed write; a full disk must not pass for success. */
int
tool_finish_printing (void)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return 0;
  tool_print_error ("Cannot write to standard output");
  return TOOL_EXIT_FAILED;
}

/* Else the next descriptor opened would be taken for standard output. What is written to a
 * closed standard output shall fail, so that one can only be read. */
static void
open_missing_descriptors (void)
{
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl (fd, F_GETFD) < 0)
      (void) !open ("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
}

static int
run_command (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (argv[0], commands[i].name) == 0)
      return commands[i].main (argc, argv);

  if (argv[0][0] == '-')
    error = g_error_new (G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "Unknown option %s",
                         argv[0]);
  else
    error = g_error_new (G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "There is no command “%s”",
                         argv[0]);
  return tool_fail_usage (NULL, error);
}

int
main (int argc, char **argv)
{
  open_missing_descriptors ();
  setlocale (LC_ALL, "");
  /* Whoever reads our output may go before us: that is an error of write(), not our death. */
  signal (SIGPIPE, SIG_IGN);

  if (argc < 2)
    {
      g_autoptr (GError) error = g_error_new (G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                                              "A command is missing");

      return tool_fail_usage (NULL, error);
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      print_help ();
      return tool_finish_printing ();
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("process-glib %s\n", PACKAGE_VERSION);
      return tool_finish_printing ();
    }
  return run_command (argc - 1, argv + 1);
}
