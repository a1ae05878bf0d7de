/**
 * Notes on suspicious cases: the caller has a scope, role or client that no rule names but that is
 * close to a named one. With such a typo, a case that expects a refusal passes whatever the rules
 * say.
 */

import { partsOf } from '../../conditions/condition.ts';
import type { PolicyCase } from '../../files/cases-file.ts';
import { nearest } from '../../files/nearest.ts';
import { conditionsIn } from '../../snapshot/check-conditions.ts';
import type { Policies } from '../../snapshot/load.ts';

export interface CaseNote {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** The names used in rules and rates. */
export interface NamesAsked {
  readonly scopes: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly clients: ReadonlySet<string>;
}

export function namesAsked({ rules, rates }: Pick<Policies, 'rules' | 'rates'>): NamesAsked {
  const asked = { scopes: new Set<string>(), roles: new Set<string>(), clients: new Set<string>() };
  const parts = conditionsIn(rules, rates).flatMap(({ condition }) => [...partsOf(condition)]);
  for (const part of parts) {
    if (part.kind === 'scopes') addAll(asked.scopes, part.scopes);
    if (part.kind === 'roles') addAll(asked.roles, part.roles);
    if (part.kind === 'clients') addAll(asked.clients, part.clients);
  }
  return asked;
}

function addAll(names: Set<string>, more: readonly string[]): void {
  for (const name of more) names.add(name);
}

/** Notes in the order of the file; empty if nothing is suspicious. */
export function notesOf({ as, source, path }: PolicyCase, asked: NamesAsked): readonly CaseNote[] {
  if (as === undefined || as === 'anonymous') return [];
  const { scopes = [], roles = [], client } = as;
  const given = [
    ...scopes.map((name, at) => ({ what: 'scope', name, known: asked.scopes, in: ['scopes', at] })),
    ...roles.map((name, at) => ({ what: 'role', name, known: asked.roles, in: ['roles', at] })),
    ...(client === undefined
      ? []
      : [{ what: 'client', name: client, known: asked.clients, in: ['client'] }]),
  ];
  return given.flatMap(({ what, name, known, in: place }): CaseNote[] => {
    const meant = known.has(name) ? undefined : nearest(name, known);
    if (meant === undefined) return [];
    const { line, column } = source.at([...path, 'as', ...place]);
    return [
      { message: `no rule names the ${what} "${name}" (did you mean "${meant}"?)`, line, column },
    ];
  });
}
