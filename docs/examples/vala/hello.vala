// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs a command and prints its output, then another one that fails and says why.

void main () {
  Intl.setlocale ();
  var service = new ProcessGLib.Service ();
  try {
    print ("%s", service.run ("echo", { "Hello" }));
    service.run ("cat", { "missing.txt" });
  } catch (Error e) {
    print ("%s\n", e.message);
  }
}
