/**
 * `audit who-saw` says "nobody" only where it knows: not for a name that is mistyped or not
 * recorded, and not where a key is gone or it is not known whose the values were.
 */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import { smallFiles } from '../support/served.ts';
import { askAudit, type History, startMs, writeHistory } from './audit-rig.ts';

const everyMs = 60_000;
const records = 300;
let history: History;
/** The lines of its file of keys, one for each epoch. */
let epochs: string[];
beforeAll(async () => {
  // More segments than are searched without threads.
  history = await writeHistory({ records, people: 20, epochs: 3, everyMs, rotateBytes: 20_000 });
  epochs = (await readFile(history.keys, 'utf8')).trim().split('\n').slice(2);
});
afterAll(() => history.remove());

const here = () => ['--directory', history.directory];
const withKeys = () => [...here(), '--subjectkeys', history.keys];

describe('a name that the log does not have', () => {
  it.each([
    { words: ['Person', '80', '--field', 'sssn'], hint: 'did you mean "ssn"?' },
    { words: ['Person', '7', '--field', 'sn'], hint: 'did you mean "ssn"?' },
    { words: ['Person', '7', '--field', 'Person.ssm'], hint: 'did you mean "Person.ssn"?' },
    { words: ['Person', '7', '--field', 'Persona.ssn'], hint: 'did you mean "Person.ssn"?' },
    { words: ['Person', '7', '--field', 'iban'], hint: '--config' },
    { words: ['Person', '7', '--field', 'Person.ssn.last'], hint: 'neither' },
    { words: ['Person', '7', '--field', ''], hint: '--field is empty' },
    { words: ['person', '7'], hint: 'did you mean "Person"?' },
    { words: ['Account', '7'], hint: 'no record of a "Account"' },
  ])('$words is told, not answered', async ({ words, hint }) => {
    const { code, out, err } = await askAudit(['who-saw', ...words, ...withKeys()]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(hint);
  });

  it('is known to a log that has it before the time that is asked about', async () => {
    const since = new Date(startMs + records * everyMs).toISOString();
    const words = ['who-saw', 'Person', '7', '--field', 'ssn', '--since', since];
    const { code, out } = await askAudit([...words, ...withKeys()]);
    expect([code, out]).toEqual([1, '0 requests\n']);
  });
});

describe('by a configuration', () => {
  const rules = (rest: string) => `version: 1
rules:
  - { name: open, fields: { Query: [staff, person], Person: [id, name] }, allow: everyone }
${rest}`;
  const ask = async (field: string, policy: string) => {
    const files = smallFiles('http://127.0.0.1:9');
    const audit = `audit:
  directory: ${history.directory}
  subjectKeys: { file: ${history.keys} }
  subjects: { Person: id }
`;
    const folder = await writeFiles({
      ...files,
      'gateway.yaml': `${files['gateway.yaml']}${audit}`,
      'policies/access/staff.yaml': policy,
    });
    const config = join(folder, 'gateway.yaml');
    return await askAudit(['who-saw', 'Person', '80', '--field', field, '--config', config]);
  };
  const classified = rules(
    '  - { name: names, class: names, fields: { Person: [name] }, allow: { scopes: [n] } }\n',
  );

  it.each([
    { name: 'a field with a class, of which nothing left yet', field: 'Person.name', code: 1 },
    { name: 'by its own name', field: 'name', code: 1 },
    { name: 'a field without a class', field: 'Person.id', code: 2, hint: 'has no class' },
    { name: 'no field', field: 'Person.nam', code: 2, hint: 'did you mean "Person.name"?' },
    { name: 'a field of the log', field: 'Person.salery', code: 2, hint: '"Person.salary"?' },
  ])('$name: $code', async ({ field, code, hint = '' }) => {
    const asked = await ask(field, classified);
    expect([asked.code, asked.out], asked.err).toEqual([code, code === 1 ? '0 requests\n' : '']);
    expect(asked.err).toContain(hint);
  });

  it('that does not load, says so where it is asked, and not before', async () => {
    const broken = rules('  - { name: broken, felds: {} }\n');
    expect((await ask('ssn', broken)).code).toBe(1);
    const { code, err } = await ask('name', broken);
    expect([code, err]).toEqual([2, expect.stringContaining('felds')]);
  });
});

describe('where a key is gone', () => {
  /** Events of an epoch, a third of all. */
  const ofEpoch = records / 3;
  const keysWith = async (...lines: (string | undefined)[]) => {
    const text = `version: 1\nepochs:\n${lines.filter((line) => line !== undefined).join('\n')}\n`;
    return join(await writeFiles({ 'keys.yaml': text }), 'keys.yaml');
  };
  const destroyed = (line = '') => line.replace(/key: "[^"]+"/, 'destroyed: true');
  const ask = async (keys: string, ...words: string[]) =>
    await askAudit(['who-saw', 'Person', ...words, ...here(), '--subjectkeys', keys]);

  it('says how many events of which epochs cannot be searched, and does not say nobody', async () => {
    const keys = await keysWith(destroyed(epochs[0]), epochs[2]);
    const { code, out } = await ask(keys, '80', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      ok: false,
      requests: [],
      notSearched: [
        { why: 'key-destroyed', epoch: 'e0', events: ofEpoch },
        { why: 'key-missing', epoch: 'e1', events: ofEpoch },
      ],
    });
    const text = await ask(keys, '80');
    expect(text.code).toBe(2);
    expect(text.out).toMatch(/^0 requests\n100 events .* e0 .*\n100 events .* e1 .*\n$/);
  });

  it('names whom it found, and what it could not search', async () => {
    const { code, out } = await ask(await keysWith(epochs[1], epochs[2]), '7', '--json');
    expect(code).toBe(0);
    const answer = JSON.parse(out);
    const truth = history.requests.filter(
      ({ people, timeMs }) => people.includes('7') && timeMs >= startMs + ofEpoch * everyMs,
    );
    expect(answer.requests.map((one: { request: string }) => one.request)).toEqual(
      truth.map(({ request }) => request),
    );
    expect(answer.notSearched).toEqual([{ why: 'key-missing', epoch: 'e0', events: ofEpoch }]);
  });

  it('counts what is asked about alone: the field, the type, the time', async () => {
    const keys = await keysWith(destroyed(epochs[0]), epochs[1], epochs[2]);
    const salaries = history.requests
      .slice(0, ofEpoch)
      .filter(({ fields }) => fields.includes('salary')).length;
    expect(salaries).toBeLessThan(ofEpoch);
    const { out } = await ask(keys, '80', '--field', 'salary', '--json');
    expect(JSON.parse(out).notSearched).toMatchObject([{ epoch: 'e0', events: salaries }]);
    const later = new Date(startMs + ofEpoch * everyMs).toISOString();
    expect(await ask(keys, '80', '--since', later)).toMatchObject({ code: 1, out: '0 requests\n' });
    const other = ['who-saw', 'Account', '7', ...here(), '--subjectkeys', keys];
    expect(await askAudit(other)).toMatchObject({ code: 2, out: '' });
  });

  it('makes no keys of its own to ask with', async () => {
    const { code, out, err } = await askAudit(['who-saw', 'Person', '7', ...here()]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('--subjectkeys');
    await expect(access(join(history.directory, 'subject-keys.yaml'))).rejects.toThrow();
  });
});

it('values of nobody known may be anybody’s', async () => {
  const some = await writeHistory({ records: 40, people: 4, epochs: 1, everyMs, nobodysEvery: 10 });
  const words = ['--directory', some.directory, '--subjectkeys', some.keys];
  const nobody = await askAudit(['who-saw', 'Person', '80', '--json', ...words]);
  const somebody = await askAudit(['who-saw', 'Person', '1', '--json', ...words]);
  await some.remove();
  const gap = [{ why: 'subject-unknown', events: 4 }];
  expect([nobody.code, JSON.parse(nobody.out).notSearched]).toEqual([2, gap]);
  expect([somebody.code, JSON.parse(somebody.out).notSearched]).toEqual([0, gap]);
});
