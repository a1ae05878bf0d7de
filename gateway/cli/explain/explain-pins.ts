/** Lists the arguments that rules fix from the token, of some fields or of all. */
import type { Policy } from '../../authorize/policy.ts';
import { toPinnedText } from './explain-condition.ts';
import type { ExplainedPin } from './explain-text.ts';

/** In the order of `fields`; by default those of all fields. */
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
