/**
 * Turns ids of records into keyed ones for the audit trail: HMAC-SHA-256 by the key of an epoch,
 * cut to 132 bits. Whoever has the log and not the key learns nothing of whose records they are;
 * when a key is destroyed, nobody can any more.
 *
 * No id is kept: what a table of recent ones would save costs less than what it would tell.
 */
import { createHmacSha256 } from './hmac-sha256.ts';

export interface KeyEpoch {
  /** Stands before each keyed id, so that the key is found again. */
  readonly id: string;
  /** 32 bytes or more; undefined once destroyed: what was written with it stays unreadable. */
  readonly key: Buffer | undefined;
  /** When it begins to be used. */
  readonly fromMs: number;
}

const idCharacters = 22;

export class SubjectKeys {
  /** Newest first, without destroyed ones. */
  readonly #live: readonly { readonly epoch: KeyEpoch; readonly keyed: (text: string) => string }[];
  readonly #clock: () => number;
  #current: (text: string) => string;
  #currentUntilMs = Number.NEGATIVE_INFINITY;

  /** Epochs whose ids can be found, and those whose key is destroyed. */
  readonly epochs: { readonly live: readonly string[]; readonly destroyed: readonly string[] };

  /** Throws Error where no epoch that has a key has begun. */
  constructor(epochs: readonly KeyEpoch[], clock: () => number = Date.now) {
    this.#clock = clock;
    const destroyed = epochs.filter(({ key }) => key === undefined).map(({ id }) => id);
    this.#live = epochs
      .flatMap((epoch) =>
        epoch.key === undefined ? [] : [{ epoch, keyed: toKeyed(epoch.id, epoch.key) }],
      )
      .sort((a, b) => b.epoch.fromMs - a.epoch.fromMs);
    this.epochs = { live: this.#live.map(({ epoch }) => epoch.id), destroyed };
    this.#current = this.#choose();
  }

  /** The keyed id of a record, by the epoch in use: `e1:` and 22 characters. */
  subjectId(type: string, id: string): string {
    if (this.#clock() >= this.#currentUntilMs) this.#current = this.#choose();
    return this.#current(`${type}\0${id}`);
  }

  /** All keyed ids a record may have in the log, newest first. */
  candidates(type: string, id: string): string[] {
    return this.#live.map(({ keyed }) => keyed(`${type}\0${id}`));
  }

  #choose(): (text: string) => string {
    const nowMs = this.#clock();
    const current = this.#live.find(({ epoch }) => epoch.fromMs <= nowMs);
    if (current === undefined)
      throw new Error('no subject key is in use: none has begun, or all are destroyed');
    const later = this.#live.filter(({ epoch }) => epoch.fromMs > nowMs).at(-1);
    this.#currentUntilMs = later?.epoch.fromMs ?? Number.POSITIVE_INFINITY;
    return current.keyed;
  }
}

const digits = Uint8Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  (digit) => digit.charCodeAt(0),
);

function toKeyed(epoch: string, key: Buffer): (text: string) => string {
  const hmac = createHmacSha256(key);
  const written = Buffer.from(`${epoch}:${'A'.repeat(idCharacters)}`, 'latin1');
  const from = written.length - idCharacters;
  return (text) => {
    const words = hmac(text);
    // Six bits a character, from the first word on (RFC 4648 section 5).
    for (let at = 0; at < idCharacters; at += 1) {
      const word = (at * 6) >>> 5;
      const offset = (at * 6) & 31;
      const high = (words[word] as number) << offset;
      const low = offset > 26 ? (words[word + 1] as number) >>> (32 - offset) : 0;
      written[from + at] = digits[(high | low) >>> 26] as number;
    }
    return written.toString('latin1');
  };
}
