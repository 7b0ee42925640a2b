# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completion for fish. Commands and options are read from --help when this is loaded, so that
# nothing is offered that is not there.

# What follows the options of the command, quoted; fails while more options may come.
function __process_glib_rest --argument-names command
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l specs __process_glib_options_$command
    argparse --stop-nonopt $$specs -- $words[3..-1] 2>/dev/null
    or return
    string escape -- $argv
    test (count $argv) -gt 0 -o "$words[-1]" = --
end

function __process_glib_is --argument-names command
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    test "$words[2]" = $command
end

function __process_glib_is_at_options --argument-names command
    __process_glib_is $command
    and not __process_glib_rest $command >/dev/null
end

function __process_glib_has_no_command
    test (count (commandline --tokenize --cut-at-cursor --current-process)) = 1
end

# As if the words that follow the options were all.
function __process_glib_complete_command --argument-names command
    set -l line (string join -- ' ' (__process_glib_rest $command) (commandline --current-token))
    complete "--do-complete=$line"
end

# CODE/DAEMON of all that are registered, but names that nobody could type.
function __process_glib_daemons
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    argparse --ignore-unknown registry= -- $words[3..-1] 2>/dev/null
    process-glib daemons --json --registry=$_flag_registry 2>/dev/null |
        grep -oE '"code":"([^"\\\\]|\\\\.)*","daemon":"([^"\\\\]|\\\\.)*"' |
        sed -E 's/^"code":"//; s/","daemon":"/\//; s/"$//; /\\\\[^"\\\\]/d; s/\\\\(.)/\1/g'
end

# Offers an option of a command, and notes it as argparse wants it.
function __process_glib_add_option --argument-names command short long value
    set -l option --long-option $long
    set -l spec $long
    if test -n "$short"
        set --append option --short-option $short
        set spec $short/$long
    end
    switch "$value"
        case ''
        case DIR
            set --append option --exclusive --arguments '(__fish_complete_directories)'
        case FILE
            set --append option --require-parameter --force-files
        case MODE
            set --append option --exclusive --arguments 'all sequential parallel'
        case '*'
            set --append option --exclusive
    end
    test -z "$value"
    or set spec $spec=
    set --global --append __process_glib_options_$command $spec
    complete -c process-glib -n "__process_glib_is_at_options $command" $option -d "$argv[5]"
end

complete -c process-glib --no-files
complete -c process-glib -n __process_glib_has_no_command -l help -d 'Show the help'
complete -c process-glib -n __process_glib_has_no_command -l version -d 'Show the version'

process-glib --help 2>/dev/null | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) +(.*)/\1\t\2/p' |
    while read --delimiter \t --local command text
        complete -c process-glib -n __process_glib_has_no_command -a $command -d $text
        set --global __process_glib_options_$command
        process-glib $command --help 2>/dev/null |
            sed -nE 's/^  (-([a-z]), )?--([a-z-]+)(=([^ ]+))? +(.*)$/\2\t\3\t\5\t\6/p' |
            while read --delimiter \t --local short long value text
                __process_glib_add_option $command "$short" $long "$value" $text
            end
    end

for command in run daemon
    complete -c process-glib -n "__process_glib_is $command" \
        -a "(__process_glib_complete_command $command)"
end
complete -c process-glib -n '__process_glib_is_at_options pipeline' --force-files
complete -c process-glib -n '__process_glib_is_at_options stop' -a '(__process_glib_daemons)'
