/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-daemon-entry-private.h"

#include <string.h>

#include <process-glib/daemons/process-identity-private.h>
#include <process-glib/process-text-private.h>

/**
 * ProcessDaemonEntry:
 *
 * What a [class@Process.Registry] knows of one daemon.
 *
 * The pair of [property@Process.DaemonEntry:code] and
 * [property@Process.DaemonEntry:daemon] is its key. The rest tells others how
 * to find the daemon: its process and its health server. As JSON it can be
 * exchanged with the Go package.
 *
 * The object keeps copies of what it is given; text that is not valid UTF-8 has
 * U+FFFD in place of what is broken. An entry is a note: to change it changes
 * neither the daemon nor the registry, and it does not follow them. It takes no
 * locks: use one from one thread at a time.
 *
 * Guide: [Daemons](daemons.html).
 */

struct _ProcessDaemonEntry
{
  GObject    parent_instance;

  char      *code;
  char      *daemon;
  int        pid;
  char      *health;      /* (nullable), never empty */
  char      *project;     /* (nullable), never empty */
  char      *binary;      /* (nullable), never empty */
  GDateTime *started;     /* (owned) (nullable), in UTC */

  /* of the pid */
  guint64    start_ticks; /* 0 = unknown */
  char      *boot_id;     /* (nullable) */
};

typedef enum
{
  PROP_CODE = 1,
  PROP_DAEMON,
  PROP_PID,
  PROP_HEALTH,
  PROP_PROJECT,
  PROP_BINARY,
  PROP_STARTED,
} ProcessDaemonEntryProperty;

#define N_PROPERTIES (PROP_STARTED + 1)
#define PROPERTY_FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (ProcessDaemonEntry, process_daemon_entry, G_TYPE_OBJECT)

