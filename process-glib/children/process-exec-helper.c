/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* process-glib-exec OPTIONS CWD PARENT-PID COMMAND [ARGS...]
 *
 * Stands between the library and the program that it starts. GLib uses
 * posix_spawn(), which does not copy the page tables of a big parent, only
 * when the child needs no working directory and no setup of its own; both are
 * done here instead. OPTIONS is made of the letters g (new process group), s
 * (new session), i (standard input comes over the report socket) and m (standard
 * error goes where standard output goes); PARENT-PID is empty for a child that may
 * outlive its parent. The library and the helper belong together: when this
 * changes, so does the number in the helper's file name.
 *
 * Where the processor is known it is built without libc: the dynamic loader
 * would cost more than all that it does.
 */

#ifdef PROCESS_EXEC_FREESTANDING

static long
sys (long number, long a, long b, long c, long d)
{
#if defined(__x86_64__)
  long answer;
  register long fourth __asm__ ("r10") = d;

  __asm__ volatile ("syscall"
                    : "=a"(answer)
                    : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                    : "rcx", "r11", "memory");
  return answer;
#elif defined(__aarch64__)
  register long x8 __asm__ ("x8") = number;
  register long x0 __asm__ ("x0") = a;
  register long x1 __asm__ ("x1") = b;
  register long x2 __asm__ ("x2") = c;
  register long x3 __asm__ ("x3") = d;

  __asm__ volatile ("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
#else
#error "This processor needs the build with libc."
#endif
}

#else

#include <errno.h>
#include <unistd.h>

static long
sys (long number, long a, long b, long c, long d)
{
  long answer = syscall (number, a, b, c, d);

  return answer < 0 ? -errno : answer;
}

#endif

#include "process-exec-steps-private.h"

static int
parse_number (const char *digit)
{
  int number = 0;

  for (; *digit >= '0' && *digit <= '9'; digit++)
    number = number * 10 + (*digit - '0');
  return number;
}

static int
run (int argc, char **argv, char **envp)
{
  ProcessExecPlan plan = { 0 };

  if (argc < 5)
    return 127;
  for (const char *option = argv[1]; *option != '\0'; option++)
    {
      plan.new_group |= *option == 'g';
      plan.new_session |= *option == 's';
      plan.receive_stdin |= *option == 'i';
      plan.merge_stderr |= *option == 'm';
    }
  plan.cwd = argv[2];
  plan.parent_pid = parse_number (argv[3]);
  plan.argv = argv + 4;
  plan.envp = envp;
  exec_run (&plan);
  return 127;
}

#ifdef PROCESS_EXEC_FREESTANDING

__attribute__ ((used)) static void
start (long *stack)
{
  int argc = (int) stack[0];
  char **argv = (char **) (stack + 1);

  sys (SYS_exit_group, run (argc, argv, argv + argc + 1), 0, 0, 0);
  __builtin_unreachable ();
}

/* The kernel hands over argc, argv and envp on the stack. */
#if defined(__x86_64__)
__asm__ (".globl _start\n"
         "_start:\n"
         "  xor %ebp, %ebp\n"
         "  mov %rsp, %rdi\n"
         "  and $-16, %rsp\n"
         "  call start\n");
#else
__asm__ (".globl _start\n"
         "_start:\n"
         "  mov x29, xzr\n"
         "  mov x0, sp\n"
         "  and sp, x0, #-16\n"
         "  bl start\n");
#endif

#else

int
main (int argc, char **argv, char **envp)
{
  return run (argc, argv, envp);
}

#endif
