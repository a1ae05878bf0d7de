/**
 * Step `parse and limit` of one walk: checks the document against the caller's view, and notes the
 * operation in the record. Fails closed.
 */
import { createHash } from 'node:crypto';
import type { GraphqlRequest } from '../admit/graphql-request.ts';
import { refuseByMethod } from '../admit/method-of-operation.ts';
import { Refusal } from '../decision.ts';
import { type CheckedRequest, type CheckTools, checkRequest } from '../limits/check-request.ts';
import { type PersistedStore, persistedOf } from '../limits/persisted-store.ts';
import type { RequestRecord } from '../request.ts';
import type { CallerContext, Snapshot } from '../snapshot/snapshot.ts';
import type { CallerView } from '../snapshot/views.ts';
import { noteShadows } from './record-notes.ts';

export interface CheckMeans {
  readonly snapshot: Snapshot;
  readonly record: RequestRecord;
  /** Documents that callers may send by hash; undefined if that is off. */
  readonly persisted: PersistedStore | undefined;
  readonly pinned: CheckTools['pinned'];
}

export function check(
  request: GraphqlRequest,
  callerContext: CallerContext,
  { snapshot, record, persisted, pinned }: CheckMeans,
): CheckedRequest | Refusal {
  const { view } = callerContext;
  // The operation name is noted only for trusted documents: any other is free text of the caller.
  const trusted = snapshot.documents.documents === 'trusted';
  return checkRequest(request, {
    ...view,
    checkDocument: inShadow(callerContext, snapshot, record),
    pinned,
    documents: snapshot.documents,
    executable: snapshot.executable,
    inputsMax: snapshot.limits.inputs,
    persisted: persisted && persistedOf(persisted, snapshot.policyDigest, view.key),
    hash: sha256,
    refuseByMethod: (operationType) => refuseByMethod({ method: request.method, operationType }),
    found: ({ operation, name }, hash) => {
      record.operation = {
        type: operation,
        hash,
        named: name !== undefined,
        name: trusted ? name?.value : undefined,
      };
    },
  });
}

/** The view's own check; with hiding rules in shadow mode, it notes what they would have hidden. */
function inShadow(
  { view, grants }: CallerContext,
  { hiddenShadows }: Snapshot,
  record: RequestRecord,
): CallerView['checkDocument'] {
  if (hiddenShadows === undefined) return view.checkDocument;
  return (text) => {
    const checked = view.checkDocument(text);
    if (checked instanceof Refusal) {
      noteShadows(record, hiddenShadows(checked, text, { grants, schema: view.schema }));
    }
    return checked;
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
