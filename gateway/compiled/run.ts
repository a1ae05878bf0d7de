/**
 * Runs a program: makes its calls, each as soon as its keys are known, and puts what they bring
 * together into one tree in the executed document's keys. What fails stands in the tree as an
 * Error, in its place; nothing is thrown for what an upstream does wrong.
 *
 * Objects are matched by the key that each row states, never by position.
 */
import { askGraphql, askRest, noFit, pick, type Running } from './ask.ts';
import { Follow, type Found } from './follow.ts';
import type { GraphqlCall, RestRootCall, Root, RootCall } from './program.ts';
import { type AskedRoot, failAll, type ReadRoots } from './read-graphql.ts';

/** Puts the values of the call's root fields into the tree, with all that joins and links bring. */
export async function runCall(call: RootCall, running: Running): Promise<void> {
  const { tree } = running;
  const roots = call.kind === 'graphql' ? call.roots : [call.root];
  const { values, failed } =
    call.kind === 'graphql' ? await askRoots(call, running) : await callRoot(call, running);
  running.failed ||= failed;
  const found: Found[] = [];
  for (const { rawKey } of roots) tree[rawKey] = values[rawKey];
  for (const { rawKey, selection } of roots) {
    if (selection?.follows === true) Follow.collect(tree[rawKey], selection, found);
  }
  if (found.length > 0) await new Follow(running).run(found, []);
}

async function askRoots(call: GraphqlCall, running: Running): Promise<ReadRoots> {
  const variables = JSON.stringify(pick(running.variables, call.variables));
  return askGraphql(
    call.source,
    call.roots.map(toAsked),
    { body: `{"query":${call.queryJson},"variables":${variables}}`, label: call.label },
    running.context,
  );
}

function toAsked({ rawKey, take, required, selection, lists }: Root): AskedRoot {
  return { sent: rawKey, take, required, selection, lists };
}

async function callRoot(call: RestRootCall, running: Running): Promise<ReadRoots> {
  const { root, source, toArgs } = call;
  let args: Readonly<Record<string, unknown>>;
  try {
    args = toArgs(running.variables);
  } catch {
    // The value is not sent, and not said.
    return failAll([toAsked(root)], noFit(source.name, 'a request'));
  }
  const asked = { call: call.call, fields: call.fields, args, take: root.take };
  const read = await askRest(source, asked, running.context);
  return { values: { [root.rawKey]: read.value }, failed: read.failed };
}
