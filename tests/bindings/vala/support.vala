// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests share: waiting with a deadline, and leaving nothing behind.
namespace Support {

const int64 SECOND = 1000000;

delegate bool Condition ();
public delegate void Body () throws Error;
public delegate void FailingBody () throws Error;

// Iterates the main context until the condition holds; false past the deadline.
bool wait_until (Condition condition, uint seconds = 30) {
    bool expired = false;
    var context = MainContext.get_thread_default () ?? MainContext.default ();
    var deadline = new TimeoutSource.seconds (seconds);
    deadline.set_callback (() => {
        expired = true;
        return Source.CONTINUE;
    });
    deadline.attach (context);
    // What no source announces, such as another process's end, is looked at again now and then.
    var look_again = new TimeoutSource (10);
    look_again.set_callback (() => Source.CONTINUE);
    look_again.attach (context);
    bool holds = condition ();
    while (!holds && !expired) {
        context.iteration (true);
        holds = condition ();
    }
    deadline.destroy ();
    look_again.destroy ();
    return holds;
}

// Waits until everything of the process has been emitted.
void wait_end (ProcessGLib.ManagedProcess process) {
    bool ended = false;
    process.wait_async.begin (null, () => ended = true);
    assert_true (wait_until (() => ended));
}

string? stat_field (string pid, int index) {
    string text;
    try {
        FileUtils.get_contents (@"/proc/$pid/stat", out text);
    } catch (FileError e) {
        return null;
    }
    // The name between the parentheses may hold anything.
    return text.substring (text.last_index_of_char (')') + 2).split (" ")[index];
}

// Public, since valac warns of what is not and has no use.
public bool is_alive (int pid) {
    var state = stat_field (pid.to_string (), 0);
    return state != null && state != "Z" && state != "X";
}

string[] names_in (string path) {
    string[] names = {};
    try {
        var dir = Dir.open (path);
        unowned string? name;
        while ((name = dir.read_name ()) != null) {
            names += name;
        }
    } catch (FileError e) {
        error ("%s", e.message);
    }
    return names;
}

// A folder of its own, which goes with it.
public class Folder {
    public string path;

    public Folder () throws Error {
        path = DirUtils.make_tmp ("process-glib-XXXXXX");
    }

    ~Folder () {
        foreach (var name in names_in (path)) {
            FileUtils.unlink (@"$path/$name");
        }
        DirUtils.remove (path);
    }

    public string read (string name) throws Error {
        string text;
        FileUtils.get_contents (@"$path/$name", out text);
        return text;
    }

    // A fifo, where a child waits by `read x < name` until it is let through.
    public void make_gate (string name) {
        assert_true (Posix.mkfifo (@"$path/$name", 0600) == 0);
    }

    public void open_gate (string name) throws Error {
        var options = new ProcessGLib.RunOptions ("sh", {"-c", @"echo > $name"}) {
            cwd = path,
            timeout = 20 * SECOND
        };
        new ProcessGLib.Service ().run_with_options (options);
    }
}

// Counts our children, zombies included.
int count_children () {
    int count = 0;
    var self = ((int) Posix.getpid ()).to_string ();
    foreach (var name in names_in ("/proc")) {
        if (name[0].isdigit () && stat_field (name, 1) == self) {
            count++;
        }
    }
    return count;
}

int count_descriptors () {
    return names_in ("/proc/self/fd").length;
}

// Of what kinds the library's objects are that there are, and how many (see leaks.c).
string list_alive () {
    var type = Type.from_name ("TestLeaks");
    string alive = "";
    if (type != Type.INVALID) {
        Object.new (type).get ("alive", out alive);
    }
    return alive;
}

// Runs the body; it must leave no child, no descriptor and no object of the library behind. (A
// handler that uses a variable of the function where it was made keeps all of them alive: such a
// one is disconnected.)
void run (Body body) {
    // What was let go of last is closed in the next turn of the loop.
    while (MainContext.default ().iteration (false)) {}
    int before = count_descriptors ();
    try {
        body ();
    } catch (Error e) {
        error ("%s", e.message);
    }
    assert_true (wait_until (() => count_children () == 0, 10));
    assert_true (wait_until (() => count_descriptors () <= before, 10));
    wait_until (() => list_alive () == "", 10);
    assert_text (list_alive (), "");
}

public void assert_text (string? found, string? expected) {
    assert_cmpstr (found, CompareOperator.EQ, expected);
}

// The error that the body must fail with.
public Error fails (FailingBody body) {
    try {
        body ();
    } catch (Error e) {
        assert_false (e.message.has_suffix ("."));
        return e;
    }
    error ("No error was thrown");
}

public void add (string name, owned Body body) {
    Test.add_data_func (name, () => run (body));
}

public delegate void Form (bool blocking) throws Error;

// Once in blocking calls, and once in the main loop.
public void add_both (string name, Form form) {
    add (name, () => form (true));
    add (name + "-async", () => form (false));
}

void init (ref unowned string[] args) {
    Test.init (ref args);
    // What stays for the life of the program, such as GLib's worker thread, is made here.
    try {
        var service = new ProcessGLib.Service ();
        service.run ("true", {});
        wait_end (service.start ("true", {}));
    } catch (Error e) {
        error ("%s", e.message);
    }
}

}
