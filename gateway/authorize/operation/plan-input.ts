/** What an operation is planned from, and within which bounds. */
import type { OperationDefinitionNode } from 'graphql';
import type { CollectContext } from '../../graph/collect-fields.ts';
import type { Decide } from '../decide.ts';
import type { Grants } from '../grants.ts';
import type { VariableUse } from './empty-inputs.ts';
import type { AskArguments } from './plan-arguments.ts';
import type { SubjectFields } from './plan-subject.ts';
import type { PlanValueContext } from './plan-value.ts';

export interface PlanInput extends CollectContext, PlanValueContext {
  readonly decide: Decide;
  readonly grants: Grants;
  readonly operation: OperationDefinitionNode;
  readonly variables: ReadonlyMap<string, VariableUse>;
  /** Decides conditions on arguments. */
  readonly askArguments: AskArguments;
  readonly introspectionAllowed: boolean;
  /** Fields that name the data subject of an object. */
  readonly subjects: SubjectFields;
  /** Limit on the fields of a plan, over all concrete types. */
  readonly fieldsMax: number;
  /**
   * Fields left to several plans together, including this one; absent if each has only its own
   * limit.
   */
  readonly room?: { fields: number };
}
