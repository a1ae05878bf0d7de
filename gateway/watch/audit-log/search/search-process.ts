/**
 * A process that searches segments for `search-log.ts`: receives one after the other, sends the
 * lines it found, and continues on request, so that found lines never pile up.
 *
 * A process and not a thread: on CPUs with memory protection keys, V8 occasionally aborts a process
 * whose threads compile at the same moment ("Check failed: jit_page.has_value()").
 */

import type { SegmentFiles } from '../segment-names.ts';
import { createSearchSegment, type LookFor } from './search-segment.ts';

/** The first message to the process. */
export interface SearchTask {
  readonly directory: string;
  readonly lookFor: LookFor;
}

/** To the process: its task, a segment to search, or that lines were received. */
export type SearchOrder =
  | { readonly kind: 'task'; readonly task: SearchTask }
  | { readonly kind: 'search'; readonly segment: SegmentFiles }
  | { readonly kind: 'taken' };

/** From the process: lines, the end of a segment, or an error. */
export type SearchNews =
  | { readonly kind: 'lines'; readonly lines: readonly Uint8Array[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: unknown };

if (process.argv[1] === import.meta.filename) serve();

function serve(): void {
  let search: ((segment: SegmentFiles) => Promise<void>) | undefined;
  let taken = Promise.withResolvers<void>();
  // The parent is gone, so there is no receiver.
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
        // Copies, since a view of a block would be sent with the whole block.
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
