// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Pipelines: the runner, and what it does with specs.

using Pipelines;
using Support;

// Runners

void test_service () throws Error {
    var service = new ProcessGLib.Service ();
    var runner = new ProcessGLib.Runner (service) { max_parallel = 2 };
    assert_true (runner.service == service && runner.get_service () == service);
    assert_cmpuint (runner.max_parallel, CompareOperator.EQ, 2);
    assert_true (runner.run_all ({make_spec ("a")}).success);

    var own = Object.new (typeof (ProcessGLib.Runner)) as ProcessGLib.Runner;
    assert_true (own.service != null && own.service != service);
    assert_cmpuint (own.max_parallel, CompareOperator.EQ, 0);
    assert_text (outcomes (own.run_all ({make_spec ("a", "exit 3")})), "a=3 ");
}

void test_max_parallel_property () throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var label = new Label ();
    var notified = 0;
    var handler = runner.notify["max-parallel"].connect (() => notified++);
    runner.bind_property ("max-parallel", label, "number", BindingFlags.BIDIRECTIONAL);
    runner.set_max_parallel (3);
    runner.max_parallel = 3;
    assert_true (runner.get_max_parallel () == 3 && label.number == 3 && notified == 1);
    label.number = 5;
    assert_cmpuint (runner.max_parallel, CompareOperator.EQ, 5);
    runner.disconnect (handler);
}

// Order

// Each child needs what those before it have left behind.
void test_foreach () throws Error {
    string names = "";
    var results = new ProcessGLib.Runner (new ProcessGLib.Service ()).run_all (
        {make_spec ("a"), make_spec ("b", "exit 1")});
    foreach (var result in results) {
        names += @"$(result.name)=$(result.exit_code) ";
    }
    assert_text (names, "a=0 b=1 ");
    assert_cmpint (results.size, CompareOperator.EQ, 2);
    assert_text (results[1].name, "b");
    foreach (var result in new ProcessGLib.Runner (new ProcessGLib.Service ()).run_all ({})) {
        error ("%s of no specs", result.name);
    }
}

void test_run_all (bool blocking) throws Error {
    var folder = new SpecFolder ();
    folder.make_gate ("gate");
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var told = new Told (runner);
    var before = "";
    var handler = runner.spec_started.connect ((source, spec, process) => {
        if (spec.name == "top") {
            var made = FileUtils.test (folder.path + "/top", FileTest.EXISTS);
            before += @"$(told.text)$(source.service.running ().length) $made";
            try {
                folder.open_gate ("gate");
            } catch (Error e) {
                error ("%s", e.message);
            }
        }
    });
    var all = perform (blocking, runner, Mode.ALL, {
        folder.make_spec ("bottom", "cat left right > bottom", {"left", "right"}),
        folder.make_spec ("right", "cat top > right", {"top"}),
        folder.make_spec ("left", "cat top > left", {"top"}),
        folder.make_spec ("top", "read x < gate; echo done > top")
    });
    runner.disconnect (handler);
    assert_text (before, "+top 1 false");
    assert_text (outcomes (all), "bottom=0 right=0 left=0 top=0 ");
    assert_true (told.text.has_prefix ("+top -top +"));
    assert_true (told.text.has_suffix (" +bottom -bottom "));
    assert_true ("-left" in told.text && "-right" in told.text);
    assert_text (folder.read ("bottom"), "done\ndone\n");
}

// What `c` opens lets `b` end, which began before it.
void test_no_barrier (bool blocking) throws Error {
    var folder = new SpecFolder ();
    folder.make_gate ("gate");
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var all = perform (blocking, runner, Mode.ALL, {
        make_spec ("a"), folder.make_spec ("b", "read x < gate"),
        folder.make_spec ("c", "echo > gate", {"a"})
    });
    assert_text (counts (all), "3 0 0");
}

