/** Which text a request means: trusted documents, and persisted queries as Apollo's clients speak. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { publicFaces } from '../../gateway/errors.ts';
import type { Manifest } from '../../gateway/limits/document-policy.ts';
import { createPersistedStore } from '../../gateway/limits/persisted-store.ts';
import { type DocumentRequest, resolveDocument } from '../../gateway/limits/resolve-document.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const known = '{ me { id } }';
const other = '{ me { name } }';
const third = '{ me { __typename } }';
const nothing: Manifest = { byId: new Map(), texts: new Set() };
const manifest: Manifest = {
  byId: new Map([
    ['m1', known],
    [hash(known), known],
    ['sha256:m3', known],
    ['m4', third],
  ]),
  texts: new Set([known, third]),
};
const persisted = (sha256Hash: unknown, version: unknown = 1) => ({
  persistedQuery: { version, sha256Hash },
});

interface Case {
  readonly name: string;
  readonly given: Partial<DocumentRequest>;
  /** The text, or the reason. */
  readonly expect: string;
}

function outcomes(
  cases: readonly Case[],
  about: {
    documents: 'any' | 'trusted';
    manifest: Manifest;
    kept?: readonly string[];
    off?: boolean;
  },
): void {
  test.each(cases)('$name', ({ given, expect: outcome }) => {
    const policy = { enabled: about.off !== true, entriesMax: 10, bytesMax: 10_000 };
    const store = createPersistedStore(policy);
    for (const text of about.kept ?? []) store?.keep(hash(text), text);
    const request = { query: undefined, extensions: undefined, ...given };
    const found = resolveDocument(request, { policy: about, store, hash });
    expect(found instanceof Refusal ? found.reason : found.text).toBe(outcome);
  });
}

const notFound = 'limits/persisted-query-not-found';
const mismatch = 'limits/persisted-query-mismatch';
const untrusted = 'limits/untrusted-document';
const off = 'limits/persisted-query-refused';
const malformed = 'admit/body-malformed';

describe('any document', () => {
  outcomes(
    [
      { name: 'its text', given: { query: known }, expect: known },
      { name: 'nothing', given: {}, expect: malformed },
      {
        name: 'extensions without a persisted query',
        given: { query: known, extensions: { a: 1 } },
        expect: known,
      },
      {
        name: 'a persisted query that is null',
        given: { query: known, extensions: { persistedQuery: null } },
        expect: known,
      },
      { name: 'a hash', given: { extensions: persisted(hash(known)) }, expect: off },
      {
        name: 'a hash with its text',
        given: { query: known, extensions: persisted(hash(known)) },
        expect: off,
      },
      { name: 'an id', given: { documentId: 'm1' }, expect: off },
      { name: 'an id that is no text', given: { documentId: 1 }, expect: malformed },
      {
        name: 'an id that nobody knows beside a text',
        given: { documentId: 'm1', query: known },
        expect: mismatch,
      },
      {
        name: 'the hash of another text beside a text',
        given: { documentId: hash(other), query: known },
        expect: mismatch,
      },
      {
        name: 'the hash of a text beside it',
        given: { documentId: `sha256:${hash(known)}`, query: known },
        expect: known,
      },
    ],
    { documents: 'any', manifest: nothing, off: true },
  );
});

describe('persisted queries', () => {
  outcomes(
    [
      { name: 'a hash that is kept', given: { extensions: persisted(hash(known)) }, expect: known },
      {
        name: 'a hash that is not',
        given: { extensions: persisted(hash(other)) },
        expect: notFound,
      },
      {
        name: 'a hash with its text',
        given: { query: other, extensions: persisted(hash(other)) },
        expect: other,
      },
      {
        name: 'a hash with another text',
        given: { query: other, extensions: persisted(hash(known)) },
        expect: mismatch,
      },
      {
        name: 'a hash in capitals',
        given: { extensions: persisted(hash(known).toUpperCase()) },
        expect: mismatch,
      },
      {
        name: 'another version',
        given: { extensions: persisted(hash(known), 2) },
        expect: mismatch,
      },
      {
        name: 'no version',
        given: { extensions: { persistedQuery: { sha256Hash: hash(known) } } },
        expect: mismatch,
      },
      {
        name: 'a hash that is none',
        given: { extensions: persisted('__proto__') },
        expect: mismatch,
      },
      { name: 'a hash that is a number', given: { extensions: persisted(5) }, expect: mismatch },
      {
        name: 'a text for an object',
        given: { extensions: { persistedQuery: 'x' } },
        expect: mismatch,
      },
      { name: 'a plain text', given: { query: other }, expect: other },
      {
        name: 'a hash that is kept, beside another id',
        given: { documentId: hash(other), extensions: persisted(hash(known)) },
        expect: mismatch,
      },
      {
        name: 'a hash that is kept, twice',
        given: { documentId: `sha256:${hash(known)}`, extensions: persisted(hash(known)) },
        expect: known,
      },
    ],
    { documents: 'any', manifest: nothing, kept: [known] },
  );

  test('only a text whose hash was checked is to be kept', () => {
    const store = createPersistedStore({ enabled: true, entriesMax: 10, bytesMax: 10_000 });
    const options = { policy: { documents: 'any' as const, manifest: nothing }, store, hash };
    const request = { query: other, extensions: persisted(hash(other)) };
    expect(resolveDocument(request, options)).toEqual({ text: other, keepAs: hash(other) });
    expect(store?.get(hash(other))).toBeUndefined();
    expect(resolveDocument({ query: other, extensions: undefined }, options)).toEqual({
      text: other,
      keepAs: undefined,
    });
  });

  test('are answered as Apollo Client reads them', () => {
    expect(publicFaces[notFound]).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_FOUND',
      message: 'PersistedQueryNotFound',
      status: 200,
    });
    expect(publicFaces[off]).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_SUPPORTED',
      message: 'PersistedQueryNotSupported',
      status: 200,
    });
  });
});

