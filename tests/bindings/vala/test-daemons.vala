// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// PID files, the registry, and the daemon that uses both and a health server.

using Daemons;
using Support;

int own_pid () {
    return (int) Posix.getpid ();
}

// This program again, as a daemon; it prints a line when it is up.
class Child {
    public ProcessGLib.ManagedProcess process;
    ProcessGLib.Service service = new ProcessGLib.Service ();

    public Child (string verb, string folder) throws Error {
        var options = new ProcessGLib.RunOptions (FileUtils.read_link ("/proc/self/exe"),
                                                  {verb, folder}) {
            env = {"HOME=" + folder}
        };
        process = service.start_with_options (options);
        assert_true (wait_until (() => process.get_output () != "" || !process.running));
        assert_true (process.running);
    }

    public int end (int signum = Posix.Signal.TERM) throws Error {
        process.send_signal (signum);
        wait_end (process);
        return process.exit_code;
    }
}

int run_child (string verb, string folder) {
    try {
        if (verb == "hold") {
            var file = new ProcessGLib.PidFile (folder + "/pid");
            file.acquire ();
            stdout.puts ("held\n");
            stdout.flush ();
            new MainLoop ().run ();
            return 0;
        }
        var daemon = new ProcessGLib.Daemon () {
            pid_file = folder + "/pid",
            health_address = "0",
            registry = ProcessGLib.Registry.get_default (),
            registry_entry = new ProcessGLib.DaemonEntry ("app", "worker")
        };
        daemon.start ();
        later (() => {
            stdout.puts (daemon.health_address + "\n");
            stdout.flush ();
        });
        daemon.run ();
        stdout.puts ("stopped\n");
        return 0;
    } catch (Error e) {
        stderr.puts (e.message + "\n");
        return 1;
    }
}

// PID files

void test_pid_file () throws Error {
    var folder = new DeepFolder ();
    var path = folder.path + "/made/pid";
    var file = new ProcessGLib.PidFile (path);
    var other = new ProcessGLib.PidFile (path);
    assert_text (file.path, path);
    assert_text (file.get_path (), path);
    int pid = -1;
    for (var i = 0; i < 2; i++) {
        assert_true (file.release ());
        assert_false (ProcessGLib.PidFile.read (path, out pid));
        assert_cmpint (pid, CompareOperator.EQ, 0);
        assert_true (file.acquire ());
        assert_text (folder.read ("made/pid"), @"$(own_pid ())\n");
        assert_true (ProcessGLib.PidFile.read (path, out pid) && pid == own_pid ());
        var error = fails (() => other.acquire ());
        assert_true (error is ProcessGLib.Error.ALREADY_RUNNING);
        assert_true (own_pid ().to_string () in error.message);
        assert_true (other.release ());
        assert_true (FileUtils.test (path, FileTest.EXISTS));
    }
    file = null;
    assert_false (FileUtils.test (path, FileTest.EXISTS));
}

void test_held_by_another () throws Error {
    var folder = new DeepFolder ();
    var path = folder.path + "/pid";
    var child = new Child ("hold", folder.path);
    int pid;
    assert_true (ProcessGLib.PidFile.read (path, out pid) && pid == child.process.pid);
    var file = new ProcessGLib.PidFile (path);
    assert_true (fails (() => file.acquire ()) is ProcessGLib.Error.ALREADY_RUNNING);
    child.end (Posix.Signal.KILL);
    assert_false (ProcessGLib.PidFile.read (path, out pid));
    assert_cmpint (pid, CompareOperator.EQ, child.process.pid);
    assert_true (file.acquire ());
    assert_true (file.release ());
}

void test_no_pid_file () throws Error {
    var folder = new DeepFolder ();
    int pid;
    foreach (var content in new string[] {"", "garbage", "-1", "0", "99999999999"}) {
        FileUtils.set_contents (folder.path + "/pid", content);
        assert_false (ProcessGLib.PidFile.read (folder.path + "/pid", out pid));
        assert_cmpint (pid, CompareOperator.EQ, 0);
    }
    assert_true (fails (() => new ProcessGLib.PidFile (folder.path).acquire ())
                 is IOError.IS_DIRECTORY);
    assert_true (fails (() => new ProcessGLib.PidFile ("").acquire ())
                 is ProcessGLib.Error.INVALID_ARGUMENT);
    assert_true (fails (() => new ProcessGLib.PidFile (null).acquire ())
                 is ProcessGLib.Error.INVALID_ARGUMENT);
}

