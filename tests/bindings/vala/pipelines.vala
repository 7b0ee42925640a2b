// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of pipelines share.
namespace Pipelines {

using Support;

// The three ways of a runner.
public enum Mode { ALL, SEQUENTIAL, PARALLEL }

public const Mode[] MODES = {Mode.ALL, Mode.SEQUENTIAL, Mode.PARALLEL};

public ProcessGLib.RunSpec make_spec (string? name, string script = "true", string[] after = {}) {
    return new ProcessGLib.RunSpec (name, "sh", {"-c", script}) { after = after };
}

// Not in an async method of our own: valac would make a task for it that looks at the cancellable
// itself, while a cancelled run has a result.
public void begin (ProcessGLib.Runner runner, Mode mode, ProcessGLib.RunSpec[] specs,
                   Cancellable? cancellable, AsyncReadyCallback callback) {
    switch (mode) {
    case Mode.SEQUENTIAL:
        runner.run_sequential_async.begin (specs, cancellable, callback);
        break;
    case Mode.PARALLEL:
        runner.run_parallel_async.begin (specs, cancellable, callback);
        break;
    default:
        runner.run_all_async.begin (specs, cancellable, callback);
        break;
    }
}

public ProcessGLib.RunAllResult end (ProcessGLib.Runner runner, Mode mode,
                                     AsyncResult result) throws Error {
    switch (mode) {
    case Mode.SEQUENTIAL:
        return runner.run_sequential_async.end (result);
    case Mode.PARALLEL:
        return runner.run_parallel_async.end (result);
    default:
        return runner.run_all_async.end (result);
    }
}

// Runs the specs, once in a blocking call and once in the main loop.
public ProcessGLib.RunAllResult perform (bool blocking, ProcessGLib.Runner runner, Mode mode,
                                         ProcessGLib.RunSpec[] specs,
                                         Cancellable? cancellable = null) throws Error {
    if (blocking && mode == Mode.SEQUENTIAL) {
        return runner.run_sequential (specs, cancellable);
    } else if (blocking && mode == Mode.PARALLEL) {
        return runner.run_parallel (specs, cancellable);
    } else if (blocking) {
        return runner.run_all (specs, cancellable);
    }

    AsyncResult? ended = null;
    begin (runner, mode, specs, cancellable, (source, result) => ended = result);
    assert_null (ended);
    assert_true (wait_until (() => ended != null));
    return end (runner, mode, ended);
}

public ProcessGLib.RunResult get_result (ProcessGLib.RunAllResult all, uint position) {
    var result = all.get_item (position) as ProcessGLib.RunResult;
    assert_nonnull (result);
    return result;
}

// Of each spec its name, its exit code and a slash if it was skipped.
public string outcomes (ProcessGLib.RunAllResult all) {
    var text = "";
    for (uint i = 0; i < all.n_items; i++) {
        var result = get_result (all, i);
        text += @"$(result.name)=$(result.exit_code)$(result.skipped ? "/" : "") ";
    }
    return text;
}

public string counts (ProcessGLib.RunAllResult all) {
    return @"$(all.n_passed) $(all.n_failed) $(all.n_skipped)";
}

// What a runner tells: `+` started, `-` passed, `!` failed, `/` skipped.
public class Told : Object {
    public string text = "";

    public Told (ProcessGLib.Runner runner) {
        runner.spec_started.connect (note_start);
        runner.spec_finished.connect (note_finish);
    }

    void note_start (ProcessGLib.Runner runner, ProcessGLib.RunSpec spec,
                     ProcessGLib.ManagedProcess process) {
        text += @"+$(spec.name) ";
    }

    void note_finish (ProcessGLib.Runner runner, ProcessGLib.RunResult result) {
        var mark = result.skipped ? "/" : result.passed ? "-" : "!";
        text += @"$mark$(result.name) ";
    }
}

// A folder of its own, where specs run.
public class SpecFolder : Folder {
    public SpecFolder () throws Error {
        base ();
    }

    // A spec that runs in it, and not for ever.
    public ProcessGLib.RunSpec make_spec (string name, string script, string[] after = {}) {
        return new ProcessGLib.RunSpec (name, "sh", {"-c", script}) {
            after = after,
            cwd = path,
            timeout = 20 * SECOND
        };
    }
}

// Something to bind to.
public class Label : Object {
    public string? text { get; set; }
    public double fraction { get; set; }
    public uint number { get; set; }
    public bool passed { get; set; }
}

public void check_error (ProcessGLib.RunResult result, Error expected, string part) {
    assert_true (result.error != null);
    assert_error (result.error, expected.domain, expected.code);
    assert_true (part in result.error.message);
    assert_false (result.error.message.has_suffix ("."));
    assert_false (result.passed);
}

}
