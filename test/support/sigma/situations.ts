/**
 * What happens to a gateway, and which Sigma rules that raises: all of them, and no other. Events are
 * those of the real code: of served gateways, and of the real seal and log where sockets cannot
 * bring a situation about with certainty.
 */
import { Refusal } from '../../../gateway/decision.ts';
import { type AuditEvent, auditRows, bringAbout } from '../audit-rows.ts';
import { newRecord } from '../delegation.ts';
import { tokenOf } from '../tokens.ts';
import { boundHeaders, parts, recorded, type SigmaGateway } from './sigma-gateway.ts';
import { changedPolicies, loggedGap, loggedOrphan } from './sigma-log.ts';
import { sealedFlood, tlsHandshakes } from './sigma-strangers.ts';

export interface Situation {
  readonly name: string;
  readonly events: () => Promise<AuditEvent[]>;
  /** Titles, without the product's name. */
  readonly raises: readonly string[];
}

const times = async (count: number, act: (at: number) => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < count; at += 1) await act(at);
};

const hr = { scopes: ['ssn'], client: 'portal', subject: 'ada' };
const people = '{ staff { id name ssn } }';
const names = '{ staff { name } }';
const deep = '{ staff { boss { boss { boss { boss { name } } } } } }';

/** Two ways of not holding, so that no second sees too many of one reason. */
async function guess({ ask }: SigmaGateway, at: number, from?: string): Promise<void> {
  const token = at % 2 === 0 ? 'e30.e30.x' : `${(await tokenOf(hr)).slice(0, -8)}AAAAAAAA`;
  const headers = { authorization: `Bearer ${token}` };
  await ask(names, { headers, ...(from !== undefined && { from }) });
}

/** A day's work of several people and clients, with the mistakes that belong to it. */
async function ordinary(gateway: SigmaGateway): Promise<void> {
  const { ask, served } = gateway;
  await times(40, (at) =>
    ask(names, { as: { subject: `u${at % 8}` }, from: `198.51.100.${at % 8}` }),
  );
  await times(4, () => ask(people, { as: hr }));
  await times(3, (at) => ask(people, { as: { subject: 'eve' }, from: `192.0.2.${at}` }));
  await times(5, (at) => guess(gateway, at));
  await times(5, () => ask('{ staff { nme } }', { as: { subject: 'dev' } }));
  await times(3, () => ask(deep, { as: { subject: 'dev' } }));
  await times(8, () => ask(names, { as: { subject: 'job', client: 'busy' } }));
  await times(3, () => ask(names, { from: '203.0.113.9' }));
  await times(3, () => ask('{ broken { name } }', { as: hr }));
  await ask(`{ staff { ${parts.slice(0, 10)} } }`, { as: { subject: 'new' } });
  await ask(names, { headers: await boundHeaders() });
  await (await fetch(`${served.url}/other`)).text();
}

const row = (code: string) => {
  const found = auditRows.find((one) => one.code === code);
  if (found === undefined) throw new Error(`no row ${code}`);
  return found;
};