// In the order of the array, whatever they wait for.
void test_sequential (bool blocking) throws Error {
    var folder = new SpecFolder ();
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var told = new Told (runner);
    var all = perform (blocking, runner, Mode.SEQUENTIAL, {
        folder.make_spec ("a", "echo a > a", {"c", "nowhere"}),
        folder.make_spec ("b", "cat a > b"), folder.make_spec ("c", "cat b > c", {"a"})
    });
    assert_text (counts (all), "3 0 0");
    assert_text (told.text, "+a -a +b -b +c -c ");
    assert_text (folder.read ("c"), "a\n");
}

// Each waits for the other to come, whatever they wait for by name.
void test_parallel (bool blocking) throws Error {
    var folder = new SpecFolder ();
    folder.make_gate ("there");
    folder.make_gate ("back");
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var all = perform (blocking, runner, Mode.PARALLEL, {
        folder.make_spec ("a", "read x < there; echo > back", {"b", "nowhere"}),
        folder.make_spec ("b", "echo > there; read x < back", {"a"})
    });
    assert_text (outcomes (all), "a=0 b=0 ");
}

void test_max_parallel () throws Error {
    string[] names = {"a", "b", "c", "d"};
    var folder = new SpecFolder ();
    ProcessGLib.RunSpec[] specs = {};
    foreach (var name in names) {
        folder.make_gate (name);
        specs += folder.make_spec (name, @"read x < $name");
    }
    Mode[] modes = {Mode.ALL, Mode.PARALLEL};
    foreach (var mode in modes) {
        var service = new ProcessGLib.Service ();
        var runner = new ProcessGLib.Runner (service) { max_parallel = 2 };
        var told = new Told (runner);
        AsyncResult? ended = null;
        begin (runner, mode, specs, null, (source, result) => ended = result);
        // A run goes by what it finds when it begins.
        runner.max_parallel = 0;
        for (var i = 0; i < 4; i++) {
            var n_begun = int.min (i + 2, 4);
            assert_true (wait_until (() => told.text.split ("+").length == n_begun + 1));
            while (MainContext.default ().iteration (false)) {}
            assert_cmpint (service.running ().length, CompareOperator.EQ, n_begun - i);
            folder.open_gate (names[i]);
            assert_true (wait_until (() => @"-$(names[i]) " in told.text));
        }
        assert_true (wait_until (() => ended != null));
        assert_text (counts (end (runner, mode, ended)), "4 0 0");
        // Of those that start at once, any may be the first.
        assert_true (told.text.has_prefix ("+a +b ") || told.text.has_prefix ("+b +a "));
        assert_true (told.text.has_suffix (" -a +c -b +d -c -d "));

        // Now all of them, since there is no limit any more.
        told.text = "";
        ended = null;
        begin (runner, mode, specs, null, (source, result) => ended = result);
        assert_true (wait_until (() => told.text.split ("+").length == 5));
        assert_cmpint (service.running ().length, CompareOperator.EQ, 4);
        foreach (var name in names) {
            folder.open_gate (name);
        }
        assert_true (wait_until (() => ended != null));
        assert_text (counts (end (runner, mode, ended)), "4 0 0");
    }
}

void test_one_at_a_time (bool blocking) throws Error {
    foreach (var mode in MODES) {
        var runner = new ProcessGLib.Runner (new ProcessGLib.Service ()) { max_parallel = 1 };
        var told = new Told (runner);
        perform (blocking, runner, mode, {make_spec ("a"), make_spec ("b"), make_spec ("c")});
        assert_text (told.text, "+a -a +b -b +c -c ");
    }
}

// Signals

