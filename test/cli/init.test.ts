/** `init`: what it writes passes `check`, serves, and shows nothing that sounds sensitive. */
import { readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSchema, graphql } from 'graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { serve } from '../../gateway/cli/serve.ts';
import { writeFiles } from '../support/config-files.ts';
import { playUpstream } from '../support/served.ts';
import { people, runIn } from './run-command.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const rest = `
openapi: 3.1.0
info: { title: Staff, version: "1" }
servers: [{ url: "https://staff.example.com/v1/" }]
paths:
  /people:
    get:
      parameters: [{ name: ssn, in: query, schema: { type: string } }]
      responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Person" } } } } } }
    post:
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } } } }
components:
  schemas:
    Person:
      type: object
      properties: { id: { type: string }, full-name: { type: string }, ssn: { type: string }, extra: {} }
`;
const sdl = `
type Query { people: [Person!]! offices: [Office!]! }
type Person { id: ID! salary: Float note: String }
type Office { id: ID! name: String staff: [Person!] }
`;

async function filesIn(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile()).map((one) => one.name);
}

describe('init', () => {
  it('serves what reads; a key sees nothing that sounds sensitive, and may not filter on it', async () => {
    const asked: string[] = [];
    const upstream = await playUpstream((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end('[{ "id": "1", "full-name": "Ada", "ssn": "123-45-6789" }]');
    });
    opened.push(upstream);
    const directory = await writeFiles({ 'staff.yaml': rest });
    const made = await runIn(directory, [
      'init',
      '--json',
      `staff=${join(directory, 'staff.yaml')},${upstream.url}`,
    ]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const { key } = JSON.parse(made.stdout);
    expect(await runIn(directory, ['check'])).toMatchObject({ code: 0 });
    const configFile = join(directory, 'gateway.yaml');
    const text = await readFile(configFile, 'utf8');
    expect(text).not.toContain(key);
    expect(text).not.toContain('POST');
    // Somebody may serve on the ports that it writes.
    await writeFile(configFile, text.replace(/port: 400[01]/g, 'port: 0'));
    const gateway = await serve({ configFile, dev: false, env: {}, log: () => undefined });
    opened.push(gateway);
    const ask = async (query: string, headers: Record<string, string>) => {
      const url = new URL('/graphql', gateway.url);
      const body = JSON.stringify({ query });
      const type = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers: { ...type, ...headers }, body });
      return { status: response.status, body: await response.json() };
    };
    expect((await ask('{ people { fullName } }', {})).status).toBe(401);
    const seen = await ask('{ people { fullName ssn } }', { 'x-api-key': key });
    expect(seen.body.data).toEqual({ people: [{ fullName: 'Ada', ssn: null }] });
    const filtered = await ask('{ people(ssn: "1") { id } }', { 'x-api-key': key });
    expect(filtered.body.data.people).toBe(null);
    expect(asked).toEqual(['/people']);
  });

  it('fits upstreams together that call different things by one name', async () => {
    const directory = await writeFiles({
      'staff.yaml': rest,
      'pay.graphql': sdl,
      'more.yaml': rest,
    });
    const at = (name: string) => join(directory, name);
    const made = await runIn(directory, [
      'init',
      `staff=${at('staff.yaml')}`,
      `pay=${at('pay.graphql')},https://pay.example.com/graphql`,
    ]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(await runIn(directory, ['check'])).toMatchObject({ code: 0 });
    expect(made.stdout).toContain('pay: type names begin with pay_: Person is a type of staff too');
    expect(made.stdout).toContain(`next: npx fieldgate check --config ${at('gateway.yaml')}`);
    const config = await readFile(at('gateway.yaml'), 'utf8');
    expect(config).toContain('url: https://staff.example.com/v1');
    expect(config).toContain('openapi: staff.yaml');
    expect(config).toContain('prefix: pay_');
    expect(config).toContain('Left out: pay: Query.people');
    expect(config).toContain('#   audit: { directory: audit, subjects: { Person: id } }');
    const schema = await runIn(directory, ['schema', '--as', '{"scope":"pay:read"}']);
    expect(schema.stdout).toContain('offices');
    expect(schema.stdout).toContain('type pay_Person');
  });

  it('names a type of its own graph as whose record something is', async () => {
    const directory = await writeFiles({ 'pay.graphql': sdl, 'staff.yaml': rest });
    const at = (name: string) => join(directory, name);
    const offices = `type Query { people: [Office] } type Office { id: ID! } type Person { nr: ID }`;
    await writeFile(at('offices.graphql'), offices);
    const subjectOf = async (folder: string, ...words: string[]) => {
      expect(await runIn(at(folder), ['init', ...words])).toMatchObject({ code: 0, stderr: '' });
      const config = await readFile(join(at(folder), 'gateway.yaml'), 'utf8');
      return /subjects: \{ (.*?) \}/.exec(config)?.[1];
    };
    const pay = `pay=${at('pay.graphql')},https://pay.example.com/graphql`;
    const office = `office=${at('offices.graphql')},https://office.example.com/graphql`;
    expect(await subjectOf('one', office)).toBe('Office: id');
    expect(await subjectOf('two', office, pay)).toBe('pay_Person: id');
  });

  it('calls a server whose variables all have defaults', async () => {
    const servers = `servers:
  - { url: "https://{tenant}.example.com" }
  - { url: "https://{region}.example.com:{port}/{base}", variables: { region: { default: eu }, port: { default: 8443 }, base: { default: v1 } } }
`;
    const directory = await writeFiles({ 'staff.yaml': rest.replace(/servers: .*\n/, servers) });
    const made = await runIn(directory, ['init', `staff=${join(directory, 'staff.yaml')}`]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('at https://eu.example.com:8443/v1;');
  });

  it('says what to type next, also in a folder whose name has a blank', async () => {
    const directory = await writeFiles({ 'it is/staff.yaml': rest });
    const folder = join(directory, 'it is');
    const made = await runIn(folder, ['init', `staff=${join(folder, 'staff.yaml')}`]);
    expect(made.stdout).toContain(
      `next: npx fieldgate check --config '${join(folder, 'gateway.yaml')}'`,
    );
  });

  it('renames nothing where both have a scalar JSON, which an OpenAPI document always describes', async () => {
    const free = rest.replace(
      'paths:',
      'paths:\n  /stats: { get: { responses: { "200": { description: ok, content: { application/json: { schema: { type: object } } } } } } }',
    );
    const directory = await writeFiles({
      'staff.yaml': free,
      'notes.graphql': 'scalar JSON type Query { note: Note } type Note { id: ID! body: JSON }',
    });
    const made = await runIn(directory, [
      'init',
      `staff=${join(directory, 'staff.yaml')}`,
      `notes=${join(directory, 'notes.graphql')},https://notes.example.com/graphql`,
    ]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(directory, 'gateway.yaml'), 'utf8')).not.toContain('prefix');
    const schema = await runIn(directory, ['schema']);
    expect(schema.stdout.match(/scalar JSON/g)).toHaveLength(1);
  });

  it('leaves out what two REST upstreams both describe, and says so', async () => {
    const both = rest.replace(
      'paths:',
      'paths:\n  /teams: { get: { responses: { "200": { description: ok, content: { application/json: { schema: { type: array, items: { type: string } } } } } } } }',
    );
    const directory = await writeFiles({ 'one.yaml': rest, 'two.yaml': both });
    const words = ['one', 'two'].map((name) => `${name}=${join(directory, `${name}.yaml`)}`);
    const made = await runIn(directory, ['init', '--json', ...words]);
    const { upstreams } = JSON.parse(made.stdout);
    expect(upstreams[1]).toMatchObject({ fields: 1, leftOut: [{ field: 'people' }] });
    expect(await runIn(directory, ['check'])).toMatchObject({ code: 0 });
  });

  const answers = (schema: string) =>
    `{ responses: { "200": { content: { application/json: { schema: ${schema} } } } } }`;

  it('says what of the document reads and is not in the graph, and how much there is beside', async () => {
    const more = `paths:
  /lost/{id}: { get: ${answers('{ type: string }')} }
  /gone: { $ref: "#/paths/None" }
  /back\\slash: { get: ${answers('{ type: string }')} }`;
    const directory = await writeFiles({ 'staff.yaml': rest.replace('paths:', more) });
    const made = await runIn(directory, ['init', `staff=${join(directory, 'staff.yaml')}`]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    for (const said of [
      'staff: left out GET /lost/{id}: the path parameter id is not described',
      'staff: left out /gone: the reference #/paths/None leads nowhere',
      'staff: left out GET /back\\slash: ',
      'staff: not in it: 1 operation by another method than GET;',
    ]) {
      expect(made.stdout).toContain(said);
    }
    const config = await readFile(join(directory, 'gateway.yaml'), 'utf8');
    expect(config).toContain('Left out: staff: Query.GET /lost/{id}');
  });

  it('says how writes of a GraphQL service are named, and how many there are', async () => {
    const text = 'type Query { a: ID } type Mutation { b: ID c: ID }';
    const directory = await writeFiles({ 'up.graphql': text });
    const word = `up=${join(directory, 'up.graphql')},https://up.example.com`;
    const made = await runIn(directory, ['init', word]);
    expect(made.stdout).toContain('up: 1 root field at https://up.example.com;');
    expect(made.stdout).toContain('up: not in it: 2 mutations; ');
    const config = await readFile(join(directory, 'gateway.yaml'), 'utf8');
    expect(config).toContain(
      'Only what reads is here. Writes are named the same way: `Mutation.name`.',
    );
  });

  it('names the file of an SDL that is wrong, and the place in it', async () => {
    const directory = await writeFiles({ 'twice.graphql': 'type Query {\n  a: ID\n  a: ID\n}' });
    const word = `up=${join(directory, 'twice.graphql')},https://up.example.com`;
    const made = await runIn(directory, ['init', word]);
    expect(made).toMatchObject({ code: 2, stderr: expect.stringContaining('twice.graphql:2:3: ') });
  });

  it('says of a document without a GET what to do', async () => {
    const posts = `openapi: 3.1.0\npaths: { /search: { post: ${answers('{ type: string }')} } }\n`;
    const directory = await writeFiles({ 'posts.yaml': posts });
    const word = `a=${join(directory, 'posts.yaml')},https://a.example.com`;
    const made = await runIn(directory, ['init', word]);
    expect(made.code).toBe(2);
    expect(made.stderr).toContain('posts.yaml has no GET');
    expect(made.stderr).toContain('Query.name: POST /path');
  });

  it('opens an object type that is called like a structured scalar', async () => {
    const named = rest.replaceAll('Person', 'PersonObject');
    const directory = await writeFiles({ 'staff.yaml': named });
    await runIn(directory, ['init', `staff=${join(directory, 'staff.yaml')}`]);
    const policy = await readFile(join(directory, 'policies/access/staff.yaml'), 'utf8');
    expect(policy).toContain('Query: [ people ]');
    expect(policy).toContain('PersonObject.extra');
  });

  it('asks a GraphQL upstream for the SDL that is not there', async () => {
    const upstream = await playUpstream(async (_request, response, body) => {
      response.setHeader('content-type', 'application/json');
      const { query } = JSON.parse(body);
      response.end(JSON.stringify(await graphql({ schema: buildSchema(sdl), source: query })));
    });
    opened.push(upstream);
    const directory = await writeFiles({});
    const word = `pay=${join(directory, 'pay.graphql')},${upstream.url}`;
    expect(await runIn(directory, ['init', word])).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(join(directory, 'pay.graphql'), 'utf8')).toContain('type Office');
    expect(await runIn(directory, ['check'])).toMatchObject({ code: 0 });
  });

  it('writes over nothing', async () => {
    const directory = await writeFiles(people);
    const word = `people=${join(directory, 'people.yaml')},https://people.example.com`;
    const before = (await filesIn(directory)).sort();
    const made = await runIn(directory, ['init', word]);
    expect(made).toMatchObject({ code: 1, stderr: expect.stringContaining('--config FOLDER') });
    expect((await filesIn(directory)).sort()).toEqual(before);
    expect(await readFile(join(directory, 'gateway.yaml'), 'utf8')).toBe(people['gateway.yaml']);
  });

  it.each([
    ['no word', []],
    ['no form', ['staff.yaml']],
    ['a bad name', ['key=staff.yaml']],
    ['one name twice', ['a=staff.yaml', 'a=staff.yaml']],
    ['no such document', ['a=absent.yaml']],
    ['a document that is none', ['a=pay.graphql.yaml']],
    ['SDL without a server', ['a=pay.graphql']],
    ['no web address', ['a=staff.yaml,ftp://staff.example.com']],
    ['credentials in the address', ['a=staff.yaml,https://me:you@staff.example.com']],
    ['a variable', [`a=staff.yaml,https://${'$'}{HOST}`]],
    ['nobody at the address', ['a=absent.graphql,http://127.0.0.1:1']],
  ])('%s: exit 2, and nothing is written', async (_name, words) => {
    const files = { 'staff.yaml': rest, 'pay.graphql': sdl, 'pay.graphql.yaml': 'a: 1' };
    const directory = await writeFiles(files);
    const located = words.map((word) => word.replace('=', `=${directory}/`));
    const made = await runIn(directory, ['init', ...located]);
    expect(made.code).toBe(2);
    expect(made.stderr).not.toBe('');
    expect((await filesIn(directory)).sort()).toEqual(Object.keys(files).sort());
  });

  it('takes away what it wrote alone, where something was in the way that was not seen', async () => {
    const directory = await writeFiles({ 'staff.yaml': rest });
    const link = join(directory, 'gateway.yaml');
    await symlink('nowhere.yaml', link);
    const made = await runIn(directory, ['init', `staff=${join(directory, 'staff.yaml')}`]);
    expect(made.code).toBe(2);
    expect(await readlink(link)).toBe('nowhere.yaml');
    expect((await readdir(directory)).sort()).toEqual(['gateway.yaml', 'staff.yaml']);
  });

  it('says which upstream did not tell its schema, and where to write it', async () => {
    const upstream = await playUpstream((_request, response) => {
      response.statusCode = 401;
      response.end('{}');
    });
    opened.push(upstream);
    const directory = await writeFiles({});
    const made = await runIn(directory, [
      'init',
      `pay=${join(directory, 'pay.graphql')},${upstream.url}`,
    ]);
    expect(made.code).toBe(2);
    expect(made.stderr).toContain('pay: ');
    expect(made.stderr).toContain('pay.graphql');
    expect(made.stderr).toContain(upstream.url);
    expect(await filesIn(directory)).toEqual([]);
  });

  it('names descriptions from where gateway.yaml stands, also beside or above it', async () => {
    const directory = await writeFiles({ 'apis/staff.yaml': rest });
    const made = await runIn(join(directory, 'mine'), [
      'init',
      `staff=${join(directory, 'apis/staff.yaml')},https://staff.example.com`,
    ]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const text = await readFile(join(directory, 'mine/gateway.yaml'), 'utf8');
    expect(text).toContain('openapi: ../apis/staff.yaml');
    expect(await runIn(join(directory, 'mine'), ['check'])).toMatchObject({ code: 0 });
  });
});
