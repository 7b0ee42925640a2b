/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-registry-names-private.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Out of sight of the Go package, which looks at *.json. */
#define DRAFT_PREFIX ".process-glib-"
#define DRAFT_SUFFIX ".tmp"

/* As the Go package names it, or NULL. */
static char *
get_plain_name (const char *code, const char *daemon)
{
  g_autofree char *name = g_strconcat (code, "-", daemon, PROCESS_REGISTRY_SUFFIX, NULL);

  if (*code == '\0' || *daemon == '\0' || *code == '.' || strlen (name) > NAME_MAX)
    return NULL;

  return g_steal_pointer (&name);
}

static void
append_encoded (GString *name, const char *part)
{
  for (; *part != '\0'; part++)
    {
      /* A leading dot would hide the file. */
      gboolean is_safe = *part == '.' ? name->len > 0 : g_ascii_isalnum (*part) || *part == '_';

      if (is_safe)
        g_string_append_c (name, *part);
      else
        g_string_append_printf (name, "%%%02X", (guint8) *part);
    }
}

/* No two keys share one: the only hyphen is the one in the middle. NULL if it is too long. */
static char *
get_encoded_name (const char *code, const char *daemon)
{
  g_autoptr (GString) name = g_string_new (NULL);

  append_encoded (name, code);
  g_string_append_c (name, '-');
  append_encoded (name, daemon);
  g_string_append (name, PROCESS_REGISTRY_SUFFIX);

  return name->len <= NAME_MAX ? g_strdup (name->str) : NULL;
}

static char *
get_digest_name (const char *code, const char *daemon)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  /* With the NUL, so that it matters where one ends and the other begins. */
  g_checksum_update (checksum, (const guchar *) code, (gssize) strlen (code) + 1);
  g_checksum_update (checksum, (const guchar *) daemon, (gssize) strlen (daemon));

  return g_strconcat ("%", g_checksum_get_string (checksum), PROCESS_REGISTRY_SUFFIX, NULL);
}

char **
_process_registry_get_names (const char *code, const char *daemon)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *plain = get_plain_name (code, daemon);
  g_autofree char *encoded = get_encoded_name (code, daemon);
  g_autofree char *digest = get_digest_name (code, daemon);

  /* A part is a part of one name, whatever is in it. */
  if (plain != NULL)
    g_strv_builder_add (builder, g_strdelimit (plain, "/", '-'));
  if (encoded != NULL && g_strcmp0 (encoded, plain) != 0)
    g_strv_builder_add (builder, encoded);
  g_strv_builder_add (builder, digest);

  return g_strv_builder_end (builder);
}

gboolean
_process_registry_is_name (const char *name)
{
  return g_str_has_suffix (name, PROCESS_REGISTRY_SUFFIX);
}

char *
_process_registry_new_draft (void)
{
  return g_strdup_printf (DRAFT_PREFIX "%d-%08x%08x" DRAFT_SUFFIX, (int) getpid (),
                          g_random_int (), g_random_int ());
}

gboolean
_process_registry_is_draft (const char *name)
{
  return g_str_has_prefix (name, DRAFT_PREFIX) && g_str_has_suffix (name, DRAFT_SUFFIX);
}
