/**
 * Writes the flat attributes of a line. For events of this process, parts that many lines share
 * (the caller, the operation, the policy) are encoded once and then copied, by the objects and
 * texts that such events share. Bounded; the bytes are the same as for a parsed line.
 */
import type { ChainLink } from '../audit-log/chain-line.ts';
import {
  attributeTag,
  createCounterAttribute,
  createKnownAttribute,
  createNumberAttribute,
  createTextAttribute,
  toBytesText,
} from './attribute-text.ts';
import {
  eachFact,
  eachOfCaller,
  eachOfChain,
  eachOfExposure,
  eachOfOperation,
  eachOfPolicy,
  eachOfRoles,
  type LooseEvent,
  type LooseGateway,
  type Put,
} from './line-attributes.ts';
import type { ProtoWriter } from './proto-writer.ts';
import { writeAttribute } from './write-attribute.ts';

const putInto =
  (writer: ProtoWriter): Put =>
  (name, value) =>
    writeAttribute(writer, name, value, attributeTag);

/** For a parsed line, which shares nothing with others. */
export function writeParsedFacts(writer: ProtoWriter, event: LooseEvent): void {
  eachFact(event, putInto(writer));
}

/** The place in the chain of a parsed line. */
export function writeParsedPlace(writer: ProtoWriter, event: LooseEvent): void {
  eachOfChain(event.unmapped?.gateway?.chain, putInto(writer));
}

const uid = createTextAttribute('log.record.uid');
const address = createTextAttribute('client.address');
const country = createKnownAttribute('client.geo.country_iso_code');
const method = createKnownAttribute('http.request.method');
const status = createNumberAttribute('http.response.status_code');
const errorType = createKnownAttribute('error.type');
const rule = createKnownAttribute('security_rule.name');
const decision = createKnownAttribute('gateway.decision');
const reason = createKnownAttribute('gateway.reason');
const request = createTextAttribute('gateway.request.id');
const field = createTextAttribute('gateway.field');
const upstream = createKnownAttribute('gateway.upstream');
const chainId = createKnownAttribute('gateway.chain.id');
const chainSeq = createCounterAttribute('gateway.chain.seq');

/** The place in the chain, read from the line's end. */
export function writeLink(writer: ProtoWriter, { id, seq }: ChainLink): void {
  writer.latin1(chainId(id) + chainSeq(seq));
}

/** For an event of this process. Returns where its id ends in the written bytes. */
export function writeRecentFacts(writer: ProtoWriter, event: LooseEvent): number {
  const gateway = event.unmapped?.gateway;
  const source = event.src_endpoint;
  const ownId = uid(event.metadata?.uid);
  const idEnd = writer.length + ownId.length;
  writer.latin1(
    ownId +
      address(source?.ip) +
      country(source?.location?.country) +
      method(event.http_request?.http_method) +
      status(event.http_response?.code) +
      (event.status_id === 2 ? errorType(event.status_code) : '') +
      rule(event.policy?.uid) +
      decision(gateway?.decision) +
      reason(gateway?.reason) +
      request(gateway?.request) +
      field(gateway?.field) +
      upstream(event.dst_endpoint?.svc_name) +
      exposureOf(gateway?.delivered) +
      (event.actor === undefined ? '' : callerOf(event.actor)) +
      rolesOf(gateway?.roles) +
      (gateway?.operation === undefined ? '' : operationOf(gateway.operation)) +
      (gateway?.policy === undefined ? '' : policyOf(gateway.policy)),
  );
  return idEnd;
}

const toText = (each: (put: Put) => void): string => toBytesText((writer) => each(putInto(writer)));

/** Cached by the object that all events of a caller or a plan share. */
function createShared<Key extends object>(each: (key: Key, put: Put) => void) {
  const texts = new WeakMap<Key, string>();
  return (key: Key): string => {
    const found = texts.get(key);
    if (found !== undefined) return found;
    const made = toText((put) => each(key, put));
    texts.set(key, made);
    return made;
  };
}

const callerOf = createShared<NonNullable<LooseEvent['actor']>>(eachOfCaller);
const rolesOfList = createShared<readonly unknown[]>(eachOfRoles);
const rolesOf = (roles: unknown): string => (Array.isArray(roles) ? rolesOfList(roles) : '');

type Exposed = readonly { readonly classes?: unknown; readonly count?: unknown }[];

/** Without the number of records, which comes before; '' if no class is named. */
const classesOfList = createShared<readonly unknown[]>((classes, put) =>
  eachOfExposure([{ classes }], (name, value) => {
    if (typeof value !== 'number') put(name, value);
  }),
);
const recordsOf = createNumberAttribute('gateway.sensitive.records');

/** There is nearly always one coordinate, whose classes belong to a plan. */
function exposureOf(delivered: unknown): string {
  if (!Array.isArray(delivered) || delivered.length === 0) return '';
  const [one] = delivered as Exposed;
  if (delivered.length > 1 || !Array.isArray(one?.classes)) {
    return toText((put) => eachOfExposure(delivered, put));
  }
  const classes = classesOfList(one.classes);
  return classes === '' ? '' : recordsOf(one.count ?? 0) + classes;
}

/** Operations in the cache; past that it starts anew. */
const operationsMax = 1_000;
const operations = new Map<
  unknown,
  { readonly type: unknown; readonly name: unknown; readonly text: string }
>();

function operationOf(operation: NonNullable<LooseGateway['operation']>): string {
  const { type, name, hash } = operation;
  const cached = operations.get(hash);
  if (cached !== undefined && cached.type === type && cached.name === name) return cached.text;
  const text = toText((put) => eachOfOperation(operation, put));
  if (operations.size >= operationsMax) operations.clear();
  operations.set(hash, { type, name, text });
  return text;
}

let lastPolicy: LooseGateway['policy'];
let lastPolicyText = '';

/** Nearly always equal to that of the event before. */
function policyOf(policy: NonNullable<LooseGateway['policy']>): string {
  const { version, digest } = policy;
  if (lastPolicy?.digest !== digest || lastPolicy?.version !== version) {
    lastPolicyText = toText((put) => eachOfPolicy(policy, put));
    lastPolicy = { version, digest };
  }
  return lastPolicyText;
}
