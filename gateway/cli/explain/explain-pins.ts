/** The arguments that rules fix from the token, for people: of some fields, or of all. */
import type { Policy } from '../../authorize/policy.ts';
import { toPinnedText } from './explain-condition.ts';
import type { ExplainedPin } from './explain-text.ts';

/** In the order of the fields; undefined: every field. */
export function explainPins(
  { pins, inputPins }: Pick<Policy, 'pins' | 'inputPins'>,
  fields: readonly string[] = [...new Set([...pins.keys(), ...inputPins.keys()])],
): readonly ExplainedPin[] {
  return fields.flatMap((field) =>
    [...(pins.get(field) ?? []), ...(inputPins.get(field) ?? [])].map((pin) => {
      const { name, source } = pin.rule;
      const rule = { name, file: source.file, line: source.line };
      return { coordinate: pin.coordinate, claim: toPinnedText(pin), rule };
    }),
  );
}
