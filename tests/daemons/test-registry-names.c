/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <process-glib/daemons/process-registry-names-private.h>

#include <string.h>

static void
assert_names (const char *code, const char *daemon, const char *first, const char *second)
{
  g_auto (GStrv) names = _process_registry_get_names (code, daemon);
  guint n = g_strv_length (names);
  guint n_expected = 1 + (first != NULL) + (second != NULL);

  g_assert_cmpuint (n, ==, n_expected);
  if (first != NULL)
    g_assert_cmpstr (names[0], ==, first);
  if (second != NULL)
    g_assert_cmpstr (names[1], ==, second);
  g_assert_cmpint (names[n - 1][0], ==, '%');
  g_assert_cmpuint (strlen (names[n - 1]), ==, 1 + 64 + strlen (".json"));
  for (guint i = 0; i < n; i++)
    g_assert_true (_process_registry_is_name (names[i]));
}

static void
test_names (void)
{
  assert_names ("core", "api", "core-api.json", NULL);
  assert_names ("core", "v1.2_x", "core-v1.2_x.json", NULL);
  assert_names ("a-b", "c", "a-b-c.json", "a%2Db-c.json");
  assert_names ("a", "b-c", "a-b-c.json", "a-b%2Dc.json");
  assert_names ("a/b", "/c/", "a-b--c-.json", "a%2Fb-%2Fc%2F.json");
  assert_names ("..", "..", "%2E.-...json", NULL);
  assert_names ("a", ".b", "a-.b.json", NULL);
  assert_names ("/..", "x", "-..-x.json", "%2F..-x.json");
  assert_names ("grün", "%2F \n", "grün-%2F \n.json", "gr%C3%BCn-%252F%20%0A.json");
}

static void
test_unsafe (void)
{
  assert_names ("", "", "-.json", NULL);
  assert_names ("", "a/b", "-a%2Fb.json", NULL);
  assert_names ("a-b", "", "a%2Db-.json", NULL);
  assert_names (".a", "b c", "%2Ea-b%20c.json", NULL);
}

static void
test_long (void)
{
  g_autofree char *fits = g_strnfill (255 - strlen ("-d.json"), 'x');
  g_autofree char *too_long = g_strnfill (256 - strlen ("-d.json"), 'x');
  g_autofree char *when_encoded = g_strnfill (100, '-');
  g_autofree char *name = g_strconcat (fits, "-d.json", NULL);
  g_autofree char *plain = g_strconcat (when_encoded, "-d.json", NULL);

  assert_names (fits, "d", name, NULL);
  assert_names (too_long, "d", NULL, NULL);
  assert_names (when_encoded, "d", plain, NULL);
}

/* Of the names after the first, no two keys share any. */
static void
test_distinct (void)
{
  const char *parts[] = {
    "", "a", "b", "-", "a-", "-a", "a-b", "%", "%2D", "a%2D", ".", ".a", "%2E", "%2Ea", "/", "a/b",
    "ab",
  };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (parts); j++)
      {
        g_auto (GStrv) names = _process_registry_get_names (parts[i], parts[j]);

        for (guint k = 0; names[k] != NULL; k++)
          {
            g_assert_null (strchr (names[k], '/'));
            g_assert_cmpint (names[k][0], !=, '.');
            if (k > 0)
              g_assert_true (g_hash_table_add (seen, g_strdup (names[k])));
          }
      }
}

static void
test_drafts (void)
{
  g_autofree char *one = _process_registry_new_draft ();
  g_autofree char *other = _process_registry_new_draft ();

  g_assert_cmpstr (one, !=, other);
  g_assert_true (_process_registry_is_draft (one));
  g_assert_false (_process_registry_is_name (one));
  g_assert_false (_process_registry_is_draft ("a-b.json"));
  g_assert_false (_process_registry_is_draft (".other.tmp"));
  g_assert_false (_process_registry_is_name ("a-b.json.bak"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/registry-names/names", test_names);
  g_test_add_func ("/registry-names/unsafe", test_unsafe);
  g_test_add_func ("/registry-names/long", test_long);
  g_test_add_func ("/registry-names/distinct", test_distinct);
  g_test_add_func ("/registry-names/drafts", test_drafts);

  return g_test_run ();
}
