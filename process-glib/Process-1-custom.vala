// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What foreach needs in Vala. It is compiled into the programs that use it.
namespace ProcessGLib {
    // The items of a list when foreach began. The C type is one of GLib's that owns its items,
    // and hands them out in their order.
    [Compact]
    [CCode (cname = "GAsyncQueue", ref_function = "g_async_queue_ref",
            unref_function = "g_async_queue_unref")]
    public class Iterator<G> {
        [CCode (cname = "g_async_queue_new_full", simple_generics = true)]
        public Iterator ();
        [CCode (cname = "g_async_queue_push")]
        public void add (owned G item);
        [CCode (cname = "g_async_queue_length")]
        public int get_length ();
        public bool next () {
            return get_length () > 0;
        }
        [CCode (cname = "g_async_queue_try_pop")]
        public G get ();
    }

    // vapigen cannot write every statement: loops but foreach come out wrong, and so do calls that
    // throw and are no initializers.
    public sealed class Registry : GLib.Object {
        public Iterator<DaemonEntry> iterator () throws GLib.Error {
            var items = new Iterator<DaemonEntry> ();
            var listed = list ();
            foreach (var item in listed) {
                items.add (item);
            }
            return items;
        }
    }

    public sealed class RunAllResult : GLib.Object {
        public int size {
            [CCode (cname = "process_run_all_result_get_n_items")]
            get;
        }
        public RunResult get (uint index) {
            return (RunResult) get_item (index);
        }
    }

    public sealed class Service : GLib.Object {
        public Iterator<ManagedProcess> iterator () {
            var items = new Iterator<ManagedProcess> ();
            foreach (var item in list ()) {
                items.add (item);
            }
            return items;
        }
    }
}
