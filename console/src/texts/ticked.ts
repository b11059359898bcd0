/** Texts with `code` between backticks, as the API and its register write them. Pure. */
export interface Part {
  text: string;
  code: boolean;
}

/** Parts in their order. A tick without a partner is only a tick. */
export function ticked(text: string): Part[] {
  return text
    .split(/`([^`\n]+)`/)
    .map((part, i) => ({ text: part, code: i % 2 === 1 }))
    .filter((part) => part.text !== '');
}