// Entries

ProcessGLib.DaemonEntry make_entry (string code = "app", string daemon = "worker", int second = 0) {
    return new ProcessGLib.DaemonEntry (code, daemon) {
        pid = own_pid (),
        started = new DateTime.utc (2026, 1, 2, 3, 4, second)
    };
}

void test_entry () throws Error {
    var entry = new ProcessGLib.DaemonEntry ("a", "b");
    assert_true (entry.pid == 0 && entry.health == null && entry.project == null);
    assert_true (entry.binary == null && entry.started == null);
    var notified = "";
    var handler = entry.notify.connect ((spec) => notified += spec.name + " ");
    for (var i = 0; i < 2; i++) {
        entry.code = "app";
        entry.daemon = "worker";
        entry.pid = 42;
        entry.health = "127.0.0.1:80";
        entry.project = "/srv";
        entry.binary = "/bin/é";
        entry.started = new DateTime.utc (2026, 1, 2, 3, 4, 5.25);
    }
    entry.disconnect (handler);
    assert_text (notified, "code daemon pid health project binary started ");
    assert_text (entry.get_code () + entry.get_daemon () + entry.get_health () +
                 entry.get_project () + entry.get_binary () + entry.get_pid ().to_string (),
                 "appworker127.0.0.1:80/srv/bin/é42");
    var text = entry.to_json ();
    assert_text (text, "{\"code\":\"app\",\"daemon\":\"worker\",\"pid\":42," +
                 "\"health\":\"127.0.0.1:80\",\"project\":\"/srv\",\"binary\":\"/bin/é\"," +
                 "\"started\":\"2026-01-02T03:04:05.25Z\"}");
    var again = ProcessGLib.DaemonEntry.from_json (text);
    assert_text (again.to_json (), text);
    assert_true (again.get_started ().equal (entry.started));
    again.set_started (null);
    again.set_health (null);
    assert_true (again.started == null && again.health == null);
    foreach (var bad in new string[] {"", "[]", "{\"code\": \"a\"}", "{\"code\": 1}"}) {
        assert_true (fails (() => ProcessGLib.DaemonEntry.from_json (bad))
                     is ProcessGLib.Error.INVALID_ARGUMENT);
    }
}

// The registry

string keys (GenericArray<weak ProcessGLib.DaemonEntry> entries) {
    var text = "";
    foreach (unowned var entry in entries) {
        text += @"$(entry.code)/$(entry.daemon) ";
    }
    return text;
}

string items (ListModel model) {
    var text = "";
    for (uint i = 0; i < model.get_n_items (); i++) {
        var entry = (ProcessGLib.DaemonEntry) model.get_item (i);
        text += @"$(entry.code)/$(entry.daemon) ";
    }
    return text;
}

void test_registry () throws Error {
    var folder = new DeepFolder ();
    var dir = folder.path + "/daemons";
    var registry = new ProcessGLib.Registry (dir);
    assert_text (registry.dir, dir);
    assert_text (registry.get_dir (), dir);
    assert_true (registry.item_type == typeof (ProcessGLib.DaemonEntry));
    assert_text (keys (registry.list ()), "");
    assert_null (registry.get ("app", "worker"));
    assert_true (registry.unregister ("app", "worker"));
    assert_false (FileUtils.test (dir, FileTest.EXISTS));

    assert_true (registry.register (make_entry ("app", "worker", 2)));
    assert_true (registry.register (make_entry ("b", "c", 1)));
    assert_text (keys (registry.list ()), "b/c app/worker ");
    assert_text (items (registry), "b/c app/worker ");
    string codes = "";
    foreach (var each in registry) {
        codes += each.code + " ";
    }
    assert_text (codes, "b app ");
    assert_cmpuint (registry.n_items, CompareOperator.EQ, 2);
    var entry = registry.get ("app", "worker");
    assert_true (entry.pid == own_pid () && entry.started.get_second () == 2);
    var file = ProcessGLib.DaemonEntry.from_json (folder.read ("daemons/app-worker.json"));
    assert_cmpint (file.pid, CompareOperator.EQ, own_pid ());
    var unset = make_entry ();
    unset.started = null;
    registry.register (unset);
    assert_nonnull (registry.get ("app", "worker").started);
    assert_null (unset.started);
    assert_true (fails (() => registry.register (new ProcessGLib.DaemonEntry ("a", "b")))
                 is ProcessGLib.Error.INVALID_ARGUMENT);
    assert_true (registry.unregister ("app", "worker") && registry.unregister ("b", "c"));
    assert_text (keys (registry.list ()), "");
    FileUtils.set_contents (folder.path + "/file", "");
    assert_true (fails (() => new ProcessGLib.Registry (folder.path + "/file").list ())
                 is IOError.NOT_DIRECTORY);
}

