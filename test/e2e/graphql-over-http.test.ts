/** The GraphQL over HTTP audits of graphql-http, against the real socket. */
import { serverAudits } from 'graphql-http';
import { afterAll, describe, expect, it } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const upstream = await playUpstream((_request, response) => response.end('{}'));
const gateway = await serveFiles(smallFiles(upstream.url));

afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const audits = serverAudits({ url: gateway.url, fetchFn: fetch });

describe('graphql-http audits', () => {
  it('are all there', () => expect(audits).toHaveLength(61));

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
    '%s %s',
    async (_id, _name, audit) => {
      const result = await audit.fn();
      expect({
        status: result.status,
        reason: 'reason' in result ? result.reason : undefined,
      }).toEqual({
        status: 'ok',
        reason: undefined,
      });
    },
  );
});