void test_signals (bool blocking) throws Error {
    var service = new ProcessGLib.Service ();
    var runner = new ProcessGLib.Runner (service);
    var seen = new StringBuilder ();
    ulong[] handlers = {
        runner.spec_started.connect ((spec, process) => {
            seen.append (@"$(spec.name) $(process.running) ");
            process.output.connect ((line, stream) => seen.append (line + " "));
            process.exited.connect ((code, duration, e) => seen.append (@"exited $code "));
        }),
        runner.spec_finished.connect ((source, result) => {
            assert_true (source == runner);
            seen.append (@"$(result.name) $(result.exit_code) ");
        })
    };
    perform (blocking, runner, Mode.ALL,
             {make_spec ("a", "echo 1; echo 2; exit 4"), make_spec ("b", "true", {"a"})});
    assert_text (seen.str, "a true 1 2 exited 4 a 4 b 0 ");
    foreach (var handler in handlers) {
        runner.disconnect (handler);
    }
    assert_cmpuint (service.list ().length, CompareOperator.EQ, 0);
}

void test_progress (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var label = new Label ();
    var seen = "";
    runner.bind_property ("progress", label, "fraction");
    ulong[] handlers = {
        runner.notify["progress"].connect (() => seen += @"$(runner.progress) "),
        runner.spec_finished.connect ((result) => {
            assert_true (label.fraction == runner.get_progress ());
            seen += result.name + " ";
        })
    };
    assert_true (runner.progress == 0);
    for (var i = 0; i < 2; i++) {
        seen = "";
        perform (blocking, runner, Mode.ALL, {
            make_spec ("a"), make_spec ("b", "exit 1", {"a"}), make_spec ("c", "true", {"b"}),
            make_spec ("d", "true", {"nowhere"})
        });
        assert_text (seen, "0 0.25 d 0.5 a 0.75 b 1 c ");
        assert_true (runner.progress == 1 && label.fraction == 1);
    }
    foreach (var handler in handlers) {
        runner.disconnect (handler);
    }
}

// Failures

void test_skipped (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    ProcessGLib.RunSpec[] specs = {
        make_spec ("bad", "exit 7"), make_spec ("skipped", "true", {"bad"}),
        make_spec ("skipped too", "true", {"skipped"}), make_spec ("allowed", "exit 8"),
        make_spec ("runs", "true", {"allowed"}), make_spec ("both", "true", {"runs", "bad"})
    };
    // Being skipped is not allowed for by this.
    specs[1].allow_failure = true;
    specs[3].allow_failure = true;
    var all = perform (blocking, runner, Mode.ALL, specs);
    assert_text (outcomes (all), "bad=7 skipped=0/ skipped too=0/ allowed=8 runs=0 both=0/ ");
    assert_text (counts (all), "1 2 3");
    assert_false (all.success);
    assert_true (get_result (all, 0).error == null && get_result (all, 3).error == null);
    uint[] skipped = {1, 2, 5};
    foreach (var i in skipped) {
        check_error (get_result (all, i), new ProcessGLib.Error.FAILED (""),
                     "because “bad” did not");
        assert_null (get_result (all, i).process);
    }
}

void test_sequential_stops (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var told = new Told (runner);
    ProcessGLib.RunSpec[] specs = {
        make_spec ("a", "exit 2"), make_spec ("b", "exit 3"), make_spec ("c"), make_spec ("d")
    };
    specs[0].allow_failure = true;
    var all = perform (blocking, runner, Mode.SEQUENTIAL, specs);
    assert_text (told.text, "+a !a +b !b /c /d ");
    assert_text (counts (all), "0 2 2");
    check_error (get_result (all, 3), new ProcessGLib.Error.FAILED (""), "because “b” did not");
}

void test_parallel_goes_on (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var all = perform (blocking, runner, Mode.PARALLEL, {
        make_spec ("a", "exit 2"), make_spec ("b", "true", {"a"}), make_spec ("c", "exit 3")
    });
    assert_text (outcomes (all), "a=2 b=0 c=3 ");
    assert_text (counts (all), "1 2 0");
}

