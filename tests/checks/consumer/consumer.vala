// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

void main () {
  var service = new ProcessGLib.Service ();
  var options = new ProcessGLib.RunOptions ("sh", { "-c", "echo from $PWD" }) {
    kill_group = true,
    cwd = "/"
  };
  try {
    print ("%s", service.run_with_options (options));
  } catch (Error e) {
    error ("%s", e.message);
  }
}
