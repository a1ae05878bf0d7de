import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../gateway/rates/redis-address.ts';

describe('parseRedisAddress', () => {
  const single = { kind: 'single', login: {}, tls: false, db: 0 };
  const cases: { name: string; given: string | string[]; expect: object }[] = [
    {
      name: 'one server',
      given: 'redis://127.0.0.1',
      expect: { ...single, node: { host: '127.0.0.1', port: 6379 } },
    },
    {
      name: 'TLS, a login, a database',
      given: 'rediss://app:p%40ss%2F@cache.example.com:6380/2',
      expect: {
        kind: 'single',
        node: { host: 'cache.example.com', port: 6380 },
        login: { username: 'app', password: 'p@ss/' },
        tls: true,
        db: 2,
      },
    },
    {
      name: 'a password alone, IPv6',
      given: 'redis://:word@[::1]:7000',
      expect: { ...single, node: { host: '::1', port: 7000 }, login: { password: 'word' } },
    },
    {
      name: 'a cluster',
      given: ['redis://:word@a.example.com:7000', 'redis://:word@b.example.com'],
      expect: {
        kind: 'cluster',
        nodes: [
          { host: 'a.example.com', port: 7000 },
          { host: 'b.example.com', port: 6379 },
        ],
        login: { password: 'word' },
        tls: false,
      },
    },
    {
      name: 'sentinel',
      given: 'sentinel://:word@s1.example.com:26380,s2.example.com/mymaster',
      expect: {
        kind: 'sentinel',
        sentinels: [
          { host: 's1.example.com', port: 26380 },
          { host: 's2.example.com', port: 26379 },
        ],
        name: 'mymaster',
        login: { password: 'word' },
      },
    },
  ];
  it.each(cases)('reads $name', ({ given, expect: address }) => {
    expect(parseRedisAddress(given)).toEqual(address);
  });

  const wrong: { name: string; given: string | string[] }[] = [
    { name: 'no URL', given: 'hunter2' },
    { name: 'another scheme', given: 'http://:hunter2@127.0.0.1' },
    { name: 'no host', given: 'redis://' },
    { name: 'a database that is no number', given: 'redis://:hunter2@127.0.0.1/main' },
    { name: 'a query', given: 'redis://127.0.0.1?password=hunter2' },
    { name: 'a login that is not encoded', given: 'redis://:hunter2%zz@127.0.0.1' },
    { name: 'an empty list', given: [] },
    { name: 'a database on a cluster', given: ['redis://127.0.0.1/1'] },
    { name: 'schemes that differ', given: ['redis://a', 'rediss://b'] },
    { name: 'logins that differ', given: ['redis://:hunter2@a', 'redis://:hunter3@b'] },
    { name: 'a sentinel in a list', given: ['sentinel://:hunter2@a/name'] },
    { name: 'a sentinel without a name', given: 'sentinel://:hunter2@a:1,b:2' },
    { name: 'a sentinel with a wrong port', given: 'sentinel://:hunter2@a:b/name' },
  ];
  it.each(wrong)('refuses $name, without quoting it', ({ given }) => {
    let thrown: unknown;
    try {
      parseRedisAddress(given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(String((thrown as Error).stack)).not.toContain('hunter');
  });
});