void test_stuck (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var told = new Told (runner);
    var all = perform (blocking, runner, Mode.ALL, {
        make_spec ("a", "true", {"b"}), make_spec ("b", "true", {"a"}),
        make_spec ("lost", "true", {"nowhere"}), make_spec ("waits", "true", {"lost", "fine"}),
        make_spec ("fine")
    });
    assert_text (outcomes (all), "a=1 b=1 lost=1 waits=1 fine=0 ");
    string[] messages = {
        "cycle: “a” → “b” → “a”", "cycle: “b” → “a” → “b”", "“nowhere”, which is missing",
        "waits for “lost”"
    };
    for (var i = 0; i < messages.length; i++) {
        check_error (get_result (all, i), new ProcessGLib.Error.INVALID_ARGUMENT (""),
                     messages[i]);
    }
    assert_text (told.text, "!a !b !lost !waits +fine -fine ");
}

void test_names (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var told = new Told (runner);
    ProcessGLib.RunSpec[] bad = {
        make_spec (null), make_spec (""), make_spec ("a"), make_spec ("b", "true", {"a", ""}),
        make_spec ("b", "true", {"b"}), make_spec ("b", "true", {"a", "a"})
    };
    string[] messages = {
        "Spec 2 has no name", "Spec 2 has no name", "More than one spec has the name “a”",
        "The spec “b” waits for an empty name", "The spec “b” waits for itself",
        "The spec “b” waits for “a” more than once"
    };
    for (var i = 0; i < bad.length; i++) {
        foreach (var mode in MODES) {
            var error = fails (() => perform (blocking, runner, mode, {make_spec ("a"), bad[i]}));
            assert_true (error is ProcessGLib.Error.INVALID_ARGUMENT);
            assert_text (error.message, messages[i]);
        }
    }
    while (MainContext.default ().iteration (false)) {}
    assert_text (told.text, "");
    assert_true (runner.progress == 0);
}

void test_failed_starts (bool blocking) throws Error {
    var service = new ProcessGLib.Service ();
    var runner = new ProcessGLib.Runner (service);
    ProcessGLib.RunSpec[] specs = {
        new ProcessGLib.RunSpec ("a", "no-such-program-at-all", null), make_spec ("b"),
        new ProcessGLib.RunSpec ("c", null, null), make_spec ("d"), make_spec ("e", "true", {"a"})
    };
    specs[1].cwd = "/no/such/folder";
    specs[3].timeout = -1;
    var all = perform (blocking, runner, Mode.ALL, specs);
    assert_text (outcomes (all), "a=-1 b=-1 c=-1 d=-1 e=0/ ");
    check_error (get_result (all, 0), new ProcessGLib.Error.PROGRAM_NOT_FOUND (""),
                 "“no-such-program-at-all”");
    check_error (get_result (all, 1), new ProcessGLib.Error.START_FAILED (""), "/no/such/folder");
    check_error (get_result (all, 2), new ProcessGLib.Error.INVALID_ARGUMENT (""), "");
    check_error (get_result (all, 3), new ProcessGLib.Error.INVALID_ARGUMENT (""), "");
    assert_null (get_result (all, 0).process);
    assert_cmpuint (service.list ().length, CompareOperator.EQ, 0);
}

void test_timeout_and_signal (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    runner.spec_started.connect ((spec, process) => {
        try {
            if (spec.name == "shot") {
                process.send_signal (Posix.Signal.USR1);
            }
        } catch (Error e) {
            error ("%s", e.message);
        }
    });
    ProcessGLib.RunSpec[] specs = {
        make_spec ("late", "exec sleep 60"), make_spec ("shot", "exec sleep 60"),
        make_spec ("after", "true", {"late"})
    };
    specs[0].timeout = SECOND / 20;
    var all = perform (blocking, runner, Mode.ALL, specs);
    assert_text (outcomes (all), "late=-1 shot=-1 after=0/ ");
    check_error (get_result (all, 0), new ProcessGLib.Error.TIMED_OUT (""), "");
    check_error (get_result (all, 1), new ProcessGLib.Error.KILLED (""), "SIGUSR1");
    assert_true (get_result (all, 0).process.exit_reason == ProcessGLib.ExitReason.TIMED_OUT);
}

