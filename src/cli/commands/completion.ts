import type { Command } from 'commander';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { openConsole } from '../output.ts';

/** `faultline completion bash|zsh|fish`: made from the command line itself, so it cannot fall behind. */
export async function completion([shell = '']: readonly string[], program: Command): Promise<number> {
  const script = { bash, zsh, fish }[shell];
  if (script === undefined)
    throw new FaultlineError('USAGE', `no completion for ${shell}`, { hint: 'bash, zsh or fish' });
  openConsole('text').data(script(program));
  return EXIT.pass;
}

function words(command: Command): string {
  const options = command.options.map((option) => option.long ?? option.short ?? '');
  return [...command.commands.map((sub) => sub.name()), ...options].join(' ');
}

function cases(root: Command): string {
  return root.commands.map((command) => `    ${command.name()}) words="${words(command)}" ;;`).join('\n');
}

function bash(root: Command): string {
  return `_faultline() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases(root)}
    *) words="${words(root)}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="${words(root)}"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}") $(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _faultline faultline`;
}

function zsh(root: Command): string {
  return `#compdef faultline\nautoload -U +X bashcompinit && bashcompinit\n${bash(root)}`;
}

function fish(root: Command): string {
  const top = root.commands.map(
    (command) =>
      `complete -c faultline -n __fish_use_subcommand -a ${command.name()} -d '${command.description().replaceAll("'", '')}'`,
  );
  const options = root.commands.flatMap((command) =>
    command.options.map(
      (option) =>
        `complete -c faultline -n '__fish_seen_subcommand_from ${command.name()}' -l ${(option.long ?? '').slice(2)} -d '${option.description.replaceAll("'", '')}'`,
    ),
  );
  return [...top, ...options].join('\n');
}
