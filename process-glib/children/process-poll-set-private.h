/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <poll.h>

#include <process-glib/children/process-fd-private.h>

G_BEGIN_DECLS

typedef struct _ProcessReactor ProcessReactor;
typedef struct _ProcessChannel ProcessChannel;

/* The channels that are watched, and what to poll for in order to hear of them:
 * one epoll set, and each descriptor that cannot be in it. */
typedef struct
{
  ProcessFd  epoll_fd; /* -1 = there is none, or not yet */
  GArray    *entries;  /* (owned) (nullable), of Entry: what to poll for, NULL = not open */
  GPtrArray *old_tags; /* (owned), of what the source is still to forget */
  gboolean   changed;  /* and does not know */
  gboolean   muted;    /* what it was told last */
} ProcessPollSet;

void     _process_poll_set_init        (ProcessPollSet *self);
void     _process_poll_set_clear       (ProcessPollSet *self);

/* FALSE with errno when the system has no room for it. */
gboolean _process_poll_set_open        (ProcessPollSet *self);
void     _process_poll_set_close       (ProcessPollSet *self);
gboolean _process_poll_set_is_open     (ProcessPollSet *self);

/* POLLIN or POLLOUT, or 0 for no more. TRUE when whoever polls has to do that
 * anew. A channel must not be closed or freed while it is watched. */
gboolean _process_poll_set_watch       (ProcessPollSet *self, ProcessChannel *channel,
                                        guint32 events);
/* Sets those ready that are. */
void     _process_poll_set_collect     (ProcessPollSet *self, ProcessReactor *reactor);

/* For poll(2), and for a main loop. */
guint    _process_poll_set_get_size    (ProcessPollSet *self);
void     _process_poll_set_get_fds     (ProcessPollSet *self, struct pollfd *fds);
void     _process_poll_set_tell_source (ProcessPollSet *self, GSource *source,
                                        gboolean muted);

G_END_DECLS
