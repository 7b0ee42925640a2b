# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion for bash, by way of bash-completion. Commands and options are read from --help, so
# that nothing is offered that is not there.

# shellcheck shell=bash disable=SC2154  # _init_completion sets what it finds

_process_glib_commands ()
{
  "$tool" --help 2>/dev/null | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p'
}

# One a line, with what must follow: --quiet, --timeout=TIME.
_process_glib_options ()
{
  "$tool" "$command" --help 2>/dev/null | sed -nE 's/^  (-[a-z], )?(--[^ ]+) .*/\2/p'
}

# CODE/DAEMON of all that are registered, but names that nobody could type; quoted.
_process_glib_daemons ()
{
  local name

  "$tool" daemons --json "${registry[@]}" 2>/dev/null |
    grep -oE '"code":"([^"\\]|\\.)*","daemon":"([^"\\]|\\.)*"' |
    sed -E 's/^"code":"//; s/","daemon":"/\//; s/"$//; /\\[^"\\]/d; s/\\(.)/\1/g' |
    while IFS= read -r name; do printf '%q\n' "$name"; done
}

# Those of the lines that go on from what is typed.
_process_glib_offer ()
{
  local word

  while IFS= read -r word; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("$word")
  done
  __ltrim_colon_completions "$cur"
}

# Sets value to what must follow the option: TIME, DIR… or nothing.
_process_glib_find_value ()
{
  local name

  while IFS='=' read -r name value; do
    [[ $name != "${1/#-j/--jobs}" ]] || return 0
  done < <(_process_glib_options)
}

# Sets rest to where the words begin that are no options.
_process_glib_find_rest ()
{
  local i value

  for ((i = 2; i < cword; i++)); do
    case ${words[i]} in
      --) ((rest = i + 1)); return ;;
      --registry) registry=("--registry=${words[++i]}") ;;
      --registry=*) registry=("${words[i]}") ;;
      --*=*) ;;
      -*) _process_glib_find_value "${words[i]}"; [[ -z $value ]] || ((++i)) ;;
      *) ((rest = i)); return ;;
    esac
  done
  ((i > cword)) || ((rest = cword))
}

_process_glib_complete_value ()
{
  case $value in
    DIR) _filedir -d ;;
    FILE) _filedir ;;
    MODE) _process_glib_offer <<<$'all\nsequential\nparallel' ;;
  esac
}

# The words from rest on are another command line. There are more words in the eyes of readline,
# which splits them at = and :.
_process_glib_complete_command ()
{
  local i text at=0

  for ((i = 0; i < rest; i++)); do
    text=
    while [[ $text != "${words[i]}" ]] && ((at < COMP_CWORD)); do
      text+=${COMP_WORDS[at++]}
    done
  done
  _command_offset "$at"
}

_process_glib_complete_rest ()
{
  case $command in
    run | daemon) _process_glib_complete_command ;;
    pipeline) _filedir ;;
    stop) _process_glib_offer < <(_process_glib_daemons) ;;
  esac
}

_process_glib ()
{
  local cur prev words cword split tool=$1 command value='' rest=0
  local -a registry=()

  _init_completion -s -n : || return
  command=${words[1]}
  if ((cword == 1)); then
    _process_glib_offer < <(_process_glib_commands; printf -- '--help\n--version\n')
    return
  fi

  _process_glib_find_rest
  if ((rest == 0)) || [[ $split == true ]]; then
    _process_glib_find_value "$prev"
    _process_glib_complete_value
  elif ((rest == cword)) && [[ $cur == -* && ${words[cword - 1]} != -- ]]; then
    _process_glib_offer < <(_process_glib_options | sed 's/=.*/=/')
    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
  else
    _process_glib_complete_rest
  fi
}

complete -F _process_glib process-glib
