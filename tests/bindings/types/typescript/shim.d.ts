// SPDX-FileCopyrightText: 2026 The process-glib authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// What the samples use of the @girs packages, so that nothing has to be fetched.

declare module 'gi://GLib?version=2.0' {
    namespace GLib {
        const USEC_PER_SEC: number;
        class Bytes {
            constructor(data?: Uint8Array | null);
            toArray(): Uint8Array;
        }
        class DateTime {
            to_unix(): number;
        }
        class Error {
            constructor(options: {message: string, code: number});
            message: string;
            code: number;
        }
        class Variant {
            print(annotate: boolean): string;
        }
    }
    export default GLib;
}

declare module 'gi://GObject?version=2.0' {
    namespace GObject {
        type GType<T = unknown> = {__type__(argument: never): T} & {name: string};
        class ParamSpec {
            name: string;
        }
        class Object {
            connect(signal: string, callback: (...args: any[]) => any): number;
            disconnect(id: number): void;
        }
    }
    export default GObject;
}

declare module 'gi://Gio?version=2.0' {
    import GLib from 'gi://GLib?version=2.0';
    import GObject from 'gi://GObject?version=2.0';

    namespace Gio {
        interface ActionGroup extends GObject.Object {
            activate_action(name: string, parameter: GLib.Variant | null): void;
        }
        interface AsyncResult extends GObject.Object {
            get_source_object(): GObject.Object | null;
        }
        class Cancellable extends GObject.Object {
            cancel(): void;
        }
        interface File extends GObject.Object {
            get_path(): string | null;
        }
        const File: {new_for_path(path: string): File};
        interface ListModel<A extends GObject.Object = GObject.Object> extends GObject.Object {
            get_item(position: number): A | null;
            get_n_items(): number;
        }
        class Task extends GObject.Object {
            return_boolean(result: boolean): void;
        }
    }
    export default Gio;
}
