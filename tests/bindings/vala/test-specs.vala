// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Pipelines: specs and results.

using Pipelines;
using Support;

// Specs

void check_values (ProcessGLib.RunSpec spec) {
    assert_text (spec.name, "build");
    assert_text (spec.command, "sh");
    assert_text (string.joinv ("|", spec.args), "-c|é");
    assert_text (spec.cwd, "/");
    assert_text (string.joinv ("|", spec.env), "A=1|B");
    assert_text (string.joinv ("|", spec.after), "x|y");
    assert_true (spec.allow_failure);
    assert_true (spec.timeout == 5 * SECOND);
    assert_true (spec.grace_period == 2);
    assert_text (spec.get_name (), "build");
    assert_text (spec.get_command (), "sh");
    assert_text (string.joinv ("|", spec.get_args ()), "-c|é");
    assert_text (spec.get_cwd (), "/");
    assert_text (string.joinv ("|", spec.get_env ()), "A=1|B");
    assert_text (string.joinv ("|", spec.get_after ()), "x|y");
    assert_true (spec.get_allow_failure ());
    assert_true (spec.get_timeout () == 5 * SECOND);
    assert_true (spec.get_grace_period () == 2);
}

void check_defaults (ProcessGLib.RunSpec spec) {
    assert_true (spec.name == null && spec.command == null && spec.cwd == null);
    assert_true (spec.args.length == 0 && spec.env.length == 0 && spec.after.length == 0);
    assert_true (!spec.allow_failure && spec.timeout == 0 && spec.grace_period == 0);
}

ProcessGLib.RunSpec make_full_spec () {
    return new ProcessGLib.RunSpec ("build", "sh", {"-c", "é"}) {
        cwd = "/",
        env = {"A=1", "B"},
        after = {"x", "y"},
        allow_failure = true,
        timeout = 5 * SECOND,
        grace_period = 2
    };
}

void test_spec () throws Error {
    check_defaults (new ProcessGLib.RunSpec (null, null, null));
    var spec = make_full_spec ();
    check_values (spec);

    var notified = "";
    var handler = spec.notify.connect ((source, pspec) => notified += pspec.name + " ");
    for (var i = 0; i < 2; i++) {
        spec.set_name (null);
        spec.set_command (null);
        spec.set_args (null);
        spec.set_cwd (null);
        spec.set_env (null);
        spec.set_after (null);
        spec.set_allow_failure (false);
        spec.set_timeout (0);
        spec.set_grace_period (0);
    }
    check_defaults (spec);
    assert_text (notified, "name command args cwd env after allow-failure timeout grace-period ");
    spec.name = "build";
    spec.command = "sh";
    spec.args = {"-c", "é"};
    spec.cwd = "/";
    spec.env = {"A=1", "B"};
    spec.after = {"x", "y"};
    spec.allow_failure = true;
    spec.timeout = 5 * SECOND;
    spec.grace_period = 2;
    check_values (spec);
    spec.disconnect (handler);
}

void test_spec_binding () throws Error {
    var spec = make_spec ("a");
    var label = new Label ();
    spec.bind_property ("name", label, "text",
                        BindingFlags.SYNC_CREATE | BindingFlags.BIDIRECTIONAL);
    assert_text (label.text, "a");
    spec.name = "b";
    assert_text (label.text, "b");
    label.text = "c";
    assert_text (spec.name, "c");
}

// JSON

const string TEXT =
    """[{"name": "a", "command": "b"}, {"name": "c", "command": "d", "after": ["a"]}]""";
const string SUMMARY = "a b  c d a ";

string summary (GenericArray<weak ProcessGLib.RunSpec> specs) {
    var text = "";
    foreach (unowned var spec in specs) {
        text += @"$(spec.name) $(spec.command) $(string.joinv ("|", spec.after)) ";
    }
    return text;
}

void test_json () throws Error {
    var specs = ProcessGLib.RunSpec.list_from_json ("""[{"name": "build", "command": "sh",
        "args": ["-c", "é"], "dir": "/", "env": ["A=1", "B"], "after": ["x", "y"],
        "allowFailure": true, "timeout": 5000000000, "gracePeriod": 1001}]""");
    assert_cmpint (specs.length, CompareOperator.EQ, 1);
    check_values (specs[0]);
    assert_text (summary (ProcessGLib.RunSpec.list_from_json (TEXT)), SUMMARY);
    assert_text (summary (ProcessGLib.RunSpec.list_from_json (@"{\"specs\": $TEXT}")), SUMMARY);
    assert_cmpint (ProcessGLib.RunSpec.list_from_json ("[]").length, CompareOperator.EQ, 0);
}