export const situations: readonly Situation[] = [
  { name: 'ordinary traffic', events: () => recorded(ordinary), raises: [] },
  {
    name: 'one address guesses credentials',
    events: () => recorded((gateway) => times(30, (at) => guess(gateway, at))),
    raises: ['Credentials Guessed From One Address'],
  },
  {
    name: 'many addresses try credentials',
    events: () => recorded((gateway) => times(24, (at) => guess(gateway, at, `192.0.2.${at}`))),
    raises: ['Credentials Tried From Many Addresses'],
  },
  {
    name: 'a flood of bad credentials',
    events: async () =>
      sealedFlood(
        Array.from({ length: 150 }, () => ({
          ...newRecord(),
          refusal: new Refusal('identify/key-unknown'),
        })),
      ),
    raises: ['Credentials Guessed From One Address', 'Flood of Refused Credentials'],
  },
  {
    name: 'a caller asks for one field after the other',
    events: () =>
      recorded(({ ask }) =>
        times(16, (at) => ask(`{ staff { ${parts[at]} } }`, { as: { subject: 'eve' } })),
      ),
    raises: ['Scope Probing Across Many Fields'],
  },
  {
    name: 'a caller asks for all fields at once',
    events: () =>
      recorded(async ({ ask }) => {
        await ask(`{ staff { ${parts} } }`, { as: { subject: 'eve' } });
      }),
    raises: ['Scope Probing Across Many Fields'],
  },
  {
    name: 'classified records are read in bulk',
    events: () => recorded(({ ask }) => times(11, () => ask(people, { as: hr }))),
    raises: ['Classified Records Read in Bulk'],
  },
  {
    name: 'classified records are read in bulk, beside a place that fails each time',
    events: () =>
      recorded(({ ask }) =>
        times(11, () => ask(`${people.slice(0, -1)} broken { name } }`, { as: hr })),
      ),
    raises: ['Classified Records Read in Bulk'],
  },
  {
    name: 'a token comes from many addresses',
    events: () =>
      recorded(({ ask }) => times(6, (at) => ask(names, { as: hr, from: `192.0.2.${at}` }))),
    raises: ['Credential Used From Many Addresses'],
  },
  {
    name: 'a token comes from many addresses, with a place that fails each time',
    events: () =>
      recorded(({ ask }) =>
        times(6, (at) => ask('{ broken { name } }', { as: hr, from: `192.0.2.${at}` })),
      ),
    raises: ['Credential Used From Many Addresses'],
  },
  {
    name: 'a token comes from two countries',
    events: () =>
      recorded(async ({ ask }) => {
        await ask(names, { as: hr, from: '8.8.8.8' });
        await ask(names, { as: hr, from: '5.9.0.1' });
      }),
    raises: ['Credential Used From Several Countries'],
  },
  {
    name: 'a proof is shown twice',
    events: () =>
      recorded(async ({ ask }) => {
        const headers = await boundHeaders();
        await times(2, () => ask(names, { headers }));
      }),
    raises: ['Proof of Possession Replayed'],
  },
  {
    name: 'a revoked token is shown',
    events: () =>
      recorded(async ({ ask }) => {
        await ask(names, { as: { subject: 'gone' } });
      }),
    raises: ['Revoked Credential Used'],
  },
  {
    name: 'names of fields are guessed',
    events: () =>
      recorded(({ ask }) =>
        times(28, (at) =>
          ask(at % 2 === 0 ? `{ staff { f${at} } }` : '{ __schema { types { name } } }'),
        ),
      ),
    raises: ['Schema Probed'],
  },
  {
    name: 'one limit after the other is tried',
    events: () =>
      recorded(async ({ ask }) => {
        await ask(deep);
        await ask('{ a: staff { b: name c: name d: name e: name f: name } }');
        await ask('{ staff { id } s1: staff { id } s2: staff { id } s3: staff { id } }');
      }),
    raises: ['Limits Probed'],
  },
  {
    name: 'a document that is too deep is sent on and on',
    events: () => recorded(({ ask }) => times(22, () => ask(deep, { as: hr }))),
    raises: ['Limit Met Again and Again'],
  },
  {
    name: 'documents that are not trusted',
    events: () =>
      recorded(({ ask }) => times(12, () => ask(names, { as: hr })), {
        'policies/limits/default.yaml':
          'version: 1\ndocuments: trusted\nmanifest: ../../allowed.json\n',
        'allowed.json': '{ "one": "{ staff { id } }" }',
      }),
    raises: ['Untrusted Documents Sent'],
  },
  {
    name: 'a client does not heed its rate',
    events: () =>
      recorded(({ ask }) =>
        times(60, () => ask(names, { as: { subject: 'job', client: 'busy' } })),
      ),
    raises: ['Rate at Its Limit'],
  },
  {
    name: 'a blocked address knocks',
    events: () => recorded(({ ask }) => times(25, () => ask(names, { from: '203.0.113.9' }))),
    raises: ['Blocked Network Knocks in Volume'],
  },
  {
    name: 'handshakes fail',
    events: () => tlsHandshakes(25),
    raises: ['TLS Handshakes Fail in Volume'],
  },
  {
    name: 'a flood at the door',
    events: async () =>
      sealedFlood([], { count: 600, reason: 'admit/ip-blocked', address: '203.0.113.9' }),
    raises: ['Flood of Refusals at the Door'],
  },
  {
    name: 'the first lock lets something through',
    events: async () => (await bringAbout(row('detection'))).events,
    raises: ['Second Lock Had to Refuse'],
  },
  {
    name: 'policies are refused, then changed; a crash tears the log',
    events: changedPolicies,
    raises: ['Audit Log Had Trouble', 'Policies Changed', 'Policies Refused'],
  },
  {
    name: 'the log takes nothing for a while',
    events: loggedGap,
    raises: ['Audit Log Had Trouble'],
  },
  {
    name: 'the log begins anew where lines were',
    events: loggedOrphan,
    raises: ['Audit Log Had Trouble', 'Audit Log Lines Missing'],
  },
  {
    name: 'an upstream is down',
    events: () => recorded(({ ask }) => times(60, () => ask('{ broken { name } }', { as: hr }))),
    raises: ['Upstream Keeps Failing'],
  },
];