void test_already_running (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var refused = 0;
    var handler = runner.spec_finished.connect ((source, result) => {
        foreach (var mode in MODES) {
            assert_true (fails (() => perform (true, source, mode, {}))
                         is ProcessGLib.Error.ALREADY_RUNNING);
            refused++;
        }
    });
    for (var i = 1; i <= 2; i++) {
        assert_text (counts (perform (blocking, runner, Mode.ALL, {make_spec ("a")})), "1 0 0");
        assert_cmpint (refused, CompareOperator.EQ, 3 * i);
    }
    runner.disconnect (handler);
}

// Cancelling

// `gone` has no grace; `polite` uses its own to end well.
void test_cancel (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var told = new Told (runner);
    var cancellable = new Cancellable ();
    var up = 0;
    var handler = runner.spec_started.connect ((spec, process) =>
        process.output.connect ((line, stream) => {
            if (++up == 2) {
                cancellable.cancel ();
            }
        }));
    ProcessGLib.RunSpec[] specs = {
        make_spec ("done"),
        make_spec ("gone", "trap 'exit 5' TERM; echo gone; while :; do sleep 1; done", {"done"}),
        make_spec ("polite", "trap 'exit 6' TERM; echo up; while :; do sleep 0.01; done",
                   {"done"}),
        make_spec ("never", "true", {"gone"}), make_spec ("never too", "true", {"never"})
    };
    specs[2].grace_period = 20 * SECOND;
    var all = perform (blocking, runner, Mode.ALL, specs, cancellable);
    runner.disconnect (handler);
    assert_text (outcomes (all), "done=0 gone=-1 polite=6 never=1/ never too=1/ ");
    assert_text (counts (all), "1 2 2");
    for (var i = 1; i < 5; i++) {
        check_error (get_result (all, i), new IOError.CANCELLED (""), "cancelled");
    }
    foreach (var entry in outcomes_of_cancel) {
        assert_true (entry in told.text);
    }
    for (var i = 1; i < 3; i++) {
        assert_false (is_alive (get_result (all, i).process.pid));
    }
}

const string[] outcomes_of_cancel = {
    "+done -done +", "+gone ", "+polite ", "!gone ", "!polite ", "/never ", "/never too "
};

void test_cancelled_before (bool blocking) throws Error {
    var cancelled = new Cancellable ();
    cancelled.cancel ();
    foreach (var mode in MODES) {
        var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
        var told = new Told (runner);
        var all = perform (blocking, runner, mode, {make_spec ("a"), make_spec ("b")}, cancelled);
        assert_text (outcomes (all), "a=1/ b=1/ ");
        assert_text (told.text, "/a /b ");
        assert_true (all.success && runner.progress == 1);
    }
}

// Lives

void test_snapshot (bool blocking) throws Error {
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var late = make_spec ("b", "echo as it was", {"a"});
    var handler = runner.spec_started.connect ((spec, process) => {
        if (spec != late) {
            late.name = "changed";
            late.command = "false";
            late.after = {};
        }
    });
    var all = perform (blocking, runner, Mode.ALL, {make_spec ("a"), late});
    runner.disconnect (handler);
    assert_text (outcomes (all), "a=0 b=0 ");
    assert_text (get_result (all, 1).output, "as it was\n");
    assert_true (get_result (all, 1).spec == late);
}

void test_holds_runner () throws Error {
    ProcessGLib.Runner? ended = null;
    var text = "";
    begin (new ProcessGLib.Runner (new ProcessGLib.Service ()), Mode.ALL,
           {make_spec ("a", "exit 5")}, null, (source, result) => {
        ended = source as ProcessGLib.Runner;
        try {
            text = outcomes (end (ended, Mode.ALL, result));
        } catch (Error e) {
            text = e.message;
        }
    });
    assert_true (wait_until (() => ended != null));
    assert_text (text, "a=5 ");
}

