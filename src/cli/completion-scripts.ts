/**
 * Names of files are never given to the shell as text that it would read: no `compgen -W`, which expands it, and no `eval`. What is
 * typed loses its quotes (`read` takes backslashes off), since faultline compares it with the names themselves.
 */
const BASH = `_faultline() {
  local line word plain space=1
  local -a words=()
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    case $word in
      \\'*) plain=\${word#\\'} plain=\${plain%\\'} ;;
      \\"*) IFS= read plain <<<"\${word#\\"}"; plain=\${plain%\\"} ;;
      *) IFS= read plain <<<"$word" ;;
    esac
    words+=("$plain")
  done
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    case $line in *[./=]) space=0 ;; esac
    case \${COMP_WORDS[COMP_CWORD]} in [=:]) line=\${line#*\${COMP_WORDS[COMP_CWORD]}} ;; esac
    case \${COMP_WORDS[COMP_CWORD - 1]} in [=:]) line=\${line#*\${COMP_WORDS[COMP_CWORD - 1]}} ;; esac
    COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" complete -- "\${words[@]}" 2>/dev/null)
  if [ "$space" -eq 0 ]; then compopt -o nospace 2>/dev/null; fi
}
complete -o filenames -F _faultline faultline`;

const ZSH = `#compdef faultline
_faultline() {
  local line
  local -a values open shown
  while IFS= read -r line; do
    if [[ \${line%%$'\\t'*} == *[./=] ]]; then
      open+=("\${line%%$'\\t'*}")
    else
      values+=("\${line%%$'\\t'*}")
      shown+=("\${line/$'\\t'/  -- }")
    fi
  done < <("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( $#open )) && compadd -S '' -a open
  (( $#values )) && compadd -l -d shown -a values
}
if [[ \${funcstack[1]} == _faultline ]]; then _faultline "$@"; else compdef _faultline faultline; fi`;

const FISH = `function __faultline_complete
  set -l words (commandline -opc)
  set -l current (string unescape -- (commandline -ct))
  or set current (commandline -ct)
  test (count $current) -eq 0; and set current ''
  $words[1] complete -- $words[2..-1] $current 2>/dev/null
end
complete -c faultline -f -a '(__faultline_complete)'`;

/** What each shell reads, by its name. */
export const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
