// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The service: starting, running, the list, the actions, the end.

using Support;

void test_start () throws Error {
    var service = new ProcessGLib.Service ();
    assert_cmpuint (service.buffer_size, CompareOperator.EQ, ProcessGLib.DEFAULT_BUFFER_SIZE);
    var process = service.start ("sh", {"-c", "echo out; exit 3"});
    assert_cmpstr (process.command, CompareOperator.EQ, "sh");
    assert_cmpint (process.args.length, CompareOperator.EQ, 2);
    assert_cmpint (process.pid, CompareOperator.GT, 0);
    assert_true (service.get (process.id) == process);
    wait_end (process);
    assert_cmpint (process.exit_code, CompareOperator.EQ, 3);
    assert_true (process.status == ProcessGLib.Status.EXITED);
    assert_true (process.exit_reason == ProcessGLib.ExitReason.EXITED);
    assert_cmpstr (process.get_output (), CompareOperator.EQ, "out\n");
    assert_cmpstr (service.get_output (process.id), CompareOperator.EQ, "out\n");
}

void test_run () throws Error {
    var service = new ProcessGLib.Service ();
    assert_cmpstr (service.run ("echo", {"a", "b"}), CompareOperator.EQ, "a b\n");
    assert_cmpstr (service.run ("echo", null), CompareOperator.EQ, "\n");
    assert_cmpuint (service.list ().length, CompareOperator.EQ, 0);
}

void test_options () throws Error {
    var service = new ProcessGLib.Service ();
    var options = new ProcessGLib.RunOptions ("sh", {"-c", "pwd; echo $KEY; cat"}) {
        cwd = "/",
        env = {"KEY=value"},
        input = new Bytes ("fed".data)
    };
    assert_cmpstr (service.run_with_options (options), CompareOperator.EQ, "/\nvalue\nfed");
    options.timeout = 5 * SECOND;
    options.stdin_mode = ProcessGLib.StdinMode.NULL;
    assert_true (options.timeout == 5 * SECOND);
    assert_null (new ProcessGLib.RunOptions ("ls", null).cwd);
    assert_null (new ProcessGLib.RunOptions ("ls", null).input);
    assert_cmpint (new ProcessGLib.RunOptions ("ls", null).stop_signal, CompareOperator.EQ,
                   Posix.Signal.TERM);
}

void test_every_option () throws Error {
    var options = new ProcessGLib.RunOptions (null, null) {
        command = "sh", args = {"-c", "true"}, cwd = "/", env = {"A=b"}, clear_env = true,
        disable_capture = true, detach = true, timeout = 5 * SECOND, grace_period = SECOND,
        kill_group = true, merge_stderr = true, stdout_path = "/out", stderr_path = "/err",
        stdin_mode = ProcessGLib.StdinMode.PIPE, buffer_size = 99,
        stop_signal = Posix.Signal.INT, die_with_parent = true
    };
    assert_text (options.command, "sh");
    assert_text (string.joinv (" ", options.args), "-c true");
    assert_text (options.cwd, "/");
    assert_text (string.joinv (" ", options.env), "A=b");
    assert_true (options.clear_env && options.disable_capture && options.detach);
    assert_true (options.timeout == 5 * SECOND && options.grace_period == SECOND);
    assert_true (options.kill_group && options.merge_stderr && options.die_with_parent);
    assert_text (options.stdout_path, "/out");
    assert_text (options.stderr_path, "/err");
    assert_true (options.stdin_mode == ProcessGLib.StdinMode.PIPE);
    assert_cmpuint (options.buffer_size, CompareOperator.EQ, 99);
    assert_cmpint (options.stop_signal, CompareOperator.EQ, Posix.Signal.INT);
}

void test_stdin () throws Error {
    var service = new ProcessGLib.Service ();
    var options = new ProcessGLib.RunOptions ("readlink", {"/proc/self/fd/0"});
    assert_true (options.stdin_mode == ProcessGLib.StdinMode.DEFAULT);
    assert_text (service.run_with_options (options), "/dev/null\n");
    options.stdin_mode = ProcessGLib.StdinMode.INHERIT;
    assert_text (service.run_with_options (options),
                 FileUtils.read_link ("/proc/self/fd/0") + "\n");
}

