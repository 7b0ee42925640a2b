// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// One process: its signals, its input and output, its end; and what surrounds it.

using Support;

void test_order () throws Error {
    var service = new ProcessGLib.Service ();
    string seen = "";
    string on_service = "";
    Error? told = null;
    service.started.connect (() => on_service += "started ");
    service.output.connect ((process, line, stream) => on_service += line + " ");
    service.exited.connect ((process, code, duration, e) => on_service += @"exited $code");
    var process = service.start ("sh", {"-c", "echo a; echo b; exit 4"});
    process.started.connect (() => seen += "started ");
    process.output.connect ((line, stream) => {
        assert_true (stream == ProcessGLib.Stream.STDOUT);
        seen += line + " ";
    });
    process.exited.connect ((source, code, duration, e) => {
        assert_true (source.status == ProcessGLib.Status.EXITED);
        assert_true (duration == source.duration && duration > 0);
        told = e;
        seen += @"exited $code";
    });
    assert_cmpstr (seen, CompareOperator.EQ, "");
    wait_end (process);
    assert_cmpstr (seen, CompareOperator.EQ, "started a b exited 4");
    assert_cmpstr (on_service, CompareOperator.EQ, seen);
    assert_true (told != null && told is ProcessGLib.Error.NON_ZERO_EXIT);
}

void test_success_has_no_error () throws Error {
    var service = new ProcessGLib.Service ();
    bool ended = false;
    var process = service.start ("true", {});
    process.exited.connect ((code, duration, e) => ended = code == 0 && e == null);
    wait_end (process);
    assert_true (ended);
}

void test_details () throws Error {
    var service = new ProcessGLib.Service ();
    string errors = "";
    var process = service.start ("sh", {"-c", "echo out; echo err >&2"});
    process.output["stderr"].connect ((line, stream) => {
        assert_true (stream == ProcessGLib.Stream.STDERR);
        errors += line;
    });
    wait_end (process);
    assert_cmpstr (errors, CompareOperator.EQ, "err");
}

void test_lines_and_data () throws Error {
    var service = new ProcessGLib.Service ();
    int lines = 0;
    int batches = 0;
    var data = new ByteArray ();
    var process = service.start ("seq", {"10000"});
    process.lines.connect ((batch, stream) => {
        batches++;
        foreach (unowned string line in batch) {
            lines++;
            assert_cmpstr (line, CompareOperator.EQ, lines.to_string ());
        }
    });
    process.data.connect ((bytes, stream) => data.append (bytes.get_data ()));
    wait_end (process);
    assert_cmpint (lines, CompareOperator.EQ, 10000);
    assert_cmpint (batches, CompareOperator.LT, 1000);
    assert_true (ByteArray.free_to_bytes ((owned) data).compare (process.get_output_bytes ()) == 0);
}

void test_killed () throws Error {
    var service = new ProcessGLib.Service ();
    string seen = "";
    var process = service.start ("cat", {});
    assert_true (process.status == ProcessGLib.Status.RUNNING && process.is_running ());
    assert_true (process.exit_reason == ProcessGLib.ExitReason.NONE);
    ulong[] handlers = {
        process.killed.connect ((name) => seen += name),
        process.exited.connect (
            (code, duration, e) => seen += @" $code $(e is ProcessGLib.Error.KILLED)")
    };
    process.kill ();
    wait_end (process);
    assert_cmpstr (seen, CompareOperator.EQ, "SIGKILL -1 true");
    assert_true (process.exit_reason == ProcessGLib.ExitReason.KILLED);
    assert_true (process.status == ProcessGLib.Status.KILLED && !process.is_running ());
    assert_true (fails (() => process.send_signal (Posix.Signal.TERM))
                 is ProcessGLib.Error.NOT_RUNNING);
    process.kill ();
    foreach (var handler in handlers) {
        process.disconnect (handler);
    }
}

void test_by_itself () throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start ("sh", {"-c", "kill -TERM $$"});
    wait_end (process);
    assert_true (process.exit_reason == ProcessGLib.ExitReason.SIGNALED);
    process = service.start ("cat", {});
    service.kill (process.id);
    wait_end (process);
    assert_true (process.exit_reason == ProcessGLib.ExitReason.KILLED);
}

void test_lingering () throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start ("sh", {"-c", "sleep 60 & echo $!"});
    wait_end (process);
    assert_true (process.lingering);
    var grandchild = int.parse (process.get_output ());
    assert_true (is_alive (grandchild));
    assert_cmpint (Posix.kill (grandchild, Posix.Signal.TERM), CompareOperator.EQ, 0);
    assert_true (wait_until (() => !process.lingering));
}

