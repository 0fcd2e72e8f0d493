import { BUN } from './bun.js';
import { CHROMIUM } from './chromium.js';
import { DENO } from './deno.js';
import type { Engine } from './engine.js';
import { FIREFOX } from './firefox.js';
import { NODES } from './node.js';
import { WEBKIT } from './webkit.js';
import { WORKERD } from './workerd.js';

/** The ten. */
export const ENGINES: readonly Engine[] = [...NODES, DENO, BUN, WORKERD, CHROMIUM, FIREFOX, WEBKIT];
