/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Addresses of health servers, there and back, and against what GLib takes for an address. */

#include "fuzz.h"

#include <string.h>

#include <process-glib/daemons/process-health-address-private.h>
#include <process-glib/process-error.h>

static void
check_parts (const ProcessHealthAddress *address)
{
  g_autoptr (GSocketConnectable) connectable = NULL;
  g_autofree char *text = NULL;

  switch (address->kind)
    {
    case PROCESS_HEALTH_ADDRESS_ANY:
      g_assert_null (address->host);
      return;
    case PROCESS_HEALTH_ADDRESS_UNIX:
      g_assert_cmpuint (strlen (address->host), <, 108);
      g_assert_cmpuint (strlen (address->host), >, 0);
      g_assert_cmpuint (address->port, ==, 0);
      return;
    case PROCESS_HEALTH_ADDRESS_HOST:
    default:
      g_assert_true (g_str_is_ascii (address->host));
      g_assert_null (strpbrk (address->host, " /@[]%*_\\\"'"));
      /* What has a colon is an address, and what is one is not taken for a name. */
      if (strchr (address->host, ':') != NULL ||
          strspn (address->host, "0123456789.") == strlen (address->host))
        g_assert_true (g_hostname_is_ip_address (address->host));
    }
  text = _process_health_address_format (address->kind, address->host, address->port);
  connectable = g_network_address_parse (text, 1, NULL);
  g_assert_nonnull (connectable);
  g_assert_cmpstr (g_network_address_get_hostname (G_NETWORK_ADDRESS (connectable)), ==,
                   address->host);
  g_assert_cmpuint (g_network_address_get_port (G_NETWORK_ADDRESS (connectable)), ==,
                    address->port);
}

static void
check_again (const ProcessHealthAddress *address)
{
  g_autofree char *text =
    _process_health_address_format (address->kind, address->host, address->port);
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessHealthAddress) again = _process_health_address_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpint (again->kind, ==, address->kind);
  g_assert_cmpstr (again->host, ==, address->host);
  g_assert_cmpuint (again->port, ==, address->port);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup (size > 0 ? (const char *) data : "", size);
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessHealthAddress) address = _process_health_address_parse (text, &error);

  if (address == NULL)
    {
      g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);
  check_parts (address);
  check_again (address);
  return 0;
}
