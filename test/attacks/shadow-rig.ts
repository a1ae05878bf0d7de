/** A gateway served from policy files, with a clock of its own. */
import { join } from 'node:path';
import { servePolicies } from '../../gateway/cli/serve/serve-policies.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import { createMemoryStore } from '../../gateway/rates/memory-store.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import { loadAll } from '../../gateway/snapshot/load.ts';
import { createBatching } from '../../gateway/walk/batch.ts';
import { writeFiles } from '../support/config-files.ts';
import { dayFromNow } from '../support/days.ts';
import { withTestEngine } from '../support/test-engine.ts';
import { played } from './obvious.ts';

const sdl = `
  type Query { hello: String secret: String city(of: String): String box: Box boxes(limit: Int): [Box!] }
  type Box { name: String box: Box }
`;
const box = { name: 'n', box: { name: 'n', box: { name: 'n' } } };
const upstream = played(sdl, { hello: 'hi', secret: 's', city: 'c', box, boxes: [box] });
export const today = dayFromNow(0);
export const midnight = Date.parse(`${dayFromNow(1)}T00:00:00Z`);
export const shadow = `shadow: { until: ${today} }`;
const files = (policies: Readonly<Record<string, string>>) => ({
  'gateway.yaml':
    'version: 1\nupstreams: { hr: { graphql: hr.graphql, url: "http://127.0.0.1:1" } }\nidentity: { anonymous: allow }\n',
  'hr.graphql': sdl,
  'policies/access/a.yaml':
    'version: 1\nrules:\n  - { name: all, fields: { Query: [hello, city, box, boxes], Box: [name, box] }, allow: everyone }\n',
  ...policies,
});

/** `ask` answers status, code of the first error, and what rules in shadow mode would have done. */
export async function serve(
  policies: Readonly<Record<string, string>>,
  changed: () => void = () => undefined,
) {
  const directory = await writeFiles(withTestEngine(files(policies)));
  const { config, policies: loaded } = await loadAll(join(directory, 'gateway.yaml'), { env: {} });
  const clock = { nowMs: midnight - 10_000 };
  const now = () => clock.nowMs;
  const lines: string[] = [];
  const sent: string[] = [];
  const served = await servePolicies(loaded, {
    config,
    env: {},
    log: (line) => lines.push(line),
    store: createMemoryStore({ clock: now }),
    maskKey: 'k',
    transportOf: () => async (request) => {
      sent.push(request.body ?? '');
      const body = JSON.stringify(await upstream.answer(JSON.parse(request.body ?? '{}')));
      return { status: 200, contentType: 'application/json', body };
    },
    changed,
    now,
  });
  const records: RequestRecord[] = [];
  const identify = createIdentify(
    { anonymous: 'allow', now, jwt: [] },
    { fetchKeys: async () => '{"keys":[]}' },
  );
  const walk = createGateway({
    path: '/graphql',
    corsOrigins: [],
    locate: (inbound) => served.current().locate(inbound),
    snapshot: () => served.current().snapshot,
    identify,
    now,
    observe: (record) => records.push(record),
    stopping: new AbortController().signal,
  });
  const gateway = createBatching(walk, { operationsMax: 10 });
  /** The answer, and everything that the request left behind. */
  async function send(body: unknown, peer = '192.0.2.7') {
    const before = { records: records.length, sent: sent.length };
    let answer: Answer | undefined;
    const inbound = {
      method: 'POST',
      path: '/graphql',
      search: '',
      rawHeaders: ['content-type', 'application/json'],
      headers: { 'content-type': 'application/json' },
      peer,
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify(body));
      })(),
      signal: new AbortController().signal,
    };
    await gateway.handle(inbound, async (given) => {
      answer = given;
      return { aborted: false };
    });
    const more = records.slice(before.records);
    return { answer, records: more, sent: sent.slice(before.sent) };
  }
  async function ask(query: string, peer?: string) {
    const { answer, records: left } = await send({ query }, peer);
    const rules = left[0]?.shadows?.map(({ rule, effect }) => `${effect} ${rule}`);
    const code = /"code":"([A-Z_]+)"/.exec(answer?.body ?? '')?.[1];
    return [answer?.status, code, ...(rules ?? [])];
  }
  const close = () => {
    served.close();
    identify.close();
  };
  return { ask, send, clock, lines, sent, close };
}
