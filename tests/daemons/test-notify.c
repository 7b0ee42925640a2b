/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <process-glib/daemons/process-notify-private.h>
#include <process-glib/process-error.h>

#include "notify-util.h"

typedef struct
{
  Manager *manager;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  abstract)
{
  self->manager = manager_new (abstract != NULL);
}

static void
tear_down (Fixture       *self,
           gconstpointer  abstract)
{
  manager_free (self->manager);
}

static ProcessNotify *
connect_to (Manager *manager)
{
  g_autoptr (GError) error = NULL;
  ProcessNotify *notify =
    _process_notify_new (g_main_context_default (), manager->address, &error);

  g_assert_no_error (error);
  g_assert_nonnull (notify);

  return notify;
}

static void
send_well (ProcessNotify *notify,
           const char    *state)
{
  g_autoptr (GError) error = NULL;
  gboolean sent = _process_notify_send (notify, state, &error);

  g_assert_no_error (error);
  g_assert_true (sent);
}

/* Sends until the manager's queue is full; returns how many it takes. */
static guint
fill (ProcessNotify *notify)
{
  guint n = 0;

  while (!_process_notify_is_pending (notify))
    {
      g_autofree char *state = g_strdup_printf ("N=%u", n++);

      send_well (notify, state);
    }

  return n;
}

static void
test_send (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (ProcessNotify) notify = connect_to (self->manager);

  manager_assert_silent (self->manager);
  send_well (notify, "READY=1");
  send_well (notify, "STOPPING=1");
  g_assert_false (_process_notify_is_pending (notify));
  manager_expect (self->manager, "READY=1");
  manager_expect (self->manager, "STOPPING=1");
  manager_assert_silent (self->manager);
}

/* A manager that was started anew has another socket. */
static void
test_again (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (ProcessNotify) notify = connect_to (self->manager);
  g_autoptr (GError) error = NULL;

  manager_close (self->manager);
  g_assert_false (_process_notify_send (notify, "READY=1", &error));
  g_assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
                 g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  g_assert_nonnull (strstr (error->message, self->manager->address));
  g_assert_false (_process_notify_is_pending (notify));

  manager_open (self->manager);
  send_well (notify, "READY=1");
  manager_expect (self->manager, "READY=1");
}

/* Nothing is lost, reordered, or waited for when the manager does not read. */
static void
test_full (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (ProcessNotify) notify = connect_to (self->manager);
  guint n = fill (notify);

  g_assert_cmpuint (n, >, 1);
  send_well (notify, "STOPPING=1");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *state = g_strdup_printf ("N=%u", i);

      manager_expect (self->manager, state);
    }
  manager_expect (self->manager, "STOPPING=1");
  g_assert_false (_process_notify_is_pending (notify));
  manager_assert_silent (self->manager);
}

/* The source must not outlive the object, and what there is room for is still sent. */
static void
test_full_free (Fixture       *self,
                gconstpointer  data)
{
  ProcessNotify *notify = connect_to (self->manager);
  guint n = fill (notify);

  for (guint i = 0; i + 1 < n; i++)
    g_free (manager_read (self->manager));
  _process_notify_free (notify);
  g_free (manager_read (self->manager));
  manager_assert_silent (self->manager);
  g_assert_false (g_main_context_pending (NULL));

  notify = connect_to (self->manager);
  fill (notify);
  _process_notify_free (notify);
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_full_closed (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (ProcessNotify) notify = connect_to (self->manager);

  fill (notify);
  manager_close (self->manager);
  while (_process_notify_is_pending (notify))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_address (void)
{
  g_autofree char *long_path = g_strnfill (108, 'a');
  g_autofree char *long_name = g_strnfill (109, 'a');
  const char *bad[] = {
    "", "relative/path", "vsock:2:1234", "@", "/", "\xff", long_path, long_name,
  };

  long_path[0] = '/';
  long_name[0] = '@';
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (_process_notify_new (g_main_context_default (), bad[i], &error));
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }

  long_path[107] = '\0';
  long_name[108] = '\0';
  _process_notify_free (_process_notify_new (g_main_context_default (), long_path, NULL));
  _process_notify_free (_process_notify_new (g_main_context_default (), long_name, NULL));
}

static void
test_watchdog (void)
{
  g_autofree char *ours = g_strdup_printf ("%d", (int) getpid ());
  g_autofree char *other = g_strdup_printf ("%d", (int) getppid ());

  g_assert_cmpint (_process_notify_parse_watchdog (NULL, NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("0", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("-5", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("5s", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog (" 5", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("18446744073709551615", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("99999999999999999999", NULL), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("3000000", NULL), ==, 1500000);
  g_assert_cmpint (_process_notify_parse_watchdog ("1", NULL), ==, 1);
  g_assert_cmpint (_process_notify_parse_watchdog ("9223372036854775806", NULL), ==,
                   G_MAXINT64 / 2);
  g_assert_cmpint (_process_notify_parse_watchdog ("3000000", ours), ==, 1500000);
  g_assert_cmpint (_process_notify_parse_watchdog ("3000000", other), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog ("3000000", ""), ==, 0);
  g_assert_cmpint (_process_notify_parse_watchdog (NULL, ours), ==, 0);
}

static void
add (const char *name,
     void      (*func) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strconcat ("/notify/path/", name, NULL);
  g_autofree char *abstract = g_strconcat ("/notify/abstract/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, func, tear_down);
  g_test_add (abstract, Fixture, GINT_TO_POINTER (TRUE), set_up, func, tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("send", test_send);
  add ("again", test_again);
  add ("full", test_full);
  add ("full-free", test_full_free);
  add ("full-closed", test_full_closed);
  g_test_add_func ("/notify/address", test_address);
  g_test_add_func ("/notify/watchdog", test_watchdog);

  return g_test_run ();
}
