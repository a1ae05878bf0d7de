/** What a request's first event says under `unmapped.gateway`, as the text of its members. Pure. */
import type { RequestRecord, UpstreamCall } from '../../request.ts';
import { callerTexts } from './caller-texts.ts';
import { keepLate, quote, quoteName, toNumber } from './json-text.ts';

/** Coordinates, rates and upstream calls listed in one event. */
const listedMax = 50;

/** The members, with a comma before each. */
export function describe(record: RequestRecord): string {
  return (
    `${toRefusal(record)}${toOperation(record)}${toFields(record)}` +
    `${callerTexts(record.caller).more}` +
    `${toMeans(record.policyDigest, record.engine, record.cost)}` +
    `${toRates(record)}${toShadows(record)}${record.localRates ? ',"local_rates":true' : ''},` +
    `"upstreams":[${toUpstreams(record.upstreamCalls)}]` +
    `${toCounts(record.upstreamCallCount, record.upstreamFailures, record.faults.length)}` +
    `${toNumber(record.responseBytes)}`
  );
}

/** Nearly always equal to that of the request before. */
const toMeans = keepLate(
  (digest: string | undefined, engine: string | undefined, cost: number | undefined) => [
    digest === undefined
      ? ''
      : `,"policy":${JSON.stringify({ version: digest.slice(0, 16), digest })}`,
    engine === undefined ? '' : `,"engine":${quoteName(engine)}`,
    cost === undefined ? '' : `,"cost":${toNumber(cost)}`,
  ],
);

const toCounts = keepLate((calls: number, failures: number, faults: number) => [
  `,"upstream_calls":${toNumber(calls)}`,
  failures === 0 ? '' : `,"upstream_failures":${failures}`,
  faults === 0 ? '' : `,"faults":${faults}`,
  ',"bytes":',
]);

function toRefusal({ refusal, stage }: RequestRecord): string {
  if (refusal === undefined) return '';
  const coordinates = refusal.coordinates.slice(0, listedMax).map(quote).join();
  return `,"reason":${quoteName(refusal.reason)},"stage":"${stage}","coordinates":[${coordinates}]`;
}

function toOperation({ operation }: RequestRecord): string {
  return operation === undefined ? '' : operationOf(operation.type, operation.hash, operation.name);
}

const operationOf = keepLate((type: string, hash: string, name: string | undefined) => [
  `,"operation":{"type":${quoteName(type)},"hash":${quote(hash)}`,
  name === undefined ? '}' : `,"name":${quote(name)}}`,
]);

const toFields = ({ verdicts }: RequestRecord): string =>
  verdicts === undefined
    ? ''
    : fieldsOf(verdicts.allowed, verdicts.denied.length, verdicts.masked.length);

const fieldsOf = keepLate((allowed: number, denied: number, masked: number) => [
  `,"fields":{"allowed":${allowed},"denied":${denied},"masked":${masked}}`,
]);

function toRates({ charges }: RequestRecord): string {
  if (charges.length === 0) return '';
  let text = '';
  for (const { rate, amount, near } of charges.slice(0, listedMax)) {
    if (text !== '') text += ',';
    text += `{"rate":${quoteName(rate)},"amount":${toNumber(amount)}${near ? ',"near":true' : ''}}`;
  }
  return `,"rates":[${text}]`;
}

/** Holds only names of policies and schema; the record bounds how many. */
function toShadows({ shadows }: RequestRecord): string {
  if (shadows === undefined) return '';
  const entries = shadows.map(({ kind, rule, effect, coordinates }) => {
    const listed = coordinates.map(quoteName).join();
    return `{"kind":"${kind}","rule":${quoteName(rule)},"effect":"${effect}","coordinates":[${listed}]}`;
  });
  return `,"shadow":[${entries.join()}]`;
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
      `${at === 0 ? '' : ','}${toCall(upstream, operation, status)}` +
      `${toNumber(Math.round(durationMs))}${failed}}`;
  }
  return text;
}

const toCall = keepLate((upstream: string, operation: string, status: number) => [
  `{"upstream":${quoteName(upstream)},"operation":${quoteName(operation)},`,
  `"status":${toNumber(status)},"ms":`,
]);
