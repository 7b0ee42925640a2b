/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What may be in use in the end that was not at the mark: caches of GLib and libc that fill, but
 * nothing that a child or a request could leave behind each time. */
#define MAX_HEAP_GROWTH (256 << 10)
#define MAX_RSS_GROWTH_KIB (16 << 10)
/* What is closed by another thread is closed soon. */
#define PATIENCE (30 * G_TIME_SPAN_SECOND)

static char *child;
static GString *figures;
static FILE *samples;
static gint64 began;
static SoakTimes all_times, recent_times;
static SoakState at_start, at_mark;
static gint64 max_rss_kib;

const char *
soak_get_child (void)
{
  return child;
}

void
soak_stop_at (const GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

void
soak_need_fds (guint n)
{
  struct rlimit limit;

  soak_check (getrlimit (RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_max < n)
    {
      /* Only root may. */
      limit.rlim_max = n;
      if (setrlimit (RLIMIT_NOFILE, &limit) != 0)
        {
          g_print ("SKIP: this needs %u descriptors, which are more than are allowed\n", n);
          exit (77);
        }
    }
  limit.rlim_cur = MAX (limit.rlim_cur, n);
  soak_check (setrlimit (RLIMIT_NOFILE, &limit) == 0);
}

/* Each power of two has as many steps as the first. */
static guint
get_step (gint64 time)
{
  guint64 value = (guint64) MAX (time, 0);
  guint shift = 0;

  while (value >= 2 * SOAK_STEPS)
    {
      value >>= 1;
      shift++;
    }
  return shift * SOAK_STEPS + (guint) value;
}

/* The middle of the times that have this step. */
static gint64
get_time (guint step)
{
  guint shift = step < 2 * SOAK_STEPS ? 0 : step / SOAK_STEPS - 1;
  gint64 value = (gint64) (step - shift * SOAK_STEPS);

  return (value << shift) + ((G_GINT64_CONSTANT (1) << shift) - 1) / 2;
}

void
soak_times_add (SoakTimes *self, gint64 time)
{
  self->counts[MIN (get_step (time), G_N_ELEMENTS (self->counts) - 1)]++;
  self->n++;
  self->max = MAX (self->max, time);
}

void
soak_times_merge (SoakTimes *self, const SoakTimes *other)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->counts); i++)
    self->counts[i] += other->counts[i];
  self->n += other->n;
  self->max = MAX (self->max, other->max);
}

gint64
soak_times_get (const SoakTimes *self, double share)
{
  guint64 left = (guint64) (share * (double) self->n);

  for (guint i = 0; i < G_N_ELEMENTS (self->counts); i++)
    {
      if (self->counts[i] > left)
        return MIN (get_time (i), self->max);
      left -= self->counts[i];
    }
  return self->max;
}

/* Those in whose description is @kind. */
static guint
count_fds (const char *kind)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *number;
  guint n = 0;

  soak_check (dir != NULL);
  while ((number = g_dir_read_name (dir)) != NULL)
    {
      char path[64], target[64] = "";

      g_snprintf (path, sizeof path, "/proc/self/fd/%s", number);
      n += readlink (path, target, sizeof target - 1) > 0 && strstr (target, kind) != NULL;
    }
  return n;
}

static gint64
get_rss_kib (void)
{
  g_autofree char *statm = NULL;
  const char *resident;

  soak_check (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL));
  resident = strchr (statm, ' ');
  return g_ascii_strtoll (resident, NULL, 10) * (sysconf (_SC_PAGESIZE) / 1024);
}

SoakState
soak_look (void)
{
  struct mallinfo2 heap = mallinfo2 ();
  SoakState state = { get_rss_kib (), (gint64) (heap.uordblks + heap.hblkhd), count_fds ("") };

  max_rss_kib = MAX (max_rss_kib, state.rss_kib);
  return state;
}

void
soak_count (gint64 time)
{
  soak_times_add (&recent_times, time);
}

void
soak_count_times (const SoakTimes *times)
{
  soak_times_merge (&recent_times, times);
}

guint64
soak_get_count (void)
{
  return all_times.n + recent_times.n;
}

void
soak_sample (guint n_running)
{
  SoakState now = soak_look ();

  if (samples != NULL)
    fprintf (samples,
             "%.3f,%" G_GUINT64_FORMAT ",%u,%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%u,%"
             G_GINT64_FORMAT ",%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "\n",
             (double) (g_get_monotonic_time () - began) * 1e-6, soak_get_count (), n_running,
             now.rss_kib, now.heap_bytes / 1024, now.n_fds, soak_times_get (&recent_times, 0.5),
             soak_times_get (&recent_times, 0.99), recent_times.max);
  soak_times_merge (&all_times, &recent_times);
  memset (&recent_times, 0, sizeof recent_times);
}

