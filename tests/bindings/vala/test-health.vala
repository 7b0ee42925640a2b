// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The health server, its checks, and probes.

using Daemons;
using Support;

// Servers

void test_properties () throws Error {
    var server = new ProcessGLib.HealthServer ("9");
    assert_text (server.address, "9");
    assert_text (server.get_address (), "9");
    assert_true (server.ready && server.get_ready ());
    assert_false (server.running || server.get_running ());
    assert_false (new ProcessGLib.HealthServer ("0") { ready = false }.ready);
}

void test_start_and_stop () throws Error {
    var server = new ProcessGLib.HealthServer ("0");
    var notified = "";
    ulong[] handlers = {
        server.notify["address"].connect (() => notified += "address "),
        server.notify["running"].connect (() => notified += "running "),
        server.notify["ready"].connect (() => notified += "ready ")
    };
    assert_true (server.start ());
    assert_true (server.running && server.get_running ());
    var address = server.address;
    assert_true (Regex.match_simple ("^127\\.0\\.0\\.1:[1-9][0-9]*$", address));
    assert_healthy (address);
    var error = fails (() => server.start ());
    assert_true (error is ProcessGLib.Error.ALREADY_RUNNING && address in error.message);
    server.stop ();
    server.stop ();
    assert_false (server.running);
    assert_text (server.get_address (), "0");
    assert_text (notified, "address running address running ");
    assert_down (address);
    server.set_ready (false);
    server.stop ();
    assert_true (server.start ());
    assert_false (server.ready);
    server.ready = true;
    assert_healthy (server.address);
    server.stop ();
    foreach (var handler in handlers) {
        server.disconnect (handler);
    }
}

void test_ready () throws Error {
    var server = make_server ();
    var other = new ProcessGLib.HealthServer ("0");
    server.bind_property ("ready", other, "ready", BindingFlags.DEFAULT);
    assert_text (ask (server.address, "/ready"), "200 ready\n");
    server.ready = false;
    assert_text (ask (server.address, "/readyz"), "503 not ready\n");
    assert_false (other.get_ready ());
    assert_healthy (server.address);
    server.set_ready (true);
    assert_text (ask (server.address, "/readyz"), "200 ready\n");
    server.stop ();
}

void test_addresses () throws Error {
    foreach (var address in new string[] {"0", ":0", "127.0.0.1:0", "localhost:0"}) {
        var server = make_server (address);
        assert_healthy (server.address);
        server.stop ();
    }
    var every = make_server ("*:0");
    assert_true (every.address.has_prefix ("*:"));
    assert_healthy ("127.0.0.1" + every.address.substring (1));
    every.stop ();
    var folder = new Folder ();
    var local = make_server (@"unix:$(folder.path)/socket");
    assert_text (local.address, @"unix:$(folder.path)/socket");
    assert_healthy (local.address);
    assert_true (fails (() => make_server (local.address)) is IOError.ADDRESS_IN_USE);
    local.stop ();
    assert_cmpint (names_in (folder.path).length, CompareOperator.EQ, 0);
}

void test_bad_addresses () throws Error {
    string[] bad = {"", "nowhere", "65536", "1:2:3", "127.0.0.1", "[::1]", "unix:", "a b:1", "-1"};
    foreach (var address in bad) {
        var server = new ProcessGLib.HealthServer (address);
        var error = fails (() => server.start ());
        assert_true (error is ProcessGLib.Error.INVALID_ARGUMENT);
        assert_true (@"“$address”" in error.message);
        assert_false (server.running);
    }
    var server = make_server ();
    assert_true (fails (() => make_server (server.address)) is IOError.ADDRESS_IN_USE);
    server.stop ();
}

