/**
 * Chooses the operations of a document that the graph gets, and their names: those that the
 * configuration names, every GET (`reads`), or all.
 *
 * Least privilege: an unnamed operation does not exist, and naming none refuses to start. A name
 * missing from the document refuses to start, with the nearest match.
 */

import { MisfitError } from '../../../files/misfit-error.ts';
import { didYouMean } from '../../../files/nearest.ts';
import { splitCoordinate } from '../../../graph/coordinate.ts';
import { assignNames, isFreeName, toFieldName, toPascal } from '../call/wire-names.ts';
import type { ListedOperation } from './list-operations.ts';

export type OperationsWanted = 'reads' | 'all' | Readonly<Record<string, string>> | undefined;

export interface ChosenOperation {
  root: 'Query' | 'Mutation';
  field: string;
  operation: ListedOperation;
}

export function chooseOperations(about: {
  upstream: string;
  listed: readonly ListedOperation[];
  wanted: OperationsWanted;
  note: (operation: string, why: string) => void;
}): ChosenOperation[] {
  const { upstream, listed, wanted, note } = about;
  if (wanted === undefined) {
    throw new Error(`upstream ${upstream}: say which operations: a map, "reads" or "all"`);
  }
  if (wanted === 'reads') {
    return nameOperations(listed, note).filter(({ operation }) => operation.method === 'GET');
  }
  if (wanted === 'all') return nameOperations(listed, note);
  const byLabel = new Map(listed.map((each) => [each.label, each]));
  return Object.entries(wanted).map(([coordinate, label]) => {
    const operation =
      byLabel.get(label) ?? refuseOperation({ upstream, coordinate, label, listed });
    return { ...readCoordinate(upstream, coordinate, operation), operation };
  });
}

/** Named together, so that `reads` and `all` give an operation the same name. */
function nameOperations(
  listed: readonly ListedOperation[],
  note: (operation: string, why: string) => void,
): ChosenOperation[] {
  const uses = countIds(listed);
  return (['Query', 'Mutation'] as const).flatMap((root) => {
    const ofRoot = listed.filter(({ method }) => (method === 'GET') === (root === 'Query'));
    const byLabel = new Map(ofRoot.map((operation) => [operation.label, operation]));
    const wanted = new Map(ofRoot.map((each) => [each.label, deriveName(each, uses, note)]));
    const names = assignNames(byLabel.keys(), {
      toName: (label) => wanted.get(label) ?? label,
      collided: (label, name, taken) => note(label, `others want the name ${taken}: ${name}`),
    });
    return [...byLabel].map(([label, operation]) => ({
      root,
      field: names.get(label) ?? label,
      operation,
    }));
  });
}

function countIds(listed: readonly ListedOperation[]): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const { operationId } of listed) {
    if (operationId !== undefined) uses.set(operationId, (uses.get(operationId) ?? 0) + 1);
  }
  return uses;
}

function deriveName(
  { operationId, method, path, label }: ListedOperation,
  uses: ReadonlyMap<string, number>,
  note: (operation: string, why: string) => void,
): string {
  if (operationId !== undefined && /[A-Za-z]/.test(operationId)) {
    const count = uses.get(operationId) ?? 0;
    if (count === 1) return toFieldName(operationId);
    note(label, `operationId ${operationId} is used ${count} times: named by method and path`);
  }
  const words = path.split('/').map((part) => toPascal(part.replace(/^\{(.*)\}$/, 'by-$1')));
  return toFieldName(`${method === 'GET' ? '' : method.toLowerCase()}-${words.join('')}`).replace(
    /^[A-Z]/,
    (letter) => letter.toLowerCase(),
  );
}

function readCoordinate(
  upstream: string,
  coordinate: string,
  { method, label }: ListedOperation,
): Pick<ChosenOperation, 'root' | 'field'> {
  const [root, field] = splitCoordinate(coordinate);
  if ((root !== 'Query' && root !== 'Mutation') || !isFreeName(field)) {
    throw new MisfitError(
      `upstream ${upstream}: operations: "${coordinate}" is no coordinate: write Query.name or Mutation.name`,
      ['upstreams', upstream, 'operations', coordinate],
    );
  }
  if (root === 'Query' && method !== 'GET' && method !== 'POST') {
    // Queries run concurrently and may be sent by GET from anywhere, so they must not write.
    throw new MisfitError(
      `upstream ${upstream}: operations: ${coordinate}: "${label}" writes: make it a Mutation`,
      ['upstreams', upstream, 'operations', coordinate],
    );
  }
  return { root, field };
}

function refuseOperation(about: {
  upstream: string;
  coordinate: string;
  label: string;
  listed: readonly ListedOperation[];
}): never {
  const { upstream, coordinate, label, listed } = about;
  const labels = listed.map((each) => each.label);
  const sameShape = labels.find((each) => shapeOf(each) === shapeOf(label));
  const hint = didYouMean(sameShape ?? label, labels);
  throw new MisfitError(
    `upstream ${upstream}: operations: ${coordinate}: the document has no "${label}"${hint}`,
    ['upstreams', upstream, 'operations', coordinate],
  );
}

/** The method and path without the names of path parameters. */
const shapeOf = (label: string): string => label.replace(/\{[^}]*\}/g, '{}');