void
soak_mark (void)
{
  at_mark = soak_look ();
}

void
soak_tell (const char *name, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (figures, ", \"%s\": %s", name,
                          g_ascii_formatd (number, sizeof number, "%.3f", value));
}

void
soak_tell_int (const char *name, gint64 value)
{
  g_string_append_printf (figures, ", \"%s\": %" G_GINT64_FORMAT, name, value);
}

void
soak_tell_times (const char *name, const SoakTimes *times)
{
  g_string_append_printf (figures,
                          ", \"%s\": {\"n\": %" G_GUINT64_FORMAT ", \"p50_us\": %" G_GINT64_FORMAT
                          ", \"p99_us\": %" G_GINT64_FORMAT ", \"max_us\": %" G_GINT64_FORMAT "}",
                          name, times->n, soak_times_get (times, 0.5),
                          soak_times_get (times, 0.99), times->max);
}

/* Those that wait to be reaped, too. */
static gboolean
has_children (void)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* What GLib makes once and keeps is no growth: its thread, and what watches files. */
static void
warm_up (void)
{
  g_autoptr (GFile) root = g_file_new_for_path ("/");
  g_autoptr (GFileMonitor) monitor = g_file_monitor (root, G_FILE_MONITOR_NONE, NULL, NULL);
  g_autoptr (ProcessService) service = process_service_new ();
  g_autoptr (GError) error = NULL;
  const char *args[] = { "out", "warm", NULL };
  g_autofree char *output = process_service_run (service, child, args, NULL, &error);

  soak_stop_at (error);
  soak_check (monitor != NULL);
  soak_check (g_str_equal (output, "warm"));
  g_clear_object (&service);
  for (guint i = 0; i < 100 && count_fds ("[pidfd]") > 0; i++)
    g_usleep (1000);
}

/* GLib closes some in its own thread, a moment later. */
static SoakState
look_when_closed (guint n_fds)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  SoakState state = soak_look ();

  while (state.n_fds > n_fds && g_get_monotonic_time () < deadline)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
      state = soak_look ();
    }
  return state;
}

static void
tell_state (const SoakState *at_end)
{
  soak_tell ("seconds", (double) (g_get_monotonic_time () - began) * 1e-6);
  if (all_times.n > 0)
    {
      soak_tell_int ("done", (gint64) all_times.n);
      soak_tell_times ("latency", &all_times);
    }
  soak_tell_int ("rss_max_kib", max_rss_kib);
  soak_tell_int ("rss_growth_kib", at_end->rss_kib - at_mark.rss_kib);
  soak_tell_int ("heap_growth_bytes", at_end->heap_bytes - at_mark.heap_bytes);
  soak_tell_int ("descriptors_left", (gint64) at_end->n_fds - (gint64) at_start.n_fds);
}

static gboolean
check_state (const SoakState *at_end)
{
  gboolean looks = settings_get_int ("memory", 1) != 0;
  gboolean good = TRUE;

  if (at_end->n_fds > at_start.n_fds)
    good = (g_printerr ("Descriptors are left open\n"), FALSE);
  if (has_children ())
    good = (g_printerr ("Children are left\n"), FALSE);
  if (looks && at_end->heap_bytes - at_mark.heap_bytes > MAX_HEAP_GROWTH)
    good = (g_printerr ("The memory in use has grown\n"), FALSE);
  if (looks && at_end->rss_kib - at_mark.rss_kib > MAX_RSS_GROWTH_KIB)
    good = (g_printerr ("The resident memory has grown\n"), FALSE);
  return good;
}

int
main (int argc, char **argv)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (program);
  g_autofree char *name = g_path_get_basename (program);
  const char *path;
  SoakState at_end;

  settings_init (argv);
  child = g_build_filename (folder, "test-child", NULL);
  path = settings_get_string ("samples", NULL);
  if (path != NULL)
    {
      samples = fopen (path, "we");
      soak_check (samples != NULL);
      fprintf (samples, "seconds,done,running,rss_kib,heap_kib,descriptors,p50_us,p99_us,max_us\n");
    }
  warm_up ();
  figures = g_string_new (NULL);
  at_start = soak_look ();
  began = g_get_monotonic_time ();

  soak_run ();

  soak_sample (0);
  at_end = look_when_closed (at_start.n_fds);
  tell_state (&at_end);
  g_print ("{\"program\": \"%s\"%s}\n", name, figures->str);
  if (samples != NULL)
    fclose (samples);
  g_string_free (figures, TRUE);
  g_free (child);
  return check_state (&at_end) ? EXIT_SUCCESS : EXIT_FAILURE;
}
