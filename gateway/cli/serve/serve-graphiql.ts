/** GraphiQL on the GraphQL path, with `--dev`. */
import type { IncomingMessage } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { IsOwnHost } from '../../admit/own-host.ts';
import type { Answer } from '../../shape/answer.ts';

/** Answers browsers that navigate to the endpoint; undefined for all other requests. */
export const serveGraphiql =
  ({ path, isOwnHost }: { path: string; isOwnHost: IsOwnHost | undefined }) =>
  ({ headers, method, url }: IncomingMessage): Answer | undefined => {
    const wantsPage = headers.accept?.includes('text/html') === true;
    if (method !== 'GET' || url !== path || !wantsPage) return undefined;
    if (isOwnHost?.(headers.host) === false) return undefined;
    return {
      status: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      },
      body: renderGraphiQL({ endpoint: path, title: 'Fieldgate' }),
    };
  };
