/**
 * The console has no lock, and a browser on its machine can be made to ask for it: by a name that was
 * pointed there (DNS rebinding), by a page of elsewhere, in a frame. Nor may whoever asks often, or
 * reads slowly, take anything from the gateway's own work.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createConsoleDoor,
  statesAtOnceMax,
  statesPerSecondMax,
} from '../../gateway/console/console-door.ts';
import { readPageFiles } from '../../gateway/console/page-files.ts';
import { refusalWords } from '../../gateway/console/refusal-words.ts';
import { startAdmin } from '../../gateway/http/admin.ts';
import { ask, cursorOf, serveConsole, stateOf } from '../support/console.ts';

interface Answered {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const sent = request(url, { method, headers, agent: false });
  sent.on('error', reject).on('response', async (response) => {
    const { statusCode: status = 0, headers: its } = response;
    resolve({ status, body: await text(response), headers: its });
  });
  sent.end();
  return promise;
}

const paths = ['/', '/console', '/console/', '/console/state', '/console/console.js', '/metrics'];

it('a name that was pointed at the port gets nothing', async () => {
  const { adminUrl } = await serveConsole();
  const { port } = new URL(adminUrl);
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', 'x']) {
    for (const path of paths) {
      const { status, body } = await get(adminUrl + path, { host });
      expect({ host, path, status }).toEqual({ host, path, status: 421 });
      expect(body).toBe('{"status":"misdirected"}');
    }
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
    expect((await get(`${adminUrl}/console/state`, { host })).status).toBe(200);
  }
});

const foreign = [
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  // Another port of the same machine.
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
];
it.each(foreign)('a page of elsewhere gets nothing: %j', async (headers) => {
  const { adminUrl } = await serveConsole();
  for (const path of paths) {
    const answered = await get(adminUrl + path, headers as Record<string, string>);
    expect({ path, status: answered.status }).toEqual({ path, status: 403 });
    expect(answered.body).toBe('{"status":"foreign-page"}');
    expect(answered.headers['access-control-allow-origin']).toBeUndefined();
  }
});

it('a link from elsewhere opens the page, which no frame may hold', async () => {
  const { adminUrl } = await serveConsole();
  const { status, headers, body } = await get(`${adminUrl}/console/`, {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  });
  expect(status).toBe(200);
  expect(body).toContain('<title>Fieldgate console</title>');
  expect(headers['x-frame-options']).toBe('DENY');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
});

it('every answer is strict, and none sets a cookie', async () => {
  const { adminUrl } = await serveConsole();
  for (const path of [
    '/console/',
    '/console/state',
    '/console/console.js',
    '/console/console.css',
  ]) {
    const { headers, body } = await get(adminUrl + path);
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(policy).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
    // Nothing of another's: no address but names of XML.
    expect(body.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
  }
});

it('nothing can be sent to it', async () => {
  const { adminUrl } = await serveConsole();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await get(`${adminUrl}/console/state`, {}, method);
    expect({ method, status }).toEqual({ method, status: 405 });
    expect(headers.allow).toBe('GET, HEAD');
  }
  const head = await get(`${adminUrl}/console/`, {}, 'HEAD');
  expect([head.status, head.body]).toEqual([200, '']);
});

it('no path leads to another file', async () => {
  const { adminUrl } = await serveConsole();
  const tries = [
    '..%2fadmin.ts',
    '%2e%2e/admin.ts',
    '../admin.ts',
    '..\\admin.ts',
    'index.html',
    'constructor',
    '__proto__',
    'state/',
    'page/console.js',
  ];
  const { port } = new URL(adminUrl);
  for (const one of tries) {
    // As it is written: a client that tidies paths would hide what is asked.
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET /console/${one} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    const answered = await text(socket);
    expect({ one, status: answered.slice(0, 12) }).toEqual({ one, status: 'HTTP/1.1 404' });
  }
});

it('a cursor is one, or is refused', async () => {
  const { adminUrl } = await serveConsole();
  const wrong = [
    'x',
    '1',
    '0000000g.1',
    '00000000.',
    '00000000.1_',
    `${'00000000.1_'.repeat(300)}`,
  ];
  for (const after of wrong) {
    const { status } = await get(`${adminUrl}/console/state?after=${encodeURIComponent(after)}`);
    expect({ after: after.slice(0, 20), status }).toEqual({
      after: after.slice(0, 20),
      status: 400,
    });
  }
  // Of a process that is no more.
  const { processes } = await stateOf(adminUrl, '00000000.17');
  expect(processes).toHaveLength(1);
});

describe('whoever comes from elsewhere', () => {
  it('finds no console where the port is open to others', async () => {
    const { adminUrl } = await serveConsole((files) => ({
      ...files,
      'gateway.yaml': String(files['gateway.yaml']).replace(
        'admin: { port: 0 }',
        'admin: { host: 0.0.0.0, port: 0 }',
      ),
    }));
    const here = adminUrl.replace('0.0.0.0', '127.0.0.1');
    for (const path of ['/', '/console/', '/console/state', '/console/console.js']) {
      const { status, body } = await get(here + path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(JSON.parse(body).status).toBe('console-off');
    }
    expect((await get(`${here}/ready`)).status).toBe(200);
  });

  it('from the machine itself there is one where it is asked for', async () => {
    const { adminUrl } = await serveConsole((files) => ({
      ...files,
      'gateway.yaml': String(files['gateway.yaml']).replace(
        'admin: { port: 0 }',
        'admin: { host: 0.0.0.0, port: 0, console: true }',
      ),
    }));
    const here = adminUrl.replace('0.0.0.0', '127.0.0.1');
    expect((await get(`${here}/console/`)).status).toBe(200);
  });

  it('finds none where it is switched off', async () => {
    const { adminUrl } = await serveConsole((files) => ({
      ...files,
      'gateway.yaml': String(files['gateway.yaml']).replace(
        'admin: { port: 0 }',
        'admin: { port: 0, console: false }',
      ),
    }));
    expect((await get(`${adminUrl}/console/`)).status).toBe(404);
  });

  it('is refused where it is asked for all the same', async () => {
    const files = await readPageFiles(refusalWords);
    const door = createConsoleDoor({ files, state: async () => '{}', clock: () => 0 });
    for (const peer of ['10.0.0.1', '192.168.1.7', '::ffff:10.0.0.1', 'fe80::1%eth0', '']) {
      for (const path of ['/', '/console/', '/console/state']) {
        expect(await door({ path, search: '', peer })).toMatchObject({ status: 403 });
      }
    }
    for (const peer of ['127.0.0.1', '127.0.0.6', '::1', '::ffff:127.0.0.1']) {
      expect(await door({ path: '/console/', search: '', peer })).toMatchObject({ status: 200 });
    }
  });
});

async function startDoor(options: {
  state: () => Promise<string>;
  clock?: () => number;
  answerMs?: number;
}) {
  const { state, clock = () => performance.now(), answerMs } = options;
  const console = createConsoleDoor({ files: new Map(), state, clock });
  const listen = { host: '127.0.0.1', port: 0, ...(answerMs !== undefined && { answerMs }) };
  const admin = await startAdmin(listen, { isReady: () => true, console });
  onTestFinished(() => admin.close());
  return `http://127.0.0.1:${admin.port}`;
}

describe('whoever asks too often', () => {
  it('a thousand questions in one moment: as many are answered as in a second', async () => {
    let made = 0;
    const url = await startDoor({
      state: async () => {
        made += 1;
        return '{}';
      },
      clock: () => 0,
    });
    const statuses: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const some = Array.from({ length: 50 }, () => get(`${url}/console/state`));
      statuses.push(...(await Promise.all(some)).map(({ status }) => status));
    }
    expect(made).toBe(statesPerSecondMax);
    expect(statuses.filter((status) => status === 200)).toHaveLength(statesPerSecondMax);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1_000 - statesPerSecondMax);
    expect((await get(`${url}/ready`)).status).toBe(200);
  });

  it('whoever does not read holds a few answers at most, and is cut off', async () => {
    const big = JSON.stringify('x'.repeat(8 * 1024 * 1024));
    const url = await startDoor({ state: async () => big, answerMs: 2_000 });
    const { port } = new URL(url);
    const sockets = Array.from({ length: statesAtOnceMax }, () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write('GET /console/state HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return socket;
    });
    // The first bytes are there; nobody takes the rest.
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    expect((await get(`${url}/console/state`)).status).toBe(429);
    await Promise.all(
      sockets.map((socket) => {
        const closed = once(socket, 'close');
        socket.on('error', () => undefined).resume();
        return closed;
      }),
    );
    const status = async () => (await get(`${url}/console/state`)).status;
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
  });

  it('who leaves while a state is made gives its place back', async () => {
    const made: (() => void)[] = [];
    let isSlow = true;
    const url = await startDoor({
      state: () =>
        isSlow ? new Promise((resolve) => made.push(() => resolve('{}'))) : Promise.resolve('{}'),
    });
    const { port } = new URL(url);
    const sockets = Array.from({ length: statesAtOnceMax }, () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.write('GET /console/state HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return socket;
    });
    await expect.poll(() => made.length, { timeout: 20_000 }).toBe(statesAtOnceMax);
    isSlow = false;
    await Promise.all(
      sockets.map((socket) => {
        const closed = once(socket, 'close');
        socket.resetAndDestroy();
        return closed;
      }),
    );
    // The server has seen them go once it has served another.
    await get(`${url}/console/`);
    for (const make of made) make();
    const status = async () => (await get(`${url}/console/state`)).status;
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
  });

  it('a state that fails gives its place back', async () => {
    let fails = true;
    const url = await startDoor({
      state: async () => {
        if (fails) throw new Error('secret');
        return '{}';
      },
    });
    for (let at = 0; at < statesAtOnceMax; at += 1) {
      const { status, body } = await get(`${url}/console/state`);
      expect([status, body]).toEqual([500, '{"status":"failed"}']);
    }
    fails = false;
    expect((await get(`${url}/console/state`)).status).toBe(200);
  });
});

describe('what is told of a request', () => {
  it('is no more than its line in the log, and its rules', async () => {
    const gateway = await serveConsole();
    await ask(gateway.url, 'query Zyxwvut { secretAlias: staff { name ssn } }', {
      'x-forwarded-for': '203.0.113.9',
      'user-agent': 'secret-agent',
    });
    const requests = () => gateway.lines.filter(({ kind }) => kind === 'request');
    await expect.poll(() => requests().length, { timeout: 20_000 }).toBe(1);
    const state = await stateOf(gateway.adminUrl);
    const [decision] = state.processes[0]?.decisions ?? [];
    expect(decision?.line).toEqual(requests()[0]);
    expect(decision?.denials).toEqual([
      { coordinate: 'Person.ssn', classes: ['government-id'], rule: 'ids', scopes: ['ssn'] },
    ]);
    expect(Object.keys(decision ?? {}).sort()).toEqual(
      ['delivered', 'denials', 'line', 'policy', 'seq'].sort(),
    );
    const all = JSON.stringify(state);
    for (const secret of [
      'Zyxwvut',
      'secretAlias',
      '203.0.113.9',
      'secret-agent',
      '127.0.0.1',
      'Ada',
    ]) {
      expect(all.includes(secret), secret).toBe(false);
    }
    expect((await stateOf(gateway.adminUrl, cursorOf(state))).processes[0]?.decisions).toEqual([]);
  });

  it('a flood of refusals pushes nothing out', async () => {
    const gateway = await serveConsole();
    await ask(gateway.url, '{ staff { name ssn } }');
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => ask(gateway.url, '{')));
    }
    const [state] = (await stateOf(gateway.adminUrl)).processes;
    expect(state?.skipped).toBe(0);
    expect(state?.decisions.some(({ denials }) => denials.length > 0)).toBe(true);
    const refused = state?.readings.find(({ name }) => name === 'gateway.refusals');
    expect(refused?.value).toBe(1_000);
  });
});
