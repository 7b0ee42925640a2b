/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "children/test-util.h"

#include <process-glib/children/process-fd-private.h>

G_BEGIN_DECLS

/* A check that answers at once. */
typedef struct
{
  gboolean    passes;
  const char *message; /* (nullable), of an error that it sets */
  guint       n_added;
  guint       n_calls;
  guint       n_destroyed;
} HealthQuick;

/* A check that answers when the test lets it. */
typedef struct
{
  GTask *task; /* (owned) (nullable), of the last call */
  guint  n_added;
  guint  n_calls;
  guint  n_destroyed;
} HealthSlow;

/* What every test of a health server starts with, and is checked for at its end: that nothing is
 * left of it, neither the object, nor a descriptor, nor a file, and that what was given with a
 * check was let go of, once. */
typedef struct
{
  TestFixture          base;
  ProcessHealthServer *server; /* (owned) (nullable), on 127.0.0.1 at any port; not started */
  HealthQuick          good;
  HealthQuick          bad;    /* it says that it is */
  HealthQuick          other;
  HealthSlow           slow;
  HealthSlow           slower;
} HealthFixture;

void       health_set_up          (HealthFixture *self, gconstpointer data);
void       health_tear_down       (HealthFixture *self, gconstpointer data);

#define health_add(path, func) \
  g_test_add (path, HealthFixture, NULL, health_set_up, func, health_tear_down)
#define health_add_with(path, data, func) \
  g_test_add (path, HealthFixture, data, health_set_up, func, health_tear_down)

void       health_start           (HealthFixture *self);
/* In place of the server that the fixture has. */
void       health_replace         (HealthFixture *self, const char *address);
/* Runs the main loop until everything that is due has been done. */
void       health_settle          (void);

/* A request for /PATH with all that HTTP/1.1 asks for. */
#define HEALTH_GET(target) "GET " target " HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* A client with a socket that does not block, in the server's own thread. */
typedef struct
{
  int        fd;    /* -1 = closed */
  GString   *text;  /* (owned), what came and was not taken yet */
  char      *head;  /* (owned) (nullable), of the answer that was taken last */
  gboolean   ended; /* nothing will come any more */
  int        error; /* why, 0 = the server closed it in peace */
} HealthClient;

HealthClient *health_connect      (ProcessHealthServer *server);
void          health_client_free  (HealthClient *self);
/* Never blocks: what does not fit into the socket is not sent. Returns how much was. */
gsize         health_send_some    (HealthClient *self, const char *data, gsize length);
/* Runs the main loop until all is sent, or the server has closed the connection. */
void          health_send_bytes   (HealthClient *self, const char *data, gsize length);
void          health_send         (HealthClient *self, const char *text);
/* Reads what is there, and does not wait; whether anything was. */
gboolean      health_receive      (HealthClient *self);
/* Closes it by a reset. */
void          health_reset        (HealthClient *self);

/* Takes an answer that has come as a whole, "STATUS BODY"; else NULL. Its head is checked: it must
 * have what every answer has, and nothing else than what it may have. */
char         *health_take         (HealthClient *self, gboolean head_only);
/* Runs the main loop until there is one. */
char         *health_wait         (HealthClient *self);
#define health_expect(self, answer)                        \
  G_STMT_START                                             \
    {                                                      \
      g_autofree char *health_answer = health_wait (self); \
                                                           \
      g_assert_cmpstr (health_answer, ==, answer);         \
    }                                                      \
  G_STMT_END
/* Runs the main loop until the connection has ended, and nothing came before. */
void          health_expect_end   (HealthClient *self);

/* Asks over a connection of its own, which the server closes. */
char         *health_ask          (ProcessHealthServer *server, const char *request);
char         *health_get          (ProcessHealthServer *server, const char *target);
#define health_assert(server, target, answer)                       \
  G_STMT_START                                                      \
    {                                                               \
      g_autofree char *health_answer = health_get (server, target); \
                                                                    \
      g_assert_cmpstr (health_answer, ==, answer);                  \
    }                                                               \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HealthClient, health_client_free)

/* Each returns the number of the check. */
guint      health_add_quick       (HealthFixture *self, const char *name, HealthQuick *quick);
/* A @timeout of microseconds, 0 = what checks have unless they say so. */
guint      health_add_slow        (HealthFixture *self, const char *name, HealthSlow *slow,
                                   gint64 timeout);
/* A @message is why it fails. */
void       health_answer          (HealthSlow *slow, const char *message);
/* Runs the main loop until it was called so often. */
#define health_await_calls(slow, n) test_run_until ((slow)->n_calls == (n))

/* Whether a sanitizer or valgrind looks on, which costs memory and time. */
gboolean   health_is_watched      (void);

G_END_DECLS
