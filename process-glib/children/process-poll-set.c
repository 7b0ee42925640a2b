/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-poll-set-private.h"

#include <errno.h>
#include <sys/epoll.h>

#include <process-glib/children/process-reactor-private.h>

/* A wake-up costs the same however many descriptors an epoll set has. A sandbox
 * may forbid one, though, and a user may have only so many descriptors in all
 * of his; see epoll(7). What is not in the set is polled for beside it. */

G_STATIC_ASSERT (POLLIN == EPOLLIN && POLLIN == G_IO_IN);
G_STATIC_ASSERT (POLLOUT == EPOLLOUT && POLLOUT == G_IO_OUT);

typedef struct
{
  struct pollfd   fd;
  ProcessChannel *channel; /* (unowned) (nullable), NULL = the epoll set */
  gpointer        tag;     /* (nullable), by which the source knows it */
  short           told;    /* the events that it knows of */
} Entry;

void
_process_poll_set_init (ProcessPollSet *self)
{
  *self = (ProcessPollSet) { .epoll_fd = -1, .old_tags = g_ptr_array_new () };
}

void
_process_poll_set_clear (ProcessPollSet *self)
{
  _process_poll_set_close (self);
  g_clear_pointer (&self->old_tags, g_ptr_array_unref);
}

static Entry *
get_entry (ProcessPollSet *self, guint index)
{
  return &g_array_index (self->entries, Entry, index);
}

static void
add_entry (ProcessPollSet *self, int fd, short events, ProcessChannel *channel)
{
  Entry entry = { .fd = { .fd = fd, .events = events }, .channel = channel };

  g_array_append_val (self->entries, entry);
  if (channel != NULL)
    channel->slot = self->entries->len;
  self->changed = TRUE;
}

static void
forget_tag (ProcessPollSet *self, Entry *entry)
{
  if (entry->tag != NULL)
    g_ptr_array_add (self->old_tags, entry->tag);
  self->changed = TRUE;
}

/* The last one takes its place. */
static void
remove_entry (ProcessPollSet *self, ProcessChannel *channel)
{
  guint index = channel->slot - 1;

  forget_tag (self, get_entry (self, index));
  g_array_remove_index_fast (self->entries, index);
  if (index < self->entries->len)
    get_entry (self, index)->channel->slot = channel->slot;
  channel->slot = 0;
}

gboolean
_process_poll_set_open (ProcessPollSet *self)
{
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0 && errno != ENOSYS && errno != EPERM)
    return FALSE;
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  if (self->epoll_fd >= 0)
    add_entry (self, self->epoll_fd, POLLIN, NULL);
  return TRUE;
}

void
_process_poll_set_close (ProcessPollSet *self)
{
  for (guint i = 0; self->entries != NULL && i < self->entries->len; i++)
    forget_tag (self, get_entry (self, i));
  g_clear_pointer (&self->entries, g_array_unref);
  process_fd_clear (&self->epoll_fd);
}

gboolean
_process_poll_set_is_open (ProcessPollSet *self)
{
  return self->entries != NULL;
}

/* FALSE when it cannot be there. */
static gboolean
watch_by_epoll (ProcessPollSet *self, ProcessChannel *channel, guint32 before)
{
  struct epoll_event event = { .events = channel->events, .data = { .ptr = channel } };
  int operation = before == 0            ? EPOLL_CTL_ADD
                  : channel->events == 0 ? EPOLL_CTL_DEL
                                         : EPOLL_CTL_MOD;

  return self->epoll_fd >= 0 &&
         (epoll_ctl (self->epoll_fd, operation, channel->fd, &event) == 0 || before != 0);
}

gboolean
_process_poll_set_watch (ProcessPollSet *self, ProcessChannel *channel, guint32 events)
{
  guint32 before = channel->events;

  channel->events = events;
  if (channel->slot == 0 && watch_by_epoll (self, channel, before))
    return FALSE;
  if (channel->slot == 0)
    add_entry (self, channel->fd, (short) events, channel);
  else if (events == 0)
    remove_entry (self, channel);
  else
    get_entry (self, channel->slot - 1)->fd.events = (short) events;
  self->changed = TRUE;
  return TRUE;
}

static void
collect_by_epoll (ProcessPollSet *self, ProcessReactor *reactor)
{
  struct epoll_event events[64];
  int n = epoll_wait (self->epoll_fd, events, G_N_ELEMENTS (events), 0);

  for (int i = 0; i < n; i++)
    _process_reactor_set_ready (reactor, events[i].data.ptr);
}

static void
collect_by_poll (ProcessPollSet *self, ProcessReactor *reactor)
{
  guint size = _process_poll_set_get_size (self);
  g_autofree struct pollfd *fds = g_new (struct pollfd, size);

  _process_poll_set_get_fds (self, fds);
  if (poll (fds, size, 0) <= 0)
    return;
  for (guint i = 0; i < size; i++)
    {
      ProcessChannel *channel = get_entry (self, i)->channel;

      if (channel != NULL && fds[i].revents != 0)
        _process_reactor_set_ready (reactor, channel);
    }
}

void
_process_poll_set_collect (ProcessPollSet *self, ProcessReactor *reactor)
{
  if (self->epoll_fd >= 0)
    collect_by_epoll (self, reactor);
  if (_process_poll_set_get_size (self) > (self->epoll_fd >= 0))
    collect_by_poll (self, reactor);
}

guint
_process_poll_set_get_size (ProcessPollSet *self)
{
  return self->entries != NULL ? self->entries->len : 0;
}

void
_process_poll_set_get_fds (ProcessPollSet *self, struct pollfd *fds)
{
  for (guint i = 0; i < _process_poll_set_get_size (self); i++)
    fds[i] = get_entry (self, i)->fd;
}

/* Called by whoever runs the source, which sees nothing while it is @muted. Its old
 * descriptors go first, as they may have been closed and their numbers be those of
 * new ones. */
void
_process_poll_set_tell_source (ProcessPollSet *self, GSource *source, gboolean muted)
{
  if (!self->changed && self->muted == muted)
    return;
  self->changed = FALSE;
  self->muted = muted;
  for (guint i = 0; i < self->old_tags->len; i++)
    g_source_remove_unix_fd (source, g_ptr_array_index (self->old_tags, i));
  g_ptr_array_set_size (self->old_tags, 0);
  for (guint i = 0; i < _process_poll_set_get_size (self); i++)
    {
      Entry *entry = get_entry (self, i);
      short events = muted ? 0 : entry->fd.events;

      if (entry->tag == NULL)
        entry->tag = g_source_add_unix_fd (source, entry->fd.fd, (GIOCondition) events);
      else if (entry->told != events)
        g_source_modify_unix_fd (source, entry->tag, (GIOCondition) events);
      entry->told = events;
    }
}
