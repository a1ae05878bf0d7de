/** What only a socket shows: framing, hanging up, slow callers, health, draining. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const people = { data: { staff: [{ id: '1', name: 'Ada' }] } };
const answerPeople = (
  _request: unknown,
  response: { end(text: string): unknown; setHeader(n: string, v: string): unknown },
) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(people));
};

const post = (url: string, query: string, init: RequestInit = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    ...init,
  });

describe('a served gateway', () => {
  it('answers over a real upstream and logs one line', async () => {
    const upstream = await playUpstream(answerPeople);
    await using gateway = await serveFiles(smallFiles(upstream.url));
    const response = await post(gateway.url, '{ staff { name ssn } }');
    expect(await response.json()).toMatchObject({ data: { staff: [{ name: 'Ada', ssn: null }] } });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(gateway.lines).toHaveLength(1);
    expect(gateway.lines[0]).toMatchObject({
      status: 200,
      stage: 'answer',
      denied: ['Person.ssn'],
    });
    await upstream.close();
  });

  it('tells a caller with too large a body so, and closes', async () => {
    const upstream = await playUpstream(answerPeople);
    await using gateway = await serveFiles(smallFiles(upstream.url));
    const response = await post(gateway.url, `{ staff { name } } # ${'x'.repeat(300_000)}`);
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).toBe('close');
    const next = await post(gateway.url, '{ staff { name } }');
    expect(next.status).toBe(200);
    await upstream.close();
  });

  it('stops the upstream when the caller hangs up', async () => {
    const hungUp = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const upstream = await playUpstream((request) => {
      request.socket.once('close', () => hungUp.resolve());
      arrived.resolve();
    });
    await using gateway = await serveFiles(smallFiles(upstream.url));
    const caller = new AbortController();
    const asked = post(gateway.url, '{ staff { name } }', { signal: caller.signal });
    await arrived.promise;
    caller.abort();
    await expect(asked).rejects.toThrow();
    await hungUp.promise;
    await expect.poll(() => gateway.lines.length).toBe(1);
    expect(gateway.lines[0]).toMatchObject({ reason: 'gateway/closed-by-caller', aborted: true });
    await upstream.close();
  });

  it('answers what runs and then stops, when it is closed', async () => {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const upstream = await playUpstream(async (request, response) => {
      arrived.resolve();
      await release.promise;
      answerPeople(request, response);
    });
    await using gateway = await serveFiles(smallFiles(upstream.url));
    expect((await fetch(`${gateway.adminUrl}/ready`)).status).toBe(200);
    const asked = post(gateway.url, '{ staff { name } }');
    await arrived.promise;
    const closed = gateway.close();
    expect((await fetch(`${gateway.adminUrl}/ready`)).status).toBe(503);
    release.resolve();
    expect((await asked).status).toBe(200);
    await closed;
    await expect(post(gateway.url, '{ staff { name } }')).rejects.toThrow();
    await upstream.close();
  });

  it('one connection carries refusals and answers in turn', async () => {
    const upstream = await playUpstream(answerPeople);
    await using gateway = await serveFiles(smallFiles(upstream.url));
    const { port, hostname } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    const send = (query: string) => {
      const body = JSON.stringify({ query });
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    };
    for (let turn = 1; turn <= 3; turn += 1) {
      send(turn === 2 ? '{ nothing }' : '{ staff { name } }');
      await expect.poll(() => received.match(/HTTP\/1\.1 200/g)?.length).toBe(turn);
    }
    expect(received).toContain('GRAPHQL_VALIDATION_FAILED');
    socket.destroy();
    await upstream.close();
  });

  it('shows GraphiQL with --dev alone', async () => {
    const upstream = await playUpstream(answerPeople);
    const asBrowser = { headers: { accept: 'text/html' } };
    {
      await using gateway = await serveFiles(smallFiles(upstream.url));
      expect((await fetch(gateway.url, asBrowser)).status).toBe(406);
    }
    await using gateway = await serveFiles(smallFiles(upstream.url), { dev: true });
    const page = await fetch(gateway.url, asBrowser);
    expect(page.headers.get('content-type')).toContain('text/html');
    const text = await page.text();
    expect(text).toContain('graphiql');
    expect(text).toContain('the caller');
    await upstream.close();
  });
});
