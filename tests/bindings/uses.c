// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/* Notes what a program of an introspected language uses of the library: loaded before it with
 * LD_PRELOAD, it stands before the few functions of libffi and GObject by which PyGObject and GJS
 * reach everything. When the program exits, $PROCESS_USES has a line for each:
 *
 *   function process_service_start
 *   property ProcessService:buffer-size
 *   signal ProcessService::exited
 *
 * What it does not see: enumerations and constants, which a binding reads from the typelib.
 */

#include <dlfcn.h>
#include <glib-object.h>
#include <stdlib.h>

static GMutex lock;
static GHashTable *uses;      /* (owned) (nullable): the lines */
static GHashTable *functions; /* (owned) (nullable): the addresses whose names are known */
static char *path;            /* (owned) (nullable): where the lines go */

#define next(function) ((__typeof__ (&function)) dlsym (RTLD_NEXT, #function))

static void __attribute__ ((constructor))
begin (void)
{
  path = g_strdup (g_getenv ("PROCESS_USES"));
  uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  functions = g_hash_table_new (NULL, NULL);
  /* Not for the children. */
  unsetenv ("LD_PRELOAD");
  unsetenv ("PROCESS_USES");
}

static void __attribute__ ((destructor))
end (void)
{
  g_autofree const char **lines = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    return;

  g_mutex_lock (&lock);
  lines = (const char **) g_hash_table_get_keys_as_array (uses, NULL);
  text = g_strjoinv ("\n", (char **) lines);
  g_mutex_unlock (&lock);
  if (!g_file_set_contents (path, text, -1, &error))
    g_printerr ("%s\n", error->message);
}

static void
note (const char *kind, const char *owner, const char *separator, const char *name)
{
  if (!g_str_has_prefix (owner, "Process"))
    return;

  g_mutex_lock (&lock);
  g_hash_table_add (uses, g_strconcat (kind, " ", owner, separator, name, NULL));
  g_mutex_unlock (&lock);
}

static void
note_function (void (*function) (void))
{
  Dl_info info;

  g_mutex_lock (&lock);
  if (g_hash_table_add (functions, (gpointer) function)
      && dladdr ((gpointer) function, &info) != 0 && info.dli_sname != NULL
      && g_str_has_prefix (info.dli_sname, "process_"))
    g_hash_table_add (uses, g_strconcat ("function ", info.dli_sname, NULL));
  g_mutex_unlock (&lock);
}

static void
note_property (GObjectClass *klass, const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (klass, name);

  if (pspec != NULL)
    note ("property", g_type_name (pspec->owner_type), ":", pspec->name);
}

static void
note_signal (guint id)
{
  GSignalQuery query;

  g_signal_query (id, &query);
  if (query.signal_id != 0)
    note ("signal", g_type_name (query.itype), "::", query.signal_name);
}

/* As in <ffi.h>. */
void ffi_call (gpointer cif, void (*function) (void), gpointer result, gpointer *arguments);

void
ffi_call (gpointer cif, void (*function) (void), gpointer result, gpointer *arguments)
{
  note_function (function);
  next (ffi_call) (cif, function, result, arguments);
}

void
g_object_get_property (GObject *object, const char *name, GValue *value)
{
  note_property (G_OBJECT_GET_CLASS (object), name);
  next (g_object_get_property) (object, name, value);
}

void
g_object_set_property (GObject *object, const char *name, const GValue *value)
{
  note_property (G_OBJECT_GET_CLASS (object), name);
  next (g_object_set_property) (object, name, value);
}

GObject *
g_object_new_with_properties (GType type, guint n, const char *names[], const GValue values[])
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  for (guint i = 0; i < n; i++)
    note_property ((GObjectClass *) klass, names[i]);
  return next (g_object_new_with_properties) (type, n, names, values);
}

gulong
g_signal_connect_closure (gpointer instance, const char *name, GClosure *closure, gboolean after)
{
  guint id;
  GQuark detail;

  if (g_signal_parse_name (name, G_OBJECT_TYPE (instance), &id, &detail, FALSE))
    note_signal (id);
  return next (g_signal_connect_closure) (instance, name, closure, after);
}

gulong
g_signal_connect_closure_by_id (gpointer instance, guint id, GQuark detail, GClosure *closure,
                                gboolean after)
{
  note_signal (id);
  return next (g_signal_connect_closure_by_id) (instance, id, detail, closure, after);
}
