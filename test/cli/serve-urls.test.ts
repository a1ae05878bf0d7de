/** What a gateway that serves says of where it is. */
import { expect, it } from 'vitest';
import { toConsoleUrl, toServing } from '../../gateway/cli/serve/serve-urls.ts';

const cases = [
  { name: 'on loopback', admin: { host: '127.0.0.1' }, url: 'http://127.0.0.1:4001/console/' },
  { name: 'on loopback by IPv6', admin: { host: '::1' }, url: 'http://[::1]:4001/console/' },
  { name: 'taken away', admin: { host: '127.0.0.1', console: false }, url: undefined },
  {
    name: 'of every address',
    admin: { host: '0.0.0.0', console: true },
    url: 'http://127.0.0.1:4001/console/',
  },
  {
    name: 'of every address by IPv6',
    admin: { host: '::', console: true },
    url: 'http://[::1]:4001/console/',
  },
  { name: 'where others reach it', admin: { host: '0.0.0.0' }, url: undefined },
];

it.each(cases)('names the console $name', ({ admin, url }) => {
  expect(toConsoleUrl({ admin: { port: 4001, ...admin } }, 4001)).toBe(url);
  const said = toServing(
    { url: 'http://a/graphql', adminUrl: 'http://b', consoleUrl: url },
    '2 workers',
  );
  const named = url === undefined ? '' : `, console on ${url}`;
  expect(said).toBe(`fieldgate: serving http://a/graphql, health on http://b${named}, 2 workers\n`);
});
