// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs a command for at most 2 s, shows its lines as they come, and ends all that it started.
// usage: supervise COMMAND [ARGUMENT...]

void supervise (string command, string[] args) throws Error {
  var service = new ProcessGLib.Service ();
  var process = service.start_with_options (new ProcessGLib.RunOptions (command, args) {
    stdin_mode = NULL, kill_group = true, timeout = 2 * TimeSpan.SECOND,
    grace_period = TimeSpan.SECOND
  });
  process.output.connect ((line, stream) => {
    print ("%s: %s\n", stream == STDERR ? "err" : "out", line);
  });
  process.exited.connect ((child, code, duration, error) => {
    print ("%s, %s %d\n", child.exit_reason == TIMED_OUT ? "timed out" : "ended",
           child.term_signal != 0 ? "signal" : "exit code",
           child.term_signal != 0 ? child.term_signal : code);
  });
  try {
    process.wait ();
  } catch (Error e) {
    process.shutdown ();
    throw e;
  }
  process.shutdown ();
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length < 2) {
    printerr ("usage: supervise COMMAND [ARGUMENT...]\n");
    return 1;
  }
  try {
    supervise (args[1], args[2:args.length]);
    return 0;
  } catch (Error e) {
    printerr ("%s\n", e.message);
    return 1;
  }
}
