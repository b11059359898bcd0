/** Which move-ups stand, in which order, and what an order about one must say. Pure. */
import type { MoveOrder, MoveUp } from '../api/types';

export const isOpen = (move: MoveUp): boolean => move.state === 'proposed' || move.state === 'accepted';

/** Those that wait for a decision first, then those that save most. */
export function openMoves(moves: readonly MoveUp[]): MoveUp[] {
  return moves.filter(isOpen).sort((a, b) => {
    if (a.state !== b.state) return a.state === 'proposed' ? -1 : 1;
    return a.best.late.change - b.best.late.change;
  });
}

/** Those that are over, the newest first. */
export function pastMoves(moves: readonly MoveUp[]): MoveUp[] {
  return moves.filter((move) => !isOpen(move)).sort((a, b) => (a.proposed < b.proposed ? 1 : -1));
}

/** What lacks in an order: a change names another unit or station; both a change and a refusal want a reason. */
export function lacking(move: MoveUp, order: MoveOrder['order'], reason: string, unit: string, station: string): 'reason' | 'change' | null {
  if (order === 'change' && unit === move.unit && station === move.to_station) return 'change';
  return order !== 'accept' && reason.trim() === '' ? 'reason' : null;
}

/** The body of an order. What stays as proposed is left out. */
export function moveOrder(move: MoveUp, order: MoveOrder['order'], role: string, reason: string, unit: string, station: string): MoveOrder {
  const given: MoveOrder = { order, role, reason: reason.trim() };
  if (order !== 'change') return given;
  return { ...given, unit: unit === move.unit ? null : unit, to_station: station === move.to_station ? null : station };
}