void test_requests () throws Error {
    var server = make_server ();
    foreach (var path in new string[] {"/health", "/livez"}) {
        assert_text (ask (server.address, path), "200 ok\n");
    }
    assert_true (ask (server.address, "/nothing").has_prefix ("404 "));
    assert_true (ask (server.address, "/health", "Host: evil.example\r\n").has_prefix ("421 "));
    server.set_status ("db", true, null);
    var json = ask (server.address, "/health", "Accept: application/health+json\r\n");
    assert_true (json.has_prefix ("200 ") && "\"pass\"" in json && "\"db" in json);
    server.stop ();
}

// Checks

void test_checks () throws Error {
    var server = make_server ();
    var healthy = true;
    var id = server.add_check ("db", () => {
        if (!healthy) {
            throw new IOError.NOT_CONNECTED ("no\nconnection");
        }
        return true;
    });
    assert_cmpuint (id, CompareOperator.GT, 0);
    assert_healthy (server.address);
    healthy = false;
    assert_unhealthy (server.address, "db: no connection");
    var second = server.add_check ("disk", () => false);
    assert_text (ask (server.address, "/livez?verbose"), "503 [-]db failed: no connection\n" +
                 @"[-]disk failed: $WHY\nunhealthy: db: no connection\n");
    assert_text (ask (server.address, "/health?exclude=db&exclude=disk"), "200 ok\n");
    server.remove_check (id);
    assert_unhealthy (server.address, @"disk: $WHY");
    server.remove_check (second);
    assert_healthy (server.address);
    server.stop ();
}

void test_typed_errors () throws Error {
    var server = make_server ();
    server.add_check ("a", () => {
        throw new ProcessGLib.Error.UNHEALTHY ("“it” is bad");
    });
    server.add_check ("b", is_never_good);
    assert_text (ask (server.address, "/health?verbose"), "503 [-]a failed: “it” is bad\n" +
                 "[-]b failed: never\nunhealthy: a: “it” is bad\n");
    server.clear_checks ();
    assert_text (ask (server.address, "/health?verbose"), "200 ok\n");
    server.stop ();
}

bool is_never_good () throws Error {
    throw new IOError.FAILED ("never");
}

void test_names () throws Error {
    var server = new ProcessGLib.HealthServer ("0");
    server.add_check ("a", () => true);
    foreach (var name in new string[] {"", "a"}) {
        assert_true (fails (() => server.add_check (name, () => true))
                     is ProcessGLib.Error.INVALID_ARGUMENT);
        assert_true (fails (() => server.add_async_check (name, (source, task) => {}, 0))
                     is ProcessGLib.Error.INVALID_ARGUMENT);
    }
    server.clear_checks ();
    server.add_check ("a", () => true);
}

void test_status () throws Error {
    var server = make_server ();
    var id = server.set_status ("queue", false, "It is full");
    assert_unhealthy (server.address, "queue: It is full");
    assert_true (server.set_status ("queue", false, null) == id);
    assert_unhealthy (server.address, "queue: No reason was given");
    server.set_status ("queue", true, null);
    assert_healthy (server.address);
    server.remove_check (id);
    server.stop ();
}

// What a function of a check keeps.
class Held : Object {
    public static int alive = 0;

    construct {
        alive++;
    }

    ~Held () {
        alive--;
    }

    public bool check () throws Error {
        return true;
    }

    public void begin (ProcessGLib.HealthServer server, Task task) {
        task.return_boolean (true);
    }
}

uint add_held (ProcessGLib.HealthServer server, string name, bool later) throws Error {
    var held = new Held ();
    if (later) {
        return server.add_async_check (name, (source, task) => held.begin (source, task), 0);
    }
    return server.add_check (name, () => held.check ());
}

