/** The problems that a log can have, and where. */
import { basename, join } from 'node:path';

export type LogProblemCode =
  | 'no-link'
  | 'chain-broken'
  | 'records-missing'
  | 'out-of-order'
  | 'torn-tail'
  | 'root-mismatch'
  | 'bad-signature'
  | 'bad-checkpoints'
  | 'checkpoint-missing'
  | 'start-missing'
  | 'beginning-missing'
  | 'truncated'
  | 'empty';

export interface LogProblem {
  readonly code: LogProblemCode;
  readonly file: string;
  /** From 1; 1 if the problem concerns the whole file. */
  readonly line: number;
  readonly seq: number;
  readonly message: string;
}

export interface Complaint {
  readonly code: LogProblemCode;
  readonly message: string;
  readonly seq: number;
  /** Line in the segment; default: the whole file. */
  readonly line?: number;
  /** A file beside the segment's lines, as a whole. */
  readonly file?: string;
}

/** Bounds the list: a hundred problems say enough. */
const problemsMax = 100;

export class LogProblems {
  readonly #directory: string;
  readonly all: LogProblem[] = [];
  /** File of the lines being read. */
  lines = '';

  constructor(directory: string) {
    this.#directory = directory;
  }

  add({ code, message, seq, line = 1, file }: Complaint): void {
    if (this.all.length >= problemsMax) return;
    this.all.push({
      ...{ code, seq, message },
      file: join(this.#directory, file ?? this.lines),
      line: file === undefined ? Math.max(1, line) : 1,
    });
  }

  /** Drops problems of segments that begin up to this record, which retention may be deleting. */
  forgetThrough(seq: number): void {
    const left = this.all.filter(({ file }) => !(beginningOf(file) <= seq));
    this.all.splice(0, this.all.length, ...left);
  }
}

/** First seq of the segment that a file belongs to; NaN if it belongs to none. */
const beginningOf = (file: string): number => Number(/^\d{16}(?=\.)/.exec(basename(file))?.[0]);
