/**
 * Server-side request forgery: a public name whose owner, or whoever took it over, lets it lead
 * into the gateway's own network (DNS rebinding), to cloud metadata, or to the gateway itself.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { Resolve } from '../../gateway/addresses/shared-lookup.ts';
import { reachOf } from '../../gateway/addresses/special-addresses.ts';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { isPrivateName } from '../../gateway/delegate/transport/upstream-lookup.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext, startHttp } from '../support/delegation.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A server on loopback, asked under a name that resolves to `answers`. */
async function reach(hostname: string, answers: readonly string[], privateNetwork = false) {
  const upstream = await startHttp((_request, response) => response.end('{}'));
  const asked: string[] = [];
  const resolve: Resolve = (name, done) => {
    asked.push(name);
    done(
      null,
      answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  const { port } = new URL(upstream.url);
  const transport = createTransport(
    {
      upstream: 'up',
      url: `http://${hostname}:${port}`,
      timeoutMs: 5_000,
      responseBytesMax: 1_000,
      privateNetwork,
    },
    { now: Date.now, resolve },
  );
  opened.push(upstream, transport);
  const context = newContext();
  const outcome = await transport.send({ method: 'GET', path: '/', label: 'GET /' }, context).then(
    ({ status }) => String(status),
    (error: unknown) => (error instanceof UpstreamFailure ? error.why : String(error)),
  );
  const isRefused = outcome.startsWith('address refused');
  const failure = context.record.upstreamCalls[0]?.failure;
  return { outcome, isRefused, asked, failure, received: upstream.requests.length };
}

describe('a public name', () => {
  const forbidden = [
    ['127.0.0.1'],
    ['::1'],
    ['10.1.2.3'],
    ['172.16.0.1'],
    ['192.168.1.1'],
    ['100.64.0.1'],
    ['fd12::1'],
    ['169.254.169.254'],
    ['fe80::1'],
    ['fd00:ec2::254'],
    ['100.100.100.200'],
    ['0.0.0.0'],
    ['::'],
    ['::ffff:127.0.0.1'],
    ['::ffff:169.254.169.254'],
    ['::ffff:a9fe:a9fe'],
    ['::169.254.169.254'],
    ['64:ff9b::10.0.0.1'],
    ['2002:7f00:1::1'],
    ['93.184.215.14', '127.0.0.1'],
    ['127.0.0.1', '93.184.215.14'],
    ['not an address'],
    [],
  ];
  it.each(forbidden.map((answers) => ({ answers })))(
    'that leads to $answers is refused, and the message names the key',
    async ({ answers }) => {
      const { isRefused, outcome, failure, received } = await reach('api.example.com', answers);
      expect({ isRefused, received }).toEqual({ isRefused: true, received: 0 });
      expect(outcome).toContain('privateNetwork');
      expect(failure).toBe(outcome);
      for (const address of answers) expect(outcome).not.toContain(address);
    },
  );

  it('may lead into a private network where the configuration says so', async () => {
    expect(await reach('api.example.com', ['127.0.0.1'], true)).toMatchObject({
      outcome: '200',
      asked: ['api.example.com'],
    });
  });

  it.each(['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254', '0.0.0.0'])(
    'leads to %s not even then',
    async (address) => {
      const { isRefused, received } = await reach('api.example.com', [address], true);
      expect({ isRefused, received }).toEqual({ isRefused: true, received: 0 });
    },
  );
});

describe('a name of the operator’s own network', () => {
  it.each(['payroll', 'payroll.hr.svc', 'payroll.hr.svc.cluster.local', 'pay.corp.internal'])(
    '%s may lead into it',
    async (hostname) => {
      expect((await reach(hostname, ['127.0.0.1'])).outcome).toBe('200');
    },
  );

  it('leads to no metadata', async () => {
    expect((await reach('payroll', ['169.254.169.254'])).isRefused).toBe(true);
  });

  it.each([
    'api.example.com',
    'local.example.com',
    'payroll.hr',
    'internal.com',
    'a.localhost.com',
    'svc.io.',
  ])('is not %s', (hostname) => expect(isPrivateName(hostname)).toBe(false));

  it.each(['localhost', 'a.localhost', 'PAYROLL.INTERNAL.', 'printer.home.arpa'])(
    'is %s',
    (hostname) => expect(isPrivateName(hostname)).toBe(true),
  );
});

it('an address that is written is the operator’s word, and is not looked up', async () => {
  const { outcome, asked } = await reach('127.0.0.1', ['10.0.0.1']);
  expect({ outcome, asked }).toEqual({ outcome: '200', asked: [] });
});

it('a name that turns bad between two connections is refused at the second', async () => {
  let answers = ['127.0.0.1'];
  const upstream = await startHttp((_request, response) => {
    response.setHeader('connection', 'close');
    response.end('{}');
  });
  const resolve: Resolve = (_name, done) =>
    done(
      null,
      answers.map((address) => ({ address, family: 4 })),
    );
  const url = `http://pay:${new URL(upstream.url).port}`;
  const transport = createTransport(
    { upstream: 'up', url, timeoutMs: 5_000, responseBytesMax: 1_000 },
    { now: Date.now, resolve },
  );
  opened.push(upstream, transport);
  const send = () => transport.send({ method: 'GET', path: '/', label: '' }, newContext());
  expect((await send()).status).toBe(200);
  answers = ['169.254.169.254'];
  await expect(send()).rejects.toThrow(/address refused/);
});

describe('addresses', () => {
  it.each([
    ['93.184.215.14', 'public'],
    ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'public'],
    ['::ffff:93.184.215.14', 'public'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['11.0.0.0', 'public'],
    ['172.31.255.255', 'private'],
    ['fdff::1', 'private'],
    ['127.255.255.254', 'private'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['198.18.0.1', 'never'],
    ['ff02::1', 'never'],
    ['2001:db8::1', 'never'],
    // Metadata of Azure, Google Cloud and Oracle at addresses that are not link-local.
    ['168.63.129.16', 'never'],
    ['168.63.129.15', 'public'],
    ['fd20:ce::254', 'never'],
    ['fd00:c1::a9fe:a9fe', 'never'],
    // What carries an IPv4 address: SIIT and Teredo.
    ['::ffff:0:a9fe:a9fe', 'never'],
    ['::ffff:0:10.0.0.1', 'private'],
    ['::ffff:0:8.8.8.8', 'public'],
    ['2001:0:5ef5:79fd::1', 'never'],
    ['2001:2::1', 'never'],
    ['2001:10::1', 'never'],
    ['2001:4860:4860::8888', 'public'],
    ['010.0.0.1', 'never'],
    ['0x7f.1', 'never'],
  ] as const)('%s is %s', (address, expected) => expect(reachOf(address)).toBe(expected));

  /** Each network at both ends, and what stands right beside it. */
  it.each([
    ['never', '0.0.0.1', '0.255.255.255', '169.254.0.0', '169.254.255.255', '100.100.100.200'],
    ['never', '192.0.0.0', '192.0.0.255', '192.0.2.0', '192.0.2.255', '192.88.99.0'],
    ['never', '192.88.99.255', '198.18.0.0', '198.19.255.255', '198.51.100.0', '198.51.100.255'],
    ['never', '203.0.113.0', '203.0.113.255', '224.0.0.0', '239.255.255.255', '240.0.0.0'],
    ['never', '::', '64:ff9b:1::', '64:ff9b:1:ffff::1', '100::', '100::ffff:0:0:1'],
    ['never', '2001:db8::', '2001:db8:ffff::1', '3fff::', '3fff:fff::1', '5f00::', '5f00:ffff::1'],
    ['never', 'fd00:ec2::254', 'fe80::', 'febf::1', 'fec0::', 'feff::1', 'ff00::', 'ffff::1'],
    ['never', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '2002:ffff:ffff::', '::2'],
    ['private', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255', '127.0.0.0'],
    ['private', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
    ['private', '100.100.100.199', '100.100.100.201', '::1', 'fc00::', 'fdff:ffff::1'],
    ['private', 'fd00:ec2::253', 'fd00:ec2::255', '::10.0.0.1', '2002:a00:1::', '64:ff9b::a00:1'],
    ['public', '1.0.0.0', '9.255.255.255', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
    ['public', '128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0'],
    ['public', '192.0.1.0', '192.0.1.255', '192.0.3.0', '192.88.98.255', '192.88.100.0'],
    ['public', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '198.51.99.255'],
    ['public', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
    ['public', '64:ff9b:0:1::', '64:ff9b:2::', '100:0:0:1::', '2001:db7:ffff::1', '2001:db9::'],
    ['public', '3ffe:ffff::1', '3fff:1000::', '5eff:ffff::1', '5f01::', 'fbff::1', 'fe00::'],
    ['public', '::8.8.8.8', '2002:808:808::1', '2001:ffff::1', '2003::'],
  ] as const)('%s are %j', (expected, ...addresses) => {
    expect(addresses.map((address) => [address, reachOf(address)])).toEqual(
      addresses.map((address) => [address, expected]),
    );
  });
});
