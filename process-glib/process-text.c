/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-text-private.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

static const char *signal_names[] = {
  [SIGABRT] = "SIGABRT",
  [SIGALRM] = "SIGALRM",
  [SIGBUS] = "SIGBUS",
  [SIGCHLD] = "SIGCHLD",
  [SIGCONT] = "SIGCONT",
  [SIGFPE] = "SIGFPE",
  [SIGHUP] = "SIGHUP",
  [SIGILL] = "SIGILL",
  [SIGINT] = "SIGINT",
  [SIGIO] = "SIGIO",
  [SIGKILL] = "SIGKILL",
  [SIGPIPE] = "SIGPIPE",
  [SIGPROF] = "SIGPROF",
  [SIGPWR] = "SIGPWR",
  [SIGQUIT] = "SIGQUIT",
  [SIGSEGV] = "SIGSEGV",
#ifdef SIGSTKFLT
  [SIGSTKFLT] = "SIGSTKFLT",
#endif
  [SIGSTOP] = "SIGSTOP",
  [SIGSYS] = "SIGSYS",
  [SIGTERM] = "SIGTERM",
  [SIGTRAP] = "SIGTRAP",
  [SIGTSTP] = "SIGTSTP",
  [SIGTTIN] = "SIGTTIN",
  [SIGTTOU] = "SIGTTOU",
  [SIGURG] = "SIGURG",
  [SIGUSR1] = "SIGUSR1",
  [SIGUSR2] = "SIGUSR2",
  [SIGVTALRM] = "SIGVTALRM",
  [SIGWINCH] = "SIGWINCH",
  [SIGXCPU] = "SIGXCPU",
  [SIGXFSZ] = "SIGXFSZ",
};

char *
_process_make_valid (const char *data,
                     gssize      length)
{
  /* With a length, g_utf8_validate () refuses NULs, and so they are replaced as well. */
  return g_utf8_make_valid (data, length);
}

char **
_process_make_valid_strv (const char * const *strings)
{
  guint length = strings != NULL ? g_strv_length ((char **) strings) : 0;
  char **valid = g_new0 (char *, length + 1);

  for (guint i = 0; i < length; i++)
    valid[i] = _process_make_valid (strings[i], -1);

  return valid;
}

char *
_process_format_time (GDateTime *time)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (time);
  GString *text = g_string_new (NULL);
  int microseconds = g_date_time_get_microsecond (utc);

  g_string_printf (text, "%04d-%02d-%02dT%02d:%02d:%02d",
                   g_date_time_get_year (utc), g_date_time_get_month (utc),
                   g_date_time_get_day_of_month (utc), g_date_time_get_hour (utc),
                   g_date_time_get_minute (utc), g_date_time_get_second (utc));

  if (microseconds != 0)
    {
      g_string_append_printf (text, ".%06d", microseconds);
      while (text->str[text->len - 1] == '0')
        g_string_truncate (text, text->len - 1);
    }

  g_string_append_c (text, 'Z');

  return g_string_free (text, FALSE);
}

static gboolean
skip_char (const char **at,
           const char  *accepted)
{
  if (**at == '\0' || strchr (accepted, **at) == NULL)
    return FALSE;

  (*at)++;

  return TRUE;
}

/* A number of exactly so many digits, after one of the characters, if any are given. */
static gboolean
read_number (const char **at,
             const char  *before,
             guint        n_digits,
             int         *number)
{
  if (before != NULL && !skip_char (at, before))
    return FALSE;

  for (*number = 0; n_digits > 0; n_digits--, (*at)++)
    {
      if (!g_ascii_isdigit (**at))
        return FALSE;

      *number = *number * 10 + g_ascii_digit_value (**at);
    }

  return TRUE;
}

static gboolean
read_fraction (const char **at,
               int         *microseconds)
{
  int unit = 100000;

  *microseconds = 0;
  if (!skip_char (at, "."))
    return TRUE;

  if (!g_ascii_isdigit (**at))
    return FALSE;

  for (; g_ascii_isdigit (**at); (*at)++, unit /= 10)
    *microseconds += g_ascii_digit_value (**at) * unit;

  return TRUE;
}

