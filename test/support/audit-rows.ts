/**
 * Every decision of the audit trail, brought about for real: whole requests through a gateway
 * whose seal keeps the events. One row per kind, with the numbers of OCSF that belong to it.
 */
import type { Decide } from '../../gateway/authorize/decide.ts';
import { toTrustedProxies } from '../../gateway/identify/trusted-proxies.ts';
import { defaultDocumentPolicy } from '../../gateway/limits/document-policy.ts';
import { createLocate } from '../../gateway/walk/client-location.ts';
import { createAuditSeal } from '../../gateway/watch/audit-event/seal.ts';
import { played } from '../attacks/obvious.ts';
import {
  type QueryOptions,
  type TestGateway,
  type TestGatewayOptions,
  testGateway,
} from './gateway.ts';

// biome-ignore lint/suspicious/noExplicitAny: events are read as a SIEM would, without types
export type AuditEvent = any;

export interface AuditRow {
  name: string;
  query: string;
  about?: QueryOptions;
  options?: Partial<TestGatewayOptions>;
  /** Queries before it, for rates. */
  repeat?: number;
  /** Class, activity, severity, status, action, disposition. */
  expect: [number, number, number, number, number, number];
  /** `event_code` of the event that is meant: the last one that has it. */
  code: string;
}

const sdl = /* GraphQL */ `
  type Query { people(first: Int): [Person] broken: Person }
  type Mutation { rename(id: ID!, name: String!): Person }
  type Person { id: ID! name: String ssn: String phone: String boss: Person }
`;
const people = [
  { id: '1', name: 'a', ssn: '900-11-1111', phone: '0123456789' },
  { id: '2', name: 'b', ssn: null, phone: '0223456789' },
];
const rules = `
version: 1
rules:
  - name: open
    fields: { Query: [people, broken], Mutation: [rename], Person: [id, name, boss] }
    allow: { scopes: [hr] }
  - name: ids
    class: government-id
    fields: { Person: [ssn] }
    allow: { scopes: [hr:ssn] }
  - name: phones
    class: contact
    fields: { Person: [phone] }
    allow: { scopes: [hr:phone] }
    otherwise: [{ mask: last4, allow: { scopes: [hr] } }]
`;
const hr = { scopes: ['hr'], client: 'portal', subject: 'u-1' };

/** The first lock taken out. */
const allowEverything: Decide = ({ coordinate, grants: [grant] }) => {
  if (grant === undefined) throw new Error(`no rule grants ${coordinate}`);
  return { kind: 'allow', rule: grant.rule };
};

const blockedFrom = (refusal: 'admit/ip-blocked' | 'admit/region-blocked') =>
  createLocate(
    { proxies: toTrustedProxies([]), header: 'x-forwarded-for' },
    { decide: () => ({ refusal, country: 'KP', asn: undefined, lists: ['blocked'] }) },
  );

export const auditRows: readonly AuditRow[] = [
  {
    name: 'allowed',
    query: '{ people { name ssn } }',
    about: { as: { ...hr, scopes: ['hr', 'hr:ssn'] } },
    expect: [6003, 2, 1, 1, 1, 1],
    code: 'allowed',
  },
  {
    name: 'allowed, a mutation',
    query: 'mutation { rename(id: "1", name: "c") { name } }',
    about: { as: hr },
    expect: [6003, 3, 1, 1, 1, 1],
    code: 'allowed',
  },
  {
    name: 'field denied',
    query: '{ people { name ssn } }',
    about: { as: hr },
    expect: [6003, 2, 3, 2, 2, 26],
    code: 'field_denied',
  },
  {
    name: 'masked',
    query: '{ people { phone } }',
    about: { as: hr },
    expect: [6003, 2, 2, 1, 4, 11],
    code: 'masked',
  },
  {
    name: 'rate limited',
    query: '{ people { name } }',
    about: { as: hr },
    options: {
      rates: 'version: 1\nrates:\n  - { name: few, per: caller, limit: 1, window: 1m }\n',
    },
    repeat: 2,
    expect: [6003, 2, 3, 2, 2, 2],
    code: 'rate_limited',
  },
  {
    name: 'blocked address',
    query: '{ people { name } }',
    options: { locate: blockedFrom('admit/ip-blocked') },
    expect: [6003, 99, 3, 2, 2, 2],
    code: 'network_blocked',
  },
  {
    name: 'blocked region',
    query: '{ people { name } }',
    options: { locate: blockedFrom('admit/region-blocked') },
    expect: [6003, 99, 3, 2, 2, 2],
    code: 'network_blocked',
  },
  {
    name: 'invalid token',
    query: '{ people { name } }',
    about: { headers: { authorization: 'Bearer e30.e30.x' } },
    expect: [3002, 1, 3, 2, 2, 25],
    code: 'auth_failed',
  },
  {
    name: 'depth exceeded',
    query: '{ people { boss { boss { boss { name } } } } }',
    about: { as: hr },
    options: { limits: { depth: 3 } },
    expect: [6003, 99, 3, 2, 2, 25],
    code: 'limit_exceeded',
  },
  {
    name: 'cost exceeded',
    query: '{ people { name } }',
    about: { as: hr },
    options: { limits: { cost: 5 } },
    expect: [6003, 2, 3, 2, 2, 25],
    code: 'limit_exceeded',
  },
  {
    name: 'a document that is not trusted',
    query: '{ people { name } }',
    about: { as: hr },
    options: { documents: { ...defaultDocumentPolicy, documents: 'trusted' } },
    expect: [6003, 99, 3, 2, 2, 25],
    code: 'document_rejected',
  },
  {
    name: 'upstream failure',
    query: '{ broken { name } }',
    about: { as: hr },
    expect: [6003, 2, 3, 2, 1, 27],
    code: 'upstream_failed',
  },
  {
    name: 'detection alert: the second lock refuses what the first let through',
    query: '{ people { name ssn } }',
    about: { as: hr },
    options: { decide: allowEverything },
    expect: [2004, 1, 5, 1, 3, 19],
    code: 'detection',
  },
];

/** Brings a row about; resolves with all its events and the gateway's last answer. */
export async function bringAbout(
  row: AuditRow,
): Promise<{ events: AuditEvent[]; texts: string[]; gateway: TestGateway }> {
  const texts: string[] = [];
  let uid = 0;
  const seal = createAuditSeal({
    sink: {
      append(json) {
        texts.push(json);
        return { ok: true, written: undefined };
      },
    },
    context: {
      product: { name: 'Fieldgate', version: '0.1.0' },
      toSubjectId: (type, id) => `e1:${Buffer.from(`${type}${id}`).toString('base64url')}`,
    },
    now: Date.now,
    newUid: () => `uid-${++uid}`,
    lost: () => undefined,
  });
  const gateway = await testGateway({
    upstreams: {
      hr: played(sdl, {
        people,
        rename: people[0],
        broken: () => {
          throw new Error('ssn 900-11-1111');
        },
      }),
    },
    rules,
    subjects: new Map([['Person', { type: 'Person', field: 'id' }]]),
    seal: seal.seal,
    ...row.options,
  });
  for (let count = 0; count < (row.repeat ?? 1); count += 1)
    await gateway.query(row.query, row.about);
  for (const record of gateway.records) seal.observe(record);
  seal.tick();
  await gateway.close();
  return { events: texts.map((text) => JSON.parse(text)), texts, gateway };
}
