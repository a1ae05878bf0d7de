import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { Pool } from 'undici';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createTransport,
  type TransportMeans,
  type TransportOptions,
  type UpstreamTransport,
} from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { TurnEndQueue } from '../../gateway/time/turn-end.ts';
import { newCaller, newContext, newRecord, startHttp } from '../support/delegation.ts';
import { neverForwarded } from './never-forwarded.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function rig(
  answer: Parameters<typeof startHttp>[0],
  options: Partial<TransportOptions> = {},
  means: Partial<TransportMeans> = {},
) {
  const upstream = await startHttp(answer);
  const transport = open({ url: upstream.url, ...options }, means);
  opened.push(upstream);
  return { upstream, transport };
}

function open(
  options: Partial<TransportOptions>,
  means: Partial<TransportMeans> = {},
): UpstreamTransport {
  const transport = createTransport(
    {
      upstream: 'up',
      url: 'http://127.0.0.1:1',
      timeoutMs: 5000,
      responseBytesMax: 1000,
      ...options,
    },
    { now: Date.now, ...means },
  );
  opened.push(transport);
  return transport;
}

const get = { method: 'GET', path: '/', label: 'GET /' };
async function whyFails(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof UpstreamFailure)) throw new Error('no UpstreamFailure', { cause: error });
  return `${error.code} ${error.why}`;
}

