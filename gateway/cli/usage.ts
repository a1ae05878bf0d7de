/** The options of a command line, and their help texts. */
import type { CommandIo, CommandOptions } from './command.ts';

export interface Option {
  readonly type: 'string' | 'boolean';
  /** Placeholder for its value in the help. */
  readonly value?: string;
  readonly does: string;
}

/** A command as it is parsed, explained and run. */
export interface Command {
  readonly does: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Describes the positional arguments; absent if there are none. */
  readonly words?: readonly string[];
  /** Set if it has its own configuration and prints no JSON. */
  readonly standsAlone?: true;
  run(options: CommandOptions, io: CommandIo): Promise<number>;
}

const common: Readonly<Record<string, Option>> = {
  config: { type: 'string', value: 'FILE', does: 'gateway.yaml unless told' },
  json: { type: 'boolean', does: 'for scripts: JSON in the place of lines' },
};

/** The command's options and the common ones. */
export const optionsOf = (command: Command): Readonly<Record<string, Option>> =>
  command.standsAlone ? command.options : { ...command.options, ...common };

/** The help of one command. */
export function usageOf(name: string, command: Command): string {
  return toText([
    `usage: fieldgate ${name}${command.words === undefined ? '' : ' …'} [options]`,
    '',
    ...linesOf(name, command, optionsOf(command)),
  ]);
}

/** The help of all commands. */
export function usageOfAll(commands: Readonly<Record<string, Command>>): string {
  return toText([
    'usage: fieldgate COMMAND [options]',
    '',
    ...Object.entries(commands).flatMap(([name, one]) => linesOf(name, one, one.options)),
    '',
    'Of every command but demo:',
    ...Object.entries(common).map(toLine),
    '',
    'Exit code: 0 yes, 1 no, 2 misuse or a configuration that does not load.',
  ]);
}

function linesOf(name: string, { does, words = [] }: Command, options: Command['options']) {
  return [
    `  ${name.padEnd(10)}${does}`,
    ...words.map((one) => `      ${one}`),
    ...Object.entries(options).map(toLine),
  ];
}

function toLine([option, { value, does }]: [string, Option]): string {
  return `      ${`--${option}${value === undefined ? '' : ` ${value}`}`.padEnd(22)}${does}`;
}

const toText = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
