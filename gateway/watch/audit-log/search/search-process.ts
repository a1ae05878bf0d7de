/**
 * A process that searches segments for `search-log.ts`: gets one after the other, answers with the
 * lines it found, and goes on when it is told to, so that what was found never piles up.
 *
 * A process and no thread: where the CPU has memory protection keys, V8 ends a process whose
 * threads compile at the same moment ("Check failed: jit_page.has_value()"), now and then.
 */

import type { SegmentFiles } from '../segment-names.ts';
import { createSearchSegment, type LookFor } from './search-segment.ts';

/** What the process hears first. */
export interface SearchTask {
  readonly directory: string;
  readonly lookFor: LookFor;
}

/** To the process: its task, a segment to search, or that the lines were taken. */
export type SearchOrder =
  | { readonly kind: 'task'; readonly task: SearchTask }
  | { readonly kind: 'search'; readonly segment: SegmentFiles }
  | { readonly kind: 'taken' };

/** From the process: lines, that a segment is done, or what broke. */
export type SearchNews =
  | { readonly kind: 'lines'; readonly lines: readonly Uint8Array[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown };

if (process.argv[1] === import.meta.filename) serve();

function serve(): void {
  let search: ((segment: SegmentFiles) => Promise<void>) | undefined;
  let taken = Promise.withResolvers<void>();
  // Whoever asked is gone: there is nobody to tell anything.
  const leave = (): never => process.exit(1);
  process.on('disconnect', leave);
  const tell = (news: SearchNews): void => {
    process.send?.(news, undefined, {}, (error) => {
      if (error !== null) leave();
    });
  };
  const begin = ({ directory, lookFor }: SearchTask): typeof search => {
    const searchSegment = createSearchSegment(lookFor);
    return (segment) =>
      searchSegment(directory, segment, async (lines) => {
        taken = Promise.withResolvers();
        // Copies: a part of a block would be sent with all of it.
        tell({ kind: 'lines', lines: lines.map((line) => new Uint8Array(line)) });
        await taken.promise;
      });
  };
  process.on('message', (order: SearchOrder) => {
    if (order.kind === 'task') search = begin(order.task);
    else if (order.kind === 'taken') taken.resolve();
    else {
      search?.(order.segment).then(
        () => tell({ kind: 'done' }),
        (error: unknown) => tell({ kind: 'failed', error }),
      );
    }
  });
}
