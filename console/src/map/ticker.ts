/** Draws again while the clock runs, as seldom as the eye allows, and not at all when nothing moves. */

const FASTEST_MS = 100;
const SLOWEST_MS = 1000;
const REDUCED_MS = 500;
/** A unit that hurries, and the step on screen below which nobody sees it move. */
const UNIT_SPEED_MS = 15;
const STEP_PX = 0.5;

/** Time between two drawings for a clock of `speed` on a map of `metresPerPx`. */
export function intervalMs(speed: number, metresPerPx: number, reducedMotion: boolean): number {
  const pxPerS = (UNIT_SPEED_MS * Math.max(0.01, speed)) / metresPerPx;
  const wanted = (1000 * STEP_PX) / pxPerS;
  const fastest = reducedMotion ? REDUCED_MS : FASTEST_MS;
  return Math.min(SLOWEST_MS, Math.max(fastest, wanted));
}

export class Ticker {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private frame: number | null = null;

  constructor(private readonly draw: () => void) {}

  /** Draws once after `afterMs`, at a frame of the screen. Does nothing while a drawing is due already. */
  schedule(afterMs: number): void {
    if (this.timer !== null || this.frame !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.frame = requestAnimationFrame(() => {
        this.frame = null;
        this.draw();
      });
    }, afterMs);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.timer = null;
    this.frame = null;
  }
}