void test_max_history () throws Error {
    var service = new ProcessGLib.Service () { max_history = 2 };
    assert_cmpuint (service.max_history, CompareOperator.EQ, 2);
    for (var i = 0; i < 4; i++) {
        wait_end (service.start ("true", {}));
    }
    assert_true (wait_until (() => service.n_items == 2));
}

void test_catch () throws Error {
    var service = new ProcessGLib.Service ();
    int caught = 0;
    try {
        service.run ("sh", {"-c", "echo why >&2; exit 7"});
    } catch (ProcessGLib.Error.NON_ZERO_EXIT e) {
        assert_true (e.message.has_suffix ("why"));
        caught++;
    }
    try {
        service.run ("no-such-program-at-all", {});
    } catch (ProcessGLib.Error e) {
        assert_true (e is ProcessGLib.Error.PROGRAM_NOT_FOUND);
        caught++;
    }
    try {
        service.run ("sh", {"-c", "kill -TERM $$"});
    } catch (ProcessGLib.Error.KILLED e) {
        caught++;
    }
    try {
        service.run_with_options (new ProcessGLib.RunOptions ("sleep", {"60"}) {
            timeout = SECOND / 20
        });
    } catch (ProcessGLib.Error.TIMED_OUT e) {
        caught++;
    }
    try {
        service.start ("", {});
    } catch (ProcessGLib.Error.INVALID_ARGUMENT e) {
        caught++;
    }
    try {
        service.get ("nobody");
    } catch (ProcessGLib.Error.NOT_FOUND e) {
        caught++;
    }
    assert_cmpint (caught, CompareOperator.EQ, 6);
}

async string talk (ProcessGLib.Service service) throws Error {
    var first = yield service.run_async ("echo", {"a"});
    var second = yield service.run_with_options_async (
        new ProcessGLib.RunOptions ("echo", {"b"}), null);
    try {
        yield service.run_async ("false", {});
    } catch (ProcessGLib.Error.NON_ZERO_EXIT e) {
        second += "caught";
    }
    var process = service.start ("cat", {});
    yield process.send_bytes_async (new Bytes ("text".data));
    process.close_stdin ();
    yield process.wait_async ();
    var folder = yield service.call_action_async ("process.run", new Variant.parsed (
        "{'command': <'pwd'>, 'cwd': <'/'>}"));
    yield service.shutdown_async (0);
    return first + second + process.get_output () + folder.get_string ();
}

void test_yield () throws Error {
    var service = new ProcessGLib.Service ();
    string? all = null;
    talk.begin (service, (source, result) => {
        try {
            all = talk.end (result);
        } catch (Error e) {
            all = e.message;
        }
    });
    assert_true (wait_until (() => all != null));
    assert_cmpstr (all, CompareOperator.EQ, "a\nb\ncaughttext/\n");
}

void test_cancel () throws Error {
    var service = new ProcessGLib.Service ();
    var cancellable = new Cancellable ();
    Error? caught = null;
    service.run_async.begin ("sleep", {"60"}, cancellable, (source, result) => {
        try {
            service.run_async.end (result);
        } catch (Error e) {
            caught = e;
        }
    });
    var process = service.list ()[0];
    cancellable.cancel ();
    assert_true (wait_until (() => caught != null));
    assert_true (caught is IOError.CANCELLED);
    assert_true (process.exit_reason == ProcessGLib.ExitReason.CANCELLED);
    assert_false (is_alive (process.pid));
}

void test_failed_start () throws Error {
    var service = new ProcessGLib.Service ();
    var codes = new GenericArray<int> ();
    Error? told = null;
    var handler = service.exited.connect ((process, code, duration, e) => {
        codes.add (code);
        told = e;
    });
    var error = fails (() => service.start ("no-such-program-at-all", {}));
    assert_true (error is ProcessGLib.Error.PROGRAM_NOT_FOUND);
    assert_true (wait_until (() => codes.length == 1));
    assert_cmpint (codes[0], CompareOperator.EQ, -1);
    assert_true (told != null && told is ProcessGLib.Error.PROGRAM_NOT_FOUND);
    assert_true (service.list ()[0].status == ProcessGLib.Status.FAILED);
    assert_true (service.list ()[0].exit_reason == ProcessGLib.ExitReason.START_FAILED);
    service.disconnect (handler);
}

