/**
 * Filters that may give a classified field away: whoever may ask `employees(ssn: …)` learns an SSN
 * by asking often enough, without ever reading one. Warnings for the operator, decided by name.
 *
 * Arguments and input fields that a rule names are the operator's decision and are left alone, as
 * is what no caller can reach. `id` is no filter but the way to an object.
 */
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import { isSameName, isSortName } from './filter-names.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';

export interface FilterWarning {
  readonly code: 'open-filter';
  /** `Query.employees(ssn:)`, `EmployeeFilter.ssn` or `EmployeeSort.SALARY`. */
  readonly coordinate: string;
  /** The classified field. */
  readonly resembles: string;
}

interface Classified {
  readonly coordinate: string;
  readonly type: string;
  readonly field: string;
}

/** One warning per coordinate, in the order in which queries reach them. */
export function findOpenFilters(schema: GraphQLSchema, policy: Policy): FilterWarning[] {
  return findFiltersOn(schema, policy, ({ classes }) => classes.length > 0);
}

/** The same for other fields than the classified ones. */
export function findFiltersOn(
  schema: GraphQLSchema,
  policy: Policy,
  isMeant: (field: CoordinatePolicy) => boolean,
): FilterWarning[] {
  const finder = new Finder(schema, policy, isMeant);
  const query = schema.getQueryType();
  if (query !== undefined && query !== null) finder.visitType(query);
  return [...finder.found.values()];
}

class Finder {
  readonly found = new Map<string, FilterWarning>();
  private readonly schema: GraphQLSchema;
  private readonly policy: Policy;
  private readonly classified: readonly Classified[];
  private readonly seen = new Set<GraphQLNamedType>();

  constructor(
    schema: GraphQLSchema,
    policy: Policy,
    isMeant: (field: CoordinatePolicy) => boolean,
  ) {
    this.schema = schema;
    this.policy = policy;
    this.classified = [...policy.fields.values()].filter(isMeant).flatMap(({ coordinate }) => {
      const [type = '', field = ''] = coordinate.split('.');
      return field === 'id' ? [] : [{ coordinate, type, field }];
    });
  }

  /** Output types from `first` on, through fields that a rule lists. */
  visitType(first: GraphQLNamedType): void {
    const pending = [first];
    for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
      if (this.seen.has(type)) continue;
      this.seen.add(type);
      if (isAbstractType(type)) pending.push(...this.schema.getPossibleTypes(type));
      if (isObjectType(type)) pending.push(...this.visitFields(type));
    }
  }

  private visitFields(type: GraphQLObjectType): GraphQLNamedType[] {
    const next: GraphQLNamedType[] = [];
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      if (this.policy.fields.get(coordinate)?.listed !== true) continue;
      const returned = getNamedType(field.type);
      for (const argument of field.args) this.visitArgument(coordinate, argument, returned.name);
      next.unshift(returned);
    }
    return next;
  }

  private visitArgument(field: string, argument: GraphQLArgument, returned: string): void {
    this.judge(`${field}(${argument.name}:)`, argument.name, returned);
    this.visitInput(argument.type, returned, isSortName(argument.name));
  }

  private visitInput(type: GraphQLInputType, returned: string, sorts: boolean): void {
    const named = getNamedType(type);
    if (isEnumType(named) && (sorts || isSortName(named.name))) {
      for (const value of named.getValues()) {
        this.judge(`${named.name}.${value.name}`, value.name, returned);
      }
    }
    if (!isInputObjectType(named) || this.seen.has(named)) return;
    this.seen.add(named);
    for (const field of Object.values(named.getFields())) {
      // An input field that mutations reach too is closed until a rule lists it.
      if (!this.policy.writable.has(named.name)) {
        this.judge(`${named.name}.${field.name}`, field.name, returned);
      }
      this.visitInput(field.type, returned, sorts || isSortName(field.name));
    }
  }

  /** The field of the returned type is the likelier meaning where several have the name. */
  private judge(coordinate: string, name: string, returned: string): void {
    if (this.policy.inputs.has(coordinate) || this.found.has(coordinate)) return;
    const alike = this.classified.filter((one) => isSameName(name, one));
    const resembles = alike.find(({ type }) => type === returned) ?? alike[0];
    if (resembles === undefined) return;
    const warning = { code: 'open-filter' as const, coordinate, resembles: resembles.coordinate };
    this.found.set(coordinate, warning);
  }
}
