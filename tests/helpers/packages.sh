# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Read by tests/run and docs/quickstart. need KIND NAME PACKAGE notes what is missing, and
# install_missing installs it (root on Debian and what descends from it), or names it and fails.
# KIND is one of: command, module (of pkg-config), include (of the C compiler), python (a module),
# typelib (NAME-VERSION, for Python).

# shellcheck shell=sh

missing_packages=
missing_names=

has ()
{
  case $1 in
    command) command -v "$2" ;;
    module) pkg-config --exists "$2" ;;
    include) echo "#include <$2>" | cc -E - ;;
    python) python_with "$2" ;;
    typelib) python_with "gi; gi.require_version('${2%-*}', '${2##*-}')" ;;
  esac >/dev/null 2>&1
}

# The Python that the distribution's modules are for need not be the first one on the path.
python_with ()
{
  for python in python3 /usr/bin/python3; do
    if command -v "$python" >/dev/null && "$python" -c "import $1" >/dev/null 2>&1; then
      return 0
    fi
  done
  return 1
}

need ()
{
  if ! has "$1" "$2"; then
    missing_names="$missing_names $2"
    case " $missing_packages " in
      *" $3 "*) ;;
      *) missing_packages="$missing_packages $3" ;;
    esac
  fi
}

need_for_build ()
{
  need command cc gcc
  need include stdio.h libc6-dev
  need command meson meson
  need command ninja ninja-build
  need command pkg-config pkg-config
  need module gio-unix-2.0 libglib2.0-dev
  need module json-glib-1.0 libjson-glib-dev
  need module gobject-introspection-1.0 libgirepository1.0-dev
  need python gi python3-gi
}

need_for_bindings ()
{
  need command valac valac
  need command vapigen valac
  need command gjs gjs
}

# Without these the tests of the GTK example are skipped.
need_for_gtk ()
{
  need command Xvfb xvfb
  need typelib Gtk-4.0 gir1.2-gtk-4.0
  need typelib Adw-1 gir1.2-adw-1
}

install_missing ()
{
  [ -n "$missing_packages" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing_packages"
    # shellcheck disable=SC2086  # one word a package
    apt-get -q update &&
      DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
        $missing_packages </dev/null
  else
    echo "Missing:$missing_names" >&2
    echo "On Debian, root installs it with: apt-get install$missing_packages" >&2
    return 1
  fi
}
