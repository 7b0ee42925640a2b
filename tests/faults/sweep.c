/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "children/faults-util.h"
#include "fault-shim.h"

/* Nothing here takes long; a loaded machine may. */
#define PATIENCE 60 /* seconds */

/* A part of it all will do for every day: the first few calls of a kind and then fewer and fewer,
 * no two in a row, the library's own calls alone only where all of them fail, and a next try only
 * after one that failed or left something. */
#define ONE_BY_ONE 3

typedef struct
{
  const char *path;
  SweepFunc   func;
  char       *folder;   /* (owned), of this run */
  guint       n_tries;
  GHashTable *messages; /* (owned), of the errors that there were, and what caused each */
} Sweep;

/* What a fault looks like. */
typedef struct
{
  guint        call;
  FaultProblem problem;
  guint        length; /* so many in a row */
  FaultScope   scope;
} Fault;

static char now_at[200] = "nowhere";

static void
tell (const char *text)
{
  if (write (STDERR_FILENO, text, strlen (text)) < 0)
    return;
}

static void
end_cb (int signum)
{
  fault_shim_disarm ();
  tell (signum == SIGALRM ? "\nThis does not end: " : "\nThis went wrong: ");
  tell (now_at);
  tell ("\n");
  signal (SIGABRT, SIG_DFL);
  abort ();
}

gboolean
sweep_is_whole (void)
{
  return g_getenv ("FAULTS_ALL") != NULL;
}

void
sweep_init (int *argc, char ***argv)
{
  faults_init (argc, argv);
  signal (SIGALRM, end_cb);
  signal (SIGABRT, end_cb);
  signal (SIGSEGV, end_cb);
  signal (SIGTRAP, end_cb);
}

void
sweep_end (gpointer object)
{
  gpointer weak = object;

  g_object_add_weak_pointer (G_OBJECT (object), &weak);
  g_object_unref (object);
  while (weak != NULL)
    g_main_context_iteration (NULL, TRUE);
}

void
sweep_call_cb (GObject *source, GAsyncResult *result, gpointer call)
{
  ((SweepCall *) call)->result = g_object_ref (result);
}

