/** What every command is given: parsed options, and the process's streams and environment as arguments. */
import type { Environment } from '../files/environment-text.ts';

export interface CommandIo {
  readonly stdout: { write(text: string): unknown; readonly writableLength?: number };
  readonly stderr: { write(text: string): unknown };
  readonly env: Environment;
  /** Runs `listener` each time the process is asked to read its policies again. */
  readonly onReload?: (listener: () => void) => void;
  /** Runs `listener` at the very end, when only what is written at once is still written. */
  readonly onExit?: (listener: () => void) => void;
  /** Runs `listener` each time the process is asked to exchange its workers. */
  readonly onExchange?: (listener: () => void) => void;
  /** Memory that the process holds. */
  readonly rssBytes?: () => number;
  /** Aborts when the process is asked to stop. */
  readonly stop: AbortSignal;
}

export interface CommandOptions {
  readonly config: string;
  readonly json: boolean;
  /** What stands beside options, for commands that take it. */
  readonly words?: readonly string[];
  /** Options of one command alone, as written. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}
