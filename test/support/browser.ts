import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium may be; '' where CHROMIUM is not set. */
export const CHROMIUM_EXECUTABLES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Nothing but the page is to be loaded. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-first-run',
  '--no-default-browser-check',
];

/**
 * A headless Chromium; undefined, and said loudly, where none is installed.
 *
 * @throws Error where none is installed and CI_BROWSER=required
 */
export async function launchChromium(): Promise<Browser | undefined> {
  const executablePath = CHROMIUM_EXECUTABLES.find((path) => path !== '' && existsSync(path));
  if (executablePath) {
    return chromium.launch({ executablePath, headless: true, args: CHROMIUM_ARGUMENTS });
  }
  const advice = 'Install it (Debian: apt-get install chromium) or set CHROMIUM=/path/to/it.';
  if (process.env.CI_BROWSER === 'required') throw new Error(`No Chromium. ${advice}`);
  console.warn(`\n*** SKIPPED: no Chromium, so nothing was tested in a browser. ${advice} ***\n`);
  return undefined;
}
