/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "sweep.h"

/* So that a probe that finds nobody is not waited for. */
#define TIMEOUT (300 * G_TIME_SPAN_MILLISECOND)

static gboolean
hold_pid_file (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "test.pid", NULL);
  g_autofree char *expected = g_strdup_printf ("%d\n", getpid ());
  g_autofree char *content = NULL;
  g_autoptr (ProcessPidFile) pid_file = process_pid_file_new (path);
  gboolean success = process_pid_file_acquire (pid_file, error);

  content = sweep_read_file (path);
  g_assert_cmpstr (content, ==, success ? expected : NULL);
  if (!success)
    return FALSE;
  success = process_pid_file_release (pid_file, error);
  g_clear_pointer (&content, g_free);
  content = sweep_read_file (path);
  g_assert_cmpstr (content, ==, success ? NULL : "");
  g_unlink (path);
  return success;
}

static ProcessDaemonEntry *
make_entry (void)
{
  return g_object_new (PROCESS_TYPE_DAEMON_ENTRY, "code", "code", "daemon", "daemon",
                       "pid", getpid (), NULL);
}

static gboolean
check_listed (ProcessRegistry *registry, guint n, GError **error)
{
  g_autoptr (GPtrArray) entries = process_registry_list (registry, error);

  if (entries == NULL)
    return FALSE;
  g_assert_cmpuint (entries->len, ==, n);
  if (n > 0)
    g_assert_cmpstr (process_daemon_entry_get_daemon (entries->pdata[0]), ==, "daemon");
  return TRUE;
}

/* What a failure left there is half a file, or ours to remove, as the next one would. */
static void
clear_registry (const char *dir)
{
  g_autoptr (GDir) opened = g_dir_open (dir, 0, NULL);
  const char *name;

  while (opened != NULL && (name = g_dir_read_name (opened)) != NULL)
    {
      g_autofree char *file = g_build_filename (dir, name, NULL);
      g_autofree char *content = sweep_read_file (file);

      if (g_str_has_suffix (name, ".json"))
        g_assert_true (g_str_has_suffix (content, "}\n") || g_str_has_suffix (content, "}"));
      g_unlink (file);
    }
  g_rmdir (dir);
}

static gboolean
use_registry (const char *folder, GError **error)
{
  g_autofree char *dir = g_build_filename (folder, "registry", NULL);
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  g_autoptr (ProcessDaemonEntry) entry = make_entry ();
  gboolean success = process_registry_register (registry, entry, error) &&
                     check_listed (registry, 1, error);

  success = process_registry_unregister (registry, "code", "daemon", success ? error : NULL) &&
            success;
  clear_registry (dir);
  return success;
}

/* The model follows the folder, as long as that can be read. */
static gboolean
wait_for_items (ProcessRegistry *registry, guint n, GError **error)
{
  gboolean success = TRUE;

  while (success && g_list_model_get_n_items (G_LIST_MODEL (registry)) != n)
    {
      g_main_context_iteration (NULL, TRUE);
      success = check_listed (registry, n, error);
    }
  return success;
}

static gboolean
follow_registry (const char *folder, GError **error)
{
  g_autofree char *dir = g_build_filename (folder, "registry", NULL);
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  g_autoptr (ProcessDaemonEntry) entry = make_entry ();
  gboolean success = process_registry_register (registry, entry, error) &&
                     wait_for_items (registry, 1, error);

  success = process_registry_unregister (registry, "code", "daemon", success ? error : NULL) &&
            success;
  success = success && wait_for_items (registry, 0, error);
  sweep_end (g_steal_pointer (&registry));
  clear_registry (dir);
  return success;
}

static gboolean
probe (const char *address, GError **error)
{
  g_auto (SweepCall) call = { NULL };

  process_probe_health_async (address, TIMEOUT, NULL, sweep_call_cb, &call);
  sweep_call_wait (&call);
  return process_probe_health_finish (call.result, error);
}

static gboolean
drain (ProcessHealthServer *server, GError **error)
{
  g_auto (SweepCall) call = { NULL };

  process_health_server_drain_async (server, TIMEOUT, NULL, sweep_call_cb, &call);
  sweep_call_wait (&call);
  return process_health_server_drain_finish (server, call.result, error);
}

