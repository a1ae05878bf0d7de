/**
 * Builds the headers sent to an upstream: those of the operation, the configured ones, permitted
 * inbound ones, and the trace. Nothing else is sent.
 *
 * Fails closed: a claim that is missing, or that a header cannot carry unchanged, fails the call
 * before anything is sent. Errors name headers and claims, never their values.
 */
import { UpstreamFailure } from '../../errors.ts';
import { readClaim } from '../../own-path.ts';
import type { Caller } from '../../request.ts';
import type { CallContext, UpstreamRequest } from '../upstream.ts';

export interface HeaderOptions {
  readonly upstream: string;
  /** Sent with every call; values may contain `{claims.path}`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Inbound headers that may be forwarded. */
  readonly forward?: readonly string[];
}

export type HeaderBuilder = (
  request: UpstreamRequest,
  context: CallContext,
  spanId: string,
) => Record<string, string>;

type Fill = (caller: Caller | undefined) => string;

const token = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** Values that every server reads as sent: ASCII, no controls, no blanks at the edges. */
const faithfulValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers written by HTTP itself or by this gateway. */
const ownedByTheGateway = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'upgrade',
]);
/** Headers of the message, set by operations only. */
const ofTheMessage = new Set(['accept', 'accept-encoding', 'content-encoding', 'content-type']);
/** Headers that identify a caller: an inbound one must never reach an upstream. */
const credentials = new Set([
  'authorization',
  'cf-connecting-ip',
  'client-ip',
  'cookie',
  'cookie2',
  'fastly-client-ip',
  'forwarded',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-real-ip',
]);
/** Some services take these for the real method or path, which may not be in the graph. */
const otherOperations = new Set([
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
]);

/** Whether only the gateway writes this header, by lower-case name. */
export const isOwnHeader = (name: string): boolean =>
  ownedByTheGateway.has(name) || ofTheMessage.has(name);

/** For inbound headers, by lower-case name. CGI and WSGI read `x_real_ip` as `x-real-ip`. */
export function isNeverForwarded(lower: string): boolean {
  const name = lower.replaceAll('_', '-');
  if (name.startsWith('x-forwarded-') || otherOperations.has(name)) return true;
  return ownedByTheGateway.has(name) || credentials.has(name);
}

/** Compiles the header rules of one upstream; throws Error if they are unsafe or invalid. */
export function compileHeaders(options: HeaderOptions): HeaderBuilder {
  const owed = compileOwed(options);
  const forward = compileForward(options, owed);
  return (request, context, spanId) => {
    const sent: Record<string, string> = { accept: 'application/json' };
    for (const name of forward) forwardOne(sent, name, context, options.upstream);
    addOperationHeaders(sent, request, options.upstream);
    for (const [name, fill] of owed) sent[name] = fill(context.record.caller);
    const { traceId, sampled } = context.record.trace;
    sent.traceparent = `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
    return sent;
  };
}

function compileOwed({ upstream, headers = {} }: HeaderOptions): Map<string, Fill> {
  const owed = new Map<string, Fill>();
  for (const [written, template] of Object.entries(headers)) {
    const name = written.toLowerCase();
    const where = `upstream ${upstream}: header "${written}"`;
    if (!token.test(name)) throw new Error(`${where} is no header name`);
    if (isOwnHeader(name)) throw new Error(`${where} is written by the gateway itself`);
    if (owed.has(name)) throw new Error(`${where} is given twice`);
    owed.set(name, compileTemplate(template, where, upstream));
  }
  return owed;
}

function compileForward(options: HeaderOptions, owed: ReadonlyMap<string, Fill>): string[] {
  return (options.forward ?? []).map((written) => {
    const name = written.toLowerCase();
    const where = `upstream ${options.upstream}: forward "${written}"`;
    if (!token.test(name)) throw new Error(`${where} is no header name`);
    if (isOwnHeader(name) || isNeverForwarded(name)) {
      throw new Error(`${where} can never be forwarded`);
    }
    if (owed.has(name)) throw new Error(`${where} is also set under headers`);
    return name;
  });
}

function compileTemplate(template: string, where: string, upstream: string): Fill {
  const parts = template.split(/\{claims\.([^{}]+)\}/);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0 && /[{}]/.test(part)) {
      throw new Error(`${where} holds a placeholder that is not {claims.path}`);
    }
    if (index % 2 === 0 && !headerText.test(part)) {
      throw new Error(`${where} holds a character that a header cannot`);
    }
  }
  if (parts.length === 1) return () => template;
  return (caller) =>
    parts.map((part, i) => (i % 2 === 0 ? part : claimText(caller, part, upstream))).join('');
}

function claimText(caller: Caller | undefined, path: string, upstream: string): string {
  const value = readClaim(caller?.claims ?? {}, path.split('.'));
  const text =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
  // Blanks at the edges would be trimmed on the way: another tenant's name could result.
  if (!faithfulValue.test(text)) {
    throw new UpstreamFailure({ upstream, why: `claim ${path} is missing or fits no header` });
  }
  return text;
}

function forwardOne(
  sent: Record<string, string>,
  name: string,
  { inboundHeaders }: CallContext,
  upstream: string,
): void {
  if (!Object.hasOwn(inboundHeaders, name)) return;
  const value = inboundHeaders[name];
  if (value === undefined) return;
  if (!headerText.test(value)) {
    throw new UpstreamFailure({ upstream, why: `inbound header ${name} fits no header` });
  }
  sent[name] = value;
}

type Entries = readonly (readonly [name: string, value: string])[];

const none: Readonly<Record<string, string>> = Object.freeze({});
const checked = new WeakMap<Readonly<Record<string, string>>, Entries>();

/** Executors reuse the same frozen headers, which are checked once. */
function checkedOf(headers: Readonly<Record<string, string>>, upstream: string): Entries {
  const known = checked.get(headers);
  if (known !== undefined) return known;
  const entries = Object.entries(headers).map(([written, value]): Entries[number] => {
    const name = written.toLowerCase();
    if (!token.test(name) || isNeverForwarded(name) || !headerText.test(value)) {
      throw new UpstreamFailure({ upstream, why: 'an operation header was refused' });
    }
    return [name, value];
  });
  if (Object.isFrozen(headers)) checked.set(headers, entries);
  return entries;
}

function addOperationHeaders(
  sent: Record<string, string>,
  request: UpstreamRequest,
  upstream: string,
): void {
  for (const [name, value] of checkedOf(request.headers ?? none, upstream)) sent[name] = value;
  if (request.body !== undefined) sent['content-type'] ??= 'application/json';
}
