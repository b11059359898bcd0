/** What passes the gate: purposes, tasks, disclosures, break-glass and its reviews, exports. */
import { ask, post, remove } from './http';
import type {
  BreakGlassAsk,
  ClaimCode,
  Disclosure,
  DisclosureAsk,
  Erased,
  ErasureAsk,
  Export,
  ExportAsk,
  ExportDecision,
  Exports,
  Purposes,
  Review,
  Reviews,
  ReviewSaid,
  Task,
  TaskStated,
} from './types';

const id = encodeURIComponent;

export const getPurposes = (): Promise<Purposes> => ask('/api/purposes');
export const beginTask = (task: TaskStated): Promise<Task> => post('/api/tasks', task);
export const endTask = (task: string): Promise<unknown> => remove(`/api/tasks/${id(task)}`);
/** Nothing comes back before the use is in the ledger. */
export const disclose = (what: DisclosureAsk): Promise<Disclosure> => post('/api/disclosures', what);
export const breakGlass = (what: BreakGlassAsk): Promise<Disclosure> => post('/api/break-glass', what);
export const giveClaimCode = (call: string): Promise<ClaimCode> => post(`/api/calls/${id(call)}/claim-code`, {});

export const listReviews = (): Promise<Reviews> => ask('/api/reviews');
export const review = (index: number, said: ReviewSaid): Promise<Review> => post(`/api/reviews/${index}`, said);

/** For good: what is destroyed does not come back. */
export const eraseCase = (what: ErasureAsk): Promise<Erased> => post('/api/erasures', what);

export const listExports = (): Promise<Exports> => ask('/api/exports');
export const askExport = (what: ExportAsk): Promise<Export> => post('/api/exports', what);
export const decideExport = (given: string, decision: ExportDecision): Promise<Export> =>
  post(`/api/exports/${id(given)}/decision`, decision);
export const exportFile = (given: string): string => `/api/exports/${id(given)}/file`;
