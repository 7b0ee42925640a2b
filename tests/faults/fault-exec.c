/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Stands in for the exec helper: becomes it, as FAULT_EXEC_HELPER says, in a sandbox in which the
 * system call FAULT_EXEC_CALL fails with FAULT_EXEC_PROBLEM, both numbers. The helper has no libc
 * that something could stand before. */

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned
get_number (const char *name)
{
  const char *text = getenv (name);

  return text != NULL ? (unsigned) atoi (text) : 0;
}

static int
forbid (unsigned call, unsigned problem)
{
  struct sock_filter steps[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, (unsigned) offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | problem),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog filter = { sizeof steps / sizeof *steps, steps };

  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* By execveat (2), so that execve (2) may be what fails. */
int
main (int argc, char **argv)
{
  const char *helper = getenv ("FAULT_EXEC_HELPER");
  unsigned problem = get_number ("FAULT_EXEC_PROBLEM");

  if (helper == NULL || (problem != 0 && !forbid (get_number ("FAULT_EXEC_CALL"), problem)))
    return 126;
  syscall (SYS_execveat, AT_FDCWD, helper, argv, environ, 0);
  return 125;
}
