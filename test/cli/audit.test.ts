/**
 * `fieldgate audit` as people type it: every subcommand, with 0 for yes, 1 for no, 2 for what could
 * not be asked, as text and as JSON; who-saw against a history whose truth is known, across keys.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLines } from '../support/audit-files.ts';
import { writeFiles } from '../support/config-files.ts';
import { smallFiles } from '../support/served.ts';
import { filesOf, newDirectory, publicKey, writeLog } from '../watch/audit-log/log-rig.ts';
import { askAudit, type History, startMs, writeHistory } from './audit-rig.ts';

let history: History;
beforeAll(async () => {
  history = await writeHistory({
    records: 1_200,
    people: 80,
    epochs: 3,
    everyMs: 60_000,
    rotateBytes: 150_000,
  });
});
afterAll(() => history.remove());

const here = () => ['--directory', history.directory];
const withKeys = () => [...here(), '--subjectkeys', history.keys];
const ask = (...words: string[]) => askAudit([...words, ...here()]);
const requestsIn = (out: string): string[] =>
  JSON.parse(out).requests.map((one: { request: string }) => one.request);

describe('who-saw', () => {
  it('names exactly the right requests, across rotated keys and compressed segments', async () => {
    const names = await readdir(history.directory);
    expect(names.filter((name) => name.endsWith('.ndjson.zst')).length).toBeGreaterThan(1);
    for (const person of ['0', '7', '79']) {
      const { code, out } = await askAudit(['who-saw', 'Person', person, '--json', ...withKeys()]);
      const truth = history.requests.filter(({ people }) => people.includes(person));
      expect(code).toBe(0);
      expect(requestsIn(out)).toEqual(truth.map(({ request }) => request));
      // Some of each epoch, or it would say nothing of rotation.
      const epochs = new Set(
        truth.map(({ timeMs }) => Math.floor((timeMs - startMs) / (400 * 60_000))),
      );
      expect(epochs.size).toBe(3);
    }
  });

  it('by field and since', async () => {
    const since = new Date(startMs + 600 * 60_000).toISOString();
    const { out } = await askAudit([
      'who-saw',
      'Person',
      '7',
      '--field',
      'salary',
      '--since',
      since,
      '--json',
      ...withKeys(),
    ]);
    const truth = history.requests.filter(
      ({ people, fields, timeMs }) =>
        people.includes('7') && fields.includes('salary') && timeMs >= Date.parse(since),
    );
    expect(truth.length).toBeGreaterThan(0);
    expect(requestsIn(out)).toEqual(truth.map(({ request }) => request));
  });

  it.each([
    { name: 'nobody there', words: ['who-saw', 'Person', '80'], code: 1 },
    {
      name: 'nobody, of a field that is recorded',
      words: ['who-saw', 'Person', '80', '--field', 'Person.salary'],
      code: 1,
    },
    { name: 'somebody, in words', words: ['who-saw', 'Person', '7'], code: 0 },
    { name: 'no id', words: ['who-saw', 'Person'], code: 2 },
    { name: 'a time that is none', words: ['who-saw', 'Person', '7', '--since', 'soon'], code: 2 },
  ])('$name: $code', async ({ words, code }) => {
    const asked = await askAudit([...words, ...withKeys()]);
    expect(asked.code, asked.err).toBe(code);
    if (code === 1) expect(asked.out).toBe('0 requests\n');
    if (code === 2) expect(asked.err).not.toBe('');
  });

  it.each([
    { name: 'a type that is recorded', type: 'Person', code: 0, err: '' },
    { name: 'one in other letters', type: 'person', code: 2, err: 'did you mean "Person"?' },
    { name: 'one that is recorded under its owner', type: 'Account', code: 2, err: 'under Person' },
    { name: 'one of every object', type: 'constructor', code: 2, err: 'records nothing' },
  ])('by a configuration, $name: $code', async ({ type, code, err }) => {
    const files = smallFiles('http://127.0.0.1:9');
    const audit = `audit:
  directory: ${history.directory}
  subjectKeys: { file: ${history.keys} }
  subjects: { Person: id, Account: { of: Person, id: owner } }
`;
    const folder = await writeFiles({ 'gateway.yaml': `${files['gateway.yaml']}${audit}` });
    const config = join(folder, 'gateway.yaml');
    const asked = await askAudit(['who-saw', type, '7', '--config', config]);
    expect([asked.code, asked.out === ''], asked.err).toEqual([code, code === 2]);
    expect(asked.err).toContain(err);
  });

  it('is itself recorded, with its viewer and without the id', async () => {
    const lines = await auditLines(join(history.directory, 'queries'));
    const queries = lines.filter((line) => line.includes('audit_query'));
    expect(queries.length).toBeGreaterThan(5);
    for (const line of queries) {
      const event = JSON.parse(line);
      expect(event.actor.user.uid).not.toBe('');
      expect(event.unmapped.gateway).toMatchObject({ decision: 'audit_query', query: 'who-saw' });
      expect(event.unmapped.gateway.subjects[0].ids[0]).toMatch(/^e\d:[\w-]{22}$/);
    }
  });
});

describe('who-accessed', () => {
  it('names what left for a caller', async () => {
    const { code, out } = await ask('who-accessed', 'caller-3', '--json');
    const truth = history.requests.filter(({ caller }) => caller === 'caller-3');
    expect(code).toBe(0);
    expect(requestsIn(out)).toEqual(truth.map(({ request }) => request));
  });
  it('1 where nothing did', async () => {
    expect((await ask('who-accessed', 'caller-300')).code).toBe(1);
    expect((await ask('who-accessed', 'caller')).code).toBe(1);
  });
});

describe('an option of another question', () => {
  it.each([
    ['export', '--lines', '3'],
    ['tail', '--since', '7d'],
    ['who-accessed', 'caller-3', '--field', 'ssn'],
    ['prove', '1', '--pubkey', 'x'],
    ['who-saw', 'Person', '1', '--checkpoint', 'x'],
  ])('is misuse and not left out: audit %s %s %s %s', async (...words) => {
    const { code, err } = await ask(...words);
    expect(code).toBe(2);
    expect(err).toContain(`audit ${words[0]} takes no --`);
  });
});

describe('tail and export', () => {
  it('the last lines, as they are or in words', async () => {
    const { code, out } = await ask('tail', '--lines', '3', '--json');
    expect(code).toBe(0);
    const all = (await ask('export')).out.trim().split('\n');
    expect(out.trim().split('\n')).toEqual(all.slice(-3));
    expect((await ask('tail')).out.trim().split('\n')).toHaveLength(20);
    expect((await ask('tail', '--lines', '0')).code).toBe(2);
  });

  it('every line, byte for byte and in order', async () => {
    const { code, out } = await ask('export');
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    const plain = await auditLines(history.directory);
    expect(lines.slice(-plain.length)).toEqual(plain);
    const seqs = lines.map((line) => JSON.parse(line).unmapped.gateway.chain.seq);
    expect(seqs).toEqual(seqs.map((_, at) => at + 1));
    const requests = lines.flatMap((line) => JSON.parse(line).unmapped.gateway.request ?? []);
    expect(requests).toEqual(history.requests.map(({ request }) => request));
  });

  it('no faster than it is read', async () => {
    let isFull = false;
    let writes = 0;
    const { code, out } = await askAudit(['export', ...here()], {
      write() {
        expect(isFull).toBe(false);
        writes += 1;
        isFull = true;
        return false;
      },
      once(_drain, listener) {
        setImmediate(() => {
          isFull = false;
          listener();
        });
      },
    });
    expect(code).toBe(0);
    expect(writes).toBeGreaterThan(1);
    expect(out).toBe((await ask('export')).out);
  });

  it('a line whose time no clock shows is no event, and keeps no other back', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 2 });
    const [file = ''] = await filesOf(directory, '.ndjson');
    const path = join(directory, file);
    const text = await readFile(path, 'utf8');
    await writeFile(
      path,
      text.replace(/"time":\d+,"type_uid":600299/, '"time":1e300,"type_uid":600299'),
    );
    const { code, out } = await askAudit(['tail', '--directory', directory]);
    expect(code).toBe(0);
    expect(out.match(/^not an event: \d+ bytes$/gm)).toHaveLength(3);
  });

  it('from a time on', async () => {
    const since = new Date(startMs + 1_000 * 60_000).toISOString();
    const { out } = await ask('export', '--since', since);
    const requests = out.split('\n').filter((line) => line.includes('"request":"q-'));
    expect(requests).toHaveLength(200);
  });
});

describe('verify and prove', () => {
  it('0 and what was looked at', async () => {
    const { code, out } = await ask('verify', '--json');
    expect(code, out).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, keysFromOutside: false });
    expect((await ask('verify')).out).toMatch(/--pubkey(?:.|\n)*\nok\n$/);
  });

  it('a proof stands without the log, and not for another line', async () => {
    const proof = await ask('prove', '17', '--json');
    expect(proof.code).toBe(0);
    const file = join(history.directory, '../proof.json');
    await writeFile(file, proof.out);
    expect((await ask('verify', '--proof', file)).code).toBe(0);
    const since = await ask('verify', '--proof', file, '--since', '7d');
    expect([since.code, since.err]).toEqual([2, expect.stringContaining('--since')]);
    await writeFile(file, proof.out.replace('q-', 'q-9'));
    expect((await ask('verify', '--proof', file)).code).toBe(1);
    expect((await ask('prove', '99999')).code).toBe(1);
    expect((await ask('prove', 'first')).code).toBe(2);
  });

  it('a proof needs neither log nor configuration where the key is given', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const outside = await newDirectory();
    const [proof, key] = [join(outside, 'proof.json'), join(outside, 'key.pem')];
    await writeFile(
      proof,
      (await askAudit(['prove', '2', '--json', '--directory', directory])).out,
    );
    await writeFile(key, publicKey.export({ format: 'pem', type: 'spki' }));
    const gone = ['--config', join(outside, 'gateway.yaml')];
    const given = await askAudit(['verify', '--proof', proof, '--pubkey', key, ...gone]);
    expect([given.code, given.out], given.err).toEqual([
      0,
      expect.stringMatching(/^ok: record 2 /),
    ]);
    expect((await askAudit(['verify', '--proof', proof, ...gone])).code).toBe(2);
  });

  it('of one chain, where there are several', async () => {
    const directory = await newDirectory();
    for (const worker of [1, 2]) await writeLog(directory, { records: 5, worker });
    const { code, err } = await askAudit(['prove', '1', '--directory', directory]);
    expect(code).toBe(2);
    expect(err).toContain(`--directory ${join(directory, 'worker-1')}`);
  });

  it('nothing is proven of a log that is not what its checkpoint signed', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const file = join(directory, (await filesOf(directory, '.ndjson'))[0] ?? '');
    const text = await readFile(file, 'utf8');
    const words = ['prove', '1', '--directory', directory];
    for (const wrong of [text.replace('r-2', 'r-9'), `${text.split('\n')[0]}\n`]) {
      await writeFile(file, wrong);
      const { code, out } = await askAudit(words);
      expect([code, out]).toEqual([1, expect.stringContaining('audit verify')]);
    }
    await writeFile(file, text);
    expect((await askAudit(words)).code).toBe(0);
  });

  it('knows the key of questions that were asked with another than the log has', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    expect((await askAudit(['who-accessed', 'x', '--directory', directory])).code).toBe(1);
    const { code, out } = await askAudit(['verify', '--directory', directory]);
    expect(code, out).toBe(0);
  });

  it('1 with file, line and number where a line was changed', async () => {
    const plain = await writeHistory({
      ...{ records: 20, people: 5, epochs: 1, everyMs: 60_000 },
      compress: 'none',
    });
    const names = (await readdir(plain.directory)).filter((name) => name.endsWith('.ndjson'));
    const file = join(plain.directory, names.sort()[0] ?? '');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"request":"q-', '"request":"Q-'));
    const { code, out } = await askAudit(['verify', '--json', '--directory', plain.directory]);
    await plain.remove();
    expect(code).toBe(1);
    const [problem] = JSON.parse(out).logs[0].problems;
    expect(problem).toMatchObject({ file, line: expect.any(Number), seq: expect.any(Number) });
  });

  it('needs every key that the log was signed with', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const second = generateKeyPairSync('ed25519');
    await writeLog(directory, { records: 5, signingKey: second.privateKey });
    const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }).toString();
    const file = join(directory, 'given.pem');
    const words = ['verify', '--directory', directory, '--pubkey', file];
    await writeFile(file, pem(second.publicKey));
    const last = await askAudit(words);
    expect(last.code, last.out).toBe(1);
    expect(last.out).toMatch(/bad-signature(?:.|\n)*earlier key/);
    await writeFile(file, pem(publicKey) + pem(second.publicKey));
    const both = await askAudit(words);
    expect(both.code, both.out).toBe(0);
  });

  it('1 where what stands of a question was changed', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    await askAudit(['who-accessed', 'x', '--directory', directory]);
    const queries = join(directory, 'queries');
    const file = join(queries, (await filesOf(queries, '.ndjson'))[0] ?? '');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('who-accessed', 'who-saw'));
    const { code, out } = await askAudit(['verify', '--directory', directory]);
    expect(code, out).toBe(1);
    expect(out).toContain(`${file}:`);
  });

  it('1 where all lines are gone, and no question about them is answered', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    for (const name of await filesOf(directory, '.ndjson')) await unlink(join(directory, name));
    const { code, out } = await askAudit(['verify', '--directory', directory]);
    expect(code, out).toBe(1);
    expect(out).toMatch(/000001.checkpoints:\d+: seq 1: truncated/);
    const tail = await askAudit(['tail', '--directory', directory]);
    expect(tail.code).toBe(2);
    expect(tail.err).toContain('audit verify');
  });

  it('1 where nothing is left of a log but how far it was sent on', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const left = /\.pub|keys|pem$/;
    for (const name of await readdir(directory)) {
      if (!left.test(name)) await unlink(join(directory, name));
    }
    const words = ['verify', '--directory', directory];
    expect((await askAudit(words)).code).toBe(2);
    await writeFile(join(directory, 'cursor.json'), '{"seq":5}');
    const { code, out } = await askAudit(words);
    expect(code, out).toBe(1);
    expect(out).toContain('empty: 5 records were sent on, none is here');
  });

  it('1 where all lines of one of several chains are gone', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5, worker: 1 });
    await writeLog(directory, { records: 5, worker: 2 });
    const emptied = join(directory, 'worker-2');
    for (const name of await filesOf(emptied, '.ndjson')) await unlink(join(emptied, name));
    const { code, out } = await askAudit(['verify', '--json', '--directory', directory]);
    expect(code, out).toBe(1);
    const problems = JSON.parse(out).logs.flatMap((log: { problems: unknown[] }) => log.problems);
    expect(problems[0]).toMatchObject({ code: 'truncated', seq: 1 });
  });
});

describe('what cannot be asked', () => {
  it.each([
    { name: 'no subcommand', words: [] },
    { name: 'one that there is not', words: ['who-sees', 'Person', '1'] },
    { name: 'a word too many', words: ['verify', 'now'] },
    { name: 'no such directory', words: ['verify', '--directory', '/nowhere/at/all'] },
    { name: 'an unknown option', words: ['verify', '--force'] },
    { name: 'a key that is none', words: ['verify', '--pubkey', 'package.json'] },
    { name: 'no such key', words: ['verify', '--pubkey', 'absent.pem'] },
    { name: 'checkpoints that are none', words: ['verify', '--checkpoint', 'package.json'] },
    { name: 'a proof that is none', words: ['verify', '--proof', 'LICENSE'] },
    { name: 'a number in another spelling', words: ['prove', '1e1'] },
    { name: 'a count in another spelling', words: ['tail', '--lines', '1e1'] },
    { name: 'a day that is none', words: ['export', '--since', '2026-02-31'] },
    { name: 'no caller', words: ['who-accessed', ''] },
    { name: 'a time to come', words: ['who-accessed', 'caller-3', '--since', '2999-01-01'] },
  ])('$name: 2', async ({ words }) => {
    const { code, err, out } = await askAudit(
      words.includes('--directory') ? words : [...words, ...here()],
    );
    expect(code, out).toBe(2);
    expect(err).not.toBe('');
    // A file that an option names is named again.
    expect(err).toContain(words.find((word) => /\.|LICENSE/.test(word)) ?? '');
  });
});

describe('a file that cannot be read', () => {
  it('is no sign that the log was changed: verify says 2 of a segment that it may not open', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const file = join(directory, (await filesOf(directory, '.ndjson'))[0] ?? '');
    await unlink(file);
    // Refuses everybody, also whoever may read everything.
    await symlink(file, file);
    const { code, out, err } = await askAudit(['verify', '--directory', directory]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(file);
  });

  it.each([
    { name: 'a segment', ending: '.ndjson', to: '.ndjson.zst', words: ['tail'] },
    { name: 'a segment', ending: '.ndjson', to: '.ndjson.gz', words: ['export'] },
    { name: 'a segment', ending: '.ndjson', to: '.ndjson.zst', words: ['who-accessed', 'x'] },
    { name: 'a segment', ending: '.ndjson', to: '.ndjson.gz', words: ['prove', '1'] },
    { name: 'a start', ending: '.start', to: '.start', words: ['prove', '1'] },
    { name: 'the public key', ending: '.pem', to: '.pem', words: ['verify'] },
  ])('$name: 2, and $words names it', async ({ ending, to, words }) => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const [name = ''] = await filesOf(directory, ending);
    await unlink(join(directory, name));
    const file = join(directory, name.replace(ending, to));
    await writeFile(file, '{ no such thing');
    const { code, err } = await askAudit([...words, '--directory', directory]);
    expect(code).toBe(2);
    expect(err).toContain(file);
  });
});

it('after thirty queries in a minute the next is not answered', async () => {
  const small = await writeHistory({ records: 1, people: 1, epochs: 1, everyMs: 1_000 });
  const words = [
    'who-saw',
    'Person',
    '0',
    '--directory',
    small.directory,
    '--subjectkeys',
    small.keys,
  ];
  const codes: number[] = [];
  for (let count = 0; count < 30; count += 1) codes.push((await askAudit(words)).code);
  expect(new Set(codes)).toEqual(new Set([0]));
  const { code, out, err } = await askAudit(words);
  const other = await askAudit(['who-accessed', 'caller-0', '--directory', small.directory]);
  await small.remove();
  expect([code, out, other.code]).toEqual([2, '', 2]);
  expect(err).not.toBe('');
});
