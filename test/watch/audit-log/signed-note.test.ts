/** Whose signature under a checkpoint counts. */
import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  isSigned,
  readNotes,
  signCheckpoint,
  toOrigin,
} from '../../../gateway/watch/audit-log/signed-note.ts';
import { publicKey, signingKey } from './log-rig.ts';

const origin = toOrigin('one');
const written = signCheckpoint({ origin, size: 7, root: Buffer.alloc(32, 1) }, signingKey);
const body = written.slice(0, written.indexOf('\n\n') + 1);

/** As the form of signed notes has it: by a key, in the name of a log. */
function signatureBy(key: KeyObject, name: string): string {
  const { x = '' } = key.export({ format: 'jwk' });
  const named = Buffer.concat([
    Buffer.from(`${name}\n`),
    Buffer.of(1),
    Buffer.from(x, 'base64url'),
  ]);
  const id = hash('sha256', named, 'buffer').subarray(0, 4);
  const bytes = Buffer.concat([id, sign(null, Buffer.from(body), key)]);
  return `— ${name} ${bytes.toString('base64')}\n`;
}

const stranger = generateKeyPairSync('ed25519').privateKey;
const cases = [
  { name: 'the log itself', lines: [signatureBy(signingKey, origin)], expect: true },
  {
    name: 'its key for another log',
    lines: [signatureBy(signingKey, toOrigin('two'))],
    expect: false,
  },
  { name: 'another key in its name', lines: [signatureBy(stranger, origin)], expect: false },
  {
    name: 'a witness beside it',
    lines: [signatureBy(stranger, 'witness'), signatureBy(signingKey, origin)],
    expect: true,
  },
];

it.each(cases)('by $name', ({ lines, expect: counts }) => {
  const [note] = readNotes(`${body}\n${lines.join('')}`).notes;
  if (note === undefined) throw new Error('no note');
  expect(note.origin).toBe(origin);
  expect(isSigned(note, [publicKey])).toBe(counts);
});

it('of the written form', () => {
  expect(written).toBe(`${body}\n${signatureBy(signingKey, origin)}`);
});
