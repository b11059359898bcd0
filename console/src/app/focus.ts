/** Where the focus goes: regions, the search, rows of the list. */

const REGIONS = ['left', 'numbers', 'map', 'dock', 'right'] as const;

function shown(element: HTMLElement): boolean {
  return element.getClientRects().length > 0;
}

/** F6: the next region of the screen. */
export function focusRegion(step: 1 | -1): void {
  const regions = REGIONS.map((name) => document.querySelector<HTMLElement>(`[data-region="${name}"]`)).filter(
    (region) => region !== null && shown(region),
  );
  const at = regions.findIndex((region) => region?.contains(document.activeElement));
  const from = at < 0 ? (step > 0 ? -1 : 0) : at;
  regions[(from + step + regions.length) % regions.length]?.focus();
}

export function focusSearch(): void {
  document.querySelector<HTMLElement>('[data-testid="search"]')?.focus();
}

/** J and K: the next row of what changed; Enter on it is the button's own. */
export function focusRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')].filter(shown);
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
  next?.focus();
}

/** Arrow keys move the map only where nothing else wants them. */
export function arrowsAreFree(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.closest('[data-region="map"]') !== null;
}
