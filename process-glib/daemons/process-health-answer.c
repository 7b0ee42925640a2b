/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-answer-private.h"

#include <string.h>
#include <time.h>

#include <json-glib/json-glib.h>

#include <process-glib/process-text-private.h>

#define TEXT "text/plain; charset=utf-8"
#define JSON "application/health+json"

static const char *
get_phrase (guint status)
{
  switch (status)
    {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 421: return "Misdirected Request";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

/* RFC 9110 section 5.6.7, whatever the locale. */
static const char *
get_date (ProcessHttpDate *self)
{
  static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
  static const char months[][4] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  };
  gint64 second = g_get_real_time () / G_USEC_PER_SEC;
  time_t now = (time_t) second;
  struct tm utc;

  if (self->second == second || gmtime_r (&now, &utc) == NULL)
    return self->text;
  self->second = second;
  g_snprintf (self->text, sizeof self->text, "%s, %02u %s %04u %02u:%02u:%02u GMT",
              days[utc.tm_wday], (guint) utc.tm_mday % 100, months[utc.tm_mon],
              (guint) (utc.tm_year + 1900) % 10000, (guint) utc.tm_hour % 100,
              (guint) utc.tm_min % 100, (guint) utc.tm_sec % 100);
  return self->text;
}

static void
append (GString *out, const char *text)
{
  g_string_append_len (out, text, (gssize) strlen (text));
}

static void
append_number (GString *out, gsize number)
{
  char digits[24];
  char *at = digits + sizeof digits;

  do
    *--at = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  g_string_append_len (out, at, digits + sizeof digits - at);
}

/* Only what RFC 9110 asks for, and that nothing may be kept. */
static void
append_answer (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form, guint status,
               const char *type, const char *body, gsize length)
{
  append (out, "HTTP/1.1 ");
  append_number (out, status);
  g_string_append_c (out, ' ');
  append (out, get_phrase (status));
  append (out, "\r\nDate: ");
  append (out, get_date (date));
  append (out, "\r\nContent-Type: ");
  append (out, type);
  append (out, "\r\nContent-Length: ");
  append_number (out, length);
  append (out, "\r\nCache-Control: no-store\r\n");
  if (status == 405)
    append (out, "Allow: GET, HEAD\r\n");
  if (form->close)
    append (out, "Connection: close\r\n");
  else if (form->minor == 0)
    append (out, "Connection: keep-alive\r\n");
  append (out, "\r\n");
  if (!form->head_only)
    g_string_append_len (out, body, (gssize) length);
}

static void
append_text (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form, guint status,
             const char *body)
{
  append_answer (out, date, form, status, TEXT, body, strlen (body));
}

void
_process_answer_status (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form,
                        guint status)
{
  g_autofree char *lower = g_ascii_strdown (get_phrase (status), -1);
  g_autofree char *body = g_strconcat (lower, "\n", NULL);

  append_text (out, date, form, status, body);
}

static JsonBuilder *
begin_json (const char *status)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "status");
  json_builder_add_string_value (builder, status);
  return builder;
}

/* Takes the builder. */
static void
append_json (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form, guint status,
             JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  g_autofree char *body = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  g_object_unref (builder);
  text = _process_json_to_string (root, FALSE);
  body = g_strconcat (text, "\n", NULL);
  append_answer (out, date, form, status, JSON, body, strlen (body));
}

void
_process_answer_ready (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form,
                       gboolean ready)
{
  guint status = ready ? 200 : 503;

  if (form->json)
    append_json (out, date, form, status, begin_json (ready ? "pass" : "fail"));
  else if (form->verbose)
    append_text (out, date, form, status,
                 ready ? "[+]ready ok\nready\n" : "[-]ready failed: not ready\nnot ready\n");
  else
    append_text (out, date, form, status, ready ? "ready\n" : "not ready\n");
}

static void
append_line (GString *body, const ProcessOutcome *outcome)
{
  const char *name = _process_health_check_get_name (outcome->check);

  if (outcome->state == PROCESS_OUTCOME_PASSED)
    g_string_append_printf (body, "[+]%s ok\n", name);
  else if (outcome->state == PROCESS_OUTCOME_FAILED)
    g_string_append_printf (body, "[-]%s failed: %s\n", name, outcome->message);
}

static void
add_time (JsonBuilder *builder, gint64 microseconds)
{
  g_autoptr (GDateTime) second = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = g_date_time_add (second, microseconds % G_USEC_PER_SEC);
  g_autofree char *text = _process_format_time (time);

  json_builder_set_member_name (builder, "time");
  json_builder_add_string_value (builder, text);
}

/* What is observed of a check is how long it took. */
static void
add_check (JsonBuilder *builder, const ProcessOutcome *outcome)
{
  gboolean passed = outcome->state == PROCESS_OUTCOME_PASSED;

  json_builder_set_member_name (builder, _process_health_check_get_name (outcome->check));
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "status");
  json_builder_add_string_value (builder, passed ? "pass" : "fail");
  json_builder_set_member_name (builder, "observedValue");
  json_builder_add_double_value (builder, (double) outcome->duration / G_TIME_SPAN_MILLISECOND);
  json_builder_set_member_name (builder, "observedUnit");
  json_builder_add_string_value (builder, "ms");
  add_time (builder, outcome->time);
  if (!passed)
    {
      json_builder_set_member_name (builder, "output");
      json_builder_add_string_value (builder, outcome->message);
    }
  json_builder_end_object (builder);
  json_builder_end_array (builder);
}

static void
append_health_json (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form,
                    ProcessInquiry *inquiry, const ProcessOutcome *failure, gboolean ready)
{
  JsonBuilder *builder = begin_json (failure != NULL ? "fail" : ready ? "pass" : "warn");
  guint n = inquiry != NULL ? _process_inquiry_get_n_outcomes (inquiry) : 0;

  if (failure == NULL && !ready)
    {
      json_builder_set_member_name (builder, "output");
      json_builder_add_string_value (builder, "not ready");
    }
  json_builder_set_member_name (builder, "checks");
  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++)
    if (_process_inquiry_get_outcome (inquiry, i)->state != PROCESS_OUTCOME_GONE)
      add_check (builder, _process_inquiry_get_outcome (inquiry, i));
  json_builder_end_object (builder);
  append_json (out, date, form, failure != NULL ? 503 : 200, builder);
}

void
_process_answer_health (GString *out, ProcessHttpDate *date, const ProcessAnswerForm *form,
                        ProcessInquiry *inquiry, gboolean ready)
{
  guint n = inquiry != NULL ? _process_inquiry_get_n_outcomes (inquiry) : 0;
  const ProcessOutcome *failure = n > 0 ? _process_inquiry_get_failure (inquiry) : NULL;
  g_autoptr (GString) body = NULL;

  if (form->json)
    {
      append_health_json (out, date, form, inquiry, failure, ready);
      return;
    }
  if (failure == NULL && (n == 0 || !form->verbose))
    {
      append_text (out, date, form, 200, "ok\n");
      return;
    }
  body = g_string_new (NULL);
  for (guint i = 0; form->verbose && i < n; i++)
    append_line (body, _process_inquiry_get_outcome (inquiry, i));
  if (failure != NULL)
    g_string_append_printf (body, "unhealthy: %s: %s\n",
                            _process_health_check_get_name (failure->check), failure->message);
  else
    g_string_append (body, "ok\n");
  append_answer (out, date, form, failure != NULL ? 503 : 200, TEXT, body->str, body->len);
}
