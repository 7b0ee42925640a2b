/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* [seconds=N] [acts=N] [seed=N]: does all kinds of things, many at a time, in random order, and
 * checks what came of each. The latency is that of a child that does nothing, from its start to
 * its end. After a tenth of the time all come to rest, and from then on nothing may grow. */

#include "mixed.h"

#include <glib/gstdio.h>

typedef struct
{
  const char *name;
  guint       weight;
  void      (*begin) (Act *act);
} Kind;

static const Kind kinds[] = {
  { "idle", 30, mixed_begin_idle },         { "lines", 10, mixed_begin_lines },
  { "input", 10, mixed_begin_input },       { "timeout", 5, mixed_begin_timeout },
  { "group", 5, mixed_begin_group },        { "run", 10, mixed_begin_run },
  { "cancel", 5, mixed_begin_cancel },      { "missing", 5, mixed_begin_missing },
  { "pipeline", 5, mixed_begin_pipeline },  { "health", 10, mixed_begin_health },
  { "registry", 5, mixed_begin_registry },
};

static const Kind *
choose (GRand *rand)
{
  guint all = 0, chosen;
  gsize i = 0;

  for (gsize j = 0; j < G_N_ELEMENTS (kinds); j++)
    all += kinds[j].weight;
  chosen = (guint) g_rand_int_range (rand, 0, (gint32) all);
  for (; chosen >= kinds[i].weight; i++)
    chosen -= kinds[i].weight;
  return &kinds[i];
}

static void
mixed_begin (Mixed *self)
{
  const Kind *kind = choose (self->rand);
  Act *act = g_new0 (Act, 1);

  act->mixed = self;
  act->kind = (guint) (kind - kinds);
  act->began = g_get_monotonic_time ();
  self->n_active++;
  kind->begin (act);
}

void
mixed_act_done (Act *act)
{
  Mixed *self = act->mixed;
  gint64 time = g_get_monotonic_time () - act->began;

  soak_times_add (&self->times[act->kind], time);
  if (act->kind == 0)
    soak_count (time);
  g_clear_pointer (&act->bytes, g_bytes_unref);
  g_clear_object (&act->cancellable);
  g_free (act);
  self->n_active--;
  g_main_context_wakeup (NULL);
}

/* Not in the call that ends one: what ends at once would never let others in. */
static void
mixed_go_on (Mixed *self, gint64 until)
{
  gint64 next_sample = g_get_monotonic_time ();

  for (;;)
    {
      gint64 now = g_get_monotonic_time ();

      if (now >= next_sample)
        {
          soak_sample (self->n_active);
          next_sample = now + MIN (G_TIME_SPAN_SECOND, until / 100 + G_TIME_SPAN_MILLISECOND);
        }
      if (now >= until && self->n_active == 0)
        break;
      if (now < until && self->n_active < self->n_acts)
        mixed_begin (self);
      else
        g_main_context_iteration (NULL, TRUE);
      g_main_context_iteration (NULL, FALSE);
    }
  soak_check (process_service_get_n_running (self->service) == 0);
  process_service_clear (self->service);
}

/* What a killed group leaves would have the mark among its arguments. */
static guint
count_processes (const char *mark)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize length = 0;

      if (g_ascii_isdigit (name[0]) && g_file_get_contents (path, &line, &length, NULL))
        n += memmem (line, length, mark, strlen (mark)) != NULL;
    }
  return n;
}

static void
mixed_set_up (Mixed *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = NULL;

  self->folder = g_dir_make_tmp ("process-glib-soak-XXXXXX", &error);
  soak_stop_at (error);
  dir = g_build_filename (self->folder, "registry", NULL);
  self->mark = g_strdup_printf ("soak-%d", (int) getpid ());
  self->rand = g_rand_new_with_seed ((guint32) settings_get_int ("seed", 1));
  self->service = process_service_new ();
  process_service_set_max_history (self->service, 20);
  self->registry = process_registry_new (dir);
  self->server = process_health_server_new ("127.0.0.1:0");
  process_health_server_start (self->server, &error);
  soak_stop_at (error);
  soak_check (process_registry_get_n_items (self->registry) == 0);
}

static void
mixed_tear_down (Mixed *self)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  /* The model hears of the last change a moment later. */
  while (process_registry_get_n_items (self->registry) > 0)
    {
      soak_check (g_get_monotonic_time () < deadline);
      g_main_context_iteration (NULL, FALSE);
    }
  process_health_server_stop (self->server);
  while (count_processes (self->mark) > 0)
    soak_check (g_get_monotonic_time () < deadline);
  soak_check (g_rmdir (process_registry_get_dir (self->registry)) == 0);
  soak_check (g_rmdir (self->folder) == 0);
  g_clear_object (&self->registry);
  g_clear_object (&self->server);
  g_clear_object (&self->service);
  g_rand_free (self->rand);
  g_free (self->folder);
  g_free (self->mark);
}

void
soak_run (void)
{
  Mixed *self = g_new0 (Mixed, 1);
  gint64 time = settings_get_int ("seconds", 5) * G_TIME_SPAN_SECOND;
  gint64 began = g_get_monotonic_time ();

  G_STATIC_ASSERT (G_N_ELEMENTS (kinds) <= MIXED_N_KINDS);
  self->n_acts = (guint) settings_get_int ("acts", 24);
  mixed_set_up (self);
  mixed_go_on (self, began + time / 10);
  soak_mark ();
  mixed_go_on (self, began + time);
  mixed_tear_down (self);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    soak_tell_times (kinds[i].name, &self->times[i]);
  soak_tell_int ("registry_changes", self->n_changes);
  g_free (self);
}
