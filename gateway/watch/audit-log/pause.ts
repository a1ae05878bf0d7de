/** A wait that can be cut short, so that a closing log does not sit out its pauses. */
export class Pause {
  #ended = false;
  #wake: (() => void) | undefined;

  /** Resolves after the time, or at once after `end`. */
  async wait(ms: number): Promise<void> {
    if (this.#ended) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Ends the current wait, and all later ones at once. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