void test_release () throws Error {
    var server = make_server ();
    uint[] ids = {add_held (server, "a", false), add_held (server, "b", true)};
    add_held (server, "c", false);
    add_held (server, "d", true);
    assert_healthy (server.address);
    assert_cmpint (Held.alive, CompareOperator.EQ, 4);
    foreach (var id in ids) {
        server.remove_check (id);
    }
    assert_true (wait_until (() => Held.alive == 2));
    server.set_status ("c", true, null);
    assert_true (wait_until (() => Held.alive == 1));
    fails (() => add_held (server, "c", false));
    assert_true (wait_until (() => Held.alive == 1));
    server.clear_checks ();
    assert_true (wait_until (() => Held.alive == 0));
    add_held (server, "a", true);
    var address = server.address;
    server = null;
    assert_true (wait_until (() => Held.alive == 0));
    assert_down (address);
}

// Checks that are given a task

void answer (Task task, int which) {
    switch (which) {
    case 0:
        task.return_boolean (true);
        break;
    case 1:
        task.return_boolean (false);
        break;
    default:
        task.return_error (new IOError.BUSY ("refused"));
        break;
    }
}

void test_answers () throws Error {
    string[] expected = {"200 ok\n", @"503 unhealthy: a: $WHY\n", "503 unhealthy: a: refused\n"};
    var server = make_server ();
    for (var i = 0; i < 9; i++) {
        var which = i % 3;
        var when = i / 3;
        var id = server.add_async_check ("a", (source, task) => {
            assert_true (task.get_source_object () == source);
            assert_nonnull (task.get_cancellable ());
            if (when == 0) {
                answer (task, which);
            } else if (when == 1) {
                later (() => answer (task, which));
            } else {
                new Thread<bool> ("answer", () => {
                    answer (task, which);
                    return true;
                });
            }
        }, LONG);
        assert_text (ask (server.address), expected[which]);
        server.remove_check (id);
    }
    server.stop ();
}

void test_without_an_answer () throws Error {
    var server = make_server ();
    Task? kept = null;
    server.add_async_check ("a", (source, task) => kept = task, SECOND / 20);
    assert_unhealthy (server.address, "a: No answer within 0.05 s");
    assert_true (kept.get_cancellable ().is_cancelled ());
    kept.return_boolean (true);
    kept = null;
    assert_unhealthy (server.address, "a: No answer within 0.05 s");
    kept = null;
    server.clear_checks ();
    server.stop ();
}

void test_waits_for_nobody () throws Error {
    var server = make_server ();
    Task? kept = null;
    server.add_async_check ("a", (source, task) => kept = task, LONG);
    var question = new Question (server.address);
    assert_true (wait_until (() => kept != null));
    assert_text (ask (server.address, "/ready"), "200 ready\n");
    assert_text (ask (server.address, "/health?exclude=a"), "200 ok\n");
    assert_false (question.answered);
    kept.return_boolean (true);
    kept = null;
    assert_text (question.wait (), "200 ok\n");
    server.clear_checks ();
    server.stop ();
}

async void check_file (string path, Task task) {
    try {
        uint8[] contents;
        yield File.new_for_path (path).load_contents_async (task.get_cancellable (),
                                                            out contents, null);
        task.return_boolean (true);
    } catch (Error e) {
        task.return_error (e);
    }
}

void test_async_method () throws Error {
    var folder = new Folder ();
    var path = folder.path + "/file";
    var server = make_server ();
    server.add_async_check ("file", (source, task) => check_file.begin (path, task), LONG);
    var text = ask (server.address);
    assert_true (text.has_prefix ("503 unhealthy: file: ") && path in text);
    FileUtils.set_contents (path, "x");
    assert_healthy (server.address);
    server.stop ();
}

// Draining

async bool drain (ProcessGLib.HealthServer server, int64 timeout) throws Error {
    return yield server.drain_async (timeout);
}

