/**
 * A caller sends headers in the hope that an upstream believes them: credentials, cookies, a
 * forged client address, hop-by-hop headers that would break the request's framing.
 */
import { expect, it } from 'vitest';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext, startHttp } from '../support/delegation.ts';

const hostile = {
  authorization: 'Bearer stolen',
  cookie: 'session=stolen',
  host: 'evil.example',
  'content-length': '1',
  connection: 'upgrade',
  upgrade: 'h2c',
  'transfer-encoding': 'chunked',
  'x-forwarded-for': '10.0.0.1',
  'x-forwarded-host': 'evil.example',
  forwarded: 'for=10.0.0.1',
  'x-real-ip': '10.0.0.1',
  traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
  'x-user': 'admin',
  'accept-language': 'fr',
};

it('lets only the named header across', async () => {
  const upstream = await startHttp((_request, response) => response.end('{}'));
  const transport = createTransport(
    {
      upstream: 'up',
      url: upstream.url,
      forward: ['accept-language'],
      timeoutMs: 5000,
      responseBytesMax: 10,
    },
    { now: Date.now },
  );
  const request = { method: 'POST', path: '/', label: 'query', body: '{"a":1}' };
  await transport.send(request, newContext({ inboundHeaders: hostile }));
  const { traceparent, ...sent } = upstream.requests[0]?.headers ?? {};
  expect(sent).toEqual({
    accept: 'application/json',
    'accept-language': 'fr',
    connection: 'keep-alive',
    'content-length': '7',
    'content-type': 'application/json',
    host: new URL(upstream.url).host,
  });
  expect(traceparent).not.toContain('11111111');
  await transport.close();
  await upstream.close();
});

it('takes none of them from an operation either', async () => {
  const upstream = await startHttp((_request, response) => response.end('{}'));
  const transport = createTransport(
    { upstream: 'up', url: upstream.url, timeoutMs: 5000, responseBytesMax: 10 },
    { now: Date.now },
  );
  const names = [
    'authorization',
    'Cookie',
    'HOST',
    'content-length',
    'x-forwarded-for',
    'transfer-encoding',
  ];
  for (const name of names) {
    const request = { method: 'GET', path: '/', label: 'GET /', headers: { [name]: 'x' } };
    await expect(transport.send(request, newContext())).rejects.toBeInstanceOf(UpstreamFailure);
  }
  const split = {
    method: 'GET',
    path: '/',
    label: 'GET /',
    headers: { 'x-a': '1\r\nx-user: admin' },
  };
  await expect(transport.send(split, newContext())).rejects.toBeInstanceOf(UpstreamFailure);
  expect(upstream.requests).toEqual([]);
  await transport.close();
  await upstream.close();
});

it('never reads an inherited property as a header', async () => {
  const upstream = await startHttp((_request, response) => response.end('{}'));
  const transport = createTransport(
    {
      upstream: 'up',
      url: upstream.url,
      forward: ['constructor', 'x-user'],
      timeoutMs: 5000,
      responseBytesMax: 10,
    },
    { now: Date.now },
  );
  const inboundHeaders: Record<string, string> = Object.create({ 'x-user': 'admin' });
  await transport.send(
    { method: 'GET', path: '/', label: 'GET /' },
    newContext({ inboundHeaders }),
  );
  expect(upstream.requests[0]?.headers).not.toHaveProperty('x-user');
  expect(Object.keys(upstream.requests[0]?.headers ?? {})).not.toContain('constructor');
  await transport.close();
  await upstream.close();
});

const messageHeaders = ['accept', 'Accept-Encoding', 'content-encoding', 'content-type'];
it.each([...messageHeaders, 'proxy-authorization', 'traceparent', 'transfer-encoding'])(
  'nobody sets or forwards %s: another message, or another connection, would be read from it',
  (name) => {
    const open = (about: { headers?: Record<string, string>; forward?: string[] }) => () =>
      createTransport(
        {
          upstream: 'up',
          url: 'http://127.0.0.1:1',
          timeoutMs: 5000,
          responseBytesMax: 10,
          ...about,
        },
        { now: Date.now },
      );
    expect(open({ headers: { [name]: 'gzip' } })).toThrow(name);
    expect(open({ forward: [name] })).toThrow(name);
  },
);