void
sweep_call_wait (SweepCall *call)
{
  while (call->result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

char *
sweep_read_file (const char *path)
{
  char text[1000];
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize length = fd >= 0 ? read (fd, text, sizeof text) : -1;

  if (fd >= 0)
    close (fd);
  return length >= 0 ? g_strndup (text, (gsize) length) : NULL;
}

/* A file that is left there, or NULL. */
static char *
find_file (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  return g_strdup (g_dir_read_name (dir));
}

/* Without what is another one at every try. */
static char *
make_anonymous (const GError *error)
{
  g_autoptr (GRegex) id = g_regex_new ("id-[0-9a-f-]+|(?<=127.0.0.1:)[0-9]+", 0, 0, NULL);
  g_autofree char *message = g_regex_replace_literal (id, error->message, -1, 0, "…", 0, NULL);

  return g_strdup_printf ("%s %d: %s", g_quark_to_string (error->domain), error->code, message);
}

/* A clear one, that is. */
static void
check_error (Sweep *self, const GError *error)
{
  const char *message = error->message;

  if (error->domain != PROCESS_ERROR && error->domain != G_IO_ERROR)
    g_error ("%s: A strange error: %s: %s", now_at, g_quark_to_string (error->domain), message);
  if (message[0] == '\0' || g_str_has_suffix (message, ".") ||
      !g_utf8_validate (message, -1, NULL) || strstr (message, "(null)") != NULL)
    g_error ("%s: A bad message: “%s”", now_at, message);
  g_hash_table_replace (self->messages, make_anonymous (error), g_strdup (now_at));
}

/* Returns whether it succeeded. */
static gboolean
try_once (Sweep *self, const Fault *fault, guint n, guint *n_fired)
{
  g_autoptr (GPtrArray) before = faults_list_descriptors ();
  g_autoptr (GError) error = NULL;
  gboolean success;

  alarm (PATIENCE);
  fault_shim_arm (fault->call, fault->problem.value, n,
                  fault->length == FAULT_FOR_EVER ? FAULT_FOR_EVER : n + fault->length - 1,
                  fault->scope);
  success = self->func (self->folder, &error);
  *n_fired = fault_shim_disarm ();
  faults_settle ();
  faults_wait_for_no_descriptor (before);
  alarm (0);
  self->n_tries++;
  if (g_test_failed ())
    g_error ("%s: It told what is not so", now_at);
  if (success != (error == NULL))
    g_error ("%s: It failed without an error, or not in spite of one", now_at);
  if (error != NULL && *n_fired == 0)
    g_error ("%s: It failed by itself: %s", now_at, error->message);
  if (error != NULL)
    check_error (self, error);
  return success;
}

static void
try_untouched (Sweep *self)
{
  static const Fault none = { .scope = FAULT_SCOPE_GLIB };
  g_autofree char *left = NULL;
  guint n_fired;

  try_once (self, &none, 0, &n_fired);
  left = find_file (self->folder);
  if (left != NULL)
    g_error ("%s: There is a file left: %s", now_at, left);
}

static void
describe (Sweep *self, const Fault *fault, guint n)
{
  const FaultCall *call = &fault_calls[fault->call];
  gboolean is_short = fault->problem.value == FAULT_SHORT;

  g_snprintf (now_at, sizeof now_at, "%s: %s number %u%s%s, %s: %s", self->path, call->name, n,
              fault->length == FAULT_FOR_EVER ? " and all after it" : "",
              fault->length == 2 ? " and the next one" : "",
              fault->scope == FAULT_SCOPE_GLIB ? "of GLib or the library" : "of the library",
              is_short ? "does only a part" : g_strerror (fault->problem.value));
}

/* The next try does the work as if nothing had been. */
static void
sweep_fault (Sweep *self, const Fault *fault)
{
  guint n_fired = 1;

  for (guint n = 1; n_fired > 0; n += sweep_is_whole () || n < ONE_BY_ONE ? 1 : 1 + 2 * n)
    {
      g_autofree char *left = NULL;
      gboolean success;

      describe (self, fault, n);
      success = try_once (self, fault, n, &n_fired);
      left = find_file (self->folder);
      if (!success || left != NULL || (n_fired > 0 && sweep_is_whole ()))
        try_untouched (self);
    }
}

static gboolean
is_wanted (const Fault *fault)
{
  if (fault->length == FAULT_FOR_EVER)
    return !fault->problem.passes;
  return sweep_is_whole () || (fault->length == 1 && fault->scope == FAULT_SCOPE_GLIB);
}

static void
sweep_call (Sweep *self, guint call)
{
  static const guint lengths[] = { 1, 2, FAULT_FOR_EVER };

  for (const FaultProblem *problem = fault_calls[call].problems; problem->value != 0; problem++)
    for (FaultScope scope = FAULT_SCOPE_LIBRARY; scope <= FAULT_SCOPE_GLIB; scope++)
      for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
        {
          const Fault fault = { call, *problem, lengths[i], scope };

          if (is_wanted (&fault))
            sweep_fault (self, &fault);
        }
}

static void
report (Sweep *self)
{
  GHashTableIter iter;
  gpointer message, cause;

  g_test_message ("%s: %u tries", self->path, self->n_tries);
  g_hash_table_iter_init (&iter, self->messages);
  while (g_hash_table_iter_next (&iter, &message, &cause))
    g_test_message ("%s (%s)", (const char *) message, (const char *) cause);
}

/* Twice without a fault: at the first time descriptors are made that stay. */
static void
run_sweep (gconstpointer data)
{
  Sweep self = *(const Sweep *) data;
  guint counts[64] = { 0 };

  self.folder = faults_make_folder ();
  self.messages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_snprintf (now_at, sizeof now_at, "%s, untouched", self.path);
  self.func (self.folder, NULL);
  try_untouched (&self);
  for (guint call = 0; fault_calls[call].name != NULL; call++)
    counts[call] = fault_shim_get_count (call);
  for (guint call = 0; fault_calls[call].name != NULL; call++)
    if (counts[call] > 0)
      sweep_call (&self, call);
  report (&self);
  faults_remove_folder (self.folder);
  g_hash_table_unref (self.messages);
  g_free (self.folder);
}

void
sweep_add (const char *path, SweepFunc func)
{
  Sweep *self = g_new0 (Sweep, 1);

  self->path = path;
  self->func = func;
  g_test_add_data_func_full (path, self, run_sweep, g_free);
}
