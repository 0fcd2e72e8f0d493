import { ShvqError } from '../../format/errors.js';
import { type Transfer, transfers, writeWhole } from '../files.js';
import { describeError } from '../pool.js';
import { parseWeightsArguments, type WeightsArguments } from './arguments.js';
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
  let well = true;
  for (const { input, output: place } of await transfersOf(args)) {
    try {
      const { report, text, output } = await runWeightsCommand({ ...args, input, output: place });
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

/** What the command reads, and what it writes or compares that with. @throws UsageError */
async function transfersOf({ command, paths }: WeightsArguments): Promise<Transfer[]> {
  const [path = '', output = ''] = paths;
  switch (command) {
    case 'compress':
      return transfers([{ path }], output, '.shvw');
    case 'decompress':
      return transfers([{ path }], output, '.safetensors');
    case 'compare':
      return [{ input: path, output }];
    default:
      return paths.map((input) => ({ input, output: '' }));
  }
}
