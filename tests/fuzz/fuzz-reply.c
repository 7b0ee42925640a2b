/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a health server may answer: whole, and in chunks, of whose sizes the first byte is the
 * seed. Both must come to the same. */

#include "fuzz.h"

#include <string.h>

#include <process-glib/daemons/process-health-reply-private.h>
#include <process-glib/process-error.h>

/* Whether it is known what it is. */
static gboolean
add (ProcessHealthReply  *reply,
     const guint8        *data,
     gsize                length,
     GError             **error)
{
  g_autofree guint8 *chunk = g_memdup2 (data, length);

  return !_process_health_reply_add (reply, chunk, length, error) ||
         _process_health_reply_is_complete (reply);
}

static char *
describe (ProcessHealthReply *reply,
          const GError       *error)
{
  g_autofree char *text = NULL;
  guint status;

  if (error != NULL)
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_FAILED);
      g_assert_false (_process_health_reply_is_complete (reply));
      return g_strdup (error->message);
    }

  g_assert_true (_process_health_reply_is_complete (reply));
  status = _process_health_reply_get_status (reply);
  text = _process_health_reply_dup_text (reply);
  g_assert_true (status >= 100 && status <= 999);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  /* What is not UTF-8 takes three times as much when it is. */
  g_assert_cmpuint (strlen (text), <=, 3 * PROCESS_HEALTH_REPLY_MAX);

  return g_strdup_printf ("%u %s", status, text);
}

static char *
read_reply (const guint8 *data,
            gsize         size,
            GRand        *rand)
{
  g_autoptr (ProcessHealthReply) reply = _process_health_reply_new ();
  g_autoptr (GError) error = NULL;
  gboolean known = FALSE;

  while (size > 0 && !known)
    {
      gsize wanted = rand != NULL ? (gsize) g_rand_int_range (rand, 1, 9) : size;
      gsize length = MIN (size, wanted);

      known = add (reply, data, length, &error);
      data += length;
      size -= length;
    }
  if (!known)
    g_assert_true (add (reply, NULL, 0, &error));

  return describe (reply, error);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        size_t        size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (size > 0 ? data[0] : 0);
  g_autofree char *whole = NULL;
  g_autofree char *chopped = NULL;

  if (size == 0)
    return 0;

  whole = read_reply (data + 1, size - 1, NULL);
  chopped = read_reply (data + 1, size - 1, rand);
  g_assert_cmpstr (chopped, ==, whole);

  return 0;
}
