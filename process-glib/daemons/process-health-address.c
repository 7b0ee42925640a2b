/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-address-private.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

#include <process-glib/process-error.h>
#include <process-glib/process-text-private.h>

#define UNIX_PREFIX "unix:"
#define MAX_NAME 253
#define MAX_LABEL 63

static ProcessHealthAddress *
address_new (ProcessHealthAddressKind  kind,
             char                     *host,
             guint16                   port)
{
  ProcessHealthAddress *self = g_new0 (ProcessHealthAddress, 1);

  self->kind = kind;
  self->host = host;
  self->port = port;

  return self;
}

static gpointer
fail (const char  *text,
      const char  *why,
      GError     **error)
{
  g_autofree char *valid = _process_make_valid (text, -1);

  g_set_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT,
               "The health address “%s” cannot be used: %s", valid, why);

  return NULL;
}

static gboolean
is_ip_address (int         family,
               const char *text)
{
  struct in6_addr address;

  return inet_pton (family, text, &address) == 1;
}

/* RFC 1123 section 2.1. */
static gboolean
is_label (const char *text,
          gsize       length)
{
  if (length == 0 || length > MAX_LABEL || text[0] == '-' || text[length - 1] == '-')
    return FALSE;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '-')
      return FALSE;

  return TRUE;
}

/* What resolvers take for one of the older ways to write an IPv4 address, such as 127.1 and
 * 0x7f000001; no top-level domain looks like that. */
static gboolean
is_number (const char *label)
{
  gboolean is_hex = label[0] == '0' && (label[1] == 'x' || label[1] == 'X');

  for (const char *at = is_hex ? label + 2 : label; *at != '\0'; at++)
    if (is_hex ? !g_ascii_isxdigit (*at) : !g_ascii_isdigit (*at))
      return FALSE;

  return TRUE;
}

static gboolean
is_host_name (const char *text)
{
  const char *label = text;

  if (strlen (text) > MAX_NAME)
    return FALSE;

  for (;;)
    {
      const char *end = strchrnul (label, '.');

      if (!is_label (label, (gsize) (end - label)))
        return FALSE;
      if (*end == '\0')
        return !is_number (label);
      label = end + 1;
    }
}

static gboolean
read_port (const char *text,
           guint16    *port)
{
  guint64 number;

  if (strlen (text) > 5 || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;
  *port = (guint16) number;

  return TRUE;
}

static ProcessHealthAddress *
parse_unix (const char  *text,
            GError     **error)
{
  const char *path = text + strlen (UNIX_PREFIX);

  if (path[0] == '\0')
    return fail (text, "there is no path", error);

  if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return fail (text, "its path is too long for a socket", error);

  return address_new (PROCESS_HEALTH_ADDRESS_UNIX, g_strdup (path), 0);
}

/* @host is what is written before the port. */
static ProcessHealthAddress *
parse_host (const char  *text,
            const char  *host,
            guint16      port,
            GError     **error)
{
  gsize length = strlen (host);

  if (g_str_equal (host, "*"))
    return address_new (PROCESS_HEALTH_ADDRESS_ANY, NULL, port);

  if (host[0] == '[')
    {
      g_autofree char *inner = g_strndup (host + 1, length > 2 ? length - 2 : 0);

      if (host[length - 1] != ']' || !is_ip_address (AF_INET6, inner))
        return fail (text, "there is no IPv6 address in its brackets", error);
      return address_new (PROCESS_HEALTH_ADDRESS_HOST, g_steal_pointer (&inner), port);
    }

  if (strchr (host, ':') != NULL)
    return fail (text, "an IPv6 address needs brackets, and a port after them", error);

  if (!is_ip_address (AF_INET, host) && !is_host_name (host))
    return fail (text, "its host is neither an IP address nor a name", error);

  return address_new (PROCESS_HEALTH_ADDRESS_HOST, g_strdup (host), port);
}

ProcessHealthAddress *
_process_health_address_parse (const char  *text,
                               GError     **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  guint16 port;

  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return fail (text, "it has a control character", error);

  if (g_str_has_prefix (text, UNIX_PREFIX))
    return parse_unix (text, error);

  if (!read_port (colon != NULL ? colon + 1 : text, &port))
    return fail (text, "its port is no number from 0 to 65535", error);

  if (colon == NULL || colon == text)
    return address_new (PROCESS_HEALTH_ADDRESS_HOST, g_strdup ("127.0.0.1"), port);

  host = g_strndup (text, (gsize) (colon - text));

  return parse_host (text, host, port, error);
}

void
_process_health_address_free (ProcessHealthAddress *self)
{
  g_free (self->host);
  g_free (self);
}

char *
_process_health_address_format (ProcessHealthAddressKind  kind,
                                const char               *host,
                                guint16                   port)
{
  if (kind == PROCESS_HEALTH_ADDRESS_UNIX)
    return g_strconcat (UNIX_PREFIX, host, NULL);

  if (kind == PROCESS_HEALTH_ADDRESS_ANY)
    return g_strdup_printf ("*:%u", port);

  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}
