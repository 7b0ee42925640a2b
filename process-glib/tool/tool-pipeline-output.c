/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool-pipeline-private.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* Without a reader there is nothing more to do, as in a pipeline of the shell. A reader that is
 * only too slow for our end is not the fault of the run. */
void
tool_output_write (ToolOutput *self,
                   const char *text,
                   gsize       length)
{
  if (self->problem != 0 || tool_write_all (STDOUT_FILENO, text, length, self->hurry_fd))
    return;

  self->problem = errno;
  if (self->problem == ETIMEDOUT)
    return;
  if (self->problem != EPIPE)
    tool_print_error ("Cannot write to standard output: %s", g_strerror (self->problem));
  g_cancellable_cancel (self->cancellable);
}

int
tool_output_get_exit_code (const ToolOutput *self)
{
  if (self->problem == 0 || self->problem == ETIMEDOUT)
    return 0;

  return self->problem == EPIPE ? TOOL_EXIT_SIGNALED + SIGPIPE : TOOL_EXIT_FAILED;
}
