/** Names of callers in findings. */
const namesMax = 1_000;

/** As long as a name may be there; an ellipsis says that it went on. */
export const clipName = (name: string): string =>
  name.length <= namesMax
    ? name
    : `${name.slice(0, namesMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