static gboolean
serve (const char *address, GError **error)
{
  ProcessHealthServer *server = process_health_server_new (address);
  gboolean success = process_health_server_start (server, error);

  if (success)
    {
      success = probe (process_health_server_get_address (server), error);
      success = drain (server, success ? error : NULL) && success;
    }
  sweep_end (server);
  return success;
}

static gboolean
serve_by_port (const char *folder, GError **error)
{
  return serve ("127.0.0.1:0", error);
}

static gboolean
serve_by_name (const char *folder, GError **error)
{
  g_autofree char *address = g_strdup_printf ("unix:%s/socket", folder);

  return serve (address, error);
}

/* Whom the blocking probe asks. */
typedef struct
{
  GMainContext *context;
  GMainLoop    *loop;
  char         *address;
  GMutex        lock;
  GCond         cond;
} Asked;

static gpointer
serve_in_thread (gpointer data)
{
  Asked *self = data;
  g_autoptr (ProcessHealthServer) server = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  server = process_health_server_new ("127.0.0.1:0");
  process_health_server_start (server, &error);
  g_assert_no_error (error);
  g_mutex_lock (&self->lock);
  self->address = g_strdup (process_health_server_get_address (server));
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static const char *
get_asked (void)
{
  static Asked self;

  if (self.context != NULL)
    return self.address;
  self.context = g_main_context_new ();
  self.loop = g_main_loop_new (self.context, FALSE);
  g_thread_unref (g_thread_new ("asked", serve_in_thread, &self));
  g_mutex_lock (&self.lock);
  while (self.address == NULL)
    g_cond_wait (&self.cond, &self.lock);
  g_mutex_unlock (&self.lock);
  return self.address;
}

static gboolean
probe_and_wait (const char *folder, GError **error)
{
  return process_probe_health (get_asked (), TIMEOUT, NULL, error);
}

static ProcessDaemon *
make_daemon (const char *folder, ProcessRegistry *registry)
{
  g_autofree char *pid_file = g_build_filename (folder, "test.pid", NULL);
  g_autoptr (ProcessDaemonEntry) entry = make_entry ();

  return g_object_new (PROCESS_TYPE_DAEMON, "pid-file", pid_file, "health-address", "127.0.0.1:0",
                       "registry", registry, "registry-entry", entry, NULL);
}

static gboolean
run_daemon (const char *folder, GError **error)
{
  g_autofree char *dir = g_build_filename (folder, "registry", NULL);
  g_autofree char *path = g_build_filename (folder, "test.pid", NULL);
  g_autoptr (ProcessRegistry) registry = process_registry_new (dir);
  ProcessDaemon *daemon = make_daemon (folder, registry);
  gboolean started = process_daemon_start (daemon, error);
  gboolean success = started;

  if (started)
    {
      success = probe (process_daemon_get_health_address (daemon), error);
      success = process_daemon_stop (daemon, success ? error : NULL) && success;
    }
  g_assert_false (process_daemon_get_running (daemon));
  sweep_end (daemon);
  g_clear_object (&registry);
  /* It was emptied where it could not be removed. */
  if (!success)
    {
      g_autofree char *content = sweep_read_file (path);

      g_assert_true (content == NULL || content[0] == '\0');
      g_unlink (path);
    }
  clear_registry (dir);
  return success;
}

int
main (int argc, char **argv)
{
  sweep_init (&argc, &argv);
  get_asked ();
  sweep_add ("/sweep/pid-file", hold_pid_file);
  sweep_add ("/sweep/registry", use_registry);
  /* It looks again after two seconds, every time. */
  if (sweep_is_whole ())
    sweep_add ("/sweep/registry-model", follow_registry);
  sweep_add ("/sweep/health", serve_by_port);
  sweep_add ("/sweep/health-unix", serve_by_name);
  sweep_add ("/sweep/probe", probe_and_wait);
  sweep_add ("/sweep/daemon", run_daemon);
  return g_test_run ();
}