void test_list_model () throws Error {
    var service = new ProcessGLib.Service ();
    ListModel model = service;
    string changes = "";
    var handler = model.items_changed.connect (
        (at, removed, added) => changes += @"$at-$removed+$added ");
    var first = service.start ("cat", {});
    var second = service.start ("cat", {});
    assert_cmpuint (service.list ().length, CompareOperator.EQ, 2);
    assert_true (wait_until (() => model.get_n_items () == 2));
    assert_cmpstr (changes, CompareOperator.EQ, "0-0+1 1-0+1 ");
    assert_true (model.get_item (0) == first && model.get_item (1) == second);
    assert_null (model.get_item (2));
    assert_true (model.get_item_type () == typeof (ProcessGLib.ManagedProcess));
    assert_true (service.item_type == typeof (ProcessGLib.ManagedProcess));
    assert_cmpuint (service.n_items, CompareOperator.EQ, 2);
    first.close_stdin ();
    wait_end (first);
    assert_cmpuint (service.running ().length, CompareOperator.EQ, 1);
    assert_true (fails (() => service.remove (second.id)) is ProcessGLib.Error.STILL_RUNNING);
    service.remove (first.id);
    second.kill ();
    wait_end (second);
    service.clear ();
    assert_cmpuint (service.list ().length, CompareOperator.EQ, 0);
    assert_true (wait_until (() => model.get_n_items () == 0));
    model.disconnect (handler);
}

void test_foreach () throws Error {
    var service = new ProcessGLib.Service ();
    foreach (var process in service) {
        error ("%s in an empty service", process.id);
    }
    for (int i = 0; i < 3; i++) {
        service.start ("cat", {});
    }
    string[] ids = {};
    foreach (var process in service) {
        ids += process.id;
        // The list may change meanwhile.
        process.kill ();
        wait_end (process);
        service.remove (process.id);
    }
    assert_cmpint (ids.length, CompareOperator.EQ, 3);
    assert_cmpuint (service.list ().length, CompareOperator.EQ, 0);
    var first = service.start ("true", {});
    service.start ("true", {});
    foreach (var process in service) {
        assert_true (process == first);
        break;
    }
    foreach (var process in service.list ()) {
        wait_end (process);
    }
}

void test_n_running () throws Error {
    var service = new ProcessGLib.Service ();
    uint most = 0;
    var handler = service.notify["n-running"].connect (
        () => most = uint.max (most, service.n_running));
    var first = service.start ("cat", {});
    var second = service.start ("cat", {});
    assert_true (wait_until (() => service.n_running == 2));
    service.close_stdin (first.id);
    service.close_stdin (second.id);
    assert_true (wait_until (() => service.n_running == 0));
    assert_cmpuint (most, CompareOperator.EQ, 2);
    service.disconnect (handler);
}

void test_by_id () throws Error {
    var service = new ProcessGLib.Service ();
    string seen = "";
    service.output.connect ((process, line, stream) => seen += line + " ");
    service.killed.connect ((process, name) => seen += name);
    var process = service.start ("sh", {"-c", "while read -r line; do echo $line; done"});
    service.send_input (process.id, "one\n");
    assert_true (wait_until (() => seen == "one "));
    service.send_signal (process.id, Posix.Signal.USR1);
    wait_end (process);
    assert_cmpstr (seen, CompareOperator.EQ, "one SIGUSR1");
}