describe('trusted documents', () => {
  outcomes(
    [
      { name: 'by exact text', given: { query: known }, expect: known },
      { name: 'by id', given: { documentId: 'm1' }, expect: known },
      { name: 'by id with its text', given: { documentId: 'm1', query: known }, expect: known },
      { name: 'by hash', given: { extensions: persisted(hash(known)) }, expect: known },
      {
        name: 'by hash with its prefix',
        given: { documentId: `sha256:${hash(known)}` },
        expect: known,
      },
      {
        name: 'by an id that is no hash, as clients with a manifest send it',
        given: { extensions: persisted('m1') },
        expect: known,
      },
      {
        name: 'by an id that has the prefix in the manifest',
        given: { documentId: 'sha256:m3' },
        expect: known,
      },
      {
        name: 'the same as a persisted query',
        given: { extensions: persisted('sha256:m3') },
        expect: known,
      },
      {
        name: 'by two ids of one text',
        given: { documentId: 'm1', extensions: persisted(hash(known)) },
        expect: known,
      },
      {
        name: 'by ids of two texts',
        given: { documentId: 'm1', extensions: persisted('m4') },
        expect: mismatch,
      },
      {
        name: 'by ids of two texts, with one of them',
        given: { documentId: 'm1', query: known, extensions: persisted('m4') },
        expect: mismatch,
      },
      {
        name: 'by a known id beside an unknown one',
        given: { documentId: 'm1', extensions: persisted(hash(other)) },
        expect: mismatch,
      },
      { name: 'another text', given: { query: other }, expect: untrusted },
      { name: 'the text with a blank more', given: { query: `${known} ` }, expect: untrusted },
      { name: 'an unknown id', given: { documentId: 'm2' }, expect: untrusted },
      {
        name: 'an unknown id with another text',
        given: { documentId: 'm2', query: other },
        expect: untrusted,
      },
      {
        name: 'a known id with another text',
        given: { documentId: 'm1', query: other },
        expect: mismatch,
      },
      {
        name: 'an unknown hash, to be asked again with its text',
        given: { extensions: persisted(hash(other)) },
        expect: notFound,
      },
      {
        name: 'an unknown hash with its text',
        given: { query: other, extensions: persisted(hash(other)) },
        expect: untrusted,
      },
      {
        name: 'an unknown hash with a trusted text',
        given: { query: known, extensions: persisted('x') },
        expect: known,
      },
      { name: 'the name of a prototype', given: { documentId: '__proto__' }, expect: untrusted },
      { name: 'nothing', given: {}, expect: untrusted },
    ],
    // What the store has does not run either.
    { documents: 'trusted', manifest, kept: [other] },
  );
});

describe('the store', () => {
  const texts = Array.from({ length: 50 }, (_, index) => `{ a${index} }`);
  const kept = (entriesMax: number, bytesMax: number, given: readonly string[] = texts) => {
    const store = createPersistedStore({ enabled: true, entriesMax, bytesMax });
    for (const text of given) store?.keep(hash(text), text);
    return given.filter((text) => store?.get(hash(text)) === text);
  };

  test('is bounded in entries, the last stay', () => {
    expect(kept(10, 1_000_000)).toEqual(texts.slice(-10));
  });

  test('is bounded in bytes', () => {
    const found = kept(1_000, 3_000);
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(12);
  });

  test('keeps nothing larger than itself, and loses nothing to it', () => {
    expect(kept(10, 2_000, ['{ a }', `{ ${'b '.repeat(5_000)}}`])).toEqual(['{ a }']);
  });

  test('is not there where persisted queries are off', () => {
    expect(createPersistedStore({ enabled: false, entriesMax: 1, bytesMax: 1 })).toBeUndefined();
  });
});
