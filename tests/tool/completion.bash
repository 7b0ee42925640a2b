# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# usage: completion.bash BASH-COMPLETION FILE LINE WORD...
# What is offered to who has typed LINE, whose words are as readline sees them.

# shellcheck shell=bash disable=SC1090,SC2034

. "$1"
. "$2"
COMP_LINE=$3
COMP_POINT=${#COMP_LINE}
shift 3
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))

# Only readline has the options of the completion that it is at.
compopt () { :; }

_process_glib "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
