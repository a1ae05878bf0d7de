/** Keyed ids are the HMAC they claim to be, change with the epoch, and cannot be had without a key. */
import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubjectKeys } from '../../gateway/watch/subject-keys.ts';
import { demoSubjectKeysFile, loadSubjectKeys } from '../../gateway/watch/subject-keys-file.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const hmac = (key: Buffer, type: string, id: string) =>
  createHmac('sha256', key).update(`${type}\0${id}`).digest('base64url').slice(0, 22);

describe('keyed ids', () => {
  it.each([32, 64, 65, 200])(
    'are HMAC-SHA-256 with a key of %i bytes, whatever the id',
    (bytes) => {
      const key = randomBytes(bytes);
      const keys = new SubjectKeys([{ id: 'e1', key, fromMs: 0 }]);
      for (const id of ['', '42', 'ÿ€😀', 'x'.repeat(4_090), 'é'.repeat(5_000)]) {
        const expected = `e1:${hmac(key, 'Employee', id)}`;
        // The same each time: nothing is left behind.
        expect([1, 2].map(() => keys.subjectId('Employee', id))).toEqual([expected, expected]);
        expect(keys.candidates('Employee', id)).toEqual([expected]);
      }
    },
  );

  it('are HMAC-SHA-256 for ids of every length and of any characters', () => {
    const key = randomBytes(32);
    const keys = new SubjectKeys([{ id: 'e1', key, fromMs: 0 }]);
    for (let length = 0; length <= 260; length += 1) {
      for (const id of ['7'.repeat(length), `ü${'7'.repeat(length)}`, '€'.repeat(length)]) {
        expect(keys.subjectId('T', id)).toBe(`e1:${hmac(key, 'T', id)}`);
      }
    }
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'binary', maxLength: 5_000 }), (type, id) => {
        expect(keys.subjectId(type, id)).toBe(`e1:${hmac(key, type, id)}`);
      }),
    );
    for (const id of ['\ud800', 'a\udfff', 'x'.repeat(3_960), 'x'.repeat(3_968)]) {
      expect(keys.subjectId('T', id)).toBe(`e1:${hmac(key, 'T', id)}`);
    }
  });

  it('differ by type, and a type cannot pass for the beginning of an id', () => {
    const keys = new SubjectKeys([{ id: 'e1', key: randomBytes(32), fromMs: 0 }]);
    expect(keys.subjectId('A', 'B1')).not.toBe(keys.subjectId('AB', '1'));
  });

  it('are by the newest epoch that has begun, and are looked for in all that have a key', () => {
    let nowMs = 50;
    const [one, two, three] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    const keys = new SubjectKeys(
      [
        { id: 'e0', key: undefined, fromMs: 0 },
        { id: 'e1', key: one, fromMs: 10 },
        { id: 'e2', key: two, fromMs: 100 },
        { id: 'e3', key: three, fromMs: 200 },
      ],
      () => nowMs,
    );
    const epochOf = () => keys.subjectId('Employee', '42').slice(0, 3);
    const seen = [50, 99, 100, 199, 200, 10_000].map((ms) => {
      nowMs = ms;
      return epochOf();
    });
    expect(seen).toEqual(['e1:', 'e1:', 'e2:', 'e2:', 'e3:', 'e3:']);
    expect(keys.candidates('Employee', '42')).toEqual([
      `e3:${hmac(three, 'Employee', '42')}`,
      `e2:${hmac(two, 'Employee', '42')}`,
      `e1:${hmac(one, 'Employee', '42')}`,
    ]);
  });

  it('need a key that is in use', () => {
    expect(() => new SubjectKeys([{ id: 'e1', key: undefined, fromMs: 0 }])).toThrow();
    expect(
      () => new SubjectKeys([{ id: 'e1', key: randomBytes(32), fromMs: 9 }], () => 8),
    ).toThrow();
  });
});

const key = Buffer.alloc(32, 1).toString('base64');
const wrong: { name: string; text: string; expect: [string, string][] }[] = [
  {
    name: 'a short key',
    text: 'version: 1\nepochs:\n  - { id: e1, key: ▸YWJj, from: 2026-01-01 }\n',
    expect: [['wrong-format', 'epochs[0].key']],
  },
  {
    name: 'an epoch without a key that is not destroyed',
    text: 'version: 1\nepochs:\n  - ▸{ id: e1, from: 2026-01-01 }\n',
    expect: [['conflict', 'epochs[0]']],
  },
  {
    name: 'a destroyed epoch that has its key',
    text: `version: 1\nepochs:\n  - ▸{ id: e1, key: ${key}, from: 2026-01-01, destroyed: true }\n`,
    expect: [['conflict', 'epochs[0]']],
  },
  {
    name: 'an id that is used again',
    text: `version: 1\nepochs:\n  - { id: e1, from: 2026-01-01, destroyed: true }\n  - { id: ▸e1, key: ${key}, from: 2026-02-01 }\n`,
    expect: [['duplicate-name', 'epochs[1].id']],
  },
  {
    name: 'a day that is none',
    text: `version: 1\nepochs:\n  - { id: e1, key: ${key}, from: ▸yesterday }\n`,
    expect: [['wrong-format', 'epochs[0].from']],
  },
];

describe('the file of keys', () => {
  it.each(wrong)('refuses $name', async ({ text, expect: expected }) => {
    const file = join(await writeFiles({ 'keys.yaml': text }), 'keys.yaml');
    const met = await problemsOf(() => loadSubjectKeys(file));
    expect(met.map(({ code, path }) => [code, path])).toEqual(expected);
    expect(met.map(({ line, column }) => ({ line, column }))).toEqual(readMarks(text).places);
  });

  it('is made once for a demo, with a warning each time', async () => {
    const directory = await writeFiles({});
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const first = await loadSubjectKeys(await demoSubjectKeysFile(directory, warn));
    const again = await loadSubjectKeys(await demoSubjectKeysFile(directory, warn));
    expect(again.subjectId('Employee', '42')).toBe(first.subjectId('Employee', '42'));
    expect(warnings.length).toBe(2);
  });
});
