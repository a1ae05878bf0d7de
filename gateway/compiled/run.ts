/**
 * Runs a program: makes each call as soon as its keys are known, and assembles the values into one
 * tree in the executed document's keys. A failure stands in the tree as an Error in its place;
 * nothing is thrown for an upstream's faults.
 *
 * Objects are matched by the key that each row states, never by position.
 */
import { askGraphql, askRest, noFit, pick, type Running } from './ask.ts';
import { JoinFollower, type JoinParent } from './join-follower.ts';
import type { GraphqlCall, RestRootCall, Root, RootCall } from './program.ts';
import type { AskedRoot } from './read-graphql.ts';

/** Puts the values of the call's root fields, with their joins and links, into the tree. */
export function runCall(call: RootCall, running: Running): Promise<void> {
  return call.kind === 'graphql' ? runGraphql(call, running) : runRest(call, running);
}

async function runGraphql(call: GraphqlCall, running: Running): Promise<void> {
  const { source, roots, queryJson, label } = call;
  const variables = JSON.stringify(pick(running.variables, call.variables));
  const sent = { body: `{"query":${queryJson},"variables":${variables}}`, label };
  const { values, failed } = await askGraphql(source, roots.map(toAsked), sent, running.context);
  running.failed ||= failed;
  for (const { rawKey } of roots) running.tree[rawKey] = values[rawKey];
  if (roots.some(({ selection }) => selection?.follows === true)) await follow(roots, running);
}

function toAsked({ rawKey, decode, required, selection, listDepth }: Root): AskedRoot {
  return { sent: rawKey, decode, required, selection, listDepth };
}

function runRest(call: RestRootCall, running: Running): Promise<void> {
  const { root, source, toArgs } = call;
  let args: Readonly<Record<string, unknown>>;
  try {
    args = toArgs(running.variables);
  } catch {
    // The value is neither sent nor quoted.
    running.failed = true;
    running.tree[root.rawKey] = noFit(source.name, 'a request');
    return Promise.resolve();
  }
  const asked = { call: call.call, fields: call.fields, args, decode: root.decode };
  const brought = askRest(source, asked, running.context, (value, failed) => {
    running.failed ||= failed;
    running.tree[root.rawKey] = value;
  });
  return root.selection?.follows === true ? brought.then(() => follow([root], running)) : brought;
}

/** Brings what joins and links lead to from these root fields. */
async function follow(roots: readonly Root[], running: Running): Promise<void> {
  const found: JoinParent[] = [];
  for (const { rawKey, selection } of roots) {
    if (selection?.follows === true) JoinFollower.collect(running.tree[rawKey], selection, found);
  }
  if (found.length > 0) await new JoinFollower(running).run(found, []);
}