// Results tell of their specs, also when nothing was run.
void test_json_and_back () throws Error {
    var cancelled = new Cancellable ();
    cancelled.cancel ();
    var service = new ProcessGLib.Service ();
    var all = new ProcessGLib.Runner (service).run_all (
        {make_full_spec (), new ProcessGLib.RunSpec ("plain “ü”\n", "c", null)}, cancelled);
    var json = all.to_json ();
    var written = "";
    // A spec ends where the exit code begins.
    foreach (var part in json.split ("\"spec\":")) {
        var end = part.index_of (",\"exitCode\"");
        if (end > 0) {
            written += (written == "" ? "" : ",") + part.substring (0, end);
        }
    }
    var specs = ProcessGLib.RunSpec.list_from_json (@"[$written]");
    assert_cmpint (specs.length, CompareOperator.EQ, 2);
    check_values (specs[0]);
    assert_text (specs[1].name, "plain “ü”\n");
    specs[1].name = null;
    assert_text (specs[1].command, "c");
    specs[1].command = null;
    check_defaults (specs[1]);
}

void test_bad_json () throws Error {
    string[] texts = {
        "[\n{\"name\": \"a\"\n\"command\": \"b\"}]", "Line 3 ",
        "", "Line 1 ",
        "3", "neither an array of specs nor an object",
        """{"specs": [], "jobs": 3}""", "The key “jobs” beside “specs” is unknown",
        "[3]", "Spec 1 is not an object",
        """[{"name": "a"}]""", "The key “command” of spec 1 (“a”) is missing",
        """[{"name": "a", "command": "b"}, {"name": "c", "command": "d", "cwd": "/"}]""",
        "The key “cwd” of spec 2 (“c”) is unknown",
        """[{"name": "a", "command": "b", "args": "c"}]""", "The key “args” of spec 1",
        """[{"name": "a", "command": "b", "timeout": -1}]""", "The key “timeout” of spec 1",
        """[{"name": "a", "name": "b"}]""", "is there more than once"
    };
    for (var i = 0; i < texts.length; i += 2) {
        var error = fails (() => ProcessGLib.RunSpec.list_from_json (texts[i]));
        assert_true (error is ProcessGLib.Error.INVALID_ARGUMENT);
        assert_true (texts[i + 1] in error.message);
    }
}

async string read_specs (File file, Cancellable? cancellable) throws Error {
    return summary (yield ProcessGLib.RunSpec.list_from_file_async (file, cancellable));
}

string load (bool blocking, File file, Cancellable? cancellable = null) throws Error {
    if (blocking) {
        return summary (ProcessGLib.RunSpec.list_from_file (file, cancellable));
    }
    AsyncResult? ended = null;
    read_specs.begin (file, cancellable, (source, result) => ended = result);
    assert_true (wait_until (() => ended != null));
    return read_specs.end (ended);
}

void test_file (bool blocking) throws Error {
    var folder = new Folder ();
    var cancelled = new Cancellable ();
    cancelled.cancel ();
    var good = File.new_for_path (folder.path + "/good");
    FileUtils.set_contents (good.get_path (), TEXT);
    var bad = File.new_for_path (folder.path + "/bad");
    FileUtils.set_contents (bad.get_path (), "[\n}");
    assert_text (load (blocking, good), SUMMARY);
    var error = fails (() => load (blocking, bad));
    assert_true (error is ProcessGLib.Error.INVALID_ARGUMENT);
    assert_true (@"“$(folder.path)/bad”: Line 2 " in error.message);
    assert_true (fails (() => load (blocking, File.new_for_path (folder.path + "/gone")))
                 is IOError.NOT_FOUND);
    assert_true (fails (() => load (blocking, good, cancelled)) is IOError.CANCELLED);
}

// Results

void test_result (bool blocking) throws Error {
    var spec = make_spec ("a", "echo \"$(pwd) $A ${HOME-homeless}\"; cat; "
                          + "echo err >&2; printf '\\377'; exit 3");
    spec.cwd = "/";
    spec.env = {"A=b", "HOME"};
    var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
    var all = perform (blocking, runner, Mode.ALL, {spec});
    var result = get_result (all, 0);
    assert_text (result.name, "a");
    assert_text (result.get_name (), "a");
    assert_true (result.spec == spec && result.get_spec () == spec);
    assert_true (result.exit_code == 3 && result.get_exit_code () == 3);
    assert_cmpint (result.process.exit_code, CompareOperator.EQ, 3);
    assert_true (result.get_process () == result.process);
    assert_true (result.duration > 0 && result.duration == result.process.duration);
    assert_true (result.get_duration () == result.duration && result.duration <= all.duration);
    assert_true ("/ b homeless\n" in result.output);
    assert_true ("err\n" in result.output && "\xef\xbf\xbd" in result.output);
    assert_text (result.get_output (), result.output);
    // A code of its own choice is no error.
    assert_true (result.error == null && result.get_error () == null);
    assert_false (result.skipped || result.get_skipped ());
    assert_false (result.passed || result.get_passed ());
}

