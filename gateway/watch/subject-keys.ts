/**
 * Replaces ids of records by keyed ids in the audit trail: HMAC-SHA-256 under an epoch's key, cut
 * to 132 bits. The log alone does not tell whose records they are; after a key is destroyed nothing
 * does.
 *
 * Ids are not cached: a table of recent ids would save little and disclose them.
 */
import { createHmacSha256 } from '../hmac-sha256.ts';

export interface KeyEpoch {
  /** Prefix of each keyed id, which says which key made it. */
  readonly id: string;
  /** 32 bytes or more; undefined once destroyed: what was written with it stays unreadable. */
  readonly key: Buffer | undefined;
  /** When the epoch begins, in milliseconds since the epoch. */
  readonly fromMs: number;
}

const idCharacters = 22;

export class SubjectKeys {
  /** Newest first, without destroyed epochs. */
  readonly #live: readonly { readonly epoch: KeyEpoch; readonly keyed: (text: string) => string }[];
  readonly #clock: () => number;
  #current: (text: string) => string;
  #currentUntilMs = Number.NEGATIVE_INFINITY;

  /** Ids of epochs whose records can be found, and of those whose key is destroyed. */
  readonly epochs: { readonly live: readonly string[]; readonly destroyed: readonly string[] };

  /** Throws Error if no epoch that has a key has begun. */
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

  /** The keyed id of a record under the current epoch: `e1:` and 22 characters. */
  subjectId(type: string, id: string): string {
    if (this.#clock() >= this.#currentUntilMs) this.#current = this.#choose();
    return this.#current(`${type}\0${id}`);
  }

  /** All keyed ids that a record may have in the log, newest first. */
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

function toKeyed(epoch: string, key: Buffer): (text: string) => string {
  const hmac = createHmacSha256(key, 'base64url');
  return (text) => `${epoch}:${hmac(text).slice(0, idCharacters)}`;
}
