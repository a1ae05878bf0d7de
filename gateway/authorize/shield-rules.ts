/**
 * Every condition of the access rules as a graphql-shield rule. The plan asks these objects before
 * anything is fetched; on the reference engine's schema they apply again (shield-lock.ts).
 */
import { type Condition, isPerUse, isSituational } from '../conditions/condition.ts';
import {
  type Criterion,
  compileCriterion,
  compileUnread,
  compileUpperBound,
} from '../conditions/criterion.ts';
import { type Situation, unknownSituation } from '../conditions/situation.ts';
import { compileStepUps, type StepUpsOf } from '../conditions/step-up.ts';
import { SecondLockRefusal } from '../errors.ts';
import type { Caller } from '../request.ts';
import { deny, type LockedContext, rule, type ShieldRule } from './load-shield.ts';

export interface ConditionRule {
  readonly shieldRule: ShieldRule;
  /** Whether the condition holds for a caller; false if it throws. */
  holds(caller: Caller, situation?: Situation): Promise<boolean>;
  /** Whether it can hold for some arguments or objects; false if it throws. */
  mayHold(caller: Caller, situation?: Situation): boolean;
  /** Holds where `mayHold` does. */
  readonly upperRule: ShieldRule;
  /** The same for a write before which nothing was read. */
  readonly unreadRule: ShieldRule;
  /** Whether a caller's answer can change with place or time. */
  readonly situational: boolean;
  /** Step-ups that would make it hold; undefined if it asks for no sign-in. */
  readonly stepUps: StepUpsOf | undefined;
  /** The same, for some arguments or objects. */
  readonly stepUpsAtMost: StepUpsOf | undefined;
  /** Whether it looks at arguments or objects, so that the caller alone does not decide it. */
  readonly perUse: boolean;
}

/** `anyClaims` is for callers whose claims are not all known. */
export function createConditionRules(
  conditions: readonly Condition[],
  about: { anyClaims?: boolean } = {},
): ConditionRule[] {
  return conditions.map((condition, index) => {
    const shieldRule = toRule(`condition-${index}`, compileCriterion(condition));
    const upper = compileUpperBound(condition, about);
    const perUse = isPerUse(condition);
    const toUpper = (name: string, holds: Criterion) =>
      perUse ? toRule(`condition-${index} ${name}`, holds) : shieldRule;
    return {
      shieldRule,
      upperRule: toUpper('at most', upper),
      unreadRule: toUpper('unread', compileUnread(condition)),
      situational: isSituational(condition),
      stepUps: compileStepUps(condition),
      stepUpsAtMost: compileStepUps(condition, (part) => compileUpperBound(part, about)),
      perUse,
      holds: (caller, situation) => askShield(shieldRule, caller, situation),
      mayHold(caller, situation) {
        try {
          return upper(caller, situation);
        } catch {
          return false;
        }
      },
    };
  });
}

function toRule(name: string, holds: Criterion): ShieldRule {
  return rule(name, { cache: 'no_cache' })(
    (_parent, _args, { record }: LockedContext) =>
      record.caller !== undefined && holds(record.caller, toSituation(record)),
  );
}

function toSituation(record: LockedContext['record']): Situation {
  const { country, networks, startedAtMs: nowMs } = record;
  return { country, networks, nowMs };
}

async function askShield(
  shieldRule: ShieldRule,
  caller: Caller,
  { nowMs, country, networks }: Situation = unknownSituation,
): Promise<boolean> {
  const record = { caller, verdicts: undefined, country, networks, startedAtMs: nowMs };
  const context = { record, _shield: { cache: {} } };
  const answer = await shieldRule.resolve({}, {}, context, {} as never, shieldOptions);
  return answer === true;
}

const refusal = new SecondLockRefusal();

const shieldOptions = {
  debug: false,
  allowExternalErrors: false,
  fallbackRule: deny,
  fallbackError: refusal,
  hashFunction: () => '',
};