void test_capture () throws Error {
    var service = new ProcessGLib.Service ();
    var options = new ProcessGLib.RunOptions ("seq", {"100"}) { buffer_size = 8, env = {"A=b"} };
    var process = service.start_with_options (options);
    wait_end (process);
    assert_text (process.get_output (), "\n99\n100\n");
    assert_true (process.output_truncated);
    assert_text (string.joinv (" ", process.env), "A=b");
}

void test_input () throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start ("cat", {});
    process.send_input ("täxt");
    process.send_bytes (new Bytes ({0xff, 0}));
    process.close_stdin ();
    wait_end (process);
    assert_cmpstr (process.get_output (), CompareOperator.EQ, "täxt\xef\xbf\xbd\xef\xbf\xbd");
    assert_true (process.get_output_bytes ().get_size () == "täxt".length + 2);
    var without = service.start_with_options (new ProcessGLib.RunOptions ("sleep", {"60"}) {
        stdin_mode = ProcessGLib.StdinMode.NULL
    });
    assert_true (fails (() => without.send_input ("x")) is ProcessGLib.Error.STDIN_NOT_AVAILABLE);
    without.kill ();
    wait_end (without);
}

void test_wait () throws Error {
    var service = new ProcessGLib.Service ();
    assert_true (service.start ("true", {}).wait ());
    assert_true (fails (() => service.start ("false", {}).wait ())
                 is ProcessGLib.Error.NON_ZERO_EXIT);
    // In a thread of its own, while the loop runs.
    var process = service.start ("sh", {"-c", "read x; exit 9"});
    bool ended = false;
    var thread = new Thread<int> ("wait", () => {
        try {
            process.send_input ("go\n");
            process.wait ();
        } catch (Error e) {
        }
        AtomicInt.set (ref waited, 1);
        return process.exit_code;
    });
    ended = wait_until (() => AtomicInt.get (ref waited) == 1);
    assert_true (ended);
    assert_cmpint (thread.join (), CompareOperator.EQ, 9);
    wait_end (process);
}

int waited = 0;

void test_last_reference () throws Error {
    ProcessGLib.Service? service = new ProcessGLib.Service ();
    ProcessGLib.ManagedProcess? process = service.start ("true", {});
    bool ended = false;
    process.exited.connect (() => {
        process = null;
        service = null;
        ended = true;
    });
    assert_true (wait_until (() => ended));
}

void test_shutdown () throws Error {
    var service = new ProcessGLib.Service ();
    bool up = false;
    var process = service.start_with_options (new ProcessGLib.RunOptions (
        "sh", {"-c", "trap 'exit 6' TERM; echo up; while :; do read x; done"}) {
        grace_period = 20 * SECOND
    });
    process.output.connect (() => up = true);
    assert_true (wait_until (() => up));
    process.shutdown ();
    assert_false (is_alive (process.pid));
    assert_cmpint (process.exit_code, CompareOperator.EQ, 6);
    assert_true (process.exit_reason == ProcessGLib.ExitReason.KILLED);
}

void test_shutdown_async () throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start_with_options (new ProcessGLib.RunOptions ("cat", {}) {
        grace_period = 20 * SECOND
    });
    AsyncResult? ended = null;
    process.shutdown_async.begin (null, (source, result) => ended = result);
    assert_true (wait_until (() => ended != null));
    assert_true (process.shutdown_async.end (ended));
    assert_cmpint (process.term_signal, CompareOperator.EQ, Posix.Signal.TERM);
}

void test_info () throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start_with_options (
        new ProcessGLib.RunOptions ("sh", {"-c", "exit 3"}) { cwd = "/" });
    assert_true (process.get_info ().running);
    wait_end (process);
    var info = process.get_info ();
    assert_text (info.id, process.id);
    assert_text (info.command, "sh");
    assert_text (string.joinv (" ", info.args), "-c exit 3");
    assert_text (info.cwd, "/");
    assert_text (process.cwd, "/");
    assert_cmpint (info.pid, CompareOperator.EQ, process.pid);
    assert_true (info.duration == process.duration && !info.running);
    assert_cmpint (info.exit_code, CompareOperator.EQ, 3);
    assert_true (info.status == ProcessGLib.Status.EXITED);
    assert_true (info.exit_reason == ProcessGLib.ExitReason.EXITED);
    assert_true (info.started_at.equal (process.started_at));
    int code = 0;
    assert_true (info.to_variant ().lookup ("exit-code", "i", out code));
    assert_cmpint (code, CompareOperator.EQ, 3);
    assert_true ("\"exitCode\":3" in info.to_json ().replace (" ", ""));
}

