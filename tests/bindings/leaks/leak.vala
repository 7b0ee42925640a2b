// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Leaves behind what it is told to: see check.py.

ProcessGLib.RunSpec kept;

void use (bool all) throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start ("true", {});
    Support.wait_end (process);
    if (all) {
        // A circle: the closure keeps the service, and that the process.
        process.exited.connect (() => service.clear ());
    }
}

void leave_all () throws Error {
    new Subprocess (STDIN_PIPE, "cat").@ref ();
    FileUtils.set_contents (Path.build_filename (Environment.get_tmp_dir (), "left"), "");
}

int main (string[] args) {
    unowned string[] rest = args[0:1];
    if (args[1] == "test") {
        Support.init (ref rest);
        Support.add ("/leak", () => kept = new ProcessGLib.RunSpec ("kept", "true", {}));
        return Test.run ();
    }
    try {
        use (args[1] == "all");
        if (args[1] == "all") {
            leave_all ();
        }
        return 0;
    } catch (Error e) {
        error ("%s", e.message);
    }
}