static void
set_string (ProcessDaemonEntry          *self,
            char                       **field,
            const char                  *value,
            ProcessDaemonEntryProperty   property)
{
  g_autofree char *valid = value != NULL ? _process_make_valid (value, -1) : NULL;
  g_autofree char *old = NULL;

  if (g_strcmp0 (*field, valid) == 0)
    return;

  old = g_steal_pointer (field);
  *field = g_steal_pointer (&valid);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* An empty one and none look the same in a file. */
static const char *
null_if_empty (const char *value)
{
  return value != NULL && *value != '\0' ? value : NULL;
}

static gboolean
times_are_equal (GDateTime *one, GDateTime *other)
{
  return one == other || (one != NULL && other != NULL && g_date_time_equal (one, other));
}

static void
process_daemon_entry_finalize (GObject *object)
{
  ProcessDaemonEntry *self = PROCESS_DAEMON_ENTRY (object);

  g_free (self->code);
  g_free (self->daemon);
  g_free (self->health);
  g_free (self->project);
  g_free (self->binary);
  g_free (self->boot_id);
  g_clear_pointer (&self->started, g_date_time_unref);

  G_OBJECT_CLASS (process_daemon_entry_parent_class)->finalize (object);
}

static void
process_daemon_entry_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  ProcessDaemonEntry *self = PROCESS_DAEMON_ENTRY (object);

  switch ((ProcessDaemonEntryProperty) prop_id)
    {
    case PROP_CODE:
      g_value_set_string (value, self->code);
      break;
    case PROP_DAEMON:
      g_value_set_string (value, self->daemon);
      break;
    case PROP_PID:
      g_value_set_int (value, self->pid);
      break;
    case PROP_HEALTH:
      g_value_set_string (value, self->health);
      break;
    case PROP_PROJECT:
      g_value_set_string (value, self->project);
      break;
    case PROP_BINARY:
      g_value_set_string (value, self->binary);
      break;
    case PROP_STARTED:
      g_value_set_boxed (value, self->started);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_daemon_entry_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  ProcessDaemonEntry *self = PROCESS_DAEMON_ENTRY (object);

  switch ((ProcessDaemonEntryProperty) prop_id)
    {
    case PROP_CODE:
      process_daemon_entry_set_code (self, g_value_get_string (value));
      break;
    case PROP_DAEMON:
      process_daemon_entry_set_daemon (self, g_value_get_string (value));
      break;
    case PROP_PID:
      process_daemon_entry_set_pid (self, g_value_get_int (value));
      break;
    case PROP_HEALTH:
      process_daemon_entry_set_health (self, g_value_get_string (value));
      break;
    case PROP_PROJECT:
      process_daemon_entry_set_project (self, g_value_get_string (value));
      break;
    case PROP_BINARY:
      process_daemon_entry_set_binary (self, g_value_get_string (value));
      break;
    case PROP_STARTED:
      process_daemon_entry_set_started (self, g_value_get_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_daemon_entry_class_init (ProcessDaemonEntryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = process_daemon_entry_finalize;
  object_class->get_property = process_daemon_entry_get_property;
  object_class->set_property = process_daemon_entry_set_property;

  /**
   * ProcessDaemonEntry:code:
   *
   * The application that the daemon is part of; never %NULL when read.
   */
  properties[PROP_CODE] =
    g_param_spec_string ("code", NULL, NULL, "", PROPERTY_FLAGS);

  /**
   * ProcessDaemonEntry:daemon:
   *
   * What the daemon is called within its application; never %NULL when read.
   */
  properties[PROP_DAEMON] =
    g_param_spec_string ("daemon", NULL, NULL, "", PROPERTY_FLAGS);

  /**
   * ProcessDaemonEntry:pid:
   *
   * The process, or 0 for none, as which negative numbers count.
   *
   * A new one makes the entry forget which life of the old one was meant.
   */
  properties[PROP_PID] =
    g_param_spec_int ("pid", NULL, NULL, G_MININT, G_MAXINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessDaemonEntry:health:
   *
   * The address of its health server, such as `127.0.0.1:8080` or `unix:/run/api.sock`, or %NULL
   * when it has none.
   */
  properties[PROP_HEALTH] =
    g_param_spec_string ("health", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessDaemonEntry:project:
   *
   * What the daemon works on, a label, or %NULL.
   */
  properties[PROP_PROJECT] =
    g_param_spec_string ("project", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessDaemonEntry:binary:
   *
   * The program that runs, a label, or %NULL.
   */
  properties[PROP_BINARY] =
    g_param_spec_string ("binary", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * ProcessDaemonEntry:started:
   *
   * When the daemon started, in UTC, or %NULL when that is not known.
   */
  properties[PROP_STARTED] =
    g_param_spec_boxed ("started", NULL, NULL, G_TYPE_DATE_TIME, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_daemon_entry_init (ProcessDaemonEntry *self)
{
  self->code = g_strdup ("");
  self->daemon = g_strdup ("");
}

ProcessDaemonEntry *
_process_daemon_entry_copy (ProcessDaemonEntry *self)
{
  ProcessDaemonEntry *copy = process_daemon_entry_new (self->code, self->daemon);

  copy->pid = self->pid;
  copy->health = g_strdup (self->health);
  copy->project = g_strdup (self->project);
  copy->binary = g_strdup (self->binary);
  copy->started = self->started != NULL ? g_date_time_ref (self->started) : NULL;
  copy->start_ticks = self->start_ticks;
  copy->boot_id = g_strdup (self->boot_id);

  return copy;
}

gboolean
_process_daemon_entry_is_about (ProcessDaemonEntry *self, const char *code, const char *daemon)
{
  return g_str_equal (self->code, code) && g_str_equal (self->daemon, daemon);
}

gboolean
_process_daemon_entry_equal (ProcessDaemonEntry *self, ProcessDaemonEntry *other)
{
  return _process_daemon_entry_is_about (self, other->code, other->daemon) &&
         self->pid == other->pid &&
         g_strcmp0 (self->health, other->health) == 0 &&
         g_strcmp0 (self->project, other->project) == 0 &&
         g_strcmp0 (self->binary, other->binary) == 0 &&
         times_are_equal (self->started, other->started) &&
         self->start_ticks == other->start_ticks &&
         g_strcmp0 (self->boot_id, other->boot_id) == 0;
}

int
_process_daemon_entry_compare (ProcessDaemonEntry *self, ProcessDaemonEntry *other)
{
  int result = (self->started != NULL) - (other->started != NULL);

  if (result == 0 && self->started != NULL)
    result = g_date_time_compare (self->started, other->started);
  if (result == 0)
    result = strcmp (self->code, other->code);
  if (result == 0)
    result = strcmp (self->daemon, other->daemon);

  return result;
}

void
_process_daemon_entry_set_identity (ProcessDaemonEntry *self,
                                    guint64             start_ticks,
                                    const char         *boot_id)
{
  char *copy = g_strdup (boot_id);

  self->start_ticks = start_ticks;
  g_free (self->boot_id);
  self->boot_id = copy;
}

guint64
_process_daemon_entry_get_start_ticks (ProcessDaemonEntry *self)
{
  return self->start_ticks;
}

const char *
_process_daemon_entry_get_boot_id (ProcessDaemonEntry *self)
{
  return self->boot_id;
}

gboolean
_process_daemon_entry_is_live (ProcessDaemonEntry *self)
{
  return _process_identity_is_same (self->pid, self->start_ticks, self->boot_id);
}

/**
 * process_daemon_entry_new:
 * @code: the application that the daemon is part of
 * @daemon: what the daemon is called within it
 *
 * Makes an entry of which nothing but its key is set.
 *
 * Returns: (transfer full): a new entry
 */
ProcessDaemonEntry *
process_daemon_entry_new (const char *code, const char *daemon)
{
  g_return_val_if_fail (code != NULL, NULL);
  g_return_val_if_fail (daemon != NULL, NULL);

  return g_object_new (PROCESS_TYPE_DAEMON_ENTRY, "code", code, "daemon", daemon, NULL);
}

/**
 * process_daemon_entry_get_code:
 * @self: a daemon entry
 *
 * Gets the application that the daemon is part of.
 *
 * Returns: a code
 */
const char *
process_daemon_entry_get_code (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return self->code;
}

/**
 * process_daemon_entry_set_code:
 * @self: a daemon entry
 * @code: a code
 *
 * Sets the application that the daemon is part of.
 */
void
process_daemon_entry_set_code (ProcessDaemonEntry *self, const char *code)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  set_string (self, &self->code, code != NULL ? code : "", PROP_CODE);
}

/**
 * process_daemon_entry_get_daemon:
 * @self: a daemon entry
 *
 * Gets what the daemon is called within its application.
 *
 * Returns: a name
 */
const char *
process_daemon_entry_get_daemon (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return self->daemon;
}

/**
 * process_daemon_entry_set_daemon:
 * @self: a daemon entry
 * @daemon: a name
 *
 * Sets what the daemon is called within its application.
 */
void
process_daemon_entry_set_daemon (ProcessDaemonEntry *self, const char *daemon)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  set_string (self, &self->daemon, daemon != NULL ? daemon : "", PROP_DAEMON);
}

/**
 * process_daemon_entry_get_pid:
 * @self: a daemon entry
 *
 * Gets the process.
 *
 * By now the number may belong to another process: do not signal it.
 *
 * Returns: a process identifier, or 0 for none
 */
int
process_daemon_entry_get_pid (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), 0);

  return self->pid;
}

/**
 * process_daemon_entry_set_pid:
 * @self: a daemon entry
 * @pid: a process identifier, or 0 for none
 *
 * Sets the process.
 */
void
process_daemon_entry_set_pid (ProcessDaemonEntry *self, int pid)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  pid = MAX (pid, 0);
  if (self->pid == pid)
    return;

  self->pid = pid;
  _process_daemon_entry_set_identity (self, 0, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PID]);
}

/**
 * process_daemon_entry_get_health:
 * @self: a daemon entry
 *
 * Gets the address of the health server.
 *
 * Returns: (nullable): an address, or %NULL for none
 */
const char *
process_daemon_entry_get_health (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return self->health;
}

/**
 * process_daemon_entry_set_health:
 * @self: a daemon entry
 * @health: (nullable): an address, or %NULL for none
 *
 * Sets the address of the health server.
 */
void
process_daemon_entry_set_health (ProcessDaemonEntry *self, const char *health)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  set_string (self, &self->health, null_if_empty (health), PROP_HEALTH);
}

/**
 * process_daemon_entry_get_project:
 * @self: a daemon entry
 *
 * Gets what the daemon works on.
 *
 * Returns: (nullable): a label, or %NULL for none
 */
const char *
process_daemon_entry_get_project (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return self->project;
}

/**
 * process_daemon_entry_set_project:
 * @self: a daemon entry
 * @project: (nullable): a label, or %NULL for none
 *
 * Sets what the daemon works on.
 */
void
process_daemon_entry_set_project (ProcessDaemonEntry *self, const char *project)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  set_string (self, &self->project, null_if_empty (project), PROP_PROJECT);
}

/**
 * process_daemon_entry_get_binary:
 * @self: a daemon entry
 *
 * Gets the program that runs.
 *
 * Returns: (nullable): a label, or %NULL for none
 */
const char *
process_daemon_entry_get_binary (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return self->binary;
}

/**
 * process_daemon_entry_set_binary:
 * @self: a daemon entry
 * @binary: (nullable): a label, or %NULL for none
 *
 * Sets the program that runs.
 */
void
process_daemon_entry_set_binary (ProcessDaemonEntry *self, const char *binary)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  set_string (self, &self->binary, null_if_empty (binary), PROP_BINARY);
}

/**
 * process_daemon_entry_get_started:
 * @self: a daemon entry
 *
 * Gets when the daemon started.
 *
 * Returns: (transfer none) (nullable): a time in UTC, or %NULL when that is not known
 */
GDateTime *
process_daemon_entry_get_started (ProcessDaemonEntry *self)
{
  g_return_val_if_fail (PROCESS_IS_DAEMON_ENTRY (self), NULL);

  return self->started;
}

/**
 * process_daemon_entry_set_started:
 * @self: a daemon entry
 * @started: (nullable): a time, or %NULL for none
 *
 * Sets when the daemon started.
 */
void
process_daemon_entry_set_started (ProcessDaemonEntry *self, GDateTime *started)
{
  g_return_if_fail (PROCESS_IS_DAEMON_ENTRY (self));

  if (times_are_equal (self->started, started))
    return;

  g_clear_pointer (&self->started, g_date_time_unref);
  self->started = started != NULL ? g_date_time_to_utc (started) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STARTED]);
}
