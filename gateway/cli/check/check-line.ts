/** The first words of the lines of `check`, which people read and scripts search for. */
export const checkWords = [
  'unlisted',
  'dead-rule',
  'dead-mask',
  'no-pattern',
  'no-effect',
  'list-rate',
  'unclassified',
  'hidden',
  'fallen',
  'falls',
  'filter',
  'free-filter',
  'open-filter',
  'default',
  'pinned',
  'beside-pin',
  'looked-at',
  'parents',
  'read-first',
  'other-key',
  'unread-write',
  'wide-write',
  'by-key',
  'shadow',
  'shadow-ends',
  'shadow-over',
  'openapi',
  'other-issuer',
  'not-here',
  'certificate',
] as const;
export type CheckWord = (typeof checkWords)[number];

const longest = Math.max(...checkWords.map(({ length }) => length));

export const toCheckLine = (word: CheckWord, text: string): string =>
  `${word.padEnd(longest)} ${text}`;
