import { checkConfiguration } from './check-configuration';
import { UsageError } from './command';
import type { Command } from './command';
import { parseRoleFlags } from './role-flags';
import { roleScript } from './workspace-paths';

/** Says whether a configuration is right; exit code 0, 1 (it is not) or 2 (wrong use). */
export const checkConfigCommand: Command = {
  name: 'check-config',
  usage: '[FILE]',
  summary: 'says everything that is wrong with a configuration; starts nothing',
  run: async (args, context) => {
    const configFile = fileArgument(args);
    const verdict = await checkConfiguration({
      ...(configFile !== undefined && { configFile }),
      environment: context.environment,
      roleScript,
    });
    (verdict.exitCode === 0 ? context.print : context.complain)(verdict.output);
    return verdict.exitCode;
  },
};

/** `FILE`, or `--config FILE` as everywhere else; neither: REVEILLE_CONFIG or ./reveille.yaml. */
function fileArgument(args: readonly string[]): string | undefined {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith('-')) return parseRoleFlags(args).configFile;
  if (rest.length > 0) throw new UsageError('one file at a time');
  return first;
}
