/** Waiting that can be cut short: a log that closes does not sit out its pauses. */
export class Pause {
  #ended = false;
  #wake: (() => void) | undefined;

  /** Resolves after the time, or at once when all waiting has been ended. */
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

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }
}