void test_passed () throws Error {
    int[] codes = {0, 1, -1};
    Error?[] errors = {null, new ProcessGLib.Error.TIMED_OUT ("why")};
    foreach (var code in codes) {
        foreach (unowned var error in errors) {
            for (var skipped = 0; skipped < 2; skipped++) {
                var result = Object.new (typeof (ProcessGLib.RunResult), "name", "a", "exit-code",
                                         code, "error", error, "skipped", skipped)
                             as ProcessGLib.RunResult;
                assert_true (result.passed == (code == 0 && error == null && skipped == 0));
                assert_true (result.get_passed () == result.passed);
            }
        }
    }
    var empty = Object.new (typeof (ProcessGLib.RunResult)) as ProcessGLib.RunResult;
    assert_true (empty.name == null && empty.spec == null && empty.process == null);
    assert_text (empty.output, "");
}

void test_results_stay () throws Error {
    var all = new ProcessGLib.Runner (new ProcessGLib.Service ()).run_all (
        {make_spec ("a", "echo text")});
    var result = get_result (all, 0);
    var label = new Label ();
    result.bind_property ("output", label, "text", BindingFlags.SYNC_CREATE);
    result.bind_property ("passed", label, "passed", BindingFlags.SYNC_CREATE);
    assert_text (label.text, "text\n");
    assert_true (label.passed);
    assert_text (result.process.get_output (), "text\n");
}

void test_all_result () throws Error {
    ListModel model = new ProcessGLib.Runner (new ProcessGLib.Service ()).run_all ({
        make_spec ("c", "true", {"a"}), make_spec ("a", "exit 1"), make_spec ("b")
    });
    var all = model as ProcessGLib.RunAllResult;
    assert_true (model.get_item_type () == typeof (ProcessGLib.RunResult));
    assert_true (all.item_type == typeof (ProcessGLib.RunResult));
    assert_true (model.get_n_items () == 3 && all.n_items == 3);
    assert_text (outcomes (all), "c=0/ a=1 b=0 ");
    assert_true (model.get_item (1) == model.get_item (1));
    assert_null (model.get_item (3));
    assert_true (all.n_passed == 1 && all.get_n_passed () == 1);
    assert_true (all.n_failed == 1 && all.get_n_failed () == 1);
    assert_true (all.n_skipped == 1 && all.get_n_skipped () == 1);
    assert_false (all.success || all.get_success ());
    assert_true (all.duration > 0 && all.get_duration () == all.duration);
    var json = all.to_json ();
    assert_true (json.has_prefix ("{\"results\":[{\"name\":\"c\",\"spec\":{\"name\":\"c\","));
    assert_true ("\"exitCode\":1," in json);
    assert_true (json.has_suffix (@"\"duration\":$(1000 * all.duration),\"passed\":1,\"failed\":1,"
                                  + "\"skipped\":1}"));
}

void test_empty (bool blocking) throws Error {
    foreach (var mode in MODES) {
        var runner = new ProcessGLib.Runner (new ProcessGLib.Service ());
        var all = perform (blocking, runner, mode, {});
        assert_true (all.n_items == 0 && all.success && runner.progress == 1);
        assert_text (counts (all), "0 0 0");
    }
}

int main (string[] args) {
    init (ref args);
    add ("/vala/specs/spec", test_spec);
    add ("/vala/specs/spec-binding", test_spec_binding);
    add ("/vala/specs/json", test_json);
    add ("/vala/specs/json-and-back", test_json_and_back);
    add ("/vala/specs/bad-json", test_bad_json);
    add_both ("/vala/specs/file", test_file);
    add_both ("/vala/specs/result", test_result);
    add ("/vala/specs/passed", test_passed);
    add ("/vala/specs/results-stay", test_results_stay);
    add ("/vala/specs/all-result", test_all_result);
    add_both ("/vala/specs/empty", test_empty);
    return Test.run ();
}
