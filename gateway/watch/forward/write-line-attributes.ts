/**
 * Writes the flat attributes of a line. Of an event that was handed on in memory, what stands in
 * many lines alike (who called, which operation, which policy) is encoded once and copied from
 * then on: by the objects and texts that such events share. Bounded; the bytes are the same.
 */
import {
  eachAttribute,
  eachOfCaller,
  eachOfChain,
  eachOfOperation,
  eachOfPolicy,
  eachOfRoles,
  eachOwn,
  type LooseEvent,
  type LooseGateway,
  type Put,
} from './line-attributes.ts';
import { ProtoWriter } from './proto-writer.ts';
import { writeAttribute } from './write-attribute.ts';

/** Field number of a record's attribute shifted by three, plus wire type. */
const attributeTag = 0x32;

const putInto =
  (writer: ProtoWriter): Put =>
  (name, value) =>
    writeAttribute(writer, name, value, attributeTag);

/** Of a line that was read and parsed: nothing of it is seen again. */
export function writeLineAttributes(writer: ProtoWriter, event: LooseEvent): void {
  eachAttribute(event, putInto(writer));
}

/** Of an event of this process; its place in the chain is in its line alone. */
export function writeRecentAttributes(
  writer: ProtoWriter,
  event: LooseEvent,
  chain: NonNullable<LooseGateway['chain']>,
): void {
  const gateway = event.unmapped?.gateway;
  const put = putInto(writer);
  eachOwn(event, put);
  if (event.actor !== undefined) writer.raw(callerPiece(event.actor));
  if (Array.isArray(gateway?.roles)) writer.raw(rolesPiece(gateway.roles));
  if (gateway?.operation !== undefined) writer.raw(operationPiece(gateway.operation));
  if (gateway?.policy !== undefined) writer.raw(policyPiece(gateway.policy));
  eachOfChain(chain, put);
}

const pieceWriter = new ProtoWriter(1_024);

function toPiece(write: (put: Put) => void): Buffer {
  pieceWriter.clear();
  write(putInto(pieceWriter));
  return Buffer.from(pieceWriter.written());
}

const callers = new WeakMap<object, Buffer>();

function callerPiece(actor: NonNullable<LooseEvent['actor']>): Buffer {
  const known = callers.get(actor);
  if (known !== undefined) return known;
  const made = toPiece((put) => eachOfCaller(actor, put));
  callers.set(actor, made);
  return made;
}

const roleLists = new WeakMap<readonly unknown[], Buffer>();

function rolesPiece(roles: readonly unknown[]): Buffer {
  const known = roleLists.get(roles);
  if (known !== undefined) return known;
  const made = toPiece((put) => eachOfRoles(roles, put));
  roleLists.set(roles, made);
  return made;
}

/** Operations of late; more than that are encoded anew. */
const operationsMax = 1_000;
const operations = new Map<
  unknown,
  { readonly type: unknown; readonly name: unknown; readonly piece: Buffer }
>();

function operationPiece(operation: NonNullable<LooseGateway['operation']>): Buffer {
  const { type, name, hash } = operation;
  const known = operations.get(hash);
  if (known !== undefined && known.type === type && known.name === name) return known.piece;
  const piece = toPiece((put) => eachOfOperation(operation, put));
  if (operations.size >= operationsMax) operations.clear();
  operations.set(hash, { type, name, piece });
  return piece;
}

let policyOf: { readonly version: unknown; readonly digest: unknown } | undefined;
let policyBytes: Buffer = Buffer.alloc(0);

/** Nearly always that of the event before. */
function policyPiece(policy: NonNullable<LooseGateway['policy']>): Buffer {
  const { version, digest } = policy;
  if (policyOf?.digest !== digest || policyOf?.version !== version) {
    policyBytes = toPiece((put) => eachOfPolicy(policy, put));
    policyOf = { version, digest };
  }
  return policyBytes;
}
