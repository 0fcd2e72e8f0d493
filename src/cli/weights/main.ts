import { ShvqError } from '../../format/errors.js';
import { writeWhole } from '../files.js';
import { describeError } from '../pool.js';
import { parseWeightsArguments } from './arguments.js';
import { runWeightsCommand } from './commands.js';
import { WEIGHTS_HELP } from './help.js';

/**
 * Runs `shvq weights ...`.
 *
 * @param argv Arguments after `weights`.
 * @returns Whether all went well.
 * @throws UsageError
 */
export async function runWeights(argv: string[]): Promise<boolean> {
  const args = parseWeightsArguments(argv);
  if (args.command === 'help') {
    process.stdout.write(WEIGHTS_HELP);
    return true;
  }
  const inputs = args.command === 'info' ? args.paths : args.paths.slice(0, 1);
  let well = true;
  for (const input of inputs) {
    try {
      const job = { ...args, input, output: args.paths[1] ?? '' };
      const { report, text, output } = await runWeightsCommand(job);
      if (output) writeWhole(output.path, output.data);
      if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
      else if (!args.quiet) process.stdout.write(`${text}\n`);
    } catch (error) {
      const { code, message, ...place } = describeError(error);
      const tensor = error instanceof ShvqError && error.tensor;
      process.stderr.write(`shvq: ${input}: ${message} [${code}]\n`);
      const report = { file: input, error: { code, message, ...place, ...(tensor && { tensor }) } };
      if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
      well = false;
    }
  }
  return well;
}
