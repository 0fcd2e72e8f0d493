/**
 * For engines with a command line: Node, Deno, Bun.
 *
 *   node test/engines/hosts/command.js http://localhost:8080 node-22
 */
import process from 'node:process';
import { exercise } from '../exercise.js';
import * as shvq from './package.js';

const [base, engine] = process.argv.slice(2);
await exercise(shvq, { base, engine });
