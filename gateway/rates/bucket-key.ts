/**
 * Computes the identity text of a bucket. All spellings of one identity must share a bucket:
 * strings are trimmed, case-folded, normalised to NFKC and stripped of invisible characters, also
 * inside lists and maps; IPv6 addresses count by their /64; absent values share a bucket, also
 * inside maps, and so do values too long to be a name. Parts are length-prefixed, so that no value
 * can imitate two others.
 */
import { readClaim, readOwnPath } from '../own-path.ts';
import type { Caller } from '../request.ts';
import { type Fold, foldText, tooLong } from './fold-text.ts';
import type { Identity, Rate } from './rate.ts';
import type { BucketMemo } from './store.ts';

export interface Identities {
  /** Client address, IPv6 already cut to its /64. */
  readonly network: string;
  readonly caller: Caller;
  /** Coerced arguments of the counted field, if there is one. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** Folds texts; by default each anew. */
  readonly fold?: Fold;
}

/** A rate's key for one request, and what stores have computed from it before. */
export interface BucketKey {
  readonly key: string;
  readonly memo?: BucketMemo;
}

interface KeptKey {
  readonly rate: Rate;
  readonly bucket: BucketKey;
}

/** Most keys cached per caller: few rates count every request. */
const keptMax = 8;
const kept = new WeakMap<Caller, KeptKey[]>();

/**
 * The key of a rate; one that depends on the caller alone is cached, and hashed once by each store.
 */
export function bucketKeyOf(rate: Rate, from: Identities): BucketKey {
  const { caller } = from;
  const keys = kept.get(caller);
  if (keys !== undefined) for (const one of keys) if (one.rate === rate) return one.bucket;
  const key = toBucketKey(rate.per, from);
  if (caller.kind === 'anonymous' || !rate.per.every(isOfCaller)) return { key };
  const bucket = { key, memo: {} };
  if (keys === undefined) kept.set(caller, [{ rate, bucket }]);
  else keep(keys, { rate, bucket });
  return bucket;
}

/** Replaces the same rate's key from before a reload, or adds one if there is room. */
function keep(keys: KeptKey[], one: KeptKey): void {
  const known = keys.findIndex(({ rate }) => rate.name === one.rate.name);
  if (known >= 0) keys[known] = one;
  else if (keys.length < keptMax) keys.push(one);
}

const isOfCaller = ({ kind }: Identity): boolean => kind !== 'address' && kind !== 'argument';

export function toBucketKey(per: readonly Identity[], from: Identities): string {
  let key = '';
  for (const identity of per) {
    const text = identityText(identity, from);
    if (key !== '') key += '|';
    key += `${identity.kind}${text.length}:${text}`;
  }
  return key;
}

/** Caches the text of each object. */
function createText<Of extends object, More extends readonly unknown[]>(
  make: (one: Of, ...more: More) => string,
): typeof make {
  const texts = new WeakMap<Of, string>();
  return (one, ...more) => {
    const known = texts.get(one);
    if (known !== undefined) return known;
    const text = make(one, ...more);
    texts.set(one, text);
    return text;
  };
}

/** The caller object is the same for every request with one token. */
const callerText = createText((caller: Caller) =>
  JSON.stringify([caller.issuer, caller.subject ?? null, subjectless(caller)]),
);

/** Includes the issuer, because any issuer can name any client. */
const clientText = createText(({ issuer, client }: Caller) =>
  client === undefined ? '' : JSON.stringify([issuer, client]),
);

function identityText(identity: Identity, from: Identities): string {
  const { caller, fold = foldText } = from;
  switch (identity.kind) {
    case 'address':
      return from.network;
    case 'caller':
      // Unauthenticated callers count by network, or one of them could exhaust the limit of all.
      return caller.kind === 'anonymous' ? `anonymous ${from.network}` : callerText(caller);
    case 'client':
      return clientText(caller);
    case 'token':
      return caller.credentialHash ?? '';
    case 'claim':
      return toText(readClaim(caller.claims, identity.path), fold);
    case 'argument':
      return toText(readOwnPath(from.args, identity.path), fold);
  }
}

/** The client, if the token has no subject; with a subject, each app would add another limit. */
function subjectless({ subject, client }: Caller): string | null {
  return subject === undefined ? (client ?? null) : null;
}

function toText(value: unknown, fold: Fold): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return fold(value);
  return typeof value === 'object' ? textOfParts(value, fold) : String(value);
}

/** Cached, because one variable may be used at as many fields as a document holds. */
const textOfParts = createText((value: object, fold: Fold): string => {
  const canonical = new Canonical(fold);
  const text = JSON.stringify(value, (_key, part: unknown) => canonical.of(part));
  return canonical.isTooLong ? tooLong : text;
});

/** Most parts and characters in the text of a list or map; larger ones share a bucket. */
const canonicalMax = 8_192;

/** Puts the parts of a list or map into one spelling and order. */
class Canonical {
  readonly #fold: Fold;
  #room = canonicalMax;

  constructor(fold: Fold) {
    this.#fold = fold;
  }

  get isTooLong(): boolean {
    return this.#room < 0;
  }

  of(part: unknown): unknown {
    if (typeof part === 'string') return this.#fits(1) ? this.#text(part) || undefined : '';
    // JSON leaves undefined members out: an empty member must not select another bucket.
    if (part === null || part === undefined) return undefined;
    if (typeof part !== 'object') return String(part);
    if (Array.isArray(part)) return this.#fits(part.length) ? part : '';
    const entries = Object.entries(part);
    // Checked before the sort, to bound its cost.
    if (!this.#fits(entries.length)) return '';
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  #text(part: string): string {
    const folded = this.#fold(part);
    return this.#fits(folded.length) ? folded : '';
  }

  #fits(size: number): boolean {
    this.#room -= size;
    return !this.isTooLong;
  }
}
