/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/process-glib.h>

#include "process-glib/daemons/process-health-address-private.h"

#include <string.h>
#include <sys/un.h>

typedef struct
{
  const char               *text;
  const char               *formatted; /* NULL: the same */
  ProcessHealthAddressKind  kind;
  const char               *host;
  guint16                   port;
} Valid;

static const Valid valid[] = {
  { "127.0.0.1:8080", NULL, PROCESS_HEALTH_ADDRESS_HOST, "127.0.0.1", 8080 },
  { "0.0.0.0:0", NULL, PROCESS_HEALTH_ADDRESS_HOST, "0.0.0.0", 0 },
  { "localhost:65535", NULL, PROCESS_HEALTH_ADDRESS_HOST, "localhost", 65535 },
  { "a-1.Example.com:1", NULL, PROCESS_HEALTH_ADDRESS_HOST, "a-1.Example.com", 1 },
  { "3com.example:1", NULL, PROCESS_HEALTH_ADDRESS_HOST, "3com.example", 1 },
  { "1.2.3.x:1", NULL, PROCESS_HEALTH_ADDRESS_HOST, "1.2.3.x", 1 },
  { "0x7g:1", NULL, PROCESS_HEALTH_ADDRESS_HOST, "0x7g", 1 },
  { "[::1]:80", NULL, PROCESS_HEALTH_ADDRESS_HOST, "::1", 80 },
  { "[2001:DB8::1]:80", NULL, PROCESS_HEALTH_ADDRESS_HOST, "2001:DB8::1", 80 },
  { "[::ffff:127.0.0.1]:80", NULL, PROCESS_HEALTH_ADDRESS_HOST, "::ffff:127.0.0.1", 80 },
  { ":9090", "127.0.0.1:9090", PROCESS_HEALTH_ADDRESS_HOST, "127.0.0.1", 9090 },
  { "9090", "127.0.0.1:9090", PROCESS_HEALTH_ADDRESS_HOST, "127.0.0.1", 9090 },
  { "0", "127.0.0.1:0", PROCESS_HEALTH_ADDRESS_HOST, "127.0.0.1", 0 },
  { "00080", "127.0.0.1:80", PROCESS_HEALTH_ADDRESS_HOST, "127.0.0.1", 80 },
  { "*:80", NULL, PROCESS_HEALTH_ADDRESS_ANY, NULL, 80 },
  { "unix:/run/x", NULL, PROCESS_HEALTH_ADDRESS_UNIX, "/run/x", 0 },
  { "unix:8080", NULL, PROCESS_HEALTH_ADDRESS_UNIX, "8080", 0 },
  { "unix:a: b\xff", NULL, PROCESS_HEALTH_ADDRESS_UNIX, "a: b\xff", 0 },
};

static void
test_valid (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ProcessHealthAddress) address =
        _process_health_address_parse (valid[i].text, &error);
      g_autofree char *formatted = NULL;

      g_assert_no_error (error);
      g_assert_cmpint (address->kind, ==, valid[i].kind);
      g_assert_cmpstr (address->host, ==, valid[i].host);
      g_assert_cmpuint (address->port, ==, valid[i].port);
      formatted = _process_health_address_format (address->kind, address->host, address->port);
      g_assert_cmpstr (formatted, ==,
                       valid[i].formatted != NULL ? valid[i].formatted : valid[i].text);
    }
}

static void
assert_invalid (const char *text,
                const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessHealthAddress) address = _process_health_address_parse (text, &error);
  g_autofree char *valid_text = g_utf8_make_valid (text, -1);
  g_autofree char *message = g_strdup_printf ("The health address “%s” cannot be used: %s",
                                              valid_text, why);

  g_assert_null (address);
  g_assert_error (error, PROCESS_ERROR, PROCESS_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_ports (void)
{
  static const char *texts[] = {
    "", ":", "x", "x:", "x:65536", "x:100000", "x:-1", "x:+1", "x: 1", "x:1 ", "x:0x50", "x:8O",
    "x:٣", "65536", "-1", "+1", " 80", "127.0.0.1", "[::1]", "*", "*:", "*:http", "/run/x",
    "http://x/", "x:000080",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_invalid (texts[i], "its port is no number from 0 to 65535");
}

static void
test_hosts (void)
{
  static const char *texts[] = {
    "a b:1", "a_b:1", "-a:1", "a-:1", "a.-b:1", ".a:1", "a.:1", "a..b:1", "a/b:1", "a@b:1",
    "é:1", "\xff:1", "**:1", "256.1.1.1:1", "1.2.3:1", "127.1:1", "1:1", "127.0.0.01:1",
    "1.2.3.4.5:1", "a.0x7f:1", "0X7F000001:1", "0x:1", "a.1:1", "a%41:1", "127.0.0.1]:1",
    "UNIX/x:1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_invalid (texts[i], "its host is neither an IP address nor a name");
}

static void
test_brackets (void)
{
  static const char *texts[] = {
    "[]:1", "[:1", "[::1:1", "[::g]:1", "[127.0.0.1]:1", "[::1]x:1", "[fe80::1%lo]:1", "[[::1]]:1",
    "[localhost]:1", "[::1 ]:1", "[1:2:3:4:5:6:7:8:9]:1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_invalid (texts[i], "there is no IPv6 address in its brackets");

  assert_invalid ("::1", "an IPv6 address needs brackets, and a port after them");
  assert_invalid ("::1:80", "an IPv6 address needs brackets, and a port after them");
  assert_invalid ("a:b:80", "an IPv6 address needs brackets, and a port after them");
}

static void
test_unix (void)
{
  g_autofree char *longest = g_strnfill (sizeof ((struct sockaddr_un *) NULL)->sun_path - 1, 'x');
  g_autofree char *text = g_strconcat ("unix:", longest, NULL);
  g_autofree char *longer = g_strconcat (text, "x", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessHealthAddress) address = _process_health_address_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (address->host, ==, longest);

  assert_invalid (longer, "its path is too long for a socket");
  assert_invalid ("unix:", "there is no path");
}

static void
test_control_characters (void)
{
  static const char *texts[] = { "x\n:1", "x:1\n", "\t80", "unix:/a\nb", "unix:\x7f", "\x01" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_invalid (texts[i], "it has a control character");
}

static void
test_long_names (void)
{
  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *end = g_strnfill (61, 'a');
  g_autofree char *name = g_strjoin (".", label, label, label, end, NULL);
  g_autofree char *longest = g_strconcat (name, ":1", NULL);
  g_autofree char *longer = g_strconcat (name, "a:1", NULL);
  g_autofree char *long_label = g_strconcat (label, "a:1", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ProcessHealthAddress) address = _process_health_address_parse (longest, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (address->host), ==, 253);

  assert_invalid (longer, "its host is neither an IP address nor a name");
  assert_invalid (long_label, "its host is neither an IP address nor a name");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/health-address/valid", test_valid);
  g_test_add_func ("/health-address/ports", test_ports);
  g_test_add_func ("/health-address/hosts", test_hosts);
  g_test_add_func ("/health-address/brackets", test_brackets);
  g_test_add_func ("/health-address/unix", test_unix);
  g_test_add_func ("/health-address/control-characters", test_control_characters);
  g_test_add_func ("/health-address/long-names", test_long_names);

  return g_test_run ();
}
