/**
 * Checkpoints as C2SP signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note): origin, size
 * and base64 Merkle root on a line each, an empty line, and signature lines. Notes in a file are
 * separated by an empty line. Pure.
 */
import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';

export interface Checkpoint {
  /** The log's name: `fieldgate.audit/` and the id of the chain. */
  readonly origin: string;
  /** Number of records covered. */
  readonly size: number;
  readonly root: Buffer;
}

export interface Note extends Checkpoint {
  /** The signed text and its signatures, as read. */
  readonly text: string;
  readonly signatures: readonly { name: string; keyId: string; bytes: Buffer }[];
}

export const toOrigin = (chain: string): string => `fieldgate.audit/${chain}`;

const ed25519 = Buffer.of(1);

/** The 32 bytes of an ed25519 public key. */
function rawPublicKey(key: KeyObject): Buffer {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

/** The first four bytes of SHA-256(name, newline, 0x01, key), in hex. */
function toKeyId(name: string, key: KeyObject): string {
  const text = Buffer.concat([Buffer.from(`${name}\n`), ed25519, rawPublicKey(key)]);
  return hash('sha256', text, 'hex').slice(0, 8);
}

/** A checkpoint as a note signed by the log's key. */
export function signCheckpoint(checkpoint: Checkpoint, key: KeyObject): string {
  const { origin, size, root } = checkpoint;
  const body = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const id = Buffer.from(toKeyId(origin, key), 'hex');
  const signature = Buffer.concat([id, sign(null, Buffer.from(body), key)]);
  return `${body}\n— ${origin} ${signature.toString('base64')}\n`;
}

const noteForm =
  /([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)\n((?:— [^ \n]+ [A-Za-z0-9+/=]+\n)+)/y;

/** The notes in a text, and where the text stops being notes (undefined if it does not). */
export function readNotes(text: string): { notes: Note[]; brokenAt: number | undefined } {
  const notes: Note[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === '\n') at += 1;
    if (at >= text.length) return { notes, brokenAt: undefined };
    noteForm.lastIndex = at;
    const match = noteForm.exec(text);
    if (match === null) return { notes, brokenAt: at };
    notes.push(toNote(match));
    at = noteForm.lastIndex;
  }
}

function toNote(match: RegExpExecArray): Note {
  const [text, origin = '', size = '', root = '', , lines = ''] = match;
  const signatures = lines
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, name = '', encoded = ''] = line.split(' ');
      const bytes = Buffer.from(encoded, 'base64');
      return { name, keyId: bytes.subarray(0, 4).toString('hex'), bytes: bytes.subarray(4) };
    });
  return { origin, size: Number(size), root: Buffer.from(root, 'base64'), text, signatures };
}

/** Whether one of the keys signed the note in the name of its log. */
export function isSigned(note: Note, keys: readonly KeyObject[]): boolean {
  const body = Buffer.from(note.text.slice(0, note.text.indexOf('\n\n') + 1));
  return note.signatures.some(
    ({ name, keyId, bytes }) =>
      name === note.origin &&
      keys.some((key) => toKeyId(name, key) === keyId && verify(null, body, key, bytes)),
  );
}
