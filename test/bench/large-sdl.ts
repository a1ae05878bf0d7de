/** SDL of a given number of fields, as large companies have it: interfaces, inputs, enums, links between types. */

export interface LargeSdl {
  readonly sdl: string;
  readonly fieldCount: number;
}

const fieldsPerType = 20;
const interfacesEvery = 10;

/** About `fieldCount` fields of object types, interfaces and roots; the same text each time. */
export function largeSdl(fieldCount: number): LargeSdl {
  const typeCount = Math.floor(fieldCount / (fieldsPerType + 2));
  const parts: string[] = ['scalar DateTime', 'scalar Money'];
  let fields = 0;
  for (let at = 0; at < typeCount; at += 1) {
    parts.push(...typeOf(at, typeCount));
    fields += fieldsPerType + 1;
  }
  const names = Array.from({ length: typeCount }, (_, at) => at);
  const queries = names.map(
    (at) => `  list${at}(filter: Filter${at % 50}, first: Int = 20, ids: [ID!]): [Type${at}!]`,
  );
  const writes = names
    .filter((at) => at % 4 === 0)
    .map((at) => `  save${at}(input: Filter${at % 50}!): Type${at}`);
  fields += queries.length + writes.length;
  for (let at = 0; at < Math.min(50, typeCount); at += 1) {
    parts.push(
      `enum Kind${at} { ${names
        .slice(0, 8)
        .map((one) => `KIND_${one}`)
        .join(' ')} }`,
    );
    parts.push(
      `input Filter${at} { kind: Kind${at} text: String and: [Filter${at}!] since: DateTime }`,
    );
  }
  for (let at = 0; at < typeCount; at += interfacesEvery) {
    parts.push(`interface Node${at} { id: ID! name: String }`);
    fields += 2;
  }
  parts.push(`type Query {\n${queries.join('\n')}\n}`, `type Mutation {\n${writes.join('\n')}\n}`);
  return { sdl: parts.join('\n'), fieldCount: fields };
}

function typeOf(at: number, typeCount: number): string[] {
  const node = at - (at % interfacesEvery);
  const scalars = ['String', 'Int!', 'Float', 'Boolean', 'DateTime', 'Money', `Kind${at % 50}`];
  const own = Array.from({ length: fieldsPerType - 4 }, (_, index) => {
    const scalar = scalars[index % scalars.length];
    return `  "What field ${index} of type ${at} is for."\n  field${index}: ${scalar}`;
  });
  const links = [1, 7, 31].map(
    (step) => `  to${step}(first: Int = 10): [Type${(at + step) % typeCount}!]`,
  );
  return [
    `"Type ${at}."\ntype Type${at} implements Node${node} {\n  id: ID!\n  name: String\n${[...own, ...links].join('\n')}\n}`,
  ];
}
