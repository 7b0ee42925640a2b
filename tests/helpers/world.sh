#!/bin/sh
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: world.sh make FOLDER SUITE MIRROR
#        world.sh run FOLDER ARGUMENT...
#
# Another Debian in a folder, in which tests/run runs with the arguments, on a copy of this tree.
# Called by tests/run below `unshare --mount --pid --fork`: what is mounted and started here goes
# with it, however it ends.

set -u
step=$1 world=$2
shift 2
# Of a name that a check for names of the source folder does not find elsewhere.
tree=/usr/src/process-glib

enter ()
{
  mount -t proc proc "$world/proc" && mount --rbind /dev "$world/dev" || return 1
  # The proxies of the machine are the only thing of its environment that is needed.
  chroot "$world" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    "http_proxy=${http_proxy-}" "https_proxy=${https_proxy-}" \
    /bin/sh "$tree/tests/run" "$@" \
    </dev/null
}

make ()
{
  suite=$1 mirror=$2
  debootstrap --variant=minbase "$suite" "$world" "$mirror" || return 1

  # It lives for minutes: nothing need survive a crash, and nobody reads its manuals.
  printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
    'path-exclude=/usr/share/locale/*' >"$world/etc/dpkg/dpkg.cfg.d/world"
  apt-config dump Acquire::http >"$world/etc/apt/apt.conf.d/90world"
  cp /etc/resolv.conf "$world/etc/resolv.conf"
  mkdir "$world$tree"
  tar -c --exclude='./_*' --exclude=./.git . | tar -x --no-same-owner -C "$world$tree" || return 1
  enter --install
}

if [ "$step" = make ]; then make "$@"; else enter "$@"; fi
