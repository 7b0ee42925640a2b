# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The .zshrc of test-completion.py. Tells $OUT when the shell reads, what is offered, and the end.

PROMPT=
LISTMAX=100000
setopt no_auto_list no_auto_menu no_beep
fpath=($COMPLETION $fpath)
autoload -Uz compinit
compinit -u -D

compadd () {
  local -a offered
  if [[ ${@[1,(i)(-|--)]} != *\ -(O|A|D)\ * && ${@[1]} != -(O|A|D) ]]; then
    builtin compadd -O offered "$@"
    (( ! $#offered )) || print -r -l -u $OUT -- $IPREFIX${^offered}
  fi
  builtin compadd "$@"
}

complete-and-tell () {
  zle complete-word
  print -u $OUT .end
}

zle-line-init () {
  print -u $OUT .end
}

zle -N zle-line-init
zle -N complete-and-tell
bindkey '^I' complete-and-tell
bindkey '^U' kill-whole-line