describe('an exchange', () => {
  it('gives status, media type and body, and is recorded', async () => {
    const { transport } = await rig((_request, response, body) => {
      response.writeHead(201, { 'content-type': 'Application/JSON; charset=utf-8' });
      response.end(`é${body}`);
    });
    const context = newContext();
    const answer = await transport.send(
      { method: 'POST', path: '/x', label: 'POST /x', body: '!' },
      context,
    );
    expect(answer).toEqual({ status: 201, contentType: 'application/json', body: 'é!' });
    expect(context.record.upstreamCalls).toEqual([
      {
        upstream: 'up',
        operation: 'POST /x',
        status: 201,
        durationMs: expect.any(Number),
        startedAtMs: expect.any(Number),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        responseBytes: 3,
      },
    ]);
  });

  it('reads bodies of many pieces whole', async () => {
    const text = 'ä€😀'.repeat(20_000);
    const bytes = Buffer.from(text);
    const { transport } = await rig(
      (_request, response) => {
        for (let at = 0; at < bytes.length; at += 1013)
          response.write(bytes.subarray(at, at + 1013));
        response.end();
      },
      { responseBytesMax: bytes.length },
    );
    const { body } = await transport.send(get, newContext());
    const digest = (value: string) => createHash('sha256').update(value).digest('hex');
    expect(digest(body)).toBe(digest(text));
  });

  it('keeps connections', async () => {
    const ports = new Set<number | undefined>();
    const { transport } = await rig((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    for (let call = 0; call < 9; call += 1) await transport.send(get, newContext());
    // The next call may start before the last one's connection is free again.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  const urls = [
    { name: 'the URL itself', given: ['/graphql', '/'], expect: '/graphql' },
    { name: 'a closing slash that is written', given: ['/graphql/', '/'], expect: '/graphql/' },
    { name: 'a path under the base', given: ['/v1', '/a/b?c=d'], expect: '/v1/a/b?c=d' },
    { name: 'a path under a base with a slash', given: ['/v1/', '/a%2Fb'], expect: '/v1/a%2Fb' },
    { name: 'no base', given: ['', '/a'], expect: '/a' },
  ];
  it.each(urls)('reaches $name', async ({ given: [base, path = ''], expect: wanted }) => {
    const upstream = await startHttp((request, response) => response.end(request.url));
    opened.push(upstream);
    const transport = open({ url: upstream.url + base });
    expect((await transport.send({ ...get, path }, newContext())).body).toBe(wanted);
  });

  const paths = [
    'a',
    '//evil.example',
    '/a b',
    '/a#b',
    '/a\\b',
    '/a\r\nx: y',
    '/é',
    '/a/../b',
    '/%2e%2E/b',
    '/./a',
    '/..?x',
    '',
  ];
  it.each(paths)('refuses the path %j before anything is sent', async (path) => {
    const { transport, upstream } = await rig((_request, response) => response.end('{}'));
    const context = newContext();
    expect(await whyFails(transport.send({ ...get, path }, context))).toBe(
      'UPSTREAM_FAILED request path refused',
    );
    expect(upstream.requests).toHaveLength(0);
    expect(context.record.upstreamCalls[0]).toMatchObject({
      status: 0,
      failure: 'request path refused',
    });
  });
});

describe('limits', () => {
  it('fails at once past the queue, and recovers', async () => {
    const held: (() => void)[] = [];
    const { transport } = await rig(
      (_request, response) => {
        held.push(() => response.end('{}'));
      },
      { connections: 1, waitingMax: 1 },
    );
    const first = transport.send(get, newContext());
    const second = transport.send(get, newContext());
    expect(await whyFails(transport.send(get, newContext()))).toBe('UPSTREAM_FAILED queue full');
    for (const call of [first, second]) {
      await expect.poll(() => held.length).toBe(1);
      held.pop()?.();
      await call;
    }
    const again = transport.send(get, newContext());
    await expect.poll(() => held.length).toBe(1);
    held.pop()?.();
    await expect(again).resolves.toMatchObject({ status: 200 });
  });

  it('counts a waiting request until the pool has let it go, and never sends a cancelled one', async () => {
    const held: (() => void)[] = [];
    const { transport, upstream } = await rig(
      (_request, response) => {
        held.push(() => response.end('{}'));
      },
      { connections: 1, waitingMax: 1 },
    );
    const controller = new AbortController();
    const first = transport.send(get, newContext());
    const cancelled = { ...get, path: '/cancelled' };
    const second = transport.send(cancelled, newContext({ signal: controller.signal }));
    await turn();
    controller.abort();
    expect(await whyFails(second)).toBe('UPSTREAM_FAILED cancelled');
    expect(await whyFails(transport.send(get, newContext()))).toBe('UPSTREAM_FAILED queue full');
    await expect.poll(() => held.length).toBe(1);
    held.pop()?.();
    await first;
    const third = transport.send(get, newContext());
    await expect.poll(() => held.length).toBe(1);
    held.pop()?.();
    await third;
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/', '/']);
  });

  it('neither sends nor counts what was cancelled in the turn that asked for it', async () => {
    // By a clock of its own: where the machine holds a turn up, nothing waits for its end.
    const { transport, upstream } = await rig(
      (_request, response) => response.end('{}'),
      { connections: 1, waitingMax: 1 },
      { turnEnd: new TurnEndQueue(() => 0) },
    );
    const controller = new AbortController();
    const about = newContext({ signal: controller.signal });
    const both = [transport.send(get, about), transport.send(get, about)].map(whyFails);
    controller.abort();
    expect(await Promise.all(both)).toEqual(Array(2).fill('UPSTREAM_FAILED cancelled'));
    // No trace and no metric may tell of a call that the upstream has not seen.
    expect(about.record.upstreamCalls).toMatchObject(Array(2).fill({ spanId: undefined }));
    await turn();
    const again = [transport.send(get, newContext()), transport.send(get, newContext())];
    expect(await Promise.all(again)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(upstream.requests).toHaveLength(2);
  });

  it('gives back the place of what undici breaks at, and tells of that', async () => {
    const { transport } = await rig((_request, response) => response.end('{}'), {
      connections: 1,
      waitingMax: 0,
    });
    const told: unknown[] = [];
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => {
      told.push(error);
    });
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection');
      for (const one of before) process.on('unhandledRejection', one);
    });
    const fault = new Error('of another');
    vi.spyOn(Pool.prototype, 'dispatch').mockImplementationOnce(() => {
      throw fault;
    });
    expect(await whyFails(transport.send(get, newContext()))).toBe(
      'UPSTREAM_FAILED fault of the gateway',
    );
    await expect(transport.send(get, newContext())).resolves.toMatchObject({ status: 200 });
    expect(told).toEqual([fault]);
  });

  it('sends what was asked for in the turn in which it is closed', async () => {
    const { transport } = await rig((_request, response) => response.end('{}'));
    const asked = transport.send(get, newContext());
    const closing = transport.close();
    await expect(asked).resolves.toMatchObject({ status: 200 });
    await closing;
  });

  it('does not send what is already too late or cancelled', async () => {
    const { transport, upstream } = await rig((_request, response) => response.end('{}'));
    const late = newContext({ deadlineMs: Date.now() - 1 });
    expect(await whyFails(transport.send(get, late))).toBe('UPSTREAM_TIMEOUT timeout');
    const gone = newContext({ signal: AbortSignal.abort() });
    expect(await whyFails(transport.send(get, gone))).toBe('UPSTREAM_FAILED cancelled');
    expect(upstream.requests).toHaveLength(0);
  });

  it('takes the smaller of its own time and what the operation has left', async () => {
    const { transport } = await rig(() => undefined, { timeoutMs: 60_000 });
    const asked = transport.send(get, newContext({ deadlineMs: Date.now() + 50 }));
    expect(await whyFails(asked)).toBe('UPSTREAM_TIMEOUT timeout');
  });

  it('stops upstream work when the caller goes', async () => {
    let closed: () => void = () => undefined;
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const controller = new AbortController();
    const { transport } = await rig((request) => {
      request.socket.once('close', () => closed());
      controller.abort();
    });
    const asked = transport.send(get, newContext({ signal: controller.signal }));
    expect(await whyFails(asked)).toBe('UPSTREAM_FAILED cancelled');
    await hungUp;
  });

  it('says timeout where the signal is the operation’s own deadline', async () => {
    const controller = new AbortController();
    let nowMs = 1000;
    const upstream = await startHttp(() => {
      nowMs = 9000;
      controller.abort();
    });
    opened.push(upstream);
    const transport = createTransport(
      { upstream: 'up', url: upstream.url, timeoutMs: 60_000, responseBytesMax: 10 },
      { now: () => nowMs, tick: () => nowMs + nowMs / 7 },
    );
    opened.push(transport);
    const context = newContext({ deadlineMs: 9000, signal: controller.signal });
    expect(await whyFails(transport.send(get, context))).toBe('UPSTREAM_TIMEOUT timeout');
    expect(context.record.upstreamCalls[0]).toMatchObject({
      durationMs: 9142.857,
      failure: 'timeout',
    });
  });

  it('fails after close', async () => {
    const { transport } = await rig((_request, response) => response.end('{}'));
    await transport.close();
    expect(await whyFails(transport.send(get, newContext()))).toBe(
      'UPSTREAM_FAILED transport closed',
    );
  });

  it('tells the code of a connection that fails, not its address', async () => {
    const { upstream, transport } = await rig((_request, response) => response.end('{}'));
    await upstream.close();
    expect(await whyFails(transport.send(get, newContext()))).toBe(
      'UPSTREAM_FAILED connection failed (ECONNREFUSED)',
    );
  });
});

describe('headers', () => {
  it('sends what is owed, forwarded and traced, and nothing else', async () => {
    const { transport, upstream } = await rig((_request, response) => response.end('{}'), {
      headers: { Authorization: 'Bearer demo', 'x-tenant': 'a-{claims.org.tenant}-{claims.level}' },
      forward: ['Accept-Language'],
    });
    const context = newContext({
      record: newRecord(newCaller({ org: { tenant: 'acme' }, level: 3 })),
      inboundHeaders: { 'accept-language': 'de', 'x-other': 'no' },
    });
    await transport.send(get, context);
    await transport.send(get, context);
    const [first, second] = upstream.requests.map(({ headers }) => headers);
    const { host: _host, traceparent, ...rest } = first ?? {};
    expect(rest).toEqual({
      accept: 'application/json',
      'accept-language': 'de',
      authorization: 'Bearer demo',
      connection: 'keep-alive',
      'x-tenant': 'a-acme-3',
    });
    const { traceId, spanId } = context.record.trace;
    expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(traceparent).not.toContain(spanId);
    expect(second?.traceparent).not.toBe(traceparent);
  });

  it('sends a claim by its whole name before its path, as rules read it', async () => {
    const { transport, upstream } = await rig((_request, response) => response.end('{}'), {
      headers: {
        'x-tenant': '{claims.org.tenant}',
        'x-team': '{claims.https://idp.example.com/team}',
      },
    });
    const claims = {
      'org.tenant': 'whole',
      org: { tenant: 'nested' },
      'https://idp.example.com/team': 'blue',
    };
    await transport.send(get, newContext({ record: newRecord(newCaller(claims)) }));
    expect(upstream.requests[0]?.headers).toMatchObject({ 'x-tenant': 'whole', 'x-team': 'blue' });
  });

  it('lets an operation add its own, which what is owed overrides', async () => {
    const { transport, upstream } = await rig((_request, response) => response.end('{}'), {
      headers: { 'x-key': 'owed' },
    });
    const headers = { accept: 'text/plain', 'x-key': 'mine', 'x-mine': '1' };
    await transport.send(
      { method: 'POST', path: '/', label: 'l', body: '{}', headers },
      newContext(),
    );
    expect(upstream.requests[0]?.headers).toMatchObject({
      accept: 'text/plain',
      'x-key': 'owed',
      'x-mine': '1',
      'content-type': 'application/json',
    });
  });

  const claims: { name: string; given: Record<string, unknown> | undefined }[] = [
    { name: 'no caller', given: undefined },
    { name: 'no claim', given: {} },
    { name: 'an inherited property', given: { a: [] } },
    { name: 'an object', given: { a: { length: {} } } },
    { name: 'a list', given: { a: { length: ['acme'] } } },
    { name: 'empty text', given: { a: { length: '' } } },
    { name: 'a line break', given: { a: { length: 'x\r\nadmin: 1' } } },
    { name: 'blanks that would be trimmed', given: { a: { length: ' acme' } } },
    { name: 'text that is not ASCII', given: { a: { length: 'ä' } } },
    { name: 'null', given: { a: { length: null } } },
  ];
  it.each(claims)('sends nothing for a claim that is $name', async ({ given }) => {
    const { transport, upstream } = await rig((_request, response) => response.end('{}'), {
      headers: { 'x-tenant': '{claims.a.length}' },
    });
    const context = newContext({ record: newRecord(given && newCaller(given)) });
    expect(await whyFails(transport.send(get, context))).toMatch(
      /^UPSTREAM_FAILED claim a\.length/,
    );
    expect(upstream.requests).toHaveLength(0);
  });

  const refused: { name: string; given: Partial<TransportOptions>; expect: RegExp }[] = [
    ...[...neverForwarded, 'a b'].map((name) => ({
      name: `forwarding ${name}`,
      given: { forward: [name] },
      expect: /up.*forward/,
    })),
    ...['host', 'content-length', 'Connection', 'traceparent', 'x\ny'].map((name) => ({
      name: `setting ${name}`,
      given: { headers: { [name]: 'secret' } },
      expect: /^(?!.*secret).*up.*header/s,
    })),
    {
      name: 'a placeholder of another kind',
      given: { headers: { a: '{env.secret}' } },
      expect: /^(?!.*secret).*"a"/,
    },
    {
      name: 'a line break',
      given: { headers: { a: 'secret\r\nb: c' } },
      expect: /^(?!.*secret).*"a"/s,
    },
    { name: 'one header twice', given: { headers: { a: '1', A: '2' } }, expect: /twice/ },
    {
      name: 'a header set and forwarded',
      given: { headers: { a: '1' }, forward: ['A'] },
      expect: /"A"/,
    },
    {
      name: 'credentials in the URL',
      given: { url: 'http://u:secret@h/' },
      expect: /^(?!.*secret).*up/,
    },
    {
      name: 'a query in the URL',
      given: { url: 'http://h/?key=secret' },
      expect: /^(?!.*secret).*up/,
    },
    { name: 'another protocol', given: { url: 'file:///etc/secret' }, expect: /^(?!.*secret).*up/ },
    { name: 'no URL', given: { url: 'secret' }, expect: /^(?!.*secret).*up/ },
  ];
  it.each(refused)('refuses to start with $name', ({ given, expect: names }) => {
    expect(() => open(given)).toThrow(names);
  });
});
