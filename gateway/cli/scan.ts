/**
 * `fieldgate scan`: proposes classes for unclassified coordinates that look sensitive, from the
 * schemas of the upstreams alone: names, types, formats, extensions and descriptions. Sends nothing
 * and reads no data; a proposal takes effect only when it is put into a policy file.
 */

import { coordinatesIn } from '../authorize/schema-coordinates.ts';
import { labelsOf, proposeClasses } from '../authorize/sensitive/propose-classes.ts';
import { atLeast, type Confidence } from '../authorize/sensitive-names.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { loadOffline } from './load-offline.ts';
import { collectHints } from './scan/scan-hints.ts';
import { toProposedRules } from './scan/scan-rules.ts';
import { type Scanned, toText } from './scan/scan-text.ts';

const levels: readonly string[] = ['high', 'medium', 'low'];
const isLevel = (text: unknown): text is Confidence => levels.includes(String(text));

/** Returns 0 if there is nothing to propose, 1 if there is; throws ConfigError or Error. */
export async function runScan(options: CommandOptions, io: CommandIo): Promise<number> {
  const { confidence = 'medium', yaml: isYaml } = options.values;
  if (!isLevel(confidence)) {
    io.stderr.write('fieldgate: scan: --confidence is high, medium or low\n');
    return 2;
  }
  if (isYaml === true && options.json) {
    io.stderr.write('fieldgate: scan: --yaml or --json, not both\n');
    return 2;
  }
  const { graph, snapshot, config, policies } = await loadOffline(options, io);
  const { executable, policy } = snapshot;
  const hints = collectHints(graph);
  const found = proposeClasses(executable, {
    hintsOf: (coordinate) => hints.get(coordinate),
    prefixes: config.upstreams.flatMap((one) => ('prefix' in one ? (one.prefix ?? []) : [])),
  });
  const labelOf = labelsOf([...policy.fields.values(), ...policy.inputs.values()]);
  const labelled = found.map((one) => ({ ...one, class: labelOf(one.class) }));
  const propose = (least: Confidence) =>
    toProposedRules(
      labelled.filter((one) => atLeast(one.confidence, least)),
      {
        snapshot,
        rules: policies.rules,
        anonymousAllowed: config.identity.anonymous === 'allow',
      },
    );
  const proposed = propose(confidence);
  const all = confidence === 'low' ? proposed : propose('low');
  const scanned: Scanned = {
    ...proposed,
    guesses: all.proposals.length - proposed.proposals.length,
    looked: coordinatesIn(executable).length,
  };
  io.stdout.write(
    isYaml === true ? scanned.yaml : options.json ? toJson(scanned) : toText(scanned),
  );
  return scanned.proposals.length === 0 ? 0 : 1;
}

function toJson({ proposals, ...others }: Scanned): string {
  const ok = proposals.length === 0;
  const said = proposals.map(({ type: _type, name: _name, rule, ...one }) => ({
    ...one,
    rule: rule ?? null,
  }));
  return `${JSON.stringify({ ok, proposals: said, ...others }, null, 2)}\n`;
}
