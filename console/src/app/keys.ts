/** Keys: what an event is called, and when single keys keep quiet. Pure. */

export interface KeyLike {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

/** `n`, `Shift+n`, `Alt+1`, `Space`, `Enter`. Null for what belongs to the browser (Ctrl, Meta). */
export function keyName(event: KeyLike): string | null {
  if (event.ctrlKey || event.metaKey) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  if (event.altKey) return digit ? `Alt+${digit}` : null;
  if (event.key === ' ') return 'Space';
  if (event.key === '−') return '-';
  if (event.key.length > 1) return event.shiftKey ? `Shift+${event.key}` : event.key;
  const letter = event.key.toLowerCase();
  return event.shiftKey && letter !== event.key ? `Shift+${letter}` : letter;
}

/** Works everywhere, in text fields and with single keys switched off. */
const ALWAYS = new Set(['Escape', 'Shift+Escape', 'F6', 'Shift+F6']);

export interface Where {
  /** The focus stands in a field that takes letters. */
  typing: boolean;
  /** The focus stands on something that Enter and Space press. */
  pressable: boolean;
  /** A person has switched single keys off (WCAG 2.1.4). */
  keysOff: boolean;
}

export function mayAct(name: string, where: Where): boolean {
  if (ALWAYS.has(name)) return true;
  if (where.typing) return false;
  if (where.pressable && (name === 'Enter' || name === 'Space')) return false;
  if (where.keysOff && name !== '?' && !name.startsWith('Alt+')) return false;
  return true;
}

export function whereIs(element: Element | null, keysOff: boolean): Where {
  const tag = element?.tagName ?? '';
  const type = element instanceof HTMLInputElement ? element.type : '';
  const typing =
    tag === 'TEXTAREA' || tag === 'SELECT' || (tag === 'INPUT' && type !== 'checkbox' && type !== 'radio');
  const pressable = tag === 'BUTTON' || tag === 'A' || tag === 'SUMMARY' || tag === 'INPUT';
  return { typing, pressable, keysOff };
}
