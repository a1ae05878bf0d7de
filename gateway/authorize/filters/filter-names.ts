/**
 * Derives the field names that a filter's name may stand for: `ssnStartsWith`, `ssn_not_in`,
 * `by_ssn` and `SSN_ASC` all yield `ssn`. Ignores letter case, underscores and plural, and removes
 * the words that filters put around a field's name, in every possible combination.
 */

const before =
  'by where filter filterby search searchby find findby get lookup has having is not no nin with without include exclude only any all some none every min minimum max maximum from since until to before after between over under above below exact equals eq like match matches in starts ends contains top topby bottom highest lowest largest smallest best worst newest oldest latest order orderby sort sortby group groupby distinct distinctby distincton sum avg average count'.split(
    ' ',
  );
const after =
  'is in nin notin not eq equals equalto ne neq notequals notequalto gt gte ge lt lte le gteq lteq greaterthan greaterthanorequal greaterthanorequalto lessthan lessthanorequal lessthanorequalto greaterorequal lessorequal orequal orequalto atleast atmost upto startingat endingat more less over under above below floor ceiling cap percentile quantile min minimum max maximum lower upper bound bounds from to before after since until start starts end ends between like nlike ilike nilike notlike similar contains notcontains includes excludes startswith notstartswith startingwith istartswith endswith notendswith endingwith iendswith beginswith icontains prefix suffix substring fuzzy tail last4 hash matches match regex nregex iregex regexp nsimilar insensitive sensitive exact iexact isnull notnull null isnotnull exists present blank empty asc desc ascending descending up down high low hightolow lowtohigh highest lowest rank nullsfirst nullslast first last sort order orderby direction filter filters criteria condition query text term value values input where range list any some none every all oneof anyof distinct distinctfrom group aggregate agg sum avg average count stddev variance'.split(
    ' ',
  );

/** Longer names are compared as they are. */
const lengthMax = 100;

/** Suffix that distinguishes names of an OpenAPI document that would collide: `-ssn` and `+ssn`. */
const ourSuffix = /_[\da-f]{6,64}$/;

/** A name in the form in which names are compared. */
export const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');

/** The singular of a word: `ibans`, `salaries`, `addresses`. */
export function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/**
 * The plain name and all that is left of it when such words are removed from its ends, longest
 * first.
 */
export function stemsOf(name: string): readonly string[] {
  const whole = plain(name);
  const stems = new Set([whole, plain(name.replace(ourSuffix, ''))]);
  if (whole.length <= lengthMax) {
    for (const stem of stems) for (const shorter of shortened(stem)) stems.add(shorter);
  }
  for (const stem of [...stems]) stems.add(singular(stem));
  return [...stems].sort((one, other) => other.length - one.length);
}

function* shortened(stem: string): Generator<string> {
  for (const word of before) {
    if (stem.length > word.length && stem.startsWith(word)) yield stem.slice(word.length);
  }
  for (const word of after) {
    if (stem.length > word.length && stem.endsWith(word)) yield stem.slice(0, -word.length);
  }
  const bare = stem.replace(/\d+$/, '');
  if (bare !== '' && bare !== stem) yield bare;
}

/** Arguments, input fields and enums that choose fields: to order, group or deduplicate by. */
function isChoiceName(name: string): boolean {
  return /(?:sort|order|group|distinct|select|aggregate)(?:s|by|on|ing)?(?:s|fields?|columns?|keys?|enums?|inputs?)*$/.test(
    plain(name),
  );
}

/** Further names under which an enum may choose a field: `searchBy`, `field`, `facets`, `in`. */
export function isPickName(name: string): boolean {
  return (
    isChoiceName(name) ||
    /^(?:in|on)$|by$|(?:search|look|match|find|filter)(?:in|on)$|(?:field|column|attribute|property|propertie|key|facet|bucket|dimension|metric|rank|pivot|partition)s?$/.test(
      plain(name),
    )
  );
}

/** Texts that an upstream interprets, so that it is unknown what they filter on. */
export function isFreeName(name: string): boolean {
  return (
    isChoiceName(name) ||
    /^(?:q|s|rql|rsql|odata|fiql|cql|sql|jql|fields?|columns?|having)$|(?:query|search|searchfor|keywords?|phrase|filters?|filterby|where|criteria|conditions?|expr|expression|predicate|selector)$/.test(
      plain(name),
    )
  );
}