static gboolean
read_offset (const char **at,
             GTimeSpan   *offset)
{
  int sign = **at == '-' ? -1 : 1;
  int hours, minutes;

  *offset = 0;
  if (skip_char (at, "Zz"))
    return TRUE;

  if (!read_number (at, "+-", 2, &hours) || !read_number (at, ":", 2, &minutes) ||
      hours > 23 || minutes > 59)
    return FALSE;

  *offset = sign * (hours * G_TIME_SPAN_HOUR + minutes * G_TIME_SPAN_MINUTE);

  return TRUE;
}

/* Not g_date_time_new_from_iso8601 (), which takes more than this, and whose fractions go through
 * a double, and so may change with each round. */
GDateTime *
_process_parse_time (const char *text)
{
  g_autoptr (GDateTime) local = NULL;
  int year, month, day, hour, minute, second, microseconds;
  GTimeSpan offset;

  if (!read_number (&text, NULL, 4, &year) || !read_number (&text, "-", 2, &month) ||
      !read_number (&text, "-", 2, &day) || !read_number (&text, "Tt", 2, &hour) ||
      !read_number (&text, ":", 2, &minute) || !read_number (&text, ":", 2, &second) ||
      !read_fraction (&text, &microseconds) || !read_offset (&text, &offset) || *text != '\0')
    return NULL;

  local = g_date_time_new_utc (year, month, day, hour, minute, second);

  return local != NULL ? g_date_time_add (local, microseconds - offset) : NULL;
}

/* json-glib 1.6 writes U+001F as it is. */
char *
_process_json_to_string (JsonNode *root, gboolean pretty)
{
  g_autofree char *json = json_to_string (root, pretty);
  g_auto (GStrv) parts = g_strsplit (json, "\x1f", -1);

  return g_strjoinv ("\\u001f", parts);
}

char *
_process_signal_name (int signum)
{
  if (signum > 0 && signum < (int) G_N_ELEMENTS (signal_names) && signal_names[signum] != NULL)
    return g_strdup (signal_names[signum]);

  if (signum == SIGRTMIN)
    return g_strdup ("SIGRTMIN");

  if (signum == SIGRTMAX)
    return g_strdup ("SIGRTMAX");

  if (signum > SIGRTMIN && signum < SIGRTMAX)
    return g_strdup_printf ("SIGRTMIN+%d", signum - SIGRTMIN);

  /* The C library keeps a few for itself, but they can end a child all the same. */
  return g_strdup_printf ("SIG%d", signum);
}

gboolean
_process_signal_is_valid (int signum)
{
  return signum >= 1 && signum <= SIGRTMAX;
}

static gboolean
is_executable_file (const char *path)
{
  struct stat status;

  /* AT_EACCESS because exec goes by the effective user, unlike access (). */
  return stat (path, &status) == 0 && S_ISREG (status.st_mode) &&
         faccessat (AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

static char *
find_in_path (const char *name,
              const char *path)
{
  while (path != NULL)
    {
      const char *end = strchrnul (path, ':');

      if (path[0] == '/')
        {
          g_autofree char *folder = g_strndup (path, end - path);
          g_autofree char *file = g_build_filename (folder, name, NULL);

          if (is_executable_file (file))
            return g_steal_pointer (&file);
        }

      path = *end == ':' ? end + 1 : NULL;
    }

  return NULL;
}

char *
_process_find_program (const char *name,
                       const char *path)
{
  if (name[0] == '\0')
    return NULL;

  if (strchr (name, '/') == NULL)
    return find_in_path (name, path != NULL ? path : "/bin:/usr/bin");

  if (!is_executable_file (name))
    return NULL;

  if (g_path_is_absolute (name))
    return g_strdup (name);

  /* Not g_canonicalize_filename (), which goes wrong at a symbolic link followed by "..". */
  g_autofree char *cwd = g_get_current_dir ();

  return g_build_filename (cwd, name, NULL);
}