void test_drain () throws Error {
    var server = make_server ();
    Task? kept = null;
    var ended = 0;
    server.add_async_check ("a", (source, task) => kept = task, LONG);
    var question = new Question (server.address);
    assert_true (wait_until (() => kept != null));
    drain.begin (server, -1, (source, result) => {
        try {
            assert_true (drain.end (result));
        } catch (Error e) {
            error ("%s", e.message);
        }
        ended++;
    });
    assert_true (server.running);
    kept.return_boolean (true);
    kept = null;
    assert_true (wait_until (() => ended == 1));
    assert_text (question.wait (), "200 ok\n");
    assert_false (server.running);

    server.start ();
    question = new Question (server.address);
    assert_true (wait_until (() => kept != null));
    drain.begin (server, SECOND / 20, (source, result) => {
        assert_true (fails (() => drain.end (result)) is ProcessGLib.Error.TIMED_OUT);
        ended++;
    });
    assert_true (wait_until (() => ended == 2));
    kept = null;
    assert_text (question.wait (), "");
    server.clear_checks ();
}

// Probes

enum Probe { HEALTH, READY, WAIT_FOR_HEALTH, WAIT_FOR_READY }

const Probe[] PROBES = {
    Probe.HEALTH, Probe.READY, Probe.WAIT_FOR_HEALTH, Probe.WAIT_FOR_READY
};

bool probe_blocking (Probe probe, string address, int64 timeout,
                     Cancellable? cancellable) throws Error {
    switch (probe) {
    case Probe.HEALTH:
        return ProcessGLib.probe_health (address, timeout, cancellable);
    case Probe.READY:
        return ProcessGLib.probe_ready (address, timeout, cancellable);
    case Probe.WAIT_FOR_HEALTH:
        return ProcessGLib.wait_for_health (address, timeout, cancellable);
    default:
        return ProcessGLib.wait_for_ready (address, timeout, cancellable);
    }
}

// Not in an async method of our own: valac would make a task for it that looks at the cancellable
// itself, while who only waits has a result.
void begin (Probe probe, string address, int64 timeout, Cancellable? cancellable,
            AsyncReadyCallback callback) {
    switch (probe) {
    case Probe.HEALTH:
        ProcessGLib.probe_health_async.begin (address, timeout, cancellable, callback);
        break;
    case Probe.READY:
        ProcessGLib.probe_ready_async.begin (address, timeout, cancellable, callback);
        break;
    case Probe.WAIT_FOR_HEALTH:
        ProcessGLib.wait_for_health_async.begin (address, timeout, cancellable, callback);
        break;
    default:
        ProcessGLib.wait_for_ready_async.begin (address, timeout, cancellable, callback);
        break;
    }
}

bool end (Probe probe, AsyncResult result) throws Error {
    switch (probe) {
    case Probe.HEALTH:
        return ProcessGLib.probe_health_async.end (result);
    case Probe.READY:
        return ProcessGLib.probe_ready_async.end (result);
    case Probe.WAIT_FOR_HEALTH:
        return ProcessGLib.wait_for_health_async.end (result);
    default:
        return ProcessGLib.wait_for_ready_async.end (result);
    }
}

// In the context that is the server's as well, or in a thread where it may block.
bool perform (bool blocking, Probe probe, string address, int64 timeout,
              Cancellable? cancellable = null) throws Error {
    if (!blocking) {
        AsyncResult? ended = null;
        begin (probe, address, timeout, cancellable, (source, result) => ended = result);
        assert_null (ended);
        assert_true (wait_until (() => ended != null));
        return end (probe, ended);
    }

    var done = false;
    var outcome = false;
    Error? failure = null;
    var thread = new Thread<bool> ("probe", () => {
        try {
            outcome = probe_blocking (probe, address, timeout, cancellable);
        } catch (Error e) {
            failure = e;
        }
        done = true;
        return true;
    });
    assert_true (wait_until (() => done));
    thread.join ();
    if (failure != null) {
        throw failure.copy ();
    }
    return outcome;
}

async string ask_all (string address) throws Error {
    var text = "";
    text += (yield ProcessGLib.probe_health_async (address, LONG)) ? "a" : "-";
    text += (yield ProcessGLib.wait_for_health_async (address, LONG, null)) ? "b" : "-";
    text += (yield ProcessGLib.wait_for_ready_async ("nonsense", LONG)) ? "c" : "-";
    try {
        yield ProcessGLib.probe_ready_async (address, 0);
    } catch (ProcessGLib.Error.UNHEALTHY e) {
        text += "d";
    }
    return text;
}

