import { type Engine, installed, local } from './engine.js';

export const BUN: Engine = {
  name: 'bun',
  title: 'Bun',
  candidates: [installed('@oven/bun-linux-x64/bin/bun')],
  command: (executable, url) => ({
    executable,
    arguments: ['run', local('hosts/command.js'), url, 'bun'],
  }),
};