void test_model () throws Error {
    var folder = new DeepFolder ();
    var registry = new ProcessGLib.Registry (folder.path);
    var other = new ProcessGLib.Registry (folder.path);
    var changes = "";
    var notified = 0;
    ulong[] handlers = {
        registry.items_changed.connect ((position, removed, added) =>
            changes += @"$position $removed $added, "),
        registry.notify["n-items"].connect (() => notified++)
    };
    assert_cmpuint (registry.n_items, CompareOperator.EQ, 0);
    other.register (make_entry ("b", "", 2));
    assert_true (wait_until (() => registry.n_items == 1));
    other.register (make_entry ("a", "", 1));
    assert_true (wait_until (() => registry.n_items == 2));
    assert_text (items (registry), "a/ b/ ");
    registry.unregister ("a", "");
    assert_true (wait_until (() => registry.n_items == 1));
    assert_text (changes, "0 0 1, 0 0 1, 0 1 0, ");
    assert_cmpint (notified, CompareOperator.EQ, 3);
    assert_null (registry.get_item (1));

    var process = new ProcessGLib.Service ().start ("cat", {});
    registry.register (new ProcessGLib.DaemonEntry ("ends", "") { pid = process.pid });
    assert_true (wait_until (() => registry.n_items == 2));
    process.kill ();
    wait_end (process);
    assert_null (registry.get ("ends", ""));
    assert_true (wait_until (() => registry.n_items == 1));
    foreach (var handler in handlers) {
        registry.disconnect (handler);
    }
}

void test_default_registry () throws Error {
    var folder = new DeepFolder ();
    var home = Environment.get_variable ("HOME");
    Environment.set_variable ("HOME", folder.path, true);
    var registry = ProcessGLib.Registry.get_default ();
    Environment.set_variable ("HOME", home, true);
    assert_text (registry.dir, folder.path + "/.core/daemons");
    registry.register (make_entry ());
    assert_true (FileUtils.test (folder.path + "/.core/daemons/app-worker.json",
                                 FileTest.EXISTS));
}

// The daemon

ProcessGLib.Daemon make_daemon (Folder folder) {
    return new ProcessGLib.Daemon () {
        pid_file = folder.path + "/run/pid",
        health_address = "0",
        registry = new ProcessGLib.Registry (folder.path + "/daemons"),
        registry_entry = new ProcessGLib.DaemonEntry ("app", "worker")
    };
}

void assert_up (ProcessGLib.Daemon daemon, Folder folder) throws Error {
    assert_true (daemon.running && daemon.get_running ());
    assert_text (folder.read ("run/pid"), @"$(own_pid ())\n");
    assert_healthy (daemon.health_address);
    var entry = daemon.registry.get ("app", "worker");
    assert_cmpint (entry.pid, CompareOperator.EQ, own_pid ());
    assert_text (entry.health, daemon.get_health_address ());
}

void assert_gone (ProcessGLib.Daemon daemon, Folder folder, string? address) throws Error {
    assert_false (daemon.running || daemon.get_running ());
    assert_false (FileUtils.test (folder.path + "/run/pid", FileTest.EXISTS));
    assert_text (keys (daemon.registry.list ()), "");
    if (address != null) {
        assert_down (address);
    }
}

