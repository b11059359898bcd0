/** A request to a neighbour as it is copied: one field a line, in the order of the form. Pure. */
import type { ResourceRequest, Sentence } from '../api/types';

export function requestText(request: ResourceRequest, say: (sentence: Sentence) => string): string {
  return request.lines.map(say).join('\n');
}