async string run_many (ProcessGLib.Service service) throws Error {
    var runner = new ProcessGLib.Runner (service);
    var all = yield runner.run_all_async ({make_spec ("a"), make_spec ("b", "exit 2", {"a"})});
    var text = outcomes (all);
    all = yield runner.run_sequential_async ({make_spec ("c", "exit 3"), make_spec ("d")});
    text += outcomes (all);
    try {
        yield runner.run_parallel_async ({make_spec ("e"), make_spec ("e")});
    } catch (ProcessGLib.Error.INVALID_ARGUMENT e) {
        text += "refused ";
    }
    all = yield runner.run_parallel_async ({make_spec ("f")});
    return text + outcomes (all);
}

void test_yield () throws Error {
    var service = new ProcessGLib.Service ();
    // Several runners share the service.
    var texts = new GenericArray<string> ();
    for (var i = 0; i < 3; i++) {
        run_many.begin (service, (source, result) => {
            try {
                texts.add (run_many.end (result));
            } catch (Error e) {
                texts.add (e.message);
            }
        });
    }
    assert_true (wait_until (() => texts.length == 3));
    foreach (var text in texts) {
        assert_text (text, "a=0 b=2 c=3 d=0/ refused f=0 ");
    }
}

void test_thread () throws Error {
    // A runner of another thread, while nobody iterates the default context.
    var same_thread = true;
    var text = "";
    var thread = new Thread<bool> ("owner", () => {
        var context = new MainContext ();
        context.push_thread_default ();
        unowned Thread<bool> self = Thread.self<bool> ();
        try {
            var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
            runner.spec_finished.connect (() =>
                same_thread = same_thread && Thread.self<bool> () == self);
            text += outcomes (perform (true, runner, Mode.ALL, {make_spec ("a")}));
            text += outcomes (perform (false, runner, Mode.ALL, {make_spec ("b", "exit 2")}));
        } catch (Error e) {
            critical ("%s", e.message);
        }
        while (context.iteration (false)) {}
        context.pop_thread_default ();
        return true;
    });
    thread.join ();
    assert_true (same_thread);
    assert_text (text, "a=0 b=2 ");
}

int main (string[] args) {
    init (ref args);
    add ("/vala/runner/service", test_service);
    add ("/vala/runner/max-parallel-property", test_max_parallel_property);
    add ("/vala/runner/foreach", test_foreach);
    add_both ("/vala/runner/run-all", test_run_all);
    add_both ("/vala/runner/no-barrier", test_no_barrier);
    add_both ("/vala/runner/sequential", test_sequential);
    add_both ("/vala/runner/parallel", test_parallel);
    add ("/vala/runner/max-parallel", test_max_parallel);
    add_both ("/vala/runner/one-at-a-time", test_one_at_a_time);
    add_both ("/vala/runner/signals", test_signals);
    add_both ("/vala/runner/progress", test_progress);
    add_both ("/vala/runner/skipped", test_skipped);
    add_both ("/vala/runner/sequential-stops", test_sequential_stops);
    add_both ("/vala/runner/parallel-goes-on", test_parallel_goes_on);
    add_both ("/vala/runner/stuck", test_stuck);
    add_both ("/vala/runner/names", test_names);
    add_both ("/vala/runner/failed-starts", test_failed_starts);
    add_both ("/vala/runner/timeout-and-signal", test_timeout_and_signal);
    add_both ("/vala/runner/already-running", test_already_running);
    add_both ("/vala/runner/cancel", test_cancel);
    add_both ("/vala/runner/cancelled-before", test_cancelled_before);
    add_both ("/vala/runner/snapshot", test_snapshot);
    add ("/vala/runner/holds-runner", test_holds_runner);
    add ("/vala/runner/yield", test_yield);
    add ("/vala/runner/thread", test_thread);
    return Test.run ();
}