void test_properties () throws Error {
    var daemon = new ProcessGLib.Daemon ();
    assert_true (daemon.pid_file == null && daemon.health_address == null);
    assert_true (daemon.registry == null && daemon.registry_entry == null);
    assert_true (daemon.shutdown_timeout == 30 * SECOND && daemon.ready && !daemon.running);
    var notified = "";
    var handler = daemon.notify.connect ((spec) => notified += spec.name + " ");
    var registry = new ProcessGLib.Registry ("/y");
    var entry = new ProcessGLib.DaemonEntry ("a", "b");
    for (var i = 0; i < 2; i++) {
        daemon.set_pid_file ("/x");
        daemon.set_health_address ("1");
        daemon.set_shutdown_timeout (5);
        daemon.set_registry (registry);
        daemon.set_registry_entry (entry);
        daemon.set_ready (false);
    }
    daemon.disconnect (handler);
    assert_text (notified,
                 "pid-file health-address shutdown-timeout registry registry-entry ready ");
    assert_text (daemon.get_pid_file () + daemon.get_health_address (), "/x1");
    assert_true (daemon.get_shutdown_timeout () == 5 && !daemon.get_ready ());
    assert_true (daemon.get_registry () == registry && daemon.get_registry_entry () == entry);
    daemon.pid_file = null;
    daemon.health_address = null;
    daemon.registry = null;
    daemon.registry_entry = null;
    daemon.shutdown_timeout = 0;
    assert_true (daemon.pid_file == null && daemon.health_address == null);
    assert_true (daemon.registry == null && daemon.registry_entry == null);
    assert_true (daemon.shutdown_timeout == 30 * SECOND);
}

void test_start_and_stop () throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    var notified = 0;
    var handler = daemon.notify["running"].connect (() => notified++);
    for (var i = 1; i <= 2; i++) {
        assert_true (daemon.start ());
        var address = daemon.health_address;
        assert_up (daemon, folder);
        assert_true (daemon.ready);
        assert_true (fails (() => daemon.start ()) is ProcessGLib.Error.ALREADY_RUNNING);
        assert_true (daemon.stop ());
        assert_gone (daemon, folder, address);
        assert_false (daemon.ready);
        assert_true (daemon.stop ());
        assert_cmpint (notified, CompareOperator.EQ, 2 * i);
    }
    daemon.disconnect (handler);
}

void test_failing_starts () throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    var server = make_server ();
    daemon.health_address = server.address;
    assert_true (fails (() => daemon.start ()) is IOError.ADDRESS_IN_USE);
    assert_gone (daemon, folder, null);
    server.stop ();
    daemon.health_address = "nonsense";
    assert_true (fails (() => daemon.start ()) is ProcessGLib.Error.INVALID_ARGUMENT);
    daemon.health_address = "0";
    daemon.registry_entry = null;
    assert_true (fails (() => daemon.start ()) is ProcessGLib.Error.INVALID_ARGUMENT);
    assert_gone (daemon, folder, null);
    daemon.registry = null;
    daemon.start ();
    var second = new ProcessGLib.Daemon () { pid_file = daemon.pid_file, health_address = "0" };
    assert_true (fails (() => second.start ()) is ProcessGLib.Error.ALREADY_RUNNING);
    assert_text (second.health_address, "0");
    daemon.stop ();
}

void test_checks () throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    var healthy = false;
    uint[] ids = {
        daemon.add_health_check ("a", () => {
            if (!healthy) {
                throw new IOError.BUSY ("not yet");
            }
            return true;
        }),
        daemon.add_async_health_check ("b", (server, task) =>
            later (() => task.return_boolean (true)), LONG)
    };
    assert_true (fails (() => daemon.add_health_check ("a", () => true))
                 is ProcessGLib.Error.INVALID_ARGUMENT);
    daemon.start ();
    assert_unhealthy (daemon.health_address, "a: not yet");
    healthy = true;
    assert_text (ask (daemon.health_address, "/health?verbose"), "200 [+]a ok\n[+]b ok\nok\n");
    daemon.ready = false;
    assert_text (ask (daemon.health_address, "/ready"), "503 not ready\n");
    foreach (var id in ids) {
        daemon.remove_health_check (id);
    }
    assert_text (ask (daemon.health_address, "/health?verbose"), "200 ok\n");
    daemon.stop ();
}

void test_run (bool blocking) throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    assert_true (fails (() => daemon.run ()) is ProcessGLib.Error.NOT_RUNNING);
    for (var i = 0; i < 2; i++) {
        var cancellable = new Cancellable ();
        daemon.start ();
        var address = daemon.health_address;
        later (() => cancellable.cancel ());
        if (blocking) {
            assert_true (daemon.run (cancellable));
        } else {
            AsyncResult? ended = null;
            daemon.run_async.begin (cancellable, (source, result) => ended = result);
            assert_true (wait_until (() => ended != null));
            assert_true (daemon.run_async.end (ended));
        }
        assert_gone (daemon, folder, address);
    }
}

