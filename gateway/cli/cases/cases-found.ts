/**
 * Determines what a case's caller gets for each coordinate of its query: from the plan of a served
 * request if there is one, with the rule and the missing permissions as `explain` reports them.
 */
import type { GraphQLSchema } from 'graphql';
import type { Question } from '../../authorize/authorize.ts';
import { hasCoordinate } from '../../authorize/schema-coordinates.ts';
import type { Situation } from '../../conditions/situation.ts';
import { type Reason, Refusal } from '../../decision.ts';
import type { Caller } from '../../request.ts';
import { type ExplainedCoordinate, walkCoordinates } from '../explain/explain-coordinates.ts';
import { decideAsServed } from '../explain/explain-decide.ts';
import type { ExplainQuestion } from '../explain/explain-question.ts';
import type { Offline } from '../load-offline.ts';
import { isLetIn } from '../read-caller.ts';
import { isOpen } from './cases-expected.ts';
import { chainOf, coordinatesAt, type Place } from './cases-places.ts';
import { toCasesSchema } from './cases-schema.ts';

export interface Found extends ExplainedCoordinate {
  /**
   * An ancestor or given input that is refused or depends, while the coordinate's own rule permits
   * it.
   */
  readonly because?: ExplainedCoordinate;
}

export interface WholeRefusal {
  readonly reason: Reason;
  /** Further details; empty if there are none. */
  readonly detail: string;
}

export interface CaseFindings {
  /** Why the whole operation is refused; undefined if it runs. */
  readonly refused: WholeRefusal | undefined;
  readonly find: (coordinate: string) => Found;
}

export interface CasePerson {
  readonly caller: Caller;
  readonly situation: Situation | undefined;
  /** Why the client address is refused. */
  readonly refusal: Refusal | undefined;
}

/** `places` belong to the question; a limit that refuses the document for every caller has none. */
export async function findVerdicts(
  offline: Offline,
  { caller, situation, refusal }: CasePerson,
  asked: { readonly question: ExplainQuestion; readonly places: readonly Place[] } | Refusal,
): Promise<CaseFindings> {
  const notIn = refusal ?? (isLetIn(caller, offline.config.identity) ? undefined : missing);
  if (asked instanceof Refusal) {
    const find = (coordinate: string): Found => ({ coordinate, verdict: 'deny' });
    return { refused: toWhole(notIn ?? asked), find };
  }
  const { snapshot } = offline;
  const { executable, policy } = snapshot;
  const callerContext = await snapshot.callerContextOf(caller, situation);
  const seen = callerContext instanceof Refusal ? undefined : callerContext.view.schema;
  const question: Question = { ...asked.question, caller, ...(situation && { situation }) };
  const schema = toCasesSchema(snapshot);
  const walked = await walkCoordinates({ policy, executable, schema }, question, seen);
  const explained = new Map(walked.coordinates.map((one) => [one.coordinate, one]));
  /** A coordinate without a rule follows its field, if it exists in the caller's schema. */
  const ownOf = (coordinate: string): ExplainedCoordinate => {
    const isThere = seen !== undefined && hasCoordinate(seen, coordinate);
    return explained.get(coordinate) ?? { coordinate, verdict: isThere ? 'allow' : 'hidden' };
  };
  const plan = notIn ?? (await decideAsServed(snapshot, callerContext, question));
  if (plan instanceof Refusal) {
    const unseen = misfits.has(plan.reason) ? unseenInputs(asked.places, seen) : [];
    return { refused: toWhole(plan, unseen), find: refusedWhole(ownOf) };
  }
  const granted = new Set([...plan.allowed, ...plan.masked, ...plan.depends]);
  const isReached = (place: Place): boolean =>
    chainOf(place).every(
      ({ coordinate, inputs }) =>
        granted.has(coordinate) && inputs.every((one) => isOpen(ownOf(one).verdict)),
    );
  const reached = new Set(asked.places.filter(isReached).flatMap(({ inputs }) => inputs));
  const uncertain = uncertainIn(asked.places, ownOf);
  return {
    refused: undefined,
    find(coordinate) {
      const own = ownOf(coordinate);
      const isThere = granted.has(coordinate) || reached.has(coordinate);
      const above = isThere && isOpen(own.verdict) ? uncertain.get(coordinate) : undefined;
      if (above !== undefined) {
        const { mask } = own;
        return { coordinate, verdict: 'depends', ...(mask && { mask }), because: above };
      }
      if (isThere || !mayCome(own)) return own;
      const because = causeOf(coordinate, asked.places, ownOf);
      return { coordinate, verdict: 'deny', ...(because && { because }) };
    },
  };
}

const missing = new Refusal('identify/missing');

/** Whether the coordinate's own rule permits it, at least for some objects. */
const mayCome = ({ verdict }: ExplainedCoordinate): boolean =>
  isOpen(verdict) || verdict === 'depends';

function refusedWhole(ownOf: (coordinate: string) => ExplainedCoordinate): CaseFindings['find'] {
  return (coordinate) => {
    const own = ownOf(coordinate);
    return mayCome(own) ? { coordinate, verdict: 'deny' } : own;
  };
}

/**
 * Coordinates that occur only below one that depends on objects, and that ancestor: they depend on
 * objects too.
 */
function uncertainIn(
  places: readonly Place[],
  ownOf: (coordinate: string) => ExplainedCoordinate,
): ReadonlyMap<string, ExplainedCoordinate> {
  const uncertain = new Map<string, ExplainedCoordinate>();
  const certain = new Set<string>();
  for (const place of places) {
    const above = chainOf(place)
      .slice(1)
      .map(({ coordinate }) => ownOf(coordinate))
      .find(({ verdict }) => verdict === 'depends');
    for (const coordinate of coordinatesAt(place)) {
      if (above === undefined) certain.add(coordinate);
      else uncertain.set(coordinate, above);
    }
  }
  for (const coordinate of certain) uncertain.delete(coordinate);
  return uncertain;
}

/** The first refusal on the path to the first occurrence of the coordinate. */
function causeOf(
  coordinate: string,
  places: readonly Place[],
  ownOf: (coordinate: string) => ExplainedCoordinate,
): ExplainedCoordinate | undefined {
  const place = places.find((one) => coordinatesAt(one).includes(coordinate));
  const way = place === undefined ? [] : [...chainOf(place)].reverse();
  return way
    .flatMap(coordinatesAt)
    .map(ownOf)
    .find(({ verdict }) => !isOpen(verdict));
}

const misfits: ReadonlySet<Reason> = new Set<Reason>(['limits/invalid', 'limits/variables']);

/** Inputs at fields of the caller's view that are not in it themselves. */
function unseenInputs(places: readonly Place[], seen: GraphQLSchema | undefined): string[] {
  if (seen === undefined) return [];
  const inputs = places
    .filter(({ coordinate }) => hasCoordinate(seen, coordinate))
    .flatMap((place) => place.inputs);
  return [...new Set(inputs)].filter((input) => !hasCoordinate(seen, input));
}

/** Adds the names of inputs that no message to a caller may hold. */
function toWhole(
  { reason, detail, coordinates, errors }: Refusal,
  unseen: readonly string[] = [],
): WholeRefusal {
  const [first] = errors;
  const said = first?.message ?? detail ?? coordinates.join(', ');
  const hidden = unseen.length === 0 ? '' : ` Hidden from this caller: ${unseen.join(', ')}`;
  return { reason, detail: said + hidden };
}