void test_yield () throws Error {
    var server = make_server ();
    server.ready = false;
    string? text = null;
    ask_all.begin (server.address, (source, result) => {
        try {
            text = ask_all.end (result);
        } catch (Error e) {
            text = e.message;
        }
    });
    assert_true (wait_until (() => text != null));
    assert_text (text, "ab-d");
    server.stop ();
}

void test_probes (bool blocking) throws Error {
    var server = make_server ();
    foreach (var probe in PROBES) {
        assert_true (perform (blocking, probe, server.address, 0));
        assert_true (perform (blocking, probe, server.address, LONG));
    }
    server.set_status ("db", false, "is “gone”");
    server.ready = false;
    foreach (var probe in PROBES[2:4]) {
        assert_false (perform (blocking, probe, server.address, SECOND / 20));
        assert_false (perform (blocking, probe, "nonsense", LONG));
    }
    var error = fails (() => perform (blocking, Probe.HEALTH, server.address, 0));
    assert_true (error is ProcessGLib.Error.UNHEALTHY && "db: is “gone”" in error.message);
    error = fails (() => perform (blocking, Probe.READY, server.address, SECOND / 20));
    assert_true (error is ProcessGLib.Error.UNHEALTHY && "not ready" in error.message);
    server.stop ();
    foreach (var probe in PROBES[0:2]) {
        error = fails (() => perform (blocking, probe, "127.0.0.1:1", 0));
        assert_true (error is ProcessGLib.Error.TIMED_OUT && "“127.0.0.1:1”" in error.message);
        error = fails (() => perform (blocking, probe, "nonsense", LONG));
        assert_true (error is ProcessGLib.Error.INVALID_ARGUMENT);
    }
}

void test_cancelled_probes (bool blocking) throws Error {
    var server = make_server ();
    server.ready = false;
    var cancellable = new Cancellable ();
    later (() => cancellable.cancel ());
    assert_true (fails (() => perform (blocking, Probe.READY, server.address, LONG, cancellable))
                 is IOError.CANCELLED);
    assert_false (perform (blocking, Probe.WAIT_FOR_READY, server.address, LONG, cancellable));
    server.stop ();
}

void test_becomes_good (bool blocking) throws Error {
    var server = make_server ();
    var asked = 0;
    server.add_check ("a", () => ++asked == 3);
    assert_true (perform (blocking, Probe.HEALTH, server.address, LONG));
    assert_cmpint (asked, CompareOperator.EQ, 3);
    server.stop ();
}

int main (string[] args) {
    init (ref args);
    add ("/vala/health/properties", test_properties);
    add ("/vala/health/start-and-stop", test_start_and_stop);
    add ("/vala/health/ready", test_ready);
    add ("/vala/health/addresses", test_addresses);
    add ("/vala/health/bad-addresses", test_bad_addresses);
    add ("/vala/health/requests", test_requests);
    add ("/vala/health/checks", test_checks);
    add ("/vala/health/typed-errors", test_typed_errors);
    add ("/vala/health/names", test_names);
    add ("/vala/health/status", test_status);
    add ("/vala/health/release", test_release);
    add ("/vala/health/answers", test_answers);
    add ("/vala/health/without-an-answer", test_without_an_answer);
    add ("/vala/health/waits-for-nobody", test_waits_for_nobody);
    add ("/vala/health/async-method", test_async_method);
    add ("/vala/health/drain", test_drain);
    add_both ("/vala/health/probes", test_probes);
    add_both ("/vala/health/cancelled-probes", test_cancelled_probes);
    add_both ("/vala/health/becomes-good", test_becomes_good);
    add ("/vala/health/yield", test_yield);
    return Test.run ();
}
