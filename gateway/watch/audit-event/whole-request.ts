/** What the first event of a request says under `unmapped.gateway`, as the text of its members. Pure. */
import type { RequestRecord, UpstreamCall } from '../../request.ts';
import { callerTexts } from './caller-texts.ts';
import { quote, quoteName, toNumber } from './json-text.ts';

/** Coordinates, rates and upstream calls listed in one event. */
const listedMax = 50;

/** Without braces. */
export function describe(record: RequestRecord): string {
  const { policyDigest, engine, cost } = record;
  return (
    `"request":${quote(record.id)}${toRefusal(record)}${toOperation(record)}${toFields(record)}` +
    callerTexts(record.caller).more +
    (policyDigest === undefined ? '' : toPolicy(policyDigest)) +
    (engine === undefined ? '' : `,"engine":${quoteName(engine)}`) +
    (cost === undefined ? '' : `,"cost":${toNumber(cost)}`) +
    `${toRates(record)}${record.localRates ? ',"local_rates":true' : ''},` +
    `"upstreams":[${toUpstreams(record.upstreamCalls)}],` +
    `"upstream_calls":${toNumber(record.upstreamCallCount)}` +
    (record.upstreamFailures === 0 ? '' : `,"upstream_failures":${record.upstreamFailures}`) +
    (record.faults.length === 0 ? '' : `,"faults":${record.faults.length}`) +
    `,"bytes":${toNumber(record.responseBytes)}`
  );
}

function toRefusal({ refusal, stage }: RequestRecord): string {
  if (refusal === undefined) return '';
  const coordinates = refusal.coordinates.slice(0, listedMax).map(quote).join();
  return `,"reason":${quoteName(refusal.reason)},"stage":"${stage}","coordinates":[${coordinates}]`;
}

function toOperation({ operation }: RequestRecord): string {
  if (operation === undefined) return '';
  const { type, hash, name } = operation;
  const named = name === undefined ? '' : `,"name":${quote(name)}`;
  return `,"operation":{"type":${quoteName(type)},"hash":${quote(hash)}${named}}`;
}

function toFields({ verdicts }: RequestRecord): string {
  if (verdicts === undefined) return '';
  const { allowed, denied, masked } = verdicts;
  return `,"fields":{"allowed":${allowed},"denied":${denied.length},"masked":${masked.length}}`;
}

let policyOf: string | undefined;
let policyText = '';

/** Nearly always that of the request before. */
function toPolicy(digest: string): string {
  if (digest === policyOf) return policyText;
  const about = JSON.stringify({ version: digest.slice(0, 16), digest });
  policyOf = digest;
  policyText = `,"policy":${about}`;
  return policyText;
}

function toRates({ charges }: RequestRecord): string {
  if (charges.length === 0) return '';
  let text = '';
  for (const { rate, amount, near } of charges.slice(0, listedMax)) {
    if (text !== '') text += ',';
    text += `{"rate":${quoteName(rate)},"amount":${toNumber(amount)}${near ? ',"near":true' : ''}}`;
  }
  return `,"rates":[${text}]`;
}

function toUpstreams(calls: readonly UpstreamCall[]): string {
  let text = '';
  const listed = Math.min(calls.length, listedMax);
  for (let at = 0; at < listed; at += 1) {
    const call = calls[at];
    if (call === undefined) continue;
    const { upstream, operation, status, durationMs, failure } = call;
    const failed = failure === undefined ? '' : `,"failure":${quote(failure)}`;
    text +=
      `${at === 0 ? '' : ','}{"upstream":${quoteName(upstream)},` +
      `"operation":${quoteName(operation)},"status":${toNumber(status)},` +
      `"ms":${toNumber(Math.round(durationMs))}${failed}}`;
  }
  return text;
}
