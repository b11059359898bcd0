/** Draws again while the clock runs, as seldom as the eye allows, and not at all when nothing moves. */

const FASTEST_MS = 100;
const SLOWEST_MS = 1000;
const REDUCED_MS = 500;
/** A unit that hurries, and the step on screen below which nobody sees it move. */
const UNIT_SPEED_MS = 15;
const STEP_PX = 0.5;
/** A drawing is followed by three times as long a rest, so that keys and clicks get through without a GPU. */
const REST = 3;
const LONGEST_REST_MS = 1000;

/** Time between two drawings for a clock of `speed` on a map of `metresPerPx`. */
export function intervalMs(speed: number, metresPerPx: number, reducedMotion: boolean): number {
  const pxPerS = (UNIT_SPEED_MS * Math.max(0.01, speed)) / metresPerPx;
  const wanted = (1000 * STEP_PX) / pxPerS;
  const fastest = reducedMotion ? REDUCED_MS : FASTEST_MS;
  return Math.min(SLOWEST_MS, Math.max(fastest, wanted));
}

/** How long to rest after a drawing that took `costMs`. */
export function restMs(costMs: number): number {
  return Math.min(LONGEST_REST_MS, REST * costMs);
}

export class Ticker {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private frame: number | null = null;
  private restUntilMs = 0;
  private costMs = 0;

  constructor(private readonly draw: () => void) {}

  /** Milliseconds of rest that are left; 0 when drawing costs little or was long ago. */
  get resting(): number {
    return Math.max(0, this.restUntilMs - performance.now());
  }

  /** Draws once after `afterMs`, or after the rest if that is longer. Does nothing while a drawing is due already. */
  schedule(afterMs: number): void {
    if (this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.draw();
    }, Math.max(afterMs, this.resting));
  }

  /**
   * Adds what was just handed to the screen to the cost of the drawing under way: without a GPU the next frame
   * waits for it, and one drawing can take several frames while its tiles come in.
   */
  measure(): void {
    if (this.frame !== null) return;
    const started = performance.now();
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const now = performance.now();
      if (now > this.restUntilMs) this.costMs = 0;
      this.costMs += now - started;
      this.restUntilMs = now + restMs(this.costMs);
    });
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.timer = null;
    this.frame = null;
  }
}
