import { Tabs } from './tabs.js';

export function Header() {
  return (
    <header class="header">
      <a class="wordmark" href="./" aria-label="shvq playground">
        <Centers />
        shvq
      </a>
      <Tabs />
    </header>
  );
}

/** The codebook as a mark: centers lie dense near zero and sparse outside. */
function Centers() {
  const places = [4, 15, 23, 29, 35, 43, 54];
  return (
    <svg class="mark" viewBox="0 0 58 16" aria-hidden="true">
      <title>Centers</title>
      {places.map((x) => (
        <circle key={x} cx={x} cy="8" r={1.3 + Math.abs(x - 29) / 11} />
      ))}
    </svg>
  );
}
