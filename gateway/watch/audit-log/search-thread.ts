/**
 * A thread that searches segments for `search-log.ts`: gets one after the other, answers with the
 * lines it found, and goes on when it is told to, so that what was found never piles up.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createSearchSegment, type LookFor } from './search-segment.ts';
import type { SegmentFiles } from './segment-names.ts';

/** What the thread is started with. */
export interface ThreadTask {
  readonly directory: string;
  readonly lookFor: LookFor;
}

/** To the thread: a segment to search, or that the lines were taken. */
export type ThreadOrder =
  | { readonly kind: 'search'; readonly segment: SegmentFiles }
  | { readonly kind: 'taken' };

/** From the thread: lines, or that a segment is done. */
export type ThreadNews =
  | { readonly kind: 'lines'; readonly lines: readonly Uint8Array[] }
  | { readonly kind: 'done' };

if (!isMainThread && parentPort !== null) serve(parentPort, workerData as ThreadTask);

function serve(port: NonNullable<typeof parentPort>, { directory, lookFor }: ThreadTask): void {
  const search = createSearchSegment(lookFor);
  let taken = Promise.withResolvers<void>();
  const tell = (news: ThreadNews): void => port.postMessage(news);
  port.on('message', (order: ThreadOrder) => {
    if (order.kind === 'taken') taken.resolve();
    // What rejects here is an error of the thread, and ends the search.
    else void run(order.segment);
  });
  const run = async (segment: SegmentFiles): Promise<void> => {
    await search(directory, segment, async (lines) => {
      taken = Promise.withResolvers();
      // Copies: a part of a block would be sent with all of it.
      tell({ kind: 'lines', lines: lines.map((line) => new Uint8Array(line)) });
      await taken.promise;
    });
    tell({ kind: 'done' });
  };
}
