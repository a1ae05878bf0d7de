/**
 * The decision on one selected field: its own coordinate, and every governed input that its
 * arguments use. The same answer however the inputs are spelled.
 */
import type { ArgumentNode, FieldNode, GraphQLField } from 'graphql';
import type { Decide, Verdict } from './decide.ts';
import type { Grants } from './grants.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';
import { isAbsent, usesOfLiteral, type VariableUse } from './used-inputs.ts';

export interface FieldQuestion {
  readonly policy: Policy;
  readonly decide: Decide;
  readonly grants: Grants;
  readonly variables: ReadonlyMap<string, VariableUse>;
}

export type FieldVerdict =
  | Exclude<Verdict, { kind: 'refuse' }>
  | {
      readonly kind: 'refuse';
      /** The field, or the input that it may not use. */
      readonly coordinate: string;
      readonly outcome: 'deny' | 'hide' | 'reject';
    };

export function decideField(
  about: FieldQuestion,
  coordinate: string,
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): FieldVerdict {
  const verdict = ask(about, about.policy.fields.get(coordinate));
  if (verdict.kind === 'refuse') return { kind: 'refuse', coordinate, outcome: verdict.outcome };
  return (
    refusedInput(about, inputsOf(about, coordinate, definition, node.arguments ?? [])) ?? verdict
  );
}

/** A coordinate that the policy does not know is refused. */
function ask(about: FieldQuestion, policy: CoordinatePolicy | undefined): Verdict {
  if (policy !== undefined) return about.decide(policy, about.grants);
  return { kind: 'refuse', outcome: 'deny', missing: [], forbid: undefined };
}

/** The first by name, and `reject` before `deny`: neither may hang on the order of writing. */
function refusedInput(
  about: FieldQuestion,
  used: ReadonlySet<string>,
): (FieldVerdict & { kind: 'refuse' }) | undefined {
  const refused = [...used].sort().flatMap((coordinate) => {
    const verdict = ask(about, about.policy.inputs.get(coordinate));
    if (verdict.kind === 'allow') return [];
    const outcome = verdict.kind === 'refuse' ? verdict.outcome : 'deny';
    return [{ kind: 'refuse' as const, coordinate, outcome }];
  });
  return refused.find((one) => one.outcome === 'reject') ?? refused[0];
}

/** Governed inputs that the arguments of one field use. */
function inputsOf(
  { policy, variables }: FieldQuestion,
  coordinate: string,
  definition: GraphQLField<unknown, unknown>,
  given: readonly ArgumentNode[],
): ReadonlySet<string> {
  const found = new Set<string>();
  if (policy.inputs.size === 0) return found;
  for (const node of given) {
    const argument = definition.args.find((one) => one.name === node.name.value);
    if (argument === undefined || isAbsent(node.value, variables)) continue;
    const own = `${coordinate}(${argument.name}:)`;
    if (policy.inputs.has(own)) found.add(own);
    usesOfLiteral(policy, argument.type, node.value, variables, found);
  }
  return found;
}
