/** GraphiQL on the GraphQL path, with `--dev`. */
import type { IncomingMessage } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { IsOwnHost } from '../../admit/own-host.ts';
import type { Answer } from '../../shape/answer.ts';

/** What the editor begins with: GraphiQL's own text would call itself by the page's title. */
const defaultQuery = `# Write the caller's header under Headers, below:
#   {"authorization": "Bearer …"}
# Then re-fetch the schema, on the left: it is shown as this caller sees it.

{
  __typename
}
`;

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
      body: renderGraphiQL({ endpoint: path, title: 'Fieldgate', defaultQuery }),
    };
  };
