/**
 * For engines with a command line: Node, Deno, Bun.
 *
 *   node test/engines/hosts/command.js http://localhost:8080 node-22
 */
import process from 'node:process';
import * as shvq from '../../../dist/index.js';
import { exercise } from '../exercise.js';

const [base, engine] = process.argv.slice(2);
await exercise(shvq, { base, engine });
