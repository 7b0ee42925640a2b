// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What ../vala/supervise.vala does, with GLib.Subprocess alone.
// usage: supervise COMMAND [ARGUMENT...]

const int TIMEOUT = 2000;
const int GRACE = 1000;
const int LINGER = 1000;
const int TICK = 10;

class Supervisor {
  Subprocess child;
  Posix.pid_t group;
  bool ended = false;
  int n_streams = 0;

  public Supervisor (string[] argv) throws Error {
    var launcher = new SubprocessLauncher (STDOUT_PIPE | STDERR_PIPE);
    launcher.set_child_setup (() => Posix.setpgid (0, 0));
    child = launcher.spawnv (argv);
    // Null for a child that has ended already.
    unowned string? id = child.get_identifier ();
    group = id != null ? int.parse (id) : int.MAX;
  }

  async void delay (int milliseconds) {
    Timeout.add (milliseconds, delay.callback);
    yield;
  }

  async void follow (string name, InputStream pipe) {
    var stream = new DataInputStream (pipe);
    n_streams++;
    try {
      for (;;) {
        size_t length;
        var line = yield stream.read_line_async (Priority.DEFAULT, null, out length);
        if (line == null)
          break;
        var text = line.make_valid ((ssize_t) length);
        print ("%s: %s\n", name, text.has_suffix ("\r") ? text[0:-1] : text);
      }
    } catch (Error e) {
      printerr ("%s\n", e.message);
    }
    n_streams--;
  }

  async void wait () {
    try {
      yield child.wait_async ();
    } catch (Error e) {
      printerr ("%s\n", e.message);
    }
    ended = true;
  }

  async void end_group () {
    Posix.kill (-group, Posix.Signal.TERM);
    for (int left = GRACE; left > 0 && Posix.kill (-group, 0) == 0; left -= TICK)
      yield delay (TICK);
    Posix.kill (-group, Posix.Signal.KILL);
  }

  public async bool run () {
    follow.begin ("out", child.get_stdout_pipe ());
    follow.begin ("err", child.get_stderr_pipe ());
    wait.begin ();

    for (int left = TIMEOUT; left > 0 && !ended; left -= TICK)
      yield delay (TICK);
    var timed_out = !ended;
    yield end_group ();
    while (!ended)
      yield delay (TICK);
    // Who left the group may hold a pipe open for ever.
    for (int left = LINGER; left > 0 && n_streams > 0; left -= TICK)
      yield delay (TICK);

    print ("%s, %s %d\n", timed_out ? "timed out" : "ended",
           child.get_if_signaled () ? "signal" : "exit code",
           child.get_if_signaled () ? child.get_term_sig () : child.get_exit_status ());
    return !timed_out && child.get_successful ();
  }
}

int main (string[] args) {
  Intl.setlocale ();
  if (args.length < 2) {
    printerr ("usage: supervise COMMAND [ARGUMENT...]\n");
    return 1;
  }
  try {
    var supervisor = new Supervisor (args[1:args.length]);
    var loop = new MainLoop ();
    var success = false;
    supervisor.run.begin ((object, result) => {
      success = supervisor.run.end (result);
      loop.quit ();
    });
    loop.run ();
    return success ? 0 : 1;
  } catch (Error e) {
    printerr ("%s\n", e.message);
    return 1;
  }
}