void test_ring_buffer () throws Error {
    var ring = new ProcessGLib.RingBuffer (8);
    assert_null (ring.get_bytes ());
    assert_true (ring.write ("abcde".data) == 5);
    assert_true (ring.write_bytes (new Bytes ("fghij".data)) == 5);
    assert_cmpstr (ring.to_string (), CompareOperator.EQ, "cdefghij");
    assert_true (ring.get_length () == 8 && ring.get_capacity () == 8);
    ring.reset ();
    assert_true (ring.get_length () == 0);
    // A second reference is to the same buffer.
    ProcessGLib.RingBuffer? other = ring;
    ring.write ("kept".data);
    ring = null;
    assert_text (other.to_string (), "kept");
}

async string run_program (ProcessGLib.Program program) throws Error {
    return (yield program.run_async ({"-c", "echo a"}))
        + (yield program.run_dir_async ("/", {"-c", "pwd"}));
}

void test_program () throws Error {
    var program = new ProcessGLib.Program ("sh");
    assert_text (program.name, "sh");
    assert_null (program.path);
    program.find ();
    assert_true (program.path.has_suffix ("/sh"));
    assert_cmpstr (program.run ({"-c", "echo a"}), CompareOperator.EQ, "a");
    assert_cmpstr (program.run_dir ("/", {"-c", "pwd"}), CompareOperator.EQ, "/");
    string? all = null;
    run_program.begin (program, (source, result) => {
        try {
            all = run_program.end (result);
        } catch (Error e) {
            all = e.message;
        }
    });
    assert_true (wait_until (() => all != null));
    assert_cmpstr (all, CompareOperator.EQ, "a/");
    assert_true (fails (() => program.run ({"-c", "echo partly; exit 2"}))
                 is ProcessGLib.Error.NON_ZERO_EXIT);
    assert_cmpstr (program.last_output, CompareOperator.EQ, "partly");
    assert_true (fails (() => new ProcessGLib.Program ("no-such-program-at-all").find ())
                 is ProcessGLib.Error.PROGRAM_NOT_FOUND);
}

void test_constants () throws Error {
    assert_text (ProcessGLib.VERSION, "%d.%d.%d".printf (
        ProcessGLib.MAJOR_VERSION, ProcessGLib.MINOR_VERSION, ProcessGLib.MICRO_VERSION));
    assert_text (ProcessGLib.Error.quark ().to_string (), "process-error-quark");
    assert_text (((EnumClass) typeof (ProcessGLib.Status).class_ref ()).get_value (
        ProcessGLib.Status.PENDING).value_nick, "pending");
}

// GLib's own class of the name stays within reach.
void test_name () throws Error {
    int status;
    Process.spawn_command_line_sync ("true", null, null, out status);
    assert_cmpint (status, CompareOperator.EQ, 0);
}

int main (string[] args) {
    init (ref args);
    Test.add_func ("/vala/process/order", () => run (test_order));
    Test.add_func ("/vala/process/success", () => run (test_success_has_no_error));
    Test.add_func ("/vala/process/details", () => run (test_details));
    Test.add_func ("/vala/process/lines-and-data", () => run (test_lines_and_data));
    Test.add_func ("/vala/process/killed", () => run (test_killed));
    Test.add_func ("/vala/process/by-itself", () => run (test_by_itself));
    Test.add_func ("/vala/process/lingering", () => run (test_lingering));
    Test.add_func ("/vala/process/capture", () => run (test_capture));
    Test.add_func ("/vala/process/input", () => run (test_input));
    Test.add_func ("/vala/process/wait", () => run (test_wait));
    Test.add_func ("/vala/process/last-reference", () => run (test_last_reference));
    Test.add_func ("/vala/process/shutdown", () => run (test_shutdown));
    Test.add_func ("/vala/process/shutdown-async", () => run (test_shutdown_async));
    Test.add_func ("/vala/process/info", () => run (test_info));
    Test.add_func ("/vala/process/ring-buffer", () => run (test_ring_buffer));
    Test.add_func ("/vala/process/program", () => run (test_program));
    Test.add_func ("/vala/process/constants", () => run (test_constants));
    Test.add_func ("/vala/process/name", () => run (test_name));
    return Test.run ();
}
