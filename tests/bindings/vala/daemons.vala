// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the tests of daemons share.
namespace Daemons {

using Support;

public const int64 LONG = 20000000;
public const string WHY = "The check failed without an error";

public ProcessGLib.HealthServer make_server (string address = "0") throws Error {
    var server = new ProcessGLib.HealthServer (address);
    assert_true (server.start ());
    return server;
}

// All that comes back, by a connection of a thread's own.
string request (string address, string text) throws Error {
    SocketConnectable target;
    if (address.has_prefix ("unix:")) {
        target = new UnixSocketAddress (address.substring ("unix:".length));
    } else {
        target = NetworkAddress.parse (address, 0);
    }
    var client = new SocketClient () { enable_proxy = false, timeout = 20 };
    var connection = client.connect (target);
    connection.output_stream.write_all (text.data, null);
    var answer = new StringBuilder ();
    var buffer = new uint8[4096];
    ssize_t length;
    while ((length = connection.input_stream.read (buffer)) > 0) {
        answer.append_len ((string) buffer, length);
    }
    connection.close ();
    return answer.str;
}

// A request of a thread: the status and the text, or an error. The main context goes on meanwhile.
public class Question {
    public string answer = "";
    public Error? error = null;
    public bool answered = false;
    Thread<bool> thread;

    public Question (string address, string path = "/health", string headers = "") {
        var text = @"GET $path HTTP/1.0\r\n$headers\r\n";
        thread = new Thread<bool> ("client", () => {
            try {
                var all = request (address, text);
                var end = all.index_of ("\r\n\r\n");
                if (end > 0) {
                    answer = all.split (" ")[1] + " " + all.substring (end + 4);
                }
            } catch (Error e) {
                error = e;
            }
            answered = true;
            return true;
        });
    }

    public string wait () {
        assert_true (wait_until (() => answered));
        thread.join ();
        return answer;
    }
}

public string ask (string address, string path = "/health", string headers = "") {
    return new Question (address, path, headers).wait ();
}

public void assert_healthy (string address) {
    assert_text (ask (address), "200 ok\n");
}

public void assert_unhealthy (string address, string text) {
    assert_text (ask (address), @"503 unhealthy: $text\n");
}

public void assert_down (string address) {
    var question = new Question (address);
    assert_text (question.wait (), "");
    assert_true (question.error != null);
}

public delegate void Call ();

// Calls it in a later turn of the main loop.
public void later (owned Call call) {
    Idle.add (() => {
        call ();
        return Source.REMOVE;
    });
}

void remove_below (string path) {
    foreach (var name in names_in (path)) {
        var child = @"$path/$name";
        if (FileUtils.test (child, FileTest.IS_DIR)) {
            remove_below (child);
            DirUtils.remove (child);
        } else {
            FileUtils.unlink (child);
        }
    }
}

// A folder of its own that may have folders in it.
public class DeepFolder : Folder {
    public DeepFolder () throws Error {
        base ();
    }

    ~DeepFolder () {
        remove_below (path);
    }
}

}
