/**
 * More connections than the process may have files: those that are there are served, and what the
 * gateway itself writes and reads finds a file, so that the audit log stays whole.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { until } from '../support/redis.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

const ssn = '900-11-1111';

const cases = [
  { name: 'one process', more: [], room: 64 },
  // Each of them has 128.
  { name: 'two workers', more: ['--workers', '2'], room: 128 },
];

it.each(cases)('$name', { timeout: 120_000 }, async ({ more, room }) => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { person: { id: '42', fgs_id: '42', ssn } } }));
  });
  const files = smallFiles(upstream.url);
  const policy = `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`;
  const directory = await writeGatewayFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': policy,
  });
  const gateway = await startGatewayProcess(directory, [], more, 128);
  onTestFinished(async () => {
    await gateway.end('SIGKILL');
    await upstream.close();
    await removeGatewayFiles(directory);
  });
  const { origin, pathname, port } = new URL(gateway.url);
  const pool = new Pool(origin, { connections: 1 });
  const classified = async () => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ person(id: "42") { ssn } }' }),
    });
    expect([statusCode, await body.text()]).toEqual([200, expect.stringContaining(ssn)]);
  };
  await classified();
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  let dropped = 0;
  while (sockets.length < 300) {
    const some = Array.from({ length: 30 }, () => connect(Number(port), '127.0.0.1'));
    sockets.push(...some);
    for (const socket of some)
      socket.on('error', () => undefined).on('close', () => (dropped += 1));
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    await classified();
  }
  // One is in the pool.
  const tooMany = sockets.length - (room - 1);
  await until('those that are too many', () => dropped >= tooMany);
  // And no others, but for those that came while one was going.
  expect(sockets.length - dropped).toBeGreaterThan(0.9 * room);
  await writeFile(join(directory, 'policies/access/staff.yaml'), `${policy}# again\n`);
  await until('changed policies', () => gateway.printed().includes('"policy-reloaded"'));
  // The log looks after its files once a second.
  for (const endMs = performance.now() + 1_200; performance.now() < endMs; ) await classified();
  await pool.close();
  expect(gateway.printed()).toContain(
    '64 connections at most: the process may have 128 files open',
  );
  expect(gateway.printed()).not.toContain('EMFILE');
});
