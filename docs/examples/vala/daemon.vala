// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs as a daemon: one instance, with a health check, in the registry, until a signal ends it.

int main () {
  uint n_waiting = 0;
  var daemon = new ProcessGLib.Daemon () {
    pid_file = Path.build_filename (Environment.get_user_runtime_dir (), "example.pid"),
    health_address = "127.0.0.1:0",
    registry = ProcessGLib.Registry.get_default (),
    registry_entry = new ProcessGLib.DaemonEntry ("example", "worker")
  };
  try {
    daemon.add_health_check ("queue", () => {
      if (n_waiting >= 100)
        throw new IOError.BUSY ("%u jobs wait", n_waiting);
      return true;
    });
    daemon.start ();
    print ("health at %s\n", daemon.health_address);

    // Until SIGTERM or SIGINT; this is the main loop of the program.
    daemon.run ();
    print ("stopped\n");
    return 0;
  } catch (Error e) {
    printerr ("%s\n", e.message);
    return 1;
  }
}
