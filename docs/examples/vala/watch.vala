// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Prints the lines of a child, of both its streams, as they come, and then its exit code.

void main () {
  var loop = new MainLoop ();
  var service = new ProcessGLib.Service ();
  try {
    var process = service.start ("sh", { "-c", "echo one; echo two >&2; exit 3" });
    process.output.connect ((line, stream) => print ("%s\n", line));
    process.exited.connect ((code, duration, error) => {
      print ("exit code %d\n", code);
      loop.quit ();
    });
    loop.run ();
  } catch (Error e) {
    error ("%s", e.message);
  }
}
