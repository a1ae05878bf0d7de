/**
 * A caller who carries much off, and takes the end of each answer slowly or never: the answer has not
 * ended, and what it holds has left. Nobody decides by their reading when an alert is raised.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { until } from '../support/redis.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

/** More than the buffers of both systems hold, so that the answer cannot end unread. */
const staff = Array.from({ length: 100 }, (_, at) => ({
  id: `${at}`,
  fgs_id: `${at}`,
  name: 'a'.repeat(90_000),
  ssn: '900-11-1111',
}));

const detect = `version: 1
detections:
  - { name: ids-in-bulk, severity: high, match: { classes: government-id }, counts: records, per: caller, count: 100, window: 1h }
  - { name: answers, severity: low, match: { outcomes: answered } }
`;

test('values are counted before their answer starts, what became of it at its end', async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff } }));
  });
  await using gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/access/staff.yaml': `version: 1
rules:
  - { name: open, fields: { Query: [staff, person], Person: [id, name] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`,
    'policies/detect/all.yaml': detect,
  });
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const body = JSON.stringify({ query: '{ staff { name ssn } }' });
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await once(socket, 'readable');
  const of = (kind: string) => gateway.lines.filter((line) => line.kind === kind);
  await until('the alert', () => of('detection').length > 0, 20_000);
  expect(of('request')).toEqual([]);
  socket.destroy();
  await until('the end', () => of('request').length > 0, 20_000);
  expect(of('detection')).toMatchObject([{ detection: 'ids-in-bulk', count: 100 }]);
  await upstream.close();
});
