#!/usr/bin/env node
import { isMainThread } from 'node:worker_threads';
import { main } from './cli/main.js';
import { serveTasks } from './cli/pool.js';

if (isMainThread) process.exitCode = await main(process.argv.slice(2), new URL(import.meta.url));
else serveTasks();
