// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Runs five commands, each as soon as those that it needs are done.

ProcessGLib.RunSpec make_spec (string folder, string name, string script, string[] after = {}) {
  return new ProcessGLib.RunSpec (name, "sh", { "-c", script }) { cwd = folder, after = after };
}

async void run_specs () throws Error {
  var folder = DirUtils.make_tmp ("pipeline-XXXXXX");
  ProcessGLib.RunSpec[] specs = {
    make_spec (folder, "fetch", "seq 100000 > data"),
    make_spec (folder, "compress", "gzip --keep data", { "fetch" }),
    make_spec (folder, "sum", "sha256sum data > data.sum", { "fetch" }),
    make_spec (folder, "check", "gunzip --stdout data.gz | cmp - data && sha256sum -c data.sum",
               { "compress", "sum" }),
    make_spec (folder, "clean", "rm -r \"$PWD\"", { "check" }),
  };
  specs[3].allow_failure = true;

  var runner = new ProcessGLib.Runner (new ProcessGLib.Service ()) {
    max_parallel = get_num_processors ()
  };
  runner.spec_finished.connect ((result) => {
    if (result.passed)
      print ("%s passed\n", result.name);
    else if (result.error != null)
      print ("%s: %s\n", result.name, result.error.message);
    else
      print ("%s ended with %d:\n%s", result.name, result.exit_code, result.output);
  });

  var result = yield runner.run_all_async (specs);
  print ("%u passed, %u failed, %u skipped\n", result.n_passed, result.n_failed, result.n_skipped);
}

void main () {
  var loop = new MainLoop ();
  run_specs.begin ((object, result) => {
    try {
      run_specs.end (result);
    } catch (Error e) {
      error ("%s", e.message);
    }
    loop.quit ();
  });
  loop.run ();
}
