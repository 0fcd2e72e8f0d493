import { type Engine, installed, local } from './engine.js';

/** Node 20 is the one that runs the tests; the others are packages. */
const RUNNING = process.version.startsWith('v20.') ? process.execPath : '';

function node(version: number, executable: string): Engine {
  const name = `node-${version}`;
  return {
    name,
    title: `Node ${version}`,
    candidates: [executable],
    command: (found, url) => ({
      executable: found,
      arguments: [local('hosts/command.js'), url, name],
    }),
  };
}

export const NODES = [
  node(20, RUNNING),
  ...[22, 24, 26].map((version) => node(version, installed(`node-${version}/bin/node`))),
];