async string live (ProcessGLib.Daemon daemon) throws Error {
    var text = "";
    try {
        yield daemon.run_async ();
    } catch (ProcessGLib.Error.NOT_RUNNING e) {
        text += "not running ";
    }
    daemon.start ();
    text += (yield daemon.stop_async ()) ? "stopped " : "";
    daemon.start ();
    later (() => daemon.stop_async.begin ());
    text += (yield daemon.run_async ()) ? "ran" : "";
    return text;
}

void test_yield () throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    string? text = null;
    live.begin (daemon, (source, result) => {
        try {
            text = live.end (result);
        } catch (Error e) {
            text = e.message;
        }
    });
    assert_true (wait_until (() => text != null));
    assert_text (text, "not running stopped ran");
    assert_gone (daemon, folder, null);
}

void test_stop_lets_answers_finish () throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    Task? kept = null;
    var id = daemon.add_async_health_check ("a", (server, task) => kept = task, LONG);
    daemon.start ();
    var question = new Question (daemon.health_address);
    assert_true (wait_until (() => kept != null));
    AsyncResult? ended = null;
    daemon.stop_async.begin (null, (source, result) => ended = result);
    assert_true (daemon.running && !daemon.ready);
    kept.return_boolean (true);
    kept = null;
    assert_true (wait_until (() => ended != null));
    assert_true (daemon.stop_async.end (ended));
    assert_text (question.wait (), "200 ok\n");
    daemon.remove_health_check (id);
    assert_gone (daemon, folder, null);
}

void test_last_reference () throws Error {
    var folder = new DeepFolder ();
    var daemon = make_daemon (folder);
    var registry = daemon.registry;
    daemon.start ();
    var address = daemon.health_address;
    daemon = null;
    assert_false (FileUtils.test (folder.path + "/run/pid", FileTest.EXISTS));
    assert_text (keys (registry.list ()), "");
    assert_down (address);
}

void test_program () throws Error {
    int[] signals = {Posix.Signal.TERM, Posix.Signal.INT};
    foreach (var signum in signals) {
        var folder = new DeepFolder ();
        var child = new Child ("daemon", folder.path);
        var address = child.process.get_output ().strip ();
        assert_true (ProcessGLib.probe_health (address, LONG));
        assert_true (ProcessGLib.wait_for_ready (address, LONG));
        var registry = new ProcessGLib.Registry (folder.path + "/.core/daemons");
        var entry = registry.get ("app", "worker");
        assert_cmpint (entry.pid, CompareOperator.EQ, child.process.pid);
        assert_text (entry.health, address);
        assert_cmpint (child.end (signum), CompareOperator.EQ, 0);
        assert_text (child.process.get_output (), address + "\nstopped\n");
        assert_text (keys (registry.list ()), "");
        assert_false (FileUtils.test (folder.path + "/pid", FileTest.EXISTS));
    }
}

int main (string[] args) {
    if (args.length == 3 && args[1] in new string[] {"hold", "daemon"}) {
        return run_child (args[1], args[2]);
    }
    init (ref args);
    try {
        // GLib watches all files with one descriptor, which stays.
        File.new_for_path ("/").monitor (FileMonitorFlags.NONE);
    } catch (Error e) {
        error ("%s", e.message);
    }
    add ("/vala/daemons/pid-file", test_pid_file);
    add ("/vala/daemons/held-by-another", test_held_by_another);
    add ("/vala/daemons/no-pid-file", test_no_pid_file);
    add ("/vala/daemons/entry", test_entry);
    add ("/vala/daemons/registry", test_registry);
    add ("/vala/daemons/model", test_model);
    add ("/vala/daemons/default-registry", test_default_registry);
    add ("/vala/daemons/properties", test_properties);
    add ("/vala/daemons/start-and-stop", test_start_and_stop);
    add ("/vala/daemons/failing-starts", test_failing_starts);
    add ("/vala/daemons/checks", test_checks);
    add_both ("/vala/daemons/run", test_run);
    add ("/vala/daemons/yield", test_yield);
    add ("/vala/daemons/stop-lets-answers-finish", test_stop_lets_answers_finish);
    add ("/vala/daemons/last-reference", test_last_reference);
    add ("/vala/daemons/program", test_program);
    return Test.run ();
}
