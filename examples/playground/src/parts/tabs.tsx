import { type Tab, tab } from '../state.js';

const TABS: readonly { name: Tab; label: string }[] = [
  { name: 'image', label: 'Photo' },
  { name: 'weights', label: 'Network weights' },
];

/** Arrow keys move between the tabs, as the ARIA pattern has it. */
export function Tabs() {
  const move = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const other = TABS.find(({ name }) => name !== tab.value)!;
    tab.value = other.name;
    document.getElementById(`tab-${other.name}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="What to compress" onKeyDown={move}>
      {TABS.map(({ name, label }) => (
        <button
          type="button"
          key={name}
          id={`tab-${name}`}
          role="tab"
          aria-selected={tab.value === name}
          aria-controls="panel"
          tabIndex={tab.value === name ? 0 : -1}
          onClick={() => {
            tab.value = name;
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
