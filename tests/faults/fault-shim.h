/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdbool.h>

/* Makes chosen system calls fail, by standing before libc. It is linked into a test, which arms it;
 * or it is a library for LD_PRELOAD, armed by the environment (see fault-shim.c). Only what the
 * library calls is counted, or also what GLib does in the same process; never what the test itself
 * does. Children that are forked count along until their exec; a spawned program is let alone. */

/* In place of an errno: not all bytes are read or written. */
#define FAULT_SHORT (-1)

#define FAULT_FOR_EVER (~0U)

typedef enum
{
  FAULT_SCOPE_LIBRARY, /* and the command, when that is what was preloaded */
  FAULT_SCOPE_GLIB,    /* GLib, GIO and json-glib as well */
} FaultScope;

/* What a call may fail with. */
typedef struct
{
  int  value;   /* an errno, or FAULT_SHORT */
  bool passes;  /* it comes now and then, but not for ever */
} FaultProblem;

typedef struct
{
  const char   *name;
  FaultProblem  problems[6]; /* ends with a value of 0 */
} FaultCall;

/* Ends with a name of NULL. The order is that of the numbers of calls. */
extern const FaultCall fault_calls[];

/* The number of a kind of calls, by its name. */
unsigned fault_shim_find      (const char *name);

/* The @first to the @last call of this kind fail, counted from 1 and from now on; none where @first
 * is 0. */
void     fault_shim_arm       (unsigned call, int problem, unsigned first, unsigned last,
                               FaultScope scope);

/* Returns how many failed. */
unsigned fault_shim_disarm    (void);

/* How many there were since it was armed. */
unsigned fault_shim_get_count (unsigned call);