void test_call_action () throws Error {
    var service = new ProcessGLib.Service ();
    var output = service.call_action ("process.run", new Variant.parsed (
        "{'command': <'sh'>, 'args': <['-c', 'echo $A']>, 'env': <['A=b']>}"));
    assert_cmpstr (output.get_string (), CompareOperator.EQ, "b\n");
    var id = service.call_action ("process.start", new Variant.parsed (
        "{'command': <'cat'>}")).get_string ();
    var entry = service.call_action ("process.get", new Variant.parsed ("{'id': <%s>}", id));
    bool running = false;
    assert_true (entry.lookup ("running", "b", out running) && running);
    assert_true (service.call_action ("process.kill", new Variant.parsed (
        "{'id': <%s>}", id)).get_boolean ());
    wait_end (service.get (id));
    var listed = service.call_action ("process.list", new Variant.parsed (
        "{'running-only': <true>}"));
    assert_cmpuint ((uint) listed.n_children (), CompareOperator.EQ, 0);
    assert_true (fails (() => service.call_action ("process.dance", new Variant.parsed (
        "@a{sv} {}"))) is ProcessGLib.Error.INVALID_ARGUMENT);
}

void test_action_group () throws Error {
    var service = new ProcessGLib.Service ();
    ActionGroup group = service;
    assert_true (group.has_action ("kill") && group.has_action ("shutdown"));
    assert_true (group.get_action_parameter_type ("kill").equal (VariantType.STRING));
    group.activate_action ("start", new Variant.parsed ("{'command': <'cat'>}"));
    assert_true (wait_until (() => service.list ().length == 1));
    var process = service.list ()[0];
    group.activate_action ("kill", new Variant.string (process.id));
    wait_end (process);
    group.activate_action ("clear", null);
    assert_true (wait_until (() => service.list ().length == 0));
}

void test_shutdown () throws Error {
    var service = new ProcessGLib.Service ();
    var process = service.start ("cat", {});
    service.shutdown (20 * SECOND);
    assert_cmpint (process.term_signal, CompareOperator.EQ, Posix.Signal.TERM);
    assert_true (fails (() => service.start ("true", {})) is ProcessGLib.Error.NOT_RUNNING);
}

void test_thread () throws Error {
    // A service of another thread, while nobody iterates the default context.
    bool same_thread = true;
    string? output = null;
    var thread = new Thread<bool> ("owner", () => {
        var context = new MainContext ();
        context.push_thread_default ();
        unowned Thread<bool> self = Thread.self<bool> ();
        try {
            var service = new ProcessGLib.Service ();
            bool ended = false;
            service.exited.connect (() => {
                same_thread = same_thread && Thread.self<bool> () == self;
                ended = true;
            });
            var process = service.start ("sh", {"-c", "echo a; echo b"});
            wait_until (() => ended);
            output = process.get_output () + service.run ("echo", {"c"});
        } catch (Error e) {
            critical ("%s", e.message);
        }
        while (context.iteration (false)) {}
        context.pop_thread_default ();
        return true;
    });
    thread.join ();
    assert_true (same_thread);
    assert_cmpstr (output, CompareOperator.EQ, "a\nb\nc\n");
}

int main (string[] args) {
    init (ref args);
    Test.add_func ("/vala/service/start", () => run (test_start));
    Test.add_func ("/vala/service/run", () => run (test_run));
    Test.add_func ("/vala/service/options", () => run (test_options));
    Test.add_func ("/vala/service/every-option", () => run (test_every_option));
    Test.add_func ("/vala/service/stdin", () => run (test_stdin));
    Test.add_func ("/vala/service/max-history", () => run (test_max_history));
    Test.add_func ("/vala/service/catch", () => run (test_catch));
    Test.add_func ("/vala/service/yield", () => run (test_yield));
    Test.add_func ("/vala/service/cancel", () => run (test_cancel));
    Test.add_func ("/vala/service/failed-start", () => run (test_failed_start));
    Test.add_func ("/vala/service/list-model", () => run (test_list_model));
    Test.add_func ("/vala/service/foreach", () => run (test_foreach));
    Test.add_func ("/vala/service/n-running", () => run (test_n_running));
    Test.add_func ("/vala/service/by-id", () => run (test_by_id));
    Test.add_func ("/vala/service/call-action", () => run (test_call_action));
    Test.add_func ("/vala/service/action-group", () => run (test_action_group));
    Test.add_func ("/vala/service/shutdown", () => run (test_shutdown));
    Test.add_func ("/vala/service/thread", () => run (test_thread));
    return Test.run ();
}
