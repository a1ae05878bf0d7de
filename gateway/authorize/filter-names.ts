/**
 * Whether the name of a filter means a field: `ssnStartsWith`, `ssn_in`, `by_ssn`, `employeeSSN`
 * and `SSN_ASC` all mean `Employee.ssn`. Letter case and underscores count for nothing, and the
 * words that filters put around a field's name are taken off, in every way that they can be.
 */

const before =
  'by where filter filterby search searchby find findby has is not no with any all min max from to order orderby sort sortby'.split(
    ' ',
  );
const after =
  's is in notin not eq equals ne neq gt gte lt lte gteq lteq min max from to before after since until between like ilike notlike contains notcontains includes startswith startingwith endswith endingwith beginswith prefix suffix matches match regex exact iexact isnull exists asc desc filter query text range list any some none every'.split(
    ' ',
  );

/** Names longer than this are compared as they are. */
const lengthMax = 100;

export function isSameName(name: string, field: { type: string; field: string }): boolean {
  const own = plain(field.field);
  const wanted = [own, plain(field.type) + own];
  const stems = stemsOf(plain(name));
  return wanted.some((one) => stems.has(one) || stems.has(one.replace(/s$/, '')));
}

/** Arguments, input fields and enums that choose an order. */
export function isSortName(name: string): boolean {
  return /(?:sort|order)(?:by|ing)?(?:field|column|key|enum|input)?s?$/.test(plain(name));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

/** The name and everything that is left of it when such words are taken off its ends. */
function stemsOf(name: string): ReadonlySet<string> {
  const stems = new Set([name]);
  if (name.length > lengthMax) return stems;
  for (const stem of stems) {
    for (const word of before) {
      if (stem.length > word.length && stem.startsWith(word)) stems.add(stem.slice(word.length));
    }
    for (const word of after) {
      if (stem.length > word.length && stem.endsWith(word)) stems.add(stem.slice(0, -word.length));
    }
  }
  return stems;
}
