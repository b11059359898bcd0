/** Listens to the keyboard and runs commands. */
import { BY_KEY } from './commands';
import { arrowsAreFree } from './focus';
import { keyName, mayAct, whereIs } from './keys';
import type { Screen } from './screen.svelte';

const SEQUENCE_MS = 1_500;

/** Returns the way to stop. */
export function listen(screen: Screen): () => void {
  let prefix: { key: string; until: number } | null = null;
  const take = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = keyName(event);
    if (name === null || !mayAct(name, whereIs(document.activeElement, !screen.settings.keys))) return;
    if (name.startsWith('Arrow') && !arrowsAreFree()) return;
    const full = prefix !== null && event.timeStamp < prefix.until ? `${prefix.key} ${name}` : name;
    prefix = name === 'g' ? { key: 'g', until: event.timeStamp + SEQUENCE_MS } : null;
    const run = BY_KEY.get(full);
    if (run === undefined) return;
    event.preventDefault();
    run(screen);
  };
  addEventListener('keydown', take);
  return () => removeEventListener('keydown', take);
}
