/**
 * Four gateway processes as they are run, with one real Redis and one upstream between them: the
 * limits hold for all of them together.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis, until } from '../support/redis.ts';
import { type PlayedUpstream, playUpstream } from '../support/served.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const limit = 5;
const recordsLimit = 20;
const rows = Array.from({ length: 1_000 }, (_, id) => ({ id: String(id), ssn: `900-${id}` }));

let logins = 0;
let server: RedisServer;
let upstream: PlayedUpstream;
let directory: string;
let urls: string[] = [];
const children: ChildProcess[] = [];

function filesOf(redisUrl: string, upstreamUrl: string): Record<string, string> {
  return {
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams: { staff: { graphql: staff.graphql, url: ${upstreamUrl} } }
identity: { anonymous: allow }
store: ${redisUrl}
onStoreDown: refuse
storeSecret: ${crypto.randomUUID()}
`,
    'staff.graphql': `
type Query { staff: [Person!] ready: Boolean }
type Mutation { login(email: String!): Boolean }
type Person { id: ID! ssn: String }
`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [staff, ready], Mutation: [login], Person: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`,
    'policies/rates/default.yaml': `
version: 1
rates:
  - { name: login-email, fields: { Mutation: [login] }, per: args.email, limit: ${limit}, window: 1h }
  - { name: egress, class: government-id, per: address, counts: records, limit: ${recordsLimit}, window: 1h }
  - { name: ready, fields: { Query: [ready] }, per: address, limit: 1000, window: 1m }
`,
  };
}

async function startGateway(): Promise<string> {
  const child = spawn(
    process.execPath,
    [main, 'serve', '--config', join(directory, 'gateway.yaml')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  children.push(child);
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await until('a gateway', () => {
    if (child.exitCode !== null) throw new Error(`the gateway ended:\n${printed}`);
    return /serving \S+,/.test(printed);
  });
  return /serving (\S+),/.exec(printed)?.[1] ?? '';
}

async function ask(url: string | undefined, query: string) {
  const response = await fetch(url ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, text: await response.text() };
}

beforeAll(async () => {
  server = await startRedis();
  upstream = await playUpstream((_request, response, body) => {
    const isLogin = body.includes('login');
    if (isLogin) logins += 1;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ data: isLogin ? { login: true } : { staff: rows, ready: true } }),
    );
  });
  directory = await mkdtemp(join(tmpdir(), 'fieldgate-'));
  for (const [name, text] of Object.entries(filesOf(server.url, upstream.url))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  urls = await Promise.all(Array.from({ length: 4 }, startGateway));
  for (const url of urls) {
    await until('the store', async () => (await ask(url, '{ ready }')).status === 200);
  }
}, 60_000);
afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await upstream?.close();
  await server?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

const count = (answers: { status: number }[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

describe('four gateway processes on one Redis', () => {
  it('let exactly five of 200 sign-ins at once run', async () => {
    const login = 'mutation { login(email: "ada@x.test") }';
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => ask(urls[at % urls.length], login)),
    );
    // A decision that came too late on a busy machine is 503, and may be spent all the same.
    const late = count(answers, 503);
    expect(count(answers, 429) + count(answers, 200) + late).toBe(200);
    expect(count(answers, 200)).toBe(logins);
    expect(logins).toBeLessThanOrEqual(limit);
    expect(logins + late).toBeGreaterThanOrEqual(limit);
  });

  it('let no more records leave together than one would', async () => {
    const texts: string[] = [];
    let late = 0;
    for (let at = 0; at < 12; at += 1) {
      const { status, text } = await ask(urls[at % urls.length], '{ staff { id ssn } }');
      texts.push(text);
      if (status === 503) late += 1;
    }
    const left = texts.join('').match(/900-\d+/g)?.length ?? 0;
    expect(left).toBeLessThanOrEqual(recordsLimit);
    expect(left + late * recordsLimit).toBeGreaterThanOrEqual(recordsLimit);
  });
});
